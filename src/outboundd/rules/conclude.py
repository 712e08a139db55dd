"""What is recorded when `decide` says Stop?"""

from outboundd.model.decision import Change, Objection, Stop
from outboundd.model.lead import Lead, Stage
from outboundd.rules import basis, overrides


def conclude(lead: Lead, stop: Stop) -> Change | None:
    """The change that a Stop asks for; None when the lead is already where it names."""
    if stop.stage is lead.stands:
        return None
    if stop.stage is Stage.REVIEW:
        on = basis.draft(lead) if stop.objection in (Objection.LINT, Objection.LINT_HARD) else ""
        patch = {"waiting_for": stop.why}
        return Change(now=Stage.REVIEW, why=stop.why, patch=patch, objection=stop.objection, basis=on)
    if lead.stands is Stage.DRAFTED and stop.stage in (Stage.VERIFIED, Stage.DELIVERED):
        return overrides.without_draft(lead, stop.why)
    if stop.stage is Stage.NEW:
        return overrides.start_again(lead, stop.why)
    if stop.objection is Objection.LINT:
        # the operator stands behind the words that were mended: they are not written anew behind their back
        return Change(now=stop.stage, why=stop.why, basis=basis.draft(lead), waives=Objection.LINT)
    return Change(now=stop.stage, why=stop.why)

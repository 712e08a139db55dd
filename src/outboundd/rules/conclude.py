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
        return Change(now=Stage.NEW, why=stop.why, patch={"attribution": "", "subject": "", "body": "", "step": 0})
    if stop.stage is Stage.DRAFTED:
        return Change(now=Stage.DRAFTED, why=stop.why, basis=basis.draft(lead))
    return Change(now=stop.stage, why=stop.why)

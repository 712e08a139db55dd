"""What follows for the lead from how an attempt ended?"""

from outboundd.model.decision import Change
from outboundd.model.lead import Lead, Stage, Value
from outboundd.model.mail import Attempt
from outboundd.model.settings import Sequence
from outboundd.rules import lifecycle, next_look, trail
from outboundd.rules.sequence import hold


def sent(lead: Lead, attempt: Attempt, sequence: Sequence, why: str = "") -> Change:
    """The mail left. On a lead stopped meanwhile, or further on, it adds id and line, never a stage."""
    ids = lead.message_ids
    if attempt.message_id and attempt.message_id not in ids:
        ids = (*ids, attempt.message_id)
    first = min(filter(None, (lead.first_sent_at, attempt.posted_at)))
    last = max(filter(None, (lead.last_sent_at, attempt.posted_at)))
    patch: dict[str, Value] = {"message_ids": ids, "first_sent_at": first, "last_sent_at": last}
    moves = lead.stands in lifecycle.LIVE and not _is_past(lead, attempt.step)
    if moves:
        patch["step"] = attempt.step
        # Its delivery is told by events: the row itself is worth a look when that is overdue.
        after = lead.with_fields({**patch, "stage": Stage.SENT})
        patch |= next_look.shown(hold(after, sequence, attempt.posted_at), attempt.posted_at)
    return Change(
        now=Stage.SENT if moves else lead.stands,
        why=why or f"{sequence.name_of(attempt.step)} sent",
        patch=patch,
        tag=attempt.tag,
        text=trail.mail_text(attempt.subject, attempt.text),
    )


def _is_past(lead: Lead, step: int) -> bool:
    if lead.stands in (Stage.SENT, Stage.DELIVERED):
        return lead.step >= step
    return lead.step > step

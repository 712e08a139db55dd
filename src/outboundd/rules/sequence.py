"""Which step comes next in a thread, when does it fall due, and when is it too late for it?"""

from datetime import UTC, datetime, timedelta

from outboundd.model.decision import Hold, HoldKind, Objection, Stop
from outboundd.model.lead import Lead, Stage
from outboundd.model.settings import Sequence

_NEVER = datetime.max.replace(tzinfo=UTC)


def next_step(lead: Lead) -> int:
    """The step to be drafted or sent next: the one after a mail that left, else the current one."""
    return lead.step + 1 if lead.stands in {Stage.SENT, Stage.DELIVERED} else lead.step


def due_at(lead: Lead, sequence: Sequence, step: int) -> datetime | None:
    """When a follow-up falls due; None for a step that is none, or when no first mail is known."""
    if not 1 <= step <= sequence.last_step or lead.first_sent_at is None:
        return None
    since_first = lead.first_sent_at + timedelta(days=sequence.follow_ups[step - 1].after_days)
    since_last = (lead.last_sent_at or lead.first_sent_at) + timedelta(days=sequence.min_gap_days)
    return max(since_first, since_last)


def hold(lead: Lead, sequence: Sequence, now: datetime) -> Hold | Stop | None:
    """What the sequence has against going on with this lead now."""
    if lead.stands is Stage.SENT:
        return _delivery(lead, sequence, now)
    if lead.stands is Stage.DELIVERED and lead.step >= sequence.last_step:
        return Stop(stage=Stage.FINISHED, why="last step delivered")
    if lead.stands is Stage.DELIVERED or (lead.stands is Stage.DRAFTED and lead.step > 0):
        return _follow_up(lead, sequence, next_step(lead), now)
    return None


def pick_key(lead: Lead) -> tuple[bool, datetime, str]:
    """Sort key for picking: follow-ups before openers, then whoever has waited longest."""
    waiting_since = lead.last_sent_at or lead.created_at or _NEVER
    return next_step(lead) == 0, waiting_since, lead.id


def _follow_up(lead: Lead, sequence: Sequence, step: int, now: datetime) -> Hold | Stop | None:
    """Not before it is due, and not later than `expire_after_days` after it fell due.

    Measured from the due date, not from the first mail: then every pair of `after_days` and `expire_after_days` leaves
    a time in which the step may be sent.
    """
    name = sequence.name_of(step)
    if step > sequence.last_step:
        return Stop(stage=Stage.FINISHED, why=f"{name} is no longer in the sequence")
    due = due_at(lead, sequence, step)
    if due is None:
        return _undated("First sent at")
    if now < due:
        return Hold(kind=HoldKind.DUE, until=due, why=f"{name} is not due yet")
    if now > due + timedelta(days=sequence.expire_after_days):
        return Stop(
            stage=Stage.FINISHED, why=f"too late for {name}: due for more than {sequence.expire_after_days} days"
        )
    return None


def _delivery(lead: Lead, sequence: Sequence, now: datetime) -> Hold | Stop:
    if lead.last_sent_at is None:
        return _undated("Last sent at")
    name = sequence.name_of(lead.step)
    until = lead.last_sent_at + timedelta(days=sequence.delivery_wait_days)
    if now < until:
        return Hold(kind=HoldKind.DUE, until=until, why=f"waiting for delivery of {name}")
    return Stop(stage=Stage.FINISHED, why=f"{name} not delivered within {sequence.delivery_wait_days} days")


def _undated(column: str) -> Stop:
    """The machine writes this column with the mail, so only a hand can have emptied it; approve cannot replace it."""
    return Stop(
        stage=Stage.REVIEW, objection=Objection.BUG, why=f"{column} is empty although a mail was sent: put it back"
    )

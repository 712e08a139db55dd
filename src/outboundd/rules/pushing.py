"""What does the store have to show at once, and what may gather so that ten rows go into one request?

A store may count requests and charge by the month. A stop, a draft or a review is shown at once. A sent mail waits a
quarter of an hour, so that it is told together with its delivery; deliveries, the bulk of all news, gather until ten or
an hour; counting columns ride along or go once a night.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from outboundd.model.decision import Transition
from outboundd.model.lead import Stage

ROWS_A_REQUEST = 10
DELIVERY_WAITS = timedelta(hours=1)
SENT_WAITS = timedelta(minutes=15)  # within it the mailer is asked once: jobs/reconcile
_NOT = timedelta(0)


def due(waiting: Sequence[Transition], now: datetime) -> list[str]:
    """The leads whose row is written now, given all that the store does not show yet, oldest first.

    A lead is written as a whole. Room that is left in the last request is filled up.
    """
    must = _leads(one.lead for one in waiting if not _NOT <= now - one.at < _waits(one))
    delivered = [lead for lead in _leads(one.lead for one in waiting if _is_delivery(one)) if lead not in must]
    others = [lead for lead in _leads(one.lead for one in waiting) if lead not in must and lead not in delivered]
    full = (len(must) + len(delivered)) // ROWS_A_REQUEST
    begun = -(-len(must) // ROWS_A_REQUEST)
    return [*must, *delivered, *others][: max(full, begun) * ROWS_A_REQUEST]


def new_day(now: datetime, timezone: str, last_date: str) -> date | None:
    """The operator's local date, when what is done once a day was not done yet (`last_date`: when it was last)."""
    today = now.astimezone(ZoneInfo(timezone)).date()
    return today if last_date < today.isoformat() else None


def _leads(ids: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(ids)


def _waits(transition: Transition) -> timedelta:
    """For how long it may gather."""
    if _is_delivery(transition):
        return DELIVERY_WAITS
    return SENT_WAITS if _is_sent(transition) else _NOT


def _is_delivery(transition: Transition) -> bool:
    return transition.patch.get("delivered_at") is not None


def _is_sent(transition: Transition) -> bool:
    return transition.now is Stage.SENT and transition.was is not Stage.SENT

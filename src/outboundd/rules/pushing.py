"""What does the store have to show at once, and what may gather so that ten rows go into one request?

A store may count requests and charge by the month. A stop, a draft or a sent mail is shown at once; deliveries, the
bulk of all news, gather until ten or an hour; counting columns ride along or go once a night.
"""

from collections.abc import Iterable, Sequence, Set
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from outboundd.model.decision import Transition

ROWS_A_REQUEST = 10
GATHER_FOR = timedelta(hours=1)


def due(waiting: Sequence[Transition], now: datetime, at_once: Set[str] = frozenset()) -> list[str]:
    """The leads whose row is written now, given all that the store does not show yet, oldest first.

    Those of `at_once`, and everything but deliveries, are; room that is left in the last request is filled up.
    """
    urgent = _leads(one.lead for one in waiting if one.lead in at_once or not _delivery(one))
    gathered = [lead for lead in _leads(one.lead for one in waiting) if lead not in urgent]
    since = min((one.at for one in waiting if one.lead not in urgent), default=now)
    if now - since >= GATHER_FOR:
        return [*urgent, *gathered]
    full = (len(urgent) + len(gathered)) // ROWS_A_REQUEST
    begun = -(-len(urgent) // ROWS_A_REQUEST)
    return [*urgent, *gathered][: max(full, begun) * ROWS_A_REQUEST]


def counters_due(now: datetime, timezone: str, last_date: str) -> date | None:
    """The operator's local date, when its counting columns were not written yet (`last_date`: the last one's)."""
    today = now.astimezone(ZoneInfo(timezone)).date()
    return today if last_date < today.isoformat() else None


def _leads(ids: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(ids)


def _delivery(transition: Transition) -> bool:
    return transition.patch.get("delivered_at") is not None

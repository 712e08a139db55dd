"""May one more call to a model be paid for, and when is there new money?"""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_ROUNDING_USD = 1e-9  # 0.1 + 0.2 must fit into 0.3


class Room(StrEnum):
    """Is there money for one more call?"""

    YES = "yes"
    LATER = "later"  # the calls in flight may turn out cheaper than what is held back for them
    NO = "no"


def room(limit_usd: float, spent_usd: float, in_flight_usd: float, call_usd: float) -> Room:
    """`in_flight_usd` is held back for the calls under way, `call_usd` is the most that the next one may cost.

    A call that costs nothing is never a question of money.
    """
    left_usd = limit_usd - spent_usd - call_usd + _ROUNDING_USD
    if call_usd == 0 or left_usd >= in_flight_usd:
        return Room.YES
    return Room.LATER if left_usd >= 0 else Room.NO


def day_of(now: datetime, timezone: str) -> tuple[datetime, datetime]:
    """The operator's day around `now`, from midnight to midnight: what is spent counts within it."""
    zone = ZoneInfo(timezone)
    day = now.astimezone(zone).date()
    begins, ends = (datetime.combine(day + timedelta(days=ahead), time(), tzinfo=zone) for ahead in (0, 1))
    return begins.astimezone(UTC), ends.astimezone(UTC)

"""Does the operator want to be left alone now?"""

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo


def are_now(now: datetime, hours: Sequence[time], timezone: str) -> bool:
    """Is `now` within the hours (from, until) on the operator's clock? They may go over midnight; none are never."""
    if not hours:
        return False
    begin, end = hours
    local = now.astimezone(ZoneInfo(timezone)).time()
    return begin <= local < end if begin < end else local >= begin or local < end

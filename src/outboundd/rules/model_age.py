"""Is the writer's model about to be shut down, and is it time to say so once more?"""

from datetime import date

WARNED_AT_DAYS = (1, 7, 14, 30, 60)


def threshold(retires_on: date | None, today: date) -> int | None:
    """The nearest of the days of warning that has come: 0 once it is shut down, None while there is time."""
    if retires_on is None:
        return None
    left = (retires_on - today).days
    if left <= 0:
        return 0
    return next((days for days in WARNED_AT_DAYS if left <= days), None)

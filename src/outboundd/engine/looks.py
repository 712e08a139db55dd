"""When does a job look next, by its cron line? The one place that reads such lines, in UTC."""

from datetime import UTC, datetime
from functools import cache

from apscheduler.triggers.cron import CronTrigger


@cache
def trigger(cron: str) -> CronTrigger:
    """What fires by this line. Raises ValueError for one that cannot be read."""
    return CronTrigger.from_crontab(cron, timezone=UTC)


def first_look(cron: str, at: datetime) -> datetime | None:
    """The first instant of the line at `at` or later; None when there is none."""
    found: datetime | None = trigger(cron).get_next_fire_time(None, at)
    return found


def next_look(cron: str, after: datetime) -> datetime | None:
    """The first instant of the line later than `after`; None when there is none."""
    found: datetime | None = trigger(cron).get_next_fire_time(after, after)
    return found

"""Is this cron line one we can keep, and how often does it look within an hour?"""

import re
from datetime import UTC, datetime

from outboundd.engine.looks import first_look, next_look, trigger

_FIELDS = ("minute", "hour", "day", "month", "weekday")
_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")  # crontab's count; 7 is Sunday again
_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)  # of a leap year, so that 29 February is soon found


def check(cron: str) -> None:
    """Raises ValueError with what is wrong with a cron line, and the remedy."""
    fields = cron.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"has {len(fields)} fields; write five: {' '.join(_FIELDS)}")
    # APScheduler counts weekdays from Monday = 0, crontab from Sunday = 0: a digit would mean another day to each.
    if re.search(r"(?<![/\d])\d", fields[4]):
        raise ValueError(f"weekdays are named, never numbered; {_named(fields)}")
    for name, field in zip(_FIELDS, fields, strict=True):
        _check_field(name, field)
    if first_look(cron, _MONDAY) is None:
        raise ValueError("never fires; give a day that its month has")


def runs_per_hour(cron: str) -> int:
    """How often this job looks within an hour in which it runs at all: a scheduled send takes its share by it."""
    minutes = f"{cron.split()[0]} * * * *"
    at = first_look(minutes, _MONDAY)
    count = 0
    while at is not None and at.hour == _MONDAY.hour:
        count += 1
        at = next_look(minutes, at)
    return count


def _check_field(name: str, field: str) -> None:
    values = ["*"] * len(_FIELDS)
    values[_FIELDS.index(name)] = field
    try:
        trigger(" ".join(values))
    except ValueError as wrong:
        raise ValueError(f'"{field}" is no {name}; write five fields like "*/10 * * * mon-fri"') from wrong


def _named(fields: list[str]) -> str:
    days = re.sub(r"(?<![/\d])[0-7](?!\d)", lambda digit: _NAMES[int(digit[0])], fields[4])
    try:
        _check_field("weekday", days)
    except ValueError:
        return "write names like mon-fri or sat,sun"
    return f'write "{" ".join([*fields[:4], days])}"'

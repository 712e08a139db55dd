"""Are quiet hours those of the operator's own night?"""

from datetime import UTC, datetime, time

import pytest

from outboundd.rules.quiet_hours import are_now

NIGHT = (time(22), time(7))
LUNCH = (time(12), time(13))


@pytest.mark.parametrize(
    ("hour", "hours", "timezone", "quiet"),
    [
        (21, NIGHT, "UTC", False),
        (22, NIGHT, "UTC", True),
        (3, NIGHT, "UTC", True),
        (7, NIGHT, "UTC", False),
        (12, LUNCH, "UTC", True),
        (13, LUNCH, "UTC", False),
        (3, LUNCH, "UTC", False),
        (3, (), "UTC", False),
        (3, NIGHT, "America/New_York", True),  # 22:00 there
        (13, NIGHT, "America/New_York", False),
        (21, NIGHT, "Europe/Berlin", True),
    ],
)
def test_they_are_on_the_operators_clock_and_may_go_over_midnight(
    hour: int, hours: tuple[time, ...], timezone: str, quiet: bool
) -> None:
    """From the first minute to before the last; none at all where none are wanted."""
    assert are_now(datetime(2026, 11, 24, hour, tzinfo=UTC), hours, timezone) is quiet

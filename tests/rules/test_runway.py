"""Is it foreseen what runs out?"""

from datetime import date, timedelta

import pytest

from outboundd.rules.runway import Calls, calls_of_month, sentences

TODAY = date(2026, 11, 24)  # six days are left in the month


def days(*numbers: int) -> dict[date, int]:
    """Calls on the days that end today."""
    return {TODAY - timedelta(days=ago): number for ago, number in enumerate(reversed(numbers))}


@pytest.mark.parametrize(
    ("by_day", "so_far", "forecast"),
    [
        ({}, 0, 0),
        (days(40), 40, 40 + 6 * 40),  # the first day: as today, so far
        (days(100, 40), 140, 200 + 6 * 100),  # today may still become as yesterday
        (days(100, 160), 260, 260 + 6 * 100),  # or has been more
        (days(900, 10, 10, 10, 10, 10, 10, 10, 0), 970, 980 + 6 * 10),  # a big listing eight days ago is past
        ({date(2026, 10, 31): 700, TODAY: 0}, 0, 0),  # another month, more than a week ago
        ({date(2026, 11, 1): 5, date(2026, 11, 25): 9}, 5, 5),  # tomorrow's are not there yet
    ],
)
def test_the_months_calls_are_foreseen_by_the_last_seven_days(
    by_day: dict[date, int], so_far: int, forecast: int
) -> None:
    """What was, what today may still bring, and the days that are left."""
    assert calls_of_month("airtable", by_day, TODAY) == Calls(vendor="airtable", so_far=so_far, forecast=forecast)


def test_on_the_first_of_a_month_the_last_one_tells() -> None:
    """Nothing is known of this month yet, but the week before it is."""
    first = date(2026, 12, 1)
    by_day = {first - timedelta(days=ago): 70 for ago in range(1, 8)}
    assert calls_of_month("airtable", by_day, first) == Calls(vendor="airtable", so_far=0, forecast=31 * 70)


def test_only_what_is_known_is_said() -> None:
    """A mailer without a limit and a store without calls are not mentioned."""
    assert sentences(None, 40.0, None) == ()
    assert sentences(4_000, 0, None) == ("mailer credits: 4,000 left",)
    assert sentences(4_000, 80.0, None) == ("mailer credits: 4,000 left, 50.0 sending days at the last week's speed",)
    (told,) = sentences(None, 0, Calls(vendor="airtable", so_far=12_340, forecast=41_000))
    assert told.startswith("calls to airtable this month: 12,340, about 41,000 by its end; Airtable's Team plan takes")
    assert sentences(None, 0, Calls(vendor="grid", so_far=1, forecast=2)) == (
        "calls to grid this month: 1, about 2 by its end",
    )

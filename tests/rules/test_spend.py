"""Is the day's money never overspent, and new at the operator's own midnight?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.rules.spend import Room, day_of, room

USD = st.floats(0, 100)


@pytest.mark.parametrize(
    ("spent", "in_flight", "call", "told"),
    [
        (0.0, 0.0, 1.0, Room.YES),
        (0.2, 0.0, 0.8, Room.YES),
        (0.21, 0.0, 0.8, Room.NO),
        (0.1, 0.8, 0.2, Room.LATER),
        (0.1, 0.1, 0.8, Room.YES),
    ],
)
def test_a_call_must_fit_beside_what_is_spent_and_in_flight(spent: float, in_flight: float, call: float, told: Room):
    """Later where those in flight may turn out cheaper, no where they cannot help."""
    assert room(1.0, spent, in_flight, call) is told


def test_rounding_refuses_no_cent():
    """0.1 and 0.2 fit into 0.3."""
    assert room(0.3, 0.1, 0.0, 0.2) is Room.YES


@given(limit=USD, spent=USD, in_flight=USD)
def test_what_costs_nothing_is_never_refused(limit: float, spent: float, in_flight: float):
    """A template goes on when nothing may be spent, and after too much was."""
    assert room(limit, spent, in_flight, 0.0) is Room.YES


def test_with_a_limit_of_nothing_nothing_is_paid():
    """0 switches paid calls off."""
    assert room(0.0, 0.0, 0.0, 0.001) is Room.NO


@given(limit=USD, spent=USD, in_flight=USD, call=st.floats(0.001, 100))
def test_yes_never_leads_over_the_limit(limit: float, spent: float, in_flight: float, call: float):
    """Whatever the calls in flight turn out to cost."""
    if room(limit, spent, in_flight, call) is Room.YES:
        assert spent + in_flight + call <= limit + 1e-6


def test_the_day_is_the_operators():
    """At 23:30 UTC it is tomorrow in Auckland and still today in New York."""
    now = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert day_of(now, "UTC") == (datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC))
    assert day_of(now, "Pacific/Auckland")[1] == datetime(2026, 11, 25, 11, tzinfo=UTC)
    assert day_of(now, "America/New_York")[1] == datetime(2026, 11, 25, 5, tzinfo=UTC)


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 11, 24), 24)])
def test_a_day_of_a_clock_change_has_its_own_length(day: tuple[int, int, int], hours: int):
    """From midnight to midnight on the wall."""
    begins, ends = day_of(datetime(*day, 12, tzinfo=UTC), "Europe/Berlin")
    assert ends - begins == timedelta(hours=hours)

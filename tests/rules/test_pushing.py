"""Does the store learn of what matters at once, and of the rest in as few requests as possible?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from outboundd.model.decision import Transition
from outboundd.model.lead import Stage
from outboundd.rules.pushing import due, new_day

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def stop(lead: str) -> Transition:
    """Somebody unsubscribed a minute ago."""
    at = NOW - timedelta(minutes=1)
    return Transition(lead=lead, seq=2, at=at, was=Stage.SENT, now=Stage.UNSUBSCRIBED, why="unsubscribed")


def delivery(lead: str, minutes: int = 1, now: Stage = Stage.DELIVERED) -> Transition:
    """A mail that arrived so many minutes ago."""
    at = NOW - timedelta(minutes=minutes)
    return Transition(lead=lead, seq=2, at=at, was=Stage.SENT, now=now, why="delivered", patch={"delivered_at": at})


def sent(lead: str, minutes: int = 1) -> Transition:
    """A mail that left so many minutes ago, and of which nothing else is known."""
    at = NOW - timedelta(minutes=minutes)
    return Transition(lead=lead, seq=1, at=at, was=Stage.DRAFTED, now=Stage.SENT, why="sent", patch={"step": 0})


def deliveries(count: int) -> list[Transition]:
    """Mails of several leads that arrived just now."""
    return [delivery(f"d{number:02}") for number in range(count)]


def test_a_stop_is_shown_at_once():
    """Whoever reads the table must not write to somebody who said no."""
    assert due([stop("a")], NOW) == ["a"]


def test_deliveries_gather_until_ten():
    """Nine wait, ten go, and of twelve two wait for the next request."""
    assert due(deliveries(9), NOW) == []
    assert len(due(deliveries(10), NOW)) == 10
    assert len(due(deliveries(12), NOW)) == 10


@pytest.mark.parametrize("last", [Stage.DELIVERED, Stage.FINISHED])
def test_deliveries_gather_for_an_hour_at_most(last: Stage):
    """Also one that was the last step. Then all go, the younger ones with the oldest."""
    assert due([delivery("a", minutes=59, now=last)], NOW) == []
    assert due([delivery("a", minutes=60, now=last), delivery("b")], NOW) == ["a", "b"]


def test_a_request_that_is_made_anyway_takes_deliveries_along_as_far_as_it_has_room():
    """They cost nothing there; no other request is made for those that are left."""
    shown = due([*deliveries(4), stop("a")], NOW)
    assert shown == ["a", "d00", "d01", "d02", "d03"]
    assert len(due([stop("a"), *deliveries(12)], NOW)) == 10


def test_more_than_one_request_of_stops_is_shown_whole():
    """What is urgent is never cut off at ten."""
    assert len(due([*(stop(f"s{number}") for number in range(12)), *deliveries(5)], NOW)) == 17


def test_a_sent_mail_waits_for_its_delivery_a_quarter_of_an_hour_at_most():
    """However many left: shown now, each row would be written twice."""
    assert due([sent(f"s{number:02}", minutes=14) for number in range(12)], NOW) == []
    assert due([sent("a", minutes=15), sent("b")], NOW) == ["a", "b"]
    assert due([sent("a", minutes=15), delivery("a")], NOW) == ["a"]


def test_a_mail_that_left_and_arrived_counts_as_arrived():
    """Ten of them fill a request; those of which only the first is known fill it up, and make none."""
    both = [one for number in range(9) for one in (sent(f"d{number:02}"), delivery(f"d{number:02}"))]
    assert due([*both, sent("s")], NOW) == []
    assert due([*both, sent("s"), delivery("x")], NOW) == [*(f"d{number:02}" for number in range(9)), "x"]
    assert due([sent("s"), stop("a"), delivery("x")], NOW) == ["a", "x", "s"]


def test_a_sent_mail_that_the_lead_was_put_back_to_is_shown_at_once():
    """Somebody set the stage by hand: no news of a mail will come."""
    assert due([replace(sent("a"), was=Stage.SENT)], NOW) == ["a"]


def test_what_is_dated_later_than_now_does_not_wait():
    """The clock was put back meanwhile."""
    assert due([sent("a", minutes=-30), delivery("b", minutes=-90)], NOW) == ["a", "b"]


def test_a_lead_with_a_delivery_and_something_else_is_urgent_as_a_whole():
    """A row is written once, with all that happened to it."""
    assert due([delivery("a"), stop("a")], NOW) == ["a"]


def test_nothing_waiting_is_nothing_due():
    """No request is made for nothing."""
    assert due([], NOW) == []


def test_counting_columns_are_due_once_on_each_day_of_the_operator():
    """The first look after midnight in New York, which is five in the morning in UTC."""
    night = datetime(2026, 11, 24, 4, 59, tzinfo=UTC)
    assert new_day(night, "America/New_York", "2026-11-23") is None
    day = new_day(night + timedelta(minutes=1), "America/New_York", "2026-11-23")
    assert day is not None
    assert new_day(NOW, "America/New_York", day.isoformat()) is None

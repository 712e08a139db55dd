"""When is a held lead looked at again, and what does its row say meanwhile?"""

from datetime import UTC, datetime, timedelta

import pytest

from outboundd.model.decision import EVERYBODYS, Hold, HoldKind, Stop
from outboundd.model.lead import Stage
from outboundd.rules import next_look

NOW = datetime(2026, 11, 24, 10, 0, 0, 250_000, tzinfo=UTC)


def held(**ahead: float) -> Hold:
    """A hold of one lead that ends so much later."""
    return Hold(kind=HoldKind.DUE, until=NOW + timedelta(**ahead), why="bump is not due yet")


def test_a_short_hold_leaves_no_trace_and_a_long_one_says_why():
    """Under an hour nothing, under a day the instant, from a day on the reason too; in whole seconds."""
    assert next_look.shown(held(minutes=59), NOW) == {}
    assert next_look.shown(held(hours=2), NOW) == {
        "next_at": (NOW + timedelta(hours=2)).replace(microsecond=0),
        "waiting_for": "",
    }
    assert next_look.shown(held(days=6), NOW)["waiting_for"] == "bump is not due yet"


@pytest.mark.parametrize("kind", sorted(EVERYBODYS))
def test_what_holds_everybody_is_no_news_of_one_row(kind: HoldKind):
    """A cap or a halt would be written into every row there is."""
    assert next_look.shown(Hold(kind=kind, until=NOW + timedelta(days=2), why="cap"), NOW) == {}


def test_what_a_human_must_look_at_is_looked_at_again_after_a_day():
    """The objection may be gone by then."""
    stop = Stop(stage=Stage.REVIEW, why="look")
    assert next_look.shown(stop, NOW)["next_at"] == NOW.replace(microsecond=0) + timedelta(days=1)
    assert next_look.shown(None, NOW) == {}

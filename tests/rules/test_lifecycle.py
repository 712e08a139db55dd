"""Which moves are legal, and does the drawing show exactly those?"""

import re

import pytest

from outboundd.model.lead import Stage
from outboundd.rules import lifecycle
from outboundd.rules.lifecycle import LIVE, SETS, STOPPING, TERMINAL


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("new", "verified"),
        ("new", "mismatched"),
        ("verified", "drafted"),
        ("drafted", "sent"),
        ("drafted", "verified"),
        ("drafted", "delivered"),
        ("sent", "delivered"),
        ("sent", "bounced"),
        ("sent", "drafted"),
        ("sent", "finished"),
        ("delivered", "drafted"),
        ("delivered", "finished"),
        ("review", "drafted"),
        ("drafted", "new"),
        ("mismatched", "new"),
        ("mismatched", "verified"),
        ("finished", "replied"),
    ],
)
def test_the_path_of_a_lead_is_legal(was: str, now: str):
    """Every move of the table of stages."""
    assert lifecycle.legal(Stage(was), Stage(now))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("new", "drafted"),
        ("verified", "mismatched"),
        ("sent", "new"),
        ("delivered", "new"),
        ("delivered", "verified"),
        ("mismatched", "drafted"),
        ("mismatched", "sent"),
        ("finished", "drafted"),
        ("finished", "review"),
        ("replied", "drafted"),
        ("do_not_contact", "new"),
        ("bounced", "unsubscribed"),
    ],
)
def test_a_move_that_is_not_in_the_table_is_refused(was: str, now: str):
    """Nobody is drafted unverified, verified again once written to, or brought back from the dead."""
    assert not lifecycle.legal(Stage(was), Stage(now))


@pytest.mark.parametrize("stage", Stage)
def test_a_line_may_always_be_added(stage: Stage):
    """The same stage again is a mere line in the trail."""
    assert lifecycle.legal(stage, stage)
    assert stage not in lifecycle.moves_from(stage)


@pytest.mark.parametrize("stage", sorted(LIVE))
def test_every_live_stage_may_end_wait_for_a_human_or_be_told_sent(stage: Stage):
    """Review, finished and the terminal stages are always open; and the mailer has the last word."""
    assert lifecycle.moves_from(stage) >= (TERMINAL | {Stage.REVIEW, Stage.FINISHED, Stage.SENT}) - {stage}


@pytest.mark.parametrize("stage", sorted(TERMINAL))
def test_a_terminal_stage_is_the_end(stage: Stage):
    """No move leads out of it."""
    assert lifecycle.moves_from(stage) == frozenset()


def test_a_stage_is_live_or_it_stops():
    """No stage is forgotten, and none is both."""
    assert set(Stage) == LIVE | STOPPING
    assert set() == LIVE & STOPPING


def test_the_drawing_shows_every_legal_move_and_no_other():
    """Whoever reads the documentation reads the table."""
    drawn = set()
    for was, now in re.findall(r"^ {4}(\w+) --> (\w+)$", lifecycle.drawing(), re.MULTILINE):
        sources, targets = SETS.get(was) or {Stage(was)}, SETS.get(now) or {Stage(now)}
        drawn |= {(one, two) for one in sources for two in targets if one != two}
    assert drawn == {(was, now) for was in Stage for now in lifecycle.moves_from(was)}


def test_the_drawing_begins_with_a_new_lead():
    """And is a state diagram of Mermaid."""
    assert lifecycle.drawing().startswith("stateDiagram-v2\n")
    assert "    [*] --> new\n" in lifecycle.drawing()

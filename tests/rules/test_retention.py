"""Are research and texts kept for their time, and is what is erased told?"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from outboundd.model.decision import Transition
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import Attempt
from outboundd.rules import retention

NOW = datetime(2027, 11, 24, 10, 0, tzinfo=UTC)
LEAD = Lead(id="ld1", stage=Stage.FINISHED)
LINE = Transition(lead="ld1", seq=1, at=NOW, was=Stage.DRAFTED, now=Stage.SENT, why="sent", text_hash="t1")
MAIL = Attempt(
    tag="c.ld1.0.1",
    lead="ld1",
    step=0,
    n=1,
    mailer="maildir",
    person="p",
    company="c",
    posted_at=NOW,
    subject="",
    text="",
    text_hash="t1",
)


def test_the_time_is_counted_in_whole_days():
    """365 days before now, to the second."""
    assert retention.cutoff(NOW, 365) == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def test_stages_after_which_something_is_still_written_are_not_over():
    """A draft, a thread that goes on, a lead in review keep what they are written with."""
    assert retention.OVER.isdisjoint({Stage.NEW, Stage.REVIEW, Stage.VERIFIED, Stage.DRAFTED, Stage.DELIVERED})
    assert {Stage.FINISHED, Stage.REPLIED, Stage.BOUNCED, Stage.MISMATCHED} <= retention.OVER


@pytest.mark.parametrize("cell", ["subject", "body", "research"])
def test_the_cells_that_hold_words_are_emptied_and_no_other(cell):
    """The line names the days; the stage stays."""
    change = retention.erasure(replace(LEAD, **{cell: "words"}), [LINE], [MAIL], 90)
    assert change is not None
    assert change.patch == {cell: ""}
    assert change.now is Stage.FINISHED
    assert change.why == "research and texts erased after 90 days"


@pytest.mark.parametrize(
    ("told", "mails"),
    [
        ([replace(LINE, text="Hello")], []),
        ([], [replace(MAIL, text="Hello")]),
        ([], [replace(MAIL, subject="Hello")]),
    ],
)
def test_words_that_only_the_ledger_holds_are_reason_enough(told, mails):
    """The row may be bare: the trail shows the text all the same."""
    change = retention.erasure(LEAD, told, mails, 365)
    assert change is not None
    assert change.patch == {}


def test_where_nothing_is_left_nothing_is_told():
    """No line a year later for a lead that never had a word."""
    assert retention.erasure(LEAD, [LINE], [MAIL], 365) is None

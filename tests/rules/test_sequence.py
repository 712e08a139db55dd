"""Does every step wait for its turn, and end when it is too late?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.model.decision import Hold, HoldKind, Objection, Stop
from outboundd.model.lead import Lead, Stage
from outboundd.model.settings import FollowUp, Sequence
from outboundd.rules import sequence

FIRST = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STEPS = Sequence(follow_ups=(FollowUp(name="bump", after_days=6), FollowUp(name="breakup", after_days=14)))


def after(days: float) -> datetime:
    """So many days after the first mail."""
    return FIRST + timedelta(days=days)


def lead(stage: Stage | None, step: int = 0, *, last: float = 0) -> Lead:
    """A lead whose first mail left at FIRST and whose last one so many days later."""
    return Lead(id="lead1", stage=stage, step=step, first_sent_at=FIRST, last_sent_at=after(last))


@pytest.mark.parametrize(
    ("step", "last", "due"),
    [
        (0, 0, None),
        (1, 0, 6),
        (2, 6, 14),
        (2, 12, 17),  # the bump left late: the gap counts
        (3, 14, None),
    ],
)
def test_a_follow_up_is_due_after_its_days_and_the_gap(step, last, due):
    """The later of after_days since the first mail and min_gap_days since the last; a first mail is never 'due'."""
    assert sequence.due_at(lead(Stage.DELIVERED, last=last), STEPS, step) == (None if due is None else after(due))


def test_without_a_first_mail_nothing_is_due():
    """A lead that was never mailed has no follow-up."""
    assert sequence.due_at(Lead(id="lead1"), STEPS, 1) is None


def test_a_last_mail_without_a_date_is_the_first_one():
    """A row of an older system may know its first mail only."""
    assert sequence.due_at(Lead(id="lead1", first_sent_at=FIRST), STEPS, 1) == after(6)


class TestDelivered:
    """After a step has arrived."""

    def test_the_next_step_waits_until_it_is_due(self):
        """The hold names the step and ends at the very instant it is due."""
        hold = sequence.hold(lead(Stage.DELIVERED), STEPS, after(3))
        assert hold == Hold(kind=HoldKind.DUE, until=after(6), why="bump is not due yet")
        assert sequence.hold(lead(Stage.DELIVERED), STEPS, after(6)) is None

    def test_after_the_last_step_the_lead_is_finished(self):
        """At once, without a wait."""
        stop = sequence.hold(lead(Stage.DELIVERED, 2, last=14), STEPS, after(14))
        assert stop == Stop(stage=Stage.FINISHED, why="last step delivered")

    def test_a_step_that_could_not_leave_for_too_long_is_given_up(self):
        """45 days after it fell due it may still leave; a second later it is too late."""
        last_moment = after(6 + 45)
        assert sequence.hold(lead(Stage.DELIVERED), STEPS, last_moment) is None
        stop = sequence.hold(lead(Stage.DELIVERED), STEPS, last_moment + timedelta(seconds=1))
        assert stop == Stop(stage=Stage.FINISHED, why="too late for bump: due for more than 45 days")

    @given(
        after_days=st.integers(0, 400),
        expire_after_days=st.integers(1, 400),
        gap=st.integers(0, 60),
        last=st.integers(0, 60),
    )
    def test_every_configuration_leaves_a_time_in_which_the_step_may_be_sent(
        self, after_days, expire_after_days, gap, last
    ):
        """No pair of after_days and expire_after_days expires a step before it is due."""
        steps = Sequence(
            follow_ups=(FollowUp(name="bump", after_days=after_days),),
            min_gap_days=gap,
            expire_after_days=expire_after_days,
        )
        waiting = lead(Stage.DELIVERED, last=last)
        due = sequence.due_at(waiting, steps, 1)
        assert due is not None
        assert sequence.hold(waiting, steps, due) is None
        assert isinstance(sequence.hold(waiting, steps, due - timedelta(seconds=1)), Hold)

    def test_a_row_without_its_dates_goes_to_review(self):
        """Emptied by hand: no mail on a guess, and no approve either."""
        stop = sequence.hold(Lead(id="lead1", stage=Stage.DELIVERED), STEPS, FIRST)
        assert isinstance(stop, Stop)
        assert (stop.stage, stop.objection) == (Stage.REVIEW, Objection.BUG)
        assert stop.why == "First sent at is empty although a mail was sent: put it back"


class TestSent:
    """While the mailer has not said that a step arrived."""

    def test_it_waits_for_the_delivery(self):
        """The hold ends when the waiting does."""
        hold = sequence.hold(lead(Stage.SENT, 1, last=6), STEPS, after(7))
        assert hold == Hold(kind=HoldKind.DUE, until=after(11), why="waiting for delivery of bump")

    def test_a_mail_that_never_arrived_ends_the_thread(self):
        """No follow-up to a mail that nobody got."""
        stop = sequence.hold(lead(Stage.SENT), STEPS, after(5))
        assert stop == Stop(stage=Stage.FINISHED, why="first mail not delivered within 5 days")

    def test_a_step_the_configuration_has_lost_is_called_by_its_number(self):
        """A shortened sequence does not break the threads in flight."""
        hold = sequence.hold(lead(Stage.SENT, 3), STEPS, after(1))
        assert hold is not None
        assert hold.why == "waiting for delivery of step 3"

    def test_a_row_without_its_date_goes_to_review(self):
        """Emptied by hand: how long it has waited is not known."""
        stop = sequence.hold(Lead(id="lead1", stage=Stage.SENT), STEPS, FIRST)
        assert isinstance(stop, Stop)
        assert stop.why == "Last sent at is empty although a mail was sent: put it back"


class TestDrafted:
    """A draft that waits for its window."""

    def test_a_first_mail_is_never_too_late(self):
        """Only its draft grows stale, which is another rule's matter."""
        assert sequence.hold(Lead(id="lead1", stage=Stage.DRAFTED), STEPS, after(400)) is None

    @pytest.mark.parametrize(("day", "expected"), [(5, Hold), (6, type(None)), (52, Stop)])
    def test_a_drafted_follow_up_keeps_its_own_times(self, day, expected):
        """Not before it is due, not after it has expired."""
        assert type(sequence.hold(lead(Stage.DRAFTED, 1), STEPS, after(day))) is expected

    def test_a_draft_of_a_step_that_is_gone_is_not_sent(self):
        """The operator took the step out of the configuration: the thread ends."""
        stop = sequence.hold(lead(Stage.DRAFTED, 3), STEPS, after(20))
        assert stop == Stop(stage=Stage.FINISHED, why="step 3 is no longer in the sequence")


@pytest.mark.parametrize("stage", [None, Stage.NEW, Stage.VERIFIED, Stage.REVIEW, Stage.REPLIED])
def test_other_stages_are_not_held_by_the_sequence(stage):
    """There is no thread to keep time of."""
    assert sequence.hold(Lead(id="lead1", stage=stage), STEPS, FIRST) is None


@pytest.mark.parametrize(
    ("stage", "step", "following"),
    [
        (None, 0, 0),
        (Stage.VERIFIED, 0, 0),
        (Stage.DRAFTED, 1, 1),
        (Stage.SENT, 0, 1),
        (Stage.DELIVERED, 1, 2),
    ],
)
def test_the_next_step_follows_from_the_stage(stage, step, following):
    """After a mail that left comes the next one; before that, the current one."""
    assert sequence.next_step(lead(stage, step)) == following


def test_follow_ups_are_picked_before_openers_and_the_longest_waiting_first():
    """An open thread is worth more than a new one; who waited longest goes first."""
    leads = [
        Lead(id="new", stage=Stage.DRAFTED, created_at=after(0)),
        Lead(id="undated", stage=Stage.DRAFTED),
        Lead(id="old", stage=Stage.DRAFTED, created_at=after(-9)),
        Lead(id="breakup", stage=Stage.DRAFTED, step=2, last_sent_at=after(6)),
        Lead(id="bump", stage=Stage.DRAFTED, step=1, last_sent_at=after(1)),
    ]
    order = [one.id for one in sorted(leads, key=sequence.pick_key)]
    assert order == ["bump", "breakup", "old", "new", "undated"]

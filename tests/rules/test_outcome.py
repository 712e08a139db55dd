"""What follows for the lead from how an attempt ended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import Attempt, AttemptState
from outboundd.model.settings import FollowUp, Sequence
from outboundd.rules.outcome import sent

T0 = datetime(2026, 11, 24, 14, 2, 11, tzinfo=UTC)
STEPS = Sequence(follow_ups=(FollowUp(name="bump", after_days=6),))
DRAFTED = Lead(id="ab12", stage=Stage.DRAFTED)
FIRST = Attempt(
    tag="default.ab12.0.1",
    lead="ab12",
    step=0,
    n=1,
    mailer="maildir",
    person="p1",
    company="firm.example",
    posted_at=T0,
    subject="Hello",
    text="Hi Rosa",
    text_hash="0011223344556677",
    state=AttemptState.SENT,
    message_id="<1@mail.acme.example>",
)


def test_a_sent_mail_is_told_in_full_with_its_dates_and_id() -> None:
    """The entry holds subject and text, so that the row alone can answer what was written."""
    change = sent(DRAFTED, FIRST, STEPS)
    assert (change.now, change.why, change.text, change.tag) == (
        Stage.SENT, "first mail sent", "Subject: Hello\n\nHi Rosa", FIRST.tag,
    )  # fmt: skip
    assert change.patch == {
        "message_ids": (FIRST.message_id,),
        "first_sent_at": T0,
        "last_sent_at": T0,
        "step": 0,
        "next_at": T0 + timedelta(days=STEPS.delivery_wait_days),
        "waiting_for": "waiting for delivery of first mail",
    }


@pytest.mark.parametrize("stage", [Stage.NEW, Stage.VERIFIED, Stage.REVIEW, Stage.DRAFTED])
def test_the_mailer_has_the_last_word_wherever_the_lead_stood(stage: Stage) -> None:
    """A mail that the mailer knows was sent, whatever stage a lost ledger left the lead in."""
    assert sent(replace(DRAFTED, stage=stage), FIRST, STEPS).now is Stage.SENT


def test_a_mail_accepted_while_its_lead_was_stopped_adds_id_and_line_but_no_stage() -> None:
    """An unsubscribe that was folded during the POST keeps its stage."""
    change = sent(replace(DRAFTED, stage=Stage.UNSUBSCRIBED), FIRST, STEPS, "found")
    assert (change.now, change.why) == (Stage.UNSUBSCRIBED, "found")
    assert "step" not in change.patch


@pytest.mark.parametrize(("stage", "step"), [(Stage.SENT, 0), (Stage.DELIVERED, 0), (Stage.DRAFTED, 1)])
def test_news_of_an_earlier_mail_never_move_a_lead_back(stage: Stage, step: int) -> None:
    """A lead that is as far as the mail, or further, keeps its stage and its dates."""
    later = T0 + timedelta(days=6)
    lead = replace(
        DRAFTED, stage=stage, step=step, message_ids=(FIRST.message_id,), first_sent_at=T0, last_sent_at=later
    )
    change = sent(lead, FIRST, STEPS)
    assert change.now is stage
    assert (change.patch["message_ids"], change.patch["first_sent_at"], change.patch["last_sent_at"]) == (
        (FIRST.message_id,), T0, later,
    )  # fmt: skip


def test_a_mail_without_an_id_adds_none() -> None:
    """A mailer's log may know a mail without telling its id."""
    assert sent(DRAFTED, replace(FIRST, message_id=""), STEPS).patch["message_ids"] == ()

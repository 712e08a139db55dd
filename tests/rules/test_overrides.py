"""Does the machine obey the operator's word, exactly as far as it goes?"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from outboundd.model.decision import WAIVABLE, Change, Objection
from outboundd.model.facts import History
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import Attempt, AttemptState
from outboundd.rules import basis, lifecycle, overrides
from outboundd.rules.overrides import Obeyed

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
LEAD = Lead(id="lead1", email="rosa@firm.example", company="Firm", subject="Tools", body="Hi Rosa")
OLD_TEXT = "Subject: Tools\n\nHi Rosa"
WORDS = sorted(overrides.WORDS)


def say(word: str, stage: Stage, history: History | None = None, **fields) -> Obeyed | str:
    """The word in the Override cell of a lead at this stage."""
    return overrides.obey(replace(LEAD, override=word, stage=stage, **fields), history or History())


def tried(state: AttemptState, step: int = 0) -> Attempt:
    """An attempt of the lead."""
    return Attempt(
        tag=f"c.lead1.{step}.1",
        lead="lead1",
        step=step,
        n=1,
        mailer="maildir",
        person="p",
        company="firm.example",
        posted_at=NOW,
        subject="",
        text="",
        text_hash="",
        state=state,
    )


def in_review(objection: Objection | None, came_from: Stage | None = Stage.NEW, **more) -> History:
    """The history of a lead in review for this."""
    return History(seq=2, objection=objection, came_from=came_from, **more)


class TestTheCell:
    """What may stand in it."""

    def test_a_word_is_read_however_it_is_typed(self):
        """Case, blanks and underscores do not matter."""
        assert say("  Not_SENT ", Stage.DRAFTED, History(attempts=(tried(AttemptState.UNKNOWN),))) == say(
            "not sent", Stage.DRAFTED, History(attempts=(tried(AttemptState.UNKNOWN),))
        )

    def test_a_word_without_meaning_is_answered_with_all_that_have_one(self):
        """And it is cut, whatever was pasted into the cell."""
        answer = say("pause " + "x" * 500, Stage.NEW)
        assert isinstance(answer, str)
        assert all(word in answer for word in overrides.WORDS)
        assert len(answer) < 250

    @pytest.mark.parametrize("word", WORDS)
    @pytest.mark.parametrize("stage", Stage)
    def test_every_word_has_an_answer_at_every_stage(self, word, stage):
        """A sentence, nothing to do, or a legal move; never an exception."""
        for objection in (None, *Objection):
            for came_from in (None, Stage.NEW, Stage.VERIFIED, Stage.DRAFTED, Stage.SENT, Stage.DELIVERED):
                for attempts in ((), (tried(AttemptState.SENT),), (tried(AttemptState.UNKNOWN),)):
                    answer = say(word, stage, in_review(objection, came_from, attempts=attempts))
                    if isinstance(answer, Obeyed) and answer.change:
                        assert lifecycle.legal(stage, answer.change.now)

    @pytest.mark.parametrize("word", WORDS)
    def test_a_word_read_twice_does_no_harm(self, word):
        """Obeyed at a live stage, it has nothing left to do where it led to, or leads there again."""
        for stage in (Stage.NEW, Stage.VERIFIED, Stage.DRAFTED, Stage.DELIVERED):
            answer = say(word, stage)
            if isinstance(answer, Obeyed) and answer.change:
                again = say(word, answer.change.now)
                assert isinstance(again, str) or again.change is None


class TestStop:
    """Never again."""

    @pytest.mark.parametrize("stage", sorted(set(Stage) - lifecycle.TERMINAL))
    def test_stop_ends_every_lead(self, stage):
        """Live, finished or mismatched."""
        assert say("stop", stage) == Obeyed(change=Change(now=Stage.DO_NOT_CONTACT, why="Override: stop"))

    @pytest.mark.parametrize("stage", sorted(lifecycle.TERMINAL))
    def test_what_has_ended_is_left_as_it_ended(self, stage):
        """A person who replied is not renamed."""
        assert say("stop", stage) == say("replied", stage) == Obeyed()


class TestReplied:
    """The operator saw an answer."""

    @pytest.mark.parametrize("stage", [Stage.SENT, Stage.DELIVERED, Stage.DRAFTED, Stage.FINISHED, Stage.REVIEW])
    def test_an_answer_ends_the_sequence(self, stage):
        """Also when the last step had been delivered."""
        assert say("replied", stage) == Obeyed(change=Change(now=Stage.REPLIED, why="Override: replied"))

    def test_nobody_replies_who_was_never_written_to(self):
        """A mismatched lead is told which word is meant."""
        assert say("replied", Stage.MISMATCHED) == (
            "Override replied: a lead in stage mismatched was never written to; use stop"
        )


class TestRecheck:
    """Look again whether the person works there, or whether it works now."""

    def test_a_lead_starts_again_on_who_it_is_now(self):
        """The draft goes, its text stays in the trail."""
        for stage in (Stage.VERIFIED, Stage.DRAFTED, Stage.MISMATCHED, Stage.REVIEW):
            assert say("recheck", stage) == Obeyed(
                change=Change(
                    now=Stage.NEW,
                    why="Override: recheck",
                    patch={"attribution": "", "subject": "", "body": "", "step": 0},
                    basis=basis.identity(LEAD),
                    text=OLD_TEXT,
                )
            )

    def test_a_lead_without_a_draft_has_no_text_to_keep(self):
        """The entry stays short."""
        answer = say("recheck", Stage.MISMATCHED, subject="", body="")
        assert isinstance(answer, Obeyed)
        assert answer.change is not None
        assert answer.change.text == ""

    def test_a_new_lead_is_looked_at_anyway(self):
        """Nothing to do."""
        assert say("recheck", Stage.NEW) == Obeyed()

    @pytest.mark.parametrize("state", [AttemptState.SENT, AttemptState.UNKNOWN, AttemptState.OPEN, AttemptState.EXTRA])
    def test_a_person_written_to_is_no_new_person(self, state):
        """Nor one to whom a mail may have left."""
        answer = say("recheck", Stage.DRAFTED, History(attempts=(tried(state),)))
        assert answer == "Override recheck: this person was already written to; a new person needs a new row"
        assert say("recheck", Stage.DELIVERED, first_sent_at=NOW) == answer

    @pytest.mark.parametrize("state", [AttemptState.REFUSED, AttemptState.ABSENT])
    def test_a_mail_that_never_left_does_not_count(self, state):
        """The person was not written to."""
        answer = say("recheck", Stage.DRAFTED, History(attempts=(tried(state),)))
        assert isinstance(answer, Obeyed)

    @pytest.mark.parametrize("objection", [Objection.REFUSED, Objection.BUG])
    def test_what_was_refused_within_a_thread_is_tried_once_more(self, objection):
        """Our own bug is never waived, but when it is mended the lead goes on where it stood."""
        history = in_review(objection, Stage.DELIVERED, attempts=(tried(AttemptState.SENT),))
        assert say("recheck", Stage.REVIEW, history) == Obeyed(
            change=Change(now=Stage.DELIVERED, why="Override: recheck")
        )

    def test_a_finished_lead_is_not_looked_at_again(self):
        """It says so."""
        assert say("recheck", Stage.FINISHED) == "Override recheck: a lead in stage finished is not looked at again"


class TestRedraft:
    """Write it anew."""

    @pytest.mark.parametrize(("step", "back", "to"), [(0, Stage.VERIFIED, 0), (2, Stage.DELIVERED, 1)])
    def test_a_draft_goes_and_its_text_stays_in_the_trail(self, step, back, to):
        """On the basis that was: an address edited together with the word is still noticed."""
        assert say("redraft", Stage.DRAFTED, step=step) == Obeyed(
            change=Change(
                now=back, why="Override: redraft", patch={"subject": "", "body": "", "step": to}, text=OLD_TEXT
            )
        )

    @pytest.mark.parametrize("objection", [Objection.LINT, Objection.LINT_HARD])
    @pytest.mark.parametrize("came_from", [Stage.VERIFIED, Stage.DELIVERED])
    def test_a_draft_that_failed_its_lint_is_written_anew(self, objection, came_from):
        """It went to review before it was ever 'drafted'."""
        answer = say("redraft", Stage.REVIEW, in_review(objection, came_from), step=int(came_from is Stage.DELIVERED))
        assert isinstance(answer, Obeyed)
        assert answer.change is not None
        assert answer.change.now is came_from

    def test_a_draft_in_review_for_another_reason_is_written_anew(self):
        """It came from drafted."""
        answer = say("redraft", Stage.REVIEW, in_review(Objection.REFUSED, Stage.DRAFTED))
        assert isinstance(answer, Obeyed)
        assert answer.change is not None
        assert answer.change.now is Stage.VERIFIED

    @pytest.mark.parametrize("stage", [Stage.NEW, Stage.VERIFIED, Stage.DELIVERED])
    def test_what_has_no_draft_yet_gets_one_anyway(self, stage):
        """Nothing to do."""
        assert say("redraft", stage) == Obeyed()

    @pytest.mark.parametrize("stage", [Stage.SENT, Stage.FINISHED, Stage.REPLIED])
    def test_what_is_past_its_draft_says_so(self, stage):
        """A sentence, not silence."""
        assert say("redraft", stage) == f"Override redraft: a lead in stage {stage} has no draft"

    def test_a_lead_in_review_before_its_draft_says_so(self):
        """Its objection is another one."""
        answer = say("redraft", Stage.REVIEW, in_review(Objection.CONSENT, Stage.NEW))
        assert answer == "Override redraft: a lead in stage review has no draft"


class TestApprove:
    """One objection, on one basis."""

    @pytest.mark.parametrize("objection", sorted(WAIVABLE - {Objection.LINT}))
    @pytest.mark.parametrize("came_from", [Stage.NEW, Stage.VERIFIED, Stage.DELIVERED])
    def test_the_objection_is_waived_for_this_person_at_this_company(self, objection, came_from):
        """And the lead goes back to where it came from; an unclear attribution is settled with it."""
        back = Stage.VERIFIED if objection is Objection.ATTRIBUTION else came_from
        assert say("approve", Stage.REVIEW, in_review(objection, came_from)) == Obeyed(
            change=Change(
                now=back, why=f"Override: approve ({objection})", basis=basis.identity(LEAD), waives=objection
            )
        )

    def test_without_a_known_origin_it_is_new(self):
        """Everything is looked at again."""
        answer = say("approve", Stage.REVIEW, in_review(Objection.CONSENT, None))
        assert isinstance(answer, Obeyed)
        assert answer.change is not None
        assert answer.change.now is Stage.NEW

    def test_soft_faults_are_waived_for_this_very_text(self):
        """The draft then leaves as it was shown."""
        history = in_review(Objection.LINT, Stage.VERIFIED, basis=basis.draft(LEAD))
        assert say("approve", Stage.REVIEW, history) == Obeyed(
            change=Change(
                now=Stage.DRAFTED,
                why="Override: approve (lint)",
                basis=basis.draft(LEAD),
                waives=Objection.LINT,
            )
        )

    def test_a_text_edited_since_is_linted_first(self):
        """An approve never lets out a text that nobody has looked at."""
        history = in_review(Objection.LINT, Stage.VERIFIED, basis=basis.draft(LEAD))
        answer = say("approve", Stage.REVIEW, history, body="Hi {first_name}")
        assert answer == "Override approve: the draft was edited since; it is linted again by itself"

    def test_an_approve_of_something_else_does_not_hide_an_edited_text(self):
        """The text's part of the basis stays what was linted."""
        linted = basis.draft(LEAD)
        history = in_review(Objection.CONSENT, Stage.DRAFTED, basis=linted)
        answer = say("approve", Stage.REVIEW, history, body="Edited meanwhile")
        assert isinstance(answer, Obeyed)
        assert answer.change is not None
        assert answer.change.basis == linted

    @pytest.mark.parametrize("objection", sorted(WAIVABLE - {Objection.ATTRIBUTION}))
    def test_a_person_exchanged_together_with_the_word_is_verified_first(self, objection):
        """Consent or a soft fault is no word on whether the new address is the right one."""
        history = in_review(objection, Stage.DRAFTED, basis=basis.draft(LEAD))
        answer = say("approve", Stage.REVIEW, history, email="somebody@else.example")
        assert answer == (
            "Override approve: address, name, company or website was edited since; that is looked at first"
        )

    def test_a_mismatched_lead_is_verified_by_the_operators_word(self):
        """They know that the person works there."""
        assert say("approve", Stage.MISMATCHED) == Obeyed(
            change=Change(
                now=Stage.VERIFIED,
                why="Override: approve (attribution)",
                basis=basis.identity(LEAD),
                waives=Objection.ATTRIBUTION,
            )
        )

    @pytest.mark.parametrize("objection", [None, *sorted(set(Objection) - WAIVABLE)])
    def test_what_cannot_be_waived_says_so(self, objection):
        """An unknown zone, a hard fault, our own bug: mended, not approved."""
        answer = say("approve", Stage.REVIEW, in_review(objection))
        assert answer == f"Override approve: {objection or 'this'} cannot be waived; mend what Waiting for says"

    def test_where_nothing_is_objected_to_nothing_is_waived(self):
        """An approve in advance waives nothing: nobody has seen the objection."""
        for stage in (Stage.NEW, Stage.DRAFTED, Stage.SENT, Stage.FINISHED):
            assert say("approve", stage) == Obeyed()


class TestInDoubt:
    """The operator knows better what became of a mail."""

    DOUBT = History(attempts=(tried(AttemptState.UNKNOWN),))

    def test_sent_settles_the_doubt(self):
        """The mail counts as sent."""
        assert say("sent", Stage.DRAFTED, self.DOUBT) == Obeyed(settle=AttemptState.SENT)

    def test_not_sent_settles_it_the_other_way(self):
        """A new attempt follows by the usual rules; the trail tells who said so."""
        assert say("not sent", Stage.DRAFTED, self.DOUBT) == Obeyed(
            change=Change(now=Stage.DRAFTED, why="Override: not sent"), settle=AttemptState.ABSENT
        )

    def test_without_doubt_there_is_nothing_to_settle(self):
        """And the operator learns how a mail sent elsewhere is told."""
        assert say("sent", Stage.DRAFTED) == (
            "Override sent: no mail of this lead is in doubt; a mail sent elsewhere is told with stop or replied"
        )
        assert say("not sent", Stage.DRAFTED) == "Override not sent: no mail of this lead is in doubt"

    @pytest.mark.parametrize("stage", [Stage.SENT, Stage.DELIVERED])
    def test_what_is_known_to_be_sent_needs_no_word(self, stage):
        """Nothing to do."""
        assert say("sent", stage) == Obeyed()

    def test_a_word_on_the_mail_before_says_nothing_of_the_step_at_hand(self):
        """Sent is known of the first mail; of the drafted follow-up nothing is in doubt, and that is answered."""
        known = History(attempts=(tried(AttemptState.SENT),))
        assert isinstance(say("sent", Stage.DRAFTED, known, step=1), str)

    @pytest.mark.parametrize(("word", "state"), [("sent", AttemptState.SENT), ("not sent", AttemptState.ABSENT)])
    def test_a_word_obeyed_already_is_taken_out_of_the_cell(self, word, state):
        """Left standing, it would settle the next mail in doubt, unseen."""
        assert say(word, Stage.DRAFTED, History(attempts=(tried(state),))) == Obeyed()
        both = History(attempts=(tried(state), tried(AttemptState.UNKNOWN, 1)))
        answer = say(word, Stage.DRAFTED, both)
        assert isinstance(answer, Obeyed)
        assert answer.settle is state

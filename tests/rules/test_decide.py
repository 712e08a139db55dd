"""Does the one gate say the same to everybody, and the right thing?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.model.decision import Do, Hold, HoldKind, Objection, Stop, Waiver
from outboundd.model.facts import CompanyStop, Facts, Halt, History, Sibling, Suppressed, Traffic
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import NOTHING_LEFT, Attempt, AttemptState
from outboundd.model.settings import Campaign, FollowUp, Limits, Sender, Sequence, Settings
from outboundd.rules import basis, conclude, lifecycle
from outboundd.rules.decide import ENDED, MAY_PASS, decide, may_draft, step_at_hand

TUESDAY = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)  # office hours in London
DAY = timedelta(days=1)
SETTINGS = Settings(
    campaign=Campaign(sender=Sender(name="Ada Park", email="ada@acme.example")),
    sequence=Sequence(follow_ups=(FollowUp(name="bump", after_days=6), FollowUp(name="breakup", after_days=14))),
)
LEAD = Lead(
    id="lead1",
    email="rosa@harbour.example",
    contact="Rosa Diaz",
    company="Harbour Works",
    website="harbour.example",
    country="GB",
    stage=Stage.DRAFTED,
    subject="Tools at Harbour Works",
    body="Hi Rosa,\n\nmay I show you how other building sites keep track of their drills and saws?",
)
VERIFIED = replace(LEAD, stage=Stage.VERIFIED, subject="", body="")
DELIVERED = replace(LEAD, stage=Stage.DELIVERED, first_sent_at=TUESDAY - 8 * DAY, last_sent_at=TUESDAY - 8 * DAY)
HISTORY = History(seq=3, basis=basis.draft(LEAD), reached_at=TUESDAY - DAY)
TRAFFIC = Traffic(reconciled_at=TUESDAY)
FACTS = Facts(settings=SETTINGS, traffic=TRAFFIC, history=HISTORY)


def knowing(**history) -> Facts:
    """The facts with this history of the lead."""
    return replace(FACTS, history=replace(HISTORY, **history))


def amid(**traffic) -> Facts:
    """The facts with this traffic of the campaign."""
    return replace(FACTS, traffic=replace(TRAFFIC, **traffic))


def under(**settings) -> Facts:
    """The facts under other settings."""
    return replace(FACTS, settings=replace(SETTINGS, **settings))


def tried(state: AttemptState, step: int = 0, *, at: datetime = TUESDAY - 8 * DAY, n: int = 1) -> Attempt:
    """An attempt of the lead, settled as soon as it was posted."""
    return Attempt(
        tag=f"c.lead1.{step}.{n}",
        lead="lead1",
        step=step,
        n=n,
        mailer="maildir",
        person="p",
        company="harbour.example",
        posted_at=at,
        subject="Tools",
        text="Hi",
        text_hash="h",
        state=state,
        settled_at=None if state in (AttemptState.OPEN, AttemptState.UNKNOWN) else at,
    )


def in_review(objection: Objection | None, came_from: Stage | None, on: str = "", **fields) -> tuple[Lead, Facts]:
    """A lead in review for this objection, and its facts."""
    lead = replace(LEAD, stage=Stage.REVIEW, **fields)
    return lead, knowing(objection=objection, came_from=came_from, basis=on)


class TestDo:
    """Nothing objects."""

    def test_a_drafted_lead_in_office_hours_may_be_sent(self):
        """The step is the drafted one."""
        assert decide(LEAD, FACTS, TUESDAY) == Do(step=0)

    def test_a_delivered_lead_whose_next_step_is_due_may_be_written_to_again(self):
        """The step is the next one."""
        assert decide(DELIVERED, FACTS, TUESDAY) == Do(step=1)

    @pytest.mark.parametrize("stage", [Stage.NEW, Stage.VERIFIED])
    def test_a_first_mail_is_step_0_whatever_the_column_says(self, stage):
        """Step is the machine's own column; nothing was sent, so nothing is followed up."""
        assert decide(replace(VERIFIED, stage=stage, step=2), knowing(basis=""), TUESDAY) == Do(step=0)
        assert step_at_hand(replace(LEAD, stage=stage, step=2)) == 0


class TestTheEnd:
    """Nothing more is sent."""

    @pytest.mark.parametrize("stage", sorted(lifecycle.STOPPING))
    def test_who_left_the_pipeline_is_never_written_to(self, stage):
        """Mismatched, finished and terminal stages stop, say why, and stay what they are."""
        stop = decide(replace(LEAD, stage=stage), FACTS, TUESDAY)
        assert stop == Stop(stage=stage, why=ENDED[stage])
        assert conclude.conclude(replace(LEAD, stage=stage), stop) is None

    def test_every_ending_has_words(self):
        """None is forgotten."""
        assert set(ENDED) == set(lifecycle.STOPPING)

    def test_do_not_contact_and_the_suppression_list_come_before_review(self):
        """A lead that waits for a human ends all the same."""
        lead, facts = in_review(Objection.BUG, Stage.VERIFIED)
        assert decide(replace(lead, do_not_contact=True), facts, TUESDAY) == Stop(
            stage=Stage.DO_NOT_CONTACT, why="Do not contact is ticked"
        )
        gone = replace(facts, suppressed=Suppressed(why="unsubscribed", since=TUESDAY))
        stop = decide(lead, gone, TUESDAY)
        assert isinstance(stop, Stop)
        assert stop.stage is Stage.DO_NOT_CONTACT

    def test_the_second_row_of_a_person_is_finished(self):
        """The one mailed first is the lead."""
        twin = Sibling(id="lead0", first_posted_at=TUESDAY - DAY, created_at=None)
        stop = decide(LEAD, knowing(siblings=(twin,)), TUESDAY)
        assert stop == Stop(stage=Stage.FINISHED, why="same person as row lead0")

    @pytest.mark.parametrize("stage", [None, Stage.NEW, Stage.SENT, Stage.DELIVERED])
    @pytest.mark.parametrize(
        "sent", [{"first_sent_at": TUESDAY}, {"last_sent_at": TUESDAY}, {"message_ids": ("<1@old.example>",)}]
    )
    def test_a_row_that_an_older_system_mailed_is_left_alone(self, stage, sent):
        """Send dates that no stage of ours explains are never read as new."""
        row = replace(VERIFIED, stage=stage, **sent)
        stop = decide(row, knowing(seq=0, basis=""), TUESDAY)
        assert isinstance(stop, Stop)
        assert stop.stage is row.stands
        assert "older system" in stop.why

    def test_a_new_lead_with_send_dates_is_left_alone_even_when_we_know_it(self):
        """Nobody written to is new, whoever wrote 'new' into the cell."""
        stop = decide(replace(VERIFIED, stage=Stage.NEW, first_sent_at=TUESDAY), knowing(basis=""), TUESDAY)
        assert isinstance(stop, Stop)
        assert stop.stage is Stage.NEW

    def test_an_over_contacted_person_is_finished(self):
        """Under whatever row the mails were."""
        posts = tuple(TUESDAY - n * DAY for n in (30, 20, 10))
        stop = decide(LEAD, knowing(person_posts=posts), TUESDAY)
        assert isinstance(stop, Stop)
        assert stop.stage is Stage.FINISHED


class TestIdentity:
    """Who was verified is who is written to."""

    def test_an_edited_address_is_verified_again(self):
        """Before anything was sent it starts anew: an unverified person is never mailed."""
        stop = decide(replace(LEAD, email="li@harbour.example"), FACTS, TUESDAY)
        assert isinstance(stop, Stop)
        assert stop.stage is Stage.NEW

    @pytest.mark.parametrize("field", ["email", "contact", "company", "website"])
    def test_after_a_mail_a_new_person_needs_a_new_row(self, field):
        """A human looks; nobody gets the follow-up of a mail that somebody else got."""
        lead = replace(DELIVERED, **{field: "Somebody Else"})
        stop = decide(lead, FACTS, TUESDAY)
        assert isinstance(stop, Stop)
        assert (stop.stage, stop.objection) == (Stage.REVIEW, Objection.IDENTITY)

    def test_a_mail_that_may_have_left_counts_as_left(self):
        """In doubt the person was written to."""
        facts = knowing(attempts=(tried(AttemptState.UNKNOWN),))
        stop = decide(replace(LEAD, email="li@harbour.example"), facts, TUESDAY)
        assert isinstance(stop, Stop)
        assert stop.stage is Stage.REVIEW

    def test_while_a_mail_is_on_its_way_nothing_is_held_against_the_row(self):
        """It cannot be held any more; once delivered, the edit is noticed."""
        lead = replace(DELIVERED, stage=Stage.SENT, company="Else", last_sent_at=TUESDAY - DAY)
        assert isinstance(decide(lead, FACTS, TUESDAY), Hold)

    def test_an_address_put_back_leaves_review(self):
        """The objection is gone, so the lead is where it was."""
        lead, facts = in_review(Objection.IDENTITY, Stage.DELIVERED, basis.draft(LEAD))
        assert decide(lead, facts, TUESDAY) == Stop(stage=Stage.DELIVERED, why="no longer: identity")

    def test_an_edit_in_review_starts_again(self):
        """Mending the row is how an unclear attribution is answered."""
        lead, facts = in_review(Objection.ATTRIBUTION, Stage.NEW, basis.identity(LEAD), website="other.example")
        stop = decide(lead, facts, TUESDAY)
        assert isinstance(stop, Stop)
        assert stop.stage is Stage.NEW

    def test_starting_again_is_not_started_again_the_next_day(self):
        """The edit is taken in with the move, so a lead that goes to review next stays there."""
        edited = replace(LEAD, website="other.example", country="DE")
        change = conclude.conclude(edited, Stop(stage=Stage.NEW, why="edited"))
        assert change is not None
        facts = knowing(basis=change.basis, objection=Objection.CONSENT, came_from=Stage.NEW)
        stop = decide(replace(edited, stage=Stage.REVIEW), facts, TUESDAY)
        assert isinstance(stop, Stop)
        assert (stop.stage, stop.objection) == (Stage.REVIEW, Objection.CONSENT)


class TestReview:
    """A human must look; it ends when its objection does."""

    @pytest.mark.parametrize("objection", [None, Objection.ATTRIBUTION, Objection.REFUSED, Objection.BUG])
    def test_what_only_a_human_settles_waits_for_the_operators_word(self, objection):
        """With the reason that the row shows."""
        lead, facts = in_review(objection, Stage.VERIFIED, waiting_for="look at this")
        stay = Stop(stage=Stage.REVIEW, why="look at this", objection=objection)
        assert decide(lead, facts, TUESDAY) == stay
        assert decide(replace(lead, waiting_for=""), facts, TUESDAY) == replace(stay, why="a human must look")

    @pytest.mark.parametrize("came_from", [Stage.NEW, Stage.VERIFIED, Stage.DELIVERED])
    def test_it_leaves_to_where_it_came_from_when_the_objection_is_gone(self, came_from):
        """The country was filled in, the colleague's row is gone, the consent is on record."""
        for objection in (Objection.ZONE, Objection.CONSENT, Objection.SAME_COMPANY, Objection.MAILBOX):
            lead, facts = in_review(objection, came_from)
            assert decide(lead, facts, TUESDAY) == Stop(stage=came_from, why=f"no longer: {objection}")

    def test_without_a_known_origin_it_is_new(self):
        """Everything is looked at again."""
        lead, facts = in_review(Objection.ZONE, None)
        assert decide(lead, facts, TUESDAY) == Stop(stage=Stage.NEW, why="no longer: zone")

    def test_it_stays_while_its_own_objection_lasts(self):
        """An unknown country, a consent that is missing, a colleague who replied."""
        reply = CompanyStop(lead="lead9", at=TUESDAY)
        for objection, fields, history in (
            (Objection.ZONE, {"country": "Atlantis"}, {}),
            (Objection.CONSENT, {"country": "DE"}, {}),
            (Objection.SAME_COMPANY, {}, {"company_reply": reply}),
        ):
            lead, facts = in_review(objection, Stage.VERIFIED, **fields)
            facts = replace(facts, history=replace(facts.history, **history))
            stop = decide(lead, facts, TUESDAY)
            assert isinstance(stop, Stop)
            assert (stop.stage, stop.objection) == (Stage.REVIEW, objection)

    def test_another_objection_comes_under_its_own_name(self):
        """So that an approve never waives what the operator was not shown."""
        lead, facts = in_review(Objection.CONSENT, Stage.VERIFIED, consent_note="asked at the fair", country="DE")
        facts = replace(facts, history=replace(facts.history, company_reply=CompanyStop(lead="lead9", at=TUESDAY)))
        assert decide(lead, facts, TUESDAY) == Stop(stage=Stage.VERIFIED, why="no longer: consent")
        stop = decide(replace(lead, stage=Stage.VERIFIED), facts, TUESDAY)
        assert isinstance(stop, Stop)
        assert stop.objection is Objection.SAME_COMPANY

    def test_what_waits_before_the_objection_does_not_end_it(self):
        """A follow-up that is not due yet says nothing about an unknown country."""
        lead, facts = in_review(
            Objection.ZONE, Stage.DELIVERED, country="", first_sent_at=TUESDAY, last_sent_at=TUESDAY
        )
        stop = decide(lead, facts, TUESDAY)
        assert isinstance(stop, Stop)
        assert (stop.stage, stop.objection) == (Stage.REVIEW, Objection.ZONE)

    @pytest.mark.parametrize("objection", sorted(MAY_PASS))
    def test_review_never_leads_to_a_mail_in_one_step(self, objection):
        """It goes back first; the gate is asked there anew."""
        lead, facts = in_review(objection, Stage.DRAFTED)
        assert not isinstance(decide(lead, facts, TUESDAY), Do)


class TestMailbox:
    """An address that is nobody's own."""

    ROLE = replace(LEAD, email="info@harbour.example")

    @pytest.mark.parametrize("stage", [Stage.NEW, Stage.VERIFIED, Stage.DRAFTED])
    def test_it_waits_for_a_human_before_the_first_mail(self, stage):
        """Before any money is spent, and also where a list learned of it after the draft."""
        stop = decide(replace(self.ROLE, stage=stage), knowing(basis=basis.draft(self.ROLE)), TUESDAY)
        assert isinstance(stop, Stop)
        assert (stop.stage, stop.objection) == (Stage.REVIEW, Objection.MAILBOX)

    def test_whoever_was_written_to_is_written_to_on(self):
        """A newer list of such mailboxes ends no sequence under way."""
        lead = replace(DELIVERED, email=self.ROLE.email)
        facts = knowing(basis=basis.draft(lead), attempts=(tried(AttemptState.SENT),))
        assert decide(lead, facts, TUESDAY) == Do(step=1)
        second = replace(lead, stage=Stage.DRAFTED, step=1)
        assert decide(second, replace(facts, history=replace(facts.history, basis="")), TUESDAY) == Do(step=1)

    def test_an_approve_lets_it_go_on(self):
        """The operator knows who reads it."""
        waiver = Waiver(objection=Objection.MAILBOX, basis=basis.identity(self.ROLE))
        facts = knowing(basis=basis.draft(self.ROLE), waivers=frozenset({waiver}))
        assert decide(self.ROLE, facts, TUESDAY) == Do(step=0)

    def test_it_stays_in_review_until_the_address_is_corrected(self):
        """Then it is verified again, as any other person."""
        on = basis.identity(self.ROLE)
        lead, facts = in_review(Objection.MAILBOX, Stage.NEW, on=on, email=self.ROLE.email)
        stay = decide(lead, facts, TUESDAY)
        assert isinstance(stay, Stop)
        assert (stay.stage, stay.objection) == (Stage.REVIEW, Objection.MAILBOX)
        corrected = decide(replace(lead, email="rosa@harbour.example"), facts, TUESDAY)
        assert isinstance(corrected, Stop)
        assert corrected.stage is Stage.NEW


class TestConsent:
    """A country that asks for prior consent."""

    GERMAN = replace(LEAD, country="DE")

    def test_it_waits_for_a_human(self):
        """Before any money is spent and before any mail."""
        for lead in (self.GERMAN, replace(self.GERMAN, stage=Stage.NEW)):
            stop = decide(lead, FACTS, TUESDAY)
            assert isinstance(stop, Stop)
            assert (stop.stage, stop.objection) == (Stage.REVIEW, Objection.CONSENT)

    @pytest.mark.parametrize("on", [basis.identity(LEAD), basis.draft(LEAD), f"{basis.identity(LEAD)}:an older text"])
    def test_an_approve_holds_whatever_is_written_later(self, on):
        """Given before the draft, on the draft or for an earlier step: it is for this person at this company."""
        facts = knowing(waivers=frozenset({Waiver(objection=Objection.CONSENT, basis=on)}))
        assert decide(self.GERMAN, facts, TUESDAY) == Do(step=0)

    def test_an_approve_of_another_person_does_not_count(self):
        """One basis only."""
        other = basis.identity(replace(LEAD, email="li@harbour.example"))
        facts = knowing(waivers=frozenset({Waiver(objection=Objection.CONSENT, basis=other)}))
        assert isinstance(decide(self.GERMAN, facts, TUESDAY), Stop)

    def test_a_mail_on_its_way_is_past_consent(self):
        """The question comes back before the next step."""
        lead = replace(self.GERMAN, stage=Stage.SENT, last_sent_at=TUESDAY)
        assert isinstance(decide(lead, FACTS, TUESDAY), Hold)


class TestDoubt:
    """A mail of this step may have left."""

    @pytest.mark.parametrize("state", [AttemptState.OPEN, AttemptState.UNKNOWN])
    def test_an_unknown_outcome_holds_the_step(self, state):
        """Looked at again soon; never repeated on a guess."""
        hold = decide(LEAD, knowing(attempts=(tried(state),)), TUESDAY)
        assert hold == Hold(
            kind=HoldKind.DOUBT, until=TUESDAY + timedelta(minutes=15), why="a mail of this step may have left"
        )

    def test_a_doubtful_third_mail_does_not_finish_the_lead(self):
        """Were it found that it never left, the person would not be over-contacted at all."""
        posts = tuple(TUESDAY - n * DAY for n in (20, 10, 0))
        lead = replace(LEAD, step=2, first_sent_at=TUESDAY - 20 * DAY, last_sent_at=TUESDAY - 10 * DAY)
        facts = knowing(attempts=(tried(AttemptState.UNKNOWN, 2, at=TUESDAY),), person_posts=posts)
        assert isinstance(decide(lead, facts, TUESDAY), Hold)

    @pytest.mark.parametrize("state", [AttemptState.SENT, AttemptState.EXTRA])
    def test_what_the_mailer_just_told_is_given_time_to_reach_the_lead(self, state):
        """Within the hour it is a hold, after that a human's: no hold repeats itself for ever."""
        just = knowing(attempts=(tried(state, at=TUESDAY - timedelta(minutes=5)),))
        assert isinstance(decide(LEAD, just, TUESDAY), Hold)
        stop = decide(LEAD, knowing(attempts=(tried(state),)), TUESDAY)
        assert isinstance(stop, Stop)
        assert (stop.stage, stop.objection) == (Stage.REVIEW, Objection.BUG)

    @pytest.mark.parametrize(
        ("absent", "minutes", "held"), [(0, 0, False), (1, 0, False), (2, 59, True), (2, 60, False), (3, 119, True)]
    )
    def test_from_the_third_on_a_new_attempt_waits_an_hour_longer_each_time(self, absent, minutes, held):
        """A mailer that swallows mails is not fed without end."""
        settled = TUESDAY - timedelta(minutes=minutes)
        attempts = tuple(tried(AttemptState.ABSENT, at=settled, n=n) for n in range(absent))
        decision = decide(LEAD, knowing(attempts=attempts), TUESDAY)
        assert isinstance(decision, Hold) is held
        if isinstance(decision, Hold):
            assert decision.until == settled + timedelta(hours=absent - 1)

    def test_the_wait_is_a_day_at_most(self):
        """However often it failed."""
        attempts = tuple(tried(AttemptState.ABSENT, at=TUESDAY, n=n) for n in range(60))
        hold = decide(LEAD, knowing(attempts=attempts), TUESDAY)
        assert isinstance(hold, Hold)
        assert hold.until == TUESDAY + DAY

    def test_a_refused_attempt_holds_nothing(self):
        """Nothing left, and what follows was decided by its failure."""
        assert decide(LEAD, knowing(attempts=(tried(AttemptState.REFUSED),)), TUESDAY) == Do(step=0)

    @pytest.mark.parametrize("step", [0, 1, -1])
    def test_a_step_that_has_left_never_leaves_again(self, step):
        """A Step put back by hand is for a human, and so is one below the first."""
        lead = replace(LEAD, step=step, first_sent_at=TUESDAY - 20 * DAY, last_sent_at=TUESDAY - 10 * DAY)
        facts = knowing(attempts=(tried(AttemptState.SENT, 0), tried(AttemptState.SENT, 1)))
        stop = decide(lead, facts, TUESDAY)
        assert isinstance(stop, Stop)
        assert (stop.stage, stop.objection) == (Stage.REVIEW, Objection.BUG)


class TestTheDraft:
    """What leaves was linted."""

    FAULTY = replace(LEAD, body=LEAD.body + "\n\nSee {link}")
    SHORT = replace(LEAD, body="Hi Rosa, tools?")

    def test_a_text_edited_by_the_operator_leaves_as_edited(self):
        """Without faults it is theirs to say."""
        assert decide(replace(LEAD, body=LEAD.body + "\n\nBest wishes to the team."), FACTS, TUESDAY) == Do(step=0)

    @pytest.mark.parametrize(("lead", "objection"), [(FAULTY, Objection.LINT_HARD), (SHORT, Objection.LINT)])
    def test_an_edited_text_with_faults_waits_for_a_human(self, lead, objection):
        """Linted again at the gate."""
        stop = decide(lead, FACTS, TUESDAY)
        assert isinstance(stop, Stop)
        assert (stop.stage, stop.objection) == (Stage.REVIEW, objection)

    def test_an_empty_subject_never_leaves(self):
        """Incident 3: whoever emptied it."""
        stop = decide(replace(LEAD, subject=" "), FACTS, TUESDAY)
        assert isinstance(stop, Stop)
        assert stop.objection is Objection.LINT_HARD

    def test_a_soft_fault_is_waived_for_this_text_only(self):
        """Another text is another objection, and a hard fault is never waived."""
        waiver = Waiver(objection=Objection.LINT, basis=basis.draft(self.SHORT))
        facts = knowing(waivers=frozenset({waiver}))
        assert decide(self.SHORT, facts, TUESDAY) == Do(step=0)
        assert isinstance(decide(replace(self.SHORT, body="Hi Rosa, saws?"), facts, TUESDAY), Stop)
        hard = Waiver(objection=Objection.LINT_HARD, basis=basis.draft(self.FAULTY))
        assert isinstance(decide(self.FAULTY, knowing(waivers=frozenset({hard})), TUESDAY), Stop)

    @pytest.mark.parametrize(("step", "stage"), [(0, Stage.VERIFIED), (1, Stage.DELIVERED)])
    def test_an_old_draft_is_written_anew(self, step, stage):
        """Its research is old as well."""
        lead = replace(LEAD, step=step, first_sent_at=TUESDAY - 20 * DAY, last_sent_at=TUESDAY - 20 * DAY)
        lead = replace(LEAD) if step == 0 else lead
        stop = decide(lead, knowing(reached_at=TUESDAY - 15 * DAY), TUESDAY)
        assert stop == Stop(stage=stage, why="the draft is older than 14 days: written anew")

    def test_an_old_draft_with_words_of_the_operator_is_for_the_operator(self):
        """Human words are never overwritten by a redraft nobody asked for."""
        edited = replace(LEAD, body=LEAD.body + "\n\nBest wishes.")
        waiver = Waiver(objection=Objection.LINT, basis=basis.draft(LEAD))
        old = {"reached_at": TUESDAY - 15 * DAY}
        for lead, facts in ((edited, knowing(**old)), (LEAD, knowing(**old, waivers=frozenset({waiver})))):
            stop = decide(lead, facts, TUESDAY)
            assert isinstance(stop, Stop)
            assert (stop.stage, stop.objection) == (Stage.REVIEW, Objection.LINT)

    def test_in_review_a_text_waits_until_it_is_edited_or_approved(self):
        """A soft fault was the human's to judge; a day later nothing has changed."""
        for lead in (self.SHORT, LEAD):
            facts = knowing(objection=Objection.LINT, came_from=Stage.VERIFIED, basis=basis.draft(lead))
            stop = decide(replace(lead, stage=Stage.REVIEW), facts, TUESDAY)
            assert isinstance(stop, Stop)
            assert (stop.stage, stop.objection) == (Stage.REVIEW, Objection.LINT)

    @pytest.mark.parametrize("objection", [Objection.LINT, Objection.LINT_HARD])
    def test_a_text_mended_in_review_goes_on(self, objection):
        """Without a fault left it is ready to be sent, as the operator's own words."""
        facts = knowing(objection=objection, came_from=Stage.VERIFIED, basis=basis.draft(self.FAULTY))
        stop = decide(replace(LEAD, stage=Stage.REVIEW), facts, TUESDAY)
        assert stop == Stop(stage=Stage.DRAFTED, why="the draft was mended by hand", objection=Objection.LINT)

    def test_a_text_mended_by_half_is_objected_to_under_its_own_name(self):
        """Hard faults gone, a soft one left: the approve then waives the soft one."""
        facts = knowing(objection=Objection.LINT_HARD, came_from=Stage.VERIFIED, basis=basis.draft(self.FAULTY))
        stop = decide(replace(self.SHORT, stage=Stage.REVIEW), facts, TUESDAY)
        assert stop == Stop(stage=Stage.DRAFTED, why="no longer: hard lint")
        again = decide(self.SHORT, facts, TUESDAY)
        assert isinstance(again, Stop)
        assert again.objection is Objection.LINT

    def test_a_hard_fault_of_the_settings_goes_with_the_settings(self):
        """The opt-out line was mended in the configuration; nobody has to touch every row."""
        facts = knowing(objection=Objection.LINT_HARD, came_from=Stage.DRAFTED, basis=basis.draft(LEAD))
        stop = decide(replace(LEAD, stage=Stage.REVIEW), facts, TUESDAY)
        assert stop == Stop(stage=Stage.DRAFTED, why="no longer: hard lint")


class TestWhen:
    """The recipient's hours, the caps, the sequence."""

    def test_a_weekend_holds_until_monday_morning(self):
        """Incident 1."""
        sunday = datetime(2026, 3, 8, 11, 0, tzinfo=UTC)
        hold = decide(LEAD, FACTS, sunday)
        assert hold == Hold(
            kind=HoldKind.TIME,
            until=datetime(2026, 3, 9, 9, 0, tzinfo=UTC),
            why="weekend at the recipient (Sunday in Britain (UK))",
        )

    def test_an_unknown_country_is_for_a_human(self):
        """Never UTC."""
        stop = decide(replace(LEAD, country=""), FACTS, TUESDAY)
        assert isinstance(stop, Stop)
        assert (stop.stage, stop.objection) == (Stage.REVIEW, Objection.ZONE)

    def test_a_follow_up_waits_until_it_is_due_and_ends_after_the_last(self):
        """Step and gap of the sequence."""
        early = replace(DELIVERED, first_sent_at=TUESDAY - DAY, last_sent_at=TUESDAY - DAY)
        hold = decide(early, FACTS, TUESDAY)
        assert isinstance(hold, Hold)
        assert hold.kind is HoldKind.DUE
        assert decide(replace(DELIVERED, step=2), FACTS, TUESDAY) == Stop(
            stage=Stage.FINISHED, why="last step delivered"
        )

    def test_a_mail_on_its_way_waits_for_its_delivery(self):
        """Whatever else would object: nothing is about to leave."""
        lead = replace(LEAD, stage=Stage.SENT, last_sent_at=TUESDAY - DAY, country="Atlantis")
        reply = CompanyStop(lead="lead9", at=TUESDAY)
        hold = decide(lead, knowing(company_reply=reply, attempts=(tried(AttemptState.SENT),)), TUESDAY)
        assert isinstance(hold, Hold)
        assert hold.kind is HoldKind.DUE

    def test_the_company_of_the_day_and_the_caps_hold(self):
        """One of a company a day; so many an hour."""
        hold = decide(LEAD, knowing(company_posts=(TUESDAY - timedelta(hours=1),)), TUESDAY)
        assert isinstance(hold, Hold)
        assert hold.kind is HoldKind.COMPANY
        hold = decide(LEAD, amid(posts=(TUESDAY - timedelta(minutes=1),) * 60), TUESDAY)
        assert isinstance(hold, Hold)
        assert hold.kind is HoldKind.CAP


class TestSwitchedOff:
    """A halt is a fact, the one hold without an end of its own."""

    @pytest.mark.parametrize(
        ("what", "kind"),
        [
            ("mail", HoldKind.PAUSE),
            ("maildir", HoldKind.PAUSE),
            ("guard", HoldKind.HALT),
            ("pool", HoldKind.HALT),
            ("source:fair", HoldKind.SOURCE),
        ],
    )
    @pytest.mark.parametrize("until", [None, TUESDAY + DAY])
    def test_what_is_off_holds_with_its_reason_and_its_end(self, what, kind, until):
        """All mail, the mailer, the guard, the pool, a source."""
        halt = Halt(what=what, since=TUESDAY - DAY, until=until, why="because")
        hold = decide(replace(LEAD, source="fair"), amid(halts=(halt,)), TUESDAY)
        assert isinstance(hold, Hold)
        assert (hold.kind, hold.until) == (kind, until)
        assert "because" in hold.why

    @pytest.mark.parametrize("what", ["openai", "draft", "source:fair", "guardian"])
    def test_what_is_another_matter_holds_nothing_here(self, what):
        """A halted writer does not keep finished drafts from leaving."""
        halt = Halt(what=what, since=TUESDAY, until=None, why="")
        assert decide(LEAD, amid(halts=(halt,)), TUESDAY) == Do(step=0)

    def test_a_halt_whose_end_has_come_holds_nothing(self):
        """It lifts itself."""
        halt = Halt(what="mail", since=TUESDAY - DAY, until=TUESDAY, why="")
        assert decide(LEAD, amid(halts=(halt,)), TUESDAY) == Do(step=0)

    @pytest.mark.parametrize(
        ("traffic", "until"),
        [
            ({"quiet_open": True}, None),
            ({"quiet_until": TUESDAY + DAY}, TUESDAY + DAY),
            ({"clock_off": "ours and the mailer's are 300 s apart"}, None),
            ({"reconciled_at": None}, None),
            ({"reconciled_at": TUESDAY - timedelta(hours=2)}, None),
            ({"quiet_until": TUESDAY - timedelta(minutes=1), "reconciled_at": TUESDAY - timedelta(minutes=2)}, None),
            ({"reconciled_at": TUESDAY + timedelta(minutes=1)}, None),
        ],
    )
    def test_nothing_leaves_on_facts_that_cannot_be_trusted(self, traffic, until):
        """A lost ledger, a wrong clock, a mailer not read lately: whoever answered since must not be written to."""
        hold = decide(LEAD, amid(**traffic), TUESDAY)
        assert isinstance(hold, Hold)
        assert (hold.kind, hold.until) == (HoldKind.WAIT, until)

    def test_a_quiet_time_ends_with_a_complete_look_after_it(self):
        """What left before the ledger was lost may be reported at the very end of the wait."""
        over = TUESDAY - timedelta(minutes=30)
        hold = decide(LEAD, amid(quiet_until=over, reconciled_at=over - timedelta(minutes=1)), TUESDAY)
        assert isinstance(hold, Hold)
        assert hold.kind is HoldKind.WAIT
        assert decide(LEAD, amid(quiet_until=over, reconciled_at=over), TUESDAY) == Do(step=0)

    def test_only_a_mail_about_to_leave_needs_a_fresh_reconcile(self):
        """A draft may be written without."""
        assert decide(VERIFIED, amid(reconciled_at=None), TUESDAY) == Do(step=0)


class TestWritingAhead:
    """Drafts of a morning are ready before it."""

    def test_a_hold_of_time_that_ends_soon_does_not_matter(self):
        """Within draft_horizon_h; a weekend is too long."""
        night = datetime(2026, 3, 3, 22, 0, tzinfo=UTC)
        friday_night = datetime(2026, 3, 6, 22, 0, tzinfo=UTC)
        assert may_draft(VERIFIED, FACTS, night) == Do(step=0)
        assert isinstance(may_draft(VERIFIED, FACTS, friday_night), Hold)

    def test_caps_the_companys_day_and_a_pause_do_not_matter(self):
        """How many are written ahead is bounded elsewhere."""
        halt = Halt(what="mail", since=TUESDAY, until=None, why="")
        facts = replace(
            amid(posts=(TUESDAY - timedelta(minutes=1),) * 60, halts=(halt,)),
            history=replace(HISTORY, company_posts=(TUESDAY - timedelta(hours=1),)),
        )
        assert may_draft(VERIFIED, facts, TUESDAY) == Do(step=0)

    @pytest.mark.parametrize("what", ["guard", "pool", "source:fair"])
    def test_what_a_human_must_look_at_first_matters(self, what):
        """No money for mail that may never leave."""
        halt = Halt(what=what, since=TUESDAY, until=None, why="")
        assert isinstance(may_draft(replace(VERIFIED, source="fair"), amid(halts=(halt,)), TUESDAY), Hold)

    def test_a_stop_is_a_stop(self):
        """Nothing is written for whoever will not be written to."""
        assert isinstance(may_draft(replace(VERIFIED, do_not_contact=True), FACTS, TUESDAY), Stop)


# --- whatever the lead, the facts and the hour -----------------------------------------------------------------------

ZONES = {
    "GB": "Europe/London",
    "SG": "Asia/Singapore",
    "IN": "Asia/Kolkata",
    "SA": "Asia/Riyadh",
    "IL": "Asia/Jerusalem",
}
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
WEEKS = st.integers(0, 24 * 14).map(lambda hours: TUESDAY + timedelta(hours=hours))
STAGES = st.sampled_from([Stage.DRAFTED] * 8 + [Stage.DELIVERED] * 3 + [None, *Stage])
BASES = st.sampled_from(["", basis.identity(LEAD), basis.draft(LEAD)])
WAIVERS = st.frozensets(st.builds(Waiver, objection=st.sampled_from(Objection), basis=BASES), max_size=2)
HALTS = ["mail", "maildir", "guard", "pool", "source:fair", "openai"]


@st.composite
def lives(draw: st.DrawFn) -> tuple[Lead, Facts, datetime]:
    """Any lead with any past, at any instant: one that could be sent, spoilt in some ways."""
    now = draw(WEEKS | INSTANTS)
    ago = st.integers(0, 60 * 24).map(lambda hours: now - timedelta(hours=hours))
    maybe = st.none() | ago
    stage, step = draw(STAGES), draw(st.sampled_from([0, 0, 1, 2, -1, 3]))
    written_to = step > 0 or stage in (Stage.SENT, Stage.DELIVERED)
    sent_at = now - 20 * DAY if written_to else None
    lead = replace(LEAD, source="fair", stage=stage, step=step, first_sent_at=sent_at, last_sent_at=sent_at)
    history = replace(HISTORY, reached_at=now - DAY, attempts=tuple(tried(AttemptState.SENT, n) for n in range(step)))
    traffic, suppressed = Traffic(reconciled_at=now), None
    attempt = st.builds(
        lambda state, step, at, settled: replace(tried(state, step, at=at), settled_at=settled),
        st.sampled_from(AttemptState),
        st.integers(0, 3),
        ago,
        maybe,
    )
    sibling = st.builds(Sibling, id=st.just("z"), first_posted_at=maybe, created_at=maybe)
    halt = st.builds(Halt, what=st.sampled_from(HALTS), since=ago, until=st.none() | INSTANTS, why=st.just("because"))
    of_lead: dict[str, st.SearchStrategy] = {
        "country": st.sampled_from([*ZONES, "DE", "US", "", "Atlantis"]),
        "consent_note": st.just("met at the fair"),
        "email": st.sampled_from(["", "li@else.example", "info@harbour.example"]),
        "body": st.sampled_from(["", "Hi {name}", "Hi Rosa, tools?", LEAD.body + "\n\nBest wishes."]),
        "do_not_contact": st.booleans(),
        "first_sent_at": maybe,
        "last_sent_at": maybe,
    }
    of_history: dict[str, st.SearchStrategy] = {
        "seq": st.integers(0, 9),
        "basis": BASES,
        "reached_at": maybe,
        "waivers": WAIVERS,
        "attempts": st.lists(attempt, max_size=3).map(tuple),
        "person_posts": st.lists(ago, max_size=3).map(sorted).map(tuple),
        "company_posts": st.lists(ago, max_size=2).map(sorted).map(tuple),
        "company_reply": st.builds(CompanyStop, lead=st.just("lead9"), at=ago),
        "siblings": st.lists(sibling, max_size=1).map(tuple),
    }
    of_traffic: dict[str, st.SearchStrategy] = {
        "posts": st.lists(ago, max_size=25).map(sorted).map(tuple),
        "sending_days": st.sets(st.dates(date(2025, 12, 1), date(2027, 12, 31)), max_size=4).map(sorted).map(tuple),
        "halts": st.lists(halt, max_size=2).map(tuple),
        "quiet_until": INSTANTS,
        "quiet_open": st.booleans(),
        "clock_off": st.just("off"),
        "reconciled_at": maybe | INSTANTS,
        "halved_until": INSTANTS,
        "suppressed": st.just(Suppressed(why="customer", since=now)),
    }
    names = sorted({*of_lead, *of_history, *of_traffic})
    spoilt = draw(st.lists(st.sampled_from(names), unique=True, max_size=draw(st.sampled_from([0, 1, 2, 5]))))
    lead = replace(lead, **{name: draw(of_lead[name]) for name in spoilt if name in of_lead})
    history = replace(history, **{name: draw(of_history[name]) for name in spoilt if name in of_history})
    if lead.stands is Stage.REVIEW:
        came_from = st.none() | st.sampled_from([Stage.NEW, Stage.VERIFIED, Stage.DRAFTED, Stage.DELIVERED])
        objection = st.none() | st.sampled_from(Objection)
        history = replace(history, came_from=draw(came_from), objection=draw(objection))
    about = {name: draw(of_traffic[name]) for name in spoilt if name in of_traffic}
    suppressed = about.pop("suppressed", None)
    limits = Limits(per_hour=draw(st.integers(1, 9)), per_company_per_day=draw(st.integers(1, 2)))
    facts = Facts(
        settings=replace(SETTINGS, limits=limits),
        traffic=replace(traffic, **about),
        history=history,
        suppressed=suppressed,
    )
    return lead, facts, now


@given(life=lives())
def test_every_lead_has_exactly_one_decision_at_every_instant(life):
    """Never an exception, never silence: a step, a hold with its reason, or a stop with its reason."""
    lead, facts, now = life
    decision = decide(lead, facts, now)
    assert isinstance(decision, Do | Hold | Stop)
    assert isinstance(decision, Do) or decision.why


@given(life=lives())
def test_every_stop_is_a_legal_move_that_can_be_recorded(life):
    """Nothing is looked at on every tick: the stage it leads to is in the table, and review names its objection."""
    lead, facts, now = life
    decision = decide(lead, facts, now)
    if isinstance(decision, Stop):
        assert lifecycle.legal(lead.stands, decision.stage)
        change = conclude.conclude(lead, decision)
        assert (change is None) == (decision.stage is lead.stands)
        if change is not None:
            assert lifecycle.legal(lead.stands, change.now)
            assert change.now is not Stage.REVIEW or change.objection is not None


@given(life=lives())
def test_every_reason_for_review_names_what_the_human_may_do(life):
    """A word that the machine obeys, or the cell to mend."""
    lead, facts, now = life
    decision = decide(lead, facts, now)
    if isinstance(decision, Stop) and decision.stage is Stage.REVIEW is not lead.stands:
        acts = {
            "approve",
            "edit",
            "redraft",
            "put it back",
            "correct Country",
            "fill Country",
            "look at the closed days",
        }
        assert any(act in decision.why for act in acts), decision.why


@given(life=lives())
def test_every_hold_ends_by_itself_unless_somebody_switched_it_on(life):
    """Its end never lies in the past."""
    lead, facts, now = life
    decision = decide(lead, facts, now)
    if isinstance(decision, Hold):
        switched = {HoldKind.PAUSE, HoldKind.HALT, HoldKind.WAIT, HoldKind.SOURCE}
        assert decision.until is not None or decision.kind in switched
        assert decision.until is None or decision.until >= now


@given(life=lives())
def test_a_mail_leaves_only_where_everything_is_in_order(life):
    """By a reckoning of its own: weekday and hours at the recipient, no stop, no repetition, no edit unseen."""
    lead, facts, now = life
    if lead.stands is not Stage.DRAFTED or not isinstance(decide(lead, facts, now), Do):
        return
    if lead.country in ZONES:
        local = now.astimezone(ZoneInfo(ZONES[lead.country]))
        assert local.weekday() < 5
        assert 9 <= local.hour < 17
    assert lead.country not in ("", "Atlantis")
    assert not lead.do_not_contact
    assert facts.suppressed is None
    assert facts.history.basis == "" or facts.history.basis.partition(":")[0] == basis.identity(lead)
    assert not any(a.step >= lead.step for a in facts.history.attempts if a.state not in NOTHING_LEFT)
    assert facts.traffic.reconciled_at is not None
    assert facts.traffic.quiet_until is None or facts.traffic.quiet_until <= facts.traffic.reconciled_at
    if ":" in facts.history.basis and facts.history.basis != basis.draft(lead):
        assert lead.body not in ("", "Hi {name}")
    if lead.step > 0:
        assert lead.first_sent_at is not None
        assert now - (lead.last_sent_at or lead.first_sent_at) >= timedelta(days=5)


@given(life=lives())
def test_only_a_lead_with_a_next_step_is_ever_done(life):
    """Nothing is drafted or sent for one that ended, is on its way or waits for a human."""
    lead, facts, now = life
    for decision in (decide(lead, facts, now), may_draft(lead, facts, now)):
        if isinstance(decision, Do):
            assert lead.stands in (Stage.NEW, Stage.VERIFIED, Stage.DRAFTED, Stage.DELIVERED)
            assert 0 <= decision.step <= SETTINGS.sequence.last_step


@given(life=lives())
def test_writing_ahead_never_contradicts_the_gate(life):
    """What may leave may be written, what is stopped is stopped for both, and only holds are passed over."""
    lead, facts, now = life
    gate, ahead = decide(lead, facts, now), may_draft(lead, facts, now)
    if isinstance(gate, Do | Stop):
        assert ahead == gate
    else:
        assert not isinstance(ahead, Stop)


@given(life=lives())
def test_a_decision_depends_on_nothing_but_what_it_is_given(life):
    """The same question twice, the same answer."""
    lead, facts, now = life
    assert decide(lead, facts, now) == decide(lead, facts, now)

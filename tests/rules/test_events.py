"""Do events mean the same whatever their order and number, and does a lead hear the right thing?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.model.lead import Counters, Lead, Stage
from outboundd.model.mail import Attempt, AttemptState, Event, EventKind
from outboundd.model.settings import FollowUp, Sequence
from outboundd.rules.events import STRENGTH, Outcome, changes, counters, differing, fold

T0 = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ATTEMPT = Attempt(
    tag="default.ab12.0.1", lead="ab12", step=0, n=1, mailer="maildir", person="p", company="c", posted_at=T0,
    subject="Hello", text="Hi Rosa", text_hash="h", message_id="<1@acme.example>",
)  # fmt: skip
BUMP = replace(ATTEMPT, tag="default.ab12.1.1", step=1, message_id="<2@acme.example>", posted_at=T0 + timedelta(days=6))
STEPS = Sequence(follow_ups=(FollowUp(name="bump", after_days=6),))
LEAD = Lead(
    id="ab12", stage=Stage.SENT, message_ids=("<1@acme.example>",), first_sent_at=T0, last_sent_at=T0,
    waiting_for="something",
)  # fmt: skip

_events = st.lists(
    st.builds(
        Event,
        key=st.sampled_from("abcdefgh"),
        kind=st.sampled_from(EventKind),
        at=st.datetimes(timezones=st.just(UTC)),
    ),
    max_size=8,
)


def _events_of(*kinds: EventKind) -> list[Event]:
    return [Event(key=str(n), kind=kind, at=T0 + timedelta(minutes=n)) for n, kind in enumerate(kinds)]


def _outcome(*kinds: EventKind, attempt: Attempt = ATTEMPT) -> Outcome:
    return fold(_events_of(*kinds), attempt)


@given(_events, st.data(), st.sampled_from(AttemptState))
def test_order_and_repetition_of_events_mean_nothing(
    events: list[Event], data: st.DataObject, state: AttemptState
) -> None:
    """Any shuffling and any doubling of pages gives the same outcome."""
    at_hand = replace(ATTEMPT, state=state)
    again = data.draw(st.lists(st.sampled_from(events), max_size=8)) if events else []
    shuffled = data.draw(st.permutations(events + again))
    assert fold(shuffled, at_hand) == fold(events, at_hand)


@given(_events)
def test_the_strongest_event_decides(events: list[Event]) -> None:
    """Complained beats unsubscribed beats bounced beats delivered."""
    order = [Stage.COMPLAINED, Stage.UNSUBSCRIBED, Stage.BOUNCED, Stage.DELIVERED]
    claims = [STRENGTH[event.kind][0] for event in events if event.kind in STRENGTH]
    assert fold(events, ATTEMPT).stage == min(claims, key=order.index, default=None)


@pytest.mark.parametrize("kind", [EventKind.HARD_BOUNCE, EventKind.BLOCKED, EventKind.INVALID])
def test_a_bounce_stays_a_bounce_when_a_delivery_is_reported_later(kind: EventKind) -> None:
    """Hard bounces, blocked and invalid addresses count as bounced, even beside a delivery."""
    assert _outcome(kind, EventKind.DELIVERED).stage is Stage.BOUNCED


def test_soft_bounces_deferrals_opens_and_clicks_move_nothing() -> None:
    """The mailer goes on trying, and security scanners open and click: no stage follows from these."""
    told = _outcome(EventKind.REQUEST, EventKind.SOFT_BOUNCE, EventKind.DEFERRED, EventKind.OPENED, EventKind.CLICKED)
    assert (told.stage, told.attempt, told.opens, told.clicks) == (None, AttemptState.SENT, 1, 1)
    assert changes(LEAD, ATTEMPT, told, STEPS) is None


def test_every_event_shows_that_the_mail_was_sent_whatever_was_concluded() -> None:
    """An attempt given up as absent or refused is sent when the mailer reports about it."""
    for state in (AttemptState.OPEN, AttemptState.UNKNOWN, AttemptState.ABSENT, AttemptState.REFUSED):
        assert _outcome(EventKind.REQUEST, attempt=replace(ATTEMPT, state=state)).attempt is AttemptState.SENT


def test_an_extra_mail_stays_extra_unless_it_was_not_sent() -> None:
    """A second mail of one step stays marked as the incident it is."""
    extra = replace(ATTEMPT, state=AttemptState.EXTRA)
    assert _outcome(EventKind.DELIVERED, attempt=extra).attempt is AttemptState.EXTRA
    assert _outcome(EventKind.ERROR, attempt=extra).attempt is AttemptState.REFUSED


def test_an_error_means_not_sent_unless_the_mail_arrived_all_the_same() -> None:
    """An error refuses the attempt; beside a delivery, in either order, the mail counts as sent."""
    assert _outcome(EventKind.REQUEST, EventKind.ERROR).attempt is AttemptState.REFUSED
    assert _outcome(EventKind.ERROR, EventKind.DELIVERED).attempt is AttemptState.SENT
    assert _outcome(EventKind.DELIVERED, EventKind.ERROR).why == "delivered"
    assert _outcome(EventKind.OPENED, EventKind.ERROR).why == ""


def test_nothing_reported_concludes_nothing() -> None:
    """Without events the attempt stays what it is."""
    assert fold([], replace(ATTEMPT, state=AttemptState.UNKNOWN)) == Outcome(attempt=AttemptState.UNKNOWN)


def test_the_first_delivery_and_the_last_event_are_remembered() -> None:
    """A repeated delivery does not move the date of the first."""
    told = _outcome(EventKind.DELIVERED, EventKind.DELIVERED, EventKind.OPENED)
    assert (told.delivered_at, told.last_at) == (T0, T0 + timedelta(minutes=2))


def test_a_delivery_of_the_current_step_moves_the_lead_on() -> None:
    """Sent becomes delivered; with the last step delivered the lead is finished at once."""
    change = changes(LEAD, ATTEMPT, _outcome(EventKind.DELIVERED), STEPS)
    assert change is not None
    assert (change.now, change.why, change.tag) == (Stage.DELIVERED, "first mail: delivered", ATTEMPT.tag)
    due = T0 + timedelta(days=STEPS.follow_ups[0].after_days)
    assert change.patch == {"delivered_at": T0, "next_at": due, "waiting_for": "bump is not due yet"}
    last = changes(replace(LEAD, step=1), BUMP, _outcome(EventKind.DELIVERED, attempt=BUMP), STEPS)
    assert last is not None
    assert (last.now, last.why) == (Stage.FINISHED, "bump: delivered, and it was the last step")


def test_a_delivery_moves_only_a_lead_that_stands_at_sent() -> None:
    """A lead in review, drafted or delivered already is not moved by a delivery."""
    for stage in (Stage.REVIEW, Stage.DRAFTED, Stage.DELIVERED, Stage.FINISHED):
        assert changes(replace(LEAD, stage=stage), ATTEMPT, _outcome(EventKind.DELIVERED), STEPS) is None


def test_a_late_delivery_of_an_earlier_step_moves_nothing() -> None:
    """While the bump is under way, news of the first mail's delivery are no news."""
    assert changes(replace(LEAD, step=1), ATTEMPT, _outcome(EventKind.DELIVERED), STEPS) is None


@pytest.mark.parametrize("kind", [EventKind.HARD_BOUNCE, EventKind.UNSUBSCRIBED, EventKind.COMPLAINT])
def test_a_stop_is_taken_in_from_any_step_at_any_stage_that_is_not_final(kind: EventKind) -> None:
    """A bounce, an unsubscribe or a complaint ends live and finished leads, whichever mail it belongs to."""
    for stage in (Stage.NEW, Stage.VERIFIED, Stage.REVIEW, Stage.DRAFTED, Stage.SENT, Stage.DELIVERED, Stage.FINISHED):
        for step in (0, 1):
            change = changes(replace(LEAD, stage=stage, step=step), ATTEMPT, _outcome(kind), STEPS)
            assert change is not None
            assert change.now is STRENGTH[kind][0]
            assert change.patch["waiting_for"] == ""


def test_a_final_stage_stays() -> None:
    """A lead that replied, bounced, unsubscribed, complained or must not be contacted is never moved by an event."""
    for stage in (Stage.REPLIED, Stage.BOUNCED, Stage.UNSUBSCRIBED, Stage.COMPLAINED, Stage.DO_NOT_CONTACT):
        for kind in EventKind:
            assert changes(replace(LEAD, stage=stage), ATTEMPT, _outcome(kind), STEPS) is None


def test_a_step_the_configuration_no_longer_has_can_still_stop_its_lead() -> None:
    """An unsubscribe to a mail of a step that was since removed is taken in."""
    change = changes(LEAD, BUMP, _outcome(EventKind.UNSUBSCRIBED, attempt=BUMP), Sequence())
    assert change is not None
    assert (change.now, change.why) == (Stage.UNSUBSCRIBED, "step 1: unsubscribed")


def test_a_mail_accepted_and_then_not_sent_goes_back_to_its_draft() -> None:
    """Its id and dates are taken back, so that the step is due again once the mailer is resumed."""
    change = changes(LEAD, ATTEMPT, _outcome(EventKind.ERROR), STEPS)
    assert change is not None
    assert (change.now, change.patch["message_ids"], change.patch["first_sent_at"], change.patch["last_sent_at"]) == (
        Stage.DRAFTED, (), None, None,
    )  # fmt: skip
    delivered = T0 + timedelta(minutes=1)
    later = replace(LEAD, step=1, message_ids=(*LEAD.message_ids, BUMP.message_id), delivered_at=delivered)
    change = changes(later, BUMP, _outcome(EventKind.ERROR, attempt=BUMP), STEPS)
    assert change is not None
    assert (change.patch["message_ids"], change.patch["first_sent_at"], change.patch["last_sent_at"]) == (
        LEAD.message_ids, T0, delivered,
    )  # fmt: skip


def test_counters_add_up_over_all_mails_and_never_count_back() -> None:
    """Opens and clicks of every mail are summed; what a row shows already is not taken from it."""
    told = [_outcome(EventKind.OPENED, EventKind.OPENED), _outcome(EventKind.CLICKED, EventKind.OPENED)]
    counted = Counters(opens=3, clicks=1, last_event_at=T0 + timedelta(minutes=1))
    assert counters(LEAD.counters, told) == counted
    assert counters(counted, told) == counted
    assert counters(replace(counted, opens=9), told[:1]) == replace(counted, opens=9)
    assert counters(Counters(), []) == Counters()


def test_only_the_counting_columns_that_differ_are_written() -> None:
    """Nothing is written when nothing changed."""
    counted = Counters(opens=3, last_event_at=T0)
    assert differing(Counters(opens=1), counted) == {"opens": 3, "last_event_at": T0}
    assert differing(counted, counted) == {}

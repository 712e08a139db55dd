"""What becomes of a lead when the mailer reports late, twice, or something that nobody expected."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from office import TUESDAY, Office, an_office, lead
from outboundd.adapters.memory_mailer import MemoryMailer
from outboundd.model.decision import Change, Objection
from outboundd.model.facts import Halt
from outboundd.model.lead import Stage
from outboundd.model.mail import AttemptState, Event, EventKind, EventPage, LoggedMail
from outboundd.ports import Ambiguous, Clock, Conflict
from outboundd.rules import trail

TAG = "default.ld0001.0.1"


async def mailed(*numbers: int) -> Office:
    """Leads whose first mail was accepted."""
    office = an_office(*(lead(number) for number in numbers or (1,)))
    await office.run("draft")
    await office.run("send")
    return office


async def in_doubt(office: Office) -> Office:
    """A mail whose answer was lost, although it left."""
    await office.run("draft")
    office.mailer.lose_reply_next.append(Ambiguous("memory", "no answer"))
    await office.run("send")
    attempt = await office.ledger.attempt(TAG)
    assert attempt is not None
    assert attempt.state is AttemptState.UNKNOWN
    return office


def forget_events(office: Office) -> None:
    """The mailer's events say nothing (yet) of what left."""
    office.mailer._events.clear()


async def state_of(office: Office, tag: str = TAG) -> AttemptState:
    """How an attempt stands in the ledger."""
    attempt = await office.ledger.attempt(tag)
    assert attempt is not None
    return attempt.state


async def test_an_error_takes_the_mail_back_and_halts_the_mailer() -> None:
    """Accepted, then not sent: the lead is drafted again, nothing leaves until `resume`, the operator is told once."""
    office = await mailed()
    office.mailer.report(TAG, EventKind.ERROR)
    await office.run("reconcile")
    row = await office.row("ld0001")
    assert (row.stage, row.first_sent_at, row.message_ids) == (Stage.DRAFTED, None, ())
    assert await state_of(office) is AttemptState.REFUSED
    assert (await office.run("send")).code == 3
    assert [alert.title for alert in office.operator.alerts] == [
        "memory is halted: it accepted a mail and then reported an error"
    ]


async def test_a_mail_found_in_the_log_by_recipient_and_subject_was_sent() -> None:
    """A mailer that dropped the tag and has no event yet still knows what it took."""
    office = await in_doubt(an_office(lead(1)))
    [(at, letter)] = office.mailer.letters
    forget_events(office)

    async def log(email: str) -> Sequence[LoggedMail]:
        return [LoggedMail(at=at, subject=letter.subject, message_id="<1@log.example>")]

    office.mailer.log = log  # type: ignore[method-assign]
    await office.run("reconcile")
    assert await state_of(office) is AttemptState.SENT
    assert (await office.row("ld0001")).message_ids == ("<1@log.example>",)


async def test_a_mail_found_by_an_event_without_a_tag_was_sent() -> None:
    """The recipient and the subject tell it, when it is as new as the attempt."""
    office = await in_doubt(an_office(lead(1)))
    [(_, letter)] = office.mailer.letters
    forget_events(office)
    at = office.clock.now()
    event = Event(
        key="x", kind=EventKind.DELIVERED, at=at, email=letter.to_email, subject=letter.subject, message_id="<2>"
    )
    office.mailer.inject(event)
    await office.run("reconcile")
    assert await state_of(office) is AttemptState.SENT


async def test_before_the_settling_time_nothing_is_concluded() -> None:
    """A mailer whose events may be late is asked again; until then nobody sends that step."""
    office = an_office(lead(1))
    office.mailer.settle_s = 3600
    office.parts.rows._settle_s = 0  # the ledger's own wait is another matter
    await office.run("reconcile")
    office.advance(hours=2)
    await in_doubt(office)
    forget_events(office)
    office.mailer.letters.clear()
    await office.run("reconcile")
    assert await state_of(office) is AttemptState.UNKNOWN
    office.advance(hours=1, minutes=1)
    await office.run("reconcile")
    assert await state_of(office) is AttemptState.ABSENT


async def test_a_step_that_left_twice_is_an_incident() -> None:
    """The mailer has the last word: the second mail is extra, outside the indexes, and the operator is told."""
    office = await mailed()
    office.mailer.report("default.ld0001.0.2", EventKind.DELIVERED)
    await office.run("reconcile")
    assert await state_of(office, "default.ld0001.0.2") is AttemptState.EXTRA
    assert "A step left twice" in [alert.title for alert in office.operator.alerts]


async def test_a_mail_thought_absent_whose_step_left_again_is_extra_when_it_is_reported_after_all() -> None:
    """Whatever had been concluded: both mails count, one of them as the incident that it is."""
    office = await mailed()
    await office.ledger.mark(TAG, AttemptState.ABSENT)
    attempt = await office.ledger.attempt(TAG)
    assert attempt is not None
    await office.ledger.adopt_attempt(replace(attempt, tag="default.ld0001.0.2", n=2, state=AttemptState.SENT))
    office.mailer.report(TAG, EventKind.DELIVERED)
    await office.run("reconcile")
    assert await state_of(office) is AttemptState.EXTRA


async def test_who_complains_under_a_row_that_is_gone_is_never_written_to_again() -> None:
    """The person is known by the attempt; the row may come back in the next list."""
    office = await mailed()
    await office.store.erase(["ld0001"])
    office.mailer.report(TAG, EventKind.COMPLAINT)
    await office.run("reconcile")
    person = office.parts.fact_book.person(lead(1))
    assert await office.suppression.match(person, ()) is not None


class ClockedMailer(MemoryMailer):
    """A mailer whose answers carry its own clock."""

    off = timedelta(0)

    async def events(self, since: datetime, until: datetime) -> AsyncIterator[EventPage]:
        """Every page with the mailer's time."""
        async for page in super().events(since, until):
            yield replace(page, server_time=self._clock.now() + self.off)
        yield EventPage(events=(), server_time=self._clock.now() + self.off)


def clocked_office() -> tuple[Office, ClockedMailer]:
    """An office whose mailer has a clock of its own."""

    class Follows:
        def now(self) -> datetime:
            return office.clock.now()

    clock: Clock = Follows()
    mailer = ClockedMailer(clock)
    office = an_office(lead(1), mailer=mailer)
    return office, mailer


async def test_a_clock_that_disagrees_with_the_mailers_holds_mail_until_they_agree() -> None:
    """Five minutes apart: somebody would be mailed at the wrong hour."""
    office, mailer = clocked_office()
    await office.run("draft")
    mailer.off = timedelta(minutes=5)
    await office.run("reconcile")
    held = await office.run("send")
    assert "sent" not in held.done
    assert any("the clock" in why for why in held.held)
    assert [alert.title for alert in office.operator.alerts] == ["The clock is off"]
    mailer.off = timedelta(0)
    await office.run("reconcile")
    assert (await office.run("send")).done["sent"] == 1


async def test_a_step_of_our_own_clock_holds_mail_until_the_next_look() -> None:
    """An hour that no loop has seen pass: nothing leaves before a reconcile finds the clocks together again."""
    office = await mailed()
    office.clock.advance(timedelta(hours=1))
    await office.run("reconcile")
    assert (await office.ledger.traffic(office.clock.now())).clock_off == "it made a step of 3600 s"
    await office.run("reconcile")
    assert (await office.ledger.traffic(office.clock.now())).clock_off == ""


@pytest.mark.parametrize("thrown", [Conflict("ld0001"), KeyError("secret")])
async def test_events_that_cannot_be_folded_delay_nobody_else(thrown: Exception) -> None:
    """A poisonous lead is told (a lost race is not), the others are delivered, and the next reconcile tries again."""
    office = await mailed(1, 2)
    office.deliver()
    understand = office.parts.rows.understand

    async def poisoned(row):
        if row.id == "ld0001":
            raise thrown
        return await understand(row)

    office.parts.rows.understand = poisoned  # type: ignore[method-assign]
    await office.run("reconcile")
    assert (await office.row("ld0002")).stage is Stage.DELIVERED
    assert len(office.operator.alerts) == int(isinstance(thrown, KeyError))
    office.parts.rows.understand = understand  # type: ignore[method-assign]
    await office.run("reconcile")
    assert (await office.row("ld0001")).stage is Stage.DELIVERED


@pytest.mark.parametrize("thrown", [Conflict("ld0001"), KeyError("secret")])
async def test_an_attempt_that_cannot_be_settled_stays_in_doubt(thrown: Exception) -> None:
    """It is tried again; nothing is concluded from our own bug."""
    office = await in_doubt(an_office(lead(1)))

    async def poisoned(row):
        raise thrown

    understand = office.parts.rows.understand
    office.parts.rows.understand = poisoned  # type: ignore[method-assign]
    await office.run("reconcile")
    assert await state_of(office) is AttemptState.UNKNOWN
    office.parts.rows.understand = understand  # type: ignore[method-assign]
    await office.run("reconcile")
    assert await state_of(office) is AttemptState.SENT


async def test_news_that_came_while_a_lead_was_in_review_are_heeded_when_it_returns() -> None:
    """A delivery folded during review would else be lost, and the thread would end as not delivered."""
    office = await mailed()
    [sent] = await office.parts.rows.fresh(["ld0001"])
    change = Change(now=Stage.REVIEW, why="our own bug", objection=Objection.BUG)
    await office.parts.recorder.record(sent, change)
    office.deliver()
    await office.run("reconcile")
    assert (await office.row("ld0001")).stage is Stage.REVIEW
    await office.read("override", who="ld0001", value="recheck")
    await office.run("reconcile")
    assert (await office.row("ld0001")).stage is Stage.DELIVERED


def test_the_text_of_a_mail_comes_back_from_its_entry() -> None:
    """A lost ledger learns again from the trail what was written."""
    assert trail.text_of(trail.mail_text("Hello", "Hi Rosa\n\nBye")) == "Hi Rosa\n\nBye"


async def test_the_mailer_is_asked_far_back_once_an_hour_and_else_as_far_as_an_event_may_be_late() -> None:
    """Two days of many events are many pages; what is dated wrongly is found within the hour all the same."""
    office = await mailed()
    events, asked = office.mailer.events, []

    def noted(since: datetime, until: datetime) -> AsyncIterator[EventPage]:
        asked.append(until - since)
        return events(since, until)

    office.mailer.events = noted  # type: ignore[method-assign]
    office.advance(hours=1)
    await office.run("reconcile")
    for _ in range(4):
        office.advance(minutes=15)
        await office.run("reconcile")
    near = timedelta(seconds=office.mailer.settle_s) + timedelta(hours=1, minutes=15)
    far = timedelta(days=2, minutes=15)
    assert asked == [timedelta(days=2, hours=1), near, near, near, far]


async def test_a_halted_mailer_is_still_asked_what_became_of_the_mails() -> None:
    """No credit means no mail; who unsubscribes meanwhile is heard all the same."""
    office = await mailed()
    office.store.name = "leads"
    await office.ledger.halt(Halt(what="memory", since=TUESDAY, until=None, why="no credits left"))
    office.mailer.report(TAG, EventKind.UNSUBSCRIBED)
    assert (await office.run("reconcile", by_hand=False)).code == 0
    assert (await office.row("ld0001")).stage is Stage.UNSUBSCRIBED
    assert (await office.run("send")).code == 3


async def test_an_error_halts_the_mailer_once_and_also_for_a_row_that_is_gone() -> None:
    """What the operator has mended and resumed is not halted again by a later event of the same mail."""
    office = await mailed()
    await office.store.erase(["ld0001"])
    office.mailer.report(TAG, EventKind.ERROR)
    await office.run("reconcile")
    assert [halt.what for halt in await office.ledger.halts(office.clock.now())] == ["memory"]
    await office.ledger.resume("memory")
    office.advance(minutes=1)
    office.mailer.report(TAG, EventKind.REQUEST)
    await office.run("reconcile")
    assert await office.ledger.halts(office.clock.now()) == []

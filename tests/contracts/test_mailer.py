"""Does every mailer keep what the port Mailer promises?"""

import uuid
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from outboundd.adapters.manual_clock import ManualClock
from outboundd.model.mail import Event, EventKind, Letter
from outboundd.ports import Ambiguous, Mailer

LETTER = Letter(
    tag="default.lead1.0.1",
    idempotency_key="4f9c3a52-4c6e-5d3b-9d0b-000000000001",
    to_email="ada@north.example",
    to_name="Ada Park",
    from_email="bo@mail.south.example",
    from_name="Bo Lind",
    reply_to="bo@south.example",
    subject="Cold stores 🧊 in Zürich",
    text="Hello Ada,\nwe keep things cold.\n",
)
DAY = timedelta(days=1)


def tagged(tag: str, to_email: str = LETTER.to_email) -> Letter:
    """Another attempt: with its tag goes its idempotency key, as the outbox makes them."""
    key = str(uuid.uuid5(uuid.NAMESPACE_URL, tag))
    return replace(LETTER, tag=tag, idempotency_key=key, to_email=to_email)


async def events(mailer: Mailer, clock: ManualClock, before: timedelta = DAY) -> list[Event]:
    """What is reported of the time before now."""
    return [event async for page in mailer.events(clock.now() - before, clock.now()) for event in page.events]


async def test_a_mail_sent_is_reported_as_a_request_with_its_tag(mailer: Mailer, clock: ManualClock) -> None:
    """The tag comes back, with instant, recipient, subject and the id that `send` returned."""
    message_id = await mailer.send(LETTER)

    (event,) = [event for event in await events(mailer, clock) if event.kind is EventKind.REQUEST]
    assert (event.tag, event.at, event.message_id) == (LETTER.tag, clock.now(), message_id)
    assert (event.email, event.subject) == (LETTER.to_email, LETTER.subject)


async def test_the_log_of_a_recipient_shows_the_mail(mailer: Mailer, clock: ManualClock) -> None:
    """By recipient, whatever the case of the address, and nobody else's."""
    message_id = await mailer.send(LETTER)
    await mailer.send(tagged("default.lead2.0.1", to_email="cy@west.example"))

    (logged,) = await mailer.log("Ada@North.example")

    assert (logged.at, logged.subject, logged.message_id) == (clock.now(), LETTER.subject, message_id)
    assert logged.tag == LETTER.tag
    assert list(await mailer.log("nobody@north.example")) == []


async def test_the_same_attempt_does_not_leave_twice_in_a_row(mailer: Mailer, clock: ManualClock) -> None:
    """A repeat is answered Ambiguous and the recipient has one mail: for ten minutes at least.

    Some mailers forget the key after a quarter of an hour; that nobody repeats then is the outbox's doing.
    """
    await mailer.send(LETTER)
    clock.advance(timedelta(minutes=10))

    with pytest.raises(Ambiguous):
        await mailer.send(LETTER)

    assert len(await mailer.log(LETTER.to_email)) == 1


async def test_two_attempts_are_two_mails(mailer: Mailer) -> None:
    """Another number in the tag is another attempt."""
    first = await mailer.send(LETTER)
    second = await mailer.send(tagged("default.lead1.0.2"))

    assert first != second
    assert len(await mailer.log(LETTER.to_email)) == 2


async def test_the_events_of_a_period_are_those_and_no_others(mailer: Mailer, clock: ManualClock) -> None:
    """Both ends count; what lies outside does not come."""
    await mailer.send(LETTER)
    sent_at = clock.now()
    clock.advance(timedelta(days=3))

    assert await events(mailer, clock, timedelta(days=2)) == []
    assert LETTER.tag in {event.tag for event in await events(mailer, clock, timedelta(days=3))}
    pages = [page async for page in mailer.events(sent_at - DAY, sent_at)]
    assert [event.kind for page in pages for event in page.events] == [EventKind.REQUEST]


async def test_reading_again_gives_the_same_keys(mailer: Mailer, clock: ManualClock) -> None:
    """A repeat is recognised: keys are stable, and different events have different keys."""
    await mailer.send(LETTER)
    await mailer.send(tagged("default.lead2.0.1"))
    clock.advance(timedelta(minutes=1))

    first, second = await events(mailer, clock), await events(mailer, clock)

    assert first == second
    assert len({event.key for event in first}) == len(first)


async def test_many_events_come_in_pages_and_complete(mailer: Mailer, clock: ManualClock) -> None:
    """Nothing is lost between pages, and the oldest comes first: a read that broke off goes on where it stopped."""
    for number in range(520):
        await mailer.send(tagged(f"default.lead{number}.0.1"))
        clock.advance(timedelta(seconds=1))

    pages = [page.events async for page in mailer.events(clock.now() - DAY, clock.now())]

    assert len(pages) > 1
    assert len({event.tag for page in pages for event in page}) == 520
    for earlier, later in pairwise(filter(None, pages)):
        assert max(event.at for event in earlier) <= min(event.at for event in later)


async def test_a_mailer_that_was_given_nothing_reports_nothing(mailer: Mailer, clock: ManualClock) -> None:
    """An empty answer is complete, too."""
    assert await events(mailer, clock) == []
    assert await mailer.erase([LETTER.to_email]) == 0


async def test_a_person_erased_is_in_neither_log_nor_events(mailer: Mailer, clock: ManualClock) -> None:
    """Everything of this recipient goes, and nothing of anybody else."""
    await mailer.send(LETTER)
    await mailer.send(tagged("default.lead1.1.1"))
    await mailer.send(tagged("default.lead2.0.1", to_email="cy@west.example"))

    assert await mailer.erase(["Ada@north.example"]) == 2

    assert list(await mailer.log(LETTER.to_email)) == []
    assert {event.tag for event in await events(mailer, clock)} == {"default.lead2.0.1"}


async def test_the_probe_is_one_line(mailer: Mailer) -> None:
    """One line for `check`, without anybody's address."""
    await mailer.send(LETTER)

    assert "\n" not in await mailer.probe()
    assert LETTER.to_email not in await mailer.probe()


async def test_a_mailer_says_how_late_its_events_may_be(mailer: Mailer) -> None:
    """`settle_s` is a number of seconds, the name a word of the ledger."""
    assert mailer.settle_s >= 0
    assert mailer.name.isidentifier()

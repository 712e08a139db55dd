"""What when the mailer has more to tell than it may be asked for in one run?

Ninety days of events in a thousand pages, of which 300 an hour may be asked for: a first read of a busy account.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import partial

import anyio

from office import TUESDAY, Office, an_office, lead
from outboundd import virtual
from outboundd.adapters.memory_mailer import MemoryMailer
from outboundd.limits import SlidingWindow
from outboundd.model.mail import Event, EventKind, EventPage
from outboundd.ports import Transient
from outboundd.steps.read_events import READ_TO

PAGES = 1000
DAYS = 89
A_DAY = PAGES / DAYS
SLOT_S = 900
SLOTS = 4  # of 45 minutes each, and a quarter of an hour for the rest


class Everyday:
    """The clock of the loop (port Clock)."""

    def now(self) -> datetime:
        """Now."""
        return datetime.now(UTC)


class BusyMailer(MemoryMailer):
    """One old event a page, 300 pages an hour. `asked` counts how often each page was read."""

    def __init__(self) -> None:
        super().__init__(Everyday())
        self.asked: Counter[datetime] = Counter()
        self._window = SlidingWindow(300, 3600.0)
        for number in range(PAGES):
            at = TUESDAY - timedelta(days=DAYS) * (1 - number / PAGES)
            event = Event(key=f"old {number}", kind=EventKind.OPENED, at=at, email=f"a{number}@b.example")
            self.inject(event)

    async def events(self, since: datetime, until: datetime) -> AsyncIterator[EventPage]:
        """Every event is a page of its own."""
        async for page in super().events(since, until):
            for event in page.events:
                await self._window.acquire()
                self.asked[event.at] += 1
                yield EventPage(events=(event,))


async def busy_office() -> tuple[Office, BusyMailer]:
    """A draft that may leave, and a mailer that was never read."""
    mailer = BusyMailer()
    office = an_office(lead(1), mailer=mailer)
    office.clock.now = Everyday().now  # type: ignore[method-assign]
    await office.run("draft")
    return office, mailer


def played(story: Callable[[], Coroutine[None, None, None]]) -> None:
    """On a clock that jumps."""
    virtual.run(story, TUESDAY)


async def everybody(office: Office) -> None:
    """A slot in which all who read the mailer do so."""
    async with anyio.create_task_group() as group:
        for job in ("reconcile", "send", "digest"):
            group.start_soon(partial(office.run, job, by_hand=False))


class Dying(Counter[datetime]):
    """Kills the run when so many pages were read."""

    def __init__(self, scope: anyio.CancelScope, pages: int) -> None:
        super().__init__()
        self._scope = scope
        self._pages = pages

    def __setitem__(self, key: datetime, count: int) -> None:
        super().__setitem__(key, count)
        if len(self) == self._pages:
            self._scope.cancel()


def test_it_goes_on_at_the_next_run_where_it_stopped_and_no_mail_leaves_before_it_is_complete():
    """Three hours instead of for ever, each page read about once, one alert, and then the mail."""

    async def story() -> None:
        office, mailer = await busy_office()
        for _ in range(SLOTS):
            assert (await office.ledger.get("reconciled_at"), mailer.letters) == ("", [])
            await everybody(office)
            await anyio.sleep(-datetime.now(UTC).timestamp() % SLOT_S)
        assert await office.ledger.get("reconciled_at")
        assert len(mailer.asked) == PAGES
        assert mailer.asked.total() < 1.1 * PAGES
        await everybody(office)
        assert [letter.tag for _, letter in mailer.letters if letter.to_lead] == ["default.ld0001.0.1"]
        (alert,) = office.operator.alerts
        assert "more events than one run can read (read up to 2026-09-23, goes on at the next run)" in alert.text
        assert not alert.is_over

    played(story)


def test_a_kill_in_the_middle_costs_two_days_of_it():
    """What was told before is in the ledger, and is not asked for again."""

    async def story() -> None:
        office, mailer = await busy_office()
        with anyio.CancelScope() as killed:
            mailer.asked = Dying(killed, 200)
            await office.run("reconcile")
        assert killed.cancelled_caught
        told, mailer.asked = set(mailer.asked), Counter()
        await office.run("reconcile")
        assert 0 < len(told & set(mailer.asked)) <= 2 * A_DAY + 1

    played(story)


async def test_what_was_read_while_the_store_was_away_is_not_read_again_when_it_is_back():
    """Nothing can be concluded from it until then, but it is in the ledger."""
    office = an_office(lead(1))
    asked = watched(office)
    office.store.fail_next = [Transient("memory", "503")]
    assert (await office.run("reconcile")).code == 1
    assert await office.ledger.get("reconciled_at") == ""
    office.advance(minutes=15)
    assert (await office.run("reconcile")).code == 0
    assert asked == [TUESDAY - timedelta(days=90), TUESDAY - timedelta(days=2)]


async def test_an_event_that_is_dated_wrongly_hides_nothing_that_comes_after_it():
    """How far a read has come is told by the oldest event of a page."""
    office = an_office()
    asked = watched(office)
    old, wrong = TUESDAY - timedelta(days=80), TUESDAY - timedelta(days=1)

    async def broken_off(since: datetime, until: datetime) -> AsyncIterator[EventPage]:
        asked.append(since)
        yield EventPage(events=tuple(Event(key=f"{at}", kind=EventKind.OPENED, at=at) for at in (old, wrong)))
        raise Transient("memory", "connection")

    office.mailer.events = broken_off  # type: ignore[method-assign]
    for _ in range(2):
        assert (await office.run("reconcile")).code == 1
    assert asked == [TUESDAY - timedelta(days=90), old - timedelta(days=2)]


async def test_a_read_that_breaks_off_among_what_is_read_again_loses_nothing():
    """However often it does, it does not go back by two days more each time."""
    office = an_office()
    asked: list[datetime] = []

    async def broken_off(since: datetime, until: datetime) -> AsyncIterator[EventPage]:
        asked.append(since)
        at = since + timedelta(hours=1)
        yield EventPage(events=(Event(key=f"{at}", kind=EventKind.OPENED, at=at),))
        raise Transient("memory", "connection")

    office.mailer.events = broken_off  # type: ignore[method-assign]
    await office.ledger.put(READ_TO, (TUESDAY - timedelta(days=10)).isoformat())
    for _ in range(3):
        assert (await office.run("reconcile")).code == 1
    assert asked == [TUESDAY - timedelta(days=12)] * 3


async def test_a_clock_put_back_does_not_make_a_read_look_complete():
    """What the ledger has read, it has not read up to later than now."""
    office = an_office()
    await office.run("reconcile")
    await office.ledger.put("reconciled_at", "")
    asked = watched(office)
    office.advance(days=-5)
    await office.run("reconcile")
    assert asked == [office.clock.now() - timedelta(days=2)]


def watched(office: Office) -> list[datetime]:
    """Since when the mailer is asked, from now on."""
    asked: list[datetime] = []
    events = office.mailer.events

    def watch(since: datetime, until: datetime) -> AsyncIterator[EventPage]:
        asked.append(since)
        return events(since, until)

    office.mailer.events = watch  # type: ignore[method-assign]
    return asked

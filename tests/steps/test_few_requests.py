"""How many requests does the lead store get? It counts them, and allows five a second."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from office import SETTINGS, Office, an_office, lead
from outboundd.model.decision import Change, Hold, HoldKind
from outboundd.model.lead import Lead, Stage, Value
from outboundd.model.mail import AttemptState, EventKind
from outboundd.model.settings import Warmup
from outboundd.ports import Ambiguous, LeadStore, Refused, Transient, Upserted
from outboundd.steps.settle import settle_unknown

MANY = replace(SETTINGS, limits=replace(SETTINGS.limits, per_hour=100, per_day=100, warmup=Warmup(start_per_day=100)))


class CountingStore:
    """A lead store that counts what it is asked (port LeadStore)."""

    def __init__(self, store: LeadStore) -> None:
        self.name = store.name
        self.calls: Counter[str] = Counter()
        self.rows = 0
        self._store = store

    async def new_rows(self) -> Sequence[Lead]:
        """One request."""
        self.calls["new_rows"] += 1
        return await self._store.new_rows()

    async def with_override(self) -> Sequence[Lead]:
        """One request."""
        self.calls["with_override"] += 1
        return await self._store.with_override()

    async def news(self, since: datetime) -> Sequence[Lead]:
        """One request."""
        self.calls["news"] += 1
        return await self._store.news(since)

    async def read(self, ids: Sequence[str], *, in_view: bool = True) -> Mapping[str, Lead]:
        """One request for at most a hundred rows."""
        assert len(ids) <= 100
        self.calls["read"] += 1
        return await self._store.read(ids, in_view=in_view)

    async def pages(self) -> AsyncIterator[Sequence[Lead]]:
        """One request a page."""
        async for page in self._store.pages():
            self.calls["pages"] += 1
            yield page

    async def apply(self, patches: Mapping[str, Mapping[str, Value]]) -> None:
        """One request for at most ten rows."""
        assert 0 < len(patches) <= 10
        self.calls["apply"] += 1
        await self._store.apply(patches)

    async def upsert(self, rows: Sequence[Mapping[str, Value]]) -> Upserted:
        """Not counted: no job imports."""
        return await self._store.upsert(rows)

    async def find(self, key: str) -> Sequence[Lead]:
        """Not counted: no job looks for an address."""
        return await self._store.find(key)

    async def erase(self, ids: Sequence[str]) -> None:
        """Not counted: no job erases."""
        await self._store.erase(ids)

    async def probe(self) -> str:
        """Not counted: no job asks."""
        return await self._store.probe()

    def close(self) -> None:
        """Nothing to give back."""


async def mailed(count: int) -> tuple[Office, CountingStore]:
    """An office that has mailed so many leads, and the counts of its store from now on."""
    office = an_office(*(lead(number) for number in range(1, count + 1)), settings=MANY)
    await office.run("draft")
    await office.run("send")
    assert len(office.mailer.letters) == count
    await office.run("reconcile")
    counting = CountingStore(office.store)
    for part in (office.parts.rows, office.parts.rows._patches):
        part._store = counting
    office.parts.world.store = counting
    return office, counting


def tag(number: int) -> str:
    """The first mail of a lead."""
    return f"default.ld{number:04}.0.1"


async def news(office: Office, kind: EventKind, numbers: Sequence[int]) -> None:
    """This is reported of these leads' mails, and a scheduled reconcile takes it in."""
    office.advance(minutes=15)
    for number in numbers:
        office.mailer.report(tag(number), kind)
    assert (await office.run("reconcile", by_hand=False)).code == 0


async def shown(office: Office, number: int) -> Lead:
    """The row as the operator sees it."""
    return await office.row(f"ld{number:04}")


async def test_forty_deliveries_cost_one_read_and_four_patches():
    """Never one request per mail."""
    office, counting = await mailed(40)
    await news(office, EventKind.DELIVERED, range(1, 41))
    assert counting.calls == {"read": 1, "apply": 4}
    assert all([(await shown(office, number)).stage is Stage.DELIVERED for number in range(1, 41)])


async def test_forty_opened_mails_cost_nothing_until_the_night_and_four_patches_then():
    """Counting columns ride along or go once a night, and no row is read for them; the figures know at once."""
    office, counting = await mailed(40)
    await news(office, EventKind.DELIVERED, range(1, 41))
    counting.calls.clear()
    await news(office, EventKind.OPENED, range(1, 41))
    assert counting.calls == {}
    assert (await shown(office, 7)).opens == 0
    assert (await office.ledger.counts(office.clock.now() - timedelta(days=1), office.clock.now())).opened == 40
    assert "opened        1 times" in await office.read("why", who="ld0007")
    office.advance(hours=14)
    await office.ledger.put("fed_at", office.clock.now().isoformat())
    counting.calls.clear()
    await office.run("reconcile", by_hand=False)
    assert counting.calls == {"apply": 4}
    assert (await shown(office, 7)).opens == 1
    await news(office, EventKind.OPENED, range(1, 41))
    assert (await shown(office, 7)).opens == 1


async def test_a_reconcile_by_hand_shows_everything_that_gathers():
    """The operator who asks wants to see it."""
    office, _ = await mailed(2)
    await news(office, EventKind.DELIVERED, [1])
    await news(office, EventKind.OPENED, [1])
    assert (await shown(office, 1)).stage is Stage.SENT
    await office.run("reconcile")
    row = await shown(office, 1)
    assert (row.stage, row.opens) == (Stage.DELIVERED, 1)


async def test_a_stop_is_shown_at_once_and_takes_what_gathers_along():
    """One request for the complaint, the deliveries of two others and everybody's counters."""
    office, counting = await mailed(4)
    await news(office, EventKind.DELIVERED, [1, 2])
    assert counting.calls == {"read": 1}
    await news(office, EventKind.OPENED, [1])
    counting.calls.clear()
    await news(office, EventKind.COMPLAINT, [3])
    assert counting.calls == {"read": 1, "apply": 1}
    rows = [await shown(office, number) for number in (1, 2, 3, 4)]
    assert [row.stage for row in rows] == [Stage.DELIVERED, Stage.DELIVERED, Stage.COMPLAINED, Stage.SENT]
    assert rows[0].opens == 1


async def test_deliveries_gather_for_an_hour_at_most():
    """Three of them do not wait for the tenth for ever."""
    office, counting = await mailed(3)
    await news(office, EventKind.DELIVERED, [1, 2, 3])
    office.advance(minutes=45)
    await office.run("reconcile", by_hand=False)
    assert (await shown(office, 1)).stage is Stage.SENT
    office.advance(minutes=15)
    await office.run("reconcile", by_hand=False)
    assert (await shown(office, 1)).stage is Stage.DELIVERED
    assert counting.calls["apply"] == 1


async def test_what_is_drafted_is_shown_at_the_end_of_its_run_and_what_is_sent_with_its_delivery():
    """Each row is written once for both, ten in a request."""
    office, counting = await mailed(1)
    for number in range(2, 22):
        office.store.put(lead(number))
    office.advance(hours=1)
    await office.run("draft", by_hand=False)
    assert (counting.calls["read"], counting.calls["apply"]) == (1, 2)
    counting.calls.clear()
    await office.run("send", by_hand=False, limit=20)
    assert (counting.calls["read"], counting.calls["apply"]) == (1, 0)
    assert len(office.mailer.letters) == 21
    counting.calls.clear()
    await news(office, EventKind.DELIVERED, range(2, 22))
    assert (counting.calls["read"], counting.calls["apply"]) == (1, 2)
    rows = [await shown(office, number) for number in (2, 21)]
    assert [row.stage for row in rows] == [Stage.DELIVERED] * 2
    assert all("first mail sent" in row.trail and "first mail: delivered" in row.trail for row in rows)


async def test_a_sent_mail_of_which_nothing_is_heard_is_shown_after_a_quarter_of_an_hour():
    """The table does not wait for a delivery that may never come."""
    office, counting = await mailed(1)
    office.store.put(lead(2))
    await office.run("draft")
    counting.calls.clear()
    await office.run("send", by_hand=False)
    assert (await shown(office, 2)).stage is Stage.DRAFTED
    office.advance(minutes=15)
    await office.run("reconcile", by_hand=False)
    assert (await shown(office, 2)).stage is Stage.SENT
    assert counting.calls["apply"] == 1


async def test_whoever_sends_by_hand_sees_it():
    """At the end of the run, also what left before it."""
    office, _ = await mailed(1)
    for number in (2, 3):
        office.store.put(lead(number))
    await office.run("draft")
    await office.run("send", by_hand=False, limit=1)
    assert {(await shown(office, number)).stage for number in (2, 3)} == {Stage.DRAFTED}
    await office.run("send")
    assert {(await shown(office, number)).stage for number in (2, 3)} == {Stage.SENT}


async def test_mails_in_doubt_are_settled_with_one_read_of_their_rows():
    """After an outage of the mailer the store is not asked once per mail."""
    office, counting = await mailed(12)
    for number in range(1, 13):
        await office.ledger.mark(tag(number), AttemptState.UNKNOWN)
    office.advance(minutes=15)
    await office.run("reconcile", by_hand=False)
    attempts = await office.ledger.attempts(states=[AttemptState.SENT])
    assert (len(attempts), counting.calls["read"]) == (12, 1)


async def test_a_mail_in_doubt_whose_row_was_written_to_meanwhile_is_settled_on_the_row_as_it_is_now():
    """While the mailer's log is asked another job records something: read again, alone, and settled all the same."""
    office, counting = await mailed(2)
    office.mailer._events.clear()
    settle, once = office.ledger.settle, [True]
    for number in (1, 2):
        office.store.put(lead(number + 10))
    await office.run("draft")
    office.mailer.lose_reply_next = [Ambiguous("memory", "timeout")]
    await office.run("send", limit=1)
    (doubtful,) = await office.ledger.attempts(states=[AttemptState.UNKNOWN])

    async def overtaken(attempt: str, *rest: object) -> None:
        if once and once.pop():
            (one,) = (await office.parts.rows.now([doubtful.lead])).values()
            assert one is not None
            await office.parts.recorder.record(one, Change(now=one.stands, why="a line"))
        await settle(attempt, *rest)  # type: ignore[arg-type]

    office.ledger.settle = overtaken  # type: ignore[method-assign]
    counting.calls.clear()
    await settle_unknown(office.parts, office.clock.now())
    known = await office.ledger.attempt(doubtful.tag)
    assert known is not None
    assert (known.state, counting.calls["read"]) == (AttemptState.SENT, 3)


async def test_unknown_tags_of_one_page_are_looked_up_with_one_read():
    """A lost ledger meets ninety days of events."""
    office, _ = await mailed(12)
    again = an_office(settings=MANY, mailer=office.mailer)
    again.store.rows = office.store.rows
    again.parts.world.store = counting = CountingStore(again.store)
    await again.parts.rows.feed()
    await again.run("reconcile", by_hand=False)
    assert len(await again.ledger.attempts(states=[AttemptState.SENT])) == 12
    assert counting.calls == {"read": 1}


async def test_a_hold_that_is_the_same_at_every_run_is_written_once():
    """Ten rows a request, and the next runs write nothing; a store that keeps whole seconds changes nothing in that."""
    office, counting = await mailed(12)
    rows = office.parts.rows
    until = office.clock.now() + timedelta(days=3, microseconds=5)
    for applied in (2, 0):
        counting.calls.clear()
        leads = await rows.fresh([f"ld{number:04}" for number in range(1, 13)])
        for one in leads:
            rows.note(one, Hold(until=until, why="a holiday", kind=HoldKind.TIME))
        await rows.write_notes(leads)
        assert counting.calls["apply"] == applied
        for cells in office.store.rows.values():
            cells["Next at"] = str(cells["Next at"]).replace(".000005", "")
        office.advance(minutes=10)


async def test_an_outage_costs_one_request_at_each_push():
    """Not one time-out per ten rows; what waits is shown when the store is back."""
    office, counting = await mailed(25)
    counting.calls.clear()
    leads = await office.parts.rows.fresh([f"ld{number:04}" for number in range(1, 26)])
    for one in leads:
        await office.parts.recorder.record(one, Change(now=Stage.FINISHED, why="enough"))
    for failure in (Transient("memory", "503"), Ambiguous("memory", "timeout")):
        office.store.fail_next = [failure]
        assert not await office.parts.recorder.push_due()
    assert counting.calls["apply"] == 2
    assert await office.parts.recorder.push_due()
    assert counting.calls["apply"] == 5


async def test_a_row_that_is_gone_costs_nothing_until_it_is_seen_again():
    """Deleted by the operator, restored next week: then it is told what it has missed."""
    office, counting = await mailed(2)
    row = office.store.rows.pop("ld0001")
    await news(office, EventKind.COMPLAINT, [2])
    (one,) = await office.parts.rows.fresh(["ld0002"])
    await office.parts.recorder.record(replace(one, id="ld0001", seq=3), Change(now=one.stands, why="a line"))
    await office.parts.recorder.push_due()
    counting.calls.clear()
    assert await office.parts.recorder.push_due()
    assert counting.calls == {}
    office.store.rows["ld0001"] = row
    await office.parts.rows.fresh(["ld0001"])
    await office.parts.recorder.push_due()
    assert await office.ledger.unpushed() == []


async def test_a_row_that_does_not_take_its_patch_is_tried_again_an_hour_later():
    """An option missing in a column would else cost a request per row at every push."""
    office, counting = await mailed(2)
    apply = office.store.apply

    async def stubborn(patches: Mapping[str, Mapping[str, Value]]) -> None:
        if "ld0001" in patches:
            raise Refused("memory", "bad value")
        await apply(patches)

    office.store.apply = stubborn  # type: ignore[method-assign]
    await news(office, EventKind.COMPLAINT, [1, 2])
    assert [(await shown(office, number)).stage for number in (1, 2)] == [Stage.SENT, Stage.COMPLAINED]
    counting.calls.clear()
    await office.parts.recorder.push_due()
    assert counting.calls == {}
    office.store.apply = apply  # type: ignore[method-assign]
    office.advance(hours=1)
    await office.parts.recorder.push_due()
    assert (await shown(office, 1)).stage is Stage.COMPLAINED


async def test_an_event_that_comes_in_while_its_counters_are_written_is_counted_later():
    """The lead stays marked until the row shows everything."""
    office, _ = await mailed(1)
    await news(office, EventKind.OPENED, [1])
    apply = office.store.apply

    async def meanwhile(patches: Mapping[str, Mapping[str, Value]]) -> None:
        office.store.apply = apply  # type: ignore[method-assign]
        office.advance(minutes=1)
        event = office.mailer.report(tag(1), EventKind.OPENED)
        await office.ledger.add_events([(event, "")], office.clock.now())
        await office.ledger.folded(tag(1), [event.key])
        await apply(patches)

    office.store.apply = meanwhile  # type: ignore[method-assign]
    assert await office.parts.recorder.push_counters()
    assert await office.ledger.uncounted() == ["ld0001"]
    assert await office.parts.recorder.push_counters()
    assert ((await shown(office, 1)).opens, await office.ledger.uncounted()) == (2, [])


async def test_counters_wait_out_an_outage_of_the_night():
    """The next reconcile shows them, not the next night's."""
    office, counting = await mailed(1)
    await news(office, EventKind.OPENED, [1])
    office.advance(hours=13, minutes=45)
    counting.calls.clear()
    apply = office.store.apply

    async def away(patches: Mapping[str, Mapping[str, Value]]) -> None:
        raise Transient("memory", "503")

    office.store.apply = away  # type: ignore[method-assign]
    await office.run("reconcile", by_hand=False)
    assert counting.calls["apply"] == 1
    office.store.apply = apply  # type: ignore[method-assign]
    office.advance(minutes=15)
    await office.run("reconcile", by_hand=False)
    assert (await shown(office, 1)).opens == 1


@pytest.mark.parametrize("kind", [EventKind.DELIVERED, EventKind.COMPLAINT])
async def test_a_row_written_to_since_it_was_read_is_read_again_alone(kind: EventKind):
    """A fold that lost a race against another job decides anew, on the row as it is now."""
    office, counting = await mailed(3)
    once = [True]
    settle = office.ledger.settle

    async def overtaken(attempt: str, *rest: object) -> None:
        if attempt == tag(2) and once.pop():
            (one,) = (await office.parts.rows.now(["ld0002"])).values()
            assert one is not None
            await office.parts.recorder.record(one, Change(now=one.stands, why="a line"))
            once.append(False)
        await settle(attempt, *rest)  # type: ignore[arg-type]

    office.ledger.settle = overtaken  # type: ignore[method-assign]
    await news(office, kind, [1, 2, 3])
    assert counting.calls["read"] == 3  # together, by the other job, and alone
    wanted = Stage.DELIVERED if kind is EventKind.DELIVERED else Stage.COMPLAINED
    assert [seen.stage for seen in await office.ledger.queue()] == [wanted] * 3


async def test_a_draft_made_in_the_evening_is_not_looked_at_before_its_recipients_morning():
    """The patch that shows it says since when it may leave: no read and no patch all night to find that out."""
    office, counting = await mailed(1)
    office.advance(hours=8)
    office.store.put(lead(2))
    await office.run("draft", by_hand=False)
    assert (await shown(office, 2)).next_at == datetime(2026, 11, 25, 9, tzinfo=UTC)
    counting.calls.clear()
    await office.run("send", by_hand=False)
    assert counting.calls == {}


async def test_a_pool_that_waits_for_monday_is_not_written_to_on_saturday():
    """Nothing was done with these leads yet: when to look again is kept in the queue alone, and found there."""
    office, counting = await mailed(1)
    office.advance(days=4)
    for number in range(2, 32):
        office.store.put(lead(number))
    await office.run("draft", by_hand=False)
    assert counting.calls["apply"] == 0
    seen = await office.ledger.seen("ld0031")
    assert seen is not None
    assert seen.next_at == datetime(2026, 11, 30, 9, tzinfo=UTC)
    counting.calls.clear()
    await office.run("draft", by_hand=False)
    assert counting.calls == {}


async def test_a_follow_up_that_falls_due_on_a_sunday_is_looked_at_on_monday():
    """The delivery's own patch says so: nobody reads the row on Sunday to find an office closed."""
    office = an_office(lead(1), at=datetime(2026, 11, 23, 10, tzinfo=UTC))
    await office.mail_out()
    row = await shown(office, 1)
    assert (row.stage, row.next_at) == (Stage.DELIVERED, datetime(2026, 11, 30, 9, tzinfo=UTC))

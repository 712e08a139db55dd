"""What do the rows say right now, with what the ledger knows laid over them, and what did the operator do to them?

Nothing is done on the queue alone: a fresh read by ids, through here, precedes every draft and every mail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from outboundd.engine.alerts import Alerts
from outboundd.engine.fact_book import FactBook
from outboundd.engine.failures import broken
from outboundd.engine.journal import Log
from outboundd.engine.patches import Patches
from outboundd.engine.record import Recorder, laid_over
from outboundd.model.decision import Change, Hold, Stop, Transition
from outboundd.model.facts import Halt
from outboundd.model.lead import Lead, Stage, Value
from outboundd.model.mail import AttemptState
from outboundd.model.settings import Settings
from outboundd.ports import Clock, Conflict, Failure, LeadStore, Ledger, Refused
from outboundd.rules import by_hand, next_look, outcome, overrides, pool, trail
from outboundd.rules.pushing import ROWS_A_REQUEST

READ_AT_ONCE = 100
FEED_EVERY = timedelta(hours=1)
CLOCKS_APART = timedelta(hours=1)  # the store's and ours
SLEPT = timedelta(hours=3)
LIST_EVERY = timedelta(days=30)


class Rows:
    """The reading side of the lead store."""

    def __init__(
        self,
        *,
        store: LeadStore,
        ledger: Ledger,
        fact_book: FactBook,
        recorder: Recorder,
        patches: Patches,
        alerts: Alerts,
        clock: Clock,
        log: Log,
        settings: Settings,
        settle_s: int,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._fact_book = fact_book
        self._recorder = recorder
        self._patches = patches
        self._alerts = alerts
        self._clock = clock
        self._log = log
        self._settings = settings
        self._settle_s = settle_s
        self._notes: dict[str, tuple[Lead, dict[str, Value]]] = {}
        self._has_reread = False

    async def fresh(self, ids: Sequence[str], *, in_view: bool = True) -> list[Lead]:
        """These rows as they are now, in the order asked; what is gone, or not in view, is left out and logged."""
        leads: list[Lead] = []
        for start in range(0, len(ids), READ_AT_ONCE):
            some = ids[start : start + READ_AT_ONCE]
            rows = await self._store.read(some, in_view=in_view)
            await self._missing([lead for lead in some if lead not in rows], bool(rows))
            leads += await self.understood([rows[lead] for lead in some if lead in rows])
        await self._see(leads)
        return leads

    async def now(self, ids: Sequence[str]) -> dict[str, Lead | None]:
        """These rows as they are now, whatever the view: None for one that is gone, which leaves the queue.

        One that cannot be understood just now (it is told, or another writer was first) is left out.
        """
        leads: dict[str, Lead | None] = {}
        for start in range(0, len(ids), READ_AT_ONCE):
            some = ids[start : start + READ_AT_ONCE]
            rows = await self._store.read(some, in_view=False)
            gone = [lead for lead in some if lead not in rows]
            understood = await self.understood([rows[lead] for lead in some if lead in rows])
            await self._see(understood)
            await self._ledger.unsee(gone)
            leads |= {**dict.fromkeys(gone), **{lead.id: lead for lead in understood}}
        return leads

    async def feed(self, *, anew: bool = False) -> None:
        """Learn of new rows and obey the words in Override: one bounded read, at most once an hour.

        `anew` asks now, and for every new row in the view, also for one that was gone and is back.
        """
        await self._reread_pending()
        now = self._clock.now()
        if not anew and not await self._older("fed_at", now, FEED_EVERY):
            return
        # a ledger that has slept may be yesterday's copy, put back: rows may stand further on than it knows
        slept = await self._older("fed_at", now, SLEPT)
        if slept or await self._older("listed_at", now, LIST_EVERY):
            await self.list_all()
            await self._learn(await self._store.with_override())
        elif anew:
            await self._learn([*await self._store.new_rows(), *await self._store.with_override()])
        else:
            await self._learn(await self._store.news(await self._fed_at() - CLOCKS_APART))
        await self._ledger.put("fed_at", now.isoformat())

    async def _reread_pending(self) -> None:
        """At the start, look at rows of what is not pushed yet: they may stand further on than the ledger."""
        if self._has_reread:
            return
        ids = list(dict.fromkeys(one.lead for one in await self._ledger.unpushed()))
        await self.now(ids)
        self._has_reread = True

    async def list_all(self) -> None:
        """Read the whole store once: the queue is made anew, and trails give back what a lost ledger knew."""
        shown: set[str] = set()
        async for page in self._store.pages():
            await self._see(await self.understood(page))
            shown |= {row.id for row in page}
        known = [seen.id for seen in await self._ledger.queue()]
        # A row that is edited while its table is read page by page may be on none of them: each is asked for by its id.
        again = await self.now([lead for lead in known if lead not in shown])
        gone = [lead for lead, row in again.items() if row is None]
        await self._ledger.put("listed_at", self._clock.now().isoformat())
        await self._halt_pool(pool.emptied(len(known), len(known) - len(gone)))

    async def understood(self, rows: Sequence[Lead]) -> list[Lead]:
        """`understand` for several rows: one that cannot be understood is told and left out, and delays nobody else."""
        leads: list[Lead] = []
        for row in rows:
            try:
                leads.append(await self.understand(row))
            except Conflict:
                continue  # another writer was first; the row is read again at the next run
            except Refused as failure:  # the row is gone by now, or the store does not take what we write into it
                self._log.write("store.away", vendor=failure.vendor, lead=row.id, reason=failure.cause)
            except Failure:
                raise
            except Exception as error:  # noqa: BLE001 (a poisonous row must not stop the others)
                bug = broken(error)
                self._log.write("lead.held", lead=row.id, reason=bug.cause)
                await self._alerts.tell(f"broken.{bug.cause}", "A row could not be understood", str(bug))
        return leads

    async def understand(self, row: Lead) -> Lead:
        """The row with unpushed transitions laid over it, after taking in what was done to it by hand."""
        known = list(await self._ledger.transitions(row.id))
        pending = await self._ledger.unpushed(row.id)
        read = trail.verify(row.trail, known)
        if read.unknown:
            await self._take_in(row.id, read.unknown)
            known = list(await self._ledger.transitions(row.id))
        first_pending = pending[0].seq if pending else len(known) + 1
        pushed = [transition for transition in known if transition.seq < first_pending]
        reflects = by_hand.shown(row, known, pushed)
        if reflects is not None and reflects.seq >= first_pending:
            # killed between the patch and its mark, or a restored ledger: pushed again, it would undo what came after
            await self._ledger.pushed(row.id, reflects.seq, self._clock.now())
            pushed = [transition for transition in known if transition.seq <= reflects.seq]
        own = row.stage if row.stage is Stage.NEW else None  # what stands there besides is no stage of ours
        lead = replace(row, stage=reflects.now if reflects else own, seq=known[-1].seq if known else 0)
        lead = laid_over(lead, [one for one in known if reflects is None or one.seq > reflects.seq])
        lead = replace(lead, variant=by_hand.variant_for_life(row, known))
        edited = by_hand.stage_edited(row, reflects, lead.stands)
        if len(pushed) < len(known) or read.unknown:
            read = trail.verify(row.trail, pushed)
        lead = await self._put_right(lead, edited, by_hand.trail_mended(read), by_hand.lost(reflects, pushed))
        return await self._obey(lead) if row.override else lead

    async def _put_right(self, lead: Lead, edited: Change | None, mended: str, lost: Mapping[str, Value]) -> Lead:
        changes = [] if edited is None else [edited]
        if mended:
            changes.append(Change(now=edited.now if edited else lead.stands, why=mended, patch=lost))
        if not changes:
            return lead
        try:
            lead = await self._recorder.record(lead, *changes)
        except Conflict:
            return lead
        for change in changes:
            self._log.write("lead.mended", lead=lead.id, reason=change.why)
        await self._recorder.push([lead.id])
        return lead

    async def _obey(self, lead: Lead) -> Lead:
        """Carry out the word in Override, then empty the cell in a patch right after the read that showed the word."""
        facts = await self._fact_book.about(lead, self._clock.now())
        obeyed = overrides.obey(lead, facts.history)
        if isinstance(obeyed, str):
            emptied: dict[str, Value] = {"override": ""} if overrides.of_its_moment(lead.override) else {}
            if emptied or obeyed != lead.waiting_for:
                await self._store.apply({lead.id: {"waiting_for": obeyed, **emptied}})
            return lead.with_fields({"waiting_for": obeyed, **emptied})
        changes = [obeyed.change] if obeyed.change else []
        doubtful = [a for a in facts.history.attempts if a.state is AttemptState.UNKNOWN] if obeyed.settle else []
        for attempt in doubtful:
            settled = replace(attempt, state=obeyed.settle or attempt.state)
            if settled.state is AttemptState.SENT:
                changes.append(outcome.sent(lead, settled, self._settings.sequence, "Override: sent"))
            numbered = await self._recorder.number(lead, changes)
            await self._ledger.settle(attempt.tag, settled.state, self._clock.now(), attempt.message_id, numbered)
            lead, changes = self._recorder.after(lead, numbered), []
        if not changes and not doubtful:
            changes = [Change(now=lead.stands, why=f"Override: {overrides.plain(lead.override)}: nothing to change")]
        if changes:
            lead = await self._recorder.record(lead, *changes)
        self._log.write("lead.obeyed", lead=lead.id, reason=f"override, now {lead.stands}")
        await self._recorder.push([lead.id])
        await self._store.apply({lead.id: {"override": ""}})
        return replace(lead, override="")

    def note(self, lead: Lead, decision: Hold | Stop) -> None:
        """Remember when to look at a held lead again, and for long holds why; written by `write_notes`.

        What the row shows already is not written again.
        """
        patch = next_look.shown(decision, self._clock.now())
        if any(getattr(lead, name) != value for name, value in patch.items()):
            self._notes[lead.id] = (lead, patch)

    async def write_notes(self, leads: Sequence[Lead]) -> None:
        """Write what `note` remembered about these leads: one patch per ten rows, queue included.

        A note is a hint for the next look: one that cannot be written is dropped, never a run's failure. A lead that
        something was recorded of since it was read waits for something else by now. A hold until the morning, and that
        of a lead that nothing was done with yet, is the queue's alone: a store that counts requests is not told every
        evening, nor of a whole pool on every Saturday.
        """
        noted = [self._notes.pop(lead.id) for lead in leads if lead.id in self._notes]
        ours = [one for one in noted if _is_the_queues(*one)]
        await self._see([lead.with_fields(patch) for lead, patch in ours if await self._is_head(lead)])
        noted = [one for one in noted if one not in ours]
        for start in range(0, len(noted), ROWS_A_REQUEST):
            some = noted[start : start + ROWS_A_REQUEST]
            batch = [(lead, patch) for lead, patch in some if await self._is_head(lead)]
            written = await self._patches.write({lead.id: patch for lead, patch in batch})
            await self._see([lead.with_fields(patch) for lead, patch in batch if lead.id in written.rows])
            if written.away:
                return

    async def _is_head(self, lead: Lead) -> bool:
        head = await self._ledger.head(lead.id)
        return lead.seq == (head.seq if head else 0)

    async def _see(self, leads: Sequence[Lead]) -> None:
        await self._ledger.see([self._fact_book.seen(lead) for lead in leads], self._clock.now())

    async def _fed_at(self) -> datetime:
        return datetime.fromisoformat(await self._ledger.get("fed_at"))

    async def _learn(self, rows: Sequence[Lead]) -> None:
        """Take in the rows that the queue does not know, and those with a word of the operator's."""
        unknown = {row.id: row for row in rows if await self._ledger.seen(row.id) is None}
        await self._halt_pool(pool.flooded(len(unknown), self._settings.limits.per_day))
        await self._see(await self.understood([*(unknown | {row.id: row for row in rows if row.override}).values()]))

    async def _missing(self, ids: Sequence[str], some_shown: bool) -> None:
        """Rows the view does not show are asked again without it before they count as gone."""
        if not ids:
            return
        await self._halt_pool(pool.emptied(len(ids), int(some_shown)))
        behind_view = await self._store.read(ids, in_view=False)
        for lead in behind_view:
            self._log.write("lead.held", lead=lead, reason="not in view")
        await self._ledger.unsee([lead for lead in ids if lead not in behind_view])

    async def _halt_pool(self, why: str) -> None:
        if not why:
            return
        await self._ledger.put("listed_at", "")  # rows that are back by the next look are seen again
        if await self._ledger.halt(Halt(what="pool", since=self._clock.now(), until=None, why=why)):
            self._log.write("halt.set", vendor="pool", reason=why)
            await self._alerts.tell("pool", "The pool changed suddenly", why)

    async def _take_in(self, lead: str, entries: Sequence[Transition]) -> None:
        """Entries of a trail that continue ours: the ledger is behind, or new."""
        now = self._clock.now()
        await self._ledger.take_in([replace(entry, lead=lead) for entry in entries], now)
        self._log.write("lead.taken_in", lead=lead, reason=f"{len(entries)} entries of its trail")
        await self.behind(max(entry.at for entry in entries), "a row tells more than the ledger knows")

    async def behind(self, at: datetime, why: str) -> None:
        """The ledger is behind (restored, cloned): tell the operator, no mail to leads for a settling time.

        `at` is when that happened which it did not know. Before a wait began, it is of the loss that is waited for.
        """
        now, settle = self._clock.now(), timedelta(seconds=self._settle_s)
        traffic = await self._ledger.traffic(now)
        if traffic.quiet_open or (traffic.quiet_until is not None and at <= traffic.quiet_until - settle):
            return
        until = now + settle
        await self._ledger.put("quiet_until", until.isoformat())
        await self._ledger.put("fed_at", "")  # the next look lists the whole store: other rows may be further on, too
        self._log.write("ledger.behind", reason=why)
        text = f"{why}: a restored copy, or a second sender on this base. No mail to leads until {until:%H:%M} UTC."
        await self._alerts.tell("ledger.behind", "The ledger was behind", text)

    async def _older(self, key: str, now: datetime, age: timedelta) -> bool:
        at = await self._ledger.get(key)
        return not at or not timedelta(0) <= now - datetime.fromisoformat(at) < age


def _is_the_queues(lead: Lead, note: Mapping[str, Value]) -> bool:
    return lead.stands is Stage.NEW or not (note["waiting_for"] or lead.waiting_for)

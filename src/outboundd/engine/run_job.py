"""How does one run of a job go, and what follows from each way it may fail?

One slot runs once, one run of a job at a time, each within its deadline. The five failures become consequences here and
nowhere else: Transient ends the run (the next slot tries again), Refused and Broken send the item to review (five in a
row with one cause halt the job, and the five go back), Exhausted halts the vendor across restarts, Ambiguous ends the
run. A writer or researcher that does not answer for one lead holds that lead; five in a row end the run. Every cause is
told to the operator once.
"""

from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import anyio

from outboundd.engine.failures import broken
from outboundd.engine.parts import Parts
from outboundd.engine.running import Hear, Progress, Running
from outboundd.model.decision import Change, Hold, Objection, Stop
from outboundd.model.facts import MAILER, RESEARCHER, STORE, WRITER, Halt
from outboundd.model.lead import Lead, Stage
from outboundd.ports import Ambiguous, Broken, Conflict, Exhausted, Failure, Refused, RunRecord, Transient
from outboundd.rules import lifecycle
from outboundd.rules.human_acts import asking
from outboundd.rules.texts import unquoted

IN_A_ROW = 5
AWAY = "away"  # of an incident: AWAY.vendor
FAR = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(kw_only=True)
class JobRun:
    """One run while it goes on: what it may use, what was asked, what it did and held so far.

    `limit` is what was asked for by hand, None for what is due. A `dry` run makes no paid call, on a world that
    swallows every write. `names` are the people and companies of the leads at hand: one of them in another's mail is a
    mix-up. `progress` is told how far it has come, `waits` which run it waits for.
    """

    parts: Parts
    job: str
    by_hand: bool = False
    limit: int | None = None
    dry: bool = False
    done: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    progress: Progress = lambda _done, _of: None
    waits: Hear = lambda _running, _before: None
    names: tuple[str, ...] = ()
    strikes: list[tuple[str, Lead]] = field(default_factory=list)

    def look_until(self) -> datetime:
        """Leads to be looked at again after this instant are left alone; by hand, none is: the operator asks why."""
        return FAR if self.by_hand else self.parts.world.clock.now()

    def hold(self, lead: Lead, decision: Hold | Stop) -> None:
        """Count and log that a lead waits."""
        why = _without_row(decision)
        self.held[why] += 1
        self.parts.log.write("lead.held", lead=lead.id, step=lead.step, job=self.job, reason=why)

    def hold_all(self, count: int, decision: Hold) -> None:
        """Count and log that so many leads wait for the same thing."""
        if count:
            why = unquoted(decision.why)
            self.held[why] += count
            self.parts.log.write("mail.held", job=self.job, reason=why)

    async def each(self, lead: Lead, story: Callable[[Lead], Awaitable[None]]) -> None:
        """Run the story of one lead; a lead that cannot be handled goes to review and delays nobody else.

        Raises Transient, Exhausted, Ambiguous and Enough (they end the run), and JobHalted after five failures of one
        cause. Transient and Ambiguous of the writer or the researcher hold the lead; the fifth in a row is raised.
        """
        try:
            await story(lead)
        except Conflict:
            self.held["changed meanwhile: decided again at the next run"] += 1
        except Refused as failure:
            await self._strike(lead, failure, Objection.REFUSED)
        except (Transient, Ambiguous) as failure:
            self._unanswered(lead, failure)
        except (Exhausted, Enough):
            raise
        except Exception as error:  # noqa: BLE001 (whatever is thrown for one lead must not stop the others)
            await self._strike(lead, broken(error), Objection.BUG)
        else:
            self.strikes.clear()

    async def several(
        self,
        leads: AsyncIterable[Lead],
        story: Callable[[Lead], Awaitable[None]],
        at_once: int,
        enough: Callable[[], bool] = lambda: False,
    ) -> None:
        """`each` for so many leads at once, as they come: the next begins when one ends.

        What ends the run (a failure of `each`, or of the leads' own coming) lets those in flight end and begins no
        other. While it is `enough`, none begins: one in flight may still come to nothing.
        """
        ended: list[Exception] = []
        places = _Places(at_once)

        async def one(lead: Lead) -> None:
            try:
                await self.each(lead, story)
            except (Failure, JobHalted, Enough) as end:
                ended.append(end)
            finally:
                places.leave()

        async with anyio.create_task_group() as group:
            try:
                async for lead in leads:
                    await places.wait(enough)
                    if ended or enough():
                        break
                    places.taken += 1
                    group.start_soon(one, lead)
            except Failure as failure:
                ended.append(failure)
        if ended:
            raise ended[0]

    def _unanswered(self, lead: Lead, failure: Failure) -> None:
        """Nothing is wrong with the lead, and nothing was done that the next run would repeat but a question."""
        roles = (role for role in (WRITER, RESEARCHER) if vendor(self.parts, role) == failure.vendor)
        role = next(roles, None)
        if role is None:
            raise failure
        self._count(lead, failure)
        if len(self.strikes) >= IN_A_ROW:
            raise failure
        why = f"the {role} did not answer: written at the next run"
        self.held[why] += 1
        self.parts.log.write("lead.held", lead=lead.id, step=lead.step, job=self.job, reason=f"{why} ({failure.cause})")

    def _count(self, lead: Lead, failure: Failure) -> None:
        if self.strikes and self.strikes[-1][0] != failure.cause:
            self.strikes.clear()
        self.strikes.append((failure.cause, lead))

    async def _strike(self, lead: Lead, failure: Failure, objection: Objection) -> None:
        self._count(lead, failure)
        if isinstance(failure, Broken):
            await self.parts.alerts.tell(f"broken.{failure.cause}", "A lead could not be handled", str(failure))
        await self._to_review(lead, asking(str(failure), objection), objection)
        if len(self.strikes) < IN_A_ROW:
            return
        for _, struck in self.strikes:
            await self._back(struck)
        raise JobHalted(f"{IN_A_ROW} leads in a row: {failure}")

    async def _to_review(self, lead: Lead, why: str, objection: Objection) -> None:
        now = await self.parts.outbox.stands_now(lead)
        if now.stands not in lifecycle.LIVE or now.stands is Stage.REVIEW:
            return
        patch = {"waiting_for": why, **await self.parts.purse.cost(lead)}
        change = Change(now=Stage.REVIEW, why=why, patch=patch, objection=objection)
        await self.parts.recorder.record(now, change)
        self.done["to review"] += 1

    async def _back(self, lead: Lead) -> None:
        now = await self.parts.outbox.stands_now(lead)
        if now.stands is Stage.REVIEW and lead.stands is not Stage.REVIEW:
            self.done["to review"] -= 1
            why = "the job is halted, not this lead at fault"
            await self.parts.recorder.record(now, Change(now=lead.stands, why=why))


class _Places:
    """How many are in flight, and a wait for one that ends."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._left = anyio.Event()
        self.taken = 0

    def leave(self) -> None:
        """One has ended."""
        self.taken -= 1
        self._left.set()

    async def wait(self, enough: Callable[[], bool]) -> None:
        """Until there is a place, and as long as it is enough because of one that is still in flight."""
        while self.taken >= self._at_once or (self.taken and enough()):
            self._left = anyio.Event()
            await self._left.wait()


async def of(leads: Sequence[Lead]) -> AsyncIterator[Lead]:
    """Leads that are all there already, as `several` takes them."""
    for lead in leads:
        yield lead


def _without_row(decision: Hold | Stop) -> str:
    """The reason as a log may hold it. That of review is the row's own Waiting for, where anything may stand."""
    if isinstance(decision, Stop) and decision.stage is Stage.REVIEW:
        return f"in review: {decision.objection or 'a human must look'}"
    return unquoted(decision.why)


class Enough(Exception):
    """Nothing is wrong, but no other lead can be served either: the run ends here."""


class JobHalted(Exception):
    """The job itself is switched off: too many failures of one cause in a row."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One scheduled story.

    `needs` are the roles whose halt stops it, `doc` is what it does, for the operator. `cron` (UTC) is when it looks
    unless the configuration says otherwise; None: by hand only.
    """

    name: str
    run: Callable[[JobRun], Awaitable[None]]
    needs: frozenset[str]
    doc: str
    cron: str | None = None
    deadline_s: float = 3600


@dataclass(frozen=True, kw_only=True)
class JobEnd:
    """How a run ended: `code` is the exit code of the command line, `words` what an operator reads."""

    code: int
    words: str
    done: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)


async def run_job(job: Job, run: JobRun, slot: str) -> JobEnd:
    """Run one slot of a job: once, alone, within its deadline. Never raises a failure of the world.

    By hand it waits for its turn; by schedule it is left out while another run goes on, and the next slot picks up. The
    wait has no end of its own, for each run before it ends at its deadline. Cancelled while it waits, it never was;
    cancelled later, what it did is kept and its record says so.
    """
    with run.parts.log.run(job.name, slot):
        return await _in_turn(job, run, slot)


async def _in_turn(job: Job, run: JobRun, slot: str) -> JobEnd:
    parts = run.parts
    if parts.runs.taken(job.name) and not run.by_hand:
        parts.log.write("job.skipped", job=job.name, reason="the run before goes on")
        return JobEnd(code=0, words="the run before goes on")

    def began() -> Running:
        return Running(since=parts.world.clock.now(), by_hand=run.by_hand)

    async with parts.runs.turn(job.name, began, run.waits, run.progress) as progress:
        run.progress = progress
        try:
            return await _slot(job, run, slot)
        except Failure as failure:
            # Our own memory does not take it (a full disk): the next slot tries again.
            await parts.alerts.unwritable(failure)
            end = _end(run, 1, f"ended early: {failure}")
            parts.log.write("job.failed", job=job.name, run=slot, reason=end.words)
            return end


async def _slot(job: Job, run: JobRun, slot: str) -> JobEnd:
    parts = run.parts
    off = await _switched_off(job, parts)
    if off is not None:
        parts.log.write("job.skipped", job=job.name, reason=off)
        return JobEnd(code=3, words=f"did not run: {off}")
    began = parts.world.clock.now()
    if not await parts.world.ledger.start_run(RunRecord(job=job.name, slot=slot, began=began)):
        parts.log.write("job.skipped", job=job.name, reason="this slot has run")
        return JobEnd(code=0, words="this slot has run already")
    parts.log.write("job.started", job=job.name, run=slot)
    try:
        end = await _consequences(job, run)
    except anyio.get_cancelled_exc_class():
        with anyio.CancelScope(shield=True):
            await _ended(job, run, slot, _end(run, 1, "stopped in the midst"))
        raise
    await _ended(job, run, slot, end)
    return end


async def _ended(job: Job, run: JobRun, slot: str, end: JobEnd) -> None:
    parts = run.parts
    told = {**run.done, **{f"held: {why}": count for why, count in run.held.items()}}
    await parts.world.ledger.end_run(job.name, slot, parts.world.clock.now(), unquoted(end.words), told)
    await parts.alerts.writable()
    event = "job.finished" if end.code == 0 else "job.failed"
    parts.log.write(event, job=job.name, run=slot, reason=end.words)


async def _switched_off(job: Job, parts: Parts) -> str | None:
    halts = await parts.world.ledger.halts(parts.world.clock.now())
    halt = off_by(halts, parts, job.name, job.needs)
    if halt is None:
        return None
    lifts = f"it goes on by itself at {halt.until:%Y-%m-%d %H:%M} UTC, or" if halt.until else "to go on"
    return f"{halt.what} is off: {halt.why}; {lifts}: outboundd resume {halt.what}"


def off_by(halts: Sequence[Halt], parts: Parts, job: str, needs: frozenset[str]) -> Halt | None:
    """The halt that keeps a job with these needs from running: its own, or that of a vendor."""
    needed = needs - {RESEARCHER} if parts.settings.write_without_research else needs
    stops = {job, *(vendor(parts, role) for role in needed)}
    return next((halt for halt in halts if halt.what in stops), None)


def vendor(parts: Parts, role: str) -> str:
    """The name of the adapter that plays a role."""
    names = {
        STORE: parts.world.store.name,
        MAILER: parts.world.mailer.name,
        WRITER: parts.world.writer.name,
        RESEARCHER: parts.world.researcher.name,
    }
    return names[role]


async def _consequences(job: Job, run: JobRun) -> JobEnd:
    cause = f"job.{job.name}"
    try:
        with anyio.fail_after(job.deadline_s):
            await job.run(run)
    except Exhausted as failure:
        await run.parts.halts.vendor(failure)
        return _end(run, 3, f"halted: {failure}")
    except JobHalted as halted:
        await run.parts.halts.job(job.name, unquoted(str(halted)))
        return _end(run, 3, f"halted: {halted}")
    except (Transient, Ambiguous) as failure:
        await _tell_away(run.parts, job.name, failure)
        return _end(run, 1, f"ended early: {failure}")
    except Refused as failure:
        await run.parts.alerts.tell(f"{cause}.{failure.cause}", f"{job.name} ended early", str(failure))
        return _end(run, 1, f"ended early: {failure}")
    except TimeoutError:
        await run.parts.alerts.tell(f"{cause}.deadline", f"{job.name} took too long", f"over {job.deadline_s:.0f} s")
        return _end(run, 1, f"ended at its deadline of {job.deadline_s:.0f} s")
    except Exception as error:  # noqa: BLE001 (a bug in one job must not end the daemon)
        bug = broken(error)
        await run.parts.alerts.tell(f"{cause}.{bug.cause}", f"{job.name} broke", str(bug))
        return _end(run, 1, f"broke: {bug}")
    await _recovered(run.parts, job)
    return _end(run, 0, "")


async def _tell_away(parts: Parts, job: str, failure: Failure) -> None:
    """The next slot tries again. One outage strikes many jobs and is one thing to tell; a halt was told as such."""
    if failure.vendor in {halt.what for halt in await parts.world.ledger.halts(parts.world.clock.now())}:
        return
    struck = sorted({*await struck_by(parts, failure.vendor), job})
    await parts.world.ledger.put(f"{AWAY}.{failure.vendor}", " ".join(struck))
    title = f"{failure.vendor} is away: {failure.cause}"
    await parts.alerts.tell(f"{AWAY}.{failure.vendor}", title, f"{job} ended early: {failure}")


async def struck_by(parts: Parts, away: str) -> frozenset[str]:
    """The jobs that ended early because of this vendor, and have not run through since."""
    return frozenset((await parts.world.ledger.get(f"{AWAY}.{away}")).split())


async def _recovered(parts: Parts, job: Job) -> None:
    """What this job's good run shows to be over; also a vendor's halt that ended by itself."""
    off = {halt.what for halt in await parts.world.ledger.halts(parts.world.clock.now())}
    back = {f"vendor.{name}" for name in (vendor(parts, role) for role in job.needs) if name not in off}
    for incident in await parts.world.ledger.incidents(open_only=True):
        what = incident.what
        if what.startswith(f"job.{job.name}.") or what in back:
            await parts.alerts.over(what)
        elif what.startswith(f"{AWAY}."):
            await _not_away_for(parts, what.removeprefix(f"{AWAY}."), job.name)


async def _not_away_for(parts: Parts, away: str, job: str) -> None:
    """An outage is over when every job that it struck has run through: another may not have needed the vendor."""
    struck = sorted(await struck_by(parts, away) - {job})
    await parts.world.ledger.put(f"{AWAY}.{away}", " ".join(struck))
    if not struck:
        await parts.alerts.over(f"{AWAY}.{away}")


def _end(run: JobRun, code: int, words: str) -> JobEnd:
    done = [f"{count} {what}" for what, count in run.done.items() if count]
    held = sum(run.held.values())
    told = [*done, *([f"{held} held"] if held else [])]
    # a run that broke off has not seen whether anything was due
    rest = ", ".join(told) or ("nothing was done" if words else "nothing was due")
    return JobEnd(code=code, words=f"{words}; {rest}" if words else rest, done=dict(run.done), held=dict(run.held))

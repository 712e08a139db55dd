"""How are the parts put together, and how does the program run? The composition root.

Everything is built here and nowhere else: config -> adapters -> engine -> desk. A daemon runs the job table and answers
on the control socket; a single command builds the same parts in its own process.
"""

import hashlib
import os
import random
import secrets
import shutil
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import anyio
from anyio.abc import TaskGroup
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from outboundd import prompts
from outboundd.adapters import control
from outboundd.adapters.console import ConsoleOperator
from outboundd.adapters.dry import DryMailer, DryStore, DrySuppression
from outboundd.adapters.ledger import SqliteLedger
from outboundd.adapters.maildir import MaildirMailer
from outboundd.adapters.memory_operator import MemoryOperator
from outboundd.adapters.none import NoResearcher
from outboundd.adapters.process_lock import Locked, process_lock
from outboundd.adapters.sqlite_store import SqliteStore
from outboundd.adapters.suppression import SuppressionFile
from outboundd.adapters.system_clock import SystemClock
from outboundd.adapters.template import TemplateWriter
from outboundd.commands import COMMANDS
from outboundd.commands.desk import Desk, Finding, Line, Refusal
from outboundd.config import Config, find, load
from outboundd.config.cron import runs_per_hour
from outboundd.engine.failures import broken
from outboundd.engine.journal import Log
from outboundd.engine.parts import World, assemble
from outboundd.engine.run_job import JobRun, run_job
from outboundd.jobs import JOBS
from outboundd.ports import Clock, Failure, LeadStore, Mailer, Operator, Researcher, Writer

LOCK_WAIT_S = 600.0
MISFIRE_GRACE_S = 300
LET_THROUGH_S = 0.01  # for what fired in the instant of the stop: cut off, APScheduler would log it as an error
FIRST = "reconcile"
DISK_YELLOW_BYTES = 1_000_000_000
DISK_RED_BYTES = 100_000_000


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What a caller may put in place of the machine's own: the demo and tests bring their own.

    `entropy` makes the key of a new suppression list, and so the ids of leads. Only the demo is not `durable`: its
    files need not survive a power cut, and three weeks of commits are forty thousand waits for the disk.
    """

    log: Log
    operator: Operator
    rng: random.Random
    entropy: Callable[[int], bytes] = secrets.token_bytes
    durable: bool = True
    wrap: Callable[[World], World] = lambda world: world


def outside() -> Outside:
    """The machine's own."""
    return Outside(log=Log(), operator=ConsoleOperator(), rng=random.Random(secrets.randbits(64)))  # noqa: S311 (gaps between mails)


@asynccontextmanager
async def desk_of(config: Config, around: Outside, *, dry: bool = False) -> AsyncIterator[Desk]:
    """Open everything the configuration names and wire it. Raises ValueError (a sentence) for what cannot be opened."""
    async with AsyncExitStack() as stack:
        world = await _open(config, around, stack)
        settings, log = config.settings, around.log
        if dry:
            world, log = _dry(world, stack), Log(quiet=True)
            settings = replace(settings, limits=replace(settings.limits, gap_s=(0.0, 0.0)))
        sends = runs_per_hour(config.jobs["send"])
        parts = assemble(settings, around.wrap(world), log, around.rng, sends)
        yield Desk(
            parts=parts,
            jobs=JOBS,
            schedule=config.jobs,
            connected=connected(config),
            findings=lambda: findings(config),
            dry=dry,
        )


# One entry a kind: what the configuration may name. The contract suites run on every entry.
STORES: Mapping[str, Callable[[Config, Outside, SuppressionFile], LeadStore]] = {
    "sqlite": lambda config, around, people: SqliteStore(config.store.path, people.lead_id, durable=around.durable),
}
MAILERS: Mapping[str, Callable[[Config, Clock], Mailer]] = {
    "maildir": lambda config, clock: MaildirMailer(config.mailer.path, clock),
}
WRITERS: Mapping[str, Callable[[Config], Writer]] = {
    "template": lambda config: TemplateWriter(config.settings.prompts),
}
RESEARCHERS: Mapping[str, Callable[[Config], Researcher]] = {
    "none": lambda _: NoResearcher(),
}
KINDS: Mapping[str, Sequence[str]] = {
    "store": tuple(STORES),
    "mailer": tuple(MAILERS),
    "writer": tuple(WRITERS),
    "researcher": tuple(RESEARCHERS),
}


def read_config(path: Path | None, loaded_at: datetime) -> Config:
    """The configuration of this program. Raises ConfigError with one sentence per mistake."""
    return load(find(path), os.environ, loaded_at=loaded_at, prompts=prompts.load(), kinds=KINDS)


async def _open(config: Config, around: Outside, stack: AsyncExitStack) -> World:
    clock = SystemClock()
    suppression = SuppressionFile(config.suppression, around.entropy)
    stack.callback(suppression.close)
    name = config.settings.campaign.name
    ledger = SqliteLedger.open(config.state_dir / "ledger.db", name, suppression.fingerprint, durable=around.durable)
    stack.callback(ledger.close)
    store = STORES[config.store.kind](config, around, suppression)
    stack.callback(store.close)
    if ledger.empty_at_start and not await ledger.get("reconciled_at"):
        await ledger.put("quiet_open", "1")
    return World(
        store=store,
        ledger=ledger,
        suppression=suppression,
        mailer=MAILERS[config.mailer.kind](config, clock),
        writer=WRITERS[config.writer.kind](config),
        researcher=RESEARCHERS[config.researcher.kind](config),
        operator=around.operator,
        clock=clock,
    )


def _dry(world: World, stack: AsyncExitStack) -> World:
    """The same world with every write swallowed: jobs run as they are, on a copy of the ledger, and tell nobody."""
    copy = cast("SqliteLedger", world.ledger).copy_to_memory()
    stack.callback(copy.close)
    return replace(
        world,
        store=DryStore(world.store),
        ledger=copy,
        suppression=DrySuppression(world.suppression),
        mailer=DryMailer(world.mailer),
        operator=MemoryOperator(),
    )


def connected(config: Config) -> tuple[str, ...]:
    """What the program is wired to, in plain words."""
    return (
        f"leads:     SQLite, {config.store.path}",
        f"mail:      a maildir, {config.mailer.path} (nothing leaves this machine)",
        "writer:    templates (no model, no cost)",
        "research:  none",
        f"state:     {config.state_dir}",
    )


def findings(config: Config) -> tuple[Finding, ...]:
    """What `check` can say of the configuration and of the disk, which no other part knows."""
    texts = config.settings.prompts
    told = hashlib.sha256("\n".join(f"{name}\n{texts[name]}" for name in sorted(texts)).encode()).hexdigest()[:12]
    read = f"{config.path}, hash {config.hash}, read {config.loaded_at:%Y-%m-%d %H:%M} UTC"
    return (
        Finding(light="green", what="config", found=read),
        Finding(light="green", what="prompts", found=f"{len(texts)} texts, hash {told}"),
        Finding(light="green", what="secrets", found="none is needed: store, mailer and writer are embedded"),
        _disk(config.state_dir),
    )


def _disk(state_dir: Path) -> Finding:
    free = shutil.disk_usage(state_dir).free
    told = f"{free / 1e9:,.1f} GB free at {state_dir}"
    if free >= DISK_YELLOW_BYTES:
        return Finding(light="green", what="disk", found=told)
    remedy = "make room: nothing is sent when the ledger cannot be written"
    return Finding(light="red" if free < DISK_RED_BYTES else "yellow", what="disk", found=told, remedy=remedy)


async def serve(config: Config, around: Outside, stop: anyio.Event) -> int:
    """Run the job table and the control socket until `stop`. Returns the exit code."""
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        async with process_lock(config.state_dir, 0), desk_of(config, around) as desk:
            desk.by_schedule = True
            around.log.write("daemon.started", reason="; ".join(" ".join(line.split()) for line in desk.connected))
            await _run(config, desk, stop)
    except Locked as locked:
        print(f"outboundd: {locked}: is a daemon running already?", file=sys.stderr)  # noqa: T201
        return 4
    around.log.write("daemon.stopped")
    return 0


async def _run(config: Config, desk: Desk, stop: anyio.Event) -> None:
    async with anyio.create_task_group() as group:
        place = control.sockets(os.environ, config.state_dir)
        own = next((path for path in place if path.parent.is_dir() and os.access(path.parent, os.W_OK)), place[-1])
        group.start_soon(control.serve, own, _answers(desk, config))
        await job_table(desk, stop)
        group.cancel_scope.cancel()


async def job_table(desk: Desk, stop: anyio.Event) -> None:
    """Run each job when its cron line says so, and a first reconcile at once, until `stop`."""
    scheduler = AsyncIOScheduler(timezone=UTC)
    requests, due = anyio.create_memory_object_stream[tuple[str, str]](100)

    async def fire(job: str) -> None:
        """Only a request: our own task group does the work, so that drain, cancel and errors stay ours."""
        slot = desk.parts.world.clock.now().replace(second=0, microsecond=0).isoformat()
        if requests.statistics().current_buffer_used < 100:
            requests.send_nowait((job, slot))

    for name, cron in desk.schedule.items():
        trigger = CronTrigger.from_crontab(cron, timezone=UTC)
        scheduler.add_job(fire, trigger, args=[name], id=name, misfire_grace_time=MISFIRE_GRACE_S, coalesce=True)
    async with requests, due, anyio.create_task_group() as group:
        group.start_soon(_jobs, desk, due, group)
        requests.send_nowait((FIRST, f"start-{desk.parts.world.clock.now().isoformat()}"))
        scheduler.start()
        await stop.wait()
        scheduler.pause()
        await anyio.sleep(LET_THROUGH_S)
        scheduler.shutdown(wait=False)
        group.cancel_scope.cancel()


async def _jobs(desk: Desk, due: anyio.abc.ObjectReceiveStream[tuple[str, str]], group: TaskGroup) -> None:
    async for job, slot in due:
        group.start_soon(_one_slot, desk, job, slot)


async def _one_slot(desk: Desk, job: str, slot: str) -> None:
    await run_job(desk.jobs[job], JobRun(parts=desk.parts, job=job), slot)


def _answers(desk: Desk, config: Config) -> control.CarryOut:
    async def answer(name: str, arguments: Mapping[str, Any]) -> AsyncGenerator[control.Say, None]:
        arguments = dict(arguments)
        dry = bool(arguments.pop("dry", False))
        around = Outside(log=desk.parts.log, operator=desk.parts.world.operator, rng=desk.parts.rng)
        try:
            async with aclosing(said(name, arguments, desk if not dry else None, config, around)) as told:
                async for say in told:
                    yield say
        except Exception as error:  # noqa: BLE001 (a bug in one command must not end the daemon)
            yield {"error": f"{name} broke: {broken(error)}"}
            yield {"exit": 1}

    return answer


async def said(
    name: str, arguments: Mapping[str, Any], desk: Desk | None, config: Config, around: Outside
) -> AsyncGenerator[control.Say, None]:
    """Carry out a command and tell it as the socket does; on `desk`, or dry on a copy when there is none."""
    try:
        async with AsyncExitStack() as stack:
            here = desk or await stack.enter_async_context(desk_of(config, around, dry=True))
            lines = await stack.enter_async_context(aclosing(COMMANDS[name].run(here, **arguments)))
            async for line in lines:
                yield _say(line)
    except Refusal as refusal:
        yield {"error": refusal.sentence}
        yield {"exit": refusal.code}
    except Failure as failure:
        yield {"error": f"{name} ended early: {failure}"}
        yield {"exit": 1}
    else:
        yield {"exit": 0}


def _say(line: Line) -> control.Say:
    told = {"text": line.text, "data": line.data, "progress": line.progress, "file": line.file}
    return {name: value for name, value in told.items() if value not in (None, "")}


async def alone(
    config: Config, name: str, arguments: Mapping[str, Any], *, dry: bool
) -> AsyncGenerator[control.Say, None]:
    """Carry out a command in this process: no daemon answers. Reading ones need no lock, others wait for it."""
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    around = outside()
    async with AsyncExitStack() as stack:
        try:
            if not dry and not COMMANDS[name].reads_only:
                await stack.enter_async_context(process_lock(config.state_dir, LOCK_WAIT_S))
            desk = None if dry else await stack.enter_async_context(desk_of(config, around))
        except Locked as locked:
            yield {"error": str(locked)}
            yield {"exit": 4}
            return
        told = await stack.enter_async_context(aclosing(said(name, arguments, desk, config, around)))
        async for say in told:
            yield say


async def run(config: Config) -> int:
    """The daemon in the foreground, until SIGTERM or Ctrl-C."""
    stop = anyio.Event()

    async def signals() -> None:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as received:
            async for _ in received:
                stop.set()

    async with anyio.create_task_group() as group:
        group.start_soon(signals)
        code = await serve(config, outside(), stop)
        group.cancel_scope.cancel()
    return code

"""How does the program run: as a daemon with its job table and control socket, or for a single command?"""

import faulthandler
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import Listener, SocketStream, TaskGroup
from apscheduler.events import EVENT_JOB_MISSED
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from outboundd import reload
from outboundd.adapters import control
from outboundd.adapters.process_lock import Locked, process_lock
from outboundd.adapters.systemd import Systemd
from outboundd.commands import COMMANDS
from outboundd.commands.desk import Desk, Line, Refusal
from outboundd.config import Config
from outboundd.engine.failures import broken
from outboundd.engine.journal import Log
from outboundd.engine.pulse import Pulse
from outboundd.engine.run_job import JobRun, run_job
from outboundd.orders import Orders, from_signals
from outboundd.ports import Failure
from outboundd.service import Service
from outboundd.wiring import Outside, desk_of, outside

Callers = Listener[SocketStream]
LOCK_WAIT_S = 600.0
MISFIRE_GRACE_S = 300
LET_THROUGH_S = 0.01  # for what fired in the instant of the stop: cut off, APScheduler would log it as an error
LET_FINISH_S = 30.0  # to runs and commands, before another configuration takes over
STOP_WITHIN_S = 16.0  # a POST takes 12 at most, and systemd kills after 20
FIRST = "reconcile"


async def serve(config: Config, orders: Orders, manager: Systemd) -> int:
    """Work until told to stop, one sitting for each configuration. Returns the exit code."""
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        async with process_lock(config.state_dir, 0), control.listening(_socket(config)) as callers:
            await _sittings(config, callers, orders, manager)
    except Locked as locked:
        print(f"outboundd: {locked}: is a daemon running already?", file=sys.stderr)  # noqa: T201
        return 4
    return 0


def _socket(config: Config) -> Path:
    places = control.sockets(os.environ, config.state_dir)
    return next((path for path in places if path.parent.is_dir() and os.access(path.parent, os.W_OK)), places[-1])


async def _sittings(first: Config, callers: Callers, orders: Orders, manager: Systemd) -> None:
    """One after the other. Where the parts of a new configuration cannot be opened, those of the one before come back.

    Raises what opening the first one raises.
    """
    config: Config | None = first
    before: Config | None = None
    refused: reload.NotTaken | None = None
    while config is not None:
        async with AsyncExitStack() as stack:
            around = outside()
            try:
                desk = await stack.enter_async_context(desk_of(config, around))
            except (ValueError, OSError, Failure) as error:
                if before is None:
                    raise
                config, before, refused = before, None, reload.unopened(error)
                continue
            if refused is not None:
                await reload.refuse(desk.parts, config, refused)
            elif before is not None:
                await reload.taken(desk.parts, config)
            sitting = Sitting(config=config, desk=desk, orders=orders, manager=manager)
            config, before, refused = await sitting.sit(callers), config, None
    around.log.write("daemon.stopped")


@dataclass(kw_only=True)
class Sitting:
    """The daemon at work on one configuration."""

    config: Config
    desk: Desk
    orders: Orders
    manager: Systemd

    async def sit(self, callers: Callers) -> Config | None:
        """Work until told otherwise. Returns the configuration to go on with, None to stop.

        Before another configuration, runs and commands may finish for LET_FINISH_S; before a stop only what is in the
        POST does, for it is shielded.
        """
        self.desk.by_schedule = True
        following = None
        pulse = pulse_of(self.desk)
        service = Service(self.manager, self.desk, pulse)
        async with anyio.create_task_group() as bounds:
            async with anyio.create_task_group() as work:
                bounds.start_soon(self._cut_off_at_a_stop, work)
                bounds.start_soon(service.keep_watch)
                async with anyio.create_task_group() as office:
                    # Whatever brings work in stands here: it ends before the work does.
                    office.start_soon(schedule, self.desk, work, pulse, service.every_s)
                    office.start_soon(control.serve, callers, _answers(self.desk, self.config), work)
                    office.start_soon(service.keep_status)
                    self._say_started()
                    self.manager.ready(await service.line())
                    following = await self._next_config(service)
                    office.cancel_scope.cancel()
                work.cancel_scope.deadline = anyio.current_time() + LET_FINISH_S
            bounds.cancel_scope.cancel()
        return following

    def _say_started(self) -> None:
        reason = "; ".join(" ".join(line.split()) for line in self.desk.connected)
        self.desk.parts.log.write("daemon.started", reason=reason)

    async def _cut_off_at_a_stop(self, work: TaskGroup) -> None:
        await self.orders.stop.wait()
        self.manager.stopping("stopping: mail that is on its way is seen off")
        work.cancel_scope.cancel()

    async def _next_config(self, service: Service) -> Config | None:
        while await self.orders.reload():
            self.manager.reloading()
            try:
                return reload.read_anew(self.config)
            except reload.NotTaken as not_taken:
                await reload.refuse(self.desk.parts, self.config, not_taken)
            self.manager.ready(await service.line())
        return None


async def job_table(desk: Desk, stop: anyio.Event) -> None:
    """Run each job when its cron line says so, and a first reconcile at once, until `stop`."""
    async with anyio.create_task_group() as work:
        async with anyio.create_task_group() as office:
            office.start_soon(schedule, desk, work, pulse_of(desk))
            await stop.wait()
            office.cancel_scope.cancel()
        work.cancel_scope.cancel()


async def schedule(desk: Desk, work: TaskGroup, pulse: Pulse, tick_every_s: float | None = None) -> None:
    """Begin the runs that are due, and a first reconcile at once, until cancelled; they belong to `work`.

    Each run's beginning and end are noted in `pulse`, and every `tick_every_s` seconds that the scheduler lives.
    """
    scheduler = AsyncIOScheduler(timezone=UTC)
    requests, due = anyio.create_memory_object_stream[tuple[str, str]](100)

    async def fire(job: str) -> None:
        """Only a request: our own task group does the work, so that drain, cancel and errors stay ours."""
        slot = desk.parts.world.clock.now().replace(second=0, microsecond=0).isoformat()
        if requests.statistics().current_buffer_used < 100:
            requests.send_nowait((job, slot))

    async def tick() -> None:
        pulse.ticked()

    for name, cron in desk.schedule.items():
        trigger = CronTrigger.from_crontab(cron, timezone=UTC)
        scheduler.add_job(fire, trigger, args=[name], id=name, misfire_grace_time=MISFIRE_GRACE_S, coalesce=True)
    scheduler.add_listener(lambda missed: pulse.answered(missed.job_id), EVENT_JOB_MISSED)
    if tick_every_s is not None:
        scheduler.add_job(tick, IntervalTrigger(seconds=tick_every_s), misfire_grace_time=None, coalesce=True)
    async with requests, due:
        requests.send_nowait((FIRST, f"start-{desk.parts.world.clock.now().isoformat()}"))
        scheduler.start()
        try:
            async for job, slot in due:
                work.start_soon(_one_slot, desk, job, slot, pulse)
        finally:
            scheduler.pause()
            with anyio.CancelScope(shield=True):
                await anyio.sleep(LET_THROUGH_S)
            scheduler.shutdown(wait=False)


async def _one_slot(desk: Desk, job: str, slot: str, pulse: Pulse) -> None:
    pulse.begins(job)
    await run_job(desk.jobs[job], JobRun(parts=desk.parts, job=job), slot)
    pulse.answered(job)


def pulse_of(desk: Desk) -> Pulse:
    """What this desk's schedule is measured by."""
    triggers = {job: CronTrigger.from_crontab(cron, timezone=UTC) for job, cron in desk.schedule.items()}
    locks = desk.parts.locks

    def next_slot(job: str, after: datetime) -> datetime | None:
        at: datetime | None = triggers[job].get_next_fire_time(after, after) if job in triggers else None
        return at

    return Pulse(
        clock=desk.parts.world.clock,
        deadlines_s={job: desk.jobs[job].deadline_s for job in triggers},
        next_slot=next_slot,
        runs=lambda job: job in locks and locks[job].locked(),
    )


def _answers(desk: Desk, config: Config) -> control.CarryOut:
    async def answer(name: str, arguments: Mapping[str, Any]) -> AsyncGenerator[control.Say, None]:
        arguments = dict(arguments)
        dry, named = bool(arguments.pop("dry", False)), arguments.pop("config", "")
        if named not in ("", str(config.path)):
            yield {"elsewhere": str(config.path)}
            return
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
    """The daemon in the foreground, until SIGTERM, Ctrl-C or the end of its terminal. SIGHUP reloads."""
    faulthandler.enable()  # what the loop hung in, when the watchdog's SIGABRT ends it: file names and lines only
    async with from_signals() as orders, anyio.create_task_group() as group:
        group.start_soon(_leave_in_time, orders)
        code = await serve(config, orders, Systemd(os.environ))
        group.cancel_scope.cancel()
    return code


async def _leave_in_time(orders: Orders) -> None:
    """A request to the lead table that is not answered may take half a minute, and nothing is lost by leaving it."""
    await orders.stop.wait()
    await anyio.sleep(STOP_WITHIN_S)
    Log().write("daemon.stopped", reason="a request that is not answered was left")
    os._exit(0)

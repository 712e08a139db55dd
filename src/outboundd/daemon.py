"""How does the program run: as a daemon with its job table and control socket, or for a single command?"""

import inspect
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, aclosing
from datetime import UTC
from typing import Any

import anyio
from anyio.abc import TaskGroup
from apscheduler.triggers.cron import CronTrigger

from outboundd.adapters import control
from outboundd.adapters.process_lock import Locked, process_lock
from outboundd.chat import listening
from outboundd.commands import COMMANDS
from outboundd.commands.desk import Desk, Line, Refusal
from outboundd.config import Config
from outboundd.engine.failures import broken
from outboundd.engine.run_job import JobRun, run_job
from outboundd.ports import Failure
from outboundd.wiring import Outside, desk_of, of_command, of_daemon

LOCK_WAIT_S = 600.0
MISFIRE_GRACE_S = 300
LET_THROUGH_S = 0.01  # for what fired in the instant of the stop: cut off, APScheduler would log it as an error
FIRST = "reconcile"


async def serve(config: Config, around: Outside, stop: anyio.Event) -> int:
    """Run the job table and the control socket until `stop`. Returns the exit code."""
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        async with process_lock(config.state_dir, 0), desk_of(config, around) as desk:
            desk.by_schedule = True
            around.log.write("daemon.started", reason="; ".join(" ".join(line.split()) for line in desk.connected))
            await _run(config, around, desk, stop)
    except Locked as locked:
        print(f"outboundd: {locked}: is a daemon running already?", file=sys.stderr)  # noqa: T201
        return 4
    around.log.write("daemon.stopped")
    return 0


async def _run(config: Config, around: Outside, desk: Desk, stop: anyio.Event) -> None:
    async with anyio.create_task_group() as group:
        place = control.runtime_place(os.environ) or control.place_in(config.state_dir)
        await group.start(control.serve, place, _answers(desk, config))
        if around.chat is not None:
            group.start_soon(listening.keep, desk, around.chat, config.telegram.allowed_user_ids, around.chart)
        await job_table(desk, stop)
        group.cancel_scope.cancel()


async def job_table(desk: Desk, stop: anyio.Event) -> None:
    """Run each job when its cron line says so, and a first reconcile at once, until `stop`."""
    from apscheduler.schedulers.asyncio import AsyncIOScheduler  # a single command schedules nothing

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
        try:
            await stop.wait()
            scheduler.pause()
            await anyio.sleep(LET_THROUGH_S)
        finally:
            scheduler.shutdown(wait=False)  # also where this is broken off: its timers would go on
        group.cancel_scope.cancel()


async def _jobs(desk: Desk, due: anyio.abc.ObjectReceiveStream[tuple[str, str]], group: TaskGroup) -> None:
    async for job, slot in due:
        group.start_soon(_one_slot, desk, job, slot)


async def _one_slot(desk: Desk, job: str, slot: str) -> None:
    await run_job(desk.jobs[job], JobRun(parts=desk.parts, job=job), slot)


def _answers(desk: Desk, config: Config) -> control.CarryOut:
    async def answer(name: str, arguments: Mapping[str, Any]) -> AsyncGenerator[control.Say, None]:
        arguments = dict(arguments)
        dry, named = bool(arguments.pop("dry", False)), arguments.pop("config", "")
        if named not in ("", str(config.path)):
            yield {"elsewhere": str(config.path)}
            return
        unknown = _unknown(name, arguments)
        if unknown:
            yield {"error": f"{unknown}; the daemon is of another version than the program that asks: restart it"}
            yield {"exit": 2}
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


def _unknown(name: str, arguments: Mapping[str, Any]) -> str:
    """What is asked that this program cannot do; '' when it can."""
    if name not in COMMANDS:
        return f"no command is called {name!r}"
    try:
        inspect.signature(COMMANDS[name].run).bind(None, **arguments)
    except TypeError as error:
        return f"{name}: {error}"
    return ""


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
    config: Config,
    name: str,
    arguments: Mapping[str, Any],
    one_answers: Callable[[], bool] = lambda: False,
    *,
    dry: bool,
) -> AsyncGenerator[control.Say, None]:
    """Carry out a command in this process: no daemon answers. Reading ones need no lock, others wait for it.

    Raises Locked after ten minutes, or while waiting as soon as `one_answers`: a daemon keeps the lock while it runs.
    """
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    around = of_command(config)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(around.operator.aclose)
        if not dry and not COMMANDS[name].reads_only:
            try:
                await stack.enter_async_context(process_lock(config.state_dir, 0))
            except Locked as locked:
                yield {"note": f"{locked}: waiting for it, {LOCK_WAIT_S / 60:.0f} minutes at most"}
                await stack.enter_async_context(process_lock(config.state_dir, LOCK_WAIT_S, one_answers))
        desk = None if dry else await stack.enter_async_context(desk_of(config, around))
        told = await stack.enter_async_context(aclosing(said(name, arguments, desk, config, around)))
        async for say in told:
            yield say


async def run(config: Config) -> int:
    """The daemon in the foreground, until SIGTERM, Ctrl-C or the end of its terminal."""
    stop = anyio.Event()

    async def signals() -> None:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as received:
            async for _ in received:
                stop.set()

    around = of_daemon(config)
    async with AsyncExitStack() as stack, anyio.create_task_group() as group:
        stack.push_async_callback(around.operator.aclose)
        group.start_soon(signals)
        code = await serve(config, around, stop)
        group.cancel_scope.cancel()
    return code

"""How does the daemon work: one sitting for each configuration, until it is told to stop?"""

import faulthandler
import os
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import anyio
from anyio.abc import Listener, SocketStream, TaskGroup

from outboundd import reload
from outboundd.adapters import control
from outboundd.adapters.process_lock import Locked, process_lock
from outboundd.adapters.systemd import Systemd
from outboundd.carry_out import answers
from outboundd.chat import listening
from outboundd.commands.desk import Desk
from outboundd.config import Config
from outboundd.engine.journal import Log
from outboundd.orders import Orders, from_signals
from outboundd.ports import Failure
from outboundd.service import Service
from outboundd.timetable import pulse_of, schedule
from outboundd.wiring import Outside, desk_of, of_daemon

Callers = Listener[SocketStream]
ANSWERS_WITHIN_S = 3.0  # to what was answered last, before a stop or another configuration
LET_FINISH_S = 30.0  # to runs and commands, before another configuration takes over
STOP_WITHIN_S = 16.0  # a POST takes 12 at most, and systemd kills after 20


async def serve(
    config: Config, orders: Orders, manager: Systemd, around_of: Callable[[Config], Outside] = of_daemon
) -> int:
    """Work until told to stop, one sitting for each configuration. Returns the exit code."""
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        async with process_lock(config.state_dir, 0), control.listening(_socket(config)) as callers:
            await _sittings(config, callers, orders, manager, around_of)
    except Locked as locked:
        print(f"outboundd: {locked}: is a daemon running already?", file=sys.stderr)  # noqa: T201
        return 4
    return 0


def _socket(config: Config) -> Path:
    return control.runtime_place(os.environ) or control.place_in(config.state_dir)


async def _sittings(
    first: Config, callers: Callers, orders: Orders, manager: Systemd, around_of: Callable[[Config], Outside]
) -> None:
    """One after the other. Where the parts of a new configuration cannot be opened, those of the one before come back.

    Raises what opening the first one raises.
    """
    config: Config | None = first
    before: Config | None = None
    refused: reload.NotTaken | None = None
    while config is not None:
        async with AsyncExitStack() as stack:
            around = around_of(config)
            stack.push_async_callback(around.operator.aclose)
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
            sitting = Sitting(config=config, around=around, desk=desk, orders=orders, manager=manager)
            config, before, refused = await sitting.sit(callers), config, None
    around.log.write("daemon.stopped")


@dataclass(kw_only=True)
class Sitting:
    """The daemon at work on one configuration."""

    config: Config
    around: Outside
    desk: Desk
    orders: Orders
    manager: Systemd

    async def sit(self, callers: Callers) -> Config | None:
        """Work until told otherwise. Returns the configuration to go on with, None to stop.

        Before another configuration, runs and commands may finish for LET_FINISH_S; before a stop only what is in the
        POST does, for it is shielded. Answers in the chat then have ANSWERS_WITHIN_S to be shown.
        """
        self.desk.by_schedule = True
        following = None
        pulse = pulse_of(self.desk)
        service = Service(self.manager, self.desk, pulse)
        async with anyio.create_task_group() as bounds:
            async with anyio.create_task_group() as work:
                bounds.start_soon(self._cut_off_at_a_stop, work)
                bounds.start_soon(service.keep_watch)
                bounds.start_soon(self._show)
                async with anyio.create_task_group() as office:
                    # Whatever brings work in stands here: it ends before the work does.
                    office.start_soon(schedule, self.desk, work, pulse, service.every_s)
                    office.start_soon(control.serve, callers, answers(self.desk, self.config), work)
                    office.start_soon(self._listen, work)
                    office.start_soon(service.keep_status)
                    self._say_started()
                    self.manager.ready(await service.line())
                    following = await self._next_config(service)
                    office.cancel_scope.cancel()
                work.cancel_scope.deadline = anyio.current_time() + LET_FINISH_S
            await self._see_off_answers()
            bounds.cancel_scope.cancel()
        return following

    async def _listen(self, work: TaskGroup) -> None:
        if self.around.chat is not None:
            allowed = self.config.telegram.allowed_user_ids
            await listening.keep(self.desk, self.around.chat, allowed, work, self.around.chart)

    async def _show(self) -> None:
        if self.around.chat is not None:
            await listening.show(self.desk, self.around.chat)

    async def _see_off_answers(self) -> None:
        if self.around.chat is not None:
            with anyio.move_on_after(ANSWERS_WITHIN_S):
                await self.around.chat.all_shown()

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

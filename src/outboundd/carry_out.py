"""How is a command carried out: inside the daemon for whoever asks on its socket, or by a process of its own?"""

import inspect
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, aclosing
from typing import Any

from outboundd.adapters import control
from outboundd.adapters.process_lock import Locked, process_lock
from outboundd.commands import COMMANDS
from outboundd.commands.desk import Desk, Line, Refusal
from outboundd.config import Config
from outboundd.engine.failures import broken
from outboundd.ports import Failure
from outboundd.wiring import Outside, desk_of, of_command

LOCK_WAIT_S = 600.0


def answers(desk: Desk, config: Config) -> control.CarryOut:
    """How the daemon at this desk answers on its socket."""

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

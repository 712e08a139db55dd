"""How does one command run in a process of its own that may be killed at any numbered effect?

Run as a program it is a zygote: it has imported everything, and for each line of JSON on its input it forks a process
that carries out one command with the very parts of the command line, dies by SIGKILL where it was told to, or tells
which effects it had. So a real process dies each time, and costs its fork instead of a second of imports.
"""

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import time_machine

from kill import scenario
from outboundd import daemon, prompts
from outboundd.adapters.memory_operator import MemoryOperator
from outboundd.adapters.process_lock import process_lock
from outboundd.config import Config, load
from outboundd.engine.journal import Log
from outboundd.engine.parts import World

WRITES = {
    "ledger": [
        "begin",
        "settle",
        "mark",
        "adopt_attempt",
        "commit",
        "pushed",
        "take_in",
        "see",
        "unsee",
        "add_events",
        "folded",
        "put",
        "halt",
        "resume",
        "start_run",
        "end_run",
        "cache",
        "spend",
        "open_incident",
        "close_incident",
        "forget",
    ],
    "store": ["apply", "upsert", "erase"],
    "mailer": ["send"],
    "suppression": ["suppress", "suppress_domain"],
}


class Effects:
    """Numbers every write to the world, and kills this process before or after one of them."""

    def __init__(self, kill_at: int | None, side: str) -> None:
        self.names: list[str] = []
        self._kill_at = kill_at
        self._side = side

    def _before(self, name: str) -> int:
        self.names.append(name)
        number = len(self.names)
        if number == self._kill_at and self._side == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    def _after(self, number: int) -> None:
        if self._kill_at is None or self._side == "before":
            return
        is_record = self._side == "record" and number > self._kill_at and self.names[number - 1].startswith("ledger.")
        if (self._side == "after" and number == self._kill_at) or is_record:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(self, name: str, effect: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The effect of a port, numbered."""

        async def call(*args: Any, **more: Any) -> Any:
            number = self._before(name)
            result = await effect(*args, **more)
            self._after(number)
            return result

        return call

    def counted_now(self, name: str, effect: Callable[..., Any]) -> Callable[..., Any]:
        """The effect of a call to the system, numbered."""

        def call(*args: Any, **more: Any) -> Any:
            number = self._before(name)
            result = effect(*args, **more)
            self._after(number)
            return result

        return call

    def wrap(self, world: World) -> World:
        """The same world, every write of it numbered; and the two steps in which a mail reaches the disk."""
        for part, writes in WRITES.items():
            for write in writes:
                effect = getattr(getattr(world, part), write)
                setattr(getattr(world, part), write, self.counted(f"{part}.{write}", effect))
        os.fsync = self.counted_now("disk.fsync", os.fsync)
        os.rename = self.counted_now("disk.rename", os.rename)
        return world


async def carry_out(config: Config, told: dict[str, Any], effects: Effects) -> int:
    """One command as the command line carries it out. Returns its exit code."""
    around = daemon.Outside(log=Log(quiet=True), operator=MemoryOperator(), rng=random.Random(7), wrap=effects.wrap)
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with process_lock(config.state_dir, 0), daemon.desk_of(config, around) as desk:
        if told["leads"]:
            await desk.parts.world.store.upsert([scenario.row(lead) for lead in told["leads"]])
            return 0
        arguments = {"job": told["job"], "limit": told["limit"]}
        code = -1
        async for say in daemon.said("once", arguments, desk, config, around):
            code = say.get("exit", code)
        return code


def run(told: dict[str, Any]) -> dict[str, Any]:
    """Carry out one command at its instant."""
    effects = Effects(told.get("kill_at"), told.get("side", ""))
    at = datetime.fromisoformat(told["at"])
    place = Path(told["place"])
    with time_machine.travel(at, tick=False):
        config = load(place / "config.toml", {}, loaded_at=datetime.now(UTC), prompts=prompts.load())
        code = asyncio.run(carry_out(config, told, effects))
    return {"code": code, "effects": effects.names}


def in_a_process(told: dict[str, Any]) -> dict[str, Any]:
    """Fork, carry out, and tell how it ended: `signal` when it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 1
        try:
            os.write(writing, json.dumps(run(told)).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as told_by_child:
        said = told_by_child.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return {"signal": os.WTERMSIG(status)}
    return json.loads(said) if said else {"code": -1}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(in_a_process(json.loads(line))), flush=True)

"""How does one command run in a process of its own that may be killed at any numbered effect?

Run as a program it is a zygote: it has imported everything, and for each line of JSON on its input it forks processes
that carry out commands with the very parts of the command line. Such a process dies by SIGKILL where it was told to, or
tells which effects it had. So a real process dies each time, and costs its fork instead of a second of imports.
"""

import asyncio
import gc
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import time_machine

from kill import disk, scenario, truth
from outboundd import prompts, wiring
from outboundd.adapters.memory_operator import MemoryOperator
from outboundd.adapters.process_lock import process_lock
from outboundd.carry_out import said
from outboundd.config import Config, load
from outboundd.engine.journal import Log
from outboundd.engine.parts import World
from outboundd.model.mail import EventPage, Letter, LoggedMail
from outboundd.ports import Clock, LeadStore, Ledger, Mailer, SuppressionList

# Whatever a port can do besides is an effect: a new method is numbered until it is named here.
ONLY_READ: Mapping[str, tuple[type, frozenset[str]]] = {
    "ledger": (
        Ledger,
        frozenset(
            {
                *(
                    "traffic",
                    "history",
                    "pair_counts",
                    "due",
                    "queue",
                    "drafts",
                    "seen",
                    "leads_of",
                    "transitions",
                    "head",
                ),
                *("unpushed", "attempt", "attempts", "count_attempts", "unfolded", "events_of", "counts", "find_event"),
                *("runs", "get", "cached", "spent", "incidents", "untold_incidents", "sending_days", "uncounted"),
                *("orders", "wordy", "mails_to"),
                *("counts_by_day", "counts_by", "mails_by_prompt", "reactions", "calls", "caps", "replies"),
            }
        ),
    ),
    "store": (LeadStore, frozenset({"new_rows", "with_override", "news", "read", "pages", "find", "probe", "set_up"})),
    "mailer": (Mailer, frozenset({"events", "log", "credits", "probe", "aclose"})),
    "suppression": (SuppressionList, frozenset({"person", "match", "persons", "size"})),
}
PROMPTS = prompts.load()
_FSYNC, _RENAME = os.fsync, os.rename


class Effects:
    """Numbers every write to the world, and kills this process before or after one of them."""

    def __init__(self, place: Path, kill_at: int | str, side: str, late: bool) -> None:
        """`kill_at`: the number of an effect, or the name of one whose first is meant."""
        self.names: list[str] = []
        self._place = place
        self._late = late
        self._kill_at = kill_at
        self._side = side

    def _before(self, name: str) -> int:
        self.names.append(name)
        number = len(self.names)
        if self._side == "before" and self._kill_at in (number, name):
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    def _after(self, number: int) -> None:
        is_at = self._side == "after" and number == self._kill_at
        is_past = self._side == "record" and number > int(self._kill_at)
        if is_at or (is_past and self.names[number - 1].startswith("ledger.")):
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
        if self._late:
            world.mailer = Late(world.mailer, world.clock)
        for part, (port, only_read) in ONLY_READ.items():
            for write in {name for name in vars(port) if not name.startswith("_")} - only_read:
                effect = getattr(getattr(world, part), write)
                setattr(getattr(world, part), write, self.counted(f"{part}.{write}", effect))
        sending = world.mailer.send

        async def send(letter: Letter) -> str:
            truth.witness(self._place, letter.tag)
            return cast(str, await sending(letter))

        world.mailer.send = send  # type: ignore[method-assign]
        os.fsync = self.counted_now("disk.fsync", _FSYNC)
        os.rename = self.counted_now("disk.rename", _RENAME)
        return world


class Late:
    """A mailer whose events and log tell of a mail only some time after it left, as those of real ones do."""

    settle_s = scenario.SETTLE_S

    def __init__(self, mailer: Mailer, clock: Clock) -> None:
        self._mailer = mailer
        self._clock = clock
        self.name = mailer.name
        self.send = mailer.send
        self.erase = mailer.erase
        self.probe = mailer.probe
        self.aclose = mailer.aclose

    async def events(self, since: datetime, until: datetime) -> AsyncIterator[EventPage]:
        async for page in self._mailer.events(since, min(until, self._clock.now() - scenario.EVENTS_LATE)):
            yield page

    async def log(self, email: str) -> Sequence[LoggedMail]:
        known = self._clock.now() - scenario.EVENTS_LATE
        return [line for line in await self._mailer.log(email) if line.at <= known]


async def carry_out(config: Config, told: dict[str, Any], wrap: Callable[[World], World]) -> int:
    """One command as the command line carries it out. Returns its exit code."""
    around = wiring.Outside(log=Log(quiet=True), operator=MemoryOperator(), rng=random.Random(7), wrap=wrap)
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with process_lock(config.state_dir, 0), wiring.desk_of(config, around) as desk:
        if told["leads"]:
            await desk.parts.world.store.upsert([scenario.row(lead) for lead in told["leads"]])
            return 0
        arguments = {"job": told["job"], "limit": told["limit"]} if told["job"] else {}
        code = -1
        async for say in said(told["name"], arguments, desk, config, around):
            code = say.get("exit", code)
        return code


def run(place: Path, told: dict[str, Any]) -> dict[str, Any]:
    """Carry out one command at its instant."""
    effects = Effects(place, told["kill_at"], told["side"], told["late"])
    with time_machine.travel(datetime.fromisoformat(told["at"]), tick=False):
        config = load(place / "config.toml", {}, loaded_at=datetime.now(UTC), prompts=PROMPTS)
        code = asyncio.run(carry_out(config, told, effects.wrap))
    return {"code": code, "effects": effects.names}


def in_a_process(place: Path, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Carry out one after the other with fresh parts, and tell how each ended: `signal` when it was killed."""
    return ended(*forked(lambda: [run(place, told) for told in commands]))


def forked(work: Callable[[], list[dict[str, Any]]]) -> tuple[int, int]:
    """Begin the work in a process of its own: its id, and the pipe on which it will tell how it went."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 1
        try:
            with os.fdopen(writing, "wb") as answer:
                answer.write(json.dumps(work()).encode())
            status = 0
        except Exception:  # noqa: BLE001 (nobody else would tell)
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    return child, reading


def ended(child: int, reading: int) -> list[dict[str, Any]]:
    """Wait for the end of the work, and tell how it ended."""
    with os.fdopen(reading, "rb") as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return [{"signal": os.WTERMSIG(status)}]
    return json.loads(said) if said else [{"code": -1}]


def die(place: Path, prepared: Path, command: dict[str, Any], states: list[str]) -> dict[str, Any]:
    """Die in a command on a copy of the prepared installation; tells what each loss leaves of it."""
    shutil.copytree(prepared, place)
    ended = in_a_process(place, [command])
    left = {}
    for state in states:
        lost = place.with_name(f"{place.name}-{state}")
        shutil.copytree(place, lost)
        scenario.lose(lost, state)
        left[state] = disk.print_of(lost)
    return {"ended": ended, "left": left}


def restart(place: Path, number: int) -> truth.Faults:
    """Restart a copy of what a death and a loss have left, and look."""
    copy, commands = place.with_name(f"{place.name}-{number}"), scenario.LOSSES[number].restart
    shutil.copytree(place, copy)
    codes = [end.get("code") for end in in_a_process(copy, [command.arguments() for command in commands])]
    faults = truth.find(copy)
    faults["human"] += [] if codes == [0] * len(commands) else [f"exit codes after the restart: {codes}"]
    if not any(faults.values()):
        shutil.rmtree(copy)
    return faults


def warm_up() -> None:
    """Fill the caches once (public suffixes, holidays, imports), so that each fork has them."""
    with tempfile.TemporaryDirectory() as place:
        scenario.prepare(Path(place) / "warm", lambda command: run(Path(place) / "warm", _unharmed(command)))
    gc.collect()
    gc.freeze()


def _unharmed(command: scenario.Command) -> dict[str, Any]:
    return {**command.arguments(), "kill_at": "", "side": ""}


def main() -> None:
    """Answer each line until the input ends."""
    warm_up()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(**json.loads(line))) + "\n")
        sys.stdout.flush()


def answer(what: str, place: str, **told: Any) -> Any:
    """What was asked of the zygote."""
    if what == "die":
        return die(Path(place), Path(told["prepared"]), told["command"], told["states"])
    if what == "restart":
        return restart(Path(place), told["number"])
    return in_a_process(Path(place), told["commands"])


if __name__ == "__main__":
    main()

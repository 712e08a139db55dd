"""How does the show go? The very same job table on a virtual clock, from a Monday on, in a directory of its own."""

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
from rich.console import Console
from rich.text import Text

from outboundd import timetable, virtual, wiring
from outboundd.adapters.process_lock import process_lock
from outboundd.commands.desk import Desk
from outboundd.demo import ending
from outboundd.demo.desk_work import DeskWork, QuietOperator
from outboundd.demo.embedded import Embedded
from outboundd.demo.notable import HOLIDAY, WEEKEND
from outboundd.demo.people import People
from outboundd.demo.scene import Recipients, Scene
from outboundd.demo.screen import Screen, console_of
from outboundd.engine.journal import Log

# Monday 08:32 in Berlin: three weeks later the digest of that Monday is out, and no run is going on. The second of the
# weeks holds Thanksgiving, and holidays of Japan, India and Brazil lie around it.
ZONE = "Europe/Berlin"  # the operator's, as the configuration of the show has it
START = datetime(2026, 11, 16, 7, 32, tzinfo=UTC)


def play(*, days: int, seed: int, directory: Path | None, sandbox: bool = False) -> int:
    """Play so many days of the schedule. Returns 0, or 1 when a job has failed."""
    if days < 1:
        raise ValueError(f"--days {days}: give at least 1")
    place = _empty(directory)
    show = Show(_on_the_wire(place, seed) if sandbox else Embedded(place, seed, START), seed, days, console_of())
    began = time.perf_counter()
    virtual.run(show.perform, START)
    show.console.print()
    show.console.print(
        f"{days} {'day' if days == 1 else 'days'} in {time.perf_counter() - began:.1f} s, seed {seed}; "
        "the same seed plays the same show. All people and companies are made up."
    )
    return int(show.screen.failed)


def _empty(directory: Path | None) -> Path:
    if directory is None:
        return Path(tempfile.mkdtemp(prefix="outboundd-demo-"))
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise ValueError(f"--dir {directory}: is there already and not empty; name a new directory")
    directory.mkdir(parents=True, exist_ok=True)
    return directory.resolve()


def _on_the_wire(place: Path, seed: int) -> Scene:
    from outboundd.demo.on_the_wire import OnTheWire  # servers and vendors' libraries are loaded by who plays with them

    return OnTheWire(place, seed, START)


def _announce(console: Console, scene: Scene, days: int) -> None:
    end = START + timedelta(days=days)
    console.print(Text(f"outboundd demo: {START:%A %d %B} to {end:%A %d %B %Y} on a virtual clock", style="bold"))
    console.print(f"{scene.words} Times are {ZONE}'s.")
    console.print()


def _command() -> str:
    """How this program was called, for the lines that say what to type."""
    called = Path(sys.argv[0])
    return str(called.absolute()) if called.name == "outboundd" and called.exists() else "outboundd"


class Show:
    """One performance; `figures` are what it came to."""

    def __init__(self, scene: Scene, seed: int, days: int, console: Console) -> None:
        self._scene = scene
        self._seed = seed
        self._days = days
        self.console = console
        self._people = People()
        self.screen = Screen(console=console, people=self._people, zone=ZONE, days=days)
        self._held: Counter[str] = Counter()
        self._followed: Counter[str] = Counter()
        self._replied: list[str] = []
        self.figures = ending.Figures(funnel=(), left_out=(), mails=())

    async def perform(self) -> None:
        """Open the parts, let the time pass, tell what came of it."""
        _announce(self.console, self._scene, self._days)
        around = wiring.Outside(
            log=Log(quiet=True),
            operator=QuietOperator(),
            rng=random.Random(self._seed),  # noqa: S311 (a show needs no secrets)
            entropy=random.Random(self._seed).randbytes,  # noqa: S311
            durable=False,
        )
        async with AsyncExitStack() as stack:
            config = await stack.enter_async_context(self._scene.standing())
            config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            await stack.enter_async_context(process_lock(config.state_dir, 0))
            desk = await stack.enter_async_context(wiring.desk_of(config, around))
            desk.by_schedule = True
            work = DeskWork(desk=desk, scene=self._scene, people=self._people, say=self.screen.say)
            recipients = self._scene.recipients(desk, work.answered)
            around.log.listeners += [self._remember, self.screen.hear, recipients.hear, work.hear]
            with self.screen.bar:
                await work.begin()
                await self._weeks(desk, work, recipients)
            await self._ending(desk, work)

    async def _weeks(self, desk: Desk, work: DeskWork, recipients: Recipients) -> None:
        stop = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(timetable.job_table, desk, stop)
            group.start_soon(recipients.live)
            group.start_soon(work.live)
            for hour in range(1, self._days * 24 + 1):
                await anyio.sleep((START + timedelta(hours=hour) - datetime.now(UTC)).total_seconds())
                self.screen.hour_passed()
            stop.set()
            group.cancel_scope.cancel()
        self.screen.day_ends()

    async def _ending(self, desk: Desk, work: DeskWork) -> None:
        console = self.console
        await desk.parts.recorder.push()  # who opens the table afterwards sees all of it: no later push will come
        self.figures = await ending.figures(desk, work.imported)
        ending.show_funnel(console, self.figures)
        today = datetime.now(UTC).date()
        ending.show_digest(console, self._scene.digests(), today - timedelta(days=today.weekday()))
        who = ending.most_telling(self._people, self._held, self._replied, self._followed)
        if who:
            await ending.show_why(console, desk, who, _command())
        ending.show_places(console, self._scene.places(_command()), _command(), who)

    def _remember(self, event: str, fields: Mapping[str, str | int | float]) -> None:
        """Which leads have a story to tell in the end."""
        lead, reason = str(fields.get("lead", "")), str(fields.get("reason", ""))
        if event == "lead.held" and fields.get("job") == "follow_up" and reason.startswith((HOLIDAY, WEEKEND)):
            self._held[lead] += 1
        if event == "mail.sent" and fields["step"]:
            self._followed[lead] += 1
        if event == "reply.known":
            self._replied.append(lead)

"""How does the show go? The very same job table on a virtual clock, from a Monday on, in a directory of its own."""

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import anyio
from rich.console import Console
from rich.text import Text

from outboundd import daemon, prompts, virtual, wiring
from outboundd.adapters.process_lock import process_lock
from outboundd.commands.desk import Desk
from outboundd.config import Config, load
from outboundd.demo import ending
from outboundd.demo.desk_work import FIRST_LIST, FIRST_MAP, DeskWork, QuietOperator
from outboundd.demo.notable import HOLIDAY, WEEKEND
from outboundd.demo.people import People
from outboundd.demo.recipients import Recipients
from outboundd.demo.screen import Screen, console_of
from outboundd.engine.journal import Log

# Monday 08:32 in Berlin: three weeks later the digest of that Monday is out, and no run is going on. The second of the
# weeks holds Thanksgiving, and holidays of Japan, India and Brazil lie around it.
START = datetime(2026, 11, 16, 7, 32, tzinfo=UTC)


def play(*, days: int, seed: int, directory: Path | None) -> int:
    """Play so many days of the schedule. Returns 0, or 1 when a job has failed."""
    if days < 1:
        raise ValueError(f"--days {days}: give at least 1")
    config = config_in(_empty(directory))
    show = Show(config, seed, days, console_of())
    _announce(show.console, config, days)
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


def config_in(directory: Path) -> Config:
    """The shipped configuration, loaded from a file in the directory, so that every command works on what is left."""
    path = directory / "config.toml"
    path.write_text(files("outboundd.demo").joinpath("config.toml").read_text("utf-8"), encoding="utf-8")
    config = load(path, {}, loaded_at=START, prompts=prompts.load())
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return config


def _announce(console: Console, config: Config, days: int) -> None:
    end, zone = START + timedelta(days=days), config.settings.campaign.timezone
    console.print(Text(f"outboundd demo: {START:%A %d %B} to {end:%A %d %B %Y} on a virtual clock", style="bold"))
    console.print(f"The daemon's own jobs on embedded parts; nothing leaves this machine. Times are {zone}'s.")
    console.print()


def _command() -> str:
    """How this program was called, for the lines that say what to type."""
    called = Path(sys.argv[0])
    return str(called.absolute()) if called.name == "outboundd" and called.exists() else "outboundd"


class Show:
    """One performance; `figures` are what it came to."""

    def __init__(self, config: Config, seed: int, days: int, console: Console) -> None:
        self._config = config
        self._seed = seed
        self._days = days
        self.console = console
        self._people = People()
        self.screen = Screen(console=console, people=self._people, zone=config.settings.campaign.timezone, days=days)
        self._held: Counter[str] = Counter()
        self._followed: Counter[str] = Counter()
        self._replied: list[str] = []
        self.figures = ending.Figures(funnel=(), left_out=(), mails=())

    async def perform(self) -> None:
        """Open the parts, let the time pass, tell what came of it."""
        around = wiring.Outside(
            log=Log(quiet=True),
            operator=QuietOperator(),
            rng=random.Random(self._seed),  # noqa: S311 (a show needs no secrets)
            entropy=random.Random(self._seed).randbytes,  # noqa: S311
            durable=False,
        )
        async with process_lock(self._config.state_dir, 0), wiring.desk_of(self._config, around) as desk:
            desk.by_schedule = True
            work = DeskWork(desk=desk, leads_db=self._config.store.path, people=self._people, say=self.screen.say)
            recipients = Recipients(
                store=desk.parts.world.store,
                ledger=desk.parts.world.ledger,
                events=self._config.mailer.path / "events.jsonl",
                seed=self._seed,
                answered=work.answered,
            )
            around.log.listeners += [self._remember, self.screen.hear, recipients.hear, work.hear]
            with self.screen.bar:
                await work.import_list(FIRST_LIST, mapping=FIRST_MAP)
                await self._weeks(desk, work, recipients)
            await self._ending(desk, work)

    async def _weeks(self, desk: Desk, work: DeskWork, recipients: Recipients) -> None:
        stop = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(daemon.job_table, desk, stop)
            group.start_soon(recipients.live)
            group.start_soon(work.live)
            for hour in range(1, self._days * 24 + 1):
                await anyio.sleep((START + timedelta(hours=hour) - datetime.now(UTC)).total_seconds())
                self.screen.hour_passed()
            stop.set()
            group.cancel_scope.cancel()
        self.screen.day_ends()

    async def _ending(self, desk: Desk, work: DeskWork) -> None:
        console, config = self.console, self._config
        self.figures = await ending.figures(desk, work.imported)
        ending.show_funnel(console, self.figures)
        today = datetime.now(UTC).date()
        ending.show_digest(console, config.mailer.path, today - timedelta(days=today.weekday()))
        who = ending.most_telling(self._people, self._held, self._replied, self._followed)
        if who:
            await ending.show_why(console, desk, who, _command())
        ending.show_places(console, config.path.parent, config.mailer.path, config.store.path, _command(), who)

    def _remember(self, event: str, fields: Mapping[str, str | int | float]) -> None:
        """Which leads have a story to tell in the end."""
        lead, reason = str(fields.get("lead", "")), str(fields.get("reason", ""))
        if event == "lead.held" and fields.get("job") == "follow_up" and reason.startswith((HOLIDAY, WEEKEND)):
            self._held[lead] += 1
        if event == "mail.sent" and fields["step"]:
            self._followed[lead] += 1
        if event == "reply.known":
            self._replied.append(lead)

"""What does the show go through with `--sandbox`? The adapters of Airtable, Brevo, OpenAI and Perplexity.

In the same loop on the same virtual clock: time stands still while a request is on its way.
"""

import csv
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import anyio

from outboundd import prompts
from outboundd.commands.desk import Desk
from outboundd.config import Config, load
from outboundd.demo.recipients import GONE, STALE_SOURCE
from outboundd.demo.scene import Letter
from outboundd.motion import MOTION
from outboundd.sandbox import keep
from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.five import KEYS, Five, config_lines, exports
from outboundd.sandbox.recipients import Reaction, Recipients, bounce
from outboundd.sandbox.server import serving
from outboundd.sandbox.world import World

LOOKS_EVERY = timedelta(minutes=15)
STALE_LIST = "fair-2019.csv"
TABLE = "Leads"


class OnTheWire:
    """The five vendors on loopback; what they know stays in a file beside the configuration (port Scene)."""

    words = "The daemon's own jobs through the vendors' adapters, against the sandbox; nothing leaves this machine."
    browser = "Airtable"

    def __init__(self, directory: Path, seed: int, loaded_at: datetime) -> None:
        self._directory = directory
        self._seed = seed
        self._loaded_at = loaded_at
        self._port: int | None = None
        world = World(now=lambda: datetime.now(UTC), sleep=asleep, rng=random.Random(seed))  # noqa: S311 (a show)
        self._five = Five(world, _Guests(seed))

    @asynccontextmanager
    async def standing(self) -> AsyncIterator[Config]:
        """Serve while the show goes on, then keep what the vendors know."""
        async with serving(self._five.sandbox) as url:
            self._port = urlsplit(url).port
            yield self._config(url)
        keep.save(self._five.sandbox, self._directory / "sandbox.json")

    def recipients(self, desk: Desk, answered: Callable[[str], None]) -> "Inbox":
        return Inbox(self._five.brevo, answered)

    def type_override(self, lead: str, word: str) -> None:
        self._five.airtable.edit(TABLE, lead, {"Override": word})

    def digests(self) -> Mapping[date, Letter]:
        found: dict[date, Letter] = {}
        for mail in self._five.brevo.ledger:
            _, lead, day, *_ = (*mail.tag.split("."), "", "")
            if lead == "-digest":
                found[date.fromisoformat(day[:10])] = Letter(subject=mail.subject, text=mail.text)
        return found

    def places(self, command: str) -> Sequence[tuple[str, str]]:
        mails, rows = len(self._five.brevo.ledger), len(self._five.airtable.rows(TABLE))
        return (
            (f"cd {self._directory}", ""),
            (exports(), "the sandbox's own keys"),
            (
                f"{command} sandbox --port {self._port} --state sandbox.json &",
                f"the vendors again: {rows} rows, {mails} mails that left",
            ),
        )

    def _config(self, url: str) -> Config:
        shipped = files("outboundd.demo").joinpath("config.toml").read_text("utf-8")
        path = self._directory / "config.toml"
        path.write_text(f"{shipped}\n{config_lines(url)}", encoding="utf-8")
        return load(path, KEYS, loaded_at=self._loaded_at, prompts=prompts.load())


class Inbox:
    """The operator's mailbox, where answers come in that no mailer sees (port Recipients)."""

    def __init__(self, brevo: Brevo, answered: Callable[[str], None]) -> None:
        self._brevo = brevo
        self._answered = answered

    def hear(self, event: str, fields: Mapping[str, str | int | float]) -> None:
        """What our log says does not reach a mailbox."""

    async def live(self) -> None:
        """Look for new answers, until cancelled."""
        known = 0
        while True:
            await anyio.sleep(LOOKS_EVERY.total_seconds())
            for reply in self._brevo.replies[known:]:
                lead = reply.tag.split(".")[1]
                if not lead.startswith("-"):  # a digest, which its reader may answer as any mail
                    self._answered(lead)
            known = len(self._brevo.replies)


class _Guests:
    """Everybody on the lists: those of the old fair are mostly gone, the others as people are."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._others = Recipients(seed)
        text = files("outboundd.demo").joinpath(STALE_LIST).read_text("latin-1")
        self._stale = {row["E-Mail-Adresse"].strip().lower() for row in csv.DictReader(StringIO(text), delimiter=";")}

    def react(self, recipient: str, tag: str) -> Sequence[Reaction]:
        luck = random.Random(f"{self._seed} {recipient.lower()}")  # noqa: S311 (a show needs no secrets)
        if recipient.lower() in self._stale and luck.random() < GONE[STALE_SOURCE]:
            return [bounce(luck.uniform(2, 40))]
        return self._others.react(recipient, tag)


async def asleep(seconds: float) -> None:
    """A vendor that dawdles waits on the clock, which its request must not hold meanwhile."""
    with MOTION.resting():
        await anyio.sleep(seconds)

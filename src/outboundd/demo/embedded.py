"""What does the show stand on without an account? Embedded parts: a folder of mails and a table in a file."""

import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as policy
from importlib.resources import files
from pathlib import Path

from outboundd import prompts
from outboundd.commands.desk import Desk
from outboundd.config import Config, load
from outboundd.demo.recipients import Recipients
from outboundd.demo.scene import Letter

_DAY = re.compile(r"-digest\.(\d{4}-\d\d-\d\d)\.")


class Embedded:
    """Mails as files, rows in SQLite; the recipients write their events beside the mails."""

    words = "The daemon's own jobs on embedded parts; nothing leaves this machine."
    browser = "a SQLite browser"

    def __init__(self, directory: Path, seed: int, loaded_at: datetime) -> None:
        """The shipped configuration, loaded from a file in the directory: every command works on what is left."""
        self._directory = directory
        self._seed = seed
        path = directory / "config.toml"
        path.write_text(files("outboundd.demo").joinpath("config.toml").read_text("utf-8"), encoding="utf-8")
        self.config = load(path, {}, loaded_at=loaded_at, prompts=prompts.load())

    @asynccontextmanager
    async def standing(self) -> AsyncIterator[Config]:
        """Files need nobody who serves them."""
        yield self.config

    def recipients(self, desk: Desk, answered: Callable[[str], None]) -> Recipients:
        return Recipients(
            store=desk.parts.world.store,
            ledger=desk.parts.world.ledger,
            events=self.config.mailer.path / "events.jsonl",
            seed=self._seed,
            answered=answered,
        )

    def type_override(self, lead: str, word: str) -> None:
        with sqlite3.connect(self.config.store.path) as browser:
            browser.execute('UPDATE lead SET "Override" = ? WHERE id = ?', (word, lead))
        browser.close()

    def digests(self) -> Mapping[date, Letter]:
        found: dict[date, Letter] = {}
        for place in sorted((self.config.mailer.path / "new").glob("*-digest.*")):
            day = _DAY.search(place.name)
            mail = message_from_bytes(place.read_bytes(), policy=policy)
            part = mail.get_body(("plain",)) if isinstance(mail, EmailMessage) else None
            if day and part:
                found[date.fromisoformat(day[1])] = Letter(subject=str(mail["Subject"]), text=part.get_content())
        return found

    def places(self, command: str) -> Sequence[tuple[str, str]]:
        count = sum(1 for _ in (self.config.mailer.path / "new").iterdir())
        mails, leads = (one.relative_to(self._directory) for one in (self.config.mailer.path, self.config.store.path))
        return (
            (f"cd {self._directory}", ""),
            (f"mutt -f {mails}", f"{count} mails as they left; any mail program opens the folder"),
            (f"sqlite3 -box {leads} 'TABLE lead'", "the leads; any SQLite browser opens the file"),
        )

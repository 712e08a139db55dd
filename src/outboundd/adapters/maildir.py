"""How does a mail leave, and what became of it, when the mailer is a folder on this machine?"""

import errno
import fcntl
import os
import re
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.parser import HeaderParser
from email.policy import default as header_policy
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from outboundd.adapters.event_lines import EventLines
from outboundd.adapters.rfc5322 import to_rfc5322
from outboundd.model.mail import Event, EventKind, EventPage, Letter, LoggedMail
from outboundd.ports import Ambiguous, Clock, Refused, Transient

PAGE_SIZE = 500
_NAME = "maildir"
_FOLDERS = ("new", "cur")  # in this order: a mail that a client moves in between is seen twice, never missed
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DELIVERY = timedelta(seconds=1)
_NOT_DELIVERED = {EventKind.HARD_BOUNCE, EventKind.BLOCKED, EventKind.INVALID, EventKind.ERROR}

# "<tag>,T=<microseconds since 1970>": tag and instant are read from the name alone, so a period of events opens no file
# outside of it. A mail client moves a mail from new/ to cur/ and adds its flags after a colon.
_FILE_NAME = re.compile(r"(?P<base>(?P<tag>[^,:/]+),T=(?P<micros>[0-9]{1,17}))(?::.*)?", re.DOTALL)
_HEAD_BYTES = 65_536
_HEADS_KEPT = 10_000


class MaildirRefused(ValueError):
    """The folder cannot serve as mailer; one sentence for the operator says why, and the remedy."""


class _Head(NamedTuple):
    email: str
    subject: str
    message_id: str


class _Mail(NamedTuple):
    base: str
    tag: str
    at: datetime
    place: Path


class MaildirMailer:
    """Writes mails into a maildir that any mail client opens (port Mailer).

    A mail in it is its own REQUEST and, a second later, DELIVERED event, unless `events.jsonl` beside it says that it
    was not; all other events are lines of that file. Nothing is late, so `settle_s` is 0.
    """

    name = _NAME
    settle_s = 0

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lines = EventLines(path / "events.jsonl")
        self._heads: dict[str, _Head] = {}
        try:
            for folder in ("tmp", "new", "cur"):
                (path / folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MaildirRefused(
                f"[mailer.maildir] path {path} cannot be used ({error.strerror}): "
                "make it a directory that can be written, or name another one"
            ) from error

    async def send(self, letter: Letter) -> str:
        at = self._clock.now()
        try:
            message_id, message = to_rfc5322(letter, at)
        except ValueError as error:
            raise Refused(_NAME, "bad header", "an address, name or subject that no header can hold") from error
        stem = f"{_file_tag(letter.tag)},T="
        with _told(), self._alone():
            if any(name.startswith(stem) for folder in _FOLDERS for name in self._names(folder)):
                raise Ambiguous(_NAME, "tag exists")
            self._write(f"{stem}{_micros(at)}", message)
        return message_id

    async def events(self, since: datetime, until: datetime) -> AsyncIterator[EventPage]:
        with _told():
            found = self._events(since, until)
        for start in range(0, len(found), PAGE_SIZE):
            yield EventPage(events=tuple(found[start : start + PAGE_SIZE]))

    async def log(self, email: str) -> Sequence[LoggedMail]:
        with _told():
            return [
                LoggedMail(at=mail.at, subject=head.subject, message_id=head.message_id, tag=mail.tag)
                for mail, head in self._with_heads(self._mails())
                if head.email.lower() == email.lower()
            ]

    async def erase(self, emails: Sequence[str]) -> int:
        wanted = {email.lower() for email in emails}
        with _told(), self._alone():
            mails = [mail for mail, head in self._with_heads(self._mails()) if head.email.lower() in wanted]
            self._lines.erase({mail.tag for mail in mails}, wanted)
            for mail in mails:
                mail.place.unlink()  # moved by a mail client just now: Transient, and erased by the next try
                self._heads.pop(mail.base, None)
            for folder in _FOLDERS:
                _sync(self._path / folder)
        return len(mails)

    async def aclose(self) -> None:
        """Holds nothing open."""

    async def credits(self) -> int | None:
        return None

    async def probe(self) -> str:
        with _told():
            number = len(self._mails())
            trial = self._path / "tmp" / "outboundd-probe"
            trial.touch()
            trial.unlink()
        return f"mails are written into {self._path}: {number} so far"

    def _write(self, base: str, message: bytes) -> None:
        self._sweep()
        begun = self._path / "tmp" / base
        try:
            with begun.open("xb") as file:
                file.write(message)
                file.flush()
                os.fsync(file.fileno())
            begun.rename(self._path / "new" / base)
        except OSError:
            self._sweep()
            raise
        try:
            _sync(self._path / "new")
        except OSError as error:
            raise Ambiguous(_NAME, "not on disk for sure", error.strerror or "") from error

    def _sweep(self) -> None:
        """Remove what a crash or a full disk left half written. We are alone: nobody else is writing there."""
        for begun in (self._path / "tmp").iterdir():
            if _FILE_NAME.fullmatch(begun.name):
                begun.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process looks for a tag and writes it at the same time (a second daemon on a copied state)."""
        folder = os.open(self._path, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _mails(self, since: int = 0, until: int = sys.maxsize) -> list[_Mail]:
        """Our mails of a period, oldest first."""
        found: dict[str, _Mail] = {}
        for folder in _FOLDERS:
            for name in self._names(folder):
                match = _FILE_NAME.fullmatch(name)
                if match and since <= int(match["micros"]) <= until:
                    at = _EPOCH + int(match["micros"]) * _MICROSECOND
                    found[match["base"]] = _Mail(match["base"], unquote(match["tag"]), at, self._path / folder / name)
        return sorted(found.values(), key=lambda mail: (mail.at, mail.base))

    def _names(self, folder: str) -> list[str]:
        return os.listdir(self._path / folder)  # noqa: PTH208 - a Path for each of thousands is slow

    def _events(self, since: datetime, until: datetime) -> list[Event]:
        told = self._lines.read()
        failed = {event.tag for event in told if event.kind in _NOT_DELIVERED}
        period = self._mails(_micros(since - _DELIVERY), _micros(until))
        own = [event for mail, head in self._with_heads(period) for event in _own_events(mail, head, failed)]
        return sorted((event for event in (*own, *told) if since <= event.at <= until), key=attrgetter("at"))

    def _with_heads(self, mails: Sequence[_Mail]) -> list[tuple[_Mail, _Head]]:
        """The mails with what their headers say; one that the operator deleted meanwhile is left out."""
        moved: dict[str, _Mail] = {}
        found: list[tuple[_Mail, _Head]] = []
        for mail in mails:
            head = self._head(mail)
            if head is None:
                moved = moved or {now.base: now for now in self._mails()}
                head = self._head(moved[mail.base]) if mail.base in moved else None
            if head is not None:
                found.append((moved.get(mail.base, mail), head))
        return found

    def _head(self, mail: _Mail) -> _Head | None:
        if mail.base not in self._heads:
            try:
                with mail.place.open("rb") as file:
                    text = file.read(_HEAD_BYTES).decode("utf-8", "replace")
            except FileNotFoundError:
                return None
            headers = HeaderParser(policy=header_policy).parsestr(text, headersonly=True)
            if len(self._heads) >= _HEADS_KEPT:
                self._heads.clear()
            self._heads[mail.base] = _Head(
                _recipient(headers["To"]), str(headers["Subject"]), str(headers["Message-ID"])
            )
        return self._heads[mail.base]


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _own_events(mail: _Mail, head: _Head, failed: set[str]) -> Iterator[Event]:
    kinds = [(EventKind.REQUEST, mail.at)]
    if mail.tag not in failed:
        kinds.append((EventKind.DELIVERED, mail.at + _DELIVERY))
    for kind, at in kinds:
        yield Event(
            key=f"{mail.tag}:{kind}",
            kind=kind,
            at=at,
            tag=mail.tag,
            email=head.email,
            subject=head.subject,
            message_id=head.message_id,
        )


def _recipient(header: object) -> str:
    addresses = getattr(header, "addresses", ())
    return addresses[0].addr_spec if addresses else ""


def _file_tag(tag: str) -> str:
    """The tag as part of a file name; a dot in front would hide the file."""
    quoted = quote(tag, safe="")
    return f"%2E{quoted[1:]}" if quoted.startswith(".") else quoted


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def _told() -> Iterator[None]:
    """The disk's errors in the words of the port: a name that is too long will never do, anything else may pass."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise Refused(_NAME, "tag too long") from error
        raise Transient(_NAME, "cannot be read or written", error.strerror or "") from error

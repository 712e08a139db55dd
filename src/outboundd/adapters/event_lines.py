"""Which events stand in `events.jsonl`, the file that tells what became of the mails in a maildir?"""

import json
import os
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

from outboundd.model.mail import Event, EventKind
from outboundd.ports import Broken


class EventLines:
    """One line an event: {"tag", "event", "at"[, "email"]}. Lines are only ever appended, so each is parsed once.

    A last line without its line end is still being written: it counts as soon as it can be read. Any other line that
    is no event raises Broken with its number. OSError is left to the caller.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode = 0
        self._offset = 0
        self._lines = 0
        self._events: list[Event] = []

    def read(self) -> Sequence[Event]:
        """All events, in the order of their lines."""
        try:
            with self._path.open("rb") as file:
                stat = os.fstat(file.fileno())
                if stat.st_ino != self._inode or stat.st_size < self._offset:
                    self._forget()
                    self._inode = stat.st_ino
                file.seek(self._offset)
                complete, line_end, begun = file.read().rpartition(b"\n")
        except FileNotFoundError:
            self._forget()
            return ()
        lines = complete.split(b"\n") if line_end else []
        fresh = [self._event(number, line) for number, line in enumerate(lines, self._lines + 1) if line.strip()]
        self._events += fresh
        self._lines += len(lines)
        self._offset += len(complete) + len(line_end)
        return (*self._events, *_last(begun))

    def erase(self, tags: Collection[str], emails: Collection[str]) -> None:
        """Take out the lines of these tags and (lower case) addresses; the rest stays byte for byte."""
        if not self._path.exists():
            return
        lines = self._path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not _is_about(line, tags, emails)]
        if len(kept) == len(lines):
            return
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.writelines(kept)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        self._forget()

    def _forget(self) -> None:
        self._inode = 0
        self._offset = 0
        self._lines = 0
        self._events = []

    def _event(self, number: int, line: bytes) -> Event:
        try:
            return _parsed(line)
        except (ValueError, RecursionError):
            raise Broken("maildir", "events.jsonl", f"line {number} is no event: correct or remove it") from None


def _parsed(line: bytes) -> Event:
    told = json.loads(line)
    if not isinstance(told, dict):
        raise ValueError("no object")  # noqa: TRY004 - one class for every bad line
    tag, kind, at = told.get("tag"), EventKind(str(told.get("event"))), datetime.fromisoformat(str(told.get("at")))
    if not isinstance(tag, str) or not tag or at.tzinfo is None:
        raise ValueError("no tag, or an instant without a zone")
    at = at.astimezone(UTC)
    return Event(
        key=f"{tag}:{kind}:{at.isoformat()}", kind=kind, at=at, tag=tag, email=str(told.get("email") or "").strip()
    )


def _last(begun: bytes) -> list[Event]:
    try:
        return [_parsed(begun)] if begun.strip() else []
    except (ValueError, RecursionError):
        return []


def _is_about(line: bytes, tags: Collection[str], emails: Collection[str]) -> bool:
    return any(event.tag in tags or event.email.lower() in emails for event in _last(line))

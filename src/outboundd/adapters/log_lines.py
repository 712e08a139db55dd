"""Where do the lines of the log go, and how are they written there?

Into the journal with native fields where the standard error output is the journal (systemd says so in $JOURNAL_STREAM),
on a terminal as words, into anything else as one JSON object a line. Never raises, for a log must not stop the daemon:
what the journal does not take goes to the standard error output as JSON, what that does not take is lost.
"""

import json
import os
import select
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from outboundd.adapters.journal import Journal

IDENTIFIER = "outboundd"
# of syslog(3): what `journalctl -p warning` and the colours go by
PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
FIRST = ("timestamp", "level", "event")


class _Lines:
    """A stream that takes lines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(f"{line}\n")
            self._stream.flush()

    debug = info = warning = error = critical = write


class _JournalLines:
    """The journal, or while it is away a stream."""

    def __init__(self, journal: Journal, stream: TextIO) -> None:
        self._journal = journal
        self._stream = stream

    def write(self, **said: Any) -> None:  # noqa: ANN401 (what a line carries)
        fields = {name: value for name, value in said.items() if name not in ("level", "timestamp")}
        words = " ".join([said["event"], *(f"{name}={value}" for name, value in fields.items() if name != "event")])
        told = {"MESSAGE": words, "PRIORITY": PRIORITIES[said["level"]], "SYSLOG_IDENTIFIER": IDENTIFIER, **fields}
        if not self._journal.send(told) and _takes(self._stream):
            _Lines(self._stream).write(_as_json(None, "", said))

    debug = info = warning = error = critical = write


def begin(stream: TextIO, journal_stream: str, *, quiet: bool = False, journal: Journal | None = None) -> None:
    """From now on lines go there. `journal_stream` is $JOURNAL_STREAM; `journal` is this machine's unless given.

    `quiet` leaves out all but the critical: a single command tells its story in its own lines.
    """
    lines: _Lines | _JournalLines = _Lines(stream)
    last: Sequence[Processor] = [_as_json]
    if is_journal(stream, journal_stream):
        lines, last = _JournalLines(journal or Journal(), stream), []
    elif stream.isatty():
        last = [structlog.dev.ConsoleRenderer()]
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True), *last],
        logger_factory=lambda *_: lines,
        wrapper_class=structlog.make_filtering_bound_logger("critical" if quiet else "info"),
    )


def is_journal(stream: TextIO, journal_stream: str) -> bool:
    """Is the stream connected to the journal? Then systemd wrote its device and inode into $JOURNAL_STREAM."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return journal_stream == f"{found.st_dev}:{found.st_ino}"


def _as_json(_: object, __: str, said: EventDict) -> str:
    return json.dumps({name: said[name] for name in FIRST} | dict(said))


def _takes(stream: TextIO) -> bool:
    """Would it take a line at once? Behind it is the same journal, which may be stuck."""
    ready = select.poll()
    ready.register(stream, select.POLLOUT)
    return bool(ready.poll(0))

"""Where do lines go: the journal, a terminal, a pipe, or what is left when one of them is away?"""

import io
import json
import os
import pty
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import pytest
import structlog

from outboundd.adapters import log_lines
from outboundd.adapters.journal import Journal
from outboundd.engine.journal import Log

PATIENT_S = 10.0  # of a test that fails


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    """The configuration is of the whole process: it is put back."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
def away() -> Iterator[Journal]:
    """A journal that is not there."""
    journal = Journal(Path("/nowhere/socket"))
    yield journal
    journal.close()


def name_of(stream: TextIO) -> str:
    """The stream as $JOURNAL_STREAM names it."""
    found = os.fstat(stream.fileno())
    return f"{found.st_dev}:{found.st_ino}"


def test_into_a_pipe_goes_one_json_object_a_line() -> None:
    """For a container, or a file: whatever a text holds, a line is a line."""
    stream = io.StringIO()
    log_lines.begin(stream, "")
    Log().write("mail.refused", lead="rec1", reason="two\nlines")
    told = json.loads(stream.getvalue())
    assert stream.getvalue().count("\n") == 1
    assert list(told) == ["timestamp", "level", "event", "lead", "reason"]
    assert (told["level"], told["event"], told["reason"]) == ("warning", "mail.refused", "two\nlines")


def test_a_terminal_gets_words() -> None:
    """Somebody looks at them."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen, os.fdopen(theirs, "w") as terminal:
        log_lines.begin(terminal, name_of(terminal)[:-1] + "x")
        Log().write("mail.sent", lead="rec1")
        told = screen.read(1000).decode()
    assert "mail.sent" in told
    assert not told.startswith("{")


def test_lines_go_to_the_journal_when_the_error_output_is_the_journal(tmp_path: Path) -> None:
    """As systemd documents it: device and inode in $JOURNAL_STREAM are those of the stream."""
    with (
        tempfile.TemporaryDirectory(prefix="j-") as place,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener,
        tmp_path.joinpath("stderr").open("w") as stderr,
    ):
        listener.bind(f"{place}/s")
        journal = Journal(Path(place, "s"))
        log_lines.begin(stderr, name_of(stderr), journal=journal)
        Log().write("halt.set", vendor="brevo", reason="key")
        journal.close()
        told = listener.recv(1000).decode().splitlines()
    assert told == [
        "MESSAGE=halt.set vendor=brevo reason=key",
        "PRIORITY=4",
        "SYSLOG_IDENTIFIER=outboundd",
        "VENDOR=brevo",
        "REASON=key",
        "EVENT=halt.set",
    ]
    assert tmp_path.joinpath("stderr").read_text() == ""


@pytest.mark.parametrize("journal_stream", ["", "1:2", "nonsense"])
def test_a_variable_of_another_stream_is_not_believed(journal_stream: str, tmp_path: Path) -> None:
    """It is inherited by a child whose error output was redirected."""
    with tmp_path.joinpath("stderr").open("w") as stderr:
        assert not log_lines.is_journal(stderr, journal_stream)
        assert log_lines.is_journal(stderr, name_of(stderr))
    assert not log_lines.is_journal(stderr, "1:2")


def test_while_the_journal_is_away_lines_go_to_the_error_output(tmp_path: Path, away: Journal) -> None:
    """As JSON, with all their fields."""
    with tmp_path.joinpath("stderr").open("w") as stderr:
        log_lines.begin(stderr, name_of(stderr), journal=away)
        Log().write("mail.sent", lead="rec1")
    assert json.loads(tmp_path.joinpath("stderr").read_text())["lead"] == "rec1"


def test_a_journal_that_is_stuck_behind_both_costs_lines_not_the_daemon(away: Journal) -> None:
    """The error output is a stream to the same journal: it is not waited for either."""
    read, write = os.pipe()
    with os.fdopen(read, "rb", buffering=0) as behind, os.fdopen(write, "w") as stderr:
        os.set_blocking(write, False)
        with suppress(BlockingIOError):
            while True:
                os.write(write, b"x" * 4096)
        os.set_blocking(write, True)
        log_lines.begin(stderr, name_of(stderr), journal=away)
        writing = threading.Thread(target=Log().write, args=("mail.sent",))
        writing.start()
        writing.join(PATIENT_S)
        is_stuck = writing.is_alive()
        behind.read(1_000_000)
        writing.join()
    assert not is_stuck


def test_an_error_output_that_is_gone_stops_nobody(tmp_path: Path) -> None:
    """A full disk or a closed terminal is no reason to end."""
    with tmp_path.joinpath("stderr").open("w") as stderr:
        log_lines.begin(stderr, "")
    Log().write("mail.sent", lead="rec1")
    assert tmp_path.joinpath("stderr").read_text() == ""


def test_a_single_command_says_only_what_is_critical() -> None:
    """Its own lines tell the story; an alert that nobody could be told of is seen nevertheless."""
    stream = io.StringIO()
    log_lines.begin(stream, "", quiet=True)
    log = Log()
    log.write("job.failed", reason="ended early")
    log.write("operator.untold", reason="away")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["operator.untold"]

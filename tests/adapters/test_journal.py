"""Does a line reach the journal with its fields? Against a socket of ours, and a real journald with a real file."""

import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from outboundd.adapters import log_lines
from outboundd.adapters.journal import PATIENCE_S, Journal, entry
from outboundd.engine.journal import EVENTS, Log

JOURNALD = Path("/lib/systemd/systemd-journald")
SHIPPED = Path(__file__).parents[2] / "config.toml"
PATIENT_S = 30.0
LARGE = "0123456789abcdef" * 40_000  # more than a datagram takes


def read(written: bytes) -> dict[str, str]:
    """The entry as the protocol says that it is read: in lines, or behind a length where the name has no `=`."""
    fields = {}
    while written:
        line, _, rest = written.partition(b"\n")
        name, is_short, value = line.partition(b"=")
        if not is_short:
            (length,) = struct.unpack("<Q", rest[:8])
            value, rest = rest[8 : 8 + length], rest[8 + length + 1 :]
        fields[name.decode()] = value.decode()
        written = rest
    return fields


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder whose name is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="j-") as name:
        yield Path(name)


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """A socket like the journal's."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(PATIENT_S)
        yield listener


@contextmanager
def sender(path: Path) -> Iterator[Journal]:
    """Ours."""
    journal = Journal(path)
    try:
        yield journal
    finally:
        journal.close()


class TestOnASocket:
    """What is sent, to the byte."""

    def test_a_value_of_one_line_is_a_line(self):
        """Name and value, as anybody would write them."""
        assert entry({"message": "mail.sent", "priority": 6}) == b"MESSAGE=mail.sent\nPRIORITY=6\n"

    @pytest.mark.parametrize("value", ["two\nlines", "ends\n", "\n", 'A="B"\nLEAD=forged'])
    def test_a_value_of_several_lines_cannot_become_another_field(self, value: str):
        """It goes behind its length, so no text from outside forges a field."""
        assert read(entry({"reason": value, "lead": "ld1"})) == {"REASON": value, "LEAD": "ld1"}

    @pytest.mark.parametrize("value", ["", "=", "a=b", "grüße", "日本"])
    def test_any_other_value_comes_as_it_was(self, value: str):
        """Whatever it holds."""
        assert read(entry({"reason": value})) == {"REASON": value}

    def test_half_a_character_is_replaced(self):
        """A lone surrogate has no bytes; the line is written all the same."""
        assert read(entry({"reason": "a\ud800b"})) == {"REASON": "a?b"}

    @pytest.mark.parametrize(
        ("name", "taken"),
        [("lead", "LEAD"), ("_pid", "PID"), ("1st.step", "ST_STEP"), ("x" * 70, "X" * 64), ("a=b\nc", "A_B_C")],
    )
    def test_a_name_is_made_one_that_the_journal_takes(self, name: str, taken: str):
        """It drops others without a word, and one with an underscore in front would be its own."""
        assert read(entry({name: "1"})) == {taken: "1"}

    def test_a_name_that_leaves_nothing_is_left_out(self):
        """The other fields go."""
        assert read(entry({"_1": "1", "lead": "ld1"})) == {"LEAD": "ld1"}

    def test_an_entry_is_one_datagram(self, place: Path):
        """Read as it was written."""
        with listening(place / "s") as listener, sender(place / "s") as journal:
            assert journal.send({"message": "mail.sent\n", "lead": "ld1"})
            assert read(listener.recv(10_000)) == {"MESSAGE": "mail.sent\n", "LEAD": "ld1"}

    def test_what_is_too_large_for_a_datagram_is_passed_as_a_sealed_file(self, place: Path):
        """The journal takes no other; nobody can change it while it reads."""
        with listening(place / "s") as listener, sender(place / "s") as journal:
            assert journal.send({"message": LARGE})
            _, passed, _, _ = socket.recv_fds(listener, 10_000, 1)
        with os.fdopen(passed[0], "rb") as memory:
            memory.seek(0)
            assert read(memory.read()) == {"MESSAGE": LARGE}
            with pytest.raises(PermissionError):
                os.ftruncate(memory.fileno(), 0)

    def test_a_journal_that_is_not_there_is_told_and_found_again(self, place: Path):
        """It is restarted while the daemon runs."""
        with sender(place / "s") as journal:
            assert not journal.send({"message": "1"})
            with listening(place / "s") as listener:
                assert journal.send({"message": "2"})
                assert read(listener.recv(100)) == {"MESSAGE": "2"}
            assert not journal.send({"message": "3"})

    def test_a_journal_that_is_stuck_is_waited_for_once(self, place: Path):
        """Not at each of a thousand lines: the daemon's loop stands still meanwhile."""
        with listening(place / "s") as listener, sender(place / "s") as journal:
            while journal.send({"message": "and on"}):
                pass
            waited = journal._socket.gettimeout()
            assert not journal.send({"message": "and on"})
            assert (waited, journal._socket.gettimeout()) == (PATIENCE_S, 0.0)
            listener.recv(100)
            assert journal.send({"message": "and on"})
            assert not journal.send({"message": "and on"})
            assert journal._socket.gettimeout() == PATIENCE_S


@dataclass(kw_only=True)
class Journald:
    """A journald of our own. It reads its socket to the end before it stops, and then its file is complete."""

    place: Path
    process: subprocess.Popen[bytes]

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.place / "systemd" / "journal" / "socket"

    def stop(self) -> None:
        """What was sent is in the file from now on."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENT_S) == 0

    def find(self, *matches: str) -> list[dict[str, str]]:
        """What journalctl finds in its file, every field of each entry."""
        asked = ["journalctl", "-D", str(self.place / "log" / "journal"), "--output=json", "--all", *matches]
        told = subprocess.run(asked, capture_output=True, text=True, check=True)
        return [json.loads(line) for line in told.stdout.splitlines()]

    def follow(self, *matches: str) -> dict[str, str]:
        """The first entry that matches, as soon as it is there."""
        asked = ["journalctl", "-D", str(self.place / "log" / "journal"), "--output=json", "--follow", *matches]
        with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) as following:
            assert following.stdout is not None
            came, _, _ = select.select([following.stdout], [], [], PATIENT_S)
            line = following.stdout.readline() if came else "{}"
            following.kill()
        return json.loads(line)


@pytest.fixture
def journald(place: Path) -> Iterator[Journald]:
    """journald in a user and mount namespace, with a folder of ours as its /run: it touches nothing of the machine."""
    for needed in (JOURNALD, Path("/etc/machine-id")):
        if not needed.exists():
            pytest.skip(f"{needed} is not on this machine")
    for tool in ("unshare", "nsenter", "mount", "journalctl"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not on this machine")
    for folder in ("systemd/journal", "log/journal"):
        place.joinpath(folder).mkdir(parents=True)
    alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    script = f'mount --bind "$1" /run && exec {JOURNALD}'
    with listening(place / "ready") as ready, place.joinpath("said").open("wb") as said:
        env = {"NOTIFY_SOCKET": str(place / "ready"), "PATH": os.environ["PATH"]}
        process = subprocess.Popen([*alone, script, "sh", str(place)], env=env, stdout=said, stderr=said)
        try:
            if not _is_ready(ready, process):
                words = place.joinpath("said").read_text(errors="replace").strip()
                pytest.skip(f"no journald of our own can be started here: {words}")
            yield Journald(place=place, process=process)
        finally:
            process.kill()
            process.wait()


def _is_ready(ready: socket.socket, process: subprocess.Popen[bytes]) -> bool:
    ready.settimeout(0.1)
    while process.poll() is None:
        with suppress(TimeoutError):
            if b"READY=1" in ready.recv(10_000):
                return True
    return False


class TestInARealJournal:
    """Written by journald, read by journalctl."""

    def test_each_line_is_found_by_its_lead_job_run_and_event(self, journald: Journald, place: Path):
        """The four searches that the manual promises, on lines as the daemon writes them."""
        before = structlog.get_config()
        with place.joinpath("stderr").open("w") as stderr, sender(journald.socket) as journal:
            found = os.fstat(stderr.fileno())
            log_lines.begin(stderr, f"{found.st_dev}:{found.st_ino}", journal=journal)
            log = Log()
            with log.run("send", "2026-11-24T09:10:00+00:00"):
                log.write("job.started")
                log.write("mail.sent", lead="rec1", step="first")
                log.write("lead.held", lead="rec2", step="bump", reason='outside "their" hours')
                log.write("job.failed", reason="ended early")
            with log.run("draft", "by-hand-1a2b3c4d"):
                log.write("lead.drafted", lead="rec1", step="bump")
            log.write("operator.untold", reason="away")
        structlog.configure(**before)
        journald.stop()
        (sent,) = journald.find("EVENT=mail.sent")
        expected = {
            "MESSAGE": "mail.sent lead=rec1 step=first job=send run=2026-11-24T09:10:00+00:00",
            "PRIORITY": "6",
            "SYSLOG_IDENTIFIER": "outboundd",
            "EVENT": "mail.sent",
            "LEAD": "rec1",
            "STEP": "first",
            "JOB": "send",
            "RUN": "2026-11-24T09:10:00+00:00",
            "_TRANSPORT": "journal",
        }
        assert expected.items() <= sent.items()
        assert [line["EVENT"] for line in journald.find("LEAD=rec1")] == ["mail.sent", "lead.drafted"]
        assert len(journald.find("JOB=send")) == 4
        assert [line["EVENT"] for line in journald.find("RUN=by-hand-1a2b3c4d")] == ["lead.drafted"]
        assert [line["REASON"] for line in journald.find("LEAD=rec2", "JOB=send")] == ['outside "…" hours']
        assert [line["EVENT"] for line in journald.find("--priority=warning")] == ["job.failed", "operator.untold"]
        assert [line["EVENT"] for line in journald.find("--priority=crit")] == ["operator.untold"]
        assert len(journald.find("--identifier=outboundd")) == 6
        assert place.joinpath("stderr").read_text() == ""

    def test_every_event_and_every_form_of_a_value_is_kept_whole(self, journald: Journald):
        """Names of the whole list, several lines, no ASCII, and more than a datagram takes."""
        with sender(journald.socket) as journal:
            for event in EVENTS:
                assert journal.send({"message": event, "event": event})
            assert journal.send({"message": "two\nlines", "event": "odd"})
            assert journal.send({"message": "grüße", "event": "odd", "a" * 70: "1", "_odd": "1"})
            assert journal.send({"message": LARGE, "event": "large"})
        journald.stop()
        assert [line["MESSAGE"] for line in journald.find("EVENT=odd")] == ["two\nlines", "grüße"]
        assert journald.find("EVENT=odd")[1]["ODD"] == "1"
        assert [line["MESSAGE"] for line in journald.find("EVENT=large")] == [LARGE]
        assert {line["EVENT"] for line in journald.find(*(f"EVENT={event}" for event in EVENTS))} == set(EVENTS)

    def test_the_daemon_under_systemd_writes_entries_with_fields(self, journald: Journald, place: Path):
        """A process whose error output is the journal, told so by $JOURNAL_STREAM; nothing goes there as plain text."""
        shutil.copy(SHIPPED, place)
        inside = ["nsenter", f"--target={journald.process.pid}", "--user", "--mount", "--preserve-credentials", "--"]
        daemon = [*inside, sys.executable, "-m", "outboundd", "run", "--config", str(place / "config.toml")]
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stderr:
            stderr.connect(str(journald.place / "systemd" / "journal" / "stdout"))
            stderr.sendall(b"outboundd\n\n6\n1\n0\n0\n0\n")  # name, unit, level, prefixes, forwarding: as systemd does
            found = os.fstat(stderr.fileno())
            path = os.pathsep.join(sys.path)
            env = {**os.environ, "JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}", "PYTHONPATH": path}
            process = subprocess.Popen(daemon, stderr=stderr, env=env)
        try:
            assert journald.follow("EVENT=job.finished")["JOB"] == "reconcile"
            process.terminate()
            assert process.wait(PATIENT_S) == 0
        finally:
            process.kill()
            process.wait()
        journald.stop()
        lines = journald.find("--identifier=outboundd")
        assert {line["_TRANSPORT"] for line in lines} == {"journal"}
        assert (lines[0]["EVENT"], lines[-1]["EVENT"]) == ("daemon.started", "daemon.stopped")

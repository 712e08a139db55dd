"""What do signals do to the daemon as a real process, and what does systemd hear of it?"""

import json
import os
import pty
import random
import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.from_thread import start_blocking_portal

from outboundd.adapters.ledger import SqliteLedger
from outboundd.adapters.suppression import SuppressionFile
from outboundd.model.mail import AttemptState
from outboundd.sandbox.five import KEYS, Five
from outboundd.sandbox.server import serving
from outboundd.sandbox.world import Fault, Faults, World
from test_daemon import PATIENCE_S, SHIPPED, clean_env, outboundd, say
from wire.wired import Everybody

STOP_S = 20  # what systemd grants before it kills


@dataclass(kw_only=True)
class Daemon:
    """A daemon under a service manager that this test is."""

    place: Path
    process: subprocess.Popen[str]
    manager: socket.socket

    def hears(self, beginning: str) -> str:
        """The next message to the manager that begins so; status lines before it are passed over."""
        while True:
            message = self.manager.recv(4096).decode()
            if message.startswith(beginning):
                return message
            assert message.startswith("STATUS="), message

    def says(self, word: str) -> str:
        """Its log and alerts up to the line that holds the word. Never said, it fails the test."""
        assert self.process.stderr is not None
        enough = threading.Timer(PATIENCE_S, self.process.kill)
        enough.start()
        told = ""
        for line in self.process.stderr:
            told += line
            if word in line:
                enough.cancel()
                return told
        raise AssertionError(told)

    def ends(self) -> int:
        """The exit code; a daemon that does not end in time fails the test."""
        return self.process.wait(timeout=STOP_S)

    def reload(self, old: str, new: str) -> None:
        """Change the file and say so."""
        change(self.place, old, new)
        self.process.send_signal(signal.SIGHUP)


def change(place: Path, old: str, new: str) -> None:
    """One edit of the configuration, as an operator makes it."""
    file = place / "config.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@contextmanager
def started(place: Path, **env: str) -> Iterator[Daemon]:
    """A daemon that has said READY=1 and whose first reconcile is complete."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(place / "notify"))
        manager.settimeout(PATIENCE_S)
        env = {**clean_env(), "NOTIFY_SOCKET": str(place / "notify"), **env}
        process = subprocess.Popen(outboundd(place, "run"), stderr=subprocess.PIPE, text=True, env=env)
        daemon = Daemon(place=place, process=process, manager=manager)
        try:
            daemon.hears("READY=1\nSTATUS=0 of 20 mails in 24 h; next send")
            daemon.says("job.finished")
            yield daemon
        finally:
            process.kill()
            process.communicate()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the shipped configuration."""
    shutil.copy(SHIPPED, tmp_path)
    return tmp_path


def test_systemd_hears_the_start_the_reload_and_the_stop_in_their_order(place: Path) -> None:
    """A good new configuration takes effect in the same process, under the same lock, behind the same socket."""
    with started(place) as daemon:
        socket_file = (place / "var" / "state" / "control.sock").stat().st_ino
        daemon.reload('name = "A"', 'name = "B"')
        assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", daemon.hears("RELOADING=1"))
        daemon.hears("READY=1")
        assert "config.taken" in daemon.says("job.finished")
        assert (place / "var" / "state" / "control.sock").stat().st_ino == socket_file
        assert say(place, "jobs").returncode == 0
        assert say(place, "run").returncode == 4
        daemon.process.send_signal(signal.SIGTERM)
        daemon.hears("STOPPING=1")
        assert daemon.ends() == 0


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("per_hour = 60", 'per_hour = "rosa@harbour.example"', "it has mistakes .*: limits.per_hour"),
        ("[campaign]", '"rosa@harbour.example" = 1\n[campaign]', "it has mistakes .*: a key of the file"),
        ("[campaign]", "[campaign", r"it has mistakes .*: line \d+, column \d+"),
        ('state_dir = "var/state"', 'state_dir = "elsewhere"', "it needs a restart .*: state_dir"),
        ('suppression = "var/', 'suppression = "elsewhere/', "it needs a restart .*: suppression"),
        ('name = "default"', 'name = "other"', "it needs a restart .*: campaign.name"),
    ],
)
def test_a_configuration_that_cannot_be_taken_is_refused_with_an_alert_that_names_keys_alone(
    place: Path, old: str, new: str, told: str
) -> None:
    """The old one stays in force, and no value of the file stands in the log or the alert."""
    with started(place) as daemon:
        daemon.reload(old, new)
        daemon.hears("RELOADING=1")
        daemon.hears("READY=1")
        said = daemon.says("operator.told")
        assert "ALERT: The new configuration was refused" in said
        assert re.search(f"not taken: {told}", said)
        assert "rosa" not in said
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.ends() == 0


def test_check_says_that_the_file_has_moved_on_and_what_is_wrong_with_it(place: Path) -> None:
    """Between an edit and the reload the operator sees which configuration counts, and whether the new one would."""
    with started(place):
        file = str(place / "config.toml")
        asked = {**clean_env(), "RUNTIME_DIRECTORY": str(place / "var" / "state")}
        told = []
        for old, new in (("per_hour = 60", "per_hour = 30"), ("per_hour = 30", "per_hour = 0")):
            change(place, old, new)
            command = outboundd(place, "check", "--json")
            said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, env=asked, check=False)
            told.append(next(one for one in json.loads(said.stdout) if one["what"] == "config"))
    assert [one["light"] for one in told] == ["yellow", "red"]
    assert all(one["found"].startswith(file) for one in told)
    assert "limits.per_hour = 0: too small" in told[1]["remedy"]


def test_parts_that_cannot_be_opened_give_way_to_those_of_before_until_the_file_is_mended(place: Path) -> None:
    """The new store's file is a folder: the old store comes back, and a good reload ends the incident."""
    (place / "folder").mkdir()
    with started(place) as daemon:
        daemon.reload('path = "var/leads.db"', 'path = "folder"')
        daemon.hears("RELOADING=1")
        daemon.hears("READY=1")
        assert "not taken: what it names cannot be opened" in daemon.says("operator.told")
        daemon.says("job.finished")
        assert say(place, "queue").returncode == 0
        daemon.reload('path = "folder"', 'path = "var/leads.db"')
        assert "config.taken" in daemon.says("job.finished")
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.ends() == 0
    assert not (place / "var" / "state" / "control.sock").exists()


def test_the_watchdog_is_fed_and_a_child_of_another_service_is_not_watched(place: Path) -> None:
    """Half of a second's period: two feeds come by themselves."""
    with started(place, WATCHDOG_USEC="1000000") as daemon:
        daemon.hears("WATCHDOG=1")
        daemon.hears("WATCHDOG=1")


def test_a_closed_terminal_stops_a_daemon_that_was_started_in_it(place: Path) -> None:
    """SIGHUP of the kernel is no wish for a reload: nobody could see or stop what goes on."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        outboundd(place, "run"), stdin=theirs, stdout=theirs, stderr=theirs, env=clean_env(), start_new_session=True
    )
    os.close(theirs)
    try:
        told = b""
        while b"\n" not in told.partition(b"job.finished")[2]:
            told += os.read(ours, 4096)
        os.close(ours)
        process.send_signal(signal.SIGHUP)
        assert process.wait(timeout=STOP_S) == 0
    finally:
        process.kill()
        process.wait()


class Noticed(Faults):
    """Says when a mail has come to Brevo."""

    def __init__(self) -> None:
        super().__init__()
        self.posted = threading.Event()

    def take(self, vendor: str, name: str, method: str = "", path: str = "") -> Fault | None:
        if path.endswith("/smtp/email"):
            self.posted.set()
        return super().take(vendor, name, method, path)


@contextmanager
def slow_brevo(answers_after_s: float) -> Iterator[tuple[str, Noticed]]:
    """The vendors on a port of their own; each mail is taken at once and acknowledged late."""
    faults = Noticed()
    world = World(now=lambda: datetime.now(UTC), sleep=anyio.sleep, rng=random.Random(1), faults=faults)
    faults.switch_on("brevo", "hang", times=0, value=answers_after_s, path="/smtp/email")
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(serving(Five(world, Everybody()).sandbox)) as url,
    ):
        yield url, faults


def attempts(place: Path) -> list[Any]:
    """What the ledger knows of the mails that were begun."""
    people = SuppressionFile(place / "var" / "suppression.db")
    ledger = SqliteLedger.open(place / "var" / "state" / "ledger.db", "default", people.fingerprint)
    try:
        return [one.state for one in anyio.run(ledger.attempts)]
    finally:
        ledger.close()
        people.close()


@pytest.mark.parametrize("signals", [[signal.SIGTERM], [signal.SIGTERM, signal.SIGTERM], [signal.SIGINT]])
def test_a_mail_in_the_post_is_seen_off_before_the_daemon_stops(place: Path, signals: list[signal.Signals]) -> None:
    """Brevo has it and has not yet said so: the stop waits for the answer, and nothing is left in doubt."""
    with slow_brevo(2) as (url, faults):
        change(place, 'kind = "maildir"', 'kind = "brevo"')
        change(place, "https://api.brevo.com/v3", f"{url}/brevo/v3")
        with started(place, **KEYS) as daemon:
            command = outboundd(place, "once", "digest")
            asked = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**clean_env(), **KEYS})
            assert faults.posted.wait(PATIENCE_S)
            for signum in signals:
                daemon.process.send_signal(signum)
            assert daemon.ends() == 0
            _, told = asked.communicate(timeout=PATIENCE_S)
    assert (asked.returncode, "stopped before the command had ended" in told) == (1, True)
    assert attempts(place) == [AttemptState.SENT]

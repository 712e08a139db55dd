"""Two command lines, the schedule and a killed client as real processes: is each served in turn, and is nothing left?

A mailer on loopback keeps the runs of reconcile going for as long as the test says.
"""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SHIPPED, SOURCE = ROOT / "config.toml", ROOT / "src"
PATIENCE_S = 60
TRIES = 40


class Mailer:
    """Answers every question with nothing, when it is let; `at_once` is how many it was ever asked together."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.asked = threading.Semaphore(0)
        self.at_once = self._now = 0
        self._lock = threading.Lock()
        mailer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mailer.answer(self)

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v3"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """One request, when it is let."""
        with self._lock:
            self._now += 1
            self.at_once = max(self.at_once, self._now)
        self.asked.release()
        self.let.wait(PATIENCE_S)
        with self._lock:
            self._now -= 1
        body = b'{"events": []}'
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    @contextmanager
    def serving(self) -> Iterator["Mailer"]:
        """In a thread of its own."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.let.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@dataclass(frozen=True, kw_only=True)
class House:
    """A folder with a configuration, and commands typed there."""

    place: Path
    mailer: Mailer

    def open(self, *words: str) -> "subprocess.Popen[str]":
        """Begin a command."""
        env = {name: value for name, value in os.environ.items() if not name.endswith("_DIRECTORY")}
        return subprocess.Popen(
            [sys.executable, "-m", "outboundd", *words, "--config", str(self.place / "config.toml")],
            env={**env, "BREVO_API_KEY": "xkeysib-0", "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(SOURCE)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def say(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """A command to its end."""
        with self.open(*words) as process:
            out, err = process.communicate(timeout=PATIENCE_S)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def reconcile(self) -> dict[str, Any]:
        """What `jobs` says of it."""
        table = json.loads(self.say("jobs", "--json").stdout)["jobs"]
        return next(job for job in table if job["job"] == "reconcile")

    def until(self, name: str, value: object) -> None:
        """Until `jobs` says this of the run that goes on; what was killed is noticed a moment later."""
        for _ in range(TRIES):
            running = self.reconcile()["running"]
            if (running and running[name] if name else running) == value:
                return
        pytest.fail(f"{name} is {running}")

    @contextmanager
    def daemon(self) -> Iterator["subprocess.Popen[str]"]:
        """The daemon, whose first reconcile is under way."""
        with self.open("run") as process:
            self.mailer.asked.acquire(timeout=PATIENCE_S)
            drain = threading.Thread(target=process.stderr.read)
            drain.start()
            try:
                yield process
            finally:
                process.kill()
                drain.join()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The shipped configuration with a mailer of ours."""
    with Mailer().serving() as mailer:
        shutil.copy(SHIPPED, tmp_path)
        config = tmp_path / "config.toml"
        text = config.read_text(encoding="utf-8")
        text = text.replace('kind = "maildir"', 'kind = "brevo"').replace("https://api.brevo.com/v3", mailer.url)
        config.write_text(text, encoding="utf-8")
        yield House(place=tmp_path, mailer=mailer)


def first_line(process: "subprocess.Popen[str]") -> str:
    """What it says first."""
    assert process.stdout is not None
    return process.stdout.readline()


def test_runs_by_hand_wait_for_the_schedules_and_who_is_killed_or_stopped_leaves_the_queue(house: House) -> None:
    """Each says what it waits for; pause is answered meanwhile; those who stay are served, one after the other."""
    with house.daemon():
        waiting = []
        for before in range(4):
            waiting.append(house.open("once", "reconcile"))
            said = first_line(waiting[-1])
            assert said.startswith("reconcile runs since ")
            assert ("yours begins when it ends" in said) == (before == 0)
        first, killed, stopped, last = waiting
        killed.kill()
        stopped.send_signal(signal.SIGINT)
        assert "stopped" in stopped.communicate(timeout=PATIENCE_S)[1]
        assert stopped.returncode == 130
        killed.communicate()
        house.until("waiting", 2)
        assert house.say("pause", "draft").returncode == 0
        house.mailer.let.set()
        for process in (first, last):
            out, err = process.communicate(timeout=PATIENCE_S)
            assert (process.returncode, out.splitlines()[-1]) == (0, "reconcile: nothing was due"), err
        house.until("", None)
        assert house.mailer.at_once == 1


def test_a_command_line_that_is_killed_in_the_midst_of_its_run_leaves_nothing_behind(house: House) -> None:
    """What runs ends, its record says so, and the next run begins at once."""
    house.mailer.let.set()
    with house.daemon():
        assert house.say("once", "reconcile").returncode == 0
        house.mailer.let.clear()
        while house.mailer.asked.acquire(blocking=False):
            pass
        with house.open("once", "reconcile") as client:
            house.mailer.asked.acquire(timeout=PATIENCE_S)
            house.until("by_hand", True)
            client.kill()
        house.until("", None)
        assert house.reconcile()["last"]["outcome"] == "stopped in the midst; nothing was done"
        house.mailer.let.set()
        assert house.say("once", "reconcile").returncode == 0


def test_a_daemon_that_is_killed_in_the_midst_of_a_command_is_told(house: House) -> None:
    """Exit 1 and what to do, not silence."""
    with house.daemon() as daemon, house.open("once", "reconcile") as client:
        first_line(client)
        daemon.kill()
        _, err = client.communicate(timeout=PATIENCE_S)
        assert client.returncode == 1
        assert "the daemon stopped before the command had ended; run it again" in err


def test_two_command_lines_without_a_daemon_wait_for_each_other_and_a_daemon_does_not(house: House) -> None:
    """It is said who holds the lock; a daemon ends with 4 at once; what waits is carried out when the lock is free."""
    with house.open("once", "reconcile") as first:
        house.mailer.asked.acquire(timeout=PATIENCE_S)
        with house.open("once", "reconcile") as second:
            assert second.stderr is not None
            assert f"(pid {first.pid}, since " in second.stderr.readline()
            refused = house.say("run")
            assert refused.returncode == 4
            assert f"(pid {first.pid}, since " in refused.stderr
            assert house.say("jobs").returncode == 0
            house.mailer.let.set()
            for process in (first, second):
                out, err = process.communicate(timeout=PATIENCE_S)
                assert (process.returncode, out) == (0, "reconcile: nothing was due\n"), err
    assert house.mailer.at_once == 1


def test_who_waits_for_the_lock_goes_to_a_daemon_that_begins_meanwhile(house: House) -> None:
    """A daemon keeps the lock for as long as it runs: it carries the command out, at once."""
    house.mailer.let.set()
    assert house.say("once", "reconcile").returncode == 0
    state = house.place / "var" / "state"
    with (state / "lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with house.open("resume") as waits, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as daemon:
            assert waits.stderr is not None
            assert "waiting for it" in waits.stderr.readline()
            daemon.bind(str(state / "control.sock"))
            daemon.listen()
            asked = b""
            while not asked:  # before it asks it looks whether anybody is there
                link, _ = daemon.accept()
                with link:
                    asked = link.makefile("rb").readline()
                    if asked:
                        link.sendall(b'{"text": "done"}\n{"exit": 0}\n')
            out, err = waits.communicate(timeout=PATIENCE_S)
    assert json.loads(asked)["command"] == "resume"
    assert (waits.returncode, out) == (0, "done\n"), err

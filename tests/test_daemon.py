"""The daemon as a real process: it starts on the shipped configuration, answers, and stops cleanly."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SHIPPED = Path(__file__).parent.parent / "config.toml"
PATIENCE_S = 60


def outboundd(place: Path, *words: str) -> list[str]:
    """A command line of ours on the configuration of `place`."""
    return [sys.executable, "-m", "outboundd", *words, "--config", str(place / "config.toml")]


def clean_env() -> dict[str, str]:
    """The environment without what systemd would set."""
    env = {name: value for name, value in os.environ.items() if not name.endswith("_DIRECTORY")}
    return {**env, "PYTHONPATH": str(SHIPPED.parent / "src")}


def say(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = outboundd(place, *words)
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, env=clean_env(), check=False)


@contextmanager
def running(place: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A daemon whose first reconcile is complete, and what it has printed until then."""
    command = outboundd(place, "run")
    daemon = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=clean_env())
    assert daemon.stderr is not None
    told = ""
    for line in daemon.stderr:
        told += line
        if "job.finished" in line:
            break
    try:
        yield daemon, told
    finally:
        daemon.kill()
        daemon.communicate()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the shipped configuration."""
    shutil.copy(SHIPPED, tmp_path)
    return tmp_path


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_says_what_it_is_connected_to_answers_and_stops_cleanly(place: Path, stop: signal.Signals) -> None:
    """No account anywhere: a maildir, told plainly; it answers; SIGTERM and Ctrl-C end it."""
    with running(place) as (daemon, told):
        assert "a maildir" in told
        assert "nothing leaves this machine" in told
        assert (place / "var" / "state" / "control.sock").is_socket()
        answer = say(place, "once", "reconcile")
        assert (answer.returncode, answer.stdout) == (0, "reconcile: nothing was due\n")
        daemon.send_signal(stop)
        assert daemon.wait(timeout=PATIENCE_S) == 0
    assert not (place / "var" / "state" / "control.sock").exists()


def test_a_command_for_another_configuration_is_not_answered_by_this_daemon(place: Path, tmp_path: Path) -> None:
    """What is named with --config is meant: never the figures of another campaign."""
    other = tmp_path / "other"
    other.mkdir()
    named = SHIPPED.read_text(encoding="utf-8").replace('name = "default"', 'name = "other"', 1)
    (other / "config.toml").write_text(named, encoding="utf-8")
    env = {**clean_env(), "RUNTIME_DIRECTORY": str(place / "var" / "state")}
    with running(place):
        for config, campaign in ((place, "default"), (other, "other")):
            said = subprocess.run(
                outboundd(config, "stats"), capture_output=True, text=True, timeout=PATIENCE_S, env=env, check=True
            )
            assert said.stdout.startswith(campaign)


def test_a_second_daemon_ends_at_once(place: Path) -> None:
    """One process per state directory: the other one says so and exits with 4."""
    with running(place):
        second = say(place, "run")
        assert second.returncode == 4
        assert "another outboundd process holds" in second.stderr


def test_a_socket_left_by_a_killed_daemon_stops_nobody(place: Path) -> None:
    """After SIGKILL commands work by themselves, and the next daemon takes the socket's place."""
    with running(place) as (daemon, _):
        daemon.send_signal(signal.SIGKILL)
        daemon.wait(timeout=PATIENCE_S)
    assert say(place, "jobs").returncode == 0
    with running(place):
        assert say(place, "once", "reconcile").returncode == 0

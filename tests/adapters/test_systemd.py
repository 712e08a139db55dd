"""Does systemd hear what we say, in its own words, and does nobody mind when it is not there?"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from outboundd.adapters.systemd import Systemd

PATIENCE_S = 10


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A service manager's end of the socket, and how the environment names it."""
    name = f"@outboundd-test-{os.getpid()}" if request.param == "abstract" else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.bind(f"\0{name[1:]}" if name.startswith("@") else name)
        link.settimeout(PATIENCE_S)
        yield link, name


def heard(link: socket.socket) -> str:
    """The next datagram."""
    return link.recv(4096).decode()


def test_each_message_is_one_datagram_in_the_words_of_sd_notify(manager: tuple[socket.socket, str]) -> None:
    """A reload carries the clock in the same datagram: without it systemd would wait for ever."""
    link, name = manager
    systemd = Systemd({"NOTIFY_SOCKET": name})
    systemd.ready("12 of 20")
    systemd.status("two\nlines")
    systemd.alive()
    systemd.stopping("goes")
    assert [heard(link) for _ in range(4)] == [
        "READY=1\nSTATUS=12 of 20",
        "STATUS=two lines",
        "WATCHDOG=1",
        "STOPPING=1\nSTATUS=goes",
    ]
    systemd.reloading()
    word, _, clock = heard(link).partition("\nMONOTONIC_USEC=")
    assert word == "RELOADING=1"
    assert int(clock) > 0


def test_in_a_terminal_nothing_is_said_and_nobody_watches() -> None:
    """No socket in the environment: every message is a no-op, and no watchdog asks to be fed."""
    systemd = Systemd({"WATCHDOG_USEC": "1000000"})
    systemd.ready("x")
    assert (systemd.listens, systemd.watchdog_s) == (False, None)


@pytest.mark.parametrize("name", ["/nonexistent/notify", "@nobody-listens-here", "/" + "x" * 200, "a\0b"])
def test_a_manager_that_cannot_be_told_stops_nothing(name: str) -> None:
    """The mail goes on whether or not systemd listens."""
    Systemd({"NOTIFY_SOCKET": name}).alive()


def test_a_manager_that_does_not_read_is_not_waited_for(tmp_path: Path) -> None:
    """A full queue loses the message: the loop must not stand still for a status line."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.bind(str(tmp_path / "notify"))
        systemd = Systemd({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        for _ in range(10_000):
            systemd.status("x")


@pytest.mark.parametrize(
    ("env", "period_s"),
    [
        ({"WATCHDOG_USEC": "120000000"}, 120.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": str(os.getpid())}, 120.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_ours_when_it_names_us_or_nobody(env: dict[str, str], period_s: float | None) -> None:
    """A child that inherits the environment must not feed its parent's watchdog."""
    assert Systemd({"NOTIFY_SOCKET": "@x", **env}).watchdog_s == period_s

"""Can anything that a caller does on the control socket end the daemon?"""

import json
import os
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
import pytest

from outboundd.adapters import control


async def counting(_name: str, arguments: Mapping[str, Any]) -> AsyncGenerator[control.Say, None]:
    """A command that says much, one line after the other."""
    for number in range(int(arguments.get("lines", 3))):
        yield {"text": "x" * 1000, "number": number}
        await anyio.lowlevel.checkpoint()
    yield {"exit": 0}


@asynccontextmanager
async def serving(place: Path, carry_out: control.CarryOut) -> AsyncIterator[None]:
    """A daemon that answers there."""
    async with control.listening(place) as listener, anyio.create_task_group() as group:
        group.start_soon(control.serve, listener, carry_out)
        yield
        group.cancel_scope.cancel()


def asked(place: Path, arguments: dict[str, Any]) -> list[control.Say]:
    """A whole conversation, as the command line has it."""
    link = control.connect([place])
    assert link is not None
    return list(control.ask(link, "count", arguments))


def hangs_up(place: Path, words: bytes) -> None:
    """A caller that sends this and is gone at once, without listening."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.connect(str(place))
        link.sendall(words)


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b'{"command": "cou',
        b"no JSON\n",
        b"[]\n",
        b'{"command": "count"}\n',
        b"[" * 100_000 + b"\n",
        b"\xff\xfe\n",
        json.dumps({"command": "count", "arguments": {"lines": 2000}}).encode() + b"\n",
    ],
)
async def test_a_caller_that_hangs_up_does_not_end_the_daemon(tmp_path: Path, words: bytes) -> None:
    """Ctrl-C in the midst of a request or of its answer, or rubbish: the next caller is answered."""
    place = tmp_path / "control.sock"
    async with serving(place, counting):
        await anyio.to_thread.run_sync(hangs_up, place, words)
        said = await anyio.to_thread.run_sync(asked, place, {"lines": 2})
    assert [say.get("number", say.get("exit")) for say in said] == [0, 1, 0]


async def test_what_is_no_request_is_answered_with_a_sentence(tmp_path: Path) -> None:
    """A command line of another version is told so, with the exit code of a wrong usage."""
    place = tmp_path / "control.sock"

    def ask() -> list[dict[str, Any]]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.connect(str(place))
            link.sendall(b"why rosa@harbour.example\n")
            with link.makefile("rb") as lines:
                return [json.loads(line) for line in lines]

    async with serving(place, counting):
        said = await anyio.to_thread.run_sync(ask)
    assert "no request" in said[0]["error"]
    assert said[-1] == {"exit": 2}


async def test_a_daemon_that_stops_in_the_midst_is_told(tmp_path: Path) -> None:
    """No silence and no exit 0: the command is to be run again."""
    place = tmp_path / "control.sock"

    async def breaks_off(_name: str, _arguments: Mapping[str, Any]) -> AsyncGenerator[control.Say, None]:
        yield {"text": "half"}
        raise RuntimeError

    async with serving(place, breaks_off):
        said = await anyio.to_thread.run_sync(asked, place, {})
    assert said[0] == {"text": "half"}
    assert "stopped before the command had ended" in said[1]["error"]
    assert said[-1] == {"exit": 1}


async def test_a_request_that_is_too_large_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also to a program that has not finished handing it over; and the next caller is answered."""
    monkeypatch.setattr(control, "LONGEST_REQUEST", 4_000_000)
    place = tmp_path / "control.sock"
    async with serving(place, counting):
        said = await anyio.to_thread.run_sync(asked, place, {"content": "x" * 8_000_000})
        after = await anyio.to_thread.run_sync(asked, place, {"lines": 1})
    assert said == [{"error": "too much to be handed over: a file of 3 MB at most; split it"}, {"exit": 2}]
    assert after[-1] == {"exit": 0}


async def test_a_command_that_is_silent_for_long_gives_signs_of_life(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is waited for as long as it takes: here ten times as long as a daemon may be silent."""
    monkeypatch.setattr(control, "SIGN_OF_LIFE_S", 0.005)
    place, signs = tmp_path / "control.sock", 0
    enough = anyio.Event()

    async def silent(_name: str, _arguments: Mapping[str, Any]) -> AsyncGenerator[control.Say, None]:
        await enough.wait()
        yield {"text": "done"}
        yield {"exit": 0}

    def read() -> list[bytes]:
        nonlocal signs
        link = control.connect([place])
        assert link is not None
        with link, link.makefile("rb") as lines:
            link.sendall(b'{"command": "silent", "arguments": {}}\n')
            for line in lines:
                if json.loads(line):
                    return [line, *lines]
                signs += 1
                if signs == 3:
                    anyio.from_thread.run_sync(enough.set)
        return []

    async with serving(place, silent):
        said = await anyio.to_thread.run_sync(read)
    assert signs >= 3
    assert [json.loads(line) for line in said] == [{"text": "done"}, {"exit": 0}]


async def test_signs_of_life_are_no_lines_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks sees what the command says and nothing else."""
    monkeypatch.setattr(control, "SIGN_OF_LIFE_S", 0.0)
    place = tmp_path / "control.sock"
    async with serving(place, counting):
        said = await anyio.to_thread.run_sync(asked, place, {"lines": 50})
    assert [say.get("number", say.get("exit")) for say in said] == [*range(50), 0]


def test_a_daemon_that_hangs_is_told_and_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It listens and never answers: exit 1 and where to look."""
    monkeypatch.setattr(control, "SILENT_AT_MOST_S", 0.05)
    place = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as hung:
        hung.bind(str(place))
        hung.listen()
        said = asked(place, {})
    assert "no sign of life" in said[0]["error"]
    assert said[-1] == {"exit": 1}


async def test_many_callers_at_once_are_each_answered_in_full(tmp_path: Path) -> None:
    """Also beside one that listens to nothing of what it asked for."""
    place, answered = tmp_path / "control.sock", list[int]()

    async def one() -> None:
        said = await anyio.to_thread.run_sync(asked, place, {"lines": 20}, limiter=anyio.CapacityLimiter(1))
        answered.append(len(said))

    async with serving(place, counting):
        deaf = control.connect([place])
        assert deaf is not None
        deaf.sendall(json.dumps({"command": "count", "arguments": {"lines": 5000}}).encode() + b"\n")
        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(one)
        deaf.close()
    assert answered == [21] * 50


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root; tests/test_users.py asks as other users")
def test_a_place_that_is_closed_to_this_user_is_no_daemon_that_is_away(tmp_path: Path) -> None:
    """It is told apart, with who may."""
    closed = tmp_path / "run"
    closed.mkdir(mode=0)
    with pytest.raises(control.Barred, match="only the user"):
        control.connect([closed / "control.sock"])
    assert not control.answers(closed / "control.sock")


def test_a_place_is_the_first_that_systemd_made() -> None:
    """It may have made several; without any, the one of the service is tried all the same."""
    env = {"RUNTIME_DIRECTORY": "/run/one:/run/two"}
    assert control.sockets(env, Path("/state")) == [
        Path("/run/one/control.sock"),
        Path("/run/outboundd/control.sock"),
        Path("/state/control.sock"),
    ]
    assert control.sockets({}, None) == [Path("/run/outboundd/control.sock")]

"""Can anything that a caller does on the control socket end the daemon?"""

import json
import socket
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import anyio
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


async def serving(place: Path, carry_out: control.CarryOut) -> None:
    """A daemon that does nothing else."""
    async with control.listening(place) as listener:
        await control.serve(listener, carry_out)


async def listening(place: Path) -> None:
    """Wait until the socket is there and listens."""
    while (link := control.connect([place])) is None:
        await anyio.lowlevel.checkpoint()
    link.close()


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
        json.dumps({"command": "count", "arguments": {"lines": 2000}}).encode() + b"\n",
    ],
)
async def test_a_caller_that_hangs_up_does_not_end_the_daemon(tmp_path: Path, words: bytes) -> None:
    """Ctrl-C in the midst of a request or of its answer, or rubbish: the next caller is answered."""
    place = tmp_path / "control.sock"
    async with anyio.create_task_group() as group:
        group.start_soon(serving, place, counting)
        await listening(place)
        await anyio.to_thread.run_sync(hangs_up, place, words)
        said = await anyio.to_thread.run_sync(asked, place, {"lines": 2})
        group.cancel_scope.cancel()
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

    async with anyio.create_task_group() as group:
        group.start_soon(serving, place, counting)
        await listening(place)
        said = await anyio.to_thread.run_sync(ask)
        group.cancel_scope.cancel()
    assert "no request" in said[0]["error"]
    assert said[-1] == {"exit": 2}


async def test_a_daemon_that_stops_in_the_midst_is_told(tmp_path: Path) -> None:
    """No silence and no exit 0: the command is to be run again."""
    place = tmp_path / "control.sock"

    async def breaks_off(_name: str, _arguments: Mapping[str, Any]) -> AsyncGenerator[control.Say, None]:
        yield {"text": "half"}
        raise RuntimeError

    async with anyio.create_task_group() as group:
        group.start_soon(serving, place, breaks_off)
        await listening(place)
        said = await anyio.to_thread.run_sync(asked, place, {})
        group.cancel_scope.cancel()
    assert said[0] == {"text": "half"}
    assert "stopped before the command had ended" in said[1]["error"]
    assert said[-1] == {"exit": 1}

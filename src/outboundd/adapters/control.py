"""How do a command line and a running daemon on one machine talk?

A Unix socket for owner and group. One request a connection: a JSON line with command and arguments; then JSON lines as
the command says them, the last one with its exit code. Closing the connection (Ctrl-C) cancels the command.
"""

import json
import os
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import Listener, SocketStream, TaskGroup
from anyio.streams.buffered import BufferedByteReceiveStream

Say = dict[str, Any]
CarryOut = Callable[[str, Mapping[str, Any]], AsyncGenerator[Say, None]]
LONGEST_REQUEST = 256 * 1024 * 1024


@asynccontextmanager
async def listening(path: Path) -> AsyncIterator[Listener[SocketStream]]:
    """The socket, open: who connects before `serve` answers waits. One that a dead process left behind is replaced."""
    _remove(path)
    try:
        async with await anyio.create_unix_listener(path, mode=0o660) as listener:
            yield listener
    finally:
        _remove(path)


async def serve(listener: Listener[SocketStream], carry_out: CarryOut, work: TaskGroup | None = None) -> None:
    """Answer until cancelled; commands that go on then are ended with it, or belong to `work`."""

    async def answer(stream: SocketStream) -> None:
        async with stream:
            # A command tells its own failures. What is left is the caller's: it hung up in the midst of its request or
            # of our answer, and that must never end the daemon.
            with suppress(Exception):
                await _answer(stream, carry_out)

    await listener.serve(answer, work)


async def _answer(stream: SocketStream, carry_out: CarryOut) -> None:
    """Carry out one request; when the other side hangs up, the command is cancelled."""
    raw = await BufferedByteReceiveStream(stream).receive_until(b"\n", LONGEST_REQUEST)
    try:
        request = json.loads(raw)
        command, arguments = str(request["command"]), dict(request["arguments"])
    except (ValueError, KeyError, TypeError):
        await _tell(stream, {"error": "this is no request: the program that asks is of another version"})
        await _tell(stream, {"exit": 2})
        return

    async with anyio.create_task_group() as group:

        async def watch() -> None:
            with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
                await stream.receive()
            group.cancel_scope.cancel()

        group.start_soon(watch)
        async with aclosing(carry_out(command, arguments)) as told:
            async for say in told:
                await _tell(stream, say)
        group.cancel_scope.cancel()


async def _tell(stream: SocketStream, say: Say) -> None:
    await stream.send(json.dumps(say).encode() + b"\n")


def sockets(env: Mapping[str, str], state_dir: Path | None) -> list[Path]:
    """Where a daemon may listen, in the order it is sought."""
    places = [env.get("RUNTIME_DIRECTORY", ""), "/run/outboundd", str(state_dir or "")]
    return [Path(place) / "control.sock" for place in places if place]


def connect(places: list[Path]) -> socket.socket | None:
    """A connection to the first daemon that listens; None when there is none."""
    for place in places:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            link.connect(os.fspath(place))
        except OSError:
            link.close()
        else:
            return link
    return None


def ask(link: socket.socket, command: str, arguments: Mapping[str, Any]) -> Generator[Say, None, None]:
    """Send one request and yield what the daemon says. The exit code comes last, as {"exit": code}."""
    ended = False
    with link:
        try:
            with link.makefile("rwb") as stream:
                stream.write(json.dumps({"command": command, "arguments": dict(arguments)}).encode() + b"\n")
                stream.flush()
                for line in stream:
                    say = json.loads(line)
                    ended = "exit" in say
                    yield say
        except OSError:
            ended = False
    if not ended:
        yield {"error": "the daemon stopped before the command had ended; run it again"}
        yield {"exit": 1}


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)

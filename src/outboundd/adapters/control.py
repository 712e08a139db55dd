"""How do a command line and a running daemon on one machine talk?

A Unix socket for owner and group. One request a connection: a JSON line with command and arguments; then JSON lines as
the command says them, the last one with its exit code, and an empty object as a sign of life where it is silent for a
while. Closing the connection (Ctrl-C) cancels the command.
"""

import grp
import json
import os
import pwd
import socket
import stat
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
from anyio import DelimiterNotFound
from anyio.abc import Listener, SocketStream, TaskGroup
from anyio.streams.buffered import BufferedByteReceiveStream

Say = dict[str, Any]
CarryOut = Callable[[str, Mapping[str, Any]], AsyncGenerator[Say, None]]
NAME = "control.sock"
SERVICE = Path("/run/outboundd")  # where systemd puts it, for who has no environment from systemd
LONGEST_REQUEST = 64 * 1024 * 1024  # bytes; held several times over while an import is read
SIGN_OF_LIFE_S = 5.0
SILENT_AT_MOST_S = 60.0  # more than any one step of a command keeps the daemon's loop busy


class Barred(Exception):
    """There is a daemon, or there may be, and this user may not talk to it. Its text is a sentence for them."""


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
                await _answer(_Caller(stream), carry_out)

    await listener.serve(answer, work)


class _Caller:
    """The other side of one connection."""

    def __init__(self, stream: SocketStream) -> None:
        self.stream = stream
        self._one_at_a_time = anyio.Lock()

    async def tell(self, say: Say) -> None:
        async with self._one_at_a_time:
            await self.stream.send(json.dumps(say).encode() + b"\n")

    async def refuse(self, sentence: str) -> None:
        await self.tell({"error": sentence})
        await self.tell({"exit": 2})

    async def sign_of_life(self) -> None:
        """Now and then: a command may be silent for long, a daemon that hangs is silent for ever."""
        while True:
            await anyio.sleep(SIGN_OF_LIFE_S)
            await self.tell({})


async def _answer(caller: _Caller, carry_out: CarryOut) -> None:
    """Carry out one request; when the other side hangs up, the command is cancelled."""
    try:
        raw = await BufferedByteReceiveStream(caller.stream).receive_until(b"\n", LONGEST_REQUEST)
        request = json.loads(raw)
        command, arguments = str(request["command"]), dict(request["arguments"])
    except DelimiterNotFound:
        most = LONGEST_REQUEST * 3 // 4 // 1_000_000  # a file travels in base64
        await caller.refuse(f"too much to be handed over: a file of {most} MB at most; split it")
        return
    except (ValueError, KeyError, TypeError, RecursionError):
        await caller.refuse("this is no request: the program that asks is of another version")
        return

    async with anyio.create_task_group() as group:

        async def watch() -> None:
            with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
                await caller.stream.receive()
            group.cancel_scope.cancel()

        group.start_soon(watch)
        group.start_soon(caller.sign_of_life)
        async with aclosing(carry_out(command, arguments)) as told:
            async for say in told:
                await caller.tell(say)
        group.cancel_scope.cancel()


def runtime_place(env: Mapping[str, str]) -> Path | None:
    """The socket of a service: in the directory that systemd made for it, the first where it made several."""
    directory = env.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return place_in(Path(directory)) if directory else None


def place_in(directory: Path) -> Path:
    """The socket in a directory."""
    return directory / NAME


def sockets(env: Mapping[str, str], state_dir: Path | None) -> list[Path]:
    """Where a daemon may listen, in the order it is sought."""
    places = [runtime_place(env), place_in(SERVICE), place_in(state_dir) if state_dir else None]
    return [place for place in places if place]


def connect(places: Sequence[Path]) -> socket.socket | None:
    """A connection to the first daemon that listens; None when there is none.

    Raises Barred when none answers and there is a place that this user must not look into.
    """
    barred: Path | None = None
    for place in places:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            link.connect(os.fspath(place))
        except PermissionError:
            link.close()
            barred = barred or place
        except OSError:
            link.close()
        else:
            link.settimeout(SILENT_AT_MOST_S)
            return link
    if barred:
        raise Barred(_barred(barred))
    return None


def answers(place: Path) -> bool:
    """Does a daemon listen there that answers this user?"""
    try:
        link = connect([place])
    except Barred:
        return False
    if link is not None:
        link.close()
    return link is not None


def _barred(place: Path) -> str:
    """Whom the daemon answers, and how to become one of them."""
    door = place if os.access(place.parent, os.X_OK) else place.parent
    there = door.stat()
    if not there.st_mode & (stat.S_IXGRP | stat.S_IWGRP):
        return f"{place}: only the user that the daemon runs as may ask it: sudo -u {_name(pwd.getpwuid, there.st_uid)}"
    group = _name(grp.getgrgid, there.st_gid)
    return (
        f"{place}: the daemon answers the members of the group {group}, and you are none; to become one: "
        f"sudo usermod -aG {group} $USER, then log in again"
    )


def _name(look_up: Callable[[int], Sequence[Any]], number: int) -> str:
    """The name of a user or group, its number where it has none."""
    try:
        return str(look_up(number)[0])
    except KeyError:
        return str(number)


def ask(link: socket.socket, command: str, arguments: Mapping[str, Any]) -> Generator[Say, None, None]:
    """Send one request and yield what the daemon says. The exit code comes last, as {"exit": code}."""
    ended = False
    why = "the daemon stopped before the command had ended; run it again"
    with link:
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # refused half-way: why is there to be read
                link.sendall(json.dumps({"command": command, "arguments": dict(arguments)}).encode() + b"\n")
            with link.makefile("rb") as stream:
                for line in stream:
                    say = json.loads(line)
                    ended = "exit" in say
                    if say:
                        yield say
        except TimeoutError:
            why = (
                f"the daemon has given no sign of life for {SILENT_AT_MOST_S:.0f} s: look at its log and restart it; "
                "what the command did until then is kept"
            )
        except OSError:
            pass  # the end of the line; whether it had said all is known
    if not ended:
        yield {"error": why}
        yield {"exit": 1}


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)

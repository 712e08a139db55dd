"""What is the process told to do by a signal, or by the end of its terminal?"""

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskStatus


class Orders:
    """What was asked and is still to be done. Asking twice is asking once; a stop comes before everything."""

    def __init__(self) -> None:
        self.stop = anyio.Event()
        self._rung = anyio.Event()

    def to_stop(self) -> None:
        """End the process."""
        self.stop.set()
        self._rung.set()

    def to_reload(self) -> None:
        """Read the configuration anew."""
        self._rung.set()

    async def reload(self) -> bool:
        """Wait for an order; True when it is to read the configuration anew, False when it is to stop."""
        await self._rung.wait()
        if self.stop.is_set():
            return False
        self._rung = anyio.Event()
        return True


@asynccontextmanager
async def from_signals() -> AsyncIterator[Orders]:
    """SIGTERM and Ctrl-C stop; SIGHUP reloads, unless it says that our terminal is gone."""
    orders = Orders()
    async with anyio.create_task_group() as group:
        await group.start(_listen, orders)
        yield orders
        group.cancel_scope.cancel()


async def _listen(orders: Orders, *, task_status: TaskStatus[None]) -> None:
    in_a_terminal = _terminal()
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as received:
        task_status.started()
        async for signum in received:
            if signum == signal.SIGHUP and in_a_terminal and not _terminal():
                _speak_to_nobody()
                orders.to_stop()
            elif signum == signal.SIGHUP:
                orders.to_reload()
            else:
                orders.to_stop()


def _terminal() -> bool:
    """Is there a terminal at our error output? One that was closed is none any more."""
    return sys.stderr.isatty()


def _speak_to_nobody() -> None:
    """A line to a terminal that is gone fails, and must not cut off what is being finished."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)

"""Which process may write to this state directory? One at a time, by an advisory lock that dies with its holder."""

import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import anyio

LOOK_EVERY_S = 0.2


class Locked(Exception):
    """Another process holds the lock."""


@asynccontextmanager
async def process_lock(
    state_dir: Path, wait_s: float, in_vain: Callable[[], bool] = lambda: False
) -> AsyncIterator[None]:
    """Hold the lock of a state directory; raises Locked when it is not free within `wait_s` seconds, or sooner when
    waiting is `in_vain`. The file says who holds it, and since when, for whoever finds it held.
    """
    handle = os.open(state_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        await _take(handle, wait_s, state_dir, in_vain)
        with suppress(OSError):  # a full disk: the lock is held all the same
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"pid {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC".encode(), 0)
        yield
    finally:
        os.close(handle)


async def _take(handle: int, wait_s: float, state_dir: Path, in_vain: Callable[[], bool]) -> None:
    waited_s = 0.0
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waited_s >= wait_s or in_vain():
                holder = os.pread(handle, 100, 0).decode("ascii", "replace") or "it has just begun"
                raise Locked(f"another outboundd process holds {state_dir / 'lock'} ({holder})") from None
            await anyio.sleep(LOOK_EVERY_S)
            waited_s += LOOK_EVERY_S
        else:
            return

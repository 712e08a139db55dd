"""Which process may write to this state directory? One at a time, by an advisory lock that dies with its holder."""

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

LOOK_EVERY_S = 0.2


class Locked(Exception):
    """Another process holds the lock."""


@asynccontextmanager
async def process_lock(state_dir: Path, wait_s: float) -> AsyncIterator[None]:
    """Hold the lock of a state directory; raises Locked when it is not free within `wait_s` seconds."""
    handle = os.open(state_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        await _take(handle, wait_s, state_dir)
        yield
    finally:
        os.close(handle)


async def _take(handle: int, wait_s: float, state_dir: Path) -> None:
    waited_s = 0.0
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waited_s >= wait_s:
                raise Locked(f"another outboundd process holds {state_dir / 'lock'}") from None
            await anyio.sleep(LOOK_EVERY_S)
            waited_s += LOOK_EVERY_S
        else:
            return

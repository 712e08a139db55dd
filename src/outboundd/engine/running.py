"""Whose turn is it to run a job? One at a time, in the order asked for; who waits hears how far the other has come."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

import anyio


@dataclass(frozen=True, kw_only=True)
class Running:
    """A run that goes on: `done` of `of`, in what its job counts; 0 of 0 until it knows."""

    since: datetime
    by_hand: bool
    done: int = 0
    of: int = 0


Progress = Callable[[int, int], None]
Hear = Callable[[Running, int], None]  # the run that goes on, and how many wait before the one that is told


@dataclass(kw_only=True)
class Runs:
    """The runs of this process by job: what goes on now, and who waits for it to end, in their order."""

    now: dict[str, Running] = field(default_factory=dict)
    locks: dict[str, anyio.Lock] = field(default_factory=dict)
    waiting: dict[str, list[Hear]] = field(default_factory=dict)

    def taken(self, job: str) -> bool:
        """Does a run of it go on, or is one about to?"""
        return job in self.locks and self.locks[job].locked()

    @asynccontextmanager
    async def turn(self, job: str, began: Callable[[], Running], hear: Hear, tell: Progress) -> AsyncIterator[Progress]:
        """Wait for the turn of this run, and keep it; gives what the run tells its progress to.

        `began` is asked when the turn has come. `hear` is told while the run waits, `tell` while it goes on. A wait
        that is cut off leaves the queue; nothing of it is left behind, and those behind it move up.
        """
        lock = self.locks.setdefault(job, anyio.Lock())
        await self._wait(job, lock, hear)
        try:
            self._tell(job, began())

            def progress(done: int, of: int) -> None:
                self._tell(job, replace(self.now[job], done=done, of=of))
                tell(done, of)

            yield progress
        finally:
            self.now.pop(job, None)
            lock.release()

    async def _wait(self, job: str, lock: anyio.Lock, hear: Hear) -> None:
        queue = self.waiting.setdefault(job, [])
        if job in self.now:
            hear(self.now[job], len(queue))
        queue.append(hear)
        try:
            await lock.acquire()
        finally:
            queue.remove(hear)

    def _tell(self, job: str, running: Running) -> None:
        self.now[job] = running
        for before, hear in enumerate(self.waiting[job]):
            hear(running, before)

"""How do three weeks pass in seconds? An event loop whose clock jumps when nothing is ready, the wall clock with it."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import time_machine

from outboundd.motion import MOTION

T = TypeVar("T")

REAL_WAIT_S = 0.05


def run(main: Callable[[], Coroutine[Any, Any, T]], start: datetime) -> T:
    """Run `main` to its end in virtual time from `start` (aware) on. RuntimeError when it waits for nothing.

    The same program takes the same course each time. While a request is on its way (`motion.py`) time stands still and
    the loop really waits: what takes no part in that count, a bare socket or thread, is not waited for.
    """
    if start.tzinfo is None:
        raise ValueError(f"start = {start}: must be aware; give it a tzinfo")
    with time_machine.travel(start.astimezone(UTC), tick=False) as wall:
        clock = _Clock(wall)
        with asyncio.Runner(loop_factory=lambda: _VirtualLoop(clock)) as runner:
            return runner.run(main())


class _Clock:
    """Loop time and wall time, counted as one whole number of microseconds so that they never drift apart."""

    def __init__(self, wall: time_machine.Traveller) -> None:
        self._wall = wall
        self._passed_us = 0

    def seconds(self) -> float:
        return self._passed_us / 1e6

    def advance(self, seconds: float) -> None:
        # Never by nothing: a loop that polls the clock in zero-second waits would otherwise spin for ever.
        step_us = max(1, round(seconds * 1e6))
        self._passed_us += step_us
        self._wall.shift(timedelta(microseconds=step_us))


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits: when nothing is ready, time jumps to the next timer."""

    def __init__(self, clock: _Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready:
            return ready
        if MOTION.count > 0:
            return super().select(0 if timeout == 0 else REAL_WAIT_S)
        if timeout is None:
            raise RuntimeError("deadlock in virtual time: every task waits and no timer is set")
        self._clock.advance(timeout)
        return ready


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, clock: _Clock) -> None:
        self._virtual = clock
        super().__init__(_JumpingSelector(clock))

    def time(self) -> float:
        return self._virtual.seconds()

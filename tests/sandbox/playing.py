"""A world whose clock is turned by hand, for vendors that are asked by their own clients."""

import random
from datetime import UTC, datetime, timedelta

from outboundd.sandbox.world import World

START = datetime(2026, 11, 24, 8, tzinfo=UTC)


class HandClock:
    """Time passes when somebody sleeps, and when the test says so."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def world(clock: HandClock) -> World:
    """Nothing is switched on, and chance is the same each time."""
    return World(now=clock.now, sleep=clock.sleep, rng=random.Random(1))

"""A bot of ours before the sandbox's Telegram, on the virtual clock."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import anyio

from outboundd import virtual
from outboundd.adapters.system_clock import SystemClock
from outboundd.adapters.telegram import Telegram as Bot
from outboundd.model.chat import Said
from outboundd.motion import MOTION
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.telegram import Telegram as Vendor
from outboundd.sandbox.world import World

T = TypeVar("T")
START = datetime(2026, 11, 24, 8, tzinfo=UTC)
ME = 7


def passed_s() -> float:
    """Since the start."""
    return (datetime.now(UTC) - START).total_seconds()


@dataclass(kw_only=True)
class Line:
    """The bot, and Telegram. `untold`: what it gave up; `heard`: what it was told; `arrivals`: how often it asked."""

    bot: Bot
    vendor: Vendor
    untold: list[str]
    arrivals: Callable[[], int]
    heard: list[Said] = field(default_factory=list)

    def fault(self, name: str, **how: Any) -> None:
        """Switch it on."""
        self.vendor.world.faults.switch_on("telegram", name, **how)

    def no_fault(self) -> None:
        """All is well again."""
        self.vendor.world.faults.switch_off()

    async def hear(self) -> None:
        """One poll."""

        async def heard(said: Said) -> None:
            self.heard.append(said)

        await self.bot.hear(heard)

    @property
    def texts(self) -> list[str]:
        """What each message shows now, in the order in which they were sent."""
        return list({one.message_id: one.text for one in self.vendor.sent}.values())


def play(story: Callable[[Line], Awaitable[T]], **how: Any) -> T:
    """Tell a story of a bot whose queue is being delivered."""

    async def told() -> T:
        async with line(**how) as at, anyio.create_task_group() as group:
            group.start_soon(at.bot.deliver)
            result = await story(at)
            group.cancel_scope.cancel()
        return result

    return virtual.run(told, START)


@asynccontextmanager
async def line(*, alert_to: int = ME, token: str = "42:sandbox", **vendor: Any) -> AsyncIterator[Line]:
    """A bot that obeys one person."""
    world = World(now=lambda: datetime.now(UTC), sleep=_sleep, rng=random.Random(1))
    there, untold = Vendor(world, **vendor), list[str]()
    sandbox = Sandbox(world, [there])
    async with serving(sandbox) as url:
        bot = Bot(
            token=token,
            api_url=f"{url}/telegram",
            allowed=(ME,),
            alert_to=alert_to,
            clock=SystemClock(),
            untold=untold.append,
        )
        try:
            yield Line(bot=bot, vendor=there, untold=untold, arrivals=lambda: sandbox.arrivals["telegram"])
        finally:
            await bot.aclose()


async def _sleep(seconds: float) -> None:
    with MOTION.resting():
        await anyio.sleep(seconds)

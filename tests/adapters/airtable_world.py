"""An AirtableStore before a sandbox that plays its vendor, for tests of both."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import anyio

from outboundd.adapters.airtable import AirtableStore
from outboundd.adapters.system_clock import SystemClock
from outboundd.motion import MOTION
from outboundd.sandbox.airtable import Airtable
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.world import World

AS_FAST_AS_IT_GOES = 100_000


async def sleep(seconds: float) -> None:
    """Wait on the clock, which the request that is being answered must not hold."""
    with MOTION.resting():
        await anyio.sleep(seconds)


def vendor(**how: Any) -> Airtable:
    """A base without our table yet."""
    world = World(now=lambda: datetime.now(UTC), sleep=sleep, rng=random.Random(1))
    return Airtable(world, **{"strict_rate": False, **how})


@asynccontextmanager
async def connected(airtable: Airtable, **how: Any) -> AsyncIterator[AirtableStore]:
    """A store before this vendor."""
    async with serving(Sandbox(airtable.world, [airtable])) as url:
        given = {"token": airtable.token, "base": airtable.base, "table": "Leads", "view": "", "clock": SystemClock()}
        store = AirtableStore(
            **{"api_url": f"{url}/airtable", "calls_per_s": AS_FAST_AS_IT_GOES, **given, **how}  # type: ignore[arg-type]
        )
        try:
            yield store
        finally:
            store.close()


@asynccontextmanager
async def ready(airtable: Airtable, **how: Any) -> AsyncIterator[AirtableStore]:
    """The same, with the table as `create` makes it."""
    async with connected(airtable, **how) as store:
        await store.create(await store.missing())
        yield store

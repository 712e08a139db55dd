"""How do the vendors stand in a process of their own, without limits and without latency?

Prints their address and serves until its standard input is closed.
"""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import time_machine

from outboundd.sandbox.airtable import Airtable
from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.five import BASE, KEYS
from outboundd.sandbox.openai import OpenAi
from outboundd.sandbox.perplexity import Perplexity
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.world import World

sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


async def main() -> None:
    """Serve until nobody listens any more."""
    world = World(now=lambda: datetime.now(UTC), sleep=sleep, rng=random.Random(1))
    vendors = (
        Airtable(world, token=KEYS["AIRTABLE_TOKEN"], base=BASE, strict_rate=False),
        Brevo(world, key=KEYS["BREVO_API_KEY"], strict_rate=False),
        OpenAi(world, key=KEYS["OPENAI_API_KEY"]),
        Perplexity(world, key=KEYS["PERPLEXITY_API_KEY"]),
    )
    async with serving(Sandbox(world, vendors)) as url:
        print(url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    with time_machine.travel(datetime.fromisoformat(sys.argv[1]), tick=True):
        asyncio.run(main())

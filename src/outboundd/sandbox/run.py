"""How does the sandbox run by itself: on this machine's clock, until it is stopped?"""

import asyncio
import random
from datetime import UTC, datetime
from pathlib import Path

from outboundd.sandbox import keep
from outboundd.sandbox.five import Five, config_lines, exports
from outboundd.sandbox.recipients import Recipients
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.world import World

SAVE_EVERY_S = 2.0


async def run(port: int, state: Path | None, seed: int) -> None:
    """Serve until cancelled, on this machine's clock. Raises OSError when the port is taken."""
    world = World(now=lambda: datetime.now(UTC), sleep=asyncio.sleep, rng=random.Random(seed))  # noqa: S311
    sandbox = Five(world, Recipients(seed)).sandbox
    if state is not None:
        keep.load(sandbox, state)
    try:
        async with serving(sandbox, port) as url:
            print(f"The five vendors on {url}, for this machine alone. No mail leaves it. Ctrl-C ends them.\n")  # noqa: T201
            print(f"In config.toml:\n\n{config_lines(url)}\nIn the shell:\n\n{exports()}\n", flush=True)  # noqa: T201
            await _keep_on(sandbox, state)
    finally:
        if state is not None:
            keep.save(sandbox, state)


async def _keep_on(sandbox: Sandbox, state: Path | None) -> None:
    saved = -1
    while True:
        await asyncio.sleep(SAVE_EVERY_S)
        came = sum(sandbox.arrivals.values())
        if state is not None and came != saved:
            keep.save(sandbox, state)
            saved = came

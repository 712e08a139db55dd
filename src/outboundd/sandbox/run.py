"""How does the sandbox run by itself: on this machine's clock, until it is stopped?"""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from outboundd.sandbox import keep
from outboundd.sandbox.five import CHAT_KEYS, KEYS, OPERATOR, Five, chat_lines, config_lines, exports
from outboundd.sandbox.recipients import Recipients
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.world import World

SAVE_EVERY_S = 2.0


async def run(port: int, state: Path | None, seed: int) -> None:
    """Serve until cancelled, on this machine's clock.

    Raises ValueError (a sentence) when the port cannot be had, and when the file of the state cannot be used.
    """
    world = World(now=lambda: datetime.now(UTC), sleep=asyncio.sleep, rng=random.Random(seed))  # noqa: S311
    sandbox = Five(world, Recipients(seed)).sandbox
    if state is not None:
        keep.load(sandbox, state)
    async with _listening(sandbox, port) as url:
        if state is not None:
            keep.save(sandbox, state)  # a file that cannot be written is told now, not when all is over
        print(_welcome(url), flush=True)  # noqa: T201
        try:
            await _keep_on(sandbox, state)
        finally:
            if state is not None:
                keep.save(sandbox, state)


def _welcome(url: str) -> str:
    return f"""\
The five vendors on {url}, for this machine alone. No mail leaves it. Ctrl-C ends them.

In config.toml these tables and keys stand already; change them there to:

{config_lines(url)}
{chat_lines(url)}
Your phone is curl: what you say, a button you press, the chat as it stands.

curl {url}/_sandbox/telegram/say -d '{{"user_id": {OPERATOR}, "text": "/stats"}}'
curl {url}/_sandbox/telegram/press -d '{{"user_id": {OPERATOR}, "label": "Pause everything"}}'
curl '{url}/_sandbox/telegram/chat?user_id={OPERATOR}'

In the shell in which you type the other commands:

{exports({**KEYS, **CHAT_KEYS})}
"""


@asynccontextmanager
async def _listening(sandbox: Sandbox, port: int) -> AsyncIterator[str]:
    async with AsyncExitStack() as stack:
        try:
            url = await stack.enter_async_context(serving(sandbox, port))
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else str(error)
            raise ValueError(f"port {port} of 127.0.0.1: {why}; choose another with --port") from error
        yield url


async def _keep_on(sandbox: Sandbox, state: Path | None) -> None:
    saved = -1
    while True:
        await asyncio.sleep(SAVE_EVERY_S)
        came = sum(sandbox.arrivals.values())
        if state is not None and came != saved:
            keep.save(sandbox, state)
            saved = came

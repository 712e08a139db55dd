"""How does one start the five vendors, and what does one write into config.toml to use them?"""

import asyncio
import random
from datetime import UTC, datetime
from pathlib import Path

from outboundd.sandbox import keep
from outboundd.sandbox.airtable import Airtable
from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.openai import OpenAi
from outboundd.sandbox.perplexity import Perplexity
from outboundd.sandbox.recipients import Recipients
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.telegram import Telegram
from outboundd.sandbox.world import World

SAVE_EVERY_S = 2.0
BASE = "appSandbox0000000"
KEYS = {
    "AIRTABLE_TOKEN": "patSandbox0000000.sandbox",
    "BREVO_API_KEY": "xkeysib-sandbox",
    "OPENAI_API_KEY": "sk-sandbox",
    "PERPLEXITY_API_KEY": "pplx-sandbox",
    "TELEGRAM_BOT_TOKEN": "42:sandbox",
}


def of(world: World, seed: int) -> Sandbox:
    """The five vendors with the keys above; recipients who do what the seed says."""
    recipients = Recipients(world, seed)
    return Sandbox(
        world,
        (
            Airtable(world, token=KEYS["AIRTABLE_TOKEN"], base=BASE),
            Brevo(world, key=KEYS["BREVO_API_KEY"], recipients=recipients),
            OpenAi(world, key=KEYS["OPENAI_API_KEY"]),
            Perplexity(world, key=KEYS["PERPLEXITY_API_KEY"]),
            Telegram(world, token=KEYS["TELEGRAM_BOT_TOKEN"]),
        ),
    )


def config_lines(url: str) -> str:
    """What to write into config.toml, and into the environment, to run against the sandbox at this address."""
    exports = "\n".join(f"export {name}={value}" for name, value in KEYS.items() if name != "TELEGRAM_BOT_TOKEN")
    return f"""\
# in config.toml
[store]
kind = "airtable"
[store.airtable]
base = "{BASE}"
api_url = "{url}/airtable"
[mailer]
kind = "brevo"
[mailer.brevo]
api_url = "{url}/brevo/v3"
[writer]
kind = "openai"
api_url = "{url}/openai/v1"
[researcher]
kind = "perplexity"
api_url = "{url}/perplexity"

# in the shell
{exports}
"""


async def run(port: int, state: Path | None, seed: int) -> None:
    """Serve until cancelled, on this machine's clock. Raises OSError when the port is taken."""
    world = World(now=lambda: datetime.now(UTC), sleep=asyncio.sleep, rng=random.Random(seed))  # noqa: S311
    sandbox = of(world, seed)
    if state is not None:
        keep.load(sandbox, state)
    try:
        async with serving(sandbox, port) as url:
            print(f"The five vendors on {url}, for this machine alone. No mail leaves it. Ctrl-C ends them.\n")  # noqa: T201
            print(config_lines(url), flush=True)  # noqa: T201
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

"""How does the whole program stand on the virtual clock, in front of vendors that answer over HTTP?"""

import random
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio

from outboundd import prompts, virtual, wiring
from outboundd.adapters.memory_operator import MemoryOperator
from outboundd.commands import COMMANDS
from outboundd.commands.desk import Desk
from outboundd.config import load
from outboundd.engine.journal import Log
from outboundd.engine.parts import World as Parts
from outboundd.engine.run_job import JobEnd, JobRun, run_job
from outboundd.model.lead import COLUMNS
from outboundd.motion import MOTION
from outboundd.sandbox.airtable import Airtable
from outboundd.sandbox.five import BASE, KEYS
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.world import World
from outboundd.timetable import job_table

SEED = 7
START = datetime(2026, 9, 7, 5, 2, tzinfo=UTC)  # a Monday; no public holiday of the leads' for weeks
TABLE = "Leads"
CAMPAIGN = "bench"
# Of the shipped configuration all that is no default: the jobs' times, the hours and the caps are as shipped.
SHIPPED = f"""\
state_dir = "state"
suppression = "suppression.db"

[campaign]
name = "{CAMPAIGN}"
sender = {{ name = "Ada Park", email = "ada@mail.acme.example" }}
postal_address = "Acme Tools Ltd, 12 Harbour Street, Exampletown"
opt_out_line = "Not for you? Answer no thanks and I will not write again."
offer = "Acme Tools keeps track of the hand tools on building sites."

[[sequence.follow_ups]]
name = "bump"
after_days = 6

[[sequence.follow_ups]]
name = "breakup"
after_days = 14

[limits.warmup]
already_per_day = 500
"""


async def sleep(seconds: float) -> None:
    """A vendor that dawdles waits on the clock, which its request must not hold meanwhile."""
    with MOTION.resting():
        await anyio.sleep(seconds)


def world(seed: int = SEED) -> World:
    """A world on whatever clock runs."""
    return World(now=lambda: datetime.now(UTC), sleep=sleep, rng=random.Random(seed))


def airtable_lines(url: str) -> str:
    """The leads in Airtable."""
    return f'[store]\nkind = "airtable"\n[store.airtable]\nbase = "{BASE}"\napi_url = "{url}/airtable"\n'


def brevo_lines(url: str) -> str:
    """The mail by Brevo."""
    return f'[mailer]\nkind = "brevo"\n[mailer.brevo]\napi_url = "{url}/brevo/v3"\n'


def writer_lines(url: str) -> str:
    """Mails by a model, after research."""
    return (
        f'[writer]\nkind = "openai"\napi_url = "{url}/openai/v1"\n'
        f'[researcher]\nkind = "perplexity"\napi_url = "{url}/perplexity"\n'
    )


@asynccontextmanager
async def open_at(place: Path, lines: str, wrap: Callable[[Parts], Parts] = lambda parts: parts) -> AsyncIterator[Desk]:
    """The program as these lines wire it, its switches on; `wrap` may put other adapters in."""
    path = place / "config.toml"
    path.write_text(f"{SHIPPED}\n{lines}", encoding="utf-8")
    config = load(path, KEYS, loaded_at=datetime.now(UTC), prompts=prompts.load())
    config.state_dir.mkdir(parents=True, exist_ok=True)
    around = wiring.Outside(
        log=Log(quiet=True),
        operator=MemoryOperator(),
        rng=random.Random(SEED),
        entropy=random.Random(SEED).randbytes,
        durable=False,
        wrap=wrap,
    )
    async with wiring.desk_of(config, around) as desk:
        desk.by_schedule = True
        await said(desk, "resume")
        yield desk


@asynccontextmanager
async def standing(place: Path, sandbox: Sandbox, lines: Iterable[Callable[[str], str]]) -> AsyncIterator[Desk]:
    """The same in front of these vendors, in one loop with them; `lines` wire it to their address."""
    async with serving(sandbox) as url, open_at(place, "".join(line(url) for line in lines)) as desk:
        yield desk


async def said(desk: Desk, command: str, **arguments: Any) -> list[str]:
    """What a command says."""
    return [line.text async for line in COMMANDS[command].run(desk, **arguments)]


async def run(desk: Desk, job: str, limit: int | None = None) -> JobEnd:
    """One run of a job, as `outboundd once` makes it. RuntimeError when it failed."""
    slot = f"by-hand-{datetime.now(UTC).isoformat()}"
    end = await run_job(desk.jobs[job], JobRun(parts=desk.parts, job=job, by_hand=True, limit=limit), slot)
    if end.code:
        raise RuntimeError(f"{job}: {end.words}")
    return end


async def pass_time(desk: Desk, seconds: float) -> None:
    """Let the job table run."""
    stop = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(job_table, desk, stop)
        await anyio.sleep(seconds)
        stop.set()
        group.cancel_scope.cancel()


def on_virtual_time(main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run `main` from `START` on."""
    return virtual.run(main, START)


COLUMN_FIELDS = {title: field for field, title in COLUMNS.items()}
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
PLACES = (("GB", "Europe/London"), ("FR", "Europe/Paris"), ("FI", "Europe/Helsinki"))


def row(n: int) -> dict[str, str]:
    """Somebody at a company of their own, as the operator types it: in three neighbouring time zones by turns."""
    name = "".join(SYLLABLES[n // len(SYLLABLES) ** place % len(SYLLABLES)] for place in (2, 1, 0)).capitalize()
    country, timezone = PLACES[n % len(PLACES)]
    return {
        "Email": f"{name.lower()}@{name.lower()}works.example",
        "Contact": f"{name[::-1].capitalize()} {name}",
        "Company": f"{name} Works",
        "Website": f"https://{name.lower()}works.example",
        "Country": country,
        "Timezone": timezone,
        "Source": "trade register",
    }


def people(count: int) -> list[dict[str, str]]:
    """So many rows."""
    return [row(n) for n in range(count)]


async def fill(desk: Desk, airtable: Airtable, count: int) -> None:
    """The table, with so many leads in it."""
    await desk.parts.world.store.create(await desk.parts.world.store.missing())  # type: ignore[attr-defined]
    airtable.add_rows(TABLE, people(count))


async def add_people(desk: Desk, count: int) -> None:
    """So many leads, in a store that takes them as an import."""
    rows = [
        {"key": one["Email"], **{COLUMN_FIELDS[title]: text for title, text in one.items()}} for one in people(count)
    ]
    for start in range(0, count, 100):
        await desk.parts.world.store.upsert(rows[start : start + 100])

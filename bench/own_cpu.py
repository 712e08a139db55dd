"""How much of this machine does one mail take, from its draft until its news are shown, compared with a bare send?

Ours: new row, attribution, research, draft with its lint, fresh reads, gate, ledger, send, events, delivery shown, all
of it over HTTP to vendors in another process that answer at once. The other: django-anymail's Brevo backend that sends
the same number of like mails there over one connection, and knows nothing of what becomes of them.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
import django
import time_machine
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from figure import Figure, tell

import office
from outboundd.adapters.airtable import AirtableStore
from outboundd.adapters.openai import OpenAiWriter
from outboundd.adapters.openai_prices import PRICES
from outboundd.adapters.perplexity import PerplexityResearcher
from outboundd.adapters.system_clock import SystemClock
from outboundd.commands.desk import Desk
from outboundd.engine.parts import World
from outboundd.model.lead import COLUMNS, Lead, Stage
from outboundd.sandbox.five import BASE, KEYS

MAILS = 200
NO_LIMIT = 1_000_000
MODEL = "gpt-6-luna"
TUESDAY = datetime(2026, 9, 8, 9, 0, tzinfo=UTC)  # all recipients are at work
LIMITS = "\n[limits]\nper_hour = 3600\ngap_s = [0, 0]\n"


def measure() -> list[Figure]:
    """Both against the same vendors, one after the other."""
    with time_machine.travel(TUESDAY, tick=True), _vendors() as url:
        ours_s = anyio.run(_ours, url)
        theirs_s = _anymail(url)
    return [
        Figure(
            what="own CPU of a mail, draft to reconciled, to that of a send through django-anymail",
            at=f"{MAILS} mails, vendors in another process without latency",
            measured=f"{ours_s / theirs_s:.1f} ({ours_s * 1000 / MAILS:.1f} ms to {theirs_s * 1000 / MAILS:.1f} ms)",
        )
    ]


@contextmanager
def _vendors() -> Iterator[str]:
    """The address of the vendors' process."""
    command = [sys.executable, str(Path(__file__).with_name("vendors.py")), TUESDAY.isoformat()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.stdin.close()


async def _ours(url: str) -> float:
    """CPU seconds of this process for all mails."""
    lines = office.airtable_lines(url) + office.brevo_lines(url) + office.writer_lines(url) + LIMITS
    with tempfile.TemporaryDirectory() as place:
        async with _unlimited(Path(place), lines, url) as desk:
            await desk.parts.world.store.create(await desk.parts.world.store.missing())
            await office.add_people(desk, MAILS)
            await office.run(desk, "reconcile")
            # A new ledger waits an hour for late events; this clock is the machine's.
            await desk.parts.world.ledger.put("quiet_until", TUESDAY.isoformat())
            began_s = time.process_time()
            await office.run(desk, "draft", MAILS)
            await office.run(desk, "send", MAILS)
            await anyio.sleep(3)  # deliveries come within two seconds
            await office.run(desk, "reconcile")
            taken_s = time.process_time() - began_s
            shown = sum(row.stage is Stage.DELIVERED for row in await _rows(desk))
            if shown != MAILS:
                raise RuntimeError(f"{shown} of {MAILS} mails are shown as delivered: nothing to compare")
            return taken_s


async def _rows(desk: Desk) -> list[Lead]:
    return [row async for page in desk.parts.world.store.pages() for row in page]


@asynccontextmanager
async def _unlimited(place: Path, lines: str, url: str) -> AsyncIterator[Desk]:
    """The program with the limits of an account that has none: waiting is no work."""
    clock = SystemClock()
    store = AirtableStore(
        token=KEYS["AIRTABLE_TOKEN"],
        base=BASE,
        table=office.TABLE,
        view="",
        titles=COLUMNS,
        api_url=f"{url}/airtable",
        clock=clock,
        calls_per_s=NO_LIMIT,
    )
    key = KEYS["OPENAI_API_KEY"]
    writer = OpenAiWriter(key=key, model=MODEL, api_url=f"{url}/openai/v1", price=PRICES[MODEL], per_min=NO_LIMIT)
    key = KEYS["PERPLEXITY_API_KEY"]
    researcher = PerplexityResearcher(key=key, api_url=f"{url}/perplexity", clock=clock, per_min=NO_LIMIT)

    def wrap(world: World) -> World:
        return replace(world, store=store, writer=writer, researcher=researcher)

    try:
        async with office.open_at(place, lines, wrap) as desk:
            yield desk
    finally:
        store.close()
        await writer.aclose()
        await researcher.aclose()


def _anymail(url: str) -> float:
    """CPU seconds of this process for as many mails by django-anymail."""
    anymail = {"BREVO_API_KEY": KEYS["BREVO_API_KEY"], "BREVO_API_URL": f"{url}/brevo/v3/"}
    settings.configure(EMAIL_BACKEND="anymail.backends.brevo.EmailBackend", ANYMAIL=anymail)
    django.setup()
    began_s = time.process_time()
    with get_connection() as connection:
        for n, row in enumerate(office.people(MAILS)):
            mail = EmailMultiAlternatives(
                "A question", "Hello. " * 100, "ada@mail.acme.example", [row["Email"]], connection=connection
            )
            mail.attach_alternative("<p>" + "Hello. " * 100, "text/html")
            mail.tags = [f"anymail.{n}"]
            mail.send()
    return time.process_time() - began_s


if __name__ == "__main__":
    tell(measure)

"""How many requests does a pool of 24,000 waiting leads cost, once and then on a quiet day?

Drafts are switched off, and the rows were made hours before the first listing: younger ones are listed once again at
the next hourly look.
"""

import tempfile
from pathlib import Path

import anyio
from figure import Figure, tell

import office
from outboundd.sandbox.airtable import Airtable
from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.five import BASE, KEYS
from outboundd.sandbox.server import Sandbox

LEADS = 24_000
PAGE = 100
HOURS = 24


def measure() -> list[Figure]:
    """The first listing, then a day on which nobody is drafted or mailed."""
    first, day = office.on_virtual_time(_requests)
    pages = LEADS // PAGE
    return [
        Figure(
            what="Airtable requests of the first listing, the schema and the words in Override included",
            at=f"a pool of {LEADS:,}",
            measured=str(first),
            target=f"{pages} + 2",
            holds=first <= pages + 2,
        ),
        Figure(
            what="Airtable requests of a quiet day",
            at=f"a pool of {LEADS:,}, all of them new",
            measured=f"{day}, {day / HOURS:.1f} an hour",
            target="2 an hour",
            holds=day <= 2 * HOURS,
        ),
    ]


async def _requests() -> tuple[int, int]:
    """At the first look, and within a day after it."""
    world = office.world()
    airtable = Airtable(world, token=KEYS["AIRTABLE_TOKEN"], base=BASE)
    with tempfile.TemporaryDirectory() as place:
        sandbox = Sandbox(world, [airtable, Brevo(world, key=KEYS["BREVO_API_KEY"])])
        async with office.standing(Path(place), sandbox, [office.airtable_lines, office.brevo_lines]) as desk:
            await office.fill(desk, airtable, LEADS)
            await anyio.sleep(3 * 3600)  # the pool is no news any more
            await office.said(desk, "pause", what="draft")
            before = airtable.calls.total
            await office.run(desk, "reconcile")
            listed = airtable.calls.total
            await office.pass_time(desk, HOURS * 3600)
            return listed - before, airtable.calls.total - listed


if __name__ == "__main__":
    tell(measure)

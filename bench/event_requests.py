"""How many requests does it take to learn what became of our mails, on a day of few events and on one of many?"""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from figure import Figure, tell

import office
from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.five import KEYS
from outboundd.sandbox.server import Sandbox

DAYS = 7  # longer than anything that is read again
PAGE = 2500
AN_HOUR = 300  # what Brevo allows (docs, Rate limits, General tier, 2026-08)


def measure() -> list[Figure]:
    """An hour of the shipped schedule for each volume."""
    return [_hour(500), _hour(50_000)]


def _hour(events_a_day: int) -> Figure:
    requests, runs = office.on_virtual_time(lambda: _requests(events_a_day))
    pages = -(-events_a_day // PAGE)
    return Figure(
        what="Brevo event requests, polling every 15 minutes",
        at=f"{events_a_day:,} events a day",
        measured=f"{requests} in an hour, {requests / runs:.1f} a run",
        target=f"{AN_HOUR} an hour; a day has {pages} pages of {PAGE:,}; never one per message",
        holds=requests <= AN_HOUR,
    )


async def _requests(events_a_day: int) -> tuple[int, int]:
    """Requests and runs within an hour, after a first complete read."""
    world = office.world()
    brevo = Brevo(world, key=KEYS["BREVO_API_KEY"])
    sandbox = Sandbox(world, [brevo])
    runs = 0

    def hear(event: str, fields: object) -> None:
        nonlocal runs
        runs += event == "reconcile.complete"

    with tempfile.TemporaryDirectory() as place:
        async with office.standing(Path(place), sandbox, [office.brevo_lines]) as desk:
            brevo.fill(0 + 1, datetime.now(UTC) - timedelta(minutes=1))
            await office.run(desk, "reconcile")
            await office.anyio.sleep(3600)
            brevo.fill(events_a_day * DAYS, datetime.now(UTC) - timedelta(days=DAYS), lambda n: ("", f"a{n}@b.example"))
            desk.parts.log.listeners.append(hear)
            before = sandbox.arrivals["brevo"]
            await office.pass_time(desk, 3600)
            return sandbox.arrivals["brevo"] - before, runs


if __name__ == "__main__":
    tell(measure)

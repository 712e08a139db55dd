"""How many requests does it take to learn what became of our mails, on a day of few events and on one of many?"""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
from figure import Figure, tell

import office
from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.five import KEYS
from outboundd.sandbox.server import Sandbox

DAYS = 7  # longer than anything that is read again
PAGE = 2500
LATE_S = 17 * 3600
AN_HOUR = 300  # what Brevo allows (docs, Rate limits, General tier, 2026-08)


def measure() -> list[Figure]:
    """The last hour of a day, when the most days are asked for, with a start of the program in it."""
    return [_hour(500), _hour(50_000)]


def _hour(events_a_day: int) -> Figure:
    requests, runs = office.on_virtual_time(lambda: _requests(events_a_day))
    return Figure(
        what="Brevo event requests, polling every 15 minutes",
        at=f"{events_a_day:,} events a day",
        measured=f"{requests} in an hour, {requests / runs:.1f} a run",
        target=f"at most {AN_HOUR} an hour, by pages of {PAGE:,}",
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
            await office.run(desk, "reconcile")
            await anyio.sleep(LATE_S)
            brevo.fill(events_a_day * DAYS, datetime.now(UTC) - timedelta(days=DAYS), lambda n: ("", f"a{n}@b.example"))
            desk.parts.log.listeners.append(hear)
            before = sandbox.arrivals["brevo"]
            await office.pass_time(desk, 3600)
            return sandbox.arrivals["brevo"] - before, runs


if __name__ == "__main__":
    tell(measure)

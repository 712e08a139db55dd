"""Does the memory that a reconcile needs grow with the number of events?

Pages go into the ledger as they come. What grows is the fold, with the events of one mail: it holds those of a hundred
mails at once. A hundred times the events of the same mails therefore shows more growth than more mails would.

It is the first read of an account, and of the many events it takes more requests than an hour allows: it goes on run by
run, and how many requests that takes is the second line.
"""

import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
from figure import Figure, tell

import office
from outboundd.engine.parts import Parts
from outboundd.model.mail import Attempt, AttemptState
from outboundd.ports import Transient
from outboundd.rules import tags
from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.five import KEYS
from outboundd.sandbox.server import Sandbox
from outboundd.steps.catch_up import catch_up

FEW, MANY = 10_000, 1_000_000
MAILS = 5_000  # known to the ledger; two events each of the few, two hundred of the many
DAYS = 80
PAGE = 2500
A_SLOT_S = 900
FLAT = 1.25
ABOUT_ONCE = 1.25


def measure() -> list[Figure]:
    """Each in a process of its own, whose peak the system tells."""
    (few_mib, _), (many_mib, requests) = _peak(FEW), _peak(MANY)
    pages = MANY / PAGE
    return [
        Figure(
            what="peak memory of a reconcile, the sandbox in the same process",
            at=f"{MANY:,} events to {FEW:,}",
            measured=f"{many_mib:.0f} MiB to {few_mib:.0f} MiB",
            target=f"flat (at most {FLAT} times)",
            holds=many_mib <= FLAT * few_mib,
        ),
        Figure(
            what="Brevo event requests of a first read that takes several runs",
            at=f"{MANY:,} events in {DAYS} days, {pages:.0f} pages of {PAGE:,}",
            measured=f"{requests:.0f}",
            target=f"each page about once (at most {ABOUT_ONCE} times)",
            holds=requests <= ABOUT_ONCE * pages,
        ),
    ]


def _peak(events: int) -> tuple[float, float]:
    """The peak in MiB, and the requests."""
    told = subprocess.run([sys.executable, __file__, str(events)], capture_output=True, text=True, check=True)
    mib, requests = told.stdout.split()
    return float(mib), float(requests)


async def reconcile(events: int) -> int:
    """One complete reconcile of so many events of known mails; returns how many requests it took."""
    world = office.world()
    brevo = Brevo(world, key=KEYS["BREVO_API_KEY"], strict_rate=False)
    with tempfile.TemporaryDirectory() as place:
        sandbox = Sandbox(world, [brevo])
        async with office.standing(Path(place), sandbox, [office.brevo_lines]) as desk:
            await office.add_people(desk, MAILS)
            since = datetime.now(UTC) - timedelta(days=DAYS)
            rows = await desk.parts.world.store.new_rows()
            for n, lead in enumerate(rows):
                await desk.parts.world.ledger.adopt_attempt(_sent(lead.id, n, since))
            mails = [(tags.of_step(office.CAMPAIGN, lead.id, 0, 1), lead.email) for lead in rows]
            brevo.fill(events, since, lambda n: mails[n % MAILS])
            began = time.perf_counter()
            end = await _whole(desk.parts)
            if "-v" in sys.argv:
                print(end, time.perf_counter() - began, file=sys.stderr)
            return sandbox.arrivals["brevo"]


async def _whole(parts: Parts) -> dict[str, int]:
    while True:
        try:
            return await catch_up(parts)
        except Transient:  # more than one run can read
            await anyio.sleep(A_SLOT_S)


def _sent(lead: str, n: int, at: datetime) -> Attempt:
    return Attempt(
        tag=tags.of_step(office.CAMPAIGN, lead, 0, 1),
        lead=lead,
        step=0,
        n=1,
        mailer="brevo",
        person=f"person {n}",
        company=f"company {n}",
        posted_at=at,
        subject="Filled",
        text="Filled",
        text_hash="",
        state=AttemptState.SENT,
        message_id=f"<{n}@bench.example>",
    )


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        requests = office.on_virtual_time(lambda: reconcile(int(sys.argv[1])))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, requests)
    else:
        tell(measure)

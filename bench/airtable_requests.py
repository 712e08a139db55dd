"""How many requests does Airtable see for each mail, from its draft until all its news are shown?

The second week of the shipped schedule, in which most mails are follow-ups, to people in three neighbouring time zones
who open and answer but neither bounce nor complain. The writer is the template: who writes makes no difference to the
table.
"""

import tempfile
from collections import Counter
from pathlib import Path

from figure import Figure, tell

import office
from outboundd.sandbox.airtable import Airtable
from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.five import BASE, KEYS
from outboundd.sandbox.recipients import Recipients
from outboundd.sandbox.server import Sandbox

LEADS = 3_000
WEEK_S = 7 * 86_400
EVENTS_LATE_S = 120
A_MAIL, A_MONTH = 0.7, 25_000


def measure() -> list[Figure]:
    """Two weeks pass, the second is counted."""
    kinds, mails = office.on_virtual_time(_second_week)
    requests = sum(kinds.values())
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    at = f"the shipped schedule, {mails:,} mails in a calendar week"
    return [
        Figure(
            what="Airtable requests per mail, draft to reconciled, polling included",
            at=at,
            measured=f"{requests / mails:.2f} ({told})",
            target=f"at most {A_MAIL}",
            holds=requests <= A_MAIL * mails,
        ),
        Figure(
            what="Airtable requests a month",
            at=at,
            measured=f"{requests * 30 / 7:,.0f}",
            target=f"at most {A_MONTH:,}",
            holds=requests * 30 / 7 <= A_MONTH,
        ),
    ]


async def _second_week() -> tuple[Counter[str], int]:
    """Requests by kind, and how many mails left."""
    world = office.world()
    airtable = Airtable(world, token=KEYS["AIRTABLE_TOKEN"], base=BASE)
    # By chance one bad address or complaint too many would pause the campaign, as it should.
    people = Recipients(office.SEED, {"spam": 0.0, "unsubscribe": 0.0, "hard_bounce": 0.0, "late_bounce": 0.0})
    brevo = Brevo(world, key=KEYS["BREVO_API_KEY"], recipients=people, event_lag_s=EVENTS_LATE_S)
    with tempfile.TemporaryDirectory() as place:
        lines = [office.airtable_lines, office.brevo_lines]
        async with office.standing(Path(place), Sandbox(world, [airtable, brevo]), lines) as desk:
            await office.fill(desk, airtable, LEADS)
            await office.pass_time(desk, WEEK_S)
            kinds, mails = Counter(airtable.calls.kinds), len(brevo.ledger)
            await office.pass_time(desk, WEEK_S)
            return airtable.calls.kinds - kinds, len(brevo.ledger) - mails


if __name__ == "__main__":
    tell(measure)

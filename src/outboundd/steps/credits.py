"""How many mails does the mailer still take, as it said last?"""

import json
from dataclasses import dataclass
from datetime import datetime

from outboundd.engine.parts import Parts
from outboundd.ports import Failure, Ledger

NOTED = "mailer_credits"


@dataclass(frozen=True, kw_only=True)
class Credits:
    """What the mailer said, and when."""

    left: int
    at: datetime


async def look_at_credits(parts: Parts) -> None:
    """Ask the mailer and remember its answer. One that does not answer now is asked again at the next look."""
    world = parts.world
    try:
        left = await world.mailer.credits()
    except Failure as failure:
        parts.log.write("credits.unknown", vendor=failure.vendor, reason=failure.cause)
        return
    noted = json.dumps({"left": left, "at": world.clock.now().isoformat()}) if left is not None else ""
    await world.ledger.put(NOTED, noted)


async def known_credits(ledger: Ledger) -> Credits | None:
    """What it said last; None where it names no number, or was not asked yet."""
    noted = await ledger.get(NOTED)
    if not noted:
        return None
    told = json.loads(noted)
    return Credits(left=told["left"], at=datetime.fromisoformat(told["at"]))

"""How does the daemon stand, for the service manager? From our own memory alone, cheap enough after every run."""

from datetime import datetime

from outboundd.engine.parts import Parts
from outboundd.rules import caps
from outboundd.rules.status_line import status_line


async def status(parts: Parts, next_send: datetime | None) -> str:
    """The line as it stands now; `next_send` is when the schedule looks for mail to send."""
    now, ledger = parts.world.clock.now(), parts.world.ledger
    traffic = await ledger.traffic(now)
    cap, _ = caps.day_cap(traffic, parts.settings.limits, now)
    last = next(iter(await ledger.runs("send", 1)), None)
    told = last.told if last and last.told else {}
    return status_line(
        posted=len(traffic.posts),
        cap=cap,
        held=sum(count for what, count in told.items() if what.startswith("held: ")),
        next_send=next_send,
        halts=traffic.halts,
        now=now,
    )

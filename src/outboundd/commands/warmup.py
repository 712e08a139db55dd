"""What did the warm-up let out, on every day on which mail left?"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from outboundd.commands import words
from outboundd.commands.desk import Desk, Line
from outboundd.model.facts import EventCounts
from outboundd.rules import caps

INDENT = 12  # of what does not fit into a line
_FIRST = date(1970, 1, 1)


async def warmup_history(desk: Desk) -> Line:
    """One line a sending day, for ever: the warming history that a mailer's support asks for."""
    ledger = desk.parts.world.ledger
    days = await ledger.counts_by_day()
    cap_of = _caps(desk, [day for day, _ in days], await ledger.caps(_FIRST))
    rows: list[dict[str, Any]] = []
    before = 0
    for day, counts in days:
        cap, why = cap_of[day]
        rows.append(_plain(day, cap, counts, why if cap != before else ""))
        before = cap
    told = "\n".join(words.broken(line, INDENT) for line in words.columns([_cells(row) for row in rows]))
    return Line(text=told or "No mail to leads has left yet.", data=rows)


def _cells(row: Mapping[str, Any]) -> list[str]:
    """Each number with its own word: a telephone has no room for a table's head."""
    return [
        row["day"],
        f"cap {row['cap']:,}",
        f"{row['sent']:,} sent",
        f"{row['delivered']:,} delivered",
        words.many(row["bounced"], "bounce"),
        words.many(row["complained"], "complaint"),
        row["why"],
    ]


def _caps(desk: Desk, days: Sequence[date], noted: Mapping[date, tuple[int, str]]) -> Mapping[date, tuple[int, str]]:
    """Each day's cap as it was noted; where it was not (a lost ledger), as today's configuration would make it."""
    limits = desk.parts.settings.limits
    return {day: noted.get(day) or caps.warm_cap(days, limits, day) for day in days}


def _plain(day: date, cap: int, counts: EventCounts, why: str) -> dict[str, Any]:
    return {
        "day": day.isoformat(),
        "cap": cap,
        "sent": counts.sent,
        "delivered": counts.delivered,
        "bounced": counts.hard_bounced,
        "complained": counts.complained,
        "why": why,
    }

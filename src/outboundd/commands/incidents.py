"""What went wrong, when was it noticed and told, and is it over?"""

from collections.abc import AsyncGenerator
from typing import Any

from outboundd.commands import words
from outboundd.commands.desk import Command, Desk, Line
from outboundd.model.incident import Incident
from outboundd.rules.alerting import kind_of, lasted

MOST = 30  # shown to a human; --json holds all
INDENT = 6


async def incidents(desk: Desk, *, open_only: bool = False) -> AsyncGenerator[Line, None]:
    """Newest first, with what ends each that is open."""
    found = await desk.parts.world.ledger.incidents(open_only=open_only)
    told = [line for one in found[:MOST] for line in _told(one)]
    if len(found) > MOST:
        told += ["", f"and {len(found) - MOST:,} before; all of them: outboundd incidents --json"]
    nothing = "Nothing is wrong." if open_only else "Nothing went wrong so far."
    yield Line(text="\n".join(told) or nothing, data=[_plain(one) for one in found])


def _told(incident: Incident) -> list[str]:
    state = "open" if incident.closed is None else f"over after {lasted(incident.closed - incident.opened)}"
    heard = f"told {words.utc(incident.told_at)}" if incident.told_at else "not told yet"
    when = f"{words.utc(incident.opened)}, {words.many(incident.times, 'time')}, {heard}"
    lines = [words.hanging(f"#{incident.number}", f"{incident.title}: {state}", INDENT)]
    lines.append(words.hanging("", when, INDENT))
    if incident.closed is None:
        lines.append(words.hanging("", _remedy(incident), INDENT))
    return lines


def _remedy(incident: Incident) -> str:
    return kind_of(incident.what).remedy_for(incident.what)


def _plain(incident: Incident) -> dict[str, Any]:
    return {
        "number": incident.number,
        "what": incident.what,
        "title": incident.title,
        "text": incident.text,
        "opened": words.iso(incident.opened),
        "told": words.iso(incident.told_at),
        "last": words.iso(incident.last_at),
        "closed": words.iso(incident.closed),
        "times": incident.times,
    }


INCIDENTS = Command(
    name="incidents", doc="what went wrong, when it was told, and whether it is over", run=incidents, reads_only=True
)

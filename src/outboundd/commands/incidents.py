"""What went wrong, when was it noticed and told, is it over, and what prevents it now?"""

from collections.abc import AsyncGenerator
from typing import Any

from outboundd.commands import words
from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.model.incident import Incident
from outboundd.rules.alerting import kind_of, lasted
from outboundd.rules.texts import one_line

MOST = 30  # shown to a human; --json holds all
INDENT = 6
NOTE_MOST = 500


async def incidents(desk: Desk, *, open_only: bool = False) -> AsyncGenerator[Line, None]:
    """Newest first, with what ends each that is open."""
    found = await desk.parts.world.ledger.incidents(open_only=open_only)
    told = [line for one in found[:MOST] for line in _told(one)]
    if len(found) > MOST:
        told += ["", f"and {len(found) - MOST:,} before; all of them: outboundd incidents --json"]
    nothing = "Nothing is wrong." if open_only else "Nothing went wrong so far."
    yield Line(text="\n".join(told) or nothing, data=[_plain(one) for one in found])


async def note(desk: Desk, *, number: int, text: str) -> AsyncGenerator[Line, None]:
    """Keep with an incident the rule that now prevents it; said again, the last one stays."""
    rule = one_line(text)
    if not rule or len(rule) > NOTE_MOST:
        raise Refusal(2, f"a note of {len(rule):,} characters: give 1 to {NOTE_MOST}, the rule that now prevents it")
    if not await desk.parts.world.ledger.note_incident(number, rule):
        raise Refusal(2, f"{number}: there is no such incident; outboundd incidents shows their numbers")
    yield Line(text=words.hanging(f"#{number}", f"noted. Now prevented by: {rule}", INDENT))


def _told(incident: Incident) -> list[str]:
    state = "open" if incident.closed is None else f"over after {lasted(incident.closed - incident.opened)}"
    heard = f"told {words.utc(incident.told_at)}" if incident.told_at else "not told yet"
    when = f"{words.utc(incident.opened)}, {words.many(incident.times, 'time')}, {heard}"
    lines = [words.hanging(f"#{incident.number}", f"{incident.title}: {state}", INDENT)]
    lines.append(words.hanging("", when, INDENT))
    if incident.note:
        lines.append(words.hanging("", f"now prevented by: {incident.note}", INDENT))
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
        "note": incident.note,
    }


INCIDENTS = Command(
    name="incidents", doc="what went wrong, when it was told, and whether it is over", run=incidents, reads_only=True
)
NOTE = Command(name="note", doc="keep with an incident the rule that now prevents it", run=note, may_repeat=True)

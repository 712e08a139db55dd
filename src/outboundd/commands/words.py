"""How are instants, texts and lists shown to a human at a terminal?"""

import re
import shlex
import textwrap
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from outboundd.engine.running import Running
from outboundd.model.chat import Choices
from outboundd.model.facts import Halt
from outboundd.model.lead import Lead
from outboundd.rules import zones
from outboundd.rules.texts import many as many

# Of the lines of whoever reads: a terminal's, unless a task of its own says otherwise for what it carries out.
WIDTH: ContextVar[int] = ContextVar("width", default=100)
_COMMAND = re.compile(r"outboundd [a-z][^,;.()\n]*")
_JOINT = "\ue000"  # stands for a blank that must not break; nobody writes it


def utc(at: datetime) -> str:
    """An instant: 'Tue 2026-11-24 10:00 UTC'."""
    return f"{at:%a %Y-%m-%d %H:%M} UTC"


def zone_of(lead: Lead) -> ZoneInfo | None:
    """The recipient's zone, the most likely one of several; None when it is not known."""
    where = zones.whereabouts(lead)
    return None if isinstance(where, str) else where.zones[0]


def there(at: datetime, lead: Lead) -> str:
    """An instant with the recipient's own clock: 'Tue 2026-11-24 10:00 UTC (11:00 in Europe/Berlin)'."""
    zone = zone_of(lead)
    if zone is None:
        return utc(at)
    local = at.astimezone(zone)
    day = "" if local.date() == at.date() else f"{local:%a} "
    return f"{utc(at)} ({day}{local:%H:%M} in {zone.key})"


def ago(at: datetime, now: datetime) -> str:
    """How long ago, in the coarsest unit that says something: '5 min ago', '3 h ago', '2 days ago'."""
    passed = now - at
    if passed < timedelta(minutes=1):
        return "just now"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min ago"
    if passed < timedelta(days=2):
        return f"{passed // timedelta(hours=1)} h ago"
    return f"{passed // timedelta(days=1)} days ago"


def indented(text: str, by: int) -> str:
    """Sentences within the width, every line indented."""
    return _filled(text, " " * by, " " * by)


def broken(line: str, by: int) -> str:
    """A line that may be too long, what is over the width indented below."""
    return _filled(line, "", " " * by) if len(line) > WIDTH.get() else line


def hanging(label: str, text: str, by: int) -> str:
    """A label and sentences beside it, within the width."""
    return _filled(text, label.ljust(by), " " * by)


def behind_a_bar(text: str, by: int) -> list[str]:
    """A text of several lines behind a bar, long lines broken."""
    bar = f"{' ' * by}| "
    return [
        part.rstrip()
        for line in text.split("\n")
        for part in textwrap.wrap(line, WIDTH.get(), initial_indent=bar, subsequent_indent=bar) or [bar]
    ]


def _filled(text: str, first: str, later: str) -> str:
    """Filled lines. A command to be typed stays in one piece, for it is copied."""
    kept = _COMMAND.sub(lambda command: command[0].replace(" ", _JOINT), text)
    filled = textwrap.fill(kept, WIDTH.get(), initial_indent=first, subsequent_indent=later, break_on_hyphens=False)
    return filled.replace(_JOINT, " ")


def columns(rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> list[str]:
    """Rows under one another; the columns in `right` are numbers."""
    wide = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))] if rows else []
    return [
        "  ".join(cell.rjust(wide[n]) if n in right else cell.ljust(wide[n]) for n, cell in enumerate(row)).rstrip()
        for row in rows
    ]


def resume(what: str) -> str:
    """What to type to lift a halt."""
    return "outboundd resume" if what == "mail" else f"outboundd resume {shlex.quote(what)}"


def lifting(halts: Sequence[Halt]) -> Choices:
    """What a thumb may say to lift them."""
    return tuple(("resume", "resume") if halt.what == "mail" else (f"resume {halt.what}",) * 2 for halt in halts)


def off(halt: Halt) -> str:
    """A halt in one sentence, with its end or the way to lift it."""
    end = f"until {utc(halt.until)}, or: " if halt.until else "until you type: "
    name = "mail to leads" if halt.what == "mail" else halt.what
    return f"{name} is off since {utc(halt.since)}: {halt.why}; {end}{resume(halt.what)}"


def running(job: str, run: Running) -> str:
    """A run that goes on, in one clause: 'send runs by hand since 14:20 UTC, 12 of 40 done'."""
    far = f", {run.done:,} of {run.of:,} done" if run.of else ""
    return f"{job} runs{' by hand' if run.by_hand else ''} since {run.since:%H:%M} UTC{far}"


def iso(at: datetime | None) -> str | None:
    """An instant for `--json`."""
    return None if at is None else at.isoformat()

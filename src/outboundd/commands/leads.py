"""Which leads are there, where does each stand, and what does it wait for?"""

import csv
import io
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import anyio.lowlevel

from outboundd.commands import words
from outboundd.commands.as_it_stands import as_it_stands
from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.model.lead import Lead, Stage
from outboundd.ports import Seen
from outboundd.rules.import_file import inert
from outboundd.rules.texts import one_line

READ_AT_ONCE = 100
COMPANY_WIDTH = 28


async def leads(
    desk: Desk, *, stage: str = "", waiting: bool = False, source: str = "", as_csv: bool = False
) -> AsyncGenerator[Line, None]:
    """Those that the ledger has seen in the store, as their rows are now; nothing is changed."""
    wanted = _stage_of(stage)
    seen = await desk.parts.world.ledger.queue()
    _refuse_unknown(source, seen)
    ids = [
        one.id
        for one in seen
        if wanted in (None, one.stage) and source in ("", one.source) and (one.waiting_for or not waiting)
    ]
    found = await _rows(desk, ids)
    yield Line(data=[_plain(lead) for lead in found])
    for line in [_csv(found)] if as_csv else _told(found, ZoneInfo(desk.parts.settings.campaign.timezone)):
        yield Line(text=line)


def _stage_of(word: str) -> Stage | None:
    if not word:
        return None
    try:
        return Stage(word.strip().lower().replace(" ", "_"))
    except ValueError as error:
        raise Refusal(2, f"--stage {word}: no such stage; give one of: {', '.join(Stage)}") from error


def _refuse_unknown(source: str, seen: Sequence[Seen]) -> None:
    """A source is spelled as the rows spell it; an empty list would look as if all its leads were gone."""
    known = sorted({one.source for one in seen if one.source})
    if source and source not in known:
        there = f"give one of: {', '.join(known)}" if known else "no lead names one"
        raise Refusal(2, f"--source {source}: no lead comes from there; {there}")


async def _rows(desk: Desk, ids: Sequence[str]) -> list[Lead]:
    """The rows as they are now, with what the ledger knows besides; what is gone from the store is left out."""
    found = []
    for start in range(0, len(ids), READ_AT_ONCE):
        some = ids[start : start + READ_AT_ONCE]
        rows = await desk.parts.world.store.read(some, in_view=False)
        for lead in some:
            await anyio.lowlevel.checkpoint()  # of thousands of leads: what runs beside it must not wait for all
            if lead in rows:
                found.append(await as_it_stands(desk, rows[lead]))
    return found


def _told(found: Sequence[Lead], zone: ZoneInfo) -> Iterator[str]:
    """One line a lead, and below it what it waits for."""
    rows = [
        [
            lead.id,
            one_line(lead.email),
            one_line(lead.company)[:COMPANY_WIDTH],
            f"{lead.stands} {lead.step}" if lead.step else lead.stands,
            f"next {lead.next_at.astimezone(zone):%a %d %b %H:%M}" if lead.next_at else "",
        ]
        for lead in found
    ]
    for line, lead in zip(words.columns(rows), found, strict=True):
        yield line
        if lead.waiting_for:
            yield words.indented(lead.waiting_for, 4)
    counts = Counter(lead.stands for lead in found)
    told = ", ".join(f"{count:,} {stage}" for stage, count in counts.most_common())
    yield f"{words.many(len(found), 'lead')}{': ' if told else ''}{told}"


def _plain(lead: Lead) -> dict[str, Any]:
    return {
        "id": lead.id,
        "email": lead.email,
        "contact": lead.contact,
        "company": lead.company,
        "source": lead.source,
        "country": lead.country,
        "stage": lead.stands,
        "step": lead.step,
        "variant": lead.variant,
        "next_at": words.iso(lead.next_at),
        "waiting_for": lead.waiting_for,
    }


def _csv(found: Sequence[Lead]) -> str:
    """For a spreadsheet, in which nothing of it runs."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_plain(Lead(id="")))
    writer.writerows([inert(str(cell if cell is not None else "")) for cell in _plain(lead).values()] for lead in found)
    return out.getvalue().removesuffix("\n")


LEADS = Command(name="leads", doc="lists: who stands where, and what they wait for", run=leads, reads_only=True)

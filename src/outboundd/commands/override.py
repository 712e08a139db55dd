"""How does the operator say a word on one lead from the command line?"""

from collections.abc import AsyncGenerator
from dataclasses import replace

from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.commands.who import one_row
from outboundd.model.lead import Lead
from outboundd.ports import Conflict, Failure
from outboundd.rules import overrides


async def override(desk: Desk, *, who: str, value: str) -> AsyncGenerator[Line, None]:
    """Through the same inbox as the store's Override cell, carried out at once. A word refused is not written."""
    word = overrides.plain(value)
    if word not in overrides.WORDS:
        raise Refusal(2, f"{value!r} is no word for a lead; there are: {', '.join(overrides.WORDS)}")
    row = await one_row(desk, who)
    try:
        before = await desk.parts.rows.understand(row)
        obeyed = await _may_be_obeyed(desk, before, word)
        await desk.parts.world.store.apply({row.id: {"override": word}})
        after = await desk.parts.rows.understand(await _read(desk, row.id))
    except Conflict as conflict:
        raise Refusal(1, "the lead was being changed by a job; look at it again (why), then say it again") from conflict
    except Failure as failure:
        raise Refusal(1, f"the lead cannot be changed now: {failure}; say it again later") from failure
    yield Line(text=_told(before, after, word, obeyed))


async def _may_be_obeyed(desk: Desk, lead: Lead, word: str) -> overrides.Obeyed:
    facts = await desk.parts.fact_book.about(lead, desk.parts.world.clock.now())
    answer = overrides.obey(replace(lead, override=word), facts.history)
    if isinstance(answer, str):
        raise Refusal(2, answer)
    return answer


async def _read(desk: Desk, lead: str) -> Lead:
    row = (await desk.parts.world.store.read([lead], in_view=False)).get(lead)
    if row is None:
        raise Refusal(1, f"lead {lead} is gone from the store")
    return row


def _told(before: Lead, after: Lead, word: str, obeyed: overrides.Obeyed) -> str:
    if obeyed == overrides.Obeyed():
        return f"{word}: nothing to change, lead {before.id} stays {before.stands}"
    if after.stands is before.stands:
        return f"{word}: done, lead {before.id} stays {before.stands}"
    return f"{word}: lead {before.id} was {before.stands}, is now {after.stands}"


OVERRIDE = Command(
    name="override", doc="a word on one lead, as in the store's Override column", run=override, may_repeat=True
)

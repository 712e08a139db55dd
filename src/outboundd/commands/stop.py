"""How does the operator say: never write to this person, or to anybody there, again?"""

from collections.abc import AsyncGenerator, Sequence

from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.commands.who import address_of, domain_of, one_row, rows_at, rows_of
from outboundd.commands.words import many
from outboundd.model.decision import Change
from outboundd.model.lead import Lead, Stage
from outboundd.ports import Conflict
from outboundd.rules import lifecycle

SAID = "the operator said stop"
TRIES = 3
BATCH = 10


async def stop(desk: Desk, *, who: str) -> AsyncGenerator[Line, None]:
    """The suppression list first, then every row: whoever decides in between already finds the list."""
    if who.startswith("@"):
        domain = domain_of(who)
        new = await desk.parts.world.suppression.suppress_domain(domain, SAID, desk.parts.world.clock.now())
        rows = await rows_at(desk, domain)
        whom = f"everybody at {domain}"
    else:
        address = address_of(who) if "@" in who else address_of((await one_row(desk, who)).email)
        new = await suppress_person(desk, address, SAID)
        rows = await rows_of(desk, address)
        whom = "this person"
    yield Line(text=f"{whom} is on the suppression list {'now' if new else 'already'}: nothing more is sent there")
    yield Line(text=_told(rows, await end_rows(desk, rows, SAID)))


async def suppress_person(desk: Desk, address: str, why: str) -> bool:
    """One normalised address onto the list; True when new."""
    suppression = desk.parts.world.suppression
    return await suppression.suppress(suppression.person(address), why, desk.parts.world.clock.now())


async def end_rows(desk: Desk, rows: Sequence[Lead], why: str) -> int:
    """Move these rows to do_not_contact, the store shown it ten by ten. Returns how many had not ended before."""
    ended = 0
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        for row in batch:
            ended += await end_row(desk, row.id, why)
        await desk.parts.recorder.push([row.id for row in batch])
    return ended


async def end_row(desk: Desk, lead_id: str, why: str, *, anyway: bool = False) -> bool:
    """Move one row to do_not_contact; False when it had ended before. `anyway` leaves a line even then.

    A job may record something on the same lead at the same moment: read again, decide again.
    """
    for _ in range(TRIES):
        row = (await desk.parts.world.store.read([lead_id], in_view=False)).get(lead_id)
        if row is None:
            return False
        try:
            lead = await desk.parts.rows.understand(row)
            over = lead.stands in lifecycle.TERMINAL
            if not over or anyway:
                now = lead.stands if over else Stage.DO_NOT_CONTACT
                await desk.parts.recorder.record(lead, Change(now=now, why=why))
        except Conflict:
            continue
        return not over
    raise Refusal(
        1, f"lead {lead_id} was being changed by a job; nothing is sent to it, say it once more for its stage"
    )


def _told(rows: Sequence[Lead], ended: int) -> str:
    if not rows:
        return "no row is of them; an import of them will be rejected"
    before = len(rows) - ended
    return f"{ended} of {many(len(rows), 'row')} moved to {Stage.DO_NOT_CONTACT}" + (
        f", {before} had ended before" if before else ""
    )


STOP = Command(
    name="stop", doc="never write to this person, or to anybody at @domain, again", run=stop, may_repeat=True
)

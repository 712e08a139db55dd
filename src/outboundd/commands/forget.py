"""How is a person erased on request, so that they are never written to again, not even after another import?

The order makes a repetition complete what broke off: the suppression list first, then a line on the row, which makes a
job that still holds the lead give way, then mailer and ledger, and the row itself last, for it alone knows the address.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.commands.stop import end_row, suppress_person
from outboundd.commands.who import address_of, domain_of, rows_at, rows_of
from outboundd.commands.words import many
from outboundd.model.lead import Lead
from outboundd.model.mail import Attempt, AttemptState
from outboundd.ports import Failure
from outboundd.rules import addresses, domains

FORGOTTEN = "erased on request"
NO_RESEARCH = '{"text": "", "sources": []}'
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # an answer of then is asked for anew


@dataclass(kw_only=True)
class _Erased:
    rows: int = 0
    entries: int = 0
    mails: int = 0
    companies: int = 0
    in_doubt: int = 0
    settled_by: datetime = LONG_AGO


async def forget(desk: Desk, *, who: str) -> AsyncGenerator[Line, None]:
    """Erase rows, texts and mails of a person (or of everybody at @domain). A mail in doubt is settled first."""
    rows = await _suppressed_rows(desk, who)
    erased = _Erased()
    try:
        for count, row in enumerate(rows, start=1):
            await _erase_row(desk, row, erased)
            yield Line(progress=(count, len(rows)))
        if who.find("@") > 0 and not erased.in_doubt:
            await _erase_traces(desk, [who, address_of(who)], erased)
    except Failure as failure:
        raise Refusal(1, f"not everything could be erased: {failure}; say forget again, it completes") from failure
    yield Line(text=_told(erased))
    yield Line(text="kept: a keyed hash on the suppression list; an import of the address is rejected")
    if erased.in_doubt:
        raise Refusal(1, _later(erased))


async def _suppressed_rows(desk: Desk, who: str) -> Sequence[Lead]:
    """The rows that are meant, after their persons (and the domain) went onto the suppression list."""
    if who.startswith("@"):
        domain = domain_of(who)
        await desk.parts.world.suppression.suppress_domain(domain, FORGOTTEN, desk.parts.world.clock.now())
        rows = await rows_at(desk, domain)
    else:
        rows = await rows_of(desk, who)
        if not rows and "@" not in who:
            raise Refusal(2, f"no lead has the id {who}; give an address, an id or @domain")
    written = [*(row.email for row in rows), *([who] if who.find("@") > 0 else [])]
    for address in {key for email in written for key in _normalised(email)}:
        await suppress_person(desk, address, FORGOTTEN)
    return rows


async def _erase_row(desk: Desk, row: Lead, erased: _Erased) -> None:
    doubtful = await desk.parts.world.ledger.attempts(lead=row.id, states=[AttemptState.OPEN, AttemptState.UNKNOWN])
    await end_row(desk, row.id, FORGOTTEN, anyway=True)
    if doubtful:
        # Its outcome would be written onto the lead after the erasure, text and all; and only the row's address
        # lets us ask the mailer.
        await desk.parts.recorder.push([row.id])
        erased.in_doubt += 1
        erased.settled_by = max(erased.settled_by, _settled_by(desk, doubtful[0]))
        return
    await _erase_traces(desk, [row.email.strip(), *_normalised(row.email)], erased, row.id)
    await _erase_research(desk, row, erased)
    await desk.parts.world.store.erase([row.id])
    await desk.parts.world.ledger.unsee([row.id])
    erased.rows += 1


async def _erase_traces(desk: Desk, spellings: Sequence[str], erased: _Erased, lead: str = "") -> None:
    """What mailer and ledger keep of a person, with a row or without."""
    world = desk.parts.world
    persons = [world.suppression.person(key) for key in _normalised(spellings[0])]
    erased.mails += await world.mailer.erase(sorted(set(spellings)))
    erased.entries += await world.ledger.forget(lead, persons[0] if persons else "")


async def _erase_research(desk: Desk, row: Lead, erased: _Erased) -> None:
    """Research on a company may name its people."""
    ledger, company = desk.parts.world.ledger, domains.company_of(row)
    known = await ledger.cached("research", company, LONG_AGO + timedelta(days=1))
    if known is not None:
        await ledger.cache("research", company, NO_RESEARCH, LONG_AGO)
        erased.companies += 1


def _normalised(email: str) -> list[str]:
    try:
        return [addresses.normalise(email)]
    except ValueError:
        return []


def _settled_by(desk: Desk, attempt: Attempt) -> datetime:
    return attempt.posted_at + timedelta(seconds=desk.parts.world.mailer.settle_s)


def _told(erased: _Erased) -> str:
    return (
        f"erased: {many(erased.rows, 'row')}, {many(erased.entries, 'entry', 'entries')} in the ledger, "
        f"{many(erased.mails, 'mail')} at the mailer, research on {many(erased.companies, 'company', 'companies')}"
    )


def _later(erased: _Erased) -> str:
    return (
        f"{erased.in_doubt} of them had a mail whose outcome is not known yet: nothing more is sent to them, but what "
        f"is kept is erased after that is settled; from {erased.settled_by:%Y-%m-%d %H:%M} UTC on: "
        "outboundd once reconcile, then forget again"
    )


FORGET = Command(name="forget", doc="erase a person, or everybody at @domain; only a keyed hash stays", run=forget)

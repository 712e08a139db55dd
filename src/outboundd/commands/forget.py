"""How is a person erased on request, so that they are never written to again, not even after another import?

The order makes a repetition complete what broke off: the suppression list first, then a line on the row, which makes a
job that still holds the lead give way, then mailer and ledger, and the row itself last, for it alone knows the address.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.commands.stop import end_row
from outboundd.commands.who import address_of, domain_of, rows_at, rows_of
from outboundd.commands.words import many
from outboundd.model.lead import Lead
from outboundd.model.mail import Attempt, AttemptState
from outboundd.ports import Failure
from outboundd.rules import addresses, domains
from outboundd.rules.suppression import ERASED

NO_RESEARCH = '{"text": "", "sources": []}'
ON_ITS_WAY = timedelta(minutes=1)  # a POST without an outcome by then is one in doubt
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # an answer of then is asked for anew


NOT_REACHED = (
    "not reached from here: the files they were imported from, backups, what a vendor keeps for a while in a trash of "
    "its own, and what was shown in a terminal or a chat"
)


@dataclass(kw_only=True)
class _Erased:
    rows: int = 0
    entries: int = 0
    copies: Counter[str] = field(default_factory=Counter)
    mails: int = 0
    companies: int = 0
    orders: int = 0
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
    yield Line(text=_told(desk, erased))
    yield Line(text="kept: a keyed hash on the suppression list; an import of the address is rejected")
    yield Line(text=NOT_REACHED)
    if erased.in_doubt:
        raise Refusal(1, _later(erased))


async def _suppressed_rows(desk: Desk, who: str) -> Sequence[Lead]:
    """The rows that are meant, after their persons (and the domain) went onto the suppression list."""
    if who.startswith("@"):
        domain = domain_of(who)
        await desk.parts.world.suppression.suppress_domain(domain, ERASED, desk.parts.world.clock.now(), instead=True)
        rows = await rows_at(desk, domain)
    else:
        rows = await rows_of(desk, who)
        if not rows and "@" not in who:
            raise Refusal(2, f"no lead has the id {who}; give an address, an id or @domain")
    written = [*(row.email for row in rows), *([who] if who.find("@") > 0 else [])]
    for address in {key for email in written for key in _normalised(email)}:
        person = desk.parts.world.suppression.person(address)
        await desk.parts.world.suppression.suppress(person, ERASED, desk.parts.world.clock.now(), instead=True)
    return rows


async def _erase_row(desk: Desk, row: Lead, erased: _Erased) -> None:
    await end_row(desk, row.id, ERASED, anyway=True)
    # Asked after that line: with it, no mail can begin any more.
    doubtful = await desk.parts.world.ledger.attempts(lead=row.id, states=[AttemptState.OPEN, AttemptState.UNKNOWN])
    if doubtful:
        # Its outcome would be written onto the lead after the erasure, text and all; and only the row's address
        # lets us ask the mailer.
        await desk.parts.recorder.push([row.id])
        erased.in_doubt += 1
        erased.settled_by = max(erased.settled_by, _settled_by(desk, doubtful[0]))
        return
    await _erase_research(desk, row, erased)
    await _erase_traces(desk, [row.email.strip(), *_normalised(row.email)], erased, row.id)
    await desk.parts.world.store.erase([row.id])
    await desk.parts.world.ledger.unsee([row.id])
    erased.rows += 1


async def _erase_traces(desk: Desk, spellings: Sequence[str], erased: _Erased, lead: str = "") -> None:
    """What mailer and ledger keep of a person, with a row or without."""
    world = desk.parts.world
    person = next((world.suppression.person(key) for key in _normalised(spellings[0])), "")
    for order in await world.ledger.orders():
        if any(spelling.lower() in order.text.lower() for spelling in spellings if spelling):
            await world.ledger.end_order(order.id)
            erased.orders += 1
    erased.mails += await world.mailer.erase(sorted(set(spellings)))
    # Last: it leaves nothing of what was erased before it in the write-ahead log and the pages behind it.
    erased.entries += await world.ledger.forget(lead, person)
    erased.copies += Counter(await world.ledger.forget_in_copies(lead, person))


async def _erase_research(desk: Desk, row: Lead, erased: _Erased) -> None:
    """Research on a company may name its people. What a job is just asking for is waited for, and goes too."""
    ledger, company = desk.parts.world.ledger, domains.company_of(row)
    async with desk.parts.turns.of(f"research {company}"):
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
    if attempt.state is AttemptState.OPEN:
        return attempt.posted_at + ON_ITS_WAY
    return attempt.posted_at + timedelta(seconds=desk.parts.world.mailer.settle_s)


def _told(desk: Desk, erased: _Erased) -> str:
    world = desk.parts.world
    places = [
        f"{many(erased.rows, 'row')} in the lead store ({world.store.name})",
        f"{many(erased.mails, 'mail')} at the mailer ({world.mailer.name})",
        f"{many(erased.entries, 'entry', 'entries')} in the ledger",
        *(f"{many(count, 'entry', 'entries')} in its older copy {name}" for name, count in erased.copies.items()),
        f"research on {many(erased.companies, 'company', 'companies')}",
    ]
    if erased.orders:
        places.append(f"{many(erased.orders, 'order')} of the chat that named them")
    return "erased: " + "\n        ".join(places)


def _later(erased: _Erased) -> str:
    return (
        f"{erased.in_doubt} of them had a mail whose outcome is not known yet: nothing more is sent to them, but what "
        f"is kept is erased after that is settled; from {erased.settled_by:%Y-%m-%d %H:%M} UTC on: "
        "outboundd once reconcile, then forget again"
    )


FORGET = Command(name="forget", doc="erase a person, or everybody at @domain; only a keyed hash stays", run=forget)

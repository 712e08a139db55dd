"""Whom does the operator mean: an address, a lead's id, or everybody at @domain?"""

from outboundd.commands.desk import Desk, Refusal
from outboundd.model.lead import Lead
from outboundd.rules import addresses, domains


async def rows_of(desk: Desk, who: str) -> list[Lead]:
    """The rows of one person by address or id, whatever the view; none when there are none."""
    store = desk.parts.world.store
    if "@" not in who:
        return list((await store.read([who], in_view=False)).values())
    person = desk.parts.world.suppression.person(address_of(who))
    ids = await desk.parts.world.ledger.leads_of(person)
    found = {row.id: row for row in await store.find(address_of(who))}
    found |= await store.read([lead for lead in ids if lead not in found], in_view=False)
    return [row for row in found.values() if desk.parts.fact_book.person(row) == person]


async def one_row(desk: Desk, who: str) -> Lead:
    """The one row that is meant. Refuses when there is none, or several."""
    rows = await rows_of(desk, who)
    if not rows:
        raise Refusal(2, f"no lead {'has the address' if '@' in who else 'has the id'} {who}")
    if len(rows) > 1:
        raise Refusal(2, f"{len(rows)} rows have the address {who}; give the id of one: {_ids(rows)}")
    return rows[0]


async def rows_at(desk: Desk, domain: str) -> list[Lead]:
    """Everybody there: the address or the company's website lies at this domain or below; reads the whole store."""
    return [row async for page in desk.parts.world.store.pages() for row in page if _is_at(row, domain)]


def address_of(who: str) -> str:
    """The one spelling of an address that was typed."""
    try:
        return addresses.normalise(who)
    except ValueError as error:
        raise Refusal(2, f"{who}: {str(error).partition(':')[0]}; give a whole address, or @domain") from error


def domain_of(who: str) -> str:
    """The domain of @domain. Refuses one under which strangers have their addresses: it would mean all of them."""
    domain = domains.of_email(f"anybody{who}")
    if not domain:
        raise Refusal(2, f"{who} is no domain; write it like @acme.example")
    if not domains.registrable(domain) or domains.is_free_mail(domain):
        raise Refusal(2, f"strangers have addresses under {who}: it would mean all of them; give one address")
    return domain


def _is_at(row: Lead, domain: str) -> bool:
    hosts = (domains.of_email(row.email), domains.of_website(row.website))
    return any(host == domain or host.endswith(f".{domain}") for host in hosts)


def _ids(rows: list[Lead]) -> str:
    return ", ".join(row.id for row in rows)

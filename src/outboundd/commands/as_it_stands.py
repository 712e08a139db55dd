"""How does a lead stand right now, and what is known about it, looked at without writing anything?"""

from dataclasses import replace
from datetime import datetime

from outboundd.commands.desk import Desk
from outboundd.engine.record import laid_over
from outboundd.model.facts import Facts, Traffic
from outboundd.model.lead import Lead
from outboundd.rules import domains


async def as_it_stands(desk: Desk, row: Lead) -> Lead:
    """The row with what the ledger knows and the store does not show yet laid over it."""
    ledger = desk.parts.world.ledger
    head = await ledger.head(row.id)
    return laid_over(replace(row, seq=head.seq if head else 0), await ledger.unpushed(row.id))


async def facts_of(desk: Desk, lead: Lead, traffic: Traffic, now: datetime) -> Facts:
    """All facts about a lead, beside the campaign's traffic that was read once for many."""
    parts = desk.parts
    history = await parts.world.ledger.history(
        lead.id, parts.fact_book.person(lead), domains.company_of(lead), now, parts.settings.limits.per_person_days
    )
    return parts.fact_book.compose(traffic, history, await parts.fact_book.suppressed(lead))

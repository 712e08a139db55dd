"""How do variants, sources or countries compare, over some time?"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from outboundd.engine.parts import Parts
from outboundd.model.facts import EventCounts, Group
from outboundd.model.mail import EventKind, Reaction
from outboundd.ports import GROUPS
from outboundd.rules import machines


async def compare(
    parts: Parts, since: datetime, until: datetime, by: Sequence[str] = GROUPS
) -> Mapping[str, Sequence[Group]]:
    """For each of `by` its groups, the one with the most mails first. A few bulk questions, whatever the pool."""
    ledger = parts.world.ledger
    queue = {seen.id: seen for seen in await ledger.queue()}
    reactions = await ledger.reactions(since, until)
    replied = [lead for lead, _ in await ledger.replies(since, until)]
    compared: dict[str, Sequence[Group]] = {}
    for what in by:
        of = {lead: str(getattr(seen, what)) for lead, seen in queue.items()}
        compared[what] = _groups(await ledger.counts_by(what, since, until), of, replied, reactions)
    return compared


def of_machines(counts: EventCounts, reactions: Iterable[Reaction]) -> EventCounts:
    """The counts, with those of the mails that only machines opened or clicked."""
    kinds = Counter(kind for one in reactions for kind in machines.machine_only(one.events))
    return replace(counts, opened_by_machine=kinds[EventKind.OPENED], clicked_by_machine=kinds[EventKind.CLICKED])


def _groups(
    counts: Mapping[str, EventCounts], of: Mapping[str, str], replied: Sequence[str], reactions: Sequence[Reaction]
) -> list[Group]:
    leads = Counter(of.values())
    replies = Counter(of.get(lead, "") for lead in replied)
    touched: dict[str, list[Reaction]] = {}
    for one in reactions:
        touched.setdefault(of.get(one.lead, ""), []).append(one)
    groups = [
        Group(
            name=name,
            leads=leads[name],
            replied=replies[name],
            counts=of_machines(counts.get(name, EventCounts()), touched.get(name, ())),
        )
        for name in {*leads, *replies, *counts}
    ]
    return sorted(groups, key=lambda group: (-group.counts.sent, -group.leads, group.name))

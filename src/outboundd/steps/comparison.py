"""How do variants, sources, countries or prompts compare, over some time?"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from outboundd.engine.parts import Parts
from outboundd.model.facts import EventCounts, Group
from outboundd.model.mail import EventKind, Reaction
from outboundd.ports import GROUPS, PROMPT
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


async def compare_prompts(parts: Parts, since: datetime, until: datetime) -> Sequence[Group]:
    """The same for each variant and prompt with which mails were written; a reply is one to the lead's last mail."""
    ledger = parts.world.ledger
    mails = await ledger.mails_by_prompt(since, until)
    last = dict(mails.values())
    touched: dict[str, list[Reaction]] = {}
    for one in await ledger.reactions(since, until):
        touched.setdefault(mails[one.events[0].tag][1], []).append(one)
    leads = Counter(name for _, name in set(mails.values()))
    replies = Counter(last.get(lead, "") for lead, _ in await ledger.replies(since, until))
    return _sorted(await ledger.counts_by(PROMPT, since, until), leads, replies, touched)


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
    return _sorted(counts, leads, replies, touched)


def _sorted(
    counts: Mapping[str, EventCounts],
    leads: Mapping[str, int],
    replies: Mapping[str, int],
    touched: Mapping[str, Sequence[Reaction]],
) -> list[Group]:
    """The groups, the one with the most mails first."""
    groups = [
        Group(
            name=name,
            leads=leads.get(name, 0),
            replied=replies.get(name, 0),
            counts=of_machines(counts.get(name, EventCounts()), touched.get(name, ())),
        )
        for name in {*leads, *replies, *counts}
    ]
    return sorted(groups, key=lambda group: (-group.counts.sent, -group.leads, group.name))

"""How do variants, sources, countries or prompts compare since the first mail?"""

import difflib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from outboundd.commands import words
from outboundd.commands.desk import Desk, Line, Refusal
from outboundd.model.facts import EventCounts, Group
from outboundd.ports import GROUPS, PROMPT
from outboundd.rules import summary
from outboundd.rules.texts import quoted
from outboundd.steps.comparison import compare, compare_prompts

LABEL_WIDTH = 32
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_FUTURE = datetime(9000, 1, 1, tzinfo=UTC)  # a mail of this very instant counts, and one of a clock that stepped back


async def comparison(desk: Desk, by: str) -> Line:
    """Each with its numbers; rates per delivered mail (bounces: per sent), opens and clicks of machines left out."""
    if by not in (*GROUPS, PROMPT):
        near = difflib.get_close_matches(by, (*GROUPS, PROMPT), n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise Refusal(2, f"--by {quoted(by)}: give variant, source, country or prompt{meant}")
    if by == PROMPT:
        groups = await compare_prompts(desk.parts, _FIRST, _FUTURE)
    else:
        groups = (await compare(desk.parts, _FIRST, _FUTURE, [by]))[by]
    note = "Since the first mail. Opened and clicked: those that are likely a machine's are left out."
    told = "\n".join([*_told(groups), "", note]) if groups else "No lead is in the pool yet."
    return Line(text=told, data=[_plain(group) for group in groups])


def _told(groups: Sequence[Group]) -> list[str]:
    """Two lines each, the numbers in columns with their own words: a telephone has no room for a table's head."""
    numbers = words.columns([[_label(group), *_numbers(group)] for group in groups])
    rates = words.columns([_rates(group.counts) for group in groups])
    return [line for pair in zip(numbers, (f"    {line}" for line in rates), strict=True) for line in pair]


def _label(group: Group) -> str:
    if not group.name:
        return summary.NO_NAME
    return group.name if len(group.name) <= LABEL_WIDTH else f"{group.name[: LABEL_WIDTH - 1]}…"


def _numbers(group: Group) -> list[str]:
    counts = group.counts
    return [
        words.many(group.leads, "lead"),
        f"{counts.sent:,} sent",
        f"{counts.delivered:,} delivered",
        words.many(group.replied, "reply", "replies"),
    ]


def _rates(counts: EventCounts) -> list[str]:
    rates = [
        ("opened", counts.opened_by_people, counts.delivered),
        ("clicked", counts.clicked_by_people, counts.delivered),
        ("hard bounces", counts.hard_bounced, counts.sent),
        ("unsubscribed", counts.unsubscribed, counts.delivered),
    ]
    return [f"{what} {summary.share(number, of) or '–'}" for what, number, of in rates]


def _plain(group: Group) -> dict[str, Any]:
    counts = group.counts
    return {
        "name": group.name,
        "leads": group.leads,
        "sent": counts.sent,
        "delivered": counts.delivered,
        "opened": counts.opened,
        "opened_by_machine": counts.opened_by_machine,
        "clicked": counts.clicked,
        "clicked_by_machine": counts.clicked_by_machine,
        "hard_bounced": counts.hard_bounced,
        "unsubscribed": counts.unsubscribed,
        "complained": counts.complained,
        "replied": group.replied,
    }

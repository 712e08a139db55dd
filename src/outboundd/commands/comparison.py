"""How do variants, sources or countries compare since the first mail?"""

import difflib
from datetime import UTC, datetime
from typing import Any

from outboundd.commands import words
from outboundd.commands.desk import Desk, Line, Refusal
from outboundd.model.facts import Group
from outboundd.ports import GROUPS
from outboundd.rules import summary
from outboundd.rules.texts import quoted
from outboundd.steps.comparison import compare

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_FUTURE = datetime(9000, 1, 1, tzinfo=UTC)  # a mail of this very instant counts, and one of a clock that stepped back
_HEAD = ("leads", "sent", "delivered", "opened", "clicked", "bounced", "unsubscribed", "replied")


async def comparison(desk: Desk, by: str) -> Line:
    """One line for each; rates per delivered mail (bounces: per sent), opens and clicks of machines left out."""
    if by not in GROUPS:
        near = difflib.get_close_matches(by, GROUPS, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise Refusal(2, f"--by {quoted(by)}: give variant, source or country{meant}")
    groups = (await compare(desk.parts, _FIRST, _FUTURE))[by]
    rows = [[by, *_HEAD], *([group.name or summary.NO_NAME, *_row(group)] for group in groups)]
    table = words.columns(rows, right=frozenset(range(1, len(_HEAD) + 1)))
    note = "Since the first mail. Opened and clicked: those that are likely a machine's are left out."
    told = "\n".join([*table, "", note]) if groups else "No lead is in the pool yet."
    return Line(text=told, data=[_plain(group) for group in groups])


def _row(group: Group) -> list[str]:
    counts = group.counts
    return [
        f"{group.leads:,}",
        f"{counts.sent:,}",
        f"{counts.delivered:,}",
        summary.share(counts.opened_by_people, counts.delivered) or "–",
        summary.share(counts.clicked_by_people, counts.delivered) or "–",
        summary.share(counts.hard_bounced, counts.sent) or "–",
        summary.share(counts.unsubscribed, counts.delivered) or "–",
        f"{group.replied:,}",
    ]


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

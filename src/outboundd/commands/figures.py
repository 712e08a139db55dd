"""How is the campaign doing, and what were the last mails?"""

import textwrap
from collections.abc import AsyncGenerator, Mapping
from dataclasses import asdict
from datetime import date, datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from outboundd.commands import words
from outboundd.commands.comparison import comparison
from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.commands.warmup import warmup_history
from outboundd.model.facts import EventCounts
from outboundd.model.lead import Lead
from outboundd.model.mail import Attempt
from outboundd.rules import events, summary
from outboundd.rules.summary import Figures
from outboundd.steps.figures import by_day, gather

MOST = 1000
DAYS = 14  # of the series in `stats`, today with them
OWN_BETWEEN = 50  # mails to the operator that may lie between those to leads
COMPANY_WIDTH = 28
CHOICES = 6
VALUE_WIDTH = 12  # of the numbers before the words, in the lines of the summary


async def stats(desk: Desk, *, by: str = "", warmup: bool = False) -> AsyncGenerator[Line, None]:
    """The figures of the campaign, as in the digest; compared `by` variant, source or country; or the warm-up's."""
    if by and warmup:
        raise Refusal(2, "--by and --warmup show different tables; give one of them")
    if warmup:
        yield await warmup_history(desk)
    elif by:
        yield await comparison(desk, by)
    else:
        yield await _figures(desk)


async def _figures(desk: Desk) -> Line:
    now = desk.parts.world.clock.now()
    figures = await gather(desk.parts, now)
    days = [_day(day, counts) for day, counts in await by_day(desk.parts, now, DAYS)]
    head = [f"{figures.campaign} · times in {figures.timezone}", "", _today(figures), summary.headline(figures)[0], ""]
    lines = [words.broken(line, VALUE_WIDTH) for line in summary.stats_lines(figures)]
    foot = ["", *textwrap.wrap(summary.footer(figures), words.WIDTH.get())]
    data = {**_plain(asdict(figures)), "days": days}
    del data["compared"]  # the weekly digest's; here it is asked for with `by`
    return Line(text="\n".join([*head, *lines, *foot]), data=data)


def _day(day: date, counts: EventCounts) -> dict[str, Any]:
    """The mails sent on that day, and how many of them have been delivered, bounced or opened since."""
    return {
        "day": day.isoformat(),
        "sent": counts.sent,
        "delivered": counts.delivered,
        "bounced": counts.hard_bounced,
        "opened": counts.opened,
    }


def _today(figures: Figures) -> str:
    today = asdict(figures.today)
    did = [f"{number:,} {what.replace('_', ' ')}" for what, number in today.items() if number]
    drafted = [f"{figures.drafted_today:,} drafted"] if figures.drafted_today else []
    spent = [f"{figures.spent_today_usd:,.2f} USD spent on models"] if figures.spent_today_usd else []
    return f"today so far: {', '.join([*drafted, *did, *spent]) or 'nothing yet'}"


def _plain(value: Any) -> Any:  # noqa: ANN401 (whatever the figures hold)
    """A value as JSON can carry it."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


async def recent(desk: Desk, *, number: int) -> AsyncGenerator[Line, None]:
    """The last mails to leads, newest first."""
    if not 1 <= number <= MOST:
        raise Refusal(2, f"{number}: give a number from 1 to {MOST}")
    ledger = desk.parts.world.ledger
    attempts = [one for one in await ledger.attempts(limit=2 * number + OWN_BETWEEN) if one.to_lead][:number]
    rows = await desk.parts.world.store.read(list({attempt.lead for attempt in attempts}), in_view=False)
    mails = [await _mail(desk, attempt, rows.get(attempt.lead)) for attempt in attempts]
    choices = tuple((f"why {_short(mail['company'] or mail['id'])}", f"why {mail['id']}") for mail in mails[:CHOICES])
    yield Line(text="\n".join(_told(desk, mails)) or "No mail was sent yet.", data=mails, choices=choices)


async def _mail(desk: Desk, attempt: Attempt, row: Lead | None) -> dict[str, Any]:
    outcome = events.fold(await desk.parts.world.ledger.events_of(attempt.tag), attempt)
    return {
        "id": attempt.lead,
        "company": row.company if row else None,
        "at": words.iso(attempt.posted_at),
        "step": attempt.step,
        "name": desk.parts.settings.sequence.name_of(attempt.step),
        "variant": row.variant if row else None,
        "state": (outcome.stage or outcome.attempt).value,
        "opens": outcome.opens,
        "clicks": outcome.clicks,
        "subject": attempt.subject,
        "tag": attempt.tag,
    }


def _told(desk: Desk, mails: list[dict[str, Any]]) -> list[str]:
    """Two lines a mail: when, whom, what became of it; below, its subject."""
    zone = ZoneInfo(desk.parts.settings.campaign.timezone)
    rows = [
        [
            f"{datetime.fromisoformat(mail['at']).astimezone(zone):%a %d %b %H:%M}",
            mail["id"],
            _short(mail["company"] or "(row is gone)"),
            mail["name"],
            mail["variant"] or "",
            mail["state"] + (f", opened {mail['opens']}×" if mail["opens"] else ""),
        ]
        for mail in mails
    ]
    subjects = [words.hanging("", mail["subject"] or "(erased)", 18) for mail in mails]
    return [line for pair in zip(words.columns(rows), subjects, strict=True) for line in pair]


def _short(text: str) -> str:
    return text if len(text) <= COMPANY_WIDTH else f"{text[: COMPANY_WIDTH - 1]}…"


STATS = Command(name="stats", doc="the figures of the campaign", run=stats, reads_only=True)
RECENT = Command(name="recent", doc="the last mails", run=recent, reads_only=True)

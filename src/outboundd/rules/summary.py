"""What does the operator read every morning, and when is it due?"""

import html as markup
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from outboundd.model.facts import EventCounts, Group, Halt
from outboundd.model.lead import Stage
from outboundd.model.settings import Campaign
from outboundd.rules import reasons

MOST_GROUPS = 10  # of one kind, in the weekly digest
NO_NAME = "(none, or the row is gone)"
_NONE = EventCounts()


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The campaign in numbers. 'Yesterday' and the 7 days before `day` are days of the operator's `timezone`.

    'Today' is what `day` has seen so far, for whoever looks in between.

    `due_yesterday` counts leads that could have been written to or mailed; `held` and `review` count leads by reason.
    `openings` are the next instants at which leads become due, and how many. `runway` holds sentences about what may
    run out: credits, calls; the numbers beside it are None where nobody knows. `queue_days` is None when the queue is
    empty or nothing tells how fast it empties. `replies` are all that are known. `older_texts` are sentences about
    drafts whose prompt has changed since. `compared` is the week by variant, source and country, on the day that tells
    it.
    """

    campaign: str
    day: date
    timezone: str = "UTC"
    today: EventCounts = _NONE
    yesterday: EventCounts = _NONE
    week: EventCounts = _NONE
    drafted_today: int = 0
    drafted_yesterday: int = 0
    drafted_week: int = 0
    replies_yesterday: int = 0
    replies_week: int = 0
    replies: int = 0
    due_yesterday: int = 0
    by_stage: Mapping[Stage, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    review: Mapping[str, int] = field(default_factory=dict)
    cap: int = 0
    cap_why: str = ""
    halts: tuple[Halt, ...] = ()
    openings: tuple[tuple[datetime, int], ...] = ()
    queue_days: float | None = None
    runway: tuple[str, ...] = ()
    mailer_credits: int | None = None
    mailer_credits_at: datetime | None = None
    calls_this_month: int | None = None
    calls_forecast: int | None = None
    incidents_open: tuple[str, ...] = ()
    incidents_resolved: int = 0
    events_until: datetime | None = None
    suppressed_persons: int = 0
    suppressed_domains: int = 0
    spent_today_usd: float = 0.0
    spent_yesterday_usd: float = 0.0
    spent_week_usd: float = 0.0
    unattended_since: datetime | None = None
    older_texts: tuple[str, ...] = ()
    compared: Mapping[str, Sequence[Group]] = field(default_factory=dict)


_Cell = tuple[str, str]  # a number and its share in words


@dataclass(frozen=True, kw_only=True)
class _Section:
    """Some lines under one title: a number or word, and what it counts or says."""

    title: str
    lines: tuple[tuple[str, str], ...]


WRITTEN = "digest_date"  # where the ledger keeps the last day that has a digest


def is_weekly(day: date) -> bool:
    """On Mondays the digest covers the week: the seven days that ended on Sunday."""
    return day.weekday() == 0


def due(now: datetime, campaign: Campaign, last_date: str) -> date | None:
    """The local date whose digest is due now: the operator's digest hour has come and that date has none yet."""
    local = now.astimezone(ZoneInfo(campaign.timezone))
    today = local.date()
    return today if local.hour >= campaign.digest_hour and last_date < today.isoformat() else None


def subject(figures: Figures) -> str:
    """The digest in one line, the urgent last where a telephone still shows it."""
    if figures.compared:
        did = f"the week, {_sent(figures.week) or 'nothing sent'}"
    else:
        did = _sent(figures.yesterday) or _quiet(figures)
    needs = _needs(figures)
    return f"{figures.campaign}: {did}" + (f", {needs:,} for you" if needs else "")


def stats_lines(figures: Figures) -> list[str]:
    """The figures line by line, as the terminal and the bot show them."""
    lines = [f"{'':<14}{'yesterday':>18}{'7 days':>18}"]
    for name, one, seven in _table(figures):
        lines.append(f"{name:<14}{one[0]:>9}{one[1]:>9}{seven[0]:>9}{seven[1]:>9}".rstrip())
    for section in _sections(figures):
        lines += ["", section.title]
        lines += [f"  {value:>8}  {words}" for value, words in section.lines]
    return lines


def text(figures: Figures) -> str:
    """The digest as plain text."""
    head = [f"{figures.campaign} · {_long(figures.day)}", "", *headline(figures), ""]
    return "\n".join([*head, *stats_lines(figures), "", footer(figures), ""])


def html(figures: Figures) -> str:
    """The digest for a mail reader: one column, inline styles, readable in light and dark, nothing fetched."""
    did, needs = headline(figures)
    urgent = "warn" if _needs(figures) else "calm"
    sections = "".join(_html_section(section, figures) for section in _sections(figures))
    return _PAGE.format(
        title=_safe(subject(figures)),
        preheader=_safe(f"{did} {needs}"),
        campaign=_safe(figures.campaign),
        day=_safe(_long(figures.day)),
        did=_safe(did),
        needs=_block(urgent, _safe(needs)),
        tiles=_tiles(figures),
        table=_html_table(figures),
        sections=sections,
        footer=_safe(footer(figures)),
    )


def _needs(figures: Figures) -> int:
    return sum(figures.review.values()) + len(figures.halts) + len(figures.incidents_open)


def _sent(counts: EventCounts) -> str:
    return f"{counts.sent:,} sent, {counts.delivered:,} delivered" if counts.sent else ""


def _quiet(figures: Figures) -> str:
    return "nothing sent" if figures.due_yesterday else "nothing was due"


def headline(figures: Figures) -> tuple[str, str]:
    """What happened, and whether it needs the reader."""
    counts = figures.yesterday
    if counts.sent:
        did = f"{_many(counts.sent, 'mail')} left yesterday, {counts.delivered:,} arrived."
    elif figures.due_yesterday:
        did = f"No mail left yesterday, although {_many(figures.due_yesterday, 'lead')} could have been served."
    else:
        did = "Nothing was due yesterday, so no mail left."
    if figures.compared:
        week = figures.week
        did = f"{_many(week.sent, 'mail')} left in the week, {week.delivered:,} arrived. {did}"
    needs = _needs(figures)
    return did, f"{_many(needs, 'thing')} for you, below." if needs else "Nothing needs you."


def _table(figures: Figures) -> list[tuple[str, _Cell, _Cell]]:
    one, seven = figures.yesterday, figures.week
    rates = [
        ("delivered", "delivered", "sent"),
        ("opened", "opened_by_people", "delivered"),
        ("machine opens", "opened_by_machine", "delivered"),
        ("clicked", "clicked_by_people", "delivered"),
        ("machine clicks", "clicked_by_machine", "delivered"),
        ("hard bounces", "hard_bounced", "sent"),
        ("unsubscribed", "unsubscribed", "delivered"),
        ("complaints", "complained", "delivered"),
    ]
    return [
        ("drafted", (f"{figures.drafted_yesterday:,}", ""), (f"{figures.drafted_week:,}", "")),
        ("sent", (f"{one.sent:,}", ""), (f"{seven.sent:,}", "")),
        *((name, _share(one, part, whole), _share(seven, part, whole)) for name, part, whole in rates),
        ("replies known", (f"{figures.replies_yesterday:,}", ""), (f"{figures.replies_week:,}", "")),
    ]


def _share(counts: EventCounts, part: str, whole: str) -> _Cell:
    """The number and its share. A share of nothing is not shown."""
    number, of = getattr(counts, part), getattr(counts, whole)
    return f"{number:,}", share(number, of)


def share(number: int, of: int) -> str:
    """'12.5 %'; nothing of nothing."""
    return f"{100 * number / of:.1f} %" if of else ""


def _sections(figures: Figures) -> list[_Section]:
    sections = [
        _Section(title="For you", lines=(*_ranked(figures.review), *_halted(figures), *_incidents(figures))),
        *_compared(figures),
        _Section(title="Held, and why", lines=_ranked(figures.held)),
        _Section(title="Pool", lines=_pool(figures)),
        _Section(title="Ahead", lines=_ahead(figures)),
        _Section(title="On record", lines=_record(figures)),
    ]
    return [section for section in sections if section.lines]


def _compared(figures: Figures) -> list[_Section]:
    return [
        _Section(title=f"The week by {what}", lines=_of_groups([group for group in groups if group.counts.sent]))
        for what, groups in figures.compared.items()
    ]


def _of_groups(groups: Sequence[Group]) -> tuple[tuple[str, str], ...]:
    lines = [(f"{group.counts.sent:,}", f"sent, {group.name or NO_NAME}: {_told_of(group)}") for group in groups]
    more = len(lines) - MOST_GROUPS
    return (*lines[:MOST_GROUPS], *([("·", f"and {more:,} with fewer mails")] if more > 0 else []))


def _told_of(group: Group) -> str:
    counts = group.counts
    rates = [
        ("delivered", counts.delivered, counts.sent),
        ("opened", counts.opened_by_people, counts.delivered),
        ("clicked", counts.clicked_by_people, counts.delivered),
        ("hard bounces", counts.hard_bounced, counts.sent),
        ("unsubscribed", counts.unsubscribed, counts.delivered),
    ]
    told = [f"{what} {share(number, of)}" for what, number, of in rates if of]
    return ", ".join([*told, _many(group.replied, "reply", "replies")])


def _ranked(counts: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    """Reasons, the most frequent first."""
    return tuple((f"{number:,}", reason) for reason, number in reasons.grouped(counts))


def _halted(figures: Figures) -> list[tuple[str, str]]:
    return [
        ("off", f"{halt.what}: {halt.why} (since {_at(halt.since, figures)}, {_end(halt, figures)})")
        for halt in figures.halts
    ]


def _end(halt: Halt, figures: Figures) -> str:
    return f"until {_at(halt.until, figures)}" if halt.until else f"until you say resume {halt.what}"


def _incidents(figures: Figures) -> list[tuple[str, str]]:
    return [("open", f"incident: {what}") for what in figures.incidents_open]


def _pool(figures: Figures) -> tuple[tuple[str, str], ...]:
    shown = [(stage, figures.by_stage.get(stage, 0)) for stage in Stage]
    return tuple((f"{number:,}", stage.replace("_", " ")) for stage, number in shown if number)


def _ahead(figures: Figures) -> tuple[tuple[str, str], ...]:
    lines = [(f"{figures.cap:,}", "mails a day at most" + (f": {figures.cap_why}" if figures.cap_why else ""))]
    lines += [(f"{number:,}", f"due from {_at(when, figures)}") for when, number in figures.openings]
    if figures.queue_days is not None:
        lines.append((f"{figures.queue_days:,.1f}", "days until the queue is empty"))
    return (*lines, *(("·", sentence) for sentence in (*figures.runway, *figures.older_texts)))


def _record(figures: Figures) -> tuple[tuple[str, str], ...]:
    lines = [
        (f"{figures.incidents_resolved:,}", "incidents resolved"),
        (f"{figures.replies:,}", "replies known so far"),
    ]
    if figures.unattended_since:
        lines.append(("since", f"{_at(figures.unattended_since, figures)} without a run by hand"))
    lines += [
        (f"{figures.suppressed_persons:,}", "people never to be written to again"),
        (f"{figures.suppressed_domains:,}", "domains never to be written to again"),
        (f"{figures.spent_yesterday_usd:,.2f}", f"USD for models yesterday, {_spent_in_week(figures)}"),
    ]
    return tuple(lines)


def _spent_in_week(figures: Figures) -> str:
    spent_usd, mails = figures.spent_week_usd, figures.week.sent
    told = f"{spent_usd:,.2f} in 7 days"
    return f"{told}, {spent_usd / mails:,.3f} a mail" if spent_usd and mails else told


def footer(figures: Figures) -> str:
    """Up to when the figures are complete, and how to read them."""
    read = f"Events complete up to {_at(figures.events_until, figures)}." if figures.events_until else "No events read."
    apart = "Opens and clicks that are likely a machine's stand apart; some are told wrongly."
    return f"{read} {apart} Times are {figures.timezone}."


def _at(when: datetime, figures: Figures) -> str:
    local = when.astimezone(ZoneInfo(figures.timezone))
    return f"{local:%H:%M}" if local.date() == figures.day else f"{local:%a} {local.day} {local:%b %H:%M}"


def _long(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _many(number: int, word: str, several: str = "") -> str:
    return f"{number:,} {word if number == 1 else several or word + 's'}"


# The HTML part. Mail readers know tables and inline styles; those that know more get a dark palette by class names.

_FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_PAGE = (
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
@media (prefers-color-scheme: dark) {{
  .page {{ background:#151514 !important; }}
  .card, .tile {{ background:#1f1e1c !important; border-color:#34322e !important; }}
  .ink {{ color:#f0ede7 !important; }}
  .soft {{ color:#aaa59b !important; }}
  .line {{ border-color:#34322e !important; }}
  .calm {{ background:#16302a !important; color:#9fdcc9 !important; border-color:#3f8f7b !important; }}
  .warn {{ background:#362912 !important; color:#f3cd8c !important; border-color:#c98a1b !important; }}
  .track {{ background:#2c2a27 !important; }}
  .bar {{ background:#4fa28d !important; }}
}}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f5f3ef">
<div style="display:none;max-height:0;overflow:hidden">{preheader}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#f5f3ef">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" """
    f'style="max-width:600px;background:#ffffff;border:1px solid #e5e1d8;border-radius:12px;{_FONT}">'
    """
<tr><td style="padding:28px 28px 0">
<div class="soft" style="font-size:13px;line-height:18px;color:#6b675f">{campaign} · {day}</div>
<h1 class="ink" style="margin:6px 0 16px;font-size:22px;line-height:30px;font-weight:600;color:#1d1c1a">{did}</h1>
{needs}
{tiles}
{table}
{sections}
<p class="soft line" style="margin:28px 0 24px;padding-top:14px;border-top:1px solid #e5e1d8;"""
    """font-size:12px;line-height:18px;color:#6b675f">{footer}</p>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
"""
)
_NUMBER = "text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums"
_CALM = "background:#e9f4f0;color:#0d5546;border-left:4px solid #2b8a73"
_WARN = "background:#fdf3df;color:#7a4700;border-left:4px solid #d18b13"


def _safe(words: str) -> str:
    return markup.escape(words)


def _block(kind: str, words: str) -> str:
    colours = _WARN if kind == "warn" else _CALM
    return (
        f'<div class="{kind}" style="{colours};border-radius:4px;padding:10px 14px;font-size:15px;line-height:21px">'
        f"{words}</div>"
    )


def _tiles(figures: Figures) -> str:
    one, seven = figures.yesterday, figures.week
    tiles = (
        ("sent", one.sent, seven.sent),
        ("delivered", one.delivered, seven.delivered),
        ("opened", one.opened_by_people, seven.opened_by_people),
        ("bounced", one.hard_bounced, seven.hard_bounced),
    )
    cells = '<td width="8" style="font-size:0">&nbsp;</td>'.join(_tile(*tile) for tile in tiles)
    return (
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin-top:18px">'
        f"<tr>{cells}</tr></table>"
    )


def _tile(name: str, one: int, seven: int) -> str:
    return (
        '<td class="tile" width="23%" style="border:1px solid #e5e1d8;border-radius:8px;padding:10px 8px">'
        f'<div class="soft" style="font-size:12px;line-height:16px;color:#6b675f">{name}</div>'
        f'<div class="ink" style="font-size:24px;line-height:32px;font-weight:600;color:#1d1c1a">{one:,}</div>'
        f'<div class="soft" style="font-size:12px;line-height:16px;color:#6b675f">{seven:,} in 7 days</div></td>'
    )


def _html_table(figures: Figures) -> str:
    head = "".join(
        f'<th class="soft line" scope="col" style="padding:6px 0;font-weight:400;font-size:12px;color:#6b675f;'
        f'border-bottom:1px solid #e5e1d8;{style}">{name}</th>'
        for name, style in (("", "text-align:left"), ("yesterday", _NUMBER), ("7 days", _NUMBER))
    )
    rows = "".join(
        f'<tr><th class="ink line" scope="row" style="{_CELL};text-align:left;font-weight:400">{name}</th>'
        f'<td class="ink line" style="{_CELL};{_NUMBER}">{_cell(one)}</td>'
        f'<td class="ink line" style="{_CELL};{_NUMBER}">{_cell(seven)}</td></tr>'
        for name, one, seven in _table(figures)
    )
    return (
        '<table width="100%" cellpadding="0" cellspacing="0" style="margin-top:22px;border-collapse:collapse">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


_CELL = "padding:7px 0;font-size:14px;line-height:20px;color:#1d1c1a;border-bottom:1px solid #efece5"


def _cell(cell: _Cell) -> str:
    """A number and its share, the share in the quiet colour."""
    number, share = cell
    quiet = f' <span class="soft" style="color:#6b675f">{share.replace(" ", "&nbsp;")}</span>' if share else ""
    return number + quiet


def _html_section(section: _Section, figures: Figures) -> str:
    most = max(figures.by_stage.values(), default=1) or 1
    rows = "".join(_html_line(section, value, words, most) for value, words in section.lines)
    return (
        f'<h2 class="ink" style="margin:26px 0 6px;font-size:15px;line-height:20px;font-weight:600;color:#1d1c1a">'
        f"{_safe(section.title)}</h2>"
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse">'
        f"{rows}</table>"
    )


def _html_line(section: _Section, value: str, words: str, most: int) -> str:
    bar = _bar(value, most) if section.title == "Pool" else ""
    return (
        f'<tr><td class="ink line" width="64" valign="top" style="{_CELL};{_NUMBER};padding-right:12px;'
        f'font-weight:600">'
        f'{_safe(value)}</td><td class="ink line" valign="top" style="{_CELL}">{_safe(words)}{bar}</td></tr>'
    )


def _bar(value: str, most: int) -> str:
    """How much of the pool stands here, against the fullest stage."""
    percent = max(1, round(100 * int(value.replace(",", "")) / most))
    return (
        '<div class="track" style="margin-top:4px;height:6px;border-radius:3px;background:#efece5">'
        f'<div class="bar" style="width:{percent}%;height:6px;border-radius:3px;background:#2b8a73"></div></div>'
    )

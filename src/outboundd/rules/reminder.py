"""What is still off, is it time to say so again, and what goes on meanwhile?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from outboundd.model.facts import MAILER, RESEARCHER, SOURCE, STORE, WRITER, Halt
from outboundd.model.settings import Campaign
from outboundd.rules import switched_off
from outboundd.rules.alerting import JOBS, Words, lasted
from outboundd.rules.texts import many, quoted, unquoted

FRESH = timedelta(hours=12)  # what went off since then was told just now
_NO_MAIL = frozenset({"mail", "guard", "pool", "send", MAILER})
_NO_DRAFTS = frozenset({"draft", WRITER, RESEARCHER})


@dataclass(frozen=True, kw_only=True)
class Stock:
    """What there is to go on with: drafts that wait, follow-ups that are due, mails an hour, and leads by source."""

    drafts: int = 0
    follow_ups_due: int = 0
    per_hour: int = 1
    of_source: Mapping[str, int] = field(default_factory=dict)


def due(now: datetime, campaign: Campaign, last_date: str) -> str:
    """The operator's date whose reminder is due, from the digest's hour on; '' when there was one or it is early."""
    local = now.astimezone(ZoneInfo(campaign.timezone))
    today = local.date().isoformat()
    return today if local.hour >= campaign.digest_hour and last_date < today else ""


def worth_it(halts: Collection[Halt], now: datetime) -> list[Halt]:
    """Those to be reminded of: not what has just been told, nor a pause to which the operator has set an end."""
    return [halt for halt in halts if now - halt.since >= FRESH and not _has_own_end(halt)]


def words(halts: Sequence[Halt], roles: Mapping[str, str], stock: Stock, now: datetime) -> Words:
    """One message for all that is off, with a button for each. `roles` maps a vendor's name to the part it plays."""
    lines = [_told(halt, roles.get(halt.what, halt.what), stock, now) for halt in halts]
    off = ", ".join(_name(halt.what) for halt in halts)
    # the name of a source is a cell of a row: it is typed, not put on a button
    resumed = [halt.what for halt in halts if not halt.what.startswith(SOURCE)]
    choices = [(f"Resume {what}", f"resume {what}") for what in resumed]
    return Words(title=f"Still off: {off}", text="\n".join(lines), choices=(*choices, JOBS))


def meanwhile(part: str, stock: Stock) -> str:
    """What goes on while this part is off, in numbers."""
    drafts = many(stock.drafts, "draft")
    due_too = f"follow-ups due: {stock.follow_ups_due:,}"
    if part in _NO_MAIL:
        return f"no mail leaves; {drafts} wait, {due_too}, and drafts are written on"
    if part in _NO_DRAFTS:
        hours = -(-stock.drafts // stock.per_hour)
        left = f"{drafts} left = {many(hours, 'hour')} at {stock.per_hour} an hour"
        return f"no first mail is written; {left}; {due_too}"
    if part == STORE:
        return f"nothing is drafted or sent; {drafts} wait, {due_too}; what the mailer reports is taken in"
    if part.startswith(SOURCE):
        return f"its {stock.of_source.get(part.removeprefix(SOURCE), 0):,} leads are held, the others go on"
    return _OF_JOBS.get(part, "the rest goes on")


_OF_JOBS = {
    "follow_up": "no follow-up is written; first mails go on",
    "reconcile": "what the mailer reports is read by the runs that send",
    "digest": "no digest is written",
    "watch": "no silence is noticed",
}


def _has_own_end(halt: Halt) -> bool:
    return halt.until is not None and halt.why.startswith(switched_off.BY_OPERATOR)


def _told(halt: Halt, part: str, stock: Stock, now: datetime) -> str:
    ends = f"it goes on by itself at {halt.until:%Y-%m-%d %H:%M} UTC" if halt.until else "it does not end by itself"
    since = f"off since {halt.since:%Y-%m-%d %H:%M} UTC ({lasted(now - halt.since)})"
    lift = f"To go on: outboundd resume {_name(halt.what) if halt.what != 'mail' else ''}".rstrip()
    return f"{_name(halt.what)}: {since}: {unquoted(halt.why)}; {ends}. Meanwhile {meanwhile(part, stock)}. {lift}"


def _name(what: str) -> str:
    """As it may stand in a message: the name of a source is a cell of a row."""
    kind, colon, name = what.partition(":")
    if colon:
        return unquoted(f"{kind}:{quoted(name)}")
    return "mail to leads" if what == "mail" else what

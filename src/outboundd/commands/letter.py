"""What do we answer a person who asks: why did you write to me, where are my data from, and how do I object?

The letter is in their words: no stages, ids, hashes or tags. What it lacks is said to the operator, below it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from outboundd.commands import words
from outboundd.commands.desk import Desk, Line, Refusal
from outboundd.commands.who import address_of, rows_of
from outboundd.model.facts import Suppressed
from outboundd.model.lead import Lead
from outboundd.model.mail import Attempt, AttemptState, EventKind
from outboundd.model.settings import Settings
from outboundd.rules import domains
from outboundd.rules.suppression import ERASED

LEFT = (AttemptState.SENT, AttemptState.EXTRA)
IN_DOUBT = (AttemptState.OPEN, AttemptState.UNKNOWN)
SERVICES = {
    "airtable": "Airtable (keeps our list of contacts)",
    "brevo": "Brevo (sends our mail)",
    "openai": "OpenAI (helps to word our mails)",
    "perplexity": "Perplexity (helps to read up on companies)",
}
REPORTED = {
    EventKind.DELIVERED: "delivered",
    EventKind.OPENED: "opened",
    EventKind.CLICKED: "a link clicked",
    EventKind.HARD_BOUNCE: "returned as undeliverable",
    EventKind.UNSUBSCRIBED: "unsubscribed",
    EventKind.COMPLAINT: "reported as unwanted",
}


async def letter(desk: Desk, who: str) -> Line:
    """The letter to a person by address or id; nothing is changed."""
    rows = await rows_of(desk, who)
    if not rows and "@" not in who:
        raise Refusal(2, f"no lead has the id {who}; give an id of the lead store, or an address")
    address = address_of(who if "@" in who else rows[0].email)
    entry = await _entry(desk, address)
    mails = await _mails(desk, address, rows)
    erased_at = entry.since if entry is not None and entry.why == ERASED else None
    if erased_at is not None:
        body = _erased(desk, erased_at)
    else:
        body = [*_origin(rows), *_purpose(desk, rows), *(await _written(desk, mails, rows)), *_kept(desk, rows, entry)]
    text = "\n\n".join(["\n".join(_greeting(rows if erased_at is None else [])), *body, *_objecting(desk, entry)])
    lacks = _lacks(desk, rows, erased=erased_at is not None)
    below = "\n".join(["", "Before you send this (not part of the letter):", *(f"  - {gap}" for gap in lacks)])
    erased_on = None if erased_at is None else words.iso(erased_at)
    data = {"letter": text, "never_written_to": not mails, "erased_at": erased_on, "to_settle": lacks}
    return Line(text=text + (f"\n{below}" if lacks else ""), data=data)


async def _entry(desk: Desk, address: str) -> Suppressed | None:
    """The entry of the suppression list: that they were erased, alone or with their domain, before other reasons."""
    suppression, person = desk.parts.world.suppression, desk.parts.world.suppression.person(address)
    own = await suppression.match(person, [])
    at_domain = await suppression.match("", [domains.of_email(address)])
    both = [entry for entry in (own, at_domain) if entry is not None]
    return next((entry for entry in both if entry.why == ERASED), next(iter(both), None))


async def _mails(desk: Desk, address: str, rows: Sequence[Lead]) -> list[Attempt]:
    """What left, or may have, under this address or from one of these rows, oldest first."""
    ledger = desk.parts.world.ledger
    found = {mail.tag: mail for mail in await ledger.mails_to(desk.parts.world.suppression.person(address))}
    for row in rows:
        found |= {mail.tag: mail for mail in await ledger.attempts(lead=row.id)}
    left = [mail for mail in found.values() if mail.state in (*LEFT, *IN_DOUBT)]
    return sorted(left, key=lambda mail: mail.posted_at)


def _greeting(rows: Sequence[Lead]) -> list[str]:
    name = next((row.contact for row in rows if row.contact), "")
    return [
        f"Hello {name}," if name else "Hello,",
        "",
        "You asked what we hold about you and why we wrote to you. Here is the answer.",
    ]


def _erased(desk: Desk, at: datetime) -> list[str]:
    local = at.astimezone(ZoneInfo(desk.parts.settings.campaign.timezone))
    gone = f"Your data were erased on {local:%-d %B %Y}. We hold no name, address or text of yours any more."
    kept = (
        "What we keep is a number made from your address with a secret key, from which the address cannot be read "
        "back. It serves one purpose: should your address be given to us again, we see that we must not write to it."
    )
    return [gone, kept]


def _origin(rows: Sequence[Lead]) -> list[str]:
    if not rows:
        return ["Where your data came from: we hold no entry about you in our list of contacts."]
    paragraphs = []
    for row in rows:
        held = {
            "Name": row.contact,
            "Position": row.title,
            "Company": row.company,
            "Website": row.website,
            "Email": row.email,
            "Profile": row.linkedin,
            "Place": ", ".join(filter(None, (row.city, row.region, row.country))),
        }
        lines = ["What we hold about you:", *_listed(held)]
        source = {"Source": row.source, "Date": row.source_date, "Consent": row.consent_note}
        lines += ["", "Where it came from:", *(_listed(source) or ["  (not recorded)"])]
        paragraphs.append("\n".join(lines))
    return list(dict.fromkeys(paragraphs))


def _listed(table: dict[str, str]) -> list[str]:
    return [words.hanging(f"  {name}", value, 12) for name, value in table.items() if value.strip()]


def _purpose(desk: Desk, rows: Sequence[Lead]) -> list[str]:
    settings = desk.parts.settings
    company = next((row.company for row in rows if row.company), "your company")
    world = desk.parts.world
    names = (world.store.name, world.mailer.name, world.writer.name, world.researcher.name)
    services = ", ".join(SERVICES[name] for name in names if name in SERVICES)
    told = {
        f"Purpose: to offer {company} what we do, in a few personal business mails.": True,
        f"What we offer: {settings.campaign.offer}": settings.campaign.offer,
        f"Legal basis: {settings.legal_basis}": settings.legal_basis,
        f"Services that handle your data for us: {services}.": services,
    }
    return [paragraph for paragraph, is_known in told.items() if is_known]


async def _written(desk: Desk, mails: Sequence[Attempt], rows: Sequence[Lead]) -> list[str]:
    if not mails:
        return ["We have never written to you."]
    counted = "one mail" if len(mails) == 1 else f"{len(mails)} mails"
    told = [f"We sent you {counted}:"]
    for mail in mails:
        row = next((row for row in rows if row.id == mail.lead), rows[0] if rows else None)
        lines = [_local(mail.posted_at, row), *(await _reported(desk, mail, row))]
        if mail.state in IN_DOUBT:
            lines.append("  (handed to our mail service; whether it left is not certain yet)")
        told.append("\n".join([*lines, *_text(mail)]))
    return told


def _text(mail: Attempt) -> list[str]:
    if not mail.subject and not mail.text:
        return ["  (the text is erased; we do not hold it any more)"]
    return [f"> {line}".rstrip() for line in f"Subject: {mail.subject}\n\n{mail.text}".split("\n")]


async def _reported(desk: Desk, mail: Attempt, row: Lead | None) -> list[str]:
    """What the mail service says became of it: each thing once, with its first instant."""
    first: dict[str, datetime] = {}
    for event in sorted(await desk.parts.world.ledger.events_of(mail.tag), key=lambda event: event.at):
        if event.kind in REPORTED:
            first.setdefault(REPORTED[event.kind], event.at)
    if not first:
        return []
    return ["  our mail service reports: " + "; ".join(f"{what} {_local(at, row)}" for what, at in first.items())]


def _local(at: datetime, row: Lead | None) -> str:
    """An instant on the recipient's own clock; UTC where their zone is not known."""
    zone = words.zone_of(row) if row is not None else None
    if zone is None:
        return f"{at:%A %-d %B %Y, %H:%M} UTC"
    return f"{at.astimezone(zone):%A %-d %B %Y, %H:%M} ({zone.key})"


def _kept(desk: Desk, rows: Sequence[Lead], entry: Suppressed | None) -> list[str]:
    days = desk.parts.settings.keep_days
    kept = (
        f"How long we keep it: the texts of our mails and what we read about your company are erased {days} days after "
        "our last mail or your last word to us. The entry itself stays until you ask us to erase it, so that we know "
        "whom we have written to."
    )
    if entry is None and not any(row.do_not_contact for row in rows):
        return [kept]
    return [kept, "You are on our list of people we do not write to any more. We will not write to you again."]


def _objecting(desk: Desk, entry: Suppressed | None) -> list[str]:
    settings = desk.parts.settings
    campaign = settings.campaign
    reply_to = campaign.reply_to or campaign.sender.email
    ask = f"write one line to {reply_to}"
    how = f"You may ask for a correction or complain to your data protection authority at any time; {ask}."
    if entry is None:
        how = (
            f"You may object at any time, and ask us to correct or erase all of this: answer this mail, or {ask}. We "
            "then never write to you again. You may also complain to your data protection authority."
        )
    more = [f"More about how we treat personal data: {settings.privacy_url}"] if settings.privacy_url else []
    signed = campaign.signature or campaign.sender.name
    return [how, *more, "\n".join(filter(None, (signed, campaign.postal_address)))]


def _lacks(desk: Desk, rows: Sequence[Lead], *, erased: bool) -> list[str]:
    """What the operator has to settle before this can be sent."""
    if erased:
        again = "a row of this address is in the lead store again: outboundd forget it again"
        return [again] if rows else []
    settings: Settings = desk.parts.settings
    gaps: Iterable[tuple[bool, str]] = (
        (any(not row.source.strip() for row in rows), "Source is empty in the row: say where the data came from"),
        (not settings.legal_basis, "[compliance] legal_basis is empty in the configuration"),
        (not settings.privacy_url, "[compliance] privacy_url is empty in the configuration"),
        (
            any(row.owner_notes.strip() for row in rows),
            "Owner notes are not in the letter: tell what concerns them",
        ),
    )
    return [gap for lacks, gap in gaps if lacks]

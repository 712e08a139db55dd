"""Whom must we not write to, because somebody said so, or because another row or colleague already has our ear?"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from outboundd.model.decision import Objection, Stop
from outboundd.model.facts import Facts, History, Sibling
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import NOTHING_LEFT
from outboundd.rules import addresses as spelling
from outboundd.rules import basis
from outboundd.rules.human_acts import asking

# Stages that put the person on the suppression list, and the words stored there.
WORDS: Mapping[Stage, str] = {
    Stage.REPLIED: "replied",
    Stage.BOUNCED: "hard bounce",
    Stage.UNSUBSCRIBED: "unsubscribed",
    Stage.COMPLAINED: "complaint",
    Stage.DO_NOT_CONTACT: "do not contact",
}

ERASED = "erased on request"  # the words stored for those who asked for it

_NEVER = datetime.max.replace(tzinfo=UTC)
_ANYONE = "anyone"  # a domain is good when somebody could have an address there
_COLUMN_END = re.compile(r"[,;\t]")
_COMMENT = re.compile(r"(^|\s)#.*$")


def verdict(lead: Lead, facts: Facts) -> Stop | None:
    """Stop a lead that must not be written to: by the operator's word, the list, another row or a colleague's reply."""
    if lead.do_not_contact:
        return Stop(stage=Stage.DO_NOT_CONTACT, why="Do not contact is ticked")
    if facts.suppressed is not None:
        since = f"{facts.suppressed.since:%Y-%m-%d}"
        why = f"on the suppression list since {since}: {facts.suppressed.why}"
        return Stop(stage=Stage.DO_NOT_CONTACT, why=why)
    return _same_person(lead, facts.history) or _same_company(lead, facts.history)


def why_for(stage: Stage) -> str:
    """The words stored when a lead reaching `stage` puts its person on the list; empty for a stage that does not."""
    return WORDS.get(stage, "")


def parse(text: str) -> tuple[list[str], list[str], list[tuple[int, str, str]]]:
    """Addresses, domains and rejects (line number, what stood there, why) of a list for `import --suppress`.

    One entry a line, or the first column of a CSV;
    a domain bare or behind an @. A header and # comments are passed over.
    """
    addresses: list[str] = []
    domains: list[str] = []
    rejects: list[tuple[int, str, str]] = []
    begun = False
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        content = _COMMENT.sub("", line).strip()
        if not content:
            continue
        entry = _COLUMN_END.split(content)[0].strip(" \"'")
        is_header = not begun and bool(entry) and "@" not in entry and "." not in entry
        begun = True
        if not is_header:
            _sort_in(entry, number, addresses, domains, rejects)
    return list(dict.fromkeys(addresses)), list(dict.fromkeys(domains)), rejects


def _same_person(lead: Lead, history: History) -> Stop | None:
    """Of two rows of one person the one mailed first is the lead, else the older; the others are finished."""
    mine = _rank(_first_posted_at(lead, history), lead.created_at, lead.id)
    first = min((_rank_of(sibling) for sibling in history.siblings), default=mine)
    if mine <= first:
        return None
    return Stop(stage=Stage.FINISHED, why=f"same person as row {first[2]}")


def _first_posted_at(lead: Lead, history: History) -> datetime | None:
    """When this row was mailed first. An older system's rows have the column and no attempt."""
    posts = [attempt.posted_at for attempt in history.attempts if attempt.state not in NOTHING_LEFT]
    return min(posts, default=lead.first_sent_at)


def _rank_of(sibling: Sibling) -> tuple[datetime, datetime, str]:
    return _rank(sibling.first_posted_at, sibling.created_at, sibling.id)


def _rank(first_posted_at: datetime | None, created_at: datetime | None, row: str) -> tuple[datetime, datetime, str]:
    return first_posted_at or _NEVER, created_at or _NEVER, row


def _same_company(lead: Lead, history: History) -> Stop | None:
    reply = history.company_reply
    if reply is None or reply.lead == lead.id:
        return None
    if basis.waived(Objection.SAME_COMPANY, basis.identity(lead), history.waivers):
        return None
    return Stop(
        stage=Stage.REVIEW,
        objection=Objection.SAME_COMPANY,
        why=asking(
            f"someone at this company replied on {reply.at:%Y-%m-%d} (lead {reply.lead})", Objection.SAME_COMPANY
        ),
    )


def _sort_in(
    entry: str, number: int, addresses: list[str], domains: list[str], rejects: list[tuple[int, str, str]]
) -> None:
    local, _, domain = entry.rpartition("@")
    try:
        address = spelling.normalise(f"{local or _ANYONE}@{domain}")
    except ValueError:
        rejects.append((number, entry, "neither an address nor a domain: one entry a line, in the first column"))
        return
    if local:
        addresses.append(address)
    else:
        domains.append(address.partition("@")[2])

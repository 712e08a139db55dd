"""On what was a stage reached, and has it changed since?"""

import json
from collections.abc import Iterable

from outboundd.model.decision import Objection, Waiver
from outboundd.model.lead import Lead
from outboundd.rules import addresses
from outboundd.rules.texts import normalise, text_hash


def identity(lead: Lead) -> str:
    """The basis of an attribution: address, name, company, website, each in its one spelling."""
    return _hash_of(_identity_of(lead))


def draft(lead: Lead, mark: str = "") -> str:
    """The basis of a draft, `identity:text`, so that an edited text and an edited identity can be told apart.

    One that a writer wrote is `identity:text:mark`; the mark tells with which prompt (`rules/written_with.py`).
    """
    on = f"{identity(lead)}:{_hash_of([normalise(lead.subject), normalise(lead.body)])}"
    return f"{on}:{mark}" if mark else on


def of_identity(on: str) -> str:
    """The identity's part of a basis."""
    return on.partition(":")[0]


def of_text(on: str) -> str:
    """The text's part of a basis; empty where there was no text."""
    return on.partition(":")[2].partition(":")[0]


def mark_of(on: str) -> str:
    """With which prompt the text was written; empty where nobody knows, or a human wrote it."""
    return on.partition(":")[2].partition(":")[2]


def identity_edited(lead: Lead, reached_on: str) -> bool:
    """Has the operator edited address, name, company or website since the stage was reached on this basis?"""
    return bool(reached_on) and of_identity(reached_on) != identity(lead)


def text_edited(lead: Lead, reached_on: str) -> bool:
    """Has the operator edited the draft's subject or text since it was written, or last looked at?"""
    return ":" in reached_on and of_text(reached_on) != of_text(draft(lead))


def waived(objection: Objection, on: str, waivers: Iterable[Waiver]) -> bool:
    """Was this objection approved for this very person at this company, whatever the text was?"""
    return any(w.objection is objection and of_identity(w.basis) == of_identity(on) for w in waivers)


def text_waived(lead: Lead, waivers: Iterable[Waiver]) -> bool:
    """Were the soft faults of this very text, to this very person, approved?"""
    on = identity(lead), of_text(draft(lead))
    return any(w.objection is Objection.LINT and (of_identity(w.basis), of_text(w.basis)) == on for w in waivers)


def _identity_of(lead: Lead) -> list[str]:
    return [_address(lead.email), *(normalise(text) for text in (lead.contact, lead.company, lead.website))]


def _address(email: str) -> str:
    try:
        return addresses.normalise(email)
    except ValueError:
        return normalise(email).lower()


def _hash_of(parts: list[str]) -> str:
    """JSON keeps the parts apart, so that a word moved from one to the next is a change."""
    return text_hash(json.dumps(parts, ensure_ascii=False))

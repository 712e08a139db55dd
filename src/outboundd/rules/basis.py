"""On what was a stage reached, and has it changed since?"""

import json

from outboundd.model.lead import Lead
from outboundd.rules import addresses
from outboundd.rules.texts import normalise, text_hash


def identity(lead: Lead) -> str:
    """The basis of an attribution: address, name, company, website, each in its one spelling."""
    return _hash_of(_identity_of(lead))


def draft(lead: Lead) -> str:
    """The basis of a draft, `identity:text`, so that an edited text and an edited identity can be told apart."""
    return f"{identity(lead)}:{_hash_of([normalise(lead.subject), normalise(lead.body)])}"


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

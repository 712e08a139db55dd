"""On what was a stage reached, and has it changed since?"""

import hashlib
import json
import unicodedata

from outboundd.model.lead import Lead
from outboundd.rules import addresses


def identity(lead: Lead) -> str:
    """The basis of an attribution: address, name, company, website, each in its one spelling."""
    return _hash_of(_identity_of(lead))


def draft(lead: Lead) -> str:
    """The basis of a draft, `identity:text`, so that an edited text and an edited identity can be told apart."""
    return f"{identity(lead)}:{_hash_of([normalise_text(lead.subject), normalise_text(lead.body)])}"


def normalise_text(text: str) -> str:
    """NFC, LF line ends, no blanks at the ends of lines and no empty lines at the end."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip("\n")


def text_hash(text: str) -> str:
    """A short name for a text: 16 hex digits of its SHA-256."""
    # A store may hand back half of a surrogate pair; it must be named too, not crash.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _identity_of(lead: Lead) -> list[str]:
    return [_address(lead.email), *(normalise_text(text) for text in (lead.contact, lead.company, lead.website))]


def _address(email: str) -> str:
    try:
        return addresses.normalise(email)
    except ValueError:
        return normalise_text(email).lower()


def _hash_of(parts: list[str]) -> str:
    """JSON keeps the parts apart, so that a word moved from one to the next is a change."""
    return text_hash(json.dumps(parts, ensure_ascii=False))

"""Who is who: what is the one spelling of an email address?"""

import unicodedata
from functools import lru_cache

from email_validator import SPECIAL_USE_DOMAIN_NAMES, validate_email

_LONGEST = 320
_REMEDY = "correct the Email cell"


@lru_cache(maxsize=1 << 16)
def normalise(address: str) -> str:
    """The address in lower case, its domain in IDNA ASCII, plus-tags and dots kept.

    Names reserved for documentation (.example, example.com) pass; those that can never take mail (.invalid, .test,
    .local, .localhost, .onion, .arpa) do not. Raises ValueError with a sentence that does not repeat the address.
    """
    bare = _unwrapped(address)
    fault = _fault(bare)
    if fault:
        raise ValueError(f"{fault}: {_REMEDY}")
    try:
        valid = validate_email(bare, strict=True, check_deliverability=False)
    except ValueError:
        # The library's own sentence may quote a part of the address, and `from None` keeps it out of tracebacks.
        raise ValueError(f"the address is not well formed: {_REMEDY}") from None
    return f"{valid.local_part.lower()}@{valid.ascii_domain}"


def _unwrapped(address: str) -> str:
    """Without what lists and mail programs put around an address: blanks, angle brackets, mailto:."""
    bare = address.strip(" \u00a0")
    if bare.startswith("<") and bare.endswith(">"):
        bare = bare[1:-1].strip(" \u00a0")
    if bare[:7].lower() == "mailto:":
        bare = bare[7:].strip(" \u00a0")
    return bare


def _fault(bare: str) -> str:
    if not bare:
        return "the address is missing"
    if len(bare) > _LONGEST:
        return "the address is too long"
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in bare):
        return "the address holds control characters"
    at_signs = bare.count("@")
    if at_signs != 1:
        return "the address has no @" if not at_signs else "the address has more than one @"
    domain = bare.partition("@")[2].lower()
    if any(domain == name or domain.endswith(f".{name}") for name in SPECIAL_USE_DOMAIN_NAMES):
        return "the domain of the address is a reserved name that takes no mail"
    return ""

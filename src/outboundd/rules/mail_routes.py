"""Can mail to this domain arrive at all, by what the name service says of it?"""

from collections.abc import Sequence

# Names that nobody can register, and those below them (RFC 2606, RFC 6761, RFC 8375, ICANN on .internal; 2026-11): the
# name service tells nothing of them. `addresses.normalise` refuses those that can never take mail.
_RESERVED = "example test invalid localhost local onion arpa internal example.com example.net example.org"
RESERVED = frozenset(_RESERVED.split())


def is_reserved(domain: str) -> bool:
    """A name for documentation and tests, or one that means something on one machine only: not looked up."""
    labels = domain.lower().rstrip(".").split(".")
    return any(".".join(labels[start:]) in RESERVED for start in range(len(labels)))


def objection(exchanges: Sequence[str], *, has_address: bool) -> str:
    """Why no mail can arrive; empty when it may.

    `exchanges` are the names in the MX records, empty for the root: alone it says that the domain takes no mail
    (RFC 7505). Without any, mail goes to the address of the domain itself (RFC 5321 section 5.1).
    """
    if exchanges:
        return "" if any(exchanges) else "the domain of the address says that it takes no mail (null MX)"
    return "" if has_address else "the domain of the address takes no mail (neither MX nor A or AAAA record)"

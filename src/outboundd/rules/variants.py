"""Which A/B arm does a new lead get?"""

import hashlib
from itertools import accumulate

from outboundd.model.settings import Variant


def choose(lead_key: str, variants: tuple[Variant, ...]) -> str:
    """The arm of a lead that has none yet: by weight, and the same for the same key on every machine.

    It is fixed for life, so it is asked for once. Raises ValueError when no variant takes new leads.
    """
    total = sum(variant.weight for variant in variants)
    if total <= 0:
        raise ValueError("No variant takes new leads: give one of [[variants]] a weight above 0.")
    point = int.from_bytes(hashlib.sha256(lead_key.encode()).digest()[:8]) % total
    ends = accumulate(variant.weight for variant in variants)
    return next(variant.name for variant, end in zip(variants, ends, strict=True) if point < end)


def find(name: str, variants: tuple[Variant, ...]) -> Variant | None:
    """The variant of this name; None when the configuration has it no longer."""
    return next((variant for variant in variants if variant.name == name), None)

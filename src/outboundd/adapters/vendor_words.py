"""How do a vendor's own words stand in a failure? In quotation marks, on one line, short; and how is a wait read?"""

import math

from pydantic import ValidationError

LONGEST = 160


def quoted(words: object) -> str:
    """The words as `Failure.detail` holds them; empty for none. Logs and alerts leave out what is quoted."""
    if not isinstance(words, str) or not words.strip():
        return ""
    line = " ".join("".join(char if char.isprintable() else " " for char in words).split()).replace('"', "'")
    return f'"{line}"' if len(line) <= LONGEST else f'"{line[:LONGEST]}…"'


def seconds(text: str | None) -> float | None:
    """A wait that a header names, None where it names none that makes sense."""
    try:
        wait_s = float(text or "")
    except ValueError:
        return None
    return wait_s if math.isfinite(wait_s) and wait_s >= 0 else None


def no_json(error: ValidationError) -> bool:
    """Was it no JSON at all (a gateway's page, half an answer), rather than JSON of another shape than we know?"""
    return error.errors(include_input=False)[0]["type"] == "json_invalid"

"""How is a mistake in the file told? In one sentence: key, value, what is wrong, remedy, and the nearest known key."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from outboundd.config.shape import File

Place = tuple[str | int, ...]

_SHOWN = 60
_SAYS: Mapping[str, str] = {
    "int_type": "must be a whole number; write digits without quotes",
    "float_type": "must be a number; write digits without quotes",
    "finite_number": "must be an ordinary number",
    "string_type": "must be text; put it in quotes",
    "tuple_type": "must be a list; put it in square brackets",
    "model_type": "must be a table; give its keys below a [header]",
    "greater_than_equal": "too small; the least is {ge:g}",
    "less_than_equal": "too large; the most is {le:g}",
    "dict_type": "must be a table; give its keys below a [header]",
    "string_too_long": "too long; at most {max_length} characters",
    "too_long": "too many; at most {max_length}",
    "literal_error": "unknown; use {expected}",
    "value_error": "{error}",
}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One mistake: where it stands in the file and the sentence that tells it."""

    place: Place
    sentence: str


def fault(place: Place, value: object, says: str) -> Fault:
    """The mistake of one key with this value."""
    return Fault(place=place, sentence=_visible(f"{named(place)} = {shown(value)}: {_ended(says)}"))


def absent(place: Place, says: str) -> Fault:
    """The mistake of a key that is not there, or of a whole table."""
    return Fault(place=place, sentence=_visible(f"{named(place)}: {_ended(says)}"))


def told(wrong: ValidationError) -> list[Fault]:
    """What pydantic found, in our words."""
    return [_told(error) for error in wrong.errors(include_url=False)]


def in_order(faults: list[Fault]) -> list[str]:
    """Their sentences sorted by place, each once."""
    return list(dict.fromkeys(one.sentence for one in sorted(faults, key=_rank)))


def named(place: Place) -> str:
    """The place as the operator reads it; entries of a list count from 1."""
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")


def known_part(place: Place) -> str:
    """The place as far as the program knows it: what lies beyond is the file's own word, which a log must not hold."""
    known = _known()
    parts = [part for part in place if isinstance(part, str)]
    named_parts = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in named_parts if name in known), "a key of the file")


def shown(value: object) -> str:
    """The value as it stands in the file, cut short."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def keys(table: type[BaseModel] = File, below: str = "") -> Iterator[str]:
    """Every key of the file with its tables, dotted."""
    for name, field in table.model_fields.items():
        inner = _table(field.annotation)
        if inner is None:
            yield f"{below}{name}"
        else:
            yield from keys(inner, f"{below}{name}.")


def _rank(one: Fault) -> list[tuple[str, int]]:
    return [("", part) if isinstance(part, int) else (part, 0) for part in one.place]


def _table(annotation: object) -> type[BaseModel] | None:
    inner = get_args(annotation)[0] if get_origin(annotation) is tuple else annotation
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _told(error: ErrorDetails) -> Fault:
    place, value, kind = error["loc"], error["input"], error["type"]
    if kind == "extra_forbidden":
        return _unknown(place, value)
    if kind == "missing":
        return _missing(place, value)
    if kind == "tuple_type" and isinstance(value, dict):
        return absent(place, f"must be a list of tables; write [[{named(place)}]] with double brackets")
    if kind not in _SAYS:
        return fault(place, value, error["msg"])
    says = _SAYS[kind].format(**error.get("ctx", {}))
    return fault(place, value, says.replace("'", '"') if kind == "literal_error" else says)


def _missing(place: Place, value: object) -> Fault:
    if isinstance(place[-1], int):
        return fault(place[:-1], value, "must hold two entries; write both in the square brackets")
    return absent(place, "missing; write it, the shipped config.toml shows how")


def _unknown(place: Place, value: object) -> Fault:
    name = ".".join(str(part) for part in place if isinstance(part, str))
    near = _nearest(name)
    says = f"no such key; did you mean {near}?" if near else "no such key; remove it"
    return absent(place, says) if isinstance(value, dict) else fault(place, value, says)


def _nearest(name: str) -> str:
    known = _known()
    table, _, last = name.rpartition(".")
    moved = [key for key in known if key.rpartition(".")[2] == last]  # a key that fell into the wrong table
    siblings = {key.rpartition(".")[2]: key for key in known if key.rpartition(".")[0] == table}
    near = moved or [siblings[one] for one in get_close_matches(last, siblings, n=1)]
    return near[0] if near else ""


def _known() -> list[str]:
    """Every key and every table."""
    found: dict[str, None] = {}
    for key in keys():
        parts = key.split(".")
        found.update(dict.fromkeys(".".join(parts[:length]) for length in range(1, len(parts) + 1)))
    return list(found)


def _visible(text: str) -> str:
    """Keys and values are the file's own words: what would break or turn a log line is written as its escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _ended(text: str) -> str:
    return text if text.endswith(("?", ".")) else text + "."

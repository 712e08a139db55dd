"""What names our own pages that this version cannot do yet, and what must never stand in the file at all?"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from outboundd.config.sentences import Fault, Place, absent, fault

_KEYS: frozenset[Place] = frozenset(
    {
        ("review",),
    }
)
_SECRET_KEY = re.compile(r"api_?key|token|secret|password", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"xkeysib-|sk-|pplx-|pat[A-Za-z0-9]{14}\.|\d{6,}:[\w-]{30,}|\w+://[^/@]*@")


def faults(document: Mapping[str, Any]) -> list[Fault]:
    """Every secret, and every key and value that is not built yet."""
    secrets = list(_secrets(document, ()))
    places = {one.place for one in secrets}
    return [*secrets, *(one for one in _unbuilt(document) if one.place not in places)]


def _unbuilt(document: Mapping[str, Any]) -> Iterator[Fault]:
    for place in _KEYS:
        value = _at(document, place)
        if isinstance(value, dict):
            yield absent(place, "not built yet; remove this table")
        elif value is not None:
            yield fault(place, value, "not built yet; remove this key")


def _secrets(value: object, place: Place) -> Iterator[Fault]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _secrets(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _secrets(inner, (*place, index))
    elif _SECRET_KEY.search(str(place[-1])) or (isinstance(value, str) and _SECRET_VALUE.match(value)):
        # the value is not repeated: this sentence goes to logs and alerts
        yield absent(place, "secrets never stand in the file; use the environment or systemd credentials")


def _at(document: Mapping[str, Any], place: Place) -> object:
    value: object = document
    for part in place:
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value

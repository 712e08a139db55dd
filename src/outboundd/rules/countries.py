"""Which country does a cell of a list name?"""

from importlib.resources import files

from outboundd.rules.place_names import fold
from outboundd.rules.tables.country_names import ALIASES, ALPHA_3


def _read_names() -> dict[str, str]:
    text = (files("tzdata.zoneinfo") / "iso3166.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return dict(rows)


def _index(names: dict[str, str]) -> dict[str, str]:
    alpha_2_and_3 = ALPHA_3.split()
    index = {fold(name): code for code, name in names.items()}
    index |= {fold(alias): code for code, aliases in ALIASES.items() for alias in aliases.split(";")}
    index |= {fold(long): code for code, long in zip(alpha_2_and_3[::2], alpha_2_and_3[1::2], strict=True)}
    index |= {fold(code): code for code in names}
    return index


_NAMES = _read_names()
_INDEX = _index(_NAMES)


def code_of(text: str) -> str | None:
    """The ISO 3166 alpha-2 code of the country that `text` names by code, name, alias or endonym; None if none."""
    return _INDEX.get(fold(text))


def name_of(code: str) -> str:
    """The English name of an alpha-2 code that `code_of` gave."""
    return _NAMES[code]

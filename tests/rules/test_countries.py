"""Which country does a cell of a list name?"""

from importlib.resources import files

import pytest

from outboundd.rules.countries import code_of, name_of
from outboundd.rules.tables.country_names import ALIASES, ALPHA_3

ISO = [
    line.split("\t")
    for line in (files("tzdata.zoneinfo") / "iso3166.tab").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("USA", "US"),
        ("United States of America", "US"),
        ("u.s.", "US"),
        ("UK", "GB"),
        ("Great Britain", "GB"),
        ("Brasil", "BR"),
        ("Deutschland", "DE"),
        ("ÖSTERREICH", "AT"),
        ("Oesterreich", "AT"),
        ("Schweiz", "CH"),
        ("España", "ES"),
        ("espana", "ES"),
        ("UAE", "AE"),
        ("Czechia", "CZ"),
        ("TÜRKİYE", "TR"),
        ("Korea, Republic of", "KR"),
        ("Congo, Democratic Republic of the", "CD"),
        ("Cote d'Ivoire", "CI"),
        ("Côte d’Ivoire", "CI"),
        ("  the   Netherlands ", "NL"),
        ("Bosnia and Herzegovina", "BA"),
        ("St. Lucia", "LC"),
        ("ST", "ST"),
        ("中国", "CN"),
        ("DEU", "DE"),
        ("de", "DE"),
    ],
)
def test_a_country_is_understood_the_way_people_write_it(text: str, code: str) -> None:
    """Codes, names, aliases and endonyms resolve whatever their case, spaces and diacritics."""
    assert code_of(text) == code


@pytest.mark.parametrize("text", ["Atlantis", "", "   ", "n/a", "-", "Europe", "XX", "EMEA"])
def test_a_word_that_is_no_country_is_not_guessed_at(text: str) -> None:
    """What names no country resolves to nothing, never to the nearest name."""
    assert code_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Australia", "Brasil", "Brazil", "Canada", "Deutschland", "France", "Germany", "India", "Israel", "Japan",
        "Nepal", "Poland", "Saudi Arabia", "Singapore", "South Africa", "USA", "United Arab Emirates", "United Kingdom",
        "United States",
    ],
)  # fmt: skip
def test_every_country_of_the_sample_exports_is_known(text: str) -> None:
    """The countries that prospecting tools and spreadsheets wrote into our samples all resolve."""
    assert code_of(text) is not None


def test_every_country_of_the_tz_database_is_known_by_code_and_by_name() -> None:
    """The 249 codes and English names of iso3166.tab resolve to themselves, and back to the name."""
    for code, name in ISO:
        assert (code_of(code), code_of(name), name_of(code)) == (code, code, name)


def test_no_alias_names_two_countries() -> None:
    """Every alias and three-letter code leads to its own country, so none hides another."""
    codes = ALPHA_3.split()
    assert sorted(codes[::2]) == sorted(code for code, _ in ISO)
    for code, long in zip(codes[::2], codes[1::2], strict=True):
        assert code_of(long) == code
    for code, names in ALIASES.items():
        for name in names.split(";"):
            assert code_of(name) == code, name

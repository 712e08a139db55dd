"""Is a mail in the language that was asked for, and in English where that is unclear?"""

import pytest

from outboundd.rules import countries
from outboundd.rules.languages import is_known, name_of, of_mail
from outboundd.rules.tables.languages import LANGUAGE_COUNTRIES, NAMES


@pytest.mark.parametrize("country", ["", "Atlantis", "BE", "Switzerland", "CA", "IN", "AE", "GB", "US", "LU", "ZA"])
def test_where_it_is_unclear_a_mail_is_in_english(country: str) -> None:
    """No country, an unknown one, one of several languages, one that does business in English."""
    assert of_mail("recipient", country) == "en"


@pytest.mark.parametrize(
    ("country", "tag"),
    [
        ("DE", "de"),
        ("Deutschland", "de"),
        ("AUT", "de"),
        ("Brazil", "pt"),
        ("Mexico", "es"),
        ("TW", "zh-Hant"),
        ("jp", "ja"),
    ],
)
def test_the_recipients_language_is_the_main_one_of_their_country(country: str, tag: str) -> None:
    """By code, name or endonym, as a list has it."""
    assert of_mail("recipient", country) == tag


def test_a_tag_holds_for_everybody() -> None:
    """Wherever they are."""
    assert of_mail("pt-BR", "DE") == "pt-BR"


@pytest.mark.parametrize("tag", ["en", "de", "de-CH", "pt-BR", "zh-Hant", "zh-Hant-TW", "recipient"])
def test_a_tag_of_a_language_with_a_name_is_known(tag: str) -> None:
    """And so is the word for the recipient's own."""
    assert is_known(tag)


@pytest.mark.parametrize("tag", ["", "German", "DE", "xx", "de_CH", "de-", "recipients", "de\n", "en; drop all"])
def test_anything_else_is_not(tag: str) -> None:
    """It would be told to a model as it stands."""
    assert not is_known(tag)


def test_every_country_of_the_table_exists_and_has_one_language_that_has_a_name() -> None:
    """A slip in the table would be a mail in the wrong language."""
    codes = [code for row in LANGUAGE_COUNTRIES.values() for code in row.split()]
    assert len(codes) == len(set(codes))
    assert [code for code in codes if countries.code_of(code) != code] == []
    assert all(is_known(tag) for tag in LANGUAGE_COUNTRIES)
    assert name_of("zh-Hant") == "Chinese (zh-Hant)"
    assert "en" in NAMES

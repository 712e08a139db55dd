"""In which language is a mail written?"""

import re

from outboundd.rules import countries
from outboundd.rules.tables.languages import LANGUAGE_COUNTRIES, NAMES

RECIPIENT = "recipient"
ENGLISH = "en"
_TAG = re.compile(r"[a-z]{2}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?")
_OF_COUNTRY = {code: tag for tag, codes in LANGUAGE_COUNTRIES.items() for code in codes.split()}


def is_known(language: str) -> bool:
    """Is this "recipient", or a tag such as de, pt-BR or zh-Hant of a language that we can name?"""
    return language == RECIPIENT or (_TAG.fullmatch(language) is not None and language[:2] in NAMES)


def of_mail(language: str, country: str) -> str:
    """The tag of the language to write in, by `campaign.language` and the Country cell of the recipient.

    With "recipient" it is the main business language there; English where the cell is empty or not understood, and
    where a country has several (the table says which).
    """
    if language != RECIPIENT:
        return language
    return _OF_COUNTRY.get(countries.code_of(country) or "", ENGLISH)


def name_of(tag: str) -> str:
    """A known tag in words, as in "German (de)"."""
    return f"{NAMES[tag[:2]]} ({tag})"

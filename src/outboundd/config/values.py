"""May this one value stand in the file? Each function returns the value as the program wants it, or says why not."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, time
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from email_validator import EmailNotValidError, validate_email

from outboundd.config import cron as crons
from outboundd.model.lead import COLUMNS
from outboundd.rules import languages

T = TypeVar("T")

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they make a text read other than it is
_BREAKS = ("Cc", "Cs", "Zl", "Zp")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def some(entries: tuple[T, ...]) -> tuple[T, ...]:
    """A list that holds something."""
    if not entries:
        raise ValueError("is empty; give at least one entry, or leave the key out")
    return entries


def line(text: str) -> str:
    """One line of text. A line break in a name or address would begin a mail header of its own."""
    if _unsafe(text):
        raise ValueError("holds a line break or a control character; write it on one line")
    return text


def block(text: str) -> str:
    """Text of several lines."""
    if _unsafe(text.replace("\n", "").replace("\t", "")):
        raise ValueError("holds a control character; take it out")
    return text


def person(text: str) -> str:
    """A name as it stands beside an address."""
    if not text.strip():
        raise ValueError("is empty; write the name that recipients shall see")
    if set(text) & set('<>"\\@'):
        raise ValueError('holds one of < > " \\ @; write the plain name')
    return line(text)


def campaign(text: str) -> str:
    """A campaign's name, which is part of every tag at the mailer."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", text):
        raise ValueError("is part of every mail's tag; use 1 to 32 of a-z, 0-9 and -, the first a letter or digit")
    return text


def word(text: str) -> str:
    """A name that stands in columns and figures."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", text):
        raise ValueError("is no plain name; use 1 to 32 letters, digits, _ and -, the first a letter or digit")
    return text


def address(text: str) -> str:
    """A mail address that every mailer takes."""
    try:
        return validate_email(text, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError as wrong:
        raise ValueError('is no mail address; write it like "ada@acme.example"') from wrong


def address_or_none(text: str) -> str:
    """A mail address, or nothing."""
    return address(text) if text else ""


def domain(text: str) -> str:
    """A domain in lower-case ASCII."""
    try:
        return validate_email(f"a@{text}", check_deliverability=False).ascii_domain
    except EmailNotValidError as wrong:
        raise ValueError('is no domain; write it like "acme.example", without @ and https://') from wrong


def zone(name: str) -> str:
    """A time zone of the tz database."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as wrong:
        # "Berlin" alone is what people write: look at the last part as well
        known = {zone.rpartition("/")[2].lower(): zone for zone in sorted(available_timezones())}
        near = get_close_matches(name.rpartition("/")[2].lower(), known, n=1)
        remedy = f'did you mean "{known[near[0]]}"?' if near else 'write it like "Europe/Berlin"'
        raise ValueError(f"is no time zone; {remedy}") from wrong
    return name


def country(code: str) -> str:
    """An ISO country code, or * for all countries."""
    if code == "*" or code in _countries():
        return code
    if code.upper() in _countries():
        raise ValueError(f'is no country code; write "{code.upper()}"')
    remedy = 'write "GB"' if code.upper() == "UK" else 'use the two-letter ISO codes like "DE", or "*" for all'
    raise ValueError(f"is no country code; {remedy}")


def clock_time(value: object) -> time:
    """A time of day, hours and minutes."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError('is no time of day; write it in quotes, like "09:00"')
    return time.fromisoformat(value)


def closed_days(value: object) -> tuple[date, date]:
    """One day, or the first and the last of several."""
    wanted = 'write it in quotes, like "2026-12-24" or "2026-12-24..2027-01-02"'
    if not isinstance(value, str):
        raise ValueError(f"is no day; {wanted}")  # noqa: TRY004  pydantic takes ValueErrors for sentences
    first_text, _, last_text = value.partition("..")
    first, last = _day(first_text, wanted), _day(last_text or first_text, wanted)
    if last < first:
        raise ValueError(f'ends before it begins; write "{last}..{first}"')
    return first, last


def cron(text: str) -> str:
    """A cron line in UTC."""
    crons.check(text)
    return text


def place(text: str) -> str:
    """A path as the file names it."""
    if not text.strip():
        raise ValueError("is empty; give a path, relative to this file or from /")
    if text[0] in "~$":
        raise ValueError("is not expanded; write the path out, relative to this file or from /")
    return line(text)


def place_or_none(text: str) -> str:
    """A path as the file names it, or nothing."""
    return place(text) if text else ""


def language(tag: str) -> str:
    """A language that a writer can be asked for."""
    if not languages.is_known(tag):
        raise ValueError('is no language known here; write a tag like "de" or "pt-BR", or "recipient"')
    return tag


def filled(text: str) -> str:
    """A name that is not left empty."""
    if not text.strip():
        raise ValueError("is empty; write the name, or leave the key out")
    return text


def base_or_none(text: str) -> str:
    """The id of an Airtable base, or nothing."""
    if text and not re.fullmatch(r"app[A-Za-z0-9]{14}", text):
        raise ValueError("is no id of a base; it stands in the base's address: app and 14 letters or digits")
    return text


def titles(given: Mapping[str, str]) -> Mapping[str, str]:
    """Our column names and what they are called over there."""
    for ours, theirs in given.items():
        if ours not in COLUMNS.values():
            near = get_close_matches(ours, COLUMNS.values(), n=1)
            remedy = f'did you mean "{near[0]}"?' if near else "see the list of columns in docs/OPERATING.md"
            raise ValueError(f'names "{ours}", which is no column of ours; {remedy}')
        if not theirs.strip():
            raise ValueError(f'gives "{ours}" no name; write the name of your column, or leave the line out')
    called = {title: given.get(title, title) for title in COLUMNS.values()}
    doubles = {theirs for theirs in called.values() if list(called.values()).count(theirs) > 1}
    if doubles:
        raise ValueError(f'gives two columns the name "{min(doubles)}"; each needs a column of its own')
    return given


def url(text: str) -> str:
    """Where a vendor is asked. A key must not travel unencrypted, except on this machine."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError('is no address of an API; write it like "https://api.example.com/v3"')
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError("would send the key unencrypted; use https, http is for this machine alone")
    return line(text.rstrip("/"))


def url_or_none(text: str) -> str:
    """Where somebody is told, or nobody."""
    return url(text) if text else ""


def page_or_none(text: str) -> str:
    """A page that anybody may open, or none."""
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in text:
        raise ValueError('is no address of a page; write it like "https://acme.example/privacy"')
    return line(text)


def night(value: object) -> tuple[time, ...]:
    """From when until when it is quiet, perhaps over midnight; an empty list: never."""
    if not isinstance(value, list) or len(value) not in (0, 2):
        raise ValueError('must hold two times, like ["22:00", "07:00"], or none: []')
    begins_ends = tuple(clock_time(one) for one in value)
    if len(set(begins_ends)) == 1:
        raise ValueError("begins and ends at the same time; write two times, or [] for never")
    return begins_ends


def prices(given: tuple[float, ...]) -> tuple[float, ...]:
    """What a model costs: input, cached input, output."""
    if len(given) not in (0, 3):
        raise ValueError("must hold three prices, USD per million tokens: [input, cached input, output]")
    return given


def _unsafe(text: str) -> bool:
    return any(unicodedata.category(char) in _BREAKS or char in _BIDI for char in text)


def _day(text: str, wanted: str) -> date:
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError as wrong:
        raise ValueError(f"is no day of the calendar; {wanted}") from wrong


@cache
def _countries() -> frozenset[str]:
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    return frozenset(row.partition("\t")[0] for row in table.splitlines() if not row.startswith("#"))

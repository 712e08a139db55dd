"""What does it mean when Airtable says no?

The word in the body decides before the status: one status stands for several things (429: too fast, or the month is
used up). Airtable docs, "Errors", and public issue logs; none of it was seen on a live base. Column, table and view
names are the operator's own and stand in plain words; everything else the vendor says stands in quotation marks.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus

import requests

from outboundd.model.lead import Stage
from outboundd.ports import Broken, Exhausted, Failure, Refused, Transient

VENDOR = "airtable"
GONE = "row is gone"
NO_SENSE = "answer makes no sense"

# After a 429 every request within 30 s is refused, too (Airtable docs, "Rate limits"). No header says so.
LOCKED_OUT_S = 30.0

RATE_LIMITED = "RATE_LIMIT_REACHED"
MONTH_USED_UP = "PUBLIC_API_BILLING_LIMIT_EXCEEDED"
_NO_ACCESS = "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND"
_LONGEST_QUOTE = 200


class ListingLost(Exception):
    """The vendor forgot the listing that we were reading: begin again at the first page."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the leads lie, in the operator's words; `titles` are the columns' names. `view` is empty for none."""

    base: str
    table: str
    view: str
    titles: Collection[str]


@dataclass(frozen=True, kw_only=True)
class _No:
    """One refusal: the vendor's word and sentence ("" where it gave none), the request, and where it was asked."""

    status: int
    word: str
    said: str
    method: str
    path: str
    retry_after: str
    place: Place
    now: datetime

    @property
    def is_schema(self) -> bool:
        return "/meta/" in self.path

    @property
    def quote(self) -> str:
        """The vendor's own words, in quotation marks: they may quote a cell."""
        text = " ".join(f"{self.word} {self.said}".split()).replace('"', "'")
        return f'"{text[:_LONGEST_QUOTE]}"' if text else f"status {self.status}"


def word_of(response: requests.Response) -> str:
    """The vendor's own name of an error; empty where it gave none."""
    return _body(response)[0]


def raise_for(response: requests.Response, place: Place, now: datetime) -> None:
    """Raises the failure that an answer other than 2xx means, or ListingLost."""
    if response.ok and response.status_code < HTTPStatus.MULTIPLE_CHOICES:
        return
    word, said = _body(response)
    if word == "LIST_RECORDS_ITERATOR_NOT_AVAILABLE":
        raise ListingLost
    request = response.request
    no = _No(
        status=response.status_code,
        word=word,
        said=said,
        method=request.method or "",
        path=request.path_url,
        retry_after=response.headers.get("Retry-After", ""),
        place=place,
        now=now,
    )
    raise _failure(no)


def no_answer(error: Exception) -> Failure:
    """The failure that an exception of requests or pyairtable means. Each of our requests may be repeated."""
    name = type(error).__name__
    if isinstance(error, requests.exceptions.InvalidHeader | UnicodeError):
        return Exhausted(
            VENDOR, "token is malformed", "AIRTABLE_TOKEN holds characters that no token has: copy it anew"
        )
    if isinstance(error, requests.exceptions.JSONDecodeError):
        return Transient(VENDOR, NO_SENSE, name)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Transient(VENDOR, "no connection", name)
    if isinstance(error, requests.exceptions.ConnectionError | requests.exceptions.Timeout):
        return Transient(VENDOR, "no answer", name)
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return Transient(VENDOR, "no answer", name)
    return Broken(VENDOR, NO_SENSE, name)


def _body(response: requests.Response) -> tuple[str, str]:
    """Word and sentence of a body in any of the shapes that were seen: object, word, list, bare text, HTML, nothing."""
    try:
        said = json.loads(response.content)
    except ValueError:
        return "", ""
    if isinstance(said, dict):
        errors = said.get("errors")
        said = said.get("error", errors[0] if isinstance(errors, list) and errors else None)
    if isinstance(said, str):
        return said, ""
    if not isinstance(said, dict):
        return "", ""
    word, sentence = said.get("type", said.get("error")), said.get("message")
    return word if isinstance(word, str) else "", sentence if isinstance(sentence, str) else ""


def _failure(no: _No) -> Failure:
    by_word = _BY_WORD.get(no.word)
    if by_word is not None:
        return by_word(no)
    if no.word.startswith("VIEW_"):  # which words a deleted view brings is not documented
        return _no_view(no)
    by_status = _BY_STATUS.get(no.status)
    if by_status is not None:
        return by_status(no)
    if no.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _fault(no)
    if no.method == "PATCH":  # one row of a batch may be at fault, and only row by row shows which
        return Refused(VENDOR, "refused", no.quote)
    return Broken(VENDOR, f"request is refused with {no.status}", no.quote)


def _too_fast(_: _No) -> Failure:
    return Transient(VENDOR, "too many requests", retry_after_s=LOCKED_OUT_S)


def _month_used_up(no: _No) -> Failure:
    now = no.now.astimezone(UTC)
    year, month = (now.year, now.month + 1) if now.month < 12 else (now.year + 1, 1)
    first = datetime(year, month, 1, tzinfo=UTC)
    return Exhausted(VENDOR, "monthly API calls are used up", "wait for next month, or upgrade the plan", until=first)


def _fault(no: _No) -> Failure:
    wait_s = float(no.retry_after) if no.retry_after.isdecimal() else None
    return Transient(VENDOR, "fault at the vendor", f"status {no.status}", retry_after_s=wait_s)


def _no_token(_: _No) -> Failure:
    return Exhausted(VENDOR, "token is refused", "AIRTABLE_TOKEN is missing, mistyped or revoked: make a new one")


def _not_permitted(no: _No) -> Failure:
    if no.is_schema:
        scope = "schema.bases:read" if no.method == "GET" else "schema.bases:write"
    else:
        scope = "data.records:write" if no.method in {"PATCH", "DELETE"} else "data.records:read"
    return Exhausted(VENDOR, f"token lacks the scope {scope}", f"grant it, and a role in base {no.place.base} to match")


def _not_found(no: _No) -> Failure:
    base, table = f"base {no.place.base}", f"table {no.place.table}"
    what = base if no.is_schema else f"{base} or its {table}"
    remedy = "does it exist, and was the token granted this base? See [store.airtable] base and table"
    return Exhausted(VENDOR, f"no access to {what}", remedy)


def _no_view(no: _No) -> Failure:
    remedy = "make it again, or correct [store.airtable] view"
    return Exhausted(VENDOR, f"view {no.place.view} is missing", remedy)


def _no_column(no: _No) -> Failure:
    column = _column(no)
    what = f"column {column}" if column else "a column"
    remedy = f"rename it back or set [store.fields]; outboundd setup creates a new one; {no.quote}"
    return Exhausted(VENDOR, f"{what} is missing", remedy)


def _bad_formula(no: _No) -> Failure:
    return _no_column(no) if "unknown field" in no.said.lower() else Broken(VENDOR, "formula is refused", no.quote)


def _bad_value(no: _No) -> Failure:
    return Refused(VENDOR, "bad value", f"column {_column(no) or 'unknown'}; {no.quote}")


def _no_option(no: _No) -> Failure:
    wanted = no.said.rpartition(" option ")[2].strip("\"'\\ ")  # its quoting differs between reports
    if wanted not in {stage.value for stage in Stage}:
        return Refused(VENDOR, "select option is missing", f"add it in Airtable, or make the column a text; {no.quote}")
    return Refused(VENDOR, f"select option {wanted} is missing", "add it to the stage column in Airtable")


def _column(no: _No) -> str:
    """The column that the vendor's sentence names, if it is one of ours. In a formula's it stands in lower case."""
    for title in sorted(no.place.titles, key=len, reverse=True):
        if re.search(rf"(?i)\bfields? (names?: )?\"?{re.escape(title)}(?!\w)", no.said):
            return title
    return ""


def _refused(cause: str, no: _No) -> Failure:
    return Refused(VENDOR, cause, no.quote)


_BY_WORD: Mapping[str, Callable[[_No], Failure]] = {
    RATE_LIMITED: _too_fast,
    MONTH_USED_UP: _month_used_up,
    "RETRIABLE_ERROR": _fault,
    "AUTHENTICATION_REQUIRED": _no_token,
    "INVALID_PERMISSIONS": _not_permitted,
    _NO_ACCESS: _not_found,
    "NOT_FOUND": _not_found,
    "TABLE_NOT_FOUND": _not_found,
    "UNKNOWN_FIELD_NAME": _no_column,
    "INVALID_FILTER_BY_FORMULA": _bad_formula,
    "INVALID_VALUE_FOR_COLUMN": _bad_value,
    "INVALID_MULTIPLE_CHOICE_OPTIONS": _no_option,
    "ROW_DOES_NOT_EXIST": partial(_refused, GONE),
}
_BY_STATUS: Mapping[int, Callable[[_No], Failure]] = {
    HTTPStatus.UNAUTHORIZED: _no_token,
    HTTPStatus.PAYMENT_REQUIRED: lambda no: Exhausted(VENDOR, "plan limit is reached", no.quote),
    HTTPStatus.FORBIDDEN: _not_permitted,
    HTTPStatus.NOT_FOUND: _not_found,
    HTTPStatus.REQUEST_TIMEOUT: _fault,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: partial(_refused, "request is too large"),
    HTTPStatus.TOO_MANY_REQUESTS: _too_fast,
}

"""What does each of Airtable's refusals mean, in every shape that docs and reports show? Over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from aiohttp import web
from anyio.lowlevel import checkpoint

from adapters import airtable_world
from outboundd.adapters import airtable_http
from outboundd.adapters.airtable_errors import ListingLost, Place
from outboundd.adapters.airtable_http import Line
from outboundd.adapters.manual_clock import ManualClock
from outboundd.ports import Broken, Exhausted, Failure, Refused, Transient
from outboundd.rules.texts import unquoted
from outboundd.sandbox.server import HTML, Sandbox, serving

NOW = datetime(2026, 11, 24, 14, 2, 11, tzinfo=UTC)
PLACE = Place(base="appBase0000000001", table="Leads", view="Queue", titles=("Stage", "Step", "Next at", "Email"))
DATA, META = "v0/appBase0000000001/Leads", "v0/meta/bases/appBase0000000001/tables"


@dataclass
class Said:
    """A vendor that says one thing whatever it is asked."""

    status: int = 200
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    name: str = "said"
    delay_s: float = 0.0
    asked: list[str] = field(default_factory=list)

    def routes(self) -> list[web.RouteDef]:
        async def answer(request: web.Request) -> web.Response:
            self.asked.append(request.headers.get("Authorization", ""))
            await asyncio.sleep(self.delay_s)
            return web.Response(status=self.status, text=self.body, headers=self.headers)

        return [web.route("*", "/{any:.*}", answer)]

    def dump(self) -> dict[str, str]:
        return {}

    def load(self, state: object) -> None: ...


@asynccontextmanager
async def line_to(said: Said, token: str = "pat1") -> AsyncIterator[Line]:
    """The way to this vendor."""
    world = airtable_world.vendor().world
    async with serving(Sandbox(world, [said])) as url:
        clock = ManualClock(NOW)
        line = Line(token=token, api_url=f"{url}/said", place=PLACE, clock=clock, calls_per_s=1000, counted=checkpoint)
        try:
            yield line
        finally:
            line.close()


async def failure_of(said: Said, method: str = "GET", path: str = DATA, token: str = "pat1") -> Failure:
    """What one request to this vendor raises."""
    async with line_to(said, token) as line:
        with pytest.raises(Failure) as raised:
            await line.call(lambda api: api.request(method, f"{api.endpoint_url}/{path}"))
    return raised.value


def error(word: str, message: str | None = None) -> str:
    """The body in its usual shape."""
    return json.dumps({"error": {"type": word, **({} if message is None else {"message": message})}})


def errors(word: str, message: str = "") -> str:
    """The body in the shape of a list."""
    return json.dumps({"errors": [{"error": word, "message": message}]})


TOO_FAST = "Rate limit exceeded. Please try again later"
NO_OPTION = 'Insufficient permissions to create new select option "\\"{}\\""'
BAD_FORMULA = "The formula for filtering records is invalid: "


@pytest.mark.parametrize(
    ("status", "body", "method", "path", "kind", "words"),
    [
        (401, error("AUTHENTICATION_REQUIRED", "Authentication required"), "GET", DATA, Exhausted, "token is refused"),
        (401, "", "GET", DATA, Exhausted, "AIRTABLE_TOKEN"),
        (402, "", "GET", DATA, Exhausted, "plan limit"),
        (403, error("INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND", "x"), "GET", DATA, Exhausted, "table Leads"),
        (403, error("INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND", "x"), "GET", META, Exhausted, "base appBase0000000001"),
        (403, error("INVALID_PERMISSIONS", "You are not permitted"), "GET", DATA, Exhausted, "data.records:read"),
        (403, error("INVALID_PERMISSIONS", "You are not permitted"), "PATCH", DATA, Exhausted, "data.records:write"),
        (403, error("INVALID_PERMISSIONS", "You are not permitted"), "DELETE", DATA, Exhausted, "data.records:write"),
        (403, error("INVALID_PERMISSIONS", "You are not permitted"), "GET", META, Exhausted, "schema.bases:read"),
        (403, error("INVALID_PERMISSIONS", "You are not permitted"), "POST", META, Exhausted, "schema.bases:write"),
        (404, '{"error": "NOT_FOUND"}', "GET", DATA, Exhausted, "table Leads"),
        (404, error("NOT_FOUND"), "GET", DATA, Exhausted, "table Leads"),
        (404, error("TABLE_NOT_FOUND", "Could not find table"), "GET", DATA, Exhausted, "table Leads"),
        (413, HTML, "PATCH", DATA, Refused, "too large"),
        (400, "", "PATCH", DATA, Refused, "status 400"),
        (400, "", "GET", DATA, Broken, "refused with 400"),
        (422, error("INVALID_REQUEST_UNKNOWN", "parameter validation failed"), "GET", DATA, Broken, "422"),
        (422, error("INVALID_REQUEST_UNKNOWN", "parameter validation failed"), "PATCH", DATA, Refused, "validation"),
        (422, error("INVALID_REQUEST_MISSING_FIELDS"), "PATCH", DATA, Refused, "MISSING_FIELDS"),
        (422, error("INVALID_RECORDS", "up to 10"), "DELETE", DATA, Broken, "INVALID_RECORDS"),
        (422, error("UNKNOWN_FIELD_NAME", 'Unknown field name: "Next at"'), "PATCH", DATA, Exhausted,
         "column Next at is missing"),
        (422, error("UNKNOWN_FIELD_NAME"), "GET", DATA, Exhausted, "a column is missing"),
        (422, error("INVALID_FILTER_BY_FORMULA", BAD_FORMULA + "Unknown field names: stage"), "GET", DATA, Exhausted,
         "column Stage is missing"),
        (422, error("INVALID_FILTER_BY_FORMULA", BAD_FORMULA + "Invalid formula."), "GET", DATA, Broken, "formula"),
        (422, error("INVALID_VALUE_FOR_COLUMN", 'Field "Step" cannot accept the provided value'),
         "PATCH", DATA, Refused, "column Step;"),
        (422, error("INVALID_VALUE_FOR_COLUMN", 'Cannot parse value "x" for field Step'), "PATCH", DATA, Refused,
         "column Step;"),
        (422, error("INVALID_VALUE_FOR_COLUMN"), "PATCH", DATA, Refused, "column unknown"),
        (422, error("INVALID_MULTIPLE_CHOICE_OPTIONS", NO_OPTION.format("verified")), "PATCH", DATA, Refused,
         "option verified is missing"),
        (422, error("INVALID_MULTIPLE_CHOICE_OPTIONS", NO_OPTION.format("Norge")), "PATCH", DATA, Refused, "Norge"),
        (422, error("ROW_DOES_NOT_EXIST", "Record ID rec1 does not exist in this table"), "PATCH", DATA, Refused,
         "row is gone"),
        (422, error("VIEW_NAME_NOT_FOUND", "View Queue not found"), "GET", DATA, Exhausted, "view Queue is missing"),
        (422, error("VIEW_ID_NOT_FOUND"), "GET", DATA, Exhausted, "view Queue is missing"),
        (422, "[]", "GET", DATA, Broken, "422"),
        (429, error("RATE_LIMIT_REACHED", TOO_FAST), "GET", DATA, Transient, "too many requests"),
        (429, errors("RATE_LIMIT_REACHED", TOO_FAST), "GET", DATA, Transient, "too many requests"),
        (429, '{"errors": "RATE_LIMIT_REACHED"}', "GET", DATA, Transient, "too many requests"),
        (429, '"an error"', "GET", DATA, Transient, "too many requests"),
        (429, "null", "GET", DATA, Transient, "too many requests"),
        (429, HTML, "GET", DATA, Transient, "too many requests"),
        (429, errors("PUBLIC_API_BILLING_LIMIT_EXCEEDED"), "GET", DATA, Exhausted, "monthly API calls are used up"),
        (429, error("PUBLIC_API_BILLING_LIMIT_EXCEEDED"), "GET", DATA, Exhausted, "monthly API calls are used up"),
        (500, error("SERVER_ERROR"), "PATCH", DATA, Transient, "fault at the vendor"),
        (502, HTML, "GET", DATA, Transient, "status 502"),
        (503, error("RETRIABLE_ERROR", "safe to retry"), "PATCH", DATA, Transient, "status 503"),
        (302, "", "GET", DATA, Broken, "302"),
    ],
)  # fmt: skip
async def test_each_refusal_has_its_failure_and_words(status, body, method, path, kind, words):
    """The class decides what follows, the words name what is to be mended."""
    failure = await failure_of(Said(status, body), method, path)

    assert type(failure) is kind
    assert words in str(failure)


@pytest.mark.parametrize(
    ("status", "word", "kind"),
    [
        (403, "PUBLIC_API_BILLING_LIMIT_EXCEEDED", Exhausted),
        (500, "AUTHENTICATION_REQUIRED", Exhausted),
        (422, "RETRIABLE_ERROR", Transient),
        (404, "ROW_DOES_NOT_EXIST", Refused),
    ],
)
async def test_the_word_decides_before_the_status(status, word, kind):
    """One status stands for several things."""
    assert type(await failure_of(Said(status, error(word)))) is kind


@pytest.mark.parametrize(
    "body", [error("LIST_RECORDS_ITERATOR_NOT_AVAILABLE"), errors("LIST_RECORDS_ITERATOR_NOT_AVAILABLE")]
)
async def test_a_lost_listing_is_told_apart(body):
    """It is no failure yet: the listing is begun again."""
    async with line_to(Said(422, body)) as line:
        with pytest.raises(ListingLost):
            await line.call(lambda api: api.request("GET", f"{api.endpoint_url}/{DATA}"))


async def test_a_used_up_month_ends_with_the_month_and_too_many_requests_after_thirty_seconds():
    """One is waited for by a human, the other by us."""
    month = await failure_of(Said(429, errors("PUBLIC_API_BILLING_LIMIT_EXCEEDED")))
    second = await failure_of(Said(429, errors("RATE_LIMIT_REACHED")))

    assert (type(month), month.until) == (Exhausted, datetime(2026, 12, 1, tzinfo=UTC))
    assert (type(second), second.retry_after_s) == (Transient, 30)


@pytest.mark.parametrize(("said", "wait_s"), [("20", 20.0), ("", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)])
async def test_a_503_is_asked_again_when_it_says(said, wait_s):
    """Where it says so in seconds."""
    failure = await failure_of(Said(503, HTML, {"Retry-After": said} if said else {}))

    assert (type(failure), failure.retry_after_s) == (Transient, wait_s)


async def test_what_the_vendor_quotes_of_a_row_stands_in_quotation_marks():
    """The row may show it, logs and alerts leave it out."""
    message = 'Cannot parse value "ada@north.example said ""hi""" for field Step'
    failure = await failure_of(Said(422, error("INVALID_VALUE_FOR_COLUMN", message)), "PATCH")

    assert "ada@north.example" in str(failure)
    assert "ada@north.example" not in unquoted(str(failure))
    assert "column Step" in unquoted(str(failure))


@pytest.mark.parametrize("body", [HTML, '{"half": ', "\x00"])
async def test_a_200_that_is_no_json_may_be_asked_for_again(body):
    """A proxy's page, an answer cut off."""
    failure = await failure_of(Said(200, body))

    assert (type(failure), failure.cause) == (Transient, "answer makes no sense")


async def test_a_token_that_no_header_can_hold_is_named():
    """A line end or a curly quote that came along when it was copied."""
    for token in ("pat1\n", "pat1”"):
        assert "token is malformed" in str(await failure_of(Said(), token=token))


async def test_a_netrc_entry_does_not_replace_the_token(tmp_path, monkeypatch):
    """The environment must not change a request."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    said = Said()
    async with line_to(said) as line:
        await line.call(lambda api: api.request("GET", f"{api.endpoint_url}/{DATA}"))

    assert said.asked == ["Bearer pat1"]


async def test_where_nobody_listens_there_is_no_connection():
    """Transient: it may work later."""
    line = Line(
        token="pat1",
        api_url="http://127.0.0.1:9",
        place=PLACE,
        clock=ManualClock(NOW),
        calls_per_s=1000,
        counted=checkpoint,
    )
    with pytest.raises(Transient):
        await line.call(lambda api: api.request("GET", f"{api.endpoint_url}/{DATA}"))
    line.close()


async def test_an_answer_that_never_comes_ends_at_the_read_timeout(monkeypatch):
    """The library has none of its own, and its calls would hold the one thread for ever."""
    monkeypatch.setattr(airtable_http, "READ_TIMEOUT_S", 0.05)
    failure = await failure_of(Said(delay_s=3600.0))

    assert (type(failure), failure.cause) == (Transient, "no answer")

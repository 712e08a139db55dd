"""Is every answer of OpenAI read for what it is: a text, a refusal, a wait, an end, and what each of them cost?"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from outboundd.adapters.openai import ANSWER_MAX_TOKENS, OpenAiWriter
from outboundd.adapters.openai_prices import PRICES
from outboundd.model.mail import Answer, Brief
from outboundd.ports import Ambiguous, Broken, Exhausted, Failure, Refused, Transient
from vendor_stub import Stub, played

LUNA = PRICES["gpt-6-luna"]
BRIEF = Brief(step=0, steps=1, prompt="Write kindly.", data='<data>\n{"company": "North"}\n</data>')
MAIL = json.dumps({"subject": "Cold stores", "body": "Hello,\n\nhow cold is it?"})
USAGE = {
    "prompt_tokens": 2_000,
    "completion_tokens": 400,
    "total_tokens": 2_400,
    "prompt_tokens_details": {"cached_tokens": 1_000},
}
USAGE_USD = (1_000 * 0.10 + 1_000 * 0.01 + 400 * 0.50) / 1e6
HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
WORDS = "Words of the vendor"


def completion(content: str | None = MAIL, finish: str = "stop", refusal: str | None = None) -> dict[str, Any]:
    """A 200 as the vendor gives it."""
    message = {"role": "assistant", "content": content, "refusal": refusal, "annotations": []}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": "gpt-6-luna-2026-09-01",
        "choices": [{"index": 0, "finish_reason": finish, "logprobs": None, "message": message}],
        "usage": USAGE,
    }


def an_error(code: str | None, kind: str = "invalid_request_error", message: str = WORDS) -> dict[str, Any]:
    """An error body as the vendor gives it."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def with_writer(scene: Callable[[Stub, OpenAiWriter], Awaitable[None]], **how: Any) -> None:
    """Play a scene between a writer and the stub."""

    async def main(stub: Stub, url: str) -> None:
        writer = OpenAiWriter(**{"key": "sk-test", "price": LUNA, "api_url": f"{url}/v1", **how})
        try:
            await scene(stub, writer)
        finally:
            await writer.aclose()

    played(main)


def written(status: int, body: Any, **headers: str) -> tuple[Answer | Failure, int]:
    """What comes of one answer said for ever, and how often the vendor was asked."""
    got: list[Answer | Failure] = []
    asked: list[int] = []

    async def scene(stub: Stub, writer: OpenAiWriter) -> None:
        stub.say(status, body, **headers)
        try:
            got.append(await writer.write(BRIEF))
        except Failure as failure:
            got.append(failure)
        asked.append(len(stub.asked))

    with_writer(scene)
    return got[0], asked[0]


def test_a_mail_is_asked_for_in_the_strict_shape_and_kept_nowhere():
    """Instructions and data are two messages; nothing is stored, no effort is spent on hidden reasoning."""

    async def scene(stub: Stub, writer: OpenAiWriter) -> None:
        stub.say(200, completion())
        answer = await writer.write(BRIEF)
        assert json.loads(answer.text) == json.loads(MAIL)
        (asked,) = stub.asked
        assert (asked.method, asked.path) == ("POST", "/v1/chat/completions")
        assert asked.headers["authorization"] == "Bearer sk-test"
        assert asked.body == {
            "model": "gpt-6-luna",
            "messages": [{"role": "system", "content": BRIEF.prompt}, {"role": "user", "content": BRIEF.data}],
            "response_format": {
                "type": "json_schema",
                "json_schema": {
                    "name": "mail",
                    "strict": True,
                    "schema": {
                        "type": "object",
                        "properties": {"subject": {"type": "string"}, "body": {"type": "string"}},
                        "required": ["subject", "body"],
                        "additionalProperties": False,
                    },
                },
            },
            "max_completion_tokens": ANSWER_MAX_TOKENS,
            "store": False,
            "reasoning_effort": "none",
        }

    with_writer(scene)


def test_a_verdict_is_one_of_three_words_by_its_shape():
    """same, other or unclear, with evidence, and the question as it is."""

    async def scene(stub: Stub, writer: OpenAiWriter) -> None:
        stub.say(200, completion('{"verdict": "same", "evidence": "Their page says so."}'))
        answer = await writer.judge("Does north.example belong to North?")
        assert json.loads(answer.text)["verdict"] == "same"
        shape = stub.asked[0].body["response_format"]["json_schema"]
        assert shape["schema"]["properties"]["verdict"]["enum"] == ["same", "other", "unclear"]
        assert shape["schema"]["required"] == ["verdict", "evidence"]
        assert stub.asked[0].body["messages"] == [{"role": "user", "content": "Does north.example belong to North?"}]

    with_writer(scene)


def test_a_model_that_knows_no_effort_is_not_told_one():
    """The 4.x models do not reason."""

    async def scene(stub: Stub, writer: OpenAiWriter) -> None:
        stub.say(200, completion())
        await writer.write(BRIEF)
        assert "reasoning_effort" not in stub.asked[0].body

    with_writer(scene, model="gpt-4o-mini", price=PRICES["gpt-4o-mini"])


def test_what_was_in_the_vendors_cache_is_cheaper():
    """The usage is booked, cached tokens apart."""
    answer, _ = written(200, completion())
    assert isinstance(answer, Answer)
    assert answer.usd == pytest.approx(USAGE_USD)


def test_no_call_costs_more_than_the_bound():
    """A prompt above the bound is not sent at all; one below it cannot cost more."""

    async def scene(stub: Stub, writer: OpenAiWriter) -> None:
        stub.say(200, completion())
        with pytest.raises(Refused, match="too long"):
            await writer.write(Brief(step=0, steps=1, prompt="é" * 32_001))
        assert stub.asked == []
        usage = {"prompt_tokens": 64_500, "completion_tokens": ANSWER_MAX_TOKENS}
        stub.lines = [(200, {**completion(), "usage": usage}, {})]
        answer = await writer.write(Brief(step=0, steps=1, prompt="é" * 32_000))
        assert 0 < answer.usd <= writer.usd_at_most < 0.02

    with_writer(scene)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (completion('{"subject": "Cold', "length"), '{"subject": "Cold'),
        (completion("", "length"), ""),  # eaten by reasoning
        (completion(None, "stop"), ""),
        (completion("", "stop"), ""),
        (completion('{"subject": "Cold'), '{"subject": "Cold'),
        (completion(None, "tool_calls"), ""),
        ({**completion(), "choices": []}, ""),
    ],
    ids=["cut short", "eaten by reasoning", "no content", "empty", "truncated", "tool call", "no choices"],
)
def test_a_text_that_is_no_mail_comes_back_for_a_rewrite_with_its_price(body: Any, text: str):
    """The caller's reader finds the fault and names it; what it cost is known."""
    answer, asked = written(200, body)
    assert isinstance(answer, Answer)
    assert answer.text == text
    assert answer.usd == pytest.approx(USAGE_USD)
    assert asked == 1


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (completion(None, "stop", refusal="I cannot help with that."), "the model refuses"),
        (completion("", "content_filter"), "the vendor's content filter"),
    ],
)
def test_a_refusal_is_final_for_this_lead_and_is_paid_for(body: Any, cause: str):
    """No rewrite would help; the model's words are quoted."""
    failure, asked = written(200, body)
    assert isinstance(failure, Refused)
    assert failure.cause == cause
    assert failure.usd == pytest.approx(USAGE_USD)
    assert asked == 1
    assert failure.detail in ("", '"I cannot help with that."')


def test_a_200_without_json_is_an_answer_that_was_lost():
    """A gateway's page is no lead's fault, and over with the bad hour; what it may have cost is booked."""
    failure, asked = written(200, HTML)
    assert isinstance(failure, Ambiguous)
    assert failure.usd > 0
    assert asked == 1


@pytest.mark.parametrize(
    "body", [{}, [], {"choices": "x"}, {**completion(), "usage": {"prompt_tokens": -1, "completion_tokens": 0}}]
)
def test_a_200_that_is_no_completion_is_a_broken_contract(body: Any):
    """Whatever it is; and what it may have cost is booked."""
    failure, asked = written(200, body)
    assert isinstance(failure, Broken)
    assert failure.usd > 0
    assert asked == 1


def test_a_completion_without_usage_is_booked_at_its_bound():
    """The vendor's type leaves usage out at will."""
    answer, _ = written(200, {**completion(), "usage": None})
    assert isinstance(answer, Answer)
    assert answer.usd > USAGE_USD


@pytest.mark.parametrize("status", [400, 403, 429])
@pytest.mark.parametrize(
    "word",
    [
        "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded", "organization_usage_limit_exceeded", "billing_hard_limit_reached",
        "billing_not_active",
    ],
)  # fmt: skip
def test_used_up_credit_halts_whatever_the_status(word: str, status: int):
    """As code or as type; asked once, for waiting does not help."""
    for body in (an_error(word, "x"), an_error("rate_limit_exceeded", word)):
        failure, asked = written(status, body, retry_after="1")
        assert isinstance(failure, Exhausted)
        assert failure.cause == "credit or spend limit is used up"
        assert asked == 1


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        (401, an_error("invalid_api_key", message="Incorrect API key provided: sk-te*st"), Exhausted, "key"),
        (401, HTML, Exhausted, "key"),
        (403, an_error("unsupported_country_region_territory"), Exhausted, "gpt-6-luna"),
        (404, an_error("model_not_found"), Exhausted, "gpt-6-luna was shut down or is not open to this key"),
        (404, HTML, Exhausted, "api_url"),
        (400, an_error("context_length_exceeded"), Refused, "too long"),
        (400, an_error(None), Refused, "HTTP 400"),
        (429, an_error("rate_limit_exceeded", "tokens", "Request too large for gpt-6-luna"), Refused, "limit"),
        (413, HTML, Refused, "too long"),
        (422, an_error(None), Refused, "HTTP 422"),
    ],
)
def test_what_would_not_change_is_asked_once(status: int, body: Any, kind: type[Failure], says: str):
    """A fault of key or model halts, one of this prompt is this lead's alone; none was billed, no key is shown."""
    failure, asked = written(status, body)
    assert type(failure) is kind
    assert says in str(failure)
    assert "sk-" not in str(failure)
    assert failure.usd == 0
    assert asked == 1


@pytest.mark.parametrize(
    ("status", "body", "headers", "times"),
    [
        (429, an_error("rate_limit_exceeded", "requests"), {}, [0, 5, 10, 15]),
        (429, an_error("rate_limit_exceeded", "requests"), {"retry_after": "20"}, [0, 20, 40, 60]),
        (429, an_error("rate_limit_exceeded", "requests"), {"retry_after_ms": "2500"}, [0, 2.5, 5, 7.5]),
        (429, an_error("rate_limit_exceeded", message="Please try again in 18.642s. Visit"), {},
         [0, 18.642, 37.284, 55.926]),
        (429, an_error("rate_limit_exceeded", message="Please try again in 644ms."), {}, [0, 0.644, 1.288, 1.932]),
        (429, an_error("rate_limit_exceeded", message="Please try again in 1m0s."), {"retry_after": "nan"},
         [0, 60, 120, 180]),
        (429, an_error("slow_down", "rate_limit_error"), {}, [0, 30, 60, 90]),
        (429, an_error("rate_limit_exceeded", message="Please try again in 7m12s."), {}, [0]),
        (429, HTML, {"retry_after": "Tue, 24 Nov 2026 08:00:09 GMT"}, [0, 5, 10, 15]),
        (503, an_error("server_is_overloaded", "service_unavailable_error"), {}, [0, 1, 3, 7]),
        (500, HTML, {}, [0, 1, 3, 7]),
        (408, an_error(None), {}, [0, 1, 3, 7]),
        (409, an_error(None), {}, [0, 1, 3, 7]),
        (502, HTML, {"retry_after": "4"}, [0, 4, 8, 12]),
    ],
)  # fmt: skip
def test_what_passes_is_asked_for_again_when_the_vendor_says(status: int, body: Any, headers: Any, times: list[float]):
    """Four times at most, never by the SDK; a wait longer than a run is worth is left to the next run."""

    async def scene(stub: Stub, writer: OpenAiWriter) -> None:
        stub.say(status, body, **headers)
        with pytest.raises(Transient) as caught:
            await writer.write(BRIEF)
        assert [asked.at_s for asked in stub.asked] == pytest.approx(times, abs=0.01)
        assert caught.value.usd == 0

    with_writer(scene)


def test_a_rate_limit_closes_the_gate_for_every_caller():
    """Who comes while one was told to wait does not ask before."""

    async def scene(stub: Stub, writer: OpenAiWriter) -> None:
        stub.say(429, an_error("rate_limit_exceeded", message="Please try again in 18s."))
        stub.say(200, completion())
        first = asyncio.create_task(writer.write(BRIEF))
        await asyncio.sleep(1)
        await asyncio.gather(first, writer.judge("?"), writer.write(BRIEF))
        assert [asked.at_s >= 18 for asked in stub.asked] == [False, True, True, True]

    with_writer(scene)


def test_no_more_requests_a_minute_than_the_account_may_make():
    """The third waits, and its wait does not count against the deadline of its answer."""

    async def scene(stub: Stub, writer: OpenAiWriter) -> None:
        stub.say(200, completion())
        await asyncio.gather(*(writer.write(BRIEF) for _ in range(5)))
        assert [int(asked.at_s) for asked in stub.asked] == [0, 0, 60, 60, 120]

    with_writer(scene, per_min=2)


@pytest.mark.parametrize("fault", [{"name": "lost_reply"}, {"name": "hang", "value": 3600.0}])
def test_an_answer_that_is_lost_may_have_been_billed_and_is_never_asked_for_again(fault: dict[str, Any]):
    """Ambiguous, with the most that it can have cost."""

    async def scene(stub: Stub, writer: OpenAiWriter) -> None:
        stub.say(200, completion())
        stub.fault(**fault)
        with pytest.raises(Ambiguous) as caught:
            await writer.write(BRIEF)
        assert 0 < caught.value.usd <= writer.usd_at_most
        assert len(stub.asked) == 1

    with_writer(scene)


def test_an_answer_that_dribbles_in_ends_at_the_deadline():
    """A read timeout starts anew with each piece; the deadline of 60 s does not."""

    async def scene(stub: Stub, writer: OpenAiWriter) -> None:
        stub.say(200, completion())
        stub.fault("slow", value=200.0)
        with pytest.raises(Ambiguous):
            await writer.write(BRIEF)
        assert 59 < asyncio.get_running_loop().time() < 61

    with_writer(scene)


def test_where_nobody_listens_nothing_was_sent():
    """A refused connection is Transient and costs nothing."""

    async def scene(_: Stub, writer: OpenAiWriter) -> None:
        with pytest.raises(Transient, match="no connection") as caught:
            await writer.write(BRIEF)
        assert caught.value.usd == 0

    with_writer(scene, api_url="http://127.0.0.1:9/v1")


@pytest.mark.parametrize(
    ("told", "day"), [("2027-01-14", date(2027, 1, 14)), (None, None), ("absent", None)]
)  # fmt: skip
def test_the_day_of_the_shutdown_is_read(told: str | None, day: date | None):
    """As a date, None where the vendor says nothing."""

    async def scene(stub: Stub, writer: OpenAiWriter) -> None:
        entry = {"id": "gpt-6-luna", "object": "model", "created": 1, "owned_by": "openai"}
        stub.say(200, entry if told == "absent" else {**entry, "shutdown_date": told})
        assert await writer.retires_on() == day
        assert stub.asked[0].path == "/v1/models/gpt-6-luna"
        assert (str(day) in await writer.probe()) == (day is not None)

    with_writer(scene)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [(404, an_error("model_not_found"), Exhausted), (401, an_error("invalid_api_key"), Exhausted),
     (200, HTML, Broken), (200, {"shutdown_date": "soon"}, Broken), (500, HTML, Transient)],
)  # fmt: skip
def test_a_probe_names_what_is_wrong(status: int, body: Any, kind: type[Failure]):
    """Key and model are found wanting before the first mail."""

    async def scene(stub: Stub, writer: OpenAiWriter) -> None:
        stub.say(status, body)
        with pytest.raises(kind):
            await writer.probe()

    with_writer(scene)


def test_a_lost_answer_about_the_model_is_asked_for_again():
    """It costs nothing."""

    async def scene(stub: Stub, writer: OpenAiWriter) -> None:
        stub.say(200, {"id": "gpt-6-luna"})
        stub.fault("lost_reply")
        assert await writer.retires_on() is None
        assert len(stub.asked) == 2

    with_writer(scene)


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    """Neither address nor key, headers, proxies or retries are taken from it; nothing tells about this machine."""
    for name, value in {
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "OPENAI_API_KEY": "sk-other",
        "OPENAI_ADMIN_KEY": "sk-admin",
        "OPENAI_ORG_ID": "org-x",
        "OPENAI_PROJECT_ID": "proj-x",
        "OPENAI_CUSTOM_HEADERS": "Authorization: Bearer sk-evil\nX-Evil: 1",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)

    async def scene(stub: Stub, writer: OpenAiWriter) -> None:
        stub.say(200, completion())
        await writer.write(BRIEF)
        headers = stub.asked[0].headers
        assert headers["authorization"] == "Bearer sk-test"
        assert not {"openai-organization", "openai-project", "x-evil", "x-stainless-os"} & headers.keys()

    with_writer(scene)


def test_no_setting_makes_the_sdk_talk():
    """OPENAI_LOG makes its import talkative, with whole requests; the log of the libraries is taken over before."""
    program = (
        "import logging\n"
        "from outboundd.engine import library_lines\n"
        "from outboundd.engine.journal import Log\n"
        "library_lines.take_over(Log())\n"
        "import outboundd.adapters.openai\n"
        "logger = logging.getLogger('openai._base_client')\n"
        "assert logger.isEnabledFor(logging.DEBUG)\n"
        "logger.debug('Request options: %s', {'json_data': 'Dear Rosa'})\n"
        "logger.warning('of Rosa')\n"
    )
    environment = {**os.environ, "OPENAI_LOG": "debug", "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert "library.said" in ran.stdout + ran.stderr
    assert "Rosa" not in ran.stdout + ran.stderr

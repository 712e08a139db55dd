"""How does a model of OpenAI write a mail and judge an attribution? One chat completion each, in a strict shape.

The SDK makes the request and nothing more: it does not retry, it takes nothing from the environment, and its answers
are read here, so that what a call cost is known on every path, also where the answer is refused or cut short.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

import httpx
import openai
from openai import AsyncOpenAI, Omit
from pydantic import BaseModel, NonNegativeInt, ValidationError

from outboundd.adapters import http
from outboundd.adapters.openai_errors import VENDOR, closed_for_s, failure
from outboundd.adapters.openai_prices import Price
from outboundd.adapters.retry import patiently
from outboundd.adapters.vendor_words import no_json, quoted
from outboundd.limits import SlidingWindow
from outboundd.model.mail import Answer, Brief
from outboundd.ports import Ambiguous, Broken, Failure, Refused, Transient

DEADLINE_S = 60.0
# A token is a byte of text or more, so this bounds what a prompt costs; 32 KB is the longest that our own parts make.
PROMPT_MAX_BYTES = 64_000
# What the vendor adds: the marks of two messages and the schema.
OVERHEAD_TOKENS = 500
# The longest letter that the lint lets pass, a token for each of its characters.
ANSWER_MAX_TOKENS = 4_000

_MAIL = {"subject": {"type": "string"}, "body": {"type": "string"}}
_VERDICT = {"verdict": {"type": "string", "enum": ["same", "other", "unclear"]}, "evidence": {"type": "string"}}


class _Cached(BaseModel):
    cached_tokens: NonNegativeInt | None = None
    cache_write_tokens: NonNegativeInt | None = None


class _Usage(BaseModel):
    prompt_tokens: NonNegativeInt
    completion_tokens: NonNegativeInt
    prompt_tokens_details: _Cached | None = None


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message = _Message()
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice]
    usage: _Usage | None = None


class _Model(BaseModel):
    shutdown_date: date | None = None


class _Sdk(AsyncOpenAI):
    """The SDK without what it would take from the environment and from the machine."""

    def __init__(self, *, key: str, api_url: str, client: httpx.AsyncClient) -> None:
        # openai 3.x is typed for httpx2 and takes httpx at run time; one HTTP stack for all vendors is worth the cast.
        super().__init__(
            api_key=key, base_url=api_url, timeout=DEADLINE_S, max_retries=0, http_client=cast("Any", client)
        )
        # Else it is found out in a thread that a virtual clock does not see; it serves the vendor's statistics only.
        self._platform = "Unknown"

    @property
    def default_headers(self) -> dict[str, str | Omit]:
        """No OPENAI_ORG_ID, OPENAI_PROJECT_ID or OPENAI_CUSTOM_HEADERS, and nothing about this machine."""
        return {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": self.user_agent}


class OpenAiWriter:
    """Port Writer. `per_min` are the requests a minute that the account may make, whoever makes them."""

    name = VENDOR
    is_model = True

    def __init__(
        self,
        *,
        key: str,
        price: Price,
        model: str = "gpt-6-luna",
        api_url: str = "https://api.openai.com/v1",
        per_min: int = 500,
    ) -> None:
        window = SlidingWindow(per_min, 60.0)
        account = http.Account(vendor=VENDOR, windows=lambda method, path: [window], closed_for_s=closed_for_s)
        client = http.client(account, api_url, timeout_s=DEADLINE_S, headers={}, deadline_s=DEADLINE_S)
        self._sdk = _Sdk(key=key, api_url=api_url, client=client)
        self._model = model
        self._price = price
        self.usd_at_most = self._most_usd(PROMPT_MAX_BYTES)

    async def write(self, brief: Brief) -> Answer:
        """The mail of a brief; what was cut short or is no JSON is for the caller to see and to have rewritten.

        Raises Refused where the model will not write this mail, and the other failures; each knows what it cost.
        """
        messages = [{"role": "system", "content": brief.prompt}, {"role": "user", "content": brief.data}]
        return await self._say(messages, "mail", _MAIL)

    async def judge(self, question: str) -> Answer:
        """The verdict as it was said: same, other or unclear, with its evidence."""
        return await self._say([{"role": "user", "content": question}], "verdict", _VERDICT)

    async def retires_on(self) -> date | None:
        """The day on which the model is shut down; None where the vendor does not say."""
        answer = await patiently(self._asked_for_model)
        try:
            return _Model.model_validate_json(answer.content).shutdown_date
        except ValidationError as error:
            raise Broken(VENDOR, "the model's entry cannot be read") from error

    async def probe(self) -> str:
        """The model, and that the key may use it."""
        retires_on = await self.retires_on()
        end = f", shut down on {retires_on}" if retires_on else ""
        return f"openai writer: model {self._model} answers{end}"

    async def aclose(self) -> None:
        """Give back its connections."""
        await self._sdk.close()

    async def _say(self, messages: Sequence[Mapping[str, str]], name: str, fields: Mapping[str, Any]) -> Answer:
        size = sum(len(message["content"].encode("utf-8", "replace")) for message in messages)
        if size > PROMPT_MAX_BYTES:
            raise Refused(VENDOR, "the prompt is too long", f"{size} bytes, at most {PROMPT_MAX_BYTES}")
        most_usd = self._most_usd(size)
        answer = await patiently(lambda: self._completion(messages, name, fields, most_usd))
        return self._answer(answer, most_usd)

    async def _completion(
        self, messages: Sequence[Mapping[str, str]], name: str, fields: Mapping[str, Any], most_usd: float
    ) -> httpx.Response:
        try:
            raw = await self._sdk.chat.completions.with_raw_response.create(
                model=self._model,
                messages=cast("Any", messages),
                response_format=cast("Any", _strict(name, fields)),
                max_completion_tokens=ANSWER_MAX_TOKENS,
                store=False,
                extra_body=self._effort(),
            )
        except openai.APIError as error:
            raise self._failure(error, most_usd) from error
        return cast("httpx.Response", raw.http_response)

    async def _asked_for_model(self) -> httpx.Response:
        try:
            raw = await self._sdk.models.with_raw_response.retrieve(self._model)
        except openai.APIError as error:
            lost = self._failure(error, 0.0)
            # A question that costs nothing may be put again.
            raise Transient(VENDOR, lost.cause, lost.detail) if isinstance(lost, Ambiguous) else lost from error
        return cast("httpx.Response", raw.http_response)

    def _effort(self) -> dict[str, str]:
        """GPT-5.x and 6 reason by default, and that eats the room of the answer; the models before know no effort."""
        return {} if self._model.startswith(("gpt-3", "gpt-4")) else {"reasoning_effort": "none"}

    def _failure(self, error: openai.APIError, most_usd: float) -> Failure:
        if isinstance(error, openai.APIStatusError):
            return failure(cast("httpx.Response", error.response), self._model)
        reason = error.__cause__
        if isinstance(reason, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
            return Transient(VENDOR, "no connection", type(reason).__name__)
        # There is no idempotency key: asking again might pay twice.
        return Ambiguous(VENDOR, "no answer", type(reason).__name__, usd=most_usd)

    def _answer(self, answer: httpx.Response, most_usd: float) -> Answer:
        try:
            said = _Completion.model_validate_json(answer.content)
        except ValidationError as error:
            if no_json(error):  # no lead's fault: it is over when the vendor's bad hour is
                raise Ambiguous(VENDOR, "no answer", "200 without JSON", usd=most_usd) from error
            raise Broken(VENDOR, "the answer is no completion", f"HTTP {answer.status_code}", usd=most_usd) from error
        usd = self._usd(said.usage) if said.usage else most_usd
        if not said.choices:
            return Answer(text="", usd=usd)
        choice = said.choices[0]
        if choice.message.refusal:
            raise Refused(VENDOR, "the model refuses", quoted(choice.message.refusal), usd=usd)
        if choice.finish_reason == "content_filter":
            raise Refused(VENDOR, "the vendor's content filter", usd=usd)
        return Answer(text=choice.message.content or "", usd=usd)

    def _usd(self, usage: _Usage) -> float:
        cache = usage.prompt_tokens_details or _Cached()
        return self._price.usd(
            usage.prompt_tokens,
            usage.completion_tokens,
            cached=cache.cached_tokens or 0,
            written=cache.cache_write_tokens or 0,
        )

    def _most_usd(self, prompt_bytes: int) -> float:
        return self._price.most(prompt_bytes + OVERHEAD_TOKENS, ANSWER_MAX_TOKENS)


def _strict(name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The shape that the vendor holds the model to: exactly these fields, all of them."""
    schema = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}

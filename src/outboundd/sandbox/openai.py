"""What does OpenAI's chat API do with a key, a model and a prompt?

Faults: `quota` ({"code", "status"}), `quota_after` (value n: from the n-th answer on there is no credit, for ever),
`rate` ({"retry_after", "retry_after_ms", "words"}, each may be left out), `too_large`, `slow_down`, `overloaded`; and
with 200: `refusal`, `length`, `content_filter`, `truncated_json`, `empty`, `invalid_fields`, `injected`, `no_choices`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from outboundd.sandbox import openai_refusals as refusals
from outboundd.sandbox.chat_answers import REASONING_TOKENS, SPOILT, Choice, completion, cut_off, usage
from outboundd.sandbox.chat_requests import fault_in, prompt_of, thinks, tokens_of
from outboundd.sandbox.letters import written
from outboundd.sandbox.world import Fault, World

MODELS: Mapping[str, str | None] = {
    "gpt-6-luna": None,
    "gpt-6-sol": None,
    "gpt-4o": "2027-01-14",
    "gpt-4o-mini": "2027-01-14",
}
_MINUTE = timedelta(minutes=1)
# Of a prompt this long, a beginning that was seen before is read from the cache.
_CACHED_TOKENS = 1024


@dataclass(frozen=True, kw_only=True)
class Call:
    """One answer that was billed: `usage` as the caller was told it."""

    at: datetime
    model: str
    prompt: str
    usage: Mapping[str, Any]


class OpenAi:
    """One account. `models` are ids with the day they are shut down; `rpm` and `tpm` its limits, None for no limit.

    `latency_s` is how long a model thinks, or is asked for it each time; `answer` writes instead of the model: it is
    given the request and returns the content.
    """

    name = "openai"

    def __init__(
        self,
        world: World,
        *,
        key: str = "sk-sandbox",
        models: Mapping[str, str | None] = MODELS,
        latency_s: float | Callable[[], float] = 0.0,
        rpm: int | None = None,
        tpm: int | None = None,
        answer: Callable[[dict[str, Any]], str] | None = None,
    ) -> None:
        self.world = world
        self.calls: list[Call] = []
        self._key, self._models = key, models
        self._latency_s, self._rpm, self._tpm = latency_s, rpm, tpm
        self._answer = answer or _model
        self._requests = 0
        self._taken: list[tuple[datetime, int]] = []

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [
            web.post("/v1/chat/completions", self._chat),
            web.get("/v1/models", self._list),
            web.get("/v1/models/{model}", self._retrieve),
        ]

    def dump(self) -> Mapping[str, Any]:
        calls = [{**asdict(call), "at": call.at.isoformat()} for call in self.calls]
        return {"calls": calls, "requests": self._requests}

    def load(self, state: Mapping[str, Any]) -> None:
        self.calls = [Call(**{**call, "at": datetime.fromisoformat(call["at"])}) for call in state["calls"]]
        self._requests = state["requests"]

    async def _list(self, request: web.Request) -> web.Response:
        known = [_described(model, day) for model, day in self._models.items() if self._runs(model)]
        return self._signed(self._locked(request) or web.json_response({"object": "list", "data": known}))

    async def _retrieve(self, request: web.Request) -> web.Response:
        model = request.match_info["model"]
        if (refused := self._locked(request) or self._unknown(model)) is not None:
            return self._signed(refused)
        return self._signed(web.json_response(_described(model, self._models[model])))

    async def _chat(self, request: web.Request) -> web.Response:
        if (refused := self._locked(request)) is not None:
            return self._signed(refused)
        body = _read(await request.text())
        if body is None:
            return self._signed(refusals.invalid("We could not parse the JSON body of your request."))
        refused = self._struck(request, body["model"]) or self._unknown(body["model"]) or fault_in(body)
        refused = refused or self._limited(body)
        if refused is not None:
            return self._signed(refused)
        await self.world.sleep(self._latency_s if isinstance(self._latency_s, float | int) else self._latency_s())
        return self._signed(self._answered(request, body))

    def _locked(self, request: web.Request) -> web.Response | None:
        """401 for whoever has not the key."""
        return None if request.headers.get("Authorization") == f"Bearer {self._key}" else refusals.bad_key()

    def _runs(self, model: str) -> bool:
        day = self._models[model]
        return day is None or self.world.now().date().isoformat() < day

    def _unknown(self, model: str) -> web.Response | None:
        return None if model in self._models and self._runs(model) else refusals.unknown_model(model)

    def _struck(self, request: web.Request, model: str) -> web.Response | None:
        """What was switched on instead of an answer."""
        last = self.world.faults.on(self.name, "quota_after")
        if last and len(self.calls) + 1 >= int(last.value):
            return refusals.out_of_quota(None)
        if fault := self._take(request, "quota"):
            return refusals.out_of_quota(fault.value)
        if fault := self._take(request, "rate"):
            return refusals.rate_limited(fault.value, model)
        if self._take(request, "too_large"):
            return refusals.too_large(model, 30_000, 30_001)
        if self._take(request, "slow_down"):
            return refusals.slow_down()
        return refusals.overloaded() if self._take(request, "overloaded") else None

    def _take(self, request: web.Request, name: str) -> Fault | None:
        return self.world.faults.take(self.name, name, request.method, request.path)

    def _limited(self, body: Mapping[str, Any]) -> web.Response | None:
        """The account's own limits; whatever passes counts against the minute."""
        now, tokens = self.world.now(), tokens_of(prompt_of(body))
        self._taken = [(at, count) for at, count in self._taken if now - at < _MINUTE]
        if self._tpm is not None and tokens > self._tpm:
            return refusals.too_large(body["model"], self._tpm, tokens)
        for kind, limit, used, more in (
            ("requests", self._rpm, len(self._taken), 1),
            ("tokens", self._tpm, sum(count for _, count in self._taken), tokens),
        ):
            if limit is not None and used + more > limit:
                wait_s = (self._taken[0][0] + _MINUTE - now).total_seconds()
                hints = {"retry_after": max(1, round(wait_s)), "retry_after_ms": round(wait_s * 1000)}
                return refusals.rate_limited({**hints, "words": f"{wait_s:.3f}s"}, body["model"], kind=kind)
        self._taken.append((now, tokens))
        return None

    def _answered(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        prompt, text = prompt_of(body), self._answer(body)
        limit = body.get("max_completion_tokens", body.get("max_tokens"))
        choice, reasoning = cut_off(text, limit=limit, reasoning=REASONING_TOKENS if thinks(body) else 0)
        choice = self._spoilt(request, choice)
        used = usage(prompt, choice.content or "", cached=self._cached(prompt), reasoning=reasoning)
        self.calls.append(Call(at=self.world.now(), model=body["model"], prompt=prompt, usage=used))
        told = completion(len(self.calls), int(self.world.now().timestamp()), body["model"], choice, used)
        return web.json_response({**told, "choices": []} if self._take(request, "no_choices") else told)

    def _spoilt(self, request: web.Request, choice: Choice) -> Choice:
        """The choice, or what a fault makes of it."""
        for name, spoil in SPOILT.items():
            if self._take(request, name):
                return spoil(choice.content or "")
        return choice

    def _cached(self, prompt: str) -> int:
        if tokens_of(prompt) < _CACHED_TOKENS:
            return 0
        beginning = prompt[: _CACHED_TOKENS * 4]
        return _CACHED_TOKENS if any(call.prompt.startswith(beginning) for call in self.calls) else 0

    def _signed(self, answer: web.Response) -> web.Response:
        """With the headers that every answer carries."""
        self._requests += 1
        answer.headers["x-request-id"] = f"req_{self._requests:08d}"
        spent = sum(count for _, count in self._taken)
        for kind, limit, used in (("requests", self._rpm, len(self._taken)), ("tokens", self._tpm, spent)):
            most = limit if limit is not None else 10_000_000
            answer.headers[f"x-ratelimit-limit-{kind}"] = str(most)
            answer.headers[f"x-ratelimit-remaining-{kind}"] = str(max(0, most - used))
            answer.headers[f"x-ratelimit-reset-{kind}"] = "1m0s" if used else "0s"
        return answer


def _model(body: dict[str, Any]) -> str:
    """What the model writes where nobody else does."""
    schema = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema") or {}
    return written(prompt_of(body), list(schema["properties"])) if "properties" in schema else "Noted."


def _described(model: str, shutdown_date: str | None) -> Mapping[str, Any]:
    created = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp())
    return {"id": model, "object": "model", "created": created, "owned_by": "system", "shutdown_date": shutdown_date}


def _read(text: str) -> dict[str, Any] | None:
    """The request, when it holds a model and messages."""
    try:
        body = json.loads(text)
    except ValueError:
        return None
    if not isinstance(body, dict) or not isinstance(body.get("model"), str) or not body.get("messages"):
        return None
    return body

"""What does Perplexity's Agent API do with a key and a question?

Faults: `bad_key` (401), `empty_credit` (401 too), `html401`, `rate` (429; value: seconds until the reset), `detail`
(value: 400 or 422, the validation shape); with 200: `failed`, `incomplete`, `injection` (an instruction in the text).
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from outboundd.sandbox.agent_answers import INPUT_USD_PER_MTOK, OUTPUT_USD_PER_MTOK, completed, question_in, unfinished
from outboundd.sandbox.world import Fault, World

MODELS = ("perplexity/sonar", "openai/gpt-6-luna", "openai/gpt-6-sol", "anthropic/claude-haiku-4-5")
_UNAUTHORISED = "<html><head><title>401 Authorization Required</title></head><body>401</body></html>"
_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One answer that was billed."""

    at: datetime
    question: str
    status: str
    cost_usd: float


class Perplexity:
    """One account. `per_s` and `per_min` are the limits of its tier, None for no limit; `latency_s` as OpenAI's."""

    name = "perplexity"

    def __init__(
        self,
        world: World,
        *,
        key: str = "pplx-sandbox",
        latency_s: float | Callable[[], float] = 0.0,
        per_s: int | None = None,
        per_min: int | None = None,
    ) -> None:
        self.world = world
        self.calls: list[Call] = []
        self._key, self._latency_s = key, latency_s
        self._limits = ((_SECOND, per_s), (_MINUTE, per_min))
        self._taken: list[datetime] = []

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [
            web.post("/v1/agent", self._agent),
            web.post("/v1/responses", self._agent),
            web.get("/v1/models", self._models),
            web.post("/chat/completions", self._old_path),
        ]

    def dump(self) -> Mapping[str, Any]:
        return {"calls": [{**asdict(call), "at": call.at.isoformat()} for call in self.calls]}

    def load(self, state: Mapping[str, Any]) -> None:
        self.calls = [Call(**{**call, "at": datetime.fromisoformat(call["at"])}) for call in state["calls"]]

    async def _models(self, request: web.Request) -> web.Response:
        pricing = {"input_usd_per_mtok": INPUT_USD_PER_MTOK, "output_usd_per_mtok": OUTPUT_USD_PER_MTOK}
        known = [{"id": model, "object": "model", "pricing": pricing} for model in MODELS]
        return self._locked(request) or web.json_response({"object": "list", "data": known})

    async def _old_path(self, request: web.Request) -> web.Response:
        message = "Sonar is now the Agent API. Use /v1/responses instead."
        return self._locked(request) or _refusal(403, "chat_completions_not_available", message)

    async def _agent(self, request: web.Request) -> web.Response:
        refused = self._locked(request) or self._struck(request) or self._limited()
        if refused is not None:
            return refused
        try:
            body = json.loads(await request.text())
        except ValueError:
            return _invalid(422, "JSON decode error")
        if (refused := _fault_in(body)) is not None:
            return refused
        await self.world.sleep(self._latency_s if isinstance(self._latency_s, float | int) else self._latency_s())
        return self._answered(request, body)

    def _locked(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") != f"Bearer {self._key}":
            return _refusal(401, "authentication_error", "Invalid API key")
        return None

    def _struck(self, request: web.Request) -> web.Response | None:
        """What was switched on instead of an answer."""
        if self._take(request, "bad_key"):
            return _refusal(401, "authentication_error", "Invalid API key")
        if self._take(request, "empty_credit"):
            return _refusal(401, "insufficient_quota", "You exceeded your current quota, please add credit.")
        if self._take(request, "html401"):
            return web.Response(status=401, text=_UNAUTHORISED, content_type="text/html")
        if fault := self._take(request, "detail"):
            return _invalid(int(fault.value or 422), "Field required")
        if fault := self._take(request, "rate"):
            return self._rate_limited(1, self.world.now() + timedelta(seconds=float(fault.value or 1)))
        return None

    def _take(self, request: web.Request, name: str) -> Fault | None:
        return self.world.faults.take(self.name, name, request.method, request.path)

    def _limited(self) -> web.Response | None:
        """The tier's limits; whatever passes counts."""
        now = self.world.now()
        self._taken = [at for at in self._taken if now - at < _MINUTE]
        for length, limit in self._limits:
            lately = [at for at in self._taken if now - at < length]
            if limit is not None and len(lately) >= limit:
                return self._rate_limited(limit, lately[0] + length)
        self._taken.append(now)
        return None

    def _rate_limited(self, limit: int, reset: datetime) -> web.Response:
        answer = _refusal(429, "rate_limit_error", "Request rate limit exceeded, please try again later.")
        answer.headers.update(_counted(limit, limit, reset))
        return answer

    def _answered(self, request: web.Request, body: Mapping[str, Any]) -> web.Response:
        number, created = len(self.calls) + 1, int(self.world.now().timestamp())
        status = next((name for name in ("failed", "incomplete") if self._take(request, name)), "completed")
        if status == "completed":
            told = completed(number, created, body, injected=self._take(request, "injection") is not None)
        else:
            told = unfinished(number, created, body, status)
        cost_usd = told["usage"]["cost"]["total_cost"]
        self.calls.append(Call(at=self.world.now(), question=question_in(body), status=status, cost_usd=cost_usd))
        length, limit = self._limits[1]
        reset = self.world.now() + length
        return web.json_response(told, headers=_counted(limit or 2_000, len(self._taken), reset))


def _fault_in(body: object) -> web.Response | None:
    """The refusal of a request that is itself at fault."""
    if not isinstance(body, dict) or not body.get("input"):
        return _invalid(422, "Field required")
    named = [body["model"]] if "model" in body else body.get("models", [])
    if not named and not body.get("effort") and not body.get("preset"):
        return _refusal(400, "invalid_request_error", "One of model, models or effort is required.")
    for model in named:
        if model not in MODELS:
            return _refusal(400, "invalid_request_error", f"Model '{model}' is not supported.")
        if model.startswith("anthropic/") and "max_output_tokens" not in body:
            return _refusal(400, "invalid_request_error", f"max_output_tokens is required for {model}.")
    return None


def _refusal(status: int, kind: str, message: str) -> web.Response:
    """The usual envelope, its code the number of the status."""
    return web.json_response({"error": {"message": message, "type": kind, "code": status}}, status=status)


def _invalid(status: int, message: str) -> web.Response:
    """The other shape, that of a validation."""
    return web.json_response({"detail": [{"loc": ["body", "input"], "msg": message, "type": "missing"}]}, status=status)


def _counted(limit: int, used: int, reset: datetime) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(max(0, limit - used)),
        "x-ratelimit-used": str(used),
        "x-ratelimit-reset": str(math.ceil(reset.timestamp())),
    }

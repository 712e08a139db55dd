"""Which words does OpenAI refuse a request with?

The codes and statuses are those of the vendor's error guide and help articles 5955604 and 6614457 (2026).
"""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

QUOTA_MESSAGES: Mapping[str, str] = {
    "insufficient_quota": "You exceeded your current quota, please check your plan and billing details.",
    "credit_balance_exhausted": "Your prepaid credit balance is exhausted.",
    "organization_spend_limit_exceeded": "Your organization has reached its monthly spend limit.",
    "project_spend_limit_exceeded": "Your project has reached its monthly spend limit.",
    "organization_usage_limit_exceeded": "Your organization has reached its usage limit.",
    "billing_hard_limit_reached": "Billing hard limit has been reached.",
    "billing_not_active": "Your account is not active, please check your billing details.",
}


def refusal(
    status: int, code: str | None, kind: str, message: str, *, param: str | None = None, **headers: str
) -> web.Response:
    """The error envelope. Header names are written with underscores."""
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return web.json_response(
        body, status=status, headers={name.replace("_", "-"): said for name, said in headers.items()}
    )


def invalid(message: str, *, code: str | None = None, param: str | None = None) -> web.Response:
    """400: the request itself is at fault."""
    return refusal(400, code, "invalid_request_error", message, param=param)


def bad_key() -> web.Response:
    """401."""
    return refusal(401, "invalid_api_key", "invalid_request_error", "Incorrect API key provided.")


def unknown_model(model: str) -> web.Response:
    """404: it never was, or it has been shut down."""
    message = f"The model `{model}` does not exist or you do not have access to it."
    return refusal(404, "model_not_found", "invalid_request_error", message)


def too_long(tokens: int, limit: int) -> web.Response:
    """400: more prompt than the model can hold."""
    message = (
        f"This model's maximum context length is {limit} tokens. However, your messages resulted in {tokens} tokens."
    )
    return invalid(message, code="context_length_exceeded", param="messages")


def out_of_quota(how: Any) -> web.Response:  # noqa: ANN401 (a fault's value)
    """No money left. `how`: {"code", "status"}; 2026 codes still come with the old type, so only the code tells."""
    told = how or {}
    code = told.get("code", "insufficient_quota")
    status = told.get("status", 400 if code == "billing_hard_limit_reached" else 429)
    kind = "invalid_request_error" if status == 400 else "insufficient_quota"
    return refusal(status, code, kind, QUOTA_MESSAGES.get(code, "Quota exceeded."))


def rate_limited(how: Any, model: str, *, kind: str = "requests") -> web.Response:  # noqa: ANN401 (a fault's value)
    """429 with the hint in `how`: {"retry_after": 20}, {"retry_after_ms": 644}, {"words": "644ms"}; several or none."""
    told = how or {}
    words = f" Please try again in {told['words']}." if "words" in told else ""
    message = f"Rate limit reached for {model} on {kind} per min.{words}"
    hints = {name: str(told[name]) for name in ("retry_after", "retry_after_ms") if name in told}
    return refusal(429, "rate_limit_exceeded", kind, message, **hints)


def too_large(model: str, limit: int, tokens: int) -> web.Response:
    """429 that no waiting helps: one request above the limit of tokens per minute."""
    message = f"Request too large for {model} on tokens per min (TPM): Limit {limit}, Requested {tokens}."
    return refusal(429, "rate_limit_exceeded", "tokens", message)


def slow_down() -> web.Response:
    """429: more, and faster, than a moment ago."""
    return refusal(429, "slow_down", "rate_limit_error", "Please slow down and increase your requests gradually.")


def overloaded() -> web.Response:
    """503."""
    message = "The server is currently overloaded. Please try again later."
    return refusal(503, "server_is_overloaded", "service_unavailable_error", message)

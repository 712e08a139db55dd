"""Which failure is an error of Perplexity, in whichever of its shapes it comes?

Seen 2026-11: {"error": {"message", "type", "code": text or number}}, {"error": text}, {"detail": text},
{"detail": [{"loc", "msg", "type"}]}, {"message": text}, and an HTML page of the edge proxy. An empty credit balance is
a 401, as a wrong key is; only the body tells them apart.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import httpx

from outboundd.adapters.retry import LONGEST_WAIT_S
from outboundd.adapters.vendor_words import quoted, seconds
from outboundd.ports import Exhausted, Failure, Refused, Transient

VENDOR = "perplexity"
RATE_LIMIT_WAIT_S = 10.0  # where a 429 does not say how long
# The chat completions API ended on 2026-09-27; a key may be told so in either word.
_OLD_PATH = frozenset({"chat_completions_not_available", "agent_api_migration_required"})
_PASSING = frozenset({"rate_limit_error", "server_error", "internal_server_error", "overloaded_error", "timeout"})


@dataclass(frozen=True, kw_only=True)
class Told:
    """What an error says of itself. `kinds` are its type and code, as texts."""

    message: str = ""
    kinds: frozenset[str] = frozenset()
    readable: bool = True


def told(body: bytes) -> Told:
    """The error in a body of any of the known shapes."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return Told(readable=False)
    return of_document(document)


def of_document(document: object) -> Told:
    """The error in an answer that is read already."""
    if not isinstance(document, Mapping):
        return Told(readable=False)
    for inner in (document.get("error"), document.get("detail"), document):
        if isinstance(inner, str) and inner:
            return Told(message=inner)
        if isinstance(inner, list) and inner and isinstance(inner[0], Mapping):
            return Told(message=str(inner[0].get("msg", "")))
        if isinstance(inner, Mapping) and inner.keys() & {"message", "type", "code"}:
            kinds = frozenset(str(inner[key]) for key in ("type", "code") if inner.get(key) is not None)
            return Told(message=str(inner.get("message") or ""), kinds=kinds)
    return Told(readable=False)


def failure(answer: httpx.Response, model: str, now: datetime) -> Failure:
    """What an answer with an error status means."""
    error, status = told(answer.content), answer.status_code
    words = quoted(error.message)
    said = f": {words}" if words else ""
    if "insufficient_quota" in error.kinds or status == 402:
        return Exhausted(VENDOR, "the credit is used up", "see the billing page of the account")
    if status == 401:
        # The words may repeat a part of the key.
        return Exhausted(VENDOR, "the key is not accepted" if error.readable else "key or credit", "HTTP 401")
    if status == 403:
        ended = "; this API has ended there" if error.kinds & _OLD_PATH else ""
        return Exhausted(VENDOR, "access is not allowed", f"check model ({model}) and api_url{ended}{said}")
    if status == 404 or (status == 400 and "not supported" in error.message):
        return Exhausted(VENDOR, "no such model or address", f"check model ({model}) and api_url{said}")
    if status == 429:
        return Transient(VENDOR, "rate limit", words, retry_after_s=_wait_s(answer, now))
    if status in (408, 409) or status >= 500:
        return Transient(VENDOR, f"HTTP {status}", words)
    return Refused(VENDOR, f"HTTP {status}", words)


def failed(error_of_answer: object, status: str, usd: float) -> Failure:
    """What an answer means that says of itself, in a 200, that it did not come to an end. It may have been billed.

    What lies with the vendor passes; all else would end the same way for the same company, and be paid for again.
    """
    error = of_document({"error": error_of_answer})
    if "insufficient_quota" in error.kinds:
        return Exhausted(VENDOR, "the credit is used up", "see the billing page of the account", usd=usd)
    if error.kinds & _PASSING:
        return Transient(VENDOR, "the research failed", quoted(error.message), usd=usd)
    return Refused(VENDOR, "no answer", quoted(error.message or status), usd=usd)


def closed_for_s(answer: httpx.Response, now: datetime) -> float | None:
    """For how long nobody should ask; None where the answer does not concern the others."""
    meant = failure(answer, "", now) if answer.status_code == 429 else None
    if not isinstance(meant, Transient) or meant.retry_after_s is None:
        return None
    return min(meant.retry_after_s, LONGEST_WAIT_S)


def _wait_s(answer: httpx.Response, now: datetime) -> float:
    """Until x-ratelimit-reset, in seconds since 1970 by the vendor's clock: never less than a second."""
    reset = seconds(answer.headers.get("x-ratelimit-reset"))
    return RATE_LIMIT_WAIT_S if reset is None else max(1.0, reset - now.timestamp())

"""Which failure is an error answer of OpenAI, and for how long does it want to hear nothing?

The body tells more than the status: out of credit comes as 429 and as 400, and one request that is too large for the
account comes as a rate limit. Codes and types: OpenAI help articles 5955604 and 6614457, error-code guide, 2026-11.
"""

import re

import httpx
from pydantic import BaseModel, ValidationError

from outboundd.adapters.retry import LONGEST_WAIT_S
from outboundd.adapters.vendor_words import quoted, seconds
from outboundd.ports import Exhausted, Failure, Refused, Transient

VENDOR = "openai"
RATE_LIMIT_WAIT_S = 5.0  # where a 429 does not say how long
SLOW_DOWN_WAIT_S = 30.0
# Retrying does not help, whatever the status: "inspect error.code, the type may still be insufficient_quota".
QUOTA = frozenset(
    {
        "insufficient_quota",
        "credit_balance_exhausted",
        "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded",
        "organization_usage_limit_exceeded",
        "billing_hard_limit_reached",
        "billing_not_active",
    }
)
KEY = frozenset({"invalid_api_key", "account_deactivated"})
# "Please try again in 644ms", "18.642s", "6m0s"
_AGAIN = re.compile(r"try again in ((?:\d+(?:\.\d+)?(?:ms|h|m|s))+)")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class _Error(BaseModel):
    """What stands in the envelope. `code` was seen as a number too."""

    message: str | None = None
    type: str | None = None
    code: str | int | None = None


class _Envelope(BaseModel):
    error: _Error = _Error()


def failure(answer: httpx.Response, model: str) -> Failure:
    """What an answer with an error status means. None of them was billed: there is no completion in it."""
    error = _read(answer)
    words, status = quoted(error.message), answer.status_code
    named = {str(error.code), str(error.type)}
    if quota := sorted(named & QUOTA):
        return Exhausted(VENDOR, "credit or spend limit is used up", f"{quota[0]}; see the billing page of the account")
    if status == 401 or named & KEY:
        # The vendor's words hold a part of the key.
        return Exhausted(VENDOR, "the key is not accepted", "make a new key and put it in the place of the old one")
    if status == 403:
        return Exhausted(VENDOR, "access is not allowed", _with(f"HTTP 403 for the model {model}", words))
    if "model_not_found" in named:
        return Exhausted(VENDOR, "the model is not there", f"{model} was shut down or is not open to this key")
    if status == 404:
        return Exhausted(VENDOR, "nothing at this address", "HTTP 404: correct api_url")
    if status == 429:
        return _limited(answer, error, words)
    if status in (408, 409) or status >= 500:
        overloaded = "server_is_overloaded" in named
        return Transient(VENDOR, "overloaded" if overloaded else f"HTTP {status}", words, retry_after_s=_wait_s(answer))
    if "context_length_exceeded" in named or status == 413:
        return Refused(VENDOR, "the prompt is too long", words)
    return Refused(VENDOR, f"HTTP {status}", words)


def closed_for_s(answer: httpx.Response) -> float | None:
    """For how long nobody should ask; None where the answer does not concern the others."""
    if answer.status_code != 429:
        return None
    meant = failure(answer, "")
    if not isinstance(meant, Transient) or meant.retry_after_s is None:
        return None
    # A longer wait is no reason to hold everybody in a queue: the next to ask is told the same.
    return min(meant.retry_after_s, LONGEST_WAIT_S)


def _limited(answer: httpx.Response, error: _Error, words: str) -> Failure:
    if (error.message or "").startswith("Request too large"):
        return Refused(VENDOR, "the request is above the account's limit", words)
    wait_s = _wait_s(answer)
    if wait_s is None:
        wait_s = _told_s(error.message or "")
    if error.code == "slow_down":
        return Transient(VENDOR, "slow down", words, retry_after_s=max(wait_s or 0.0, SLOW_DOWN_WAIT_S))
    return Transient(VENDOR, "rate limit", words, retry_after_s=RATE_LIMIT_WAIT_S if wait_s is None else wait_s)


def _wait_s(answer: httpx.Response) -> float | None:
    """The wait in the headers; 0 is no wait that helps, nor is one that is a date: our clock is not the vendor's."""
    if thousandths := seconds(answer.headers.get("retry-after-ms")):
        return thousandths / 1000
    return seconds(answer.headers.get("retry-after")) or None


def _told_s(message: str) -> float | None:
    told = _AGAIN.search(message)
    if told is None:
        return None
    return sum(float(number) * _UNIT_S[unit] for number, unit in _PART.findall(told[1]))


def _read(answer: httpx.Response) -> _Error:
    try:
        return _Envelope.model_validate_json(answer.content).error
    except ValidationError:
        return _Error()


def _with(told: str, words: str) -> str:
    return f"{told}: {words}" if words else told

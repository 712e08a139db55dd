"""What does an answer of Brevo that is no success mean? The code speaks first, the status where no code does.

The same cause comes under different statuses (credits gone as 400 and as 402, public incident note, 2026-09). Codes
after Brevo's error model (brevo-python 1.2.0); one that nobody knows must not surprise.
"""

import json
import math
import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import httpx

from outboundd.adapters.vendor_words import quoted
from outboundd.ports import Ambiguous, Broken, Exhausted, Failure, Refused, Transient

NAME = "brevo"

# Nothing says that a 429 always carries the header; then half a minute is waited.
UNTOLD_WAIT_S = 30.0
# The longest bucket is an hour. A longer wait would be a clock time, which the header is documented not to be.
LONGEST_RESET_S = 3600.0

_HALTS = {
    "unauthorized": "key not accepted",
    "not_enough_credits": "no credits left",
    "account_under_validation": "account under validation",
    "permission_denied": "permission denied",
}
_DAY_IS_FULL = "max_emails_per_day_exceeded"  # the free plan's 300 a day (second-hand, 2026-08)
_SEEN = {"duplicate_parameter", "duplicate_request"}
_OUR_FAULT = {"method_not_allowed", "not_acceptable", "unprocessable_entity"}
_OF_STATUS = {
    401: "unauthorized",
    402: "not_enough_credits",
    403: "permission_denied",
    405: "method_not_allowed",
    406: "not_acceptable",
    422: "unprocessable_entity",
}
_CODE = re.compile(r"[a-z][a-z0-9_]{0,49}")
_NAMES_AN_IP = re.compile(r"\bIP\b", re.IGNORECASE)


def failure(answer: httpx.Response, now: datetime, *, repeatable: bool) -> Failure:
    """The failure that this answer is. After a request that is not `repeatable`, a lost one may have had its effect."""
    status = answer.status_code
    code, words = _said(answer)
    detail = f"status {status} {quoted(words)}".strip()
    if status >= 500 or status == 408:
        lost = Transient if repeatable else Ambiguous
        return lost(NAME, "vendor fault", detail)
    if status < 400:
        return Broken(NAME, "unexpected status", detail)
    if status == 429 and code not in _HALTS and code != _DAY_IS_FULL:
        return Transient(NAME, "rate limit", detail, retry_after_s=closed_for_s(answer))
    return _of_code(code or _OF_STATUS.get(status, ""), words, detail, now)


def closed_for_s(answer: httpx.Response) -> float | None:
    """How long Brevo wants to hear nothing more; None when the answer is no 429.

    Brevo docs, Rate limit headers: the reset is in seconds left. There is no Retry-After.
    """
    if answer.status_code != 429:
        return None
    try:
        wait_s = float(answer.headers.get("x-sib-ratelimit-reset", ""))
    except ValueError:
        return UNTOLD_WAIT_S
    return min(max(wait_s, 0.0), LONGEST_RESET_S) if math.isfinite(wait_s) else UNTOLD_WAIT_S


def parsed(answer: httpx.Response) -> Any:  # noqa: ANN401 (any JSON value)
    """The body as JSON; None when it is none."""
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError):
        return None


def _of_code(code: str, words: str, detail: str, now: datetime) -> Failure:
    if code == "unauthorized" and _NAMES_AN_IP.search(words):
        # Brevo help centre, authorised IPs: the list can arm itself once an account was used from steady addresses.
        return Exhausted(NAME, "IP address not authorised", detail)
    if code in _HALTS:
        return Exhausted(NAME, _HALTS[code], detail)
    if code == _DAY_IS_FULL:
        return Exhausted(NAME, "mails of the day used up", detail, until=_next_day(now))
    if code in _SEEN:
        return Ambiguous(NAME, "idempotency key seen", detail)
    if code in _OUR_FAULT:
        return Broken(NAME, code, detail)
    return Refused(NAME, code or "refused", detail)


def _said(answer: httpx.Response) -> tuple[str, str]:
    """Code and message; both empty where the body is no error of Brevo's (a proxy's page, nothing at all)."""
    body = parsed(answer)
    if not isinstance(body, dict):
        return "", ""
    code, words = body.get("code"), body.get("message")
    known_form = isinstance(code, str) and _CODE.fullmatch(code) is not None
    return str(code) if known_form else "", words if isinstance(words, str) else ""


def _next_day(now: datetime) -> datetime:
    """Midnight UTC: in which zone the day of the plan ends is not documented; too early is told again."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), tzinfo=UTC)

"""What does the Bot API answer with: the envelope of a result, and the words of each refusal?

Wording as official clients match it; HTTP status and error_code are the same number.
"""

from typing import Any

from aiohttp import web


class Refusal(Exception):
    """A request that is answered with ok false."""

    def __init__(self, code: int, description: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(description)
        self.code, self.description, self.retry_after_s = code, description, retry_after_s


def result(value: object) -> web.Response:
    """What was asked for."""
    return web.json_response({"ok": True, "result": value})


def refused(refusal: Refusal) -> web.Response:
    """What was not done, and why."""
    told: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.retry_after_s is not None:
        told["parameters"] = {"retry_after": refusal.retry_after_s}
    return web.json_response(told, status=refusal.code)


def bad(what: str) -> Refusal:
    """400."""
    return Refusal(400, f"Bad Request: {what}")


def flooded(wait_s: int) -> Refusal:
    """429, which holds for every message until then."""
    return Refusal(429, f"Too Many Requests: retry after {wait_s}", retry_after_s=wait_s)


def conflict() -> Refusal:
    """409: somebody else has taken over the updates."""
    by = "terminated by other getUpdates request; make sure that only one bot instance is running"
    return Refusal(409, f"Conflict: {by}")

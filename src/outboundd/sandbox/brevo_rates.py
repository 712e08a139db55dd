"""How many requests does Brevo let an account make? Fixed windows per route, the General tier of its docs (2026-08)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

SEND, BLOCKED, LOG, SMTP, REST = "send", "blocked", "log", "smtp", "rest"
LIMITS: Mapping[str, tuple[tuple[int, int], ...]] = {  # requests, seconds
    SEND: ((1000, 1),),
    BLOCKED: ((1000, 1),),
    LOG: ((2, 1), (7200, 3600)),
    SMTP: ((300, 3600),),  # one bucket for all of these routes: the docs do not say
    REST: ((100, 3600),),
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where an account stands after a request: what the three x-sib-ratelimit headers say."""

    limit: int
    remaining: int
    reset_s: int
    refused: bool = False

    def headers(self) -> dict[str, str]:
        """As on every answer. The reset is in seconds left, not a clock time."""
        return {
            "x-sib-ratelimit-limit": str(self.limit),
            "x-sib-ratelimit-remaining": str(self.remaining),
            "x-sib-ratelimit-reset": str(self.reset_s),
        }


class Rates:
    """The windows of one account. `strict` False: all is counted, nothing refused."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict
        self._counts: dict[tuple[str, int], tuple[int, int]] = {}

    def count(self, bucket: str, now: datetime) -> Standing:
        """Count a request and say where the account stands; one that is refused is not counted."""
        seconds = now.timestamp()
        used = {window: self._used(bucket, window, seconds) for window in LIMITS[bucket]}
        full = [window for window in used if used[window] >= window[0]]
        if full and self._strict:
            return _standing(full[0], full[0][0], seconds, refused=True)
        for limit, window_s in used:
            self._counts[bucket, window_s] = (int(seconds // window_s), used[limit, window_s] + 1)
        tightest = min(used, key=lambda window: window[0] - used[window])
        return _standing(tightest, used[tightest] + 1, seconds)

    def _used(self, bucket: str, window: tuple[int, int], seconds: float) -> int:
        number, used = self._counts.get((bucket, window[1]), (0, 0))
        return used if number == int(seconds // window[1]) else 0


def _standing(window: tuple[int, int], used: int, seconds: float, *, refused: bool = False) -> Standing:
    limit, window_s = window
    reset_s = math.ceil(window_s - seconds % window_s)
    return Standing(limit=limit, remaining=max(0, limit - used), reset_s=reset_s, refused=refused)

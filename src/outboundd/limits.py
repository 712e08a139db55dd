"""How often may an account be asked? A sliding window that all its callers share, and that can be closed."""

from collections import deque

import anyio


class SlidingWindow:
    """At most `calls` in any `per_s` seconds, first come first served, on the event loop's clock.

    One instance per vendor account, so that no caller can go around it. A token bucket would let a burst through just
    after an idle time; some vendors count strictly.
    """

    def __init__(self, calls: int, per_s: float) -> None:
        self._calls = calls
        self._per_s = per_s
        self._begun: deque[float] = deque()
        self._closed_until = 0.0
        self._turn = anyio.Lock()

    async def acquire(self) -> None:
        """Wait until one more call may begin, and count it."""
        async with self._turn:
            while (wait_s := self._wait_s()) > 0:  # noqa: ASYNC110 (a penalty may lengthen the wait meanwhile)
                await anyio.sleep(wait_s)
            self._begun.append(anyio.current_time())

    def penalise(self, seconds: float) -> None:
        """Close the window for everybody (a 429): nobody begins before `seconds` from now; a longer closing stays."""
        self._closed_until = max(self._closed_until, anyio.current_time() + seconds)

    def closed_for_s(self) -> float:
        """How long a penalty still keeps everybody out; 0 when none does."""
        return max(0.0, self._closed_until - anyio.current_time())

    def _wait_s(self) -> float:
        now = anyio.current_time()
        while self._begun and self._begun[0] + self._per_s <= now:
            self._begun.popleft()
        full_until = self._begun[0] + self._per_s if len(self._begun) >= self._calls else now
        return max(full_until, self._closed_until) - now

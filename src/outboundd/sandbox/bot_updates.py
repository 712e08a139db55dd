"""Which updates wait for a bot, and which poller gets them?

At least once: an update leaves only when a later poll asks for a higher id, or when it is a day old.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from outboundd.sandbox.bot_answers import conflict

KEPT = timedelta(hours=24)
# Handed out only when they are named in allowed_updates. Bot API, getUpdates.
_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class _Poll:
    """One request that waits for updates."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.ousted = False


class Updates:
    """The queue of one bot. `now` is aware; `sleep` waits on the same clock."""

    def __init__(self, now: Callable[[], datetime], sleep: Callable[[float], Awaitable[None]]) -> None:
        self._now, self._sleep = now, sleep
        self._waiting: list[tuple[datetime, dict[str, Any]]] = []
        self._last_batch: list[dict[str, Any]] = []
        self._again: list[dict[str, Any]] = []
        self._allowed: list[str] = []
        self._count = 0
        self._poll: _Poll | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, kind: str, content: Mapping[str, Any]) -> int:
        """Something happened; returns its update_id."""
        self._count += 1
        self._waiting.append((self._now(), {"update_id": self._count, kind: dict(content)}))
        self._wake()
        return self._count

    def redeliver(self) -> None:
        """The next poll gets the last batch once more, whatever it confirms: as a bot that was killed does."""
        self._again = list(self._last_batch)
        self._wake()

    def drop(self) -> None:
        """Forget all that waits."""
        self._waiting = []

    async def poll(
        self, *, offset: int, limit: int, timeout_s: float, allowed: Sequence[str] | None
    ) -> list[dict[str, Any]]:
        """Updates from `offset` on; those before are confirmed. Waits up to `timeout_s` for the first.

        `allowed` of None keeps what was said before. Raises Refusal 409 when another poll takes over.
        """
        self._allowed = self._allowed if allowed is None else list(allowed)
        poll = self._begun()
        try:
            self._confirm(offset)
            if timeout_s > 0 and not self._ready(limit):
                await self._wait(timeout_s, poll)
        finally:
            if self._poll is poll:
                self._poll = None
        if poll.ousted:
            raise conflict()
        batch = self._ready(limit)
        self._again, self._last_batch = [], batch or self._last_batch
        return batch

    def dump(self) -> Mapping[str, Any]:
        waiting = [[at.isoformat(), update] for at, update in self._waiting]
        return {"waiting": waiting, "last_batch": self._last_batch, "count": self._count, "allowed": self._allowed}

    def load(self, state: Mapping[str, Any]) -> None:
        self._waiting = [(datetime.fromisoformat(at), update) for at, update in state["waiting"]]
        self._last_batch, self._count, self._allowed = state["last_batch"], state["count"], state["allowed"]

    def _wake(self) -> None:
        if self._poll is not None:
            self._poll.woken.set()

    def _begun(self) -> _Poll:
        """A new poll, which ends the one that still waits."""
        if self._poll is not None:
            self._poll.ousted = True
        self._wake()
        self._poll = _Poll()
        return self._poll

    def _confirm(self, offset: int) -> None:
        """Forget what is too old, and what lies before the offset: a negative one counts from the end."""
        fresh = [(at, update) for at, update in self._waiting if self._now() - at < KEPT]
        if offset < 0:
            self._waiting = fresh[offset:]
        else:
            self._waiting = [(at, update) for at, update in fresh if update["update_id"] >= offset]

    def _ready(self, limit: int) -> list[dict[str, Any]]:
        return self._again or [update for _, update in self._waiting if self._wanted(update)][:limit]

    def _wanted(self, update: Mapping[str, Any]) -> bool:
        kinds = set(update) - {"update_id"}
        return bool(kinds & set(self._allowed)) if self._allowed else not kinds & _ON_REQUEST

    async def _wait(self, timeout_s: float, poll: _Poll) -> None:
        """Until something happens or the time is over, whichever is first."""
        waits = [asyncio.ensure_future(self._sleep(timeout_s)), asyncio.ensure_future(poll.woken.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

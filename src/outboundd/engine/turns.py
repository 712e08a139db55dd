"""Whose turn is it, where several want the same thing at once?"""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio


class Turns:
    """One at a time for each key, in the order of asking: who comes second finds what the first left.

    An idle key is forgotten.
    """

    def __init__(self) -> None:
        self._locks: dict[str, anyio.Lock] = {}
        self._wanted: Counter[str] = Counter()

    @asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[None]:
        """Wait until nobody else is at this key."""
        lock = self._locks.setdefault(key, anyio.Lock())
        self._wanted[key] += 1
        try:
            async with lock:
                yield
        finally:
            self._wanted[key] -= 1
            if not self._wanted[key]:
                del self._wanted[key], self._locks[key]

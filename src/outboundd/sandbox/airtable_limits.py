"""How often may Airtable be asked? Five a second for a base, fifty for a token; then nothing for thirty seconds."""

from collections import Counter, deque
from datetime import datetime, timedelta

PER_BASE = 5
PER_TOKEN = 50
SLOWED = 2
CLOSED_S = 30.0
_SECOND = timedelta(seconds=1)


class Window:
    """A sliding second. Refused requests do not count, nor do they lengthen the thirty seconds."""

    def __init__(self) -> None:
        self._begun: deque[datetime] = deque()
        self._closed_until: datetime | None = None

    def admits(self, now: datetime, calls: int) -> bool:
        """Count one more request; False when it is refused."""
        if self._closed_until is not None and now < self._closed_until:
            return False
        while self._begun and self._begun[0] + _SECOND <= now:
            self._begun.popleft()
        if len(self._begun) >= calls:
            self.close(now)
            return False
        self._begun.append(now)
        return True

    def close(self, now: datetime) -> None:
        """Refuse everything for thirty seconds."""
        self._begun.clear()
        self._closed_until = now + timedelta(seconds=CLOSED_S)


class Calls:
    """Requests that arrived, whatever became of them. `calls["list"]` counts one kind; `at` says when each came.

    Kinds: list, get, create, update, upsert, delete, meta.
    """

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.at: list[datetime] = []

    def __getitem__(self, kind: str) -> int:
        return self.kinds[kind]

    @property
    def total(self) -> int:
        """All kinds together."""
        return len(self.at)

    def arrived(self, kind: str, now: datetime) -> None:
        """One more."""
        self.kinds[kind] += 1
        self.at.append(now)

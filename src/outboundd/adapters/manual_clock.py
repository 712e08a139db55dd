"""What time does the test say it is?"""

from datetime import datetime, timedelta


class ManualClock:
    """A clock that stands still until it is moved (port Clock)."""

    def __init__(self, at: datetime) -> None:
        self.set(at)

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        """Put it to an instant, forwards or backwards."""
        if at.tzinfo is None:
            raise ValueError(f"The clock needs an aware instant, not {at}: give it a tzinfo")
        self._at = at

    def advance(self, step: timedelta) -> None:
        """Move it on."""
        self._at += step

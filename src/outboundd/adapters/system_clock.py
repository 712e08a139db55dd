"""What time is it?"""

from datetime import UTC, datetime


class SystemClock:
    """The machine's own clock (port Clock)."""

    def now(self) -> datetime:
        return datetime.now(UTC)

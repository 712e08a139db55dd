"""Which lines did the log get?"""


class MemoryJournal:
    """Collects the log's lines (port Journal)."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, str | int | float]]] = []

    def write(self, event: str, **fields: str | int | float) -> None:
        self.lines.append((event, fields))

    def events(self) -> list[str]:
        """The names alone, in order."""
        return [event for event, _ in self.lines]

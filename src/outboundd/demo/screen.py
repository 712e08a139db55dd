"""What is on the screen while three weeks pass? A bar over the days, a heading a day, a line per notable thing."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from outboundd.demo import notable
from outboundd.demo.people import People

PIPE_WIDTH, WIDEST = 100, 110
STYLES = {
    "you": "bold magenta",
    "sent": "green",
    "follow-up": "green",
    "reply": "bold green",
    "weekend": "cyan",
    "holiday": "bold cyan",
    "cap": "dim",
    "mismatch": "yellow",
    "review": "yellow",
    "bounce": "red",
    "unsubscribed": "red",
    "complaint": "bold red",
    "PAUSE": "bold white on red",
    "FAILED": "bold white on red",
    "off": "magenta",
    "digest": "blue",
}


def console_of() -> Console:
    """The console to play on: as wide as the terminal up to a width that reads well, plain lines in a pipe."""
    console = Console(highlight=False)
    console.width = min(console.width, WIDEST) if console.is_terminal else PIPE_WIDTH
    return console


class Screen:
    """Shows the log as it is written. The same lines on a terminal and in a pipe, there without the bar."""

    def __init__(self, *, console: Console, people: People, zone: str, days: int) -> None:
        self._console = console
        self._people = people
        self._zone = ZoneInfo(zone)
        self._day = ""
        self._shown: Counter[str] = Counter()
        self._ever: set[str] = set()
        self._counts: Counter[str] = Counter()
        self.failed = False
        self.lines: list[Text] = []
        columns = TextColumn("{task.description}"), BarColumn(None), TextColumn("{task.fields[mails]} mails")
        self.bar = Progress(
            *columns, console=console, auto_refresh=False, transient=True, disable=not console.is_terminal
        )
        self._task = self.bar.add_task("", total=days * 24, mails=0)

    def hear(self, event: str, fields: Mapping[str, str | int | float]) -> None:
        """A listener of the log."""
        self._counts[event] += 1
        self.failed |= event == "job.failed"
        line = notable.of(event, fields, self._people, datetime.now(UTC))
        if line is None:
            return
        self._new_day()
        if self._shown[line.kind] >= notable.A_DAY.get(line.kind, 100) or self._shown[line.about]:
            return
        if line.kind in notable.ONCE and line.about in self._ever:
            return
        self._shown.update([line.kind, line.about] if line.about else [line.kind])
        self._ever.add(line.about)
        self.say(line.kind, line.text)

    def say(self, kind: str, text: str) -> None:
        """One line, with the operator's clock; without a kind it continues the line before."""
        self._new_day()
        clock = f"{datetime.now(UTC).astimezone(self._zone):%H:%M}" if kind else ""
        marks = (f"  {clock:5}  ", "dim"), (f"{kind:<13}", STYLES.get(kind, ""))
        self._print(Text.assemble(*marks, (text, "" if kind else "dim")))

    def hour_passed(self) -> None:
        """Move the bar."""
        day = datetime.now(UTC).astimezone(self._zone)
        self.bar.update(self._task, advance=1, description=f"{day:%a %d %b %H:%M}", mails=self._counts["mail.sent"])
        self.bar.refresh()

    def day_ends(self) -> None:
        """What the day came to, for all that was not shown."""
        if self._day and self._counts_of_day():
            self._print(Text(f"         {'':13}{self._counts_of_day()}", style="dim"))
        self._day = ""

    def _new_day(self) -> None:
        day = f"{datetime.now(UTC).astimezone(self._zone):%A %d %B}"
        if day == self._day:
            return
        self.day_ends()
        self._day, self._before = day, Counter(self._counts)
        self._shown.clear()
        self._print(Text(f"{day}", style="bold"))

    def _counts_of_day(self) -> str:
        day = self._counts - self._before
        words = {"mail.sent": "mails left", "lead.verified": "leads verified", "lead.drafted": "drafts written"}
        return ", ".join(f"{day[event]} {word}" for event, word in words.items() if day[event])

    def _print(self, line: Text) -> None:
        self.lines.append(line)
        self._console.print(line, no_wrap=True, overflow="ellipsis", crop=True)

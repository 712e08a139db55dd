"""What does the show need of the world around it, be it embedded or on the wire?"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from outboundd.commands.desk import Desk
from outboundd.config import Config


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail as its recipient sees it."""

    subject: str
    text: str


class Recipients(Protocol):
    """Everybody we write to. `hear` is a listener of the log; `live` lets them react until it is cancelled."""

    def hear(self, event: str, fields: Mapping[str, str | int | float]) -> None: ...

    async def live(self) -> None: ...


class Scene(Protocol):
    """The world of one show. `words` says what it is made of, `browser` where the operator edits a row."""

    words: str
    browser: str

    def standing(self) -> AbstractAsyncContextManager[Config]:
        """The world while it stands; yields the configuration that is wired to it."""
        ...

    def recipients(self, desk: Desk, answered: Callable[[str], None]) -> Recipients:
        """The people of this world; `answered` is told the id of who has written back."""
        ...

    def type_override(self, lead: str, word: str) -> None:
        """The operator types a word into the row's Override cell."""
        ...

    def digests(self) -> Mapping[date, Letter]:
        """The digests that came, by their day."""
        ...

    def places(self, command: str) -> Sequence[tuple[str, str]]:
        """What to type to look at it afterwards, and what one sees there."""
        ...

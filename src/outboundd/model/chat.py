"""What is said in a chat with the operator, and what is it answered with?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Said:
    """One thing that somebody said or pressed. `id` names it for ever, whoever delivers it again.

    `who` is the speaker's number, `private` whether they are alone with us. `at` is when it was said; a button tells no
    time, its `press` is what it must be answered by (empty for a written message) and `at` is when it came.
    """

    id: str
    who: int
    private: bool
    text: str
    at: datetime
    press: str = ""


@dataclass(frozen=True, kw_only=True)
class Order:
    """Something said, as the ledger keeps it until it is done. `begun`: its carrying out had started."""

    id: str
    who: int
    text: str
    at: datetime
    begun: bool = False


class Style(StrEnum):
    """How a part of a message is shown."""

    PLAIN = "plain"
    BOLD = "bold"
    QUOTE = "quote"
    COLUMNS = "columns"


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some lines of a message in one style."""

    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is shown in a chat. `choices` are buttons: (label, what pressing it says). `photo` is a PNG."""

    parts: tuple[Part, ...]
    choices: Choices = ()
    photo: bytes = b""


def plain(text: str, choices: Choices = ()) -> Message:
    """A message of one plain part."""
    return Message(parts=(Part(text=text),), choices=choices)

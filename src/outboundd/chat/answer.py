"""What does the operator see while a command is carried out, and in the end? One message."""

import anyio

from outboundd.commands import COMMANDS, phone
from outboundd.commands.chat import Asked, as_said
from outboundd.commands.desk import Line
from outboundd.model.chat import Message, Part, plain
from outboundd.ports import Chat, Posted

SILENT_S = 3.0  # after which it is said that something is going on
BETWEEN_S = 3.0  # two looks of the bar: edits count as messages
MOST_CHOICES = 8


class Answer:
    """The answer to one command; it grows until it ends."""

    def __init__(self, chat: Chat, who: int, asked: Asked) -> None:
        self._chat = chat
        self._who = who
        self._asked = asked
        self._posted: Posted | None = None
        self._moved_at = 0.0
        self._text: list[str] = []
        self._choices: list[tuple[str, str]] = []
        self._ended = False
        self.data: list[object] = []

    def add(self, line: Line) -> None:
        """One thing that the command says."""
        if line.progress is not None:
            self._move(*line.progress)
        if line.text:
            self._text.append(line.text)
        if line.data is not None:
            self.data.append(line.data)
        self._choices += [choice for choice in line.choices if choice not in self._choices]

    async def bear_with_me(self) -> None:
        """Say that it goes on when nothing else was said for a while."""
        await anyio.sleep(SILENT_S)
        if self._posted is None and not self._ended:
            self._show(plain(f"{self._asked.said}: working …"))

    def end(self, sentence: str = "", photo: bytes = b"") -> None:
        """All that was said, and the sentence with which it ended early; the bar is replaced by it."""
        self._ended = True
        text = "\n".join([*self._text, *([sentence] if sentence else [])]) or "done"
        choices = tuple(self._choices[:MOST_CHOICES])
        self._show(Message(parts=for_phone(text), choices=choices, photo=photo))

    def _move(self, done: int, of: int) -> None:
        now = anyio.current_time()
        if self._posted is None or now - self._moved_at >= BETWEEN_S:
            self._moved_at = now
            self._show(Message(parts=phone.bar(self._asked.said, done, of)))

    def _show(self, message: Message) -> None:
        if self._posted is None:
            self._posted = self._chat.post(self._who, message)
        else:
            self._posted.change(message)


def for_phone(text: str) -> tuple[Part, ...]:
    """A command's words as a chat shows them, with what to type as what to say."""
    return phone.shown(as_said(text, COMMANDS))

"""What is still to be shown in Telegram, and when may the next message leave?

About one message a second to each person, edits included (Bot API FAQ; the only contract is 429 with `retry_after`,
which holds for all). What waits lies in memory, bounded; an outage of hours delays it and loses only what is too much.
"""

import math
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio

from outboundd.adapters.telegram_api import Api
from outboundd.adapters.telegram_errors import GONE, SAME
from outboundd.adapters.telegram_text import LONGEST_CAPTION, clean, cut, shortened
from outboundd.model.chat import Choices, Message, Part
from outboundd.ports import Broken, Exhausted, Failure, Refused, Transient

GAP_S = 1.05
MOST_WAITING = 200
AGAIN_S, AGAIN_MOST_S, UNAUTHORIZED_S = 1.0, 60.0, 900.0


class Pace:
    """Whose turn it is: one request at a time, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._lock = anyio.Lock()
        self._last: dict[int, float] = {}
        self._closed_until = -math.inf

    def closed_for_s(self) -> float:
        """For how long Telegram wants to hear nothing."""
        return max(0.0, self._closed_until - anyio.current_time())

    @asynccontextmanager
    async def turn(self, who: int) -> AsyncIterator[None]:
        """Wait until a message may be shown to this person; a flood that is told within holds everybody."""
        async with self._lock:
            due = max(self._closed_until, self._last.get(who, -math.inf) + GAP_S)
            await anyio.sleep(max(0.0, due - anyio.current_time()))
            try:
                yield
            except Transient as flood:
                if flood.retry_after_s is not None:
                    self._closed_until = anyio.current_time() + flood.retry_after_s
                raise
            finally:
                self._last[who] = anyio.current_time()


@dataclass(frozen=True, kw_only=True)
class _Content:
    """What one message shall show."""

    parts: tuple[Part, ...]
    choices: Choices = ()
    photo: bytes = b""


class _Page:
    """One message: `number` is Telegram's, 0 while it is not there; `wanted` is what it shall show and does not."""

    def __init__(self, who: int, wanted: _Content) -> None:
        self.who = who
        self.number = 0
        self.wanted: _Content | None = wanted


class _Shown:
    """A message that was posted (port Posted)."""

    def __init__(self, queue: "Queue", page: _Page) -> None:
        self._queue = queue
        self._page = page

    def change(self, message: Message) -> None:
        self._queue.change(self._page, message)


class Queue:
    """All that waits. `untold` is told why something will never be shown."""

    def __init__(self, api: Api, pace: Pace, untold: Callable[[str], None]) -> None:
        self._api = api
        self._pace = pace
        self._untold = untold
        self._waiting: deque[_Page] = deque()
        self._more = anyio.Event()
        self._none_waits = anyio.Event()
        self._again_s = AGAIN_S

    def post(self, who: int, message: Message) -> _Shown:
        """A new message, or several where one would be too long."""
        first, *rest = [_Page(who, content) for content in _contents(message)]
        for page in (first, *rest):
            self._add(page)
        return _Shown(self, first)

    def change(self, page: _Page, message: Message) -> None:
        """Other contents for a message; what does not fit into it follows."""
        first, *rest = _contents(message)
        page.wanted = first
        for one in (page, *(_Page(page.who, content) for content in rest)):
            self._add(one)

    async def deliver(self) -> None:
        """Show what waits, for ever."""
        while True:
            while self._waiting:
                await self._show(self._waiting[0])
            self._none_waits.set()
            self._more = anyio.Event()
            await self._more.wait()

    async def all_shown(self) -> None:
        """Wait until nothing waits any more."""
        while self._waiting:
            self._none_waits = anyio.Event()
            await self._none_waits.wait()

    def _add(self, page: _Page) -> None:
        if page not in self._waiting:
            self._waiting.append(page)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.remove(self._waiting[1])  # the first may be on its way
            self._untold("too many messages wait: the oldest was left out")
        self._more.set()

    async def _show(self, page: _Page) -> None:
        """Show what is wanted of one message; what was wanted meanwhile is shown in its next turn."""
        content: _Content | None = None
        try:
            async with self._pace.turn(page.who):
                content, page.wanted = page.wanted, None
                if content is not None:
                    await self._put(page, content)
        except (Transient, Exhausted) as failure:
            page.wanted = page.wanted or content
            await self._wait(failure)
            return
        except (Refused, Broken) as failure:
            if failure.cause == GONE:  # the operator deleted it
                page.number, page.wanted = 0, page.wanted or content
                return
            if failure.cause != SAME:
                self._untold(failure.cause)
        self._again_s = AGAIN_S
        if page.wanted is None:
            self._waiting.remove(page)

    async def _put(self, page: _Page, content: _Content) -> None:
        if content.photo:
            caption = "".join(part.text for part in content.parts)
            page.number = await self._api.send_photo(page.who, content.photo, caption, content.choices)
        elif page.number:
            await self._api.edit(page.who, page.number, content.parts, content.choices)
        else:
            page.number = await self._api.send(page.who, content.parts, content.choices)

    async def _wait(self, failure: Failure) -> None:
        """Until it makes sense to ask again. A flood's end is waited for by the next turn."""
        if isinstance(failure, Exhausted):
            await anyio.sleep(UNAUTHORIZED_S)
        elif self._pace.closed_for_s() == 0:
            await anyio.sleep(self._again_s)
            self._again_s = min(2 * self._again_s, AGAIN_MOST_S)


def _contents(message: Message) -> list[_Content]:
    """A message's pages, its buttons below the last; a picture follows with the first line below it."""
    pages = [tuple(page) for page in cut(message.parts)] or [()]
    contents = [_Content(parts=page) for page in pages[:-1]]
    contents.append(_Content(parts=pages[-1], choices=message.choices))
    if message.photo:
        line = next((line for part in message.parts for line in part.text.splitlines() if line.strip()), "")
        caption = Part(text=shortened(clean(line), LONGEST_CAPTION))
        contents.append(_Content(parts=(caption,), photo=message.photo))
    return contents

"""How does the operator hear of things, and give orders, in Telegram?

One bot in private chats. Updates are asked for in a loop of our own and fed to aiogram's dispatcher: its own poller
retries a revoked key and a second poller for ever, and confirms what was not handled yet (aiogram 3.31, 2026-11).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import anyio
from aiogram import Dispatcher
from aiogram.types import CallbackQuery, Message, Update

from outboundd.adapters.telegram_api import Api
from outboundd.adapters.telegram_errors import VENDOR
from outboundd.adapters.telegram_queue import AGAIN_S, Pace, Queue
from outboundd.adapters.telegram_text import LONGEST, clean, shortened, units
from outboundd.model.chat import Message as Shown
from outboundd.model.chat import Part, Said, Style
from outboundd.ports import Alert, Clock, Failure, Posted, Transient

ALERT_WAIT_S = 30.0
ALERT_TRIES = 3
TITLE_MOST, TAIL_MOST = 300, 1_500

Heard = Callable[[Said], Awaitable[None]]


class Telegram:
    """The operator in Telegram (port Chat). Alerts go to `alert_to`: a person, or a group with a negative number.

    `untold` is told why an answer will never be shown. `as_said` makes of a text with commands for a terminal one with
    those of the chat, in alerts.
    """

    name = VENDOR
    arrives = True

    def __init__(
        self,
        *,
        token: str,
        api_url: str,
        allowed: Sequence[int],
        alert_to: int,
        clock: Clock,
        untold: Callable[[str], None],
        as_said: Callable[[str], str] = lambda text: text,
    ) -> None:
        self._api = Api(token, api_url)
        self._allowed = allowed
        self._alert_to = alert_to
        self._clock = clock
        self._pace = Pace()
        self._queue = Queue(self._api, self._pace, untold)
        self._as_said = as_said
        self._offset: int | None = None
        self._dispatcher = Dispatcher(disable_fsm=True)
        self._dispatcher.message.register(self._message)
        self._dispatcher.callback_query.register(self._pressed)

    async def alert(self, alert: Alert) -> None:
        """Show it at once, past what waits. Raises Transient when it was not shown within ALERT_WAIT_S."""
        if self._pace.closed_for_s() > ALERT_WAIT_S:
            raise Transient(VENDOR, "flood", retry_after_s=self._pace.closed_for_s())
        try:
            with anyio.fail_after(ALERT_WAIT_S):
                await self._tell(alert)
        except TimeoutError:
            raise Transient(VENDOR, "no answer") from None
        except Transient:
            raise
        except Failure as failure:
            raise Transient(VENDOR, failure.cause) from failure

    async def hear(self, heard: Heard) -> None:
        updates = await self._api.updates(self._offset)
        for update in updates:
            await self._dispatcher.feed_update(self._api.bot, update, heard=heard)
            self._offset = update.update_id + 1
        if not updates:
            # All is confirmed. After a quiet week the numbers may begin anew, below the last one.
            self._offset = None

    async def deliver(self) -> None:
        await self._queue.deliver()

    async def all_shown(self) -> None:
        await self._queue.all_shown()

    def post(self, who: int, message: Shown) -> Posted:
        return self._queue.post(who, message)

    async def answer(self, press: str, text: str) -> None:
        await self._api.answer(press, text)

    async def offer(self, who: int, menu: Sequence[tuple[str, str]]) -> None:
        await self._api.menu(who, menu)

    async def probe(self) -> str:
        bot = await self._api.me()
        people = ", ".join(str(number) for number in self._allowed)
        return f"telegram, the bot @{bot.username}; it obeys {people}"

    async def aclose(self) -> None:
        await self._api.aclose()

    async def _tell(self, alert: Alert) -> None:
        """One message; an answer that makes no sense is worth another try."""
        parts = _alert_parts(replace(alert, text=self._as_said(alert.text)))
        for left in range(ALERT_TRIES - 1, -1, -1):
            try:
                async with self._pace.turn(self._alert_to):
                    await self._api.send(self._alert_to, parts, alert.choices)
            except Transient:
                if not left:
                    raise
                await anyio.sleep(AGAIN_S)
            else:
                return

    async def _message(self, message: Message, event_update: Update, heard: Heard) -> None:
        who = message.from_user.id if message.from_user else 0
        said = Said(
            id=self._id(event_update),
            who=who,
            private=message.chat.type == "private",
            text=message.text or "",
            at=message.date,
        )
        await heard(said)

    async def _pressed(self, callback_query: CallbackQuery, event_update: Update, heard: Heard) -> None:
        chat = callback_query.message.chat if callback_query.message else None
        said = Said(
            id=self._id(event_update),
            who=callback_query.from_user.id,
            private=chat is not None and (chat.type == "private" or chat.id == self._alert_to),
            text=callback_query.data or "",
            at=self._clock.now(),
            press=callback_query.id,
        )
        await heard(said)

    def _id(self, update: Update) -> str:
        """The numbers of another bot's updates may be the same."""
        return f"{self._api.bot.id}:{update.update_id}"


def _alert_parts(alert: Alert) -> list[Part]:
    """Title, text and the last lines of the log, in one message: the oldest lines give way."""
    title = Part(text=shortened(clean(alert.title), TITLE_MOST) + "\n", style=Style.BOLD)
    lines: list[str] = []
    for line in reversed(alert.tail):
        if units("\n".join([clean(line), *lines])) > TAIL_MOST:
            break
        lines.insert(0, clean(line))
    tail = [Part(text="\n".join(lines), style=Style.COLUMNS)] if lines else []
    room = LONGEST - TITLE_MOST - TAIL_MOST
    return [title, Part(text=shortened(clean(alert.text), room) + ("\n" if tail else "")), *tail]

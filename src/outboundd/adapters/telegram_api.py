"""How is Telegram asked? One bot, seven methods, each failure one of ours.

The session is aiogram's on aiohttp. It logs no address, and so no token.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageText,
    GetMe,
    GetUpdates,
    SendMessage,
    SendPhoto,
    SetMyCommands,
    TelegramMethod,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Update,
    User,
)
from aiogram.utils import formatting

from outboundd.adapters.telegram_errors import ENTITIES, failure_of
from outboundd.adapters.telegram_text import clean, shortened
from outboundd.model.chat import Choices, Part, Style
from outboundd.motion import MOTION
from outboundd.ports import Refused

TIMEOUT_S = 15
POLL_S = 50  # how long Telegram holds a poll open; the network may take TIMEOUT_S more
KINDS = ["message", "callback_query"]
BUTTON_MOST_BYTES, LABEL_MOST, BUTTONS_IN_A_ROW = 64, 40, 2
NOTICE_MOST = 200

T = TypeVar("T")

_STYLES: dict[Style, type[formatting.Text]] = {
    Style.PLAIN: formatting.Text,
    Style.BOLD: formatting.Bold,
    Style.QUOTE: formatting.ExpandableBlockQuote,
    Style.COLUMNS: formatting.Pre,
}


class _Session(AiohttpSession):
    """aiogram's own, its requests counted while they are on their way."""

    async def make_request(self, bot: Bot, method: TelegramMethod[T], timeout: int | None = None) -> T:
        with MOTION.moving():
            return await super().make_request(bot, method, timeout)


class Api:
    """One bot. Raises Transient, Refused and Exhausted (the token is not taken); a message's number is an int."""

    def __init__(self, token: str, api_url: str) -> None:
        session = _Session(api=TelegramAPIServer.from_base(api_url), timeout=TIMEOUT_S)
        self.bot = Bot(token, session=session)

    async def me(self) -> User:
        return await self._asked(GetMe())

    async def updates(self, offset: int | None) -> Sequence[Update]:
        """What was said since, or nothing after POLL_S."""
        poll = GetUpdates(offset=offset, timeout=POLL_S, allowed_updates=KINDS)
        return await self._asked(poll, POLL_S + TIMEOUT_S)

    async def send(self, who: int, parts: Sequence[Part], choices: Choices) -> int:
        """A new message. Sent again without its styles when Telegram cannot read them."""
        try:
            sent = await self._asked(SendMessage(chat_id=who, reply_markup=keyboard(choices), **_styled(parts)))
        except Refused as refused:
            if refused.cause != ENTITIES:
                raise
            sent = await self._asked(SendMessage(chat_id=who, reply_markup=keyboard(choices), text=_bare(parts)))
        return sent.message_id

    async def edit(self, who: int, number: int, parts: Sequence[Part], choices: Choices) -> None:
        """Another text for a message. Like `send` where styles cannot be read."""
        place: dict[str, Any] = {"chat_id": who, "message_id": number, "reply_markup": keyboard(choices)}
        try:
            await self._asked(EditMessageText(**place, **_styled(parts)))
        except Refused as refused:
            if refused.cause != ENTITIES:
                raise
            await self._asked(EditMessageText(**place, text=_bare(parts)))

    async def send_photo(self, who: int, png: bytes, caption: str, choices: Choices) -> int:
        """A picture with a plain caption."""
        photo = BufferedInputFile(png, "chart.png")
        call = SendPhoto(chat_id=who, photo=photo, caption=caption, reply_markup=keyboard(choices))
        return (await self._asked(call)).message_id

    async def answer(self, query: str, text: str) -> None:
        """The end of a pressed button's waiting."""
        await self._asked(AnswerCallbackQuery(callback_query_id=query, text=shortened(clean(text), NOTICE_MOST)))

    async def menu(self, who: int, commands: Sequence[tuple[str, str]]) -> None:
        """The commands that one person is offered."""
        told = [BotCommand(command=word, description=shortened(doc, 256)) for word, doc in commands]
        await self._asked(SetMyCommands(commands=told, scope=BotCommandScopeChat(chat_id=who)))

    async def aclose(self) -> None:
        """Close the connections."""
        await self.bot.session.close()

    async def _asked(self, method: TelegramMethod[T], within_s: int = TIMEOUT_S) -> T:
        try:
            return await self.bot(method, request_timeout=within_s)
        except Exception as error:  # noqa: BLE001 (whatever it is, it becomes one of the five)
            raise failure_of(error) from None  # its text may repeat what was sent


def keyboard(choices: Choices) -> InlineKeyboardMarkup | None:
    """Buttons, two in a row. What is too long to be said by a button has none."""
    fits = [(label, said) for label, said in choices if 1 <= len(said.encode()) <= BUTTON_MOST_BYTES and label.strip()]
    if not fits:
        return None
    buttons = [
        InlineKeyboardButton(text=shortened(clean(label), LABEL_MOST), callback_data=said) for label, said in fits
    ]
    rows = [buttons[n : n + BUTTONS_IN_A_ROW] for n in range(0, len(buttons), BUTTONS_IN_A_ROW)]
    return InlineKeyboardMarkup(inline_keyboard=rows)


def _styled(parts: Sequence[Part]) -> dict[str, Any]:
    """Text and entities. An empty message does not exist there."""
    nodes = [_STYLES[part.style](part.text) for part in parts]
    return formatting.Text(*nodes).as_kwargs() if nodes else {"text": "–"}


def _bare(parts: Sequence[Part]) -> str:
    return "".join(part.text for part in parts)

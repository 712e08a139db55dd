"""Does the sandbox's Telegram behave towards the official client as the real Bot API is known to?"""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import anyio
import httpx
import pytest
from aiogram import Bot, exceptions
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    Update,
)

from outboundd import virtual
from outboundd.adapters import http
from outboundd.motion import MOTION
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.telegram import Telegram
from outboundd.sandbox.world import World
from sandbox.playing import START, HandClock, world

KEYS = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text=t, callback_data=d) for t, d in (("Yes", "y:1"), ("No", "n:1"))]]
)


class SilentClock(HandClock):
    """Time that does not pass: whoever sleeps sleeps until they are woken otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.asleep.set()
        await asyncio.Event().wait()


class Desk:
    """The official client, and the vendor it talks to."""

    def __init__(self, vendor: Telegram, bot: Bot, url: str, clock: HandClock) -> None:
        self.vendor, self.bot, self.url, self.clock = vendor, bot, url, clock

    def fault(self, name: str, **how: object) -> None:
        """Switch it on."""
        self.vendor.world.faults.switch_on("telegram", name, **how)

    async def updates(self, **how: Any) -> list[int]:
        """The ids of what one poll brings."""
        return [update.update_id for update in await self.bot.get_updates(**how)]


class Session(AiohttpSession):
    """The official session; its close alone is ours, for the official one sleeps a quarter of a second."""

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


@asynccontextmanager
async def desk(token: str = "42:sandbox", clock: HandClock | None = None, **how: Any) -> AsyncIterator[Desk]:
    """The sandbox with one vendor, and a bot with this token."""
    clock = clock or HandClock()
    vendor = Telegram(world(clock), **how)
    async with serving(Sandbox(vendor.world, [vendor])) as url:
        session = Session(api=TelegramAPIServer.from_base(f"{url}/telegram"), timeout=10)
        async with Bot(token, session=session) as bot:
            yield Desk(vendor, bot, url, clock)


def message_of(update: Update) -> Message:
    """The message in it."""
    assert update.message is not None
    return update.message


async def test_a_bot_knows_itself_and_that_it_has_no_webhook():
    """The official session, untouched, down to its close."""
    clock = HandClock()
    vendor = Telegram(world(clock))
    async with serving(Sandbox(vendor.world, [vendor])) as url:
        session = AiohttpSession(api=TelegramAPIServer.from_base(f"{url}/telegram"))
        async with Bot("42:sandbox", session=session) as bot:
            assert (await bot.get_me()).is_bot
            assert (await bot.get_webhook_info()).url == ""


async def test_what_a_person_says_comes_until_it_is_confirmed():
    """A poll without a higher offset brings it again; one with it brings what is new."""
    async with desk() as at:
        first = at.vendor.say(7, "/stop now")
        [update] = await at.bot.get_updates()
        told = message_of(update)
        assert (update.update_id, told.text, told.chat.type) == (first, "/stop now", "private")
        assert told.from_user is not None
        assert (told.from_user.id, told.entities and told.entities[0].type) == (7, "bot_command")
        assert await at.updates() == [first]
        second = at.vendor.say(7, "more")
        assert await at.updates(offset=first + 1) == [second]
        assert await at.updates(offset=second + 1) == []
        assert await at.updates() == []


async def test_a_negative_offset_reads_from_the_end_and_forgets_the_rest():
    """The last one alone is left; a limit takes from the front."""
    async with desk() as at:
        ids = [at.vendor.say(7, str(n)) for n in range(4)]
        assert await at.updates(limit=2) == ids[:2]
        assert await at.updates(offset=-1) == ids[-1:]
        assert await at.updates() == ids[-1:]


async def test_what_nobody_fetched_for_a_day_is_gone():
    """24 hours."""
    async with desk() as at:
        at.vendor.say(7, "old")
        await at.clock.sleep(24 * 3600)
        new = at.vendor.say(7, "new")
        assert await at.updates() == [new]


async def test_a_long_poll_wakes_when_something_is_said():
    """Before its time is over, on a clock that stands still."""
    clock = SilentClock()
    async with desk(clock=clock) as at:
        poll = asyncio.create_task(at.updates(timeout=50))
        await clock.asleep.wait()
        said = at.vendor.say(7, "hello")
        assert await poll == [said]


async def test_a_long_poll_ends_with_nothing_when_its_time_is_over():
    """On the world's clock."""
    async with desk() as at:
        before = at.clock.at
        assert await at.updates(timeout=50) == []
        assert (at.clock.at - before).total_seconds() == 50


def test_a_long_poll_lets_virtual_time_pass():
    """Ten seconds until something is said, then fifty until nothing is, and not one of them is waited for."""

    async def sleep(seconds: float) -> None:
        with MOTION.resting():
            await anyio.sleep(seconds)

    async def polled(client: httpx.AsyncClient, offset: int) -> int:
        """How many updates a poll of fifty seconds brings."""
        how = {"timeout": "50", "offset": str(offset)}
        answer = await http.request(client, "telegram", "POST", "/bot42:sandbox/getUpdates", repeatable=True, data=how)
        return len(answer.json()["result"])

    async def main() -> list[tuple[int, float]]:
        vendor = Telegram(World(now=lambda: datetime.now(UTC), sleep=sleep, rng=random.Random(1)))
        account = http.Account(vendor="telegram", windows=lambda method, path: [], closed_for_s=lambda answer: None)
        asyncio.get_running_loop().call_later(10, vendor.say, 7, "hello")
        async with (
            serving(Sandbox(vendor.world, [vendor])) as url,
            http.client(account, f"{url}/telegram", timeout_s=60, headers={}) as client,
        ):
            heard = await polled(client, 0), (datetime.now(UTC) - START).total_seconds()
            nothing = await polled(client, 2), (datetime.now(UTC) - START).total_seconds()
        return [heard, nothing]

    assert virtual.run(main, START) == [(1, pytest.approx(10, abs=0.1)), (0, pytest.approx(60, abs=0.1))]


async def test_a_second_poller_ends_the_first():
    """With 409; the second goes on."""
    clock = SilentClock()
    async with desk(clock=clock) as at:
        first = asyncio.create_task(at.updates(timeout=50))
        await clock.asleep.wait()
        assert await at.updates(timeout=0) == []
        with pytest.raises(exceptions.TelegramConflictError):
            await first
        assert await at.updates(timeout=0) == []


async def test_an_update_may_come_twice():
    """Whatever was confirmed, to the next poll and to no other."""
    async with desk() as at:
        said = at.vendor.say(7, "go")
        assert await at.updates() == [said]
        assert await at.updates(offset=said + 1) == []
        at.vendor.redeliver()
        assert await at.updates(offset=said + 1) == [said]
        assert await at.updates(offset=said + 1) == []


async def test_only_the_kinds_that_are_allowed_come():
    """What was allowed before holds until something else is said."""
    async with desk() as at:
        sent = await at.bot.send_message(7, "?", reply_markup=KEYS)
        said, pressed = at.vendor.say(7, "a"), at.vendor.press(7, sent.message_id, "y:1")
        assert await at.updates(allowed_updates=["callback_query"]) == [pressed]
        assert await at.updates() == [pressed]
        assert await at.updates(allowed_updates=[]) == [said, pressed]


async def test_a_message_with_buttons_is_sent_pressed_answered_and_changed():
    """The whole round, and each step is on record."""
    async with desk() as at:
        sent = await at.bot.send_message(7, "Send <b>it</b>?", parse_mode="HTML", reply_markup=KEYS)
        assert sent.text == "Send it?"
        at.vendor.press(7, sent.message_id, "y:1")
        [update] = await at.bot.get_updates()
        query = update.callback_query
        assert query is not None
        assert query.message is not None
        assert (query.data, query.message.message_id) == ("y:1", sent.message_id)
        assert await at.bot.answer_callback_query(query.id, text="done")
        await at.bot.edit_message_text("Sent.", chat_id=7, message_id=sent.message_id)
        assert at.vendor.answered == [(query.id, "done")]
        assert [(one.method, one.text, one.buttons) for one in at.vendor.sent] == [
            ("sendMessage", "Send it?", (("Yes", "y:1"), ("No", "n:1"))),
            ("editMessageText", "Sent.", ()),
        ]
        assert {one.message_id for one in at.vendor.sent} == {sent.message_id}


async def test_an_old_or_unknown_query_can_no_longer_be_answered():
    """400, and nothing else breaks."""
    async with desk() as at:
        sent = await at.bot.send_message(7, "?")
        at.vendor.press(7, sent.message_id, "y:1")
        [update] = await at.bot.get_updates()
        assert update.callback_query is not None
        await at.clock.sleep(3600)
        for query in (update.callback_query.id, "other"):
            with pytest.raises(exceptions.TelegramBadRequest, match="query is too old"):
                await at.bot.answer_callback_query(query)


async def test_a_photo_is_uploaded_whole():
    """As multipart, with its caption; one above 10 MB is refused."""
    async with desk() as at:
        sent = await at.bot.send_photo(7, BufferedInputFile(b"png" * 1000, "a.png"), caption="The week")
        assert sent.photo
        assert sent.photo[0].file_size == 3000
        assert (at.vendor.sent[0].photo_bytes, at.vendor.sent[0].text) == (3000, "The week")
        with pytest.raises(exceptions.TelegramEntityTooLarge):
            await at.bot.send_photo(7, BufferedInputFile(b"x" * (10 * 1024 * 1024 + 1), "a.png"))
        with pytest.raises(exceptions.TelegramBadRequest, match="caption is too long"):
            await at.bot.send_photo(7, BufferedInputFile(b"png", "a.png"), caption="x" * 1025)


async def test_length_is_counted_in_utf16_units_after_markup():
    """4096 pass, one more does not, and an emoji is two."""
    async with desk() as at:
        await at.bot.send_message(7, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
        await at.bot.send_message(7, "🙂" * 2048)
        for text in ("x" * 4097, "🙂" * 2048 + "x"):
            with pytest.raises(exceptions.TelegramBadRequest, match="message is too long"):
                await at.bot.send_message(7, text)
        with pytest.raises(exceptions.TelegramBadRequest, match="text is empty"):
            await at.bot.send_message(7, " ")
        assert len(at.vendor.sent) == 2


async def test_a_button_carries_at_most_64_bytes():
    """Refused, not cut."""
    keys = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Yes", callback_data="ü" * 33)]])
    async with desk() as at:
        with pytest.raises(exceptions.TelegramBadRequest, match="BUTTON_DATA_INVALID"):
            await at.bot.send_message(7, "?", reply_markup=keys)


async def test_nobody_is_written_to_who_did_not_open_the_chat_or_closed_it():
    """400 for a stranger, 403 for who has blocked the bot; who writes to it opens the chat."""
    async with desk() as at:
        with pytest.raises(exceptions.TelegramBadRequest, match="chat not found"):
            await at.bot.send_message(8, "hello")
        at.vendor.say(8, "/start")
        assert (await at.bot.send_message(8, "hello")).chat.id == 8
        at.vendor.blocked.add(8)
        with pytest.raises(exceptions.TelegramForbiddenError):
            await at.bot.send_message(8, "hello")


async def test_an_edit_that_changes_nothing_is_refused():
    """Text and keyboard both the same; and a message that is not there cannot be edited."""
    async with desk() as at:
        sent = await at.bot.send_message(7, "a")
        with pytest.raises(exceptions.TelegramBadRequest, match="not modified"):
            await at.bot.edit_message_text("a", chat_id=7, message_id=sent.message_id)
        await at.bot.edit_message_text("a", chat_id=7, message_id=sent.message_id, reply_markup=KEYS)
        with pytest.raises(exceptions.TelegramBadRequest, match="message to edit not found"):
            await at.bot.edit_message_text("b", chat_id=7, message_id=999)


async def test_a_menu_is_kept_by_its_scope():
    """A chat's own beside the default one; a name in capitals and a chat of a stranger are refused."""
    menu = [BotCommand(command="stop", description="stop sending")]
    async with desk() as at:
        await at.bot.set_my_commands(menu)
        await at.bot.set_my_commands([], scope=BotCommandScopeChat(chat_id=7))
        assert at.vendor.commands == {"default": [{"command": "stop", "description": "stop sending"}], "chat:7": []}
        with pytest.raises(exceptions.TelegramBadRequest, match="BOT_COMMAND_INVALID"):
            await at.bot.set_my_commands([BotCommand(command="Stop", description="x")])
        with pytest.raises(exceptions.TelegramBadRequest, match="chat not found"):
            await at.bot.set_my_commands(menu, scope=BotCommandScopeChat(chat_id=9))


async def test_pending_updates_are_dropped_only_when_asked_for():
    """Deleting a webhook that is not there changes nothing by itself."""
    async with desk() as at:
        at.vendor.say(7, "/stop")
        await at.bot.delete_webhook()
        assert (await at.bot.get_webhook_info()).pending_update_count == 1
        await at.bot.delete_webhook(drop_pending_updates=True)
        assert await at.updates() == []


async def test_a_strict_chat_takes_one_message_a_second():
    """The second is told how long to wait, edits count, and another chat is not held up."""
    async with desk(strict=True, people=(7, 8)) as at:
        sent = await at.bot.send_message(7, "a")
        with pytest.raises(exceptions.TelegramRetryAfter) as caught:
            await at.bot.edit_message_text("b", chat_id=7, message_id=sent.message_id)
        assert caught.value.retry_after == 1
        await at.bot.send_message(8, "a")
        await at.clock.sleep(1)
        await at.bot.send_message(7, "c")
        assert [one.text for one in at.vendor.sent] == ["a", "a", "c"]


@pytest.mark.parametrize(
    ("token", "error"),
    [("42:other", exceptions.TelegramUnauthorizedError), ("43:sandbox", exceptions.TelegramUnauthorizedError)],
)
async def test_a_wrong_token_is_refused(token: str, error: type[Exception]):
    """401; where the address holds no token at all, 404, as for a method that does not exist."""
    async with desk(token=token) as at:
        with pytest.raises(error):
            await at.bot.get_me()
        async with aiohttp.ClientSession() as session:
            for path in ("botnothing/getMe", "bot42:sandbox/getNothing"):
                async with session.get(f"{at.url}/telegram/{path}") as answer:
                    assert (answer.status, (await answer.json())["ok"]) == (404, False)


async def test_a_refusal_can_be_switched_on():
    """Each once, for the calls that it fits, and nothing is sent."""
    async with desk() as at:
        sent = await at.bot.send_message(7, "a")
        for name in ("conflict", "unauthorized", "flood", "not_modified", "entities"):
            at.fault(name, value=20)
        with pytest.raises(exceptions.TelegramUnauthorizedError):
            await at.bot.get_me()
        with pytest.raises(exceptions.TelegramConflictError):
            await at.updates()
        with pytest.raises(exceptions.TelegramRetryAfter) as caught:
            await at.bot.send_message(7, "b")
        assert caught.value.retry_after == 20
        with pytest.raises(exceptions.TelegramBadRequest, match="not modified"):
            await at.bot.edit_message_text("b", chat_id=7, message_id=sent.message_id)
        with pytest.raises(exceptions.TelegramBadRequest, match="can't parse entities"):
            await at.bot.send_message(7, "<b>c", parse_mode="HTML")
        assert len(at.vendor.sent) == 1


async def test_broken_markup_is_refused_and_the_same_as_plain_text_passes():
    """As long as the fault is on."""
    async with desk() as at:
        at.fault("entities", times=0)
        for _ in range(2):
            with pytest.raises(exceptions.TelegramBadRequest, match="can't parse entities"):
                await at.bot.send_message(7, "<b>c", parse_mode="HTML")
            assert (await at.bot.send_message(7, "<b>c")).text == "<b>c"


async def test_a_page_instead_of_an_answer_is_no_error_of_the_api():
    """The client cannot read it: the fault that all vendors share."""
    async with desk() as at:
        at.fault("html")
        with pytest.raises(exceptions.ClientDecodeError):
            await at.bot.get_me()


async def test_a_refusal_can_repeat_all_that_was_said():
    """With the text and the address, where Telegram's own holds the token: what is logged of it must not."""
    async with desk() as at:
        at.fault("echo", value=400)
        with pytest.raises(exceptions.TelegramAPIError) as refused:
            await at.bot.send_message(7, "Dear Rosa")
        assert "Dear+Rosa" in str(refused.value)
        assert at.bot.token in str(refused.value)


async def test_its_state_survives_as_json():
    """A copy that is loaded from the dump has the same messages, and the same updates wait."""
    async with desk() as at:
        sent = await at.bot.send_message(7, "?", reply_markup=KEYS)
        at.vendor.press(7, sent.message_id, "y:1")
        copy = Telegram(at.vendor.world)
        copy.load(json.loads(json.dumps(at.vendor.dump())))
        assert copy.sent == at.vendor.sent
        assert json.dumps(copy.dump()) == json.dumps(at.vendor.dump())

"""Can somebody with curl for a phone talk to the sandbox's bot, and read what it answered?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from outboundd.sandbox.bot_phone import Phone
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.telegram import Telegram
from sandbox.playing import HandClock, world

BOT = "/telegram/bot42:sandbox"
BUTTONS = '{"inline_keyboard": [[{"text": "Go on", "callback_data": "resume"}]]}'


@asynccontextmanager
async def phone() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the sandbox with one vendor."""
    vendor = Telegram(world(HandClock()))
    async with (
        serving(Sandbox(vendor.world, [vendor], Phone(vendor).routes())) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        yield client


async def test_what_is_said_and_pressed_reaches_the_bot_and_stands_in_the_chat_beside_its_answer() -> None:
    """In the order in which it happened; a message that was changed as it stands at last."""
    async with phone() as client:
        said = await client.post("/_sandbox/telegram/say", json={"user_id": 7, "text": "/pause"})
        assert said.status_code == 200
        form = {"chat_id": "7", "text": "off", "reply_markup": BUTTONS}
        await client.post(f"{BOT}/sendMessage", data={**form, "text": "working"})
        await client.post(f"{BOT}/editMessageText", data={**form, "message_id": "2"})
        pressed = await client.post("/_sandbox/telegram/press", json={"user_id": 7, "label": "Go on"})
        assert pressed.text == "pressed below message 2\n"
        updates = (await client.get(f"{BOT}/getUpdates")).json()["result"]
        assert [updates[0]["message"]["text"], updates[1]["callback_query"]["data"]] == ["/pause", "resume"]
        chat = (await client.get("/_sandbox/telegram/chat", params={"user_id": 7})).text
        assert chat == (
            "-- 1, 08:00:00, you\n/pause\n\n-- 2, 08:00:00, bot\noff\n[Go on]\n\n-- 2, 08:00:00, you\n[Go on]\n"
        )
        last = await client.get("/_sandbox/telegram/chat", params={"user_id": 7, "last": 1})
        assert last.text == "-- 2, 08:00:00, you\n[Go on]\n"
        assert (await client.get("/_sandbox/telegram/chat", params={"user_id": 666})).text == ""


async def test_a_photo_can_be_looked_at() -> None:
    """The very bytes that the bot sent; the chat says where."""
    async with phone() as client:
        await client.post(f"{BOT}/sendPhoto", data={"chat_id": "7"}, files={"photo": b"\x89PNG picture"})
        chat = (await client.get("/_sandbox/telegram/chat", params={"user_id": 7})).text
        assert "/_sandbox/telegram/photo/1" in chat
        assert (await client.get("/_sandbox/telegram/photo/1")).content == b"\x89PNG picture"
        assert (await client.get("/_sandbox/telegram/photo/2")).status_code == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("say", "{half"),
        ("say", "[]"),
        ("say", '{"user_id": "7", "text": "/stats"}'),
        ("say", '{"user_id": 7}'),
        ("press", '{"user_id": 7, "text": "Go on"}'),
        ("press", '{"user_id": 7, "label": "Go on"}'),
    ],
)
async def test_a_slip_of_the_hand_is_told_with_how_it_is_meant(path: str, body: str) -> None:
    """And nothing is said to the bot."""
    async with phone() as client:
        answer = await client.post(f"/_sandbox/telegram/{path}", content=body)
        assert (answer.status_code, answer.text.startswith(("wanted: ", "no message "))) == (400, True)
        assert (await client.get("/_sandbox/telegram/chat")).status_code == 400
        assert (await client.get(f"{BOT}/getUpdates")).json()["result"] == []

"""What does a bot client that was loaded lean say and hear? A program of its own: a process loads a library once."""

import asyncio
import json
import random
import sys
from datetime import UTC, datetime

from outboundd.adapters import lean_aiogram
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.telegram import Telegram
from outboundd.sandbox.world import World

lean_aiogram.load()

from aiogram import Bot, types  # noqa: E402 (what is loaded before is what this is about)
from aiogram.client.session.aiohttp import AiohttpSession  # noqa: E402
from aiogram.client.telegram import TelegramAPIServer  # noqa: E402
from aiogram.exceptions import TelegramBadRequest  # noqa: E402

TOKEN = "42:lean"
OPERATOR = 7


async def main() -> dict[str, object]:
    """Every call that a control bot makes, against the sandbox over HTTP."""
    world = World(now=lambda: datetime.now(UTC), sleep=asyncio.sleep, rng=random.Random(1))
    telegram = Telegram(world, token=TOKEN)
    async with serving(Sandbox(world, (telegram,))) as url:
        server = TelegramAPIServer.from_base(f"{url}/telegram")
        async with Bot(TOKEN, session=AiohttpSession(api=server)).context() as bot:
            return await talk(bot, telegram)


async def talk(bot: Bot, telegram: Telegram) -> dict[str, object]:
    """What came of it."""
    me = await bot.get_me()
    await bot.delete_webhook()
    scope = types.BotCommandScopeChat(chat_id=OPERATOR)
    await bot.set_my_commands([types.BotCommand(command="stats", description="the figures")], scope=scope)
    telegram.say(OPERATOR, "/stats")
    (asked,) = await bot.get_updates(timeout=0)
    button = types.InlineKeyboardButton(text="resume", callback_data="r")
    keyboard = types.InlineKeyboardMarkup(inline_keyboard=[[button]])
    sent = await bot.send_message(OPERATOR, "figures", reply_markup=keyboard)
    edited = await bot.edit_message_text("more", chat_id=OPERATOR, message_id=sent.message_id, reply_markup=keyboard)
    photo = await bot.send_photo(OPERATOR, types.BufferedInputFile(b"\x89PNG", "chart.png"), caption="a chart")
    telegram.press(OPERATOR, sent.message_id, "r")
    (pressed,) = await bot.get_updates(offset=asked.update_id + 1, timeout=0)
    assert asked.message
    assert pressed.callback_query
    assert isinstance(edited, types.Message)
    await bot.answer_callback_query(pressed.callback_query.id)
    try:
        await bot.send_message(OPERATOR, "")
    except TelegramBadRequest as refused:
        refusal = type(refused).__name__
    return {
        "me": me.username,
        "heard": [asked.message.text, asked.message.from_user.id if asked.message.from_user else None],
        "sent": [sent.text, edited.text, photo.caption],
        "pressed": [pressed.callback_query.data, pressed.callback_query.from_user.id],
        "refused": refusal,
        "unused": types.Sticker.__pydantic_complete__,
        "late": types.Dice.model_validate({"emoji": "x", "value": 3}).value,
    }


if __name__ == "__main__":
    json.dump(asyncio.run(main()), sys.stdout)

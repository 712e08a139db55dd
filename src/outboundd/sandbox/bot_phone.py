"""How does somebody talk to the bot who has curl for a phone? They write, press a button, and read the chat."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aiohttp import web

from outboundd.sandbox.bot_messages import Said, Sent
from outboundd.sandbox.telegram import Telegram

SHOWN = 10  # messages of a chat, unless another number is asked for
_SAY = {"user_id": int, "text": str}
_PRESS = {"user_id": int, "label": str}


class Phone:
    """What people do in their chats with one bot."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """All below `/_sandbox/telegram`."""
        return [
            web.post("/_sandbox/telegram/say", self._say),
            web.post("/_sandbox/telegram/press", self._press),
            web.get("/_sandbox/telegram/chat", self._chat),
            web.get("/_sandbox/telegram/photo/{number:[0-9]+}", self._photo),
        ]

    async def _say(self, request: web.Request) -> web.Response:
        told = await _told(request, _SAY)
        if told is None:
            return _refused('wanted: a JSON object, as in {"user_id": 7, "text": "/stats"}')
        self._telegram.say(told["user_id"], told["text"])
        return _page("said\n")

    async def _press(self, request: web.Request) -> web.Response:
        """The button of this label, below the last message that has one."""
        told = await _told(request, _PRESS)
        if told is None:
            return _refused('wanted: a JSON object, as in {"user_id": 7, "label": "Pause everything"}')
        for one in reversed(standing(self._telegram, told["user_id"])):
            data = dict(one.buttons).get(told["label"]) if isinstance(one, Sent) else None
            if data is not None:
                self._telegram.press(told["user_id"], one.message_id, data)
                return _page(f"pressed below message {one.message_id}\n")
        return _refused("no message in this chat has a button of this label")

    async def _chat(self, request: web.Request) -> web.Response:
        user_id, last = request.query.get("user_id", ""), request.query.get("last", str(SHOWN))
        if not (user_id.isdecimal() and last.isdecimal()):
            return _refused("wanted: ?user_id=7, and &last=20 for another number of messages")
        return _page("\n".join(_shown(one) for one in standing(self._telegram, int(user_id))[-int(last) :]))

    async def _photo(self, request: web.Request) -> web.Response:
        photo = self._telegram.photos.get(int(request.match_info["number"]))
        return (
            _refused("no photo came with this message")
            if photo is None
            else web.Response(body=photo, content_type="image/png")
        )


def standing(telegram: Telegram, user_id: int) -> list[Said | Sent]:
    """The chat with this person, oldest first, each message of the bot as it stands by now."""
    shown = {one.message_id: one for one in telegram.sent if one.chat_id == user_id}
    said = (one for one in telegram.said if one.chat_id == user_id)
    return sorted([*said, *shown.values()], key=lambda one: (one.message_id, isinstance(one, Said)))


def _shown(one: Said | Sent) -> str:
    return "\n".join(_lines(one)) + "\n"


def _lines(one: Said | Sent) -> Iterator[str]:
    who = "you" if isinstance(one, Said) else "bot"
    yield f"-- {one.message_id}, {one.at:%H:%M:%S}, {who}"
    yield one.text
    if isinstance(one, Sent) and one.buttons:
        yield " ".join(f"[{label}]" for label, _ in one.buttons)
    if isinstance(one, Sent) and one.photo_bytes:
        yield f"(a photo: /_sandbox/telegram/photo/{one.message_id})"


async def _told(request: web.Request, wanted: Mapping[str, type]) -> dict[str, Any] | None:
    """The object in the request; None where it is none, or not of these fields and types."""
    try:
        told = json.loads(await request.text())
    except ValueError:
        return None
    fits = isinstance(told, dict) and {name: type(value) for name, value in told.items()} == wanted
    return told if fits else None


def _page(text: str) -> web.Response:
    return web.Response(text=text)


def _refused(sentence: str) -> web.Response:
    return web.Response(status=400, text=f"{sentence}\n")

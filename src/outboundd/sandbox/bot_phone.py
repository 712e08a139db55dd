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
        for sent in reversed(self._standing(told["user_id"])):
            data = dict(sent.buttons).get(told["label"])
            if data is not None:
                self._telegram.press(told["user_id"], sent.message_id, data)
                return _page(f"pressed below message {sent.message_id}\n")
        return _refused("no message in this chat has a button of this label")

    async def _chat(self, request: web.Request) -> web.Response:
        user_id, last = request.query.get("user_id", ""), request.query.get("last", str(SHOWN))
        if not (user_id.isdecimal() and last.isdecimal()):
            return _refused("wanted: ?user_id=7, and &last=20 for another number of messages")
        said = (one for one in self._telegram.said if one.chat_id == int(user_id))
        both: list[Said | Sent] = [*said, *self._standing(int(user_id))]
        both.sort(key=lambda one: one.message_id)
        return _page("\n".join(_shown(one) for one in both[-int(last) :]))

    async def _photo(self, request: web.Request) -> web.Response:
        photo = self._telegram.photos.get(int(request.match_info["number"]))
        return (
            _refused("no photo came with this message")
            if photo is None
            else web.Response(body=photo, content_type="image/png")
        )

    def _standing(self, user_id: int) -> list[Sent]:
        """Each message of the bot to this person, as it stands by now."""
        return list({one.message_id: one for one in self._telegram.sent if one.chat_id == user_id}.values())


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

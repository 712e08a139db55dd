"""What may a message of a bot hold, and how does the Bot API show it?"""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from outboundd.sandbox.bot_answers import Refusal, bad

TEXT_MAX, CAPTION_MAX, BUTTON_MAX_BYTES, PHOTO_MAX_BYTES = 4096, 1024, 64, 10 * 1024 * 1024
BOT = {"id": 42, "is_bot": True, "first_name": "Sandbox", "username": "sandbox_bot"}
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")

Form = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One message as it was sent or changed. `buttons` are (label, data); `photo_bytes` 0 without a photo.

    `entities` are the styles beside the text, as the Bot API takes them: offsets in UTF-16 units.
    """

    at: datetime
    method: str
    chat_id: int
    message_id: int
    text: str
    buttons: tuple[tuple[str, str], ...] = ()
    photo_bytes: int = 0
    entities: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message of a person to the bot; or a button, in brackets, pressed after the message of this number."""

    at: datetime
    chat_id: int
    message_id: int
    text: str


async def form_of(request: web.Request) -> Form:
    """The fields of a request, form-encoded, multipart or in the address; a file is its bytes."""
    fields: dict[str, Any] = dict(request.query)
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            with value.file as file:
                fields[name] = file.read()
        else:
            fields[name] = value
    return fields


def number(form: Form, name: str, default: int | None = None) -> int:
    """A whole number among the fields."""
    try:
        return int(form[name]) if default is None else int(form.get(name, default))
    except (KeyError, ValueError):
        raise bad(f"{name} is not specified") from None


def units(text: str) -> int:
    """The length as Telegram counts it: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def shown_text(form: Form) -> str:
    """The text of a message after its markup was read. Raises Refusal for none and for too much."""
    text = _without_markup(form, "text")
    if not text.strip():
        raise bad("message text is empty")
    if units(text) > TEXT_MAX:
        raise bad("message is too long")
    return text


def shown_caption(form: Form) -> str:
    """The caption of a photo after its markup was read; may be empty."""
    text = _without_markup(form, "caption")
    if units(text) > CAPTION_MAX:
        raise bad("message caption is too long")
    return text


def entities(form: Form, name: str) -> tuple[Mapping[str, Any], ...]:
    """The styles that come beside a text, by the name of their field."""
    return tuple(json.loads(form.get(name) or "[]"))


def photo_of(form: Form) -> bytes:
    """The photo that comes with the request; empty for one that is named by its id or address."""
    named = form.get("photo")
    photo = form.get(str(named).removeprefix("attach://")) if str(named).startswith("attach://") else named
    if not photo:
        raise bad("there is no photo in the request")
    content = photo if isinstance(photo, bytes) else b""
    if len(content) > PHOTO_MAX_BYTES:
        raise Refusal(413, "Request Entity Too Large")
    return content


def buttons(form: Form) -> tuple[tuple[str, str], ...]:
    """Label and data of each inline button, row after row. Raises Refusal for data outside 1 to 64 bytes."""
    rows = json.loads(form.get("reply_markup") or "{}").get("inline_keyboard", [])
    found = tuple((button["text"], button.get("callback_data", "")) for row in rows for button in row)
    if any(not 1 <= len(data.encode()) <= BUTTON_MAX_BYTES for _, data in found):
        raise bad("BUTTON_DATA_INVALID")
    return found


def commands(form: Form) -> list[Mapping[str, str]]:
    """The commands of a menu. Raises Refusal for a name or description that is none."""
    told: list[Mapping[str, str]] = json.loads(form.get("commands") or "[]")
    for one in told:
        if not _COMMAND.fullmatch(one.get("command", "")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= units(one.get("description", "")) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return told


def message(sent: Sent, form: Form) -> dict[str, Any]:
    """The message as the Bot API shows it."""
    told: dict[str, Any] = {
        "message_id": sent.message_id,
        "date": int(sent.at.timestamp()),
        "chat": chat(sent.chat_id),
        "from": BOT,
    }
    if sent.method == "sendPhoto":
        size = {
            "file_id": f"photo{sent.message_id}",
            "file_unique_id": f"p{sent.message_id}",
            "width": 90,
            "height": 90,
        }
        told |= {"photo": [{**size, "file_size": sent.photo_bytes}], "caption": sent.text}
    else:
        told["text"] = sent.text
    if sent.buttons:
        told["reply_markup"] = json.loads(form["reply_markup"])
    return told


def chat(user_id: int) -> Mapping[str, Any]:
    """The private chat with a person."""
    return {"id": user_id, "type": "private", "first_name": "Person"}


def person(user_id: int) -> Mapping[str, Any]:
    """A person, no bot."""
    return {"id": user_id, "is_bot": False, "first_name": "Person"}


def _without_markup(form: Form, name: str) -> str:
    text = str(form.get(name, ""))
    return html.unescape(re.sub(r"<[^<>]*>", "", text)) if form.get("parse_mode") == "HTML" else text

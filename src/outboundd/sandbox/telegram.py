"""What does Telegram's Bot API do with a bot's calls, and what do the people say who talk to it?

Faults: `unauthorized` (401), `conflict` (409 to a poll), `flood` (429 to a message; value: seconds), `not_modified`
(400 to an edit), `entities` (400 to whatever carries markup; plain text passes).
"""

import json
import math
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from outboundd.sandbox import bot_messages as messages
from outboundd.sandbox.bot_answers import Refusal, bad, conflict, flooded, refused, result
from outboundd.sandbox.bot_messages import Form, Said, Sent
from outboundd.sandbox.bot_updates import Updates
from outboundd.sandbox.world import World

_TOKEN = re.compile(r"[0-9]+:.+")
_MESSAGES = frozenset({"sendMessage", "editMessageText", "sendPhoto"})
_SAME = "message is not modified: specified new message content and reply markup are exactly the same as a current one"
# Nobody knows the true figure; that it ends after some minutes is reported.
_QUERY_OPEN = timedelta(minutes=15)


class Telegram:
    """One bot. `people` have opened a chat with it; whoever says something joins them.

    `sent` is every message in order, edits included, `said` what the people wrote; `photos` by message (lost when the
    sandbox ends), `answered` the callback queries (id, text), `commands` the menus
    by scope, `blocked` the people who want to hear no more. `strict`: one message a second in a chat, edits included.
    """

    name = "telegram"

    def __init__(
        self,
        world: World,
        *,
        token: str = "42:sandbox",  # noqa: S107 (opens nothing)
        people: Iterable[int] = (7,),
        strict: bool = False,
    ) -> None:
        self.world = world
        self.people, self.blocked = set(people), set[int]()
        self.sent: list[Sent] = []
        self.said: list[Said] = []
        self.photos: dict[int, bytes] = {}
        self.answered: list[tuple[str, str]] = []
        self.commands: dict[str, list[Mapping[str, str]]] = {}
        self._token, self._strict = token, strict
        self._updates = Updates(world.now, world.sleep)
        self._messages: dict[int, dict[str, Any]] = {}
        self._count = 0
        self._queries: dict[str, datetime] = {}
        self._methods: Mapping[str, Callable[[Form], Awaitable[object]]] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "sendMessage": self._send_message,
            "editMessageText": self._edit_message_text,
            "sendPhoto": self._send_photo,
            "answerCallbackQuery": self._answer_callback_query,
            "setMyCommands": self._set_my_commands,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
        }

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [web.route("*", "/bot{token}/{method}", self._called)]

    def say(self, user_id: int, text: str) -> int:
        """A person writes to the bot in private; returns the update_id."""
        self.people.add(user_id)
        self._count += 1
        said = Said(at=self.world.now(), chat_id=user_id, message_id=self._count, text=text)
        self.said.append(said)
        told = {
            "message_id": said.message_id,
            "date": int(said.at.timestamp()),
            "chat": messages.chat(user_id),
            "from": messages.person(user_id),
            "text": text,
        }
        if text.startswith("/"):
            told["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        return self._updates.add("message", told)

    def press(self, user_id: int, message_id: int, data: str) -> int:
        """A person presses a button, which need not be one of the message's; returns the update_id."""
        query = f"query{len(self._queries) + 1}"
        self._queries[query] = self.world.now()
        label = {said: label for label, said in self._buttons_of(message_id)}.get(data, data)
        self.said.append(Said(at=self.world.now(), chat_id=user_id, message_id=self._count, text=f"[{label}]"))
        told = {"id": query, "from": messages.person(user_id), "chat_instance": str(user_id), "data": data}
        return self._updates.add("callback_query", {**told, "message": self._messages[message_id]})

    def redeliver(self) -> None:
        """The last updates come once more, whatever the bot has confirmed."""
        self._updates.redeliver()

    def dump(self) -> Mapping[str, Any]:
        return {
            "people": sorted(self.people),
            "blocked": sorted(self.blocked),
            "sent": [{**asdict(one), "at": one.at.isoformat()} for one in self.sent],
            "said": [{**asdict(one), "at": one.at.isoformat()} for one in self.said],
            "answered": self.answered,
            "commands": self.commands,
            "updates": self._updates.dump(),
            "messages": {str(number): message for number, message in self._messages.items()},
            "count": self._count,
            "queries": {query: at.isoformat() for query, at in self._queries.items()},
        }

    def load(self, state: Mapping[str, Any]) -> None:
        self.people, self.blocked = set(state["people"]), set(state["blocked"])
        self.sent = [_sent(one) for one in state["sent"]]
        self.said = [Said(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in state["said"]]
        self.answered = [(query, text) for query, text in state["answered"]]
        self.commands = dict(state["commands"])
        self._updates.load(state["updates"])
        self._messages = {int(number): message for number, message in state["messages"].items()}
        self._count = state["count"]
        self._queries = {query: datetime.fromisoformat(at) for query, at in state["queries"].items()}

    async def _called(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        try:
            self._admit(request.match_info["token"], name)
            form = await messages.form_of(request)
            self._strike(request, name, form)
            return result(await self._methods[name](form))
        except Refusal as refusal:
            return refused(refusal)

    def _admit(self, token: str, name: str) -> None:
        """Raise Refusal for whoever is not this bot, and for a method that does not exist."""
        if not _TOKEN.fullmatch(token) or name not in self._methods:
            raise Refusal(404, "Not Found")
        if token != self._token:
            raise Refusal(401, "Unauthorized")

    def _strike(self, request: web.Request, name: str, form: Form) -> None:
        """Raise what is switched on for this call."""
        marked = bool(form.get("parse_mode") or form.get("entities") or form.get("caption_entities"))
        refusals: tuple[tuple[str, bool, Callable[[Any], Refusal]], ...] = (
            ("unauthorized", True, lambda _: Refusal(401, "Unauthorized")),
            ("conflict", name == "getUpdates", lambda _: conflict()),
            ("flood", name in _MESSAGES, lambda wait_s: flooded(int(wait_s or 1))),
            ("not_modified", name == "editMessageText", lambda _: bad(_SAME)),
            ("entities", marked, lambda _: bad("can't parse entities: Can't find end of the entity at byte offset 0")),
        )
        for fault, fits, refusal in refusals:
            taken = self.world.faults.take(self.name, fault, request.method, request.path) if fits else None
            if taken is not None:
                raise refusal(taken.value)

    async def _get_me(self, _: Form) -> object:
        return messages.BOT

    async def _get_updates(self, form: Form) -> object:
        allowed = form.get("allowed_updates")
        return await self._updates.poll(
            offset=messages.number(form, "offset", 0),
            limit=min(100, max(1, messages.number(form, "limit", 100))),
            timeout_s=messages.number(form, "timeout", 0),
            allowed=None if allowed is None else json.loads(allowed),
        )

    async def _send_message(self, form: Form) -> object:
        return self._sent("sendMessage", form, messages.shown_text(form))

    async def _send_photo(self, form: Form) -> object:
        return self._sent("sendPhoto", form, messages.shown_caption(form), photo=messages.photo_of(form))

    async def _edit_message_text(self, form: Form) -> object:
        text, number = messages.shown_text(form), messages.number(form, "message_id")
        before = self._messages.get(number)
        if before is None or "text" not in before:
            raise bad("message to edit not found")
        keyboard = json.loads(form["reply_markup"]) if form.get("reply_markup") else None
        if before["text"] == text and before.get("reply_markup") == keyboard:
            raise bad(_SAME)
        return self._sent("editMessageText", form, text, number=number)

    def _sent(self, method: str, form: Form, text: str, *, number: int = 0, photo: bytes = b"") -> object:
        """The message, sent now or changed; `number` is that of one to change."""
        chat_id, buttons = messages.number(form, "chat_id"), messages.buttons(form)
        self._reach(chat_id)
        if not number:
            self._count += 1
        sent = Sent(
            at=self.world.now(),
            method=method,
            chat_id=chat_id,
            message_id=number or self._count,
            text=text,
            buttons=buttons,
            photo_bytes=len(photo),
            entities=messages.entities(form, "caption_entities" if method == "sendPhoto" else "entities"),
        )
        if photo:
            self.photos[sent.message_id] = photo
        self.sent.append(sent)
        self._messages[sent.message_id] = messages.message(sent, form)
        return self._messages[sent.message_id]

    def _buttons_of(self, message_id: int) -> Sequence[tuple[str, str]]:
        return next(one.buttons for one in reversed(self.sent) if one.message_id == message_id)

    def _reach(self, chat_id: int) -> None:
        """Raise Refusal where this person cannot be written to, or not yet."""
        if chat_id not in self.people:
            raise bad("chat not found")
        if chat_id in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        last = next((one.at for one in reversed(self.sent) if one.chat_id == chat_id), None)
        if self._strict and last and (wait_s := 1 - (self.world.now() - last).total_seconds()) > 0:
            raise flooded(math.ceil(wait_s))

    async def _answer_callback_query(self, form: Form) -> object:
        query, text = str(form.get("callback_query_id", "")), str(form.get("text", ""))
        asked_at = self._queries.get(query)
        if asked_at is None or self.world.now() - asked_at > _QUERY_OPEN:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if messages.units(text) > 200:
            raise bad("MESSAGE_TOO_LONG")
        self.answered.append((query, text))
        return True

    async def _set_my_commands(self, form: Form) -> object:
        scope = json.loads(form.get("scope") or '{"type": "default"}')
        if scope["type"] == "chat" and int(scope["chat_id"]) not in self.people:
            raise bad("chat not found")
        self.commands[":".join(str(part) for part in scope.values())] = messages.commands(form)
        return True

    async def _delete_webhook(self, form: Form) -> object:
        if form.get("drop_pending_updates") == "true":
            self._updates.drop()
        return True

    async def _get_webhook_info(self, _: Form) -> object:
        return {"url": "", "has_custom_certificate": False, "pending_update_count": len(self._updates)}


def _sent(told: Mapping[str, Any]) -> Sent:
    buttons = tuple((label, data) for label, data in told["buttons"])
    entities = tuple(told["entities"])
    return Sent(**{**told, "at": datetime.fromisoformat(told["at"]), "buttons": buttons, "entities": entities})

"""What is said takes effect once: how, whatever is delivered twice, said late, or cut off by a restart?

An order is kept in the ledger before the chat learns that it was heard. It is heard, begun, done. After a restart what
had not begun is carried out, what had begun is done again where that does no harm, and told where it would.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from datetime import timedelta
from typing import Any

from anyio import create_task_group
from anyio.abc import TaskGroup

from outboundd.chat.answer import Answer, for_phone
from outboundd.commands import COMMANDS, phone, words
from outboundd.commands import chat as words_of_chat
from outboundd.commands.chat import Asked
from outboundd.commands.desk import Desk, Refusal
from outboundd.engine.failures import broken
from outboundd.engine.turns import Turns
from outboundd.model.chat import Choices, Message, Order, Said
from outboundd.ports import Chat, Failure

# A chat keeps what is said while we are down for a day: mail must not begin because of this morning's word.
STALE = timedelta(minutes=10)

Chart = Callable[[Sequence[Mapping[str, Any]]], Awaitable[bytes | None]]


class Inbox:
    """Everything the operators say. `chart` draws the days of `stats`; None for none."""

    def __init__(
        self, desk: Desk, chat: Chat, allowed: Sequence[int], group: TaskGroup, chart: Chart | None = None
    ) -> None:
        self._desk = desk
        self._chat = chat
        self._allowed = frozenset(allowed)
        self._group = group
        self._chart = chart
        self._turns = Turns()
        self._taken_up = False

    async def heard(self, said: Said) -> None:
        """Keep it and have it carried out; what was heard before, and what strangers say, comes to nothing."""
        if said.who not in self._allowed or not said.private:
            self._desk.parts.log.write("command.stranger", reason=f"user {said.who}")
            return
        # A button's word has no slash: it is ours, and was offered.
        text = f"/{said.text}" if said.press else said.text
        order = Order(id=said.id, who=said.who, text=text, at=said.at)
        ledger = self._desk.parts.world.ledger
        if not await ledger.hear(order, self._desk.parts.world.clock.now()):
            return
        self._desk.parts.log.write("command.heard", reason=_name(text))
        self._group.start_soon(self._obey, order, said.press)

    async def after_a_restart(self) -> None:
        """Take up what was heard and is not done, once: later on, what is not done is being carried out."""
        if self._taken_up:
            return
        orders, self._taken_up = await self._desk.parts.world.ledger.orders(), True
        for order in orders:
            if order.who in self._allowed:
                self._group.start_soon(self._obey, order, "")
            else:
                await self._desk.parts.world.ledger.end_order(order.id)

    async def _obey(self, order: Order, press: str) -> None:
        """One order to its end. What goes wrong is told to who gave it."""
        try:
            too_old = bool(press) and await self._pressed_long_ago(press, order)
            asked = words_of_chat.understood(order.text, COMMANDS)
            if isinstance(asked, words_of_chat.Reply):
                self._say(order, asked.text, asked.choices)
            elif order.begun and not asked.may_repeat:
                self._say(
                    order,
                    f"/{asked.said} was cut off by a restart. What it did is kept; say it again for the rest.",
                    ((asked.said, asked.said),),
                )
            elif asked.begins_mail and (too_old or self._is_stale(order)):
                self._say(
                    order,
                    f"You said /{asked.said} at {words.utc(order.at)}, and it is heard only now: it was not done.",
                    ((f"do it now: {asked.said}", asked.said),),
                )
            else:
                async with self._turn(asked):
                    await self._desk.parts.world.ledger.begin_order(order.id)
                    await self._carry_out(asked, order)
            await self._desk.parts.world.ledger.end_order(order.id)
        except Exception as error:  # noqa: BLE001 (one order must not end the chat, nor the daemon)
            self._say(order, f"{_name(order.text)} broke: {broken(error)}", ())
        self._desk.parts.log.write("command.done", reason=_name(order.text))

    async def _carry_out(self, asked: Asked, order: Order) -> None:
        answer = Answer(self._chat, order.who, asked)
        words.WIDTH.set(phone.UNBROKEN)
        async with create_task_group() as group:
            group.start_soon(answer.bear_with_me)
            sentence = await self._listen(asked, answer)
            photo = b"" if sentence else await self._photo(asked, answer)
            answer.end(sentence, photo)
            group.cancel_scope.cancel()

    async def _listen(self, asked: Asked, answer: Answer) -> str:
        """Carry it out; returns the sentence with which it ended early."""
        try:
            async with aclosing(COMMANDS[asked.command].run(self._desk, **asked.arguments)) as lines:
                async for line in lines:
                    answer.add(line)
        except Refusal as refusal:
            return refusal.sentence
        except Failure as failure:
            return f"{asked.said} ended early: {failure}"
        except Exception as error:  # noqa: BLE001 (a bug in one command is told as any failure is)
            return f"{asked.said} broke: {broken(error)}"
        return ""

    async def _photo(self, asked: Asked, answer: Answer) -> bytes:
        """The chart of `stats`; nothing where it cannot be drawn."""
        figures = answer.data[0] if answer.data else None
        if self._chart is None or asked.command != "stats" or not isinstance(figures, dict) or not figures.get("days"):
            return b""
        return await self._chart(figures["days"]) or b""

    async def _pressed_long_ago(self, press: str, order: Order) -> bool:
        """Tell the button that it was noticed. One pressed too long ago can be told nothing any more."""
        try:
            await self._chat.answer(press, order.text)
        except Failure as failure:
            return failure.cause == "too old"
        return False

    def _is_stale(self, order: Order) -> bool:
        return self._desk.parts.world.clock.now() - order.at > STALE

    def _say(self, order: Order, text: str, choices: Choices) -> None:
        self._chat.post(order.who, Message(parts=tuple(for_phone(text)), choices=choices))

    def _turn(self, asked: Asked) -> AbstractAsyncContextManager[None]:
        return self._turns.of(asked.lane) if asked.lane else nullcontext()


def _name(text: str) -> str:
    """The word alone: what follows it may be an address."""
    word = (text.split() or [""])[0].removeprefix("/").partition("@")[0]
    return word if word in {*words_of_chat.WORDS, "help", "start"} else "no command"

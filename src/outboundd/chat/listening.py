"""How is a chat listened to for weeks: through outages, beside a second listener, with a key that is refused?"""

from collections.abc import Awaitable, Callable, Sequence

import anyio
from anyio.abc import TaskGroup

from outboundd.chat.inbox import Chart, Inbox
from outboundd.commands import COMMANDS
from outboundd.commands.chat import menu
from outboundd.commands.desk import Desk
from outboundd.engine.failures import alone, broken
from outboundd.ports import Chat, Exhausted, Failure, Transient

AGAIN_S, AGAIN_MOST_S = 1.0, 60.0
REFUSED_S = 900.0
CONFLICTS_TOLD = 5
BROKEN_S = 60.0
CAUSE = "chat"  # of an incident: CAUSE.what


async def keep(desk: Desk, chat: Chat, allowed: Sequence[int], work: TaskGroup, chart: Chart | None = None) -> None:
    """Listen until cancelled; what is carried out belongs to `work`, and goes on when the listening ends."""
    inbox = Inbox(desk, chat, allowed, work, chart)

    async def listen() -> None:
        await inbox.after_a_restart()
        async with anyio.create_task_group() as group:
            group.start_soon(_offer, desk, chat, allowed)
            await _Listener(desk, chat).listen(inbox)

    await _through_bugs(desk, listen)


async def show(desk: Desk, chat: Chat) -> None:
    """Show what is answered until cancelled."""
    await _through_bugs(desk, chat.deliver)


async def _through_bugs(desk: Desk, story: Callable[[], Awaitable[None]]) -> None:
    """A bug in the chat is told, and it begins anew: never an end of the daemon."""
    while True:
        try:
            await story()
        except Exception as error:  # noqa: BLE001 (whatever it is, mail goes on)
            told = str(broken(alone(error)))
            await desk.parts.alerts.tell_outside_a_run(f"{CAUSE}.broken", "The chat broke and begins anew", told)
            await anyio.sleep(BROKEN_S)


class _Listener:
    """Asks again and again; what stands in the way is told once, and its end."""

    def __init__(self, desk: Desk, chat: Chat) -> None:
        self._parts = desk.parts
        self._chat = chat
        self._failed = "not asked yet"
        self._in_a_row = 0

    async def listen(self, inbox: Inbox) -> None:
        while True:
            try:
                await self._chat.hear(inbox.heard)
            except Failure as failure:
                await self._wrong(failure)
            else:
                await self._right()

    async def _wrong(self, failure: Failure) -> None:
        self._in_a_row = self._in_a_row + 1 if failure.cause == self._failed else 1
        if self._in_a_row == 1:
            self._parts.log.write("operator.away", vendor=self._chat.name, reason=failure.cause)
        self._failed = failure.cause
        if isinstance(failure, Exhausted):
            await self._tell(
                failure.cause, "The bot's token is refused", "Commands are not heard, and alerts not shown."
            )
            await anyio.sleep(REFUSED_S)
            return
        if failure.cause == "conflict" and self._in_a_row == CONFLICTS_TOLD:
            text = (
                "Commands may go to the other one. Is a second outboundd running with this token? If not, somebody "
                "else has it: let @BotFather make a new one."
            )
            await self._tell(failure.cause, "Somebody else listens with the bot's token", text)
        asked_s = failure.retry_after_s if isinstance(failure, Transient) else None
        await anyio.sleep(asked_s or min(AGAIN_S * 2 ** min(self._in_a_row - 1, 6), AGAIN_MOST_S))

    async def _right(self) -> None:
        if not self._failed:
            return
        if self._in_a_row:
            self._parts.log.write("operator.back", vendor=self._chat.name)
        self._failed, self._in_a_row = "", 0
        for cause in ("conflict", "unauthorized", "broken"):
            await self._parts.alerts.over(f"{CAUSE}.{cause}")

    async def _tell(self, cause: str, title: str, text: str) -> None:
        await self._parts.alerts.tell_outside_a_run(f"{CAUSE}.{cause}", title, text)


async def _offer(desk: Desk, chat: Chat, allowed: Sequence[int]) -> None:
    """The menu of commands for each operator; who has not opened the chat yet types without one."""
    for who in allowed:
        try:
            await chat.offer(who, menu(COMMANDS))
        except Failure as failure:
            desk.parts.log.write("operator.away", vendor=chat.name, reason=f"no menu for user {who}: {failure.cause}")

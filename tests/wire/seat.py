"""How does a test sit in the operator's seat? The whole daemon against the five vendors, commanded from a chat.

On the virtual clock, over real HTTP on loopback. The daemon may be killed at any moment and started again on the same
state directory; Telegram, its people and the leads live on.
"""

import random
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import anyio

from outboundd import daemon, prompts, virtual, wiring
from outboundd.adapters.systemd import Systemd
from outboundd.chat.inbox import Chart
from outboundd.commands import COMMANDS
from outboundd.commands.desk import Refusal
from outboundd.config import Config, load
from outboundd.engine.journal import Log
from outboundd.engine.parts import World as Parts
from outboundd.model.chat import Order
from outboundd.motion import MOTION
from outboundd.orders import Orders
from outboundd.ports import Ledger
from outboundd.sandbox.bot_messages import Sent
from outboundd.sandbox.five import KEYS, TELEGRAM_TOKEN, Five
from outboundd.sandbox.server import serving
from outboundd.sandbox.world import World
from wire import wired
from wire.wired import START, Everybody, Watched, now

T = TypeVar("T")
ME, SECOND, STRANGER = 7, 8, 666
OPEN = START + timedelta(hours=1)  # London is at work

__all__ = ["ME", "OPEN", "SECOND", "START", "STRANGER", "Seat", "now", "play"]


@dataclass(kw_only=True)
class Seat:
    """The operator's phone, and the program behind it. `log` is what its lines said, over all its lives."""

    five: Five
    faults: Watched
    config: Config
    chart: Chart | None = None
    log: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    ledger: Ledger = field(init=False)
    orders: Orders = field(init=False)
    _life: anyio.CancelScope | None = None
    _line: anyio.Event = field(default_factory=anyio.Event)

    def say(self, text: str, *, who: int = ME) -> int:
        """Write to the bot."""
        return self.five.telegram.say(who, text)

    async def ask(self, text: str, *, who: int = ME, wait_s: float = 30) -> list[str]:
        """What is shown after this was written: each message as it stands at last."""
        before = len(self.five.telegram.sent)
        self.say(text, who=who)
        await anyio.sleep(wait_s)
        return self.shown(before)

    def shown(self, since: int = 0, who: int = ME) -> list[str]:
        """What each message to a person shows at last, of those sent or changed since."""
        last = {one.message_id: one.text for one in self.five.telegram.sent[since:] if one.chat_id == who}
        return list(last.values())

    def message(self, words: str) -> Sent:
        """The last message that holds these words."""
        return next(one for one in reversed(self.five.telegram.sent) if words in one.text)

    def press(self, words: str, label: str, *, who: int = ME) -> int:
        """Press the button of this label below the last message that holds these words."""
        message = self.message(words)
        data = dict(message.buttons)[label]
        return self.five.telegram.press(who, message.message_id, data)

    def events(self, event: str) -> list[Mapping[str, Any]]:
        """The log lines of one kind."""
        return [fields for said, fields in self.log if said == event]

    async def until(self, event: str, times: int = 1) -> None:
        """Wait until the log has said it so often."""
        while len(self.events(event)) < times:
            self._line = anyio.Event()
            await self._line.wait()

    async def open_orders(self) -> Sequence[Order]:
        """What the inbox still holds."""
        return await self.ledger.orders()

    async def halts(self) -> list[str]:
        """What is off."""
        return [halt.what for halt in await self.ledger.halts(now())]

    @property
    def mails(self) -> Counter[str]:
        """How many mails each lead was sent."""
        return Counter(
            wired.lead_of(mail) for mail in self.five.brevo.ledger if not wired.lead_of(mail).startswith("-")
        )

    @asynccontextmanager
    async def living(self, *, token: str = TELEGRAM_TOKEN) -> AsyncIterator[None]:
        """A life of the program: it ends with the block, without a word."""
        config = _loaded(self.config.path, token)
        around = self._around(config)
        try:
            async with anyio.create_task_group() as group:
                self._life = group.cancel_scope
                began = anyio.Event()
                around.log.listeners.append(lambda event, fields: began.set() if event == "job.started" else None)
                self.orders = Orders()
                group.start_soon(daemon.serve, config, self.orders, Systemd({}), lambda _: around)
                with MOTION.moving():  # its socket is made in a thread, of which the virtual clock knows nothing
                    await began.wait()
                await anyio.sleep(5)
                yield
                group.cancel_scope.cancel()
        finally:
            await around.operator.aclose()

    def kill(self) -> None:
        """The program ends now, whatever it does."""
        assert self._life is not None
        self._life.cancel()

    def _around(self, config: Config) -> wiring.Outside:
        log = Log(quiet=True)

        def hear(event: str, fields: Mapping[str, Any]) -> None:
            self.log.append((event, fields))
            self._line.set()

        log.listeners.append(hear)

        def keep(world: Parts) -> Parts:
            self.ledger = world.ledger
            return world

        rng = random.Random(7)
        return replace(
            wiring.of_daemon(config),
            log=log,
            rng=rng,
            entropy=rng.randbytes,
            durable=False,
            wrap=keep,
            chart=self.chart,
        )

    async def finding(self, what: str) -> Mapping[str, Any]:
        """One of those of `outboundd check`."""
        around = self._around(self.config)
        found: list[Mapping[str, Any]] = []
        async with wiring.desk_of(self.config, around) as desk:
            with suppress(Refusal):  # said behind the findings, where one is red
                async for line in COMMANDS["check"].run(desk):
                    found = line.data or found
        await around.operator.aclose()
        return next(one for one in found if one["what"] == what)

    async def _prepared(self, leads: int) -> None:
        around = self._around(self.config)
        async with wiring.desk_of(self.config, around) as desk:
            for command, arguments in (
                ("setup", {}),
                ("import", {"name": "leads.csv", "content": wired._csv(leads)}),
                ("resume", {}),
            ):
                async for _ in COMMANDS[command].run(desk, **arguments):
                    pass
        await around.operator.aclose()


def play(story: Callable[[Seat], Awaitable[T]], *, leads: int = 6, strict: bool = False, quiet: bool = True) -> T:
    """Tell a story of an operator and the program, which is not alive yet. `quiet`: no job runs by the schedule."""

    async def told() -> T:
        with tempfile.TemporaryDirectory() as directory:
            async with _seat(Path(directory), strict, quiet) as seat:
                await seat._prepared(leads)
                return await story(seat)

    return virtual.run(told, START)


@asynccontextmanager
async def _seat(directory: Path, strict: bool, quiet: bool) -> AsyncIterator[Seat]:
    faults = Watched()
    five = Five(World(now=now, sleep=wired._sleep, rng=random.Random(1), faults=faults), Everybody())
    five.telegram.people |= {SECOND}
    five.telegram._strict = strict
    async with serving(five.sandbox) as url:
        path = directory / "config.toml"
        text = wired.CONFIG + wired._vendors(url, "", "hold")
        if quiet:
            text = text.replace(wired.HOURS, "1 1 1 *")
        path.write_text(
            f'{text}\n[telegram]\nenabled = true\nallowed_user_ids = [{ME}, {SECOND}]\napi_url = "{url}/telegram"\n'
        )
        config = _loaded(path, TELEGRAM_TOKEN)
        config.state_dir.mkdir()
        yield Seat(five=five, faults=faults, config=config)


def _loaded(path: Path, token: str) -> Config:
    keys = {**KEYS, "TELEGRAM_BOT_TOKEN": token}
    return load(path, keys, loaded_at=START, prompts=prompts.load(), kinds=wiring.KINDS)

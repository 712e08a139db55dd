"""What does an operator see on a phone? The daemon's first days against the sandbox, and a morning of talking to it.

On the virtual clock, over HTTP on loopback: what is said, pressed and shown goes the way that it goes to Telegram.
`python -m outboundd.demo.on_a_phone` prints the chat.
"""

import base64
import random
import sys
import tempfile
import textwrap
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import anyio

from outboundd import daemon, prompts, virtual, wiring
from outboundd.adapters.systemd import Systemd
from outboundd.commands import COMMANDS
from outboundd.config import Config, load
from outboundd.demo.on_the_wire import asleep
from outboundd.engine.journal import Log
from outboundd.motion import MOTION
from outboundd.orders import Orders
from outboundd.sandbox.bot_messages import Said, Sent
from outboundd.sandbox.bot_phone import standing
from outboundd.sandbox.five import CHAT_KEYS, KEYS, OPERATOR, Five, chat_lines, config_lines
from outboundd.sandbox.recipients import Recipients
from outboundd.sandbox.server import serving
from outboundd.sandbox.world import World

START = datetime(2026, 11, 16, 7, 32, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 9, 16, tzinfo=UTC)  # Tuesday; Europe is at work
SLOWLY = ("grow_per_day = 5", "grow_per_day = 1")  # so that the list of the show lasts until then
SEED = 7
NEW_LIST = ("Brightwell", "Carrick", "Dunmore", "Eastleigh", "Foxley", "Garside", "Hartwell", "Ivybridge")
ANSWERED_WITHIN_S = 60.0
WIDTH = 80  # of the printed chat


@dataclass(frozen=True, kw_only=True)
class Chat:
    """All that was written, oldest first, each message as it stood at last; `bars` are what some showed before."""

    messages: Sequence[Said | Sent]
    bars: Mapping[int, Sent]
    photos: Mapping[int, bytes]


def play() -> Chat:
    """The week and the morning."""

    async def told() -> Chat:
        with tempfile.TemporaryDirectory() as directory:
            return await _Scene(Path(directory)).perform()

    return virtual.run(told, START)


class _Scene:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        world = World(now=lambda: datetime.now(UTC), sleep=asleep, rng=random.Random(SEED))  # noqa: S311 (a show)
        self._five = Five(world, Recipients(SEED))

    async def perform(self) -> Chat:
        async with serving(self._five.sandbox) as url:
            await self._prepare(self._config("quiet.toml", config_lines(url)))
            await self._live(self._config("quiet.toml", config_lines(url)), self._week)
            await _typed(self._config("quiet.toml", config_lines(url)), "import", name="new.csv", content=_new_list())
            with_chat = f"{config_lines(url)}\n{chat_lines(url)}"
            await self._live(self._config("config.toml", with_chat), self._morning)
        bot = self._five.telegram
        bars = {one.message_id: one for one in bot.sent if " of " in one.text and "░" in one.text}
        return Chat(messages=standing(bot, OPERATOR), bars=bars, photos=bot.photos)

    async def _week(self) -> None:
        """The daemon works, and nobody says anything."""
        await anyio.sleep((MORNING - datetime.now(UTC)).total_seconds())

    async def _morning(self) -> None:
        """Mail by hand, a look at the figures, an account without credit, and what a lead may ask for."""
        faults = self._five.sandbox.world.faults
        for text in ("/draft 8", "/send 5"):
            await self._say(text)
        faults.switch_on("brevo", "no_credits", value=402, times=0)
        await self._say("/send 3")
        faults.switch_off("brevo")
        await self._press("Resume brevo")
        await self._say("/send 3")
        someone = self._five.brevo.ledger[-1].recipient
        for text in ("/stats", "/recent 2", f"/replied {someone}", "/pause draft until 2026-11-26", "/stop"):
            await self._say(text)

    async def _say(self, text: str) -> None:
        self._five.telegram.say(OPERATOR, text)
        await anyio.sleep(ANSWERED_WITHIN_S)

    async def _press(self, label: str) -> None:
        sent = next(one for one in reversed(self._five.telegram.sent) if label in dict(one.buttons))
        self._five.telegram.press(OPERATOR, sent.message_id, dict(sent.buttons)[label])
        await anyio.sleep(ANSWERED_WITHIN_S)

    async def _prepare(self, config: Config) -> None:
        """The table, the leads, and the operator's go."""
        config.state_dir.mkdir(mode=0o700, parents=True)
        await _typed(config, "setup")
        await _typed(
            config, "import", name="leads.csv", content=files("outboundd.demo").joinpath("leads.csv").read_bytes()
        )
        await _typed(config, "resume")

    async def _live(self, config: Config, story: Callable[[], Awaitable[None]]) -> None:
        """A life of the daemon, ended as systemd ends it."""
        orders, around, began = Orders(), _around(config), anyio.Event()
        around.log.listeners.append(lambda event, _: began.set() if event == "job.started" else None)
        async with anyio.create_task_group() as group:
            group.start_soon(daemon.serve, config, orders, Systemd({}), lambda _: around)
            with MOTION.moving():  # its socket is made in a thread, of which the virtual clock knows nothing
                await began.wait()
            await anyio.sleep(ANSWERED_WITHIN_S)
            await story()
            with MOTION.moving():
                orders.stop.set()
                await anyio.lowlevel.checkpoint()

    def _config(self, name: str, lines: str) -> Config:
        shipped = files("outboundd.demo").joinpath("config.toml").read_text("utf-8")
        path = self._directory / name
        path.write_text(f"{shipped.replace(*SLOWLY)}\n{lines}", encoding="utf-8")
        keys = {**KEYS, **CHAT_KEYS}
        return load(path, keys, loaded_at=datetime.now(UTC), prompts=prompts.load(), kinds=wiring.KINDS)


async def _typed(config: Config, command: str, **arguments: str | bytes) -> None:
    """A command at a terminal; the content of a file travels in base64."""
    told = {name: base64.b64encode(one).decode() if isinstance(one, bytes) else one for name, one in arguments.items()}
    async with wiring.desk_of(config, _around(config)) as desk:
        async for _ in COMMANDS[command].run(desk, **told):
            pass


def _new_list() -> bytes:
    """Somebody at each of the companies, who came since."""
    lines = [
        f"sam.reed@{name.lower()}.example,Sam Reed,Site manager,{name},https://{name.lower()}.example,GB,London"
        for name in NEW_LIST
    ]
    return "\n".join(["Email,Contact,Title,Company,Website,Country,City", *lines]).encode()


def _around(config: Config) -> wiring.Outside:
    rng = random.Random(SEED)  # noqa: S311 (a show needs no secrets)
    return replace(wiring.of_daemon(config), log=Log(quiet=True), rng=rng, entropy=rng.randbytes, durable=False)


def printed(chat: Chat) -> str:
    """The chat as text."""
    return "\n".join("\n".join(_entry(one)) for one in chat.messages)


def _entry(one: Said | Sent) -> list[str]:
    who = "you" if isinstance(one, Said) else "bot"
    lines = [
        broken
        for line in one.text.split("\n")
        for broken in textwrap.wrap(line, WIDTH - 5, break_on_hyphens=False) or [""]
    ]
    if isinstance(one, Sent):
        lines += [" ".join(f"[{label}]" for label, _ in one.buttons)] if one.buttons else []
        lines += ["(the chart)"] if one.photo_bytes else []
    return [f"{who if number == 0 else '':5}{line}".rstrip() for number, line in enumerate(lines)]


if __name__ == "__main__":
    sys.stdout.write(printed(play()) + "\n")

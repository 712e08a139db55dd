"""What does the operator do in these three weeks? Imports lists, marks who answered, looks at what was paused.

Everything goes through the doors that a real operator has: the commands, and the Override cell of a row.
"""

import base64
import math
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import anyio
from anyio.abc import TaskGroup

from outboundd.commands import COMMANDS
from outboundd.commands.desk import Desk, Line
from outboundd.commands.switches import MAIL
from outboundd.demo.people import People
from outboundd.demo.recipients import STALE_SOURCE
from outboundd.demo.scene import Scene
from outboundd.model.lead import Stage
from outboundd.ports import Alert

FIRST_LIST, FIRST_MAP = "leads.csv", "Lists=Source"
STALE_LIST, STALE_AFTER = "fair-2019.csv", timedelta(days=8)
OPEN_H, CLOSE_H = 9, 18
A_WHILE = timedelta(minutes=50)
SATURDAY = 5


class QuietOperator:
    """Takes alerts; the show tells them by its own lines (port Operator)."""

    name = "demo"
    arrives = True

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    async def alert(self, alert: Alert) -> None:
        """Remember it."""
        self.alerts.append(alert)

    async def probe(self) -> str:
        return "alerts are told by the lines of the show"

    async def aclose(self) -> None:
        """Holds nothing."""


class DeskWork:
    """The human at the desk. `say` shows a command that was typed, with what it answered."""

    def __init__(self, *, desk: Desk, scene: Scene, people: People, say: Callable[[str, str], None]) -> None:
        self._desk = desk
        self._scene = scene
        self._people = people
        self._say = say
        self._zone = ZoneInfo(desk.parts.settings.campaign.timezone)
        self._day: TaskGroup | None = None
        self._override_shown = False
        self.imported: Counter[str] = Counter()

    def hear(self, event: str, fields: Mapping[str, str | int | float]) -> None:
        """The guard's alert has come."""
        if event == "guard.paused" and self._day:
            self._day.start_soon(self._guard)

    def answered(self, lead: str) -> None:
        """A reply has come."""
        if self._day:
            self._day.start_soon(self._reply, lead)

    async def live(self) -> None:
        """Work through what comes in, during office hours, until cancelled."""
        async with anyio.create_task_group() as self._day:
            self._day.start_soon(self._find_old_list)
            await anyio.sleep_forever()

    async def begin(self) -> None:
        """The first hour: columns where the store lacks them, the first list, and the go where mail is paused."""
        world = self._desk.parts.world
        made = await self._type("setup", "setup", {}) if world.store.name != "sqlite" else []
        for line in made[-1:]:
            self._say("", line.text)
        await self.import_list(FIRST_LIST, mapping=FIRST_MAP)
        if any(halt.what == MAIL for halt in await world.ledger.halts(datetime.now(UTC))):
            for line in await self._type("resume", "resume", {}):
                self._say("", line.text)

    async def import_list(self, name: str, mapping: str = "", source: str = "") -> None:
        """Import a shipped list by the command, and learn who is on it."""
        content = base64.b64encode(files("outboundd.demo").joinpath(name).read_bytes()).decode()
        options = f' --map "{mapping}"' if mapping else f' --source "{source}"'
        arguments = {"name": name, "content": content, "mapping": [mapping] if mapping else [], "source": source}
        lines = await self._type("import", f"import {name}{options}", arguments)
        for told in (line.data for line in lines if isinstance(line.data, dict)):
            self.imported += Counter({key: told[key] for key in ("rows", "created", "duplicates", "rejected")})
            self._say("", "{rows} rows: {created} new, {duplicates} duplicates, {rejected} rejected".format_map(told))
            for reason, count in told["reasons"].items():
                self._say("", f"  {count} rejected: {reason}")
        await self._people.learn(self._desk.parts.world.store)

    async def _find_old_list(self) -> None:
        await anyio.sleep(STALE_AFTER.total_seconds())
        await self._office_opens()
        await self.import_list(STALE_LIST, source=STALE_SOURCE)

    async def _reply(self, lead: str) -> None:
        """Read the answer, then type a word into the row's Override cell, where one sees the rows."""
        await self._office_opens()
        row = self._people.whose(lead)
        self._scene.type_override(lead, "replied")
        if not self._override_shown:  # later the machine's own line, that it has obeyed, is enough
            self._say("you", f'{row.contact} has answered: Override = "replied" in {self._scene.browser}')
            self._override_shown = True

    async def _guard(self) -> None:
        """Look at what bounced; when one source stands out it stays off, and the others go on."""
        await self._office_opens()
        seen = await self._desk.parts.world.ledger.queue()
        bounced = Counter(one.source for one in seen if one.stage is Stage.BOUNCED)
        source, count = bounced.most_common(1)[0] if bounced else ("", 0)
        if count > 1:
            for line in await self._type("pause", f'pause "source:{source}"', {"what": f"source:{source}"}):
                self._say("", line.text)
        for line in await self._type("resume", "resume guard", {"what": "guard"}):
            self._say("", line.text)

    async def _type(self, command: str, shown: str, arguments: Mapping[str, object]) -> list[Line]:
        self._say("you", f"outboundd {shown}")
        return [line async for line in COMMANDS[command].run(self._desk, **arguments)]

    async def _office_opens(self) -> None:
        """Nobody reads at once: a while later, and in office hours only."""
        now = datetime.now(UTC)
        at = (now + A_WHILE).astimezone(self._zone)
        while at.weekday() >= SATURDAY or not OPEN_H <= at.hour < CLOSE_H:
            at += timedelta(hours=1)
        await anyio.sleep(math.ceil((at - now).total_seconds()))

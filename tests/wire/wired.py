"""How does a test run the whole program on the wire? The daemon's job table against the five vendors, in one loop.

On the virtual clock, over real HTTP on loopback: two working days a week apart, with nothing between them. A handful of
leads in London is drafted and mailed on the first day and followed up on the second.
"""

import asyncio
import base64
import random
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

import anyio

from outboundd import prompts, timetable, virtual, wiring
from outboundd.adapters.memory_operator import MemoryOperator
from outboundd.commands import COMMANDS
from outboundd.commands.desk import Desk, Refusal
from outboundd.config import load
from outboundd.engine.journal import Log
from outboundd.engine.run_job import JobEnd, JobRun, run_job
from outboundd.motion import MOTION
from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.brevo_mail import Mail
from outboundd.sandbox.five import KEYS, Five, config_lines
from outboundd.sandbox.recipients import Reaction
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.world import Fault, Faults, World

T = TypeVar("T")
Fields = Mapping[str, str | int | float]

START = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)  # a Tuesday in London, before office hours
SECOND_DAY = START + timedelta(days=7)
OVER = SECOND_DAY + timedelta(hours=4, minutes=30)
# The run of each job that has work to do: (since, which one).
AT_WORK: Mapping[str, tuple[datetime, int]] = {
    "draft": (START, 1),
    "send": (START, 1),
    "follow_up": (SECOND_DAY, 1),
    "reconcile": (START, 2),  # the first is that of the start: nothing has been sent by then
    "digest": (SECOND_DAY, 1),
}
TABLE = "Leads"
LEADS = 6
HOURS = "9-12 1,24 11,12 *"
CONFIG = f"""
state_dir = "state"
suppression = "suppression.db"

[campaign]
name = "trial"
sender = {{ name = "Ada Park", email = "ada@mail.acme.example" }}
reply_to = "ada@acme.example"
postal_address = "Acme Tools Ltd, 12 Harbour Street, Exampletown"
signature = "Ada Park"
opt_out_line = "Not for you? Answer 'no thanks' and I will not write again."
digest_to = ["ops@acme.example"]
offer = "Acme Tools keeps track of the hand tools on building sites. A pilot takes one site and two weeks."

[[sequence.follow_ups]]
name = "bump"
after_days = 6

[jobs.draft]
cron = "5 {HOURS}"
[jobs.send]
cron = "10,40 {HOURS}"
[jobs.follow_up]
cron = "20 {HOURS}"
[jobs.reconcile]
cron = "15,45 {HOURS}"
[jobs.digest]
cron = "0 {HOURS}"
[jobs.watch]
cron = "*/10 {HOURS}"
"""


class Everybody:
    """Each mail arrives within seconds, and nobody does anything with it (port People)."""

    def react(self, recipient: str, tag: str) -> list[Reaction]:
        return [Reaction(after_s=2, event="delivered")]


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One request as a vendor saw it come."""

    at: datetime
    vendor: str
    method: str
    path: str


class Watched(Faults):
    """Faults that remember every request: each is asked about `down` first."""

    def __init__(self) -> None:
        super().__init__()
        self.arrivals: list[Arrival] = []

    def take(self, vendor: str, name: str, method: str = "", path: str = "") -> Fault | None:
        if name == "down":
            self.arrivals.append(Arrival(at=now(), vendor=vendor, method=method, path=path))
        return super().take(vendor, name, method, path)


@dataclass(frozen=True, kw_only=True)
class Came:
    """What a scenario came to, as far as it has to be the same on good days and on bad ones."""

    stages: Counter[str]
    sent: Counter[tuple[str, str]]
    digests: Counter[str]


@dataclass(kw_only=True)
class Wired:
    """The running program with the vendors behind it. `told` is what its log said, and when."""

    five: Five
    faults: Watched
    desk: Desk
    operator: MemoryOperator
    told: list[tuple[datetime, str, Fields]] = field(default_factory=list)

    async def say(self, command: str, **arguments: Any) -> str:
        """What a human reads of a command, on one line; of one that refuses, the sentence last."""
        told = ""
        try:
            async for line in COMMANDS[command].run(self.desk, **arguments):
                told += f"{line.text} "
        except Refusal as refusal:
            told += refusal.sentence
        return " ".join(told.split())

    async def run(self, job: str, *, by_hand: bool = False) -> JobEnd:
        """One run of a job, now."""
        run = JobRun(parts=self.desk.parts, job=job, by_hand=by_hand)
        return await run_job(self.desk.jobs[job], run, f"test-{now().isoformat()}-{len(self.told)}")

    async def schedule(self, until: datetime) -> None:
        """The job table, until then; runs that go on at that moment end."""
        stop = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(timetable.job_table, self.desk, stop)
            await sleep_until(until)
            stop.set()

    def when(
        self, event: str, act: Callable[[], None], *, nth: int = 1, since: datetime = START, **fields: str
    ) -> None:
        """Do something at the nth log line of this event with these fields, counted from `since`."""
        left = [nth]

        def hear(said: str, told: Fields) -> None:
            if said == event and now() >= since and fields.items() <= told.items():
                left[0] -= 1
                if left[0] == 0:
                    act()

        self.desk.parts.log.listeners.append(hear)

    def when_at_work(self, job: str, act: Callable[[], None]) -> None:
        """Do something as the run of the job begins that has work to do."""
        since, nth = AT_WORK[job]
        self.when("job.started", act, nth=nth, since=since, job=job)

    def strike(self, vendor: str, fault: str, *, hours: float = 1.0, **how: Any) -> None:
        """The fault from now on, for so long."""
        self.faults.switch_on(vendor, fault, times=0, **how)

        over = partial(self.faults.switch_off, vendor, fault)
        asyncio.get_running_loop().call_later(hours * 3600, over)

    @property
    def mails(self) -> list[Mail]:
        """What left for leads."""
        return [mail for mail in self.five.brevo.ledger if not lead_of(mail).startswith("-")]

    @property
    def digests(self) -> list[str]:
        """The days whose digest left, each as often as it did."""
        return [mail.tag.split(".")[2][:10] for mail in self.five.brevo.ledger if lead_of(mail) == "-digest"]

    @property
    def rows(self) -> dict[str, Mapping[str, Any]]:
        """What the operator sees: id -> cells by title."""
        return {record["id"]: record["fields"] for record in self.five.airtable.rows(TABLE)}

    @property
    def alerts(self) -> list[str]:
        """What the operator was told of, in its order; not that it was over."""
        return [alert.id for alert in self.operator.alerts if not alert.is_over]

    @property
    def sent(self) -> Counter[tuple[str, str]]:
        """How often each step left for each recipient."""
        return Counter((mail.recipient, step_of(mail)) for mail in self.mails)

    def events(self, event: str) -> list[Fields]:
        """The log lines of one kind."""
        return [fields for _, said, fields in self.told if said == event]

    def came(self) -> Came:
        """What the scenario has come to by now."""
        stages = Counter(f"{row['Email']} {row.get('Stage')} {row.get('Step')}" for row in self.rows.values())
        return Came(stages=stages, sent=self.sent, digests=Counter(self.digests))

    async def all_is_well(self) -> None:
        """Nothing is off or wrong, nobody waits for a human, each mail left once and has its line in the trail."""
        assert await self.halts() == []
        assert await self.incidents() == []
        assert self.events("lead.review") == []
        assert max(self.sent.values()) == 1
        for mail in self.mails:
            assert mail.tag in self.rows[lead_of(mail)]["Trail"]

    async def halts(self) -> list[str]:
        """What is off."""
        return [halt.what for halt in await self.desk.parts.world.ledger.halts(now())]

    async def incidents(self) -> list[str]:
        """What the program believes to be wrong still."""
        return [one.what for one in await self.desk.parts.world.ledger.incidents(open_only=True)]


def lead_of(mail: Mail) -> str:
    """The row that a mail's tag names; one of our own mails begins with a hyphen."""
    return mail.tag.split(".")[1]


def step_of(mail: Mail) -> str:
    """The step that a mail's tag names."""
    return mail.tag.split(".")[2]


def now() -> datetime:
    """The virtual clock."""
    return datetime.now(UTC)


async def sleep_until(at: datetime) -> None:
    """Let the time pass."""
    await anyio.sleep((at - now()).total_seconds())


def play(
    story: Callable[[Wired], Awaitable[T]],
    *,
    view: str = "",
    on_halt: str = "hold",
    email_to: str = "",
    log: Log | None = None,
    **brevo: Any,
) -> T:
    """Tell a story in a wired world of its own whose leads are imported and whose mail is on, from START on.

    `view` is one that is made and used, `on_halt` the researcher's key of that name, `email_to` who gets
    alerts by mail, `log` the program's (a quiet one unless given), `brevo` what its account is like.
    """

    async def told() -> T:
        with tempfile.TemporaryDirectory() as directory:
            async with _wired(Path(directory), view, on_halt, email_to, log or Log(quiet=True), brevo) as wired:
                await wired.say("setup")
                if view:
                    wired.five.airtable.add_view(TABLE, view)
                await wired.say("import", name="leads.csv", content=_csv(LEADS))
                await wired.say("resume")
                return await story(wired)

    return virtual.run(told, START)


@cache
def undisturbed() -> tuple[Came, Mapping[tuple[str, str], int]]:
    """What comes of it on a good day, and how many requests the run of each job at work makes to each vendor."""
    requests: dict[tuple[str, str], int] = {}

    async def story(wired: Wired) -> Came:
        before: dict[str, dict[str, int]] = {}
        arrivals = wired.five.sandbox.arrivals

        def ended(job: str) -> None:
            requests.update({(job, vendor): arrivals[vendor] - before[job][vendor] for vendor in arrivals})

        for job, (since, nth) in AT_WORK.items():
            began = partial(lambda job: before.update({job: dict(arrivals)}), job)
            wired.when("job.started", began, nth=nth, since=since, job=job)
            wired.when("job.finished", partial(ended, job), nth=nth, since=since, job=job)
        await wired.schedule(OVER)
        return wired.came()

    return play(story), requests


@asynccontextmanager
async def _wired(
    directory: Path, view: str, on_halt: str, email_to: str, log: Log, brevo: Mapping[str, Any]
) -> AsyncIterator[Wired]:
    faults, operator = Watched(), MemoryOperator()
    five = _five(World(now=now, sleep=_sleep, rng=random.Random(1), faults=faults), brevo)
    rng = random.Random(7)
    around = wiring.Outside(log=log, operator=operator, rng=rng, entropy=rng.randbytes, durable=False)
    async with serving(five.sandbox) as url:
        path = directory / "config.toml"
        alerts = f'[alerts]\nemail_to = ["{email_to}"]\n' if email_to else ""
        path.write_text(CONFIG + alerts + _vendors(url, view, on_halt))
        config = load(path, KEYS, loaded_at=START, prompts=prompts.load(), kinds=wiring.KINDS)
        config.state_dir.mkdir()
        async with wiring.desk_of(config, around) as desk:
            desk.by_schedule = True
            wired = Wired(five=five, faults=faults, desk=desk, operator=operator)
            log.listeners.append(lambda event, fields: wired.told.append((now(), event, fields)))
            yield wired


def _five(world: World, brevo: Mapping[str, Any]) -> Five:
    five = Five(world, Everybody())
    five.brevo = Brevo(world, key=KEYS["BREVO_API_KEY"], recipients=Everybody(), **brevo)
    five.sandbox = Sandbox(world, (five.airtable, five.brevo, five.openai, five.perplexity))
    return five


def _vendors(url: str, view: str, on_halt: str) -> str:
    lines = config_lines(url)
    for section, more in (
        ("[mailer.brevo]", "settle_s = 900"),
        ("[store.airtable]", f'view = "{view}"'),
        ("[researcher]", f'on_halt = "{on_halt}"'),
    ):
        lines = lines.replace(section, f"{section}\n{more}")
    return lines


async def _sleep(seconds: float) -> None:
    """A vendor that dawdles waits on the clock, which its request must not hold meanwhile."""
    with MOTION.resting():
        await anyio.sleep(seconds)


def _csv(leads: int) -> str:
    lines = ["Email,Contact,Title,Company,Website,Country,City,Source"]
    for number in range(1, leads + 1):
        domain = f"harbourworks{number}.example"
        lines.append(
            f"rosa.diaz@{domain},Rosa Diaz,Site manager,Harbour Works {number},https://www.{domain},GB,London,fair"
        )
    return base64.b64encode("\n".join(lines).encode()).decode()

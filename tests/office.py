"""What does a test need to sit at the operator's desk? The real engine, ledger and jobs on embedded parts.

Only the outside is in memory: the lead table, the mailer and a clock that stands still until a test moves it.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from outboundd import prompts
from outboundd.adapters.ledger import SqliteLedger
from outboundd.adapters.manual_clock import ManualClock
from outboundd.adapters.memory_mailer import MemoryMailer
from outboundd.adapters.memory_names import MemoryNames
from outboundd.adapters.memory_operator import MemoryOperator
from outboundd.adapters.memory_store import MemoryStore
from outboundd.adapters.none import NoResearcher
from outboundd.adapters.suppression import SuppressionFile
from outboundd.adapters.template import TemplateWriter
from outboundd.commands import COMMANDS
from outboundd.commands.desk import Desk, Line
from outboundd.engine.journal import Log
from outboundd.engine.parts import ClockMarks, Parts, Scheduled, World, assemble
from outboundd.engine.run_job import JobEnd, JobRun, run_job
from outboundd.jobs import JOBS
from outboundd.model.lead import Lead
from outboundd.model.mail import EventKind
from outboundd.model.settings import Campaign, FollowUp, Limits, Sender, Sequence, Settings
from outboundd.ports import Clock
from outboundd.rules import addresses

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)  # office hours in London, before them in New York
SCHEDULE = {
    "draft": "5 * * * *",
    "send": "*/10 * * * *",
    "follow_up": "20 * * * *",
    "reconcile": "*/15 * * * *",
    "digest": "0 * * * *",
    "watch": "*/10 * * * *",
}
SETTINGS = Settings(
    campaign=Campaign(
        sender=Sender(name="Ada Park", email="ada@mail.acme.example"),
        reply_to="ada@acme.example",
        postal_address="Acme Tools Ltd, 12 Harbour Street, Exampletown",
        signature="Ada Park\nAcme Tools",
        opt_out_line='Not for you? Answer "no thanks" and I will not write again.',
        digest_to=("ops@acme.example",),
        offer="Acme Tools keeps track of the hand tools on building sites. A pilot takes one site and two weeks.",
    ),
    limits=Limits(gap_s=(0.0, 0.0)),
    sequence=Sequence(follow_ups=(FollowUp(name="bump", after_days=6), FollowUp(name="breakup", after_days=14))),
    prompts=prompts.load(),
)


@dataclass(kw_only=True)
class Office:
    """The desk with everything a test wants to touch behind it."""

    desk: Desk
    clock: Any  # a ManualClock, unless one was given
    store: MemoryStore
    mailer: MemoryMailer
    ledger: SqliteLedger
    suppression: SuppressionFile
    operator: MemoryOperator
    names: MemoryNames
    slots: int = field(default=0)

    @property
    def parts(self) -> Parts:
        """The parts behind the desk."""
        return self.desk.parts

    async def run(self, job: str, *, limit: int | None = None, by_hand: bool = True) -> JobEnd:
        """One run of a job."""
        self.slots += 1
        run = JobRun(parts=self.parts, job=job, by_hand=by_hand, limit=limit)
        return await run_job(self.desk.jobs[job], run, f"test-{self.slots}")

    async def say(self, command: str, **arguments: Any) -> list[Line]:
        """Everything that a command yields."""
        return [line async for line in COMMANDS[command].run(self.desk, **arguments)]

    async def read(self, command: str, **arguments: Any) -> str:
        """What a human reads of it."""
        return "\n".join(line.text for line in await self.say(command, **arguments) if line.text)

    async def data(self, command: str, **arguments: Any) -> Any:
        """What `--json` prints of it."""
        values = [line.data for line in await self.say(command, **arguments) if line.data is not None]
        return values[0] if len(values) == 1 else values

    async def row(self, lead: str) -> Lead:
        """The row as the store shows it."""
        return (await self.store.read([lead]))[lead]

    async def mail_out(self) -> None:
        """Draft, send and reconcile: what is due leaves and arrives."""
        await self.run("draft")
        await self.run("send")
        self.deliver()
        await self.run("reconcile")

    def deliver(self) -> None:
        """Every mail that left arrives now."""
        for _, letter in self.mailer.letters:
            self.mailer.report(letter.tag, EventKind.DELIVERED)

    def advance(self, **step: float) -> None:
        """Let time pass: `days`, `hours`, ... The loop's own clock stands still, which must not count as a step."""
        self.clock.advance(timedelta(**step))
        self.parts.clock_marks = ClockMarks()


def lead(number: int, **fields: Any) -> Lead:
    """A lead in London at a company of its own, whose address lies under the company's website."""
    company = f"Harbour Works {number}"
    domain = f"harbourworks{number}.example"
    plain: Mapping[str, Any] = {
        "id": f"ld{number:04}",
        "email": f"rosa.diaz@{domain}",
        "contact": "Rosa Diaz",
        "title": "Site manager",
        "company": company,
        "website": f"https://www.{domain}",
        "country": "GB",
        "city": "London",
        "source": "fair",
        "created_at": TUESDAY - timedelta(days=1),
    }
    made = Lead(**{**plain, **fields})
    return replace(made, key=made.key or addresses.normalise(made.email))


def an_office(
    *leads: Lead,
    at: datetime = TUESDAY,
    settings: Settings = SETTINGS,
    mailer: MemoryMailer | None = None,
    clock: Clock | None = None,
) -> Office:
    """An office with these leads in its store, at an instant, nothing run yet. A `mailer` given knows earlier mails.

    A `clock` given goes on by itself.
    """
    clock = clock or ManualClock(at)
    suppression = SuppressionFile(None, lambda size: bytes(size))
    ledger = SqliteLedger.open(None, settings.campaign.name, suppression.fingerprint)
    store = MemoryStore(suppression.lead_id, leads)
    mailer, operator, names = mailer or MemoryMailer(clock), MemoryOperator(), MemoryNames()
    world = World(
        store=store,
        ledger=ledger,
        suppression=suppression,
        mailer=mailer,
        writer=TemplateWriter(settings.prompts),
        researcher=NoResearcher(),
        operator=operator,
        clock=clock,
        names=lambda: names,
    )
    schedule = {job: Scheduled(cron=cron, needs=JOBS[job].needs) for job, cron in SCHEDULE.items()}
    parts = assemble(settings, world, Log(quiet=True), random.Random(7), 6.0, schedule)
    return Office(
        desk=Desk(parts=parts, jobs=JOBS, schedule=SCHEDULE),
        clock=clock,
        store=store,
        mailer=mailer,
        ledger=ledger,
        suppression=suppression,
        operator=operator,
        names=names,
    )

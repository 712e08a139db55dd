"""Which parts does a running program consist of? Built by the composition root, handed to everything that acts."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from outboundd.engine.alert_mail import AlertMail
from outboundd.engine.alerts import Alerts
from outboundd.engine.fact_book import FactBook
from outboundd.engine.halts import Halts
from outboundd.engine.journal import Log
from outboundd.engine.outbox import Outbox
from outboundd.engine.patches import Patches
from outboundd.engine.record import Recorder
from outboundd.engine.rows import Rows
from outboundd.engine.running import Running, Runs
from outboundd.engine.spend import Purse
from outboundd.engine.turns import Turns
from outboundd.engine.vigil import Vigil
from outboundd.model.settings import Settings
from outboundd.ports import (
    Clock,
    Heartbeat,
    LeadStore,
    Ledger,
    Mailer,
    NameService,
    Operator,
    Researcher,
    SuppressionList,
    Writer,
)


@dataclass(kw_only=True)
class World:
    """The adapters: the world as configured. `names` makes a name service for whoever has questions; few have."""

    store: LeadStore
    ledger: Ledger
    suppression: SuppressionList
    mailer: Mailer
    writer: Writer
    researcher: Researcher
    operator: Operator
    clock: Clock
    names: Callable[[], NameService]
    heartbeat: Heartbeat | None = None


class ClockMarks:
    """Remembers where the wall clock and the loop's clock stood, to notice a step of the wall clock."""

    def __init__(self) -> None:
        self._last: tuple[datetime, float] | None = None

    def step_s(self, wall: datetime, loop_s: float) -> float:
        """By how many seconds the wall clock moved more than the loop's since the last call; 0 the first time."""
        last, self._last = self._last, (wall, loop_s)
        return 0.0 if last is None else (wall - last[0]).total_seconds() - (loop_s - last[1])


@dataclass(frozen=True, kw_only=True)
class Scheduled:
    """When a job looks (a cron line, UTC), and the roles whose halt stops it."""

    cron: str
    needs: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class Parts:
    """The adapters and the engine around them, one of each for the life of the process.

    `heard` turns True with the first complete read of the mailer by this process: before it, no digest goes out.
    `caught_up` turns True with its first complete reconcile: before it, nothing is sent to leads.
    `sends_per_hour` is how often the schedule looks for mail to send: pacing shares the hour's cap among these runs.
    `schedule` is what the watch goes by: what should have happened by now?
    """

    settings: Settings
    world: World
    log: Log
    alerts: Alerts
    halts: Halts
    fact_book: FactBook
    recorder: Recorder
    rows: Rows
    outbox: Outbox
    purse: Purse
    rng: random.Random
    sends_per_hour: float = 6.0
    schedule: Mapping[str, Scheduled] = field(default_factory=dict)
    vigil: Vigil = field(default_factory=Vigil)
    runs: Runs = field(default_factory=Runs)
    turns: Turns = field(default_factory=Turns)
    clock_marks: ClockMarks = field(default_factory=ClockMarks)
    caught_up: bool = False
    heard: bool = False

    @property
    def running(self) -> Mapping[str, Running]:
        """What runs now, by job; kept by `run_job`."""
        return self.runs.now


NO_SCHEDULE: Mapping[str, Scheduled] = MappingProxyType({})


def assemble(
    settings: Settings,
    world: World,
    log: Log,
    rng: random.Random,
    sends_per_hour: float,
    schedule: Mapping[str, Scheduled] = NO_SCHEDULE,
) -> Parts:
    """Wire the engine around the adapters."""
    alerts = Alerts(ledger=world.ledger, operator=world.operator, log=log, clock=world.clock, settings=settings)
    fact_book = FactBook(
        settings=settings, ledger=world.ledger, suppression=world.suppression, mailer=world.mailer.name
    )
    halts = Halts(ledger=world.ledger, alerts=alerts, clock=world.clock, log=log)
    patches = Patches(store=world.store, ledger=world.ledger, halts=halts, log=log)
    recorder = Recorder(
        patches=patches,
        ledger=world.ledger,
        suppression=world.suppression,
        alerts=alerts,
        clock=world.clock,
        log=log,
    )
    rows = Rows(
        store=world.store,
        ledger=world.ledger,
        fact_book=fact_book,
        recorder=recorder,
        patches=patches,
        alerts=alerts,
        clock=world.clock,
        log=log,
        settings=settings,
        settle_s=world.mailer.settle_s,
    )
    outbox = Outbox(
        mailer=world.mailer,
        ledger=world.ledger,
        fact_book=fact_book,
        recorder=recorder,
        settings=settings,
        clock=world.clock,
        log=log,
    )
    if settings.alerts.email_to:
        # The outbox stands on the recorder, which alerts too; so this way is added when it is there.
        alerts.also_by(_alert_mail(settings, world, outbox))
    purse = Purse(asked=world, ledger=world.ledger, alerts=alerts, clock=world.clock, settings=settings)
    return Parts(
        settings=settings,
        world=world,
        log=log,
        alerts=alerts,
        halts=halts,
        fact_book=fact_book,
        recorder=recorder,
        rows=rows,
        outbox=outbox,
        purse=purse,
        rng=rng,
        sends_per_hour=sends_per_hour,
        schedule=schedule,
    )


def _alert_mail(settings: Settings, world: World, outbox: Outbox) -> AlertMail:
    return AlertMail(outbox=outbox, ledger=world.ledger, mailer=world.mailer.name, clock=world.clock, settings=settings)

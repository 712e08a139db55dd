"""Does the watchdog starve when, and only when, the daemon gets no further? The real schedule, on the virtual clock."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import anyio
import pytest

from office import SCHEDULE, TUESDAY, Office, an_office
from outboundd import daemon, virtual
from outboundd.adapters.system_clock import SystemClock
from outboundd.adapters.systemd import Systemd
from outboundd.commands.desk import Desk
from outboundd.engine.run_job import Job, JobRun, run_job
from outboundd.jobs import JOBS
from outboundd.model.facts import Halt
from outboundd.ports import Transient
from outboundd.service import Service

PERIOD_S = 120


class Manager(Systemd):
    """Remembers what it heard, and when."""

    def __init__(self) -> None:
        super().__init__({"NOTIFY_SOCKET": "@nobody", "WATCHDOG_USEC": str(PERIOD_S * 1_000_000)})
        self.fed: list[datetime] = []
        self.told: list[str] = []

    def alive(self) -> None:
        self.fed.append(datetime.now(UTC))

    def status(self, text: str) -> None:
        self.told.append(text)


@dataclass(kw_only=True)
class Hangs:
    """A run that no deadline ends: it waits in a shield until the test is over."""

    over: anyio.Event

    async def run(self, _: JobRun) -> None:
        with anyio.CancelScope(shield=True):
            await self.over.wait()


async def two_hours(office: Office, manager: Manager, over: anyio.Event, **jobs: Job) -> list[str]:
    """The schedule with these jobs in place of its own. Returns what was logged as stuck."""
    office.parts.world.clock = SystemClock()
    stuck: list[str] = []
    office.parts.log.listeners.append(
        lambda event, fields: stuck.append(str(fields["reason"])) if event == "daemon.stuck" else None
    )
    desk = Desk(parts=office.parts, jobs={**JOBS, **jobs}, schedule=SCHEDULE)
    pulse = daemon.pulse_of(desk)
    service = Service(manager, desk, pulse)
    async with anyio.create_task_group() as work:
        async with anyio.create_task_group() as hours:
            hours.start_soon(daemon.schedule, desk, work, pulse, service.every_s)
            hours.start_soon(service.keep_watch)
            hours.start_soon(service.keep_status)
            await anyio.sleep(7200)
            hours.cancel_scope.cancel()
        over.set()
    return stuck


def play(office: Office, manager: Manager, **jobs: Job) -> list[str]:
    """Two hours from ten o'clock on."""

    async def main() -> list[str]:
        return await two_hours(office, manager, anyio.Event(), **jobs)

    return virtual.run(main, TUESDAY)


def gaps_s(manager: Manager) -> list[float]:
    """Between two feeds, from the start on."""
    times = [TUESDAY, *manager.fed]
    return [(b - a).total_seconds() for a, b in pairwise(times)]


@pytest.mark.parametrize("off", ["", "send", "mail"])
def test_a_daemon_that_gets_on_is_fed_twice_a_period(off: str) -> None:
    """Also while a job is halted or mail is paused: to be passed over for a reason is an answer."""
    office, manager = an_office(), Manager()

    async def main() -> list[str]:
        if off:
            await office.ledger.halt(Halt(what=off, since=TUESDAY, until=None, why="by hand"))
        return await two_hours(office, manager, anyio.Event())

    assert virtual.run(main, TUESDAY) == []
    assert max(gaps_s(manager)) <= PERIOD_S / 2 + 1
    assert manager.fed[-1] >= TUESDAY + timedelta(minutes=118)


def test_a_job_that_hangs_starves_the_watchdog_and_is_named_before_the_kill() -> None:
    """Fed while its deadline and the grace last, never again afterwards."""
    office, manager = an_office(), Manager()
    stuck: list[str] = []

    async def main() -> None:
        over = anyio.Event()
        hangs = replace(JOBS["send"], run=Hangs(over=over).run, deadline_s=600)
        stuck.extend(await two_hours(office, manager, over, send=hangs))

    virtual.run(main, TUESDAY)
    # its first slot is at 10:10; ten minutes are its own, ten are grace, and looks are a minute apart
    assert timedelta(minutes=28) <= manager.fed[-1] - TUESDAY <= timedelta(minutes=32)
    assert stuck[0].startswith("send has run for 1")
    assert all(line.startswith("send has run for") for line in stuck)


def test_runs_by_hand_that_follow_one_another_are_not_taken_for_one_that_hangs() -> None:
    """Each stays within its deadline; together they take longer than one may."""
    office, manager = an_office(), Manager()

    async def long(_: JobRun) -> None:
        await anyio.sleep(550)

    sends = replace(JOBS["send"], run=long, deadline_s=600)

    async def main() -> list[str]:
        office.parts.world.clock = SystemClock()
        async with anyio.create_task_group() as group:
            for number in range(6):
                run = JobRun(parts=office.parts, job="send", by_hand=True)
                group.start_soon(run_job, sends, run, f"by-hand-{number}")
            return await two_hours(office, manager, anyio.Event(), send=sends)

    assert virtual.run(main, TUESDAY) == []


def test_a_ledger_that_takes_no_write_starves_the_watchdog(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written down must not be done: the process is no use as it is."""
    office, manager = an_office(), Manager()
    put = office.ledger.put

    async def full(key: str, value: str) -> None:
        if datetime.now(UTC) > TUESDAY + timedelta(hours=1):
            raise Transient("ledger", "the disk is full")
        await put(key, value)

    monkeypatch.setattr(office.ledger, "put", full)
    stuck = play(office, manager)
    assert manager.fed[-1] <= TUESDAY + timedelta(hours=1)
    assert set(stuck) == {"the ledger takes no write"}


def test_the_status_line_follows_what_ends() -> None:
    """After each run it tells the next look for mail to send."""
    office, manager = an_office(), Manager()
    play(office, manager)
    assert manager.told[0].endswith("next send 10:10 UTC")
    assert manager.told[-1].endswith(("next send 12:00 UTC", "next send 12:10 UTC"))

"""Do weeks pass in seconds, with the wall clock and every timer agreeing?"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import anyio
import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from outboundd import virtual

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
NEARLY = timedelta(milliseconds=1)


def test_an_hour_of_sleep_takes_no_time_and_the_wall_clock_agrees():
    """Loop time and wall clock move together, while the real clock hardly moves."""

    async def main() -> tuple[float, datetime, float]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.sleep(3600)
        return loop.time() - began, datetime.now(UTC), time.time()

    real = time.perf_counter()
    passed, wall, epoch = virtual.run(main, START)

    assert time.perf_counter() - real < 5
    assert passed == pytest.approx(3600, abs=0.001)
    assert timedelta(0) <= wall - START - timedelta(hours=1) < NEARLY
    assert epoch == pytest.approx(wall.timestamp())


def test_the_wall_clock_begins_at_the_start_in_any_zone():
    """A start given in another zone is the same instant."""

    async def main() -> datetime:
        return datetime.now(UTC)

    began = virtual.run(main, START.astimezone(ZoneInfo("Asia/Kolkata")))

    assert timedelta(0) <= began - START < NEARLY


def test_a_start_without_a_zone_is_refused():
    """An instant that could mean two things is never guessed at."""
    with pytest.raises(ValueError, match="must be aware"):
        virtual.run(lambda: asyncio.sleep(0), datetime(2026, 3, 2))  # noqa: DTZ001


def test_timeouts_end_in_their_order():
    """A limit of two minutes ends a wait of a day after two minutes."""

    async def main() -> datetime:
        with pytest.raises(TimeoutError), anyio.fail_after(120):
            await anyio.sleep(86_400)
        return datetime.now(UTC)

    assert timedelta(0) <= virtual.run(main, START) - START - timedelta(seconds=120) < NEARLY


def test_tasks_wake_in_the_order_of_their_times():
    """Timers that are set together fire one after the other, as they would in real time."""

    async def main() -> list[int]:
        woken: list[int] = []

        async def sleeper(hours: int) -> None:
            await anyio.sleep(hours * 3600)
            woken.append(hours)

        async with anyio.create_task_group() as group:
            for hours in (48, 3, 100, 1):
                group.start_soon(sleeper, hours)
        return woken

    assert virtual.run(main, START) == [1, 3, 48, 100]


def test_a_task_that_polls_the_clock_is_not_stuck():
    """Time passes by itself, a microsecond at least, for code that waits in steps of nothing."""

    async def main() -> None:
        end = datetime.now(UTC) + timedelta(microseconds=50)
        while datetime.now(UTC) < end:  # noqa: ASYNC110  such loops are what is tested
            await asyncio.sleep(0)

    virtual.run(main, START)


def fortnight() -> list[datetime]:
    """The instants at which a schedule of office days fired within 14 days."""

    async def main() -> list[datetime]:
        fired: list[datetime] = []

        async def job() -> None:
            fired.append(datetime.now(UTC))

        scheduler = AsyncIOScheduler(timezone=UTC)
        scheduler.add_job(job, CronTrigger.from_crontab("30 9 * * mon-fri", timezone=UTC), misfire_grace_time=1)
        scheduler.start()
        await anyio.sleep(14 * 86_400)
        scheduler.shutdown()
        return fired

    return virtual.run(main, START)


def test_a_schedule_fires_at_exactly_its_instants_over_fourteen_days():
    """Ten office days, ten runs, each in the very second it was meant for and never before it."""
    office_days = [START.replace(day=day, hour=9, minute=30) for day in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13)]
    fired = fortnight()

    assert [instant.replace(microsecond=0) for instant in fired] == office_days
    assert all(timedelta(0) <= late - due < NEARLY for late, due in zip(fired, office_days, strict=True))


def test_two_runs_take_the_same_course_to_the_microsecond():
    """What was seen once can be shown again."""
    assert fortnight() == fortnight()


def test_waiting_for_nothing_is_an_error():
    """A program that nobody will ever wake is told so instead of hanging."""

    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="deadlock"):
        virtual.run(main, START)


@pytest.mark.parametrize("error", [None, KeyError("lost")])
def test_the_wall_clock_is_restored_afterwards(error: Exception | None):
    """The virtual world leaves no trace, however it ends."""

    async def main() -> None:
        await anyio.sleep(86_400)
        if error:
            raise error

    before = time.time()
    if error:
        with pytest.raises(KeyError):
            virtual.run(main, datetime(2001, 1, 1, tzinfo=UTC))
    else:
        virtual.run(main, datetime(2001, 1, 1, tzinfo=UTC))

    assert 0 <= time.time() - before < 60

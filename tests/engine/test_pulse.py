"""Does the pulse tell a job that hangs from a clock that jumped?"""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest

from outboundd import virtual
from outboundd.adapters.manual_clock import ManualClock
from outboundd.engine.pulse import Pulse

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
EVERY = timedelta(minutes=10)


class Runs:
    """Whether a run goes on, for the test to say."""

    began: datetime | None = None


def pulse_at(clock: ManualClock, runs: Runs) -> Pulse:
    """A job every ten minutes, and one that never comes by itself."""
    return Pulse(
        clock=clock,
        deadlines_s={"send": 3600.0, "never": 60.0},
        next_slot=lambda job, at: at + EVERY if job == "send" else None,
        runs=lambda job: runs.began if job == "send" else None,
    )


def on_the_loop(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """The loop's clock jumps over waits; the wall clock is the test's own."""
    virtual.run(main, START)


def test_a_slot_that_nobody_answers_is_overdue_by_both_clocks() -> None:
    """25 minutes after the last answer a job of every ten is 15 late."""

    async def main() -> None:
        clock = ManualClock(START)
        pulse = pulse_at(clock, Runs())
        await anyio.sleep(1500)
        clock.advance(timedelta(minutes=25))
        assert [(one.job, round(one.overdue_s)) for one in pulse.jobs()] == [("send", 900), ("never", 0)]
        assert round(pulse.tick_s()) == 1500
        pulse.answered("send")
        pulse.ticked()
        assert round(pulse.jobs()[0].overdue_s) == -600
        assert round(pulse.tick_s()) == 0

    on_the_loop(main)


def test_neither_a_step_of_the_wall_clock_nor_one_of_the_loop_alone_makes_a_job_late() -> None:
    """A machine that slept, or an NTP step of a day, must not look like a hang."""

    async def main() -> None:
        clock = ManualClock(START)
        pulse = pulse_at(clock, Runs())
        clock.advance(timedelta(days=1))
        assert round(pulse.jobs()[0].overdue_s) == -600
        clock = ManualClock(START)
        pulse = pulse_at(clock, Runs())
        await anyio.sleep(86_400)
        assert round(pulse.jobs()[0].overdue_s) == -600

    on_the_loop(main)


def test_a_run_is_as_old_as_the_first_look_that_found_it_going() -> None:
    """Further looks do not make it younger; its end does, also where the next run begins in the same moment."""

    async def main() -> None:
        runs = Runs()
        pulse = pulse_at(ManualClock(START), runs)
        assert pulse.jobs()[0].running_s is None
        for began in (START, START + EVERY):
            runs.began = began
            assert pulse.jobs()[0].running_s == pytest.approx(0, abs=0.1)
            await anyio.sleep(600)
            assert pulse.jobs()[0].running_s == pytest.approx(600, abs=0.1)
        runs.began = None
        assert pulse.jobs()[0].running_s is None

    on_the_loop(main)

"""Is it known what runs, does each run by hand get its turn, and does nothing stay behind, however a run ends?"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import anyio
import pytest

from office import TUESDAY, Office, an_office
from outboundd.engine.run_job import Job, JobEnd, JobHalted, JobRun, run_job
from outboundd.engine.running import Running
from outboundd.ports import Exhausted, Transient

Story = Callable[[JobRun], Awaitable[None]]


def job(story: Story, deadline_s: float = 3600) -> Job:
    """A job that needs nobody."""
    return Job(name="trial", run=story, needs=frozenset(), doc="a trial", deadline_s=deadline_s)


def nothing_is_left(office: Office) -> bool:
    """No run, no wait, no lock."""
    runs = office.parts.runs
    return not runs.now and not any(runs.waiting.values()) and not runs.taken("trial")


class Stage:
    """Runs that begin and end when the test says so. `begun` are their names in the order of their beginning."""

    def __init__(self) -> None:
        self.office = an_office()
        self.begun: list[str] = []
        self.heard: list[tuple[str, Running, int]] = []
        self.ends: list[JobEnd] = []
        self._go_on: dict[str, anyio.Event] = {}

    async def run(self, name: str, *, by_hand: bool = True) -> None:
        """A run of this name."""
        self._go_on[name] = anyio.Event()

        async def story(run: JobRun) -> None:
            self.begun.append(name)
            run.progress(12, 40)
            await self._go_on[name].wait()
            run.progress(40, 40)

        run = JobRun(parts=self.office.parts, job="trial", by_hand=by_hand)
        run.waits = lambda running, before: self.heard.append((name, running, before))
        self.ends.append(await run_job(job(story), run, name))

    async def end(self, name: str) -> None:
        """Let it end, and whatever follows begin."""
        self._go_on[name].set()
        await anyio.wait_all_tasks_blocked()


async def test_what_runs_is_known_with_its_beginning_and_how_far_it_is() -> None:
    """Before it counts anything too; and when it is over, nothing runs."""
    stage = Stage()
    async with anyio.create_task_group() as group:
        group.start_soon(stage.run, "first")
        await anyio.wait_all_tasks_blocked()
        assert dict(stage.office.parts.running) == {"trial": Running(since=TUESDAY, by_hand=True, done=12, of=40)}
        await stage.end("first")
    assert nothing_is_left(stage.office)


async def test_runs_by_hand_take_their_turns_in_the_order_in_which_they_were_asked_for() -> None:
    """Behind a scheduled one and behind one another; a slot of the schedule that comes meanwhile is left out."""
    stage = Stage()
    async with anyio.create_task_group() as group:
        for name in ("slot", "one", "two", "three"):
            group.start_soon(lambda name: stage.run(name, by_hand=name != "slot"), name)
            await anyio.wait_all_tasks_blocked()
        group.start_soon(lambda: stage.run("next slot", by_hand=False))
        await anyio.wait_all_tasks_blocked()
        assert [end.words for end in stage.ends] == ["the run before goes on"]
        for name in ("slot", "one", "two", "three"):
            assert stage.begun[-1] == name
            await stage.end(name)
    assert stage.begun == ["slot", "one", "two", "three"]
    assert [end.words for end in stage.ends[1:]] == ["nothing was due"] * 4
    skipped = [line for line in stage.office.parts.log.tail if line.startswith("job.skipped")]
    assert skipped == ["job.skipped job=trial reason=the run before goes on run=next slot"]
    assert nothing_is_left(stage.office)


async def test_who_waits_hears_at_once_and_later_how_far_the_run_before_is() -> None:
    """And who is still before it, when the next one begins."""
    stage = Stage()
    async with anyio.create_task_group() as group:
        for name in ("first", "second", "third"):
            group.start_soon(stage.run, name)
            await anyio.wait_all_tasks_blocked()
        assert [(name, run.done, before) for name, run, before in stage.heard] == [("second", 12, 0), ("third", 12, 1)]
        stage.heard.clear()
        stage.office.advance(minutes=5)
        await stage.end("first")
        told = [(name, run.since - TUESDAY, run.done, before) for name, run, before in stage.heard]
        later = timedelta(minutes=5)
        assert told == [
            ("second", timedelta(0), 40, 0),
            ("third", timedelta(0), 40, 1),
            ("third", later, 0, 0),
            ("third", later, 12, 0),
        ]
        await stage.end("second")
        await stage.end("third")


async def test_a_wait_that_is_cut_off_leaves_the_queue_and_no_trace() -> None:
    """It never was: no record, no lock, and those behind it move up."""
    stage = Stage()
    async with anyio.create_task_group() as group:
        group.start_soon(stage.run, "first")
        await anyio.wait_all_tasks_blocked()
        async with anyio.create_task_group() as cut_off:
            cut_off.start_soon(stage.run, "second")
            await anyio.wait_all_tasks_blocked()
            group.start_soon(stage.run, "third")
            await anyio.wait_all_tasks_blocked()
            cut_off.cancel_scope.cancel()
        await stage.end("first")
        assert stage.begun == ["first", "third"]
        await stage.end("third")
    assert {run.slot for run in await stage.office.ledger.runs("trial", 10)} == {"first", "third"}
    assert nothing_is_left(stage.office)


async def test_a_run_that_is_cut_off_keeps_what_it_did_and_its_record_says_so() -> None:
    """Not "has not ended yet" for ever; and the next run begins."""
    stage = Stage()

    async def story(run: JobRun) -> None:
        run.done["sent"] += 3
        await anyio.sleep_forever()

    async with anyio.create_task_group() as group:
        group.start_soon(run_job, job(story), JobRun(parts=stage.office.parts, job="trial", by_hand=True), "cut")
        await anyio.wait_all_tasks_blocked()
        group.cancel_scope.cancel()
    (kept,) = await stage.office.ledger.runs("trial", 1)
    assert (kept.outcome, kept.told, kept.ended) == ("stopped in the midst; 3 sent", {"sent": 3}, TUESDAY)
    assert nothing_is_left(stage.office)


@pytest.mark.parametrize(
    "error",
    [Exhausted("memory", "quota"), JobHalted("five"), Transient("memory", "503"), KeyError("a bug"), TimeoutError()],
)
async def test_nothing_runs_any_more_however_a_run_ends(error: Exception) -> None:
    """A halt, an outage, a bug, a deadline, a slot that ran before, a job that is off."""
    office = an_office()

    async def story(run: JobRun) -> None:
        run.progress(1, 2)
        raise error

    for slot in ("1", "1", "2"):
        await run_job(job(story), JobRun(parts=office.parts, job="trial"), slot)
        assert nothing_is_left(office)

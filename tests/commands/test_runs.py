"""Does who runs a job by hand see how far it is, what it waits for, and may they hang up at any moment?"""

from contextlib import aclosing
from dataclasses import replace

import anyio

from office import Office, an_office, lead
from outboundd.commands.desk import Line
from outboundd.commands.runs import once
from outboundd.engine.run_job import Job, JobRun, run_job


class Held:
    """An office whose job `send` goes on until it is let go."""

    def __init__(self) -> None:
        self.office: Office = an_office(lead(1))
        self.let_go = anyio.Event()
        self.runs = 0
        send = self.office.desk.jobs["send"]
        self.office.desk.jobs = {**self.office.desk.jobs, "send": replace(send, run=self._story)}

    @property
    def job(self) -> Job:
        return self.office.desk.jobs["send"]

    async def _story(self, run: JobRun) -> None:
        self.runs += 1
        run.progress(12, 40)
        await self.let_go.wait()
        run.progress(40, 40)

    async def scheduled(self) -> None:
        await run_job(self.job, JobRun(parts=self.office.parts, job="send"), "10:00")

    async def listen(self, lines: list[Line]) -> None:
        """A command line that reads to the end."""
        async for line in once(self.office.desk, job="send"):
            lines.append(line)  # noqa: PERF401 (each is there as soon as it is said)

    async def hangs_up(self) -> None:
        """A command line that reads one line and is gone while the next is handed to it."""
        async with aclosing(once(self.office.desk, job="send")) as lines:
            await anext(lines)


async def test_a_run_by_hand_during_a_scheduled_one_says_what_it_waits_for_and_then_runs() -> None:
    """Since when, how far, progress while it waits, and one answer in the end."""
    held, lines = Held(), list[Line]()
    async with anyio.create_task_group() as group:
        group.start_soon(held.scheduled)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(held.listen, lines)
        await anyio.wait_all_tasks_blocked()
        assert [line.text for line in lines] == [
            "send runs since 10:00 UTC, 12 of 40 done; yours begins when it ends",
            "",
        ]
        assert lines[1].progress == (12, 40)
        assert held.runs == 1
        held.let_go.set()
    assert held.runs == 2
    assert [line.text for line in lines if line.text][1:] == ["send: nothing was due"]


async def test_the_second_that_waits_is_told_how_many_come_before_it() -> None:
    """Once for each run that it waits for."""
    held, first, second = Held(), list[Line](), list[Line]()
    async with anyio.create_task_group() as group:
        group.start_soon(held.listen, [])
        await anyio.wait_all_tasks_blocked()
        for lines in (first, second):
            group.start_soon(held.listen, lines)
            await anyio.wait_all_tasks_blocked()
        held.let_go.set()
    assert first[0].text == "send runs by hand since 10:00 UTC, 12 of 40 done; yours begins when it ends"
    assert second[0].text == (
        "send runs by hand since 10:00 UTC, 12 of 40 done, then 1 other run by hand; yours begins when they end"
    )


async def test_who_hangs_up_while_it_is_told_something_ends_its_run_and_nothing_else() -> None:
    """Whoever closes the command is not hurt by it, and the next run begins."""
    held = Held()
    await held.hangs_up()
    assert not held.office.parts.running
    assert not held.office.parts.runs.taken("send")
    async with anyio.create_task_group() as group:
        group.start_soon(held.scheduled)
        await anyio.wait_all_tasks_blocked()
        await held.hangs_up()  # while it waits
        assert held.office.parts.running["send"].by_hand is False
        assert held.office.parts.runs.waiting["send"] == []
        held.let_go.set()
    assert held.runs == 2


async def test_jobs_shows_what_runs_now_and_who_waits() -> None:
    """Instead of a last run that has not ended."""
    held = Held()
    async with anyio.create_task_group() as group:
        group.start_soon(held.scheduled)
        await anyio.wait_all_tasks_blocked()
        assert "it runs since 10:00 UTC, 12 of 40 done" in await held.office.read("jobs")
        group.start_soon(held.listen, [])
        await anyio.wait_all_tasks_blocked()
        assert "it runs since 10:00 UTC, 12 of 40 done; 1 run by hand waiting" in await held.office.read("jobs")
        runs = {job["job"]: job["running"] for job in (await held.office.data("jobs"))["jobs"]}
        since = "2026-11-24T10:00:00+00:00"
        assert runs["send"] == {"since": since, "by_hand": False, "done": 12, "of": 40, "waiting": 1}
        assert runs["draft"] is None
        held.let_go.set()


async def test_jobs_shows_a_run_that_is_in_no_schedule() -> None:
    """The attribution gate over the pool may take an hour."""
    held = Held()
    verify = replace(held.job, name="verify")
    async with anyio.create_task_group() as group:
        group.start_soon(run_job, verify, JobRun(parts=held.office.parts, job="verify", by_hand=True), "1")
        await anyio.wait_all_tasks_blocked()
        assert "verify      verify runs by hand since 10:00 UTC, 12 of 40 done" in await held.office.read("jobs")
        held.let_go.set()

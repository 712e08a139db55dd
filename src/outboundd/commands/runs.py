"""How does the operator run a job now?"""

import math
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime

import anyio

from outboundd.commands import words
from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.commands.schedule import BY_HAND
from outboundd.engine.run_job import Job, JobEnd, JobRun, run_job
from outboundd.engine.running import Running
from outboundd.rules import reasons

ENOUGH_TO_READ = 1000  # who listens too slowly misses progress, never words


async def once(desk: Desk, *, job: str, limit: int | None = None) -> AsyncGenerator[Line, None]:
    """One run of a job, by hand, with its progress."""
    if job not in desk.jobs:
        raise Refusal(2, f"no job is called {job!r}; there are: {', '.join(desk.jobs)}")
    if limit is not None and limit < 1:
        raise Refusal(2, f"--limit {limit}: give a number of at least 1")
    run = JobRun(parts=desk.parts, job=job, by_hand=True, limit=limit, dry=desk.dry)
    ended: list[JobEnd] = []
    async with aclosing(watched(desk.jobs[job], run, ended)) as lines:
        async for line in lines:
            yield line
    end = ended[0]
    data = {"job": job, "code": end.code, "words": end.words, "done": dict(end.done), "held": dict(end.held)}
    dry = "dry run, nothing was written; it would be: " if desk.dry else ""
    yield Line(text="" if end.code else f"{job}: {dry}{end.words}", data=data)
    for why, count in reasons.grouped(end.held):
        yield Line(text=words.hanging(f"  {count:>5} held: ", why, 14))
    if end.code:
        raise Refusal(end.code, f"{job}: {end.words}")


async def watched(job: Job, run: JobRun, ended: list[JobEnd]) -> AsyncGenerator[Line, None]:
    """Run a job by hand and tell how far it has come; how it ended is put into `ended`.

    While another run of it goes on, that one's progress is told until it is over. Closed, it ends the run.
    """
    told, lines = anyio.create_memory_object_stream[Line](math.inf)
    waited_for: set[datetime] = set()

    def tell(done: int, of: int) -> None:
        if told.statistics().current_buffer_used < ENOUGH_TO_READ:
            told.send_nowait(Line(progress=(done, of)))

    def wait(running: Running, before: int) -> None:
        if running.since not in waited_for:
            waited_for.add(running.since)
            told.send_nowait(Line(text=_waits(job.name, running, before)))
        tell(running.done, running.of)

    async def carry_out() -> None:
        with told:
            run.progress, run.waits = tell, wait
            ended.append(await run_job(job, run, f"{BY_HAND}{uuid.uuid4().hex[:8]}"))

    with lines:  # open as long as the run may tell something: its last mail leaves shielded from the cancellation
        async with anyio.create_task_group() as group:
            group.start_soon(carry_out)
            try:
                async for line in lines:
                    yield line
            except GeneratorExit:  # nobody listens any more; a task group would wrap it, and whoever closes us break
                group.cancel_scope.cancel()


def _waits(job: str, running: Running, before: int) -> str:
    others = f", then {words.many(before, 'other run')} by hand" if before else ""
    return f"{words.running(job, running)}{others}; yours begins when {'they end' if before else 'it ends'}"


ONCE = Command(name="once", doc="one run of a job, by hand", run=once)

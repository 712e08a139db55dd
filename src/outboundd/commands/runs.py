"""How does the operator run a job now?"""

import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing

import anyio

from outboundd.commands import words
from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.engine.run_job import Job, JobEnd, JobRun, run_job
from outboundd.rules import reasons


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
    """Run a job by hand and tell how far it has come; how it ended is put into `ended`."""
    progress, steps = anyio.create_memory_object_stream[tuple[int, int]](1000)

    def tell(done: int, of: int) -> None:
        if progress.statistics().current_buffer_used < 1000:
            progress.send_nowait((done, of))

    async def carry_out() -> None:
        with progress:
            run.progress = tell
            ended.append(await run_job(job, run, f"by-hand-{uuid.uuid4().hex[:8]}"))

    async with anyio.create_task_group() as group:
        group.start_soon(carry_out)
        with steps:
            async for step in steps:
                yield Line(progress=step)


ONCE = Command(name="once", doc="one run of a job, by hand", run=once)

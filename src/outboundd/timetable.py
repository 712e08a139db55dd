"""When does the daemon begin which run? The schedule only decides when to look; rules decide whether to act."""

from datetime import UTC, datetime

import anyio
from anyio.abc import TaskGroup

from outboundd.commands.desk import Desk
from outboundd.engine.looks import next_look, trigger
from outboundd.engine.pulse import Pulse
from outboundd.engine.run_job import JobRun, run_job

MISFIRE_GRACE_S = 300
LET_THROUGH_S = 0.01  # for what fired in the instant of the stop: cut off, APScheduler would log it as an error
FIRST = "reconcile"


async def job_table(desk: Desk, stop: anyio.Event) -> None:
    """Run each job when its cron line says so, and a first reconcile at once, until `stop`."""
    async with anyio.create_task_group() as work:
        async with anyio.create_task_group() as office:
            office.start_soon(schedule, desk, work, pulse_of(desk))
            await stop.wait()
            office.cancel_scope.cancel()
        work.cancel_scope.cancel()


async def schedule(desk: Desk, work: TaskGroup, pulse: Pulse, tick_every_s: float | None = None) -> None:
    """Begin the runs that are due, and a first reconcile at once, until cancelled; they belong to `work`.

    Each run's end is noted in `pulse`, and every `tick_every_s` seconds that the scheduler lives.
    """
    from apscheduler.events import EVENT_JOB_MISSED
    from apscheduler.schedulers.asyncio import AsyncIOScheduler  # a single command schedules nothing
    from apscheduler.triggers.interval import IntervalTrigger

    scheduler = AsyncIOScheduler(timezone=UTC)
    requests, due = anyio.create_memory_object_stream[tuple[str, str]](100)

    async def fire(job: str) -> None:
        """Only a request: our own task group does the work, so that drain, cancel and errors stay ours."""
        slot = desk.parts.world.clock.now().replace(second=0, microsecond=0).isoformat()
        if requests.statistics().current_buffer_used < 100:
            requests.send_nowait((job, slot))

    async def tick() -> None:
        pulse.ticked()

    for name, cron in desk.schedule.items():
        scheduler.add_job(fire, trigger(cron), args=[name], id=name, misfire_grace_time=MISFIRE_GRACE_S, coalesce=True)
    scheduler.add_listener(lambda missed: pulse.answered(missed.job_id), EVENT_JOB_MISSED)
    if tick_every_s is not None:
        scheduler.add_job(tick, IntervalTrigger(seconds=tick_every_s), misfire_grace_time=None, coalesce=True)
    async with requests, due:
        requests.send_nowait((FIRST, f"start-{desk.parts.world.clock.now().isoformat()}"))
        scheduler.start()
        try:
            async for job, slot in due:
                work.start_soon(_one_slot, desk, job, slot, pulse)
        finally:
            scheduler.pause()
            with anyio.CancelScope(shield=True):
                await anyio.sleep(LET_THROUGH_S)
            scheduler.shutdown(wait=False)


async def _one_slot(desk: Desk, job: str, slot: str, pulse: Pulse) -> None:
    await run_job(desk.jobs[job], JobRun(parts=desk.parts, job=job), slot)
    pulse.answered(job)


def pulse_of(desk: Desk) -> Pulse:
    """What this desk's schedule is measured by."""

    def next_slot(job: str, after: datetime) -> datetime | None:
        return next_look(desk.schedule[job], after) if job in desk.schedule else None

    def began(job: str) -> datetime | None:
        run = desk.parts.running.get(job)
        return None if run is None else run.since

    return Pulse(
        clock=desk.parts.world.clock,
        deadlines_s={job: desk.jobs[job].deadline_s for job in desk.schedule},
        next_slot=next_slot,
        runs=began,
    )

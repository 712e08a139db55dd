"""When did each job last answer one of its slots, and what goes on? What the watchdog's rule is asked about.

Time is taken from the loop's clock and from the wall's: only where both say that a slot is past is it overdue, so that
neither a step of the wall clock nor a machine that slept looks like a job that hangs.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

import anyio

from outboundd.ports import Clock
from outboundd.rules.progress import JobState


class Pulse:
    """What the schedule got done. A job counts as having answered when this is made.

    `deadlines_s` names the jobs to watch, `next_slot` when one is due after an instant (None: never), `runs` when the
    run of it began that goes on at this moment, by schedule or by hand (None: none does).
    """

    def __init__(
        self,
        *,
        clock: Clock,
        deadlines_s: Mapping[str, float],
        next_slot: Callable[[str, datetime], datetime | None],
        runs: Callable[[str], datetime | None],
    ) -> None:
        self._clock = clock
        self._deadlines_s = deadlines_s
        self.next_slot = next_slot
        self._runs = runs
        self._due: dict[str, tuple[float, datetime]] = {}
        self._seen: dict[str, tuple[datetime, float]] = {}  # the run that goes on, and since when it was seen to
        self.ticked()
        for job in deadlines_s:
            self.answered(job)

    def ticked(self) -> None:
        """The scheduler lives."""
        self._ticked_s = anyio.current_time()

    def answered(self, job: str) -> None:
        """A slot of the job has ended, or was left out for a reason."""
        now = self._clock.now()
        due = self.next_slot(job, now)
        if due is not None:
            self._due[job] = (anyio.current_time() + (due - now).total_seconds(), due)

    def tick_s(self) -> float:
        """Seconds since the scheduler's last tick."""
        return anyio.current_time() - self._ticked_s

    def jobs(self) -> tuple[JobState, ...]:
        """How each job stands now."""
        return tuple(self._job(job, deadline_s) for job, deadline_s in self._deadlines_s.items())

    def _job(self, job: str, deadline_s: float) -> JobState:
        loop_s, now = anyio.current_time(), self._clock.now()
        due_s, due = self._due.get(job, (loop_s, now))
        return JobState(
            job=job,
            overdue_s=min(loop_s - due_s, (now - due).total_seconds()),
            running_s=self._running_s(job, loop_s),
            deadline_s=deadline_s,
        )

    def _running_s(self, job: str, loop_s: float) -> float | None:
        """One that begins as another ends is a run of its own, however long those before it took."""
        began = self._runs(job)
        if began is None:
            return None
        if job not in self._seen or self._seen[job][0] != began:
            self._seen[job] = (began, loop_s)
        return loop_s - self._seen[job][1]

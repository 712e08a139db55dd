"""Does the daemon get on with its work, or what stands still? Asked before each sign of life to the watchdog.

A process that runs is no proof: the proof is that each job answered its slots (it ran, or was passed over for a
reason), that no run outlives its deadline, that the scheduler ticks and that the ledger took a write. That the loop
answers needs no rule: whoever asks this runs on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

GRACE_S = 600.0  # a slot may be late or begun late (misfires), and a run past its deadline ends what it has in hand
TICKS = 3  # so many may be missed before the scheduler counts as stopped


@dataclass(frozen=True, kw_only=True)
class JobState:
    """How a job stands. `overdue_s`: since when its next slot should have been answered (negative: not yet due).

    `running_s`: for how long a run goes on, None when none does; `deadline_s`: how long one may.
    """

    job: str
    overdue_s: float
    running_s: float | None
    deadline_s: float


def stuck(jobs: Sequence[JobState], *, tick_s: float, tick_every_s: float, ledger_writes: bool) -> tuple[str, ...]:
    """What stands still, one phrase each; none when the daemon gets on. `tick_s`: since the scheduler's last tick."""
    found = [phrase for phrase in map(_stuck, jobs) if phrase]
    if tick_s > TICKS * tick_every_s:
        found.append(f"the scheduler has not ticked for {tick_s:.0f} s")
    if not ledger_writes:
        found.append("the ledger takes no write")
    return tuple(found)


def _stuck(state: JobState) -> str:
    if state.running_s is not None:
        late = state.running_s > state.deadline_s + GRACE_S
        return f"{state.job} has run for {state.running_s:.0f} s, its deadline is {state.deadline_s:.0f} s" * late
    return f"{state.job} is {state.overdue_s:.0f} s overdue" * (state.overdue_s > GRACE_S)

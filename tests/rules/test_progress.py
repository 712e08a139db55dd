"""The watchdog is fed by work that gets on, not by a process that merely runs."""

import pytest

from outboundd.rules.progress import GRACE_S, JobState, stuck


def said(*jobs: JobState, tick_s: float = 60.0, ledger_writes: bool = True) -> tuple[str, ...]:
    """What stands still, with a tick a minute."""
    return stuck(jobs, tick_s=tick_s, tick_every_s=60.0, ledger_writes=ledger_writes)


def job(overdue_s: float = -60.0, running_s: float | None = None) -> JobState:
    """The sending job with a deadline of an hour."""
    return JobState(job="send", overdue_s=overdue_s, running_s=running_s, deadline_s=3600.0)


def test_a_daemon_that_gets_on_has_nothing_stuck() -> None:
    """Every job waits for its next slot, the scheduler ticks, the ledger writes."""
    assert said(job()) == ()


@pytest.mark.parametrize(("overdue_s", "is_stuck"), [(GRACE_S, False), (GRACE_S + 1, True)])
def test_a_job_that_did_not_answer_its_slot_is_stuck_after_the_grace(overdue_s: float, is_stuck: bool) -> None:
    """A slot may be late, it may not be lost."""
    assert said(job(overdue_s)) == (("send is 601 s overdue",) if is_stuck else ())


@pytest.mark.parametrize(("running_s", "is_stuck"), [(3600 + GRACE_S, False), (3601 + GRACE_S, True)])
def test_a_long_run_is_no_hang_until_its_deadline_is_past(running_s: float, is_stuck: bool) -> None:
    """While it runs no later slot can be answered, and that is no fault."""
    expected = ("send has run for 4201 s, its deadline is 3600 s",) if is_stuck else ()
    assert said(job(overdue_s=9999.0, running_s=running_s)) == expected


def test_everything_that_stands_still_is_said() -> None:
    """Whoever reads the log after the kill must not guess."""
    assert said(job(700.0), tick_s=181.0, ledger_writes=False) == (
        "send is 700 s overdue",
        "the scheduler has not ticked for 181 s",
        "the ledger takes no write",
    )

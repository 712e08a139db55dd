"""Is a cron line read as its writer meant it, or refused?"""

from datetime import UTC, datetime

import pytest

from outboundd.config.cron import check, runs_per_hour
from outboundd.engine.looks import first_look

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.mark.parametrize(
    ("cron", "runs"),
    [
        ("*/10 * * * *", 6),
        ("0 * * * *", 1),
        ("* * * * *", 60),
        ("0,30 8-17 * * mon-fri", 2),
        ("5 */3 * * *", 1),
        ("0-20/10 9 1 jan *", 3),
    ],
)
def test_the_hours_share_is_cut_by_the_runs_in_an_hour_that_has_any(cron: str, runs: int):
    """Pacing spreads an hour's mails over its runs, whatever hours and days the schedule leaves out."""
    assert runs_per_hour(cron) == runs


@pytest.mark.parametrize("day", range(7))
def test_a_named_weekday_is_that_weekday(day: int):
    """A weekday means the same in the file and in the calendar."""
    fires = first_look(f"0 9 * * {NAMES[day]}", datetime(2026, 3, 2, tzinfo=UTC))

    assert fires == datetime(2026, 3, 2 + day, 9, tzinfo=UTC)


def test_schedules_run_in_utc():
    """The machine's own time zone never moves a schedule."""
    fires = first_look("30 2 * * *", datetime(2026, 3, 29, tzinfo=UTC))

    assert fires == datetime(2026, 3, 29, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1-5", "mon-fri"), ("0", "sun"), ("7", "sun"), ("1,3,5", "mon,wed,fri"), ("1-5/2", "mon-fri/2")],
)
def test_a_numbered_weekday_is_refused_with_the_names_that_crontab_means(written: str, meant: str):
    """The scheduler counts from Monday, crontab from Sunday: a digit is never guessed at."""
    with pytest.raises(ValueError, match="never numbered") as refusal:
        check(f"0 9 * * {written}")

    assert f'write "0 9 * * {meant}"' in str(refusal.value)


@pytest.mark.parametrize("cron", ["*/10 * * * */2", "0 9 * * mon,fri", "0 9 last * *"])
def test_a_step_or_a_named_day_is_taken(cron: str):
    """A digit that counts no weekday is no mistake."""
    check(cron)
    assert first_look(cron, datetime(2026, 3, 2, tzinfo=UTC)) is not None

"""Does the operator see what runs when, how it went, and what is off?"""

import pytest

from office import TUESDAY, an_office, lead
from outboundd.commands.schedule import in_words
from outboundd.model.facts import Halt


async def test_every_job_says_when_it_looks_and_how_it_went_last():
    """In words, with the next instant and the last outcome."""
    office = an_office(lead(1))
    office.desk.by_schedule = True
    await office.run("draft")
    office.advance(minutes=12)
    told = await office.read("jobs")
    assert "draft       hourly at :05, next Tue 2026-11-24 11:05 UTC" in told
    assert "last run Tue 2026-11-24 10:00 UTC, 12 min ago: 1 drafted" in told
    assert "send        every 10 minutes, next Tue 2026-11-24 10:20 UTC" in told
    assert "has not run yet" in told
    assert "No daemon" not in told


async def test_a_run_by_hand_is_called_so():
    """The operator's own runs are told apart from the schedule's."""
    office = an_office(lead(1))
    await office.say("once", job="reconcile")
    assert "last run by hand Tue 2026-11-24 10:00 UTC, just now" in await office.read("jobs")
    jobs = {job["job"]: job for job in (await office.data("jobs"))["jobs"]}
    assert jobs["reconcile"]["last"]["by_hand"] is True


async def test_a_halted_vendor_stops_the_jobs_that_need_it():
    """The writer is off: draft and follow_up are, send is not; and what to type."""
    office = an_office()
    await office.ledger.halt(Halt(what="template", since=TUESDAY, until=None, why="no credit"))
    data = await office.data("jobs")
    assert [job["job"] for job in data["jobs"] if job["off"]] == ["draft", "follow_up"]
    assert data["halts"][0]["resume"] == "outboundd resume template"
    told = await office.read("jobs")
    assert "OFF: template is halted, see below" in told
    assert "no credit; until you type: outboundd resume template" in " ".join(told.split())


async def test_without_a_daemon_it_says_that_nothing_runs_by_itself():
    """A single command looks at the same table, but nobody carries it out."""
    assert (await an_office().read("jobs")).startswith("No daemon answers: nothing runs by itself.")


async def test_a_job_without_a_schedule_runs_by_hand_only():
    """No cron line, no next instant."""
    office = an_office()
    office.desk.schedule = {}
    assert "draft       by hand only" in await office.read("jobs")


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        ("0 * * * *", "hourly at :00"),
        ("30 6 * * *", "daily at 06:30 UTC"),
        ("0 9 * * mon-fri", "cron 0 9 * * mon-fri (UTC)"),
    ],
)
def test_cron_lines_are_told_in_words(cron, said):
    """The usual ones; any other as it is written."""
    assert in_words(cron) == said


@pytest.mark.parametrize(("hours", "said"), [(3, "3 h ago"), (72, "3 days ago")])
async def test_how_long_ago_is_told_coarsely(hours, said):
    """Hours, then days."""
    office = an_office()
    await office.run("digest")
    office.advance(hours=hours)
    assert said in await office.read("jobs")

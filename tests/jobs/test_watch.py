"""Is silence noticed, what waits told, what is off said again, and nothing said where all is well?"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from office import SETTINGS, TUESDAY, Office, an_office, lead
from outboundd.adapters.memory_store import MemoryStore
from outboundd.engine.run_job import JobRun
from outboundd.jobs import JOBS
from outboundd.model.facts import Halt
from outboundd.model.lead import Stage
from outboundd.model.mail import EventKind
from outboundd.model.settings import Alerts
from outboundd.ports import Exhausted, Transient

AWAKE = replace(SETTINGS, alerts=Alerts(quiet_hours=()))
EVERY = {"draft": 60, "send": 10, "follow_up": 60, "reconcile": 15, "digest": 60, "watch": 10}
AT = {"draft": 5, "follow_up": 20}


class Reads:
    """Counts the requests that read rows."""

    def __init__(self, store: MemoryStore) -> None:
        self.count = 0
        self._read = store.read
        store.read = self.read  # type: ignore[method-assign]

    async def read(self, *args: object, **more: object) -> object:
        self.count += 1
        return await self._read(*args, **more)  # type: ignore[arg-type]


async def _away(*_: object, **__: object) -> object:
    """A store that does not answer."""
    raise Transient("memory", "503")


async def do_nothing(_: JobRun) -> None:
    """A story that has lost its sense: its runs end well and do nothing."""


def broken(office: Office, *jobs: str) -> None:
    """From now on the runs of these jobs do nothing, and end well."""
    office.desk.jobs = {**JOBS, **{job: replace(JOBS[job], run=do_nothing) for job in jobs}}


def with_all_well(office: Office) -> None:
    """Every job has its own story again."""
    office.desk.jobs = JOBS


async def pass_time(office: Office, hours: float, *, without: frozenset[str] = frozenset()) -> None:
    """The shipped schedule, minute by minute where something looks."""
    end = office.clock.now() + timedelta(hours=hours)
    while office.clock.now() < end:
        minute = office.clock.now().hour * 60 + office.clock.now().minute
        for job, every in EVERY.items():
            if job not in without and (minute - AT.get(job, 0)) % every == 0:
                await _one_run(office, job)
        office.advance(minutes=5)


async def _one_run(office: Office, job: str) -> None:
    """One run; what left in it arrives at once."""
    before = len(office.mailer.letters)
    await office.run(job, by_hand=False)
    for _, letter in office.mailer.letters[before:]:
        office.mailer.report(letter.tag, EventKind.DELIVERED)


def told(office: Office) -> list[str]:
    """The titles of what the operator was told."""
    return [alert.title for alert in office.operator.alerts]


def many(number: int) -> list[object]:
    """Leads in London."""
    return [lead(n) for n in range(1, number + 1)]


async def test_where_all_is_well_nothing_is_said_over_christmas() -> None:
    """A warm-up's caps, nights, Christmas and its weekend, and drafts that wait over all of them."""
    office = an_office(*many(30), at=datetime.fromisoformat("2026-12-23T06:00+00:00"), settings=AWAKE)  # type: ignore[arg-type]
    await pass_time(office, 6.5 * 24)
    assert told(office) == []
    assert len(office.mailer.letters) > 30


async def test_a_send_job_that_does_nothing_is_noticed_within_two_hours_and_its_recovery_too() -> None:
    """Its runs end well, leads are due, nothing is off: told once, and over with the first mail."""
    office = an_office(*many(6), at=TUESDAY)  # type: ignore[arg-type]
    broken(office, "send")
    await pass_time(office, 4)
    assert told(office) == ["Mail is due and none leaves"]
    with_all_well(office)
    await pass_time(office, 1)
    assert told(office)[1:] == ["Over: Mail is due and none leaves"]


async def test_a_night_that_falls_on_a_silence_is_not_its_end() -> None:
    """What was due at five was missed; that nothing is due at six does not mend it."""
    office = an_office(*many(6), at=TUESDAY.replace(hour=13))  # type: ignore[arg-type]
    broken(office, "send")
    await pass_time(office, 8)
    assert told(office) == ["Mail is due and none leaves"]


@pytest.mark.parametrize(
    "what", ["mail", "memory", "send", "guard", "source:fair"], ids=["pause", "mailer", "job", "guard", "source"]
)
async def test_mail_that_is_off_is_not_missed_nor_right_after_it_is_on_again(what: str) -> None:
    """Whatever keeps it: the gate says so, and the runs after it get their time."""
    office = an_office(*many(6), at=TUESDAY)  # type: ignore[arg-type]
    await office.run("draft")
    await office.ledger.halt(Halt(what=what, since=TUESDAY, until=None, why="paused by the operator"))
    broken(office, "draft", "follow_up", "send")
    reads = Reads(office.store)
    await pass_time(office, 4)
    assert reads.count == 0
    with_all_well(office)
    await office.ledger.resume(what)
    await pass_time(office, 0.5)
    assert told(office) == []


async def test_a_job_that_is_not_run_any_more_is_noticed_and_its_next_run_is_the_end() -> None:
    """The schedule has lost it."""
    office = an_office(at=TUESDAY)
    await pass_time(office, 1)
    await pass_time(office, 4, without=frozenset({"reconcile"}))
    assert told(office) == ["reconcile has not run"]
    await pass_time(office, 0.5)
    assert told(office)[1:] == ["Over: reconcile has not run"]


async def test_runs_that_end_without_a_complete_reconcile_are_noticed() -> None:
    """The job looks well and reads nothing: no mail may leave then."""
    office = an_office(at=TUESDAY)
    await pass_time(office, 1)
    broken(office, "reconcile", "send")
    await pass_time(office, 5)
    assert told(office) == ["What the mailer reports has not been read for hours"]


async def test_a_digest_that_is_not_written_is_noticed_hours_after_its_hour() -> None:
    """Not at nine, but when three more hours have passed; the next one ends it."""
    office = an_office(at=TUESDAY.replace(hour=6))
    broken(office, "digest")
    await pass_time(office, 5)
    assert told(office) == []
    await pass_time(office, 3)
    assert told(office) == ["Today's digest was not written"]
    with_all_well(office)
    await pass_time(office, 1)
    assert told(office)[1:] == ["Over: Today's digest was not written"]


async def test_a_vendor_that_is_away_is_told_once_and_not_as_a_silence_besides() -> None:
    """Four hours without the mailer: one message, and one when it is back."""
    office = an_office(*many(6), at=TUESDAY)  # type: ignore[arg-type]
    await pass_time(office, 0.5)
    office.mailer.fail_read_next = [Transient("memory", "no connection")] * 1000
    await pass_time(office, 6)
    office.mailer.fail_read_next.clear()
    await pass_time(office, 1.5)
    assert told(office) == ["memory is away: no connection", "memory answers again"]


async def test_after_a_start_and_after_a_sleep_nothing_is_missed() -> None:
    """A laptop that slept through the day has missed nothing; nor has a process that has just begun."""
    office = an_office(*many(6), at=TUESDAY)  # type: ignore[arg-type]
    await pass_time(office, 1)
    office.advance(days=3)
    await pass_time(office, 0.5, without=frozenset({"digest", "reconcile", "send", "draft"}))
    assert told(office) == []


async def test_what_is_due_in_sight_only_is_read_seldom_and_a_few_rows_at_most() -> None:
    """Rows that seem due but are held on a fresh look: one look an hour, with and without the view."""
    office = an_office(*many(60), at=TUESDAY)  # type: ignore[arg-type]
    await office.run("draft")
    office.store.rows["ld0001"]["Do not contact"] = True
    office.store.hidden |= {f"ld{number:04}" for number in range(2, 61)}
    reads = Reads(office.store)
    broken(office, "draft", "send", "follow_up")
    await pass_time(office, 6)
    watched = reads.count
    assert 0 < watched <= 2 * 6
    assert told(office) == []


async def test_a_store_that_is_away_does_not_end_the_watch() -> None:
    """Whoever needs the store tells of it."""
    office = an_office(*many(6), at=TUESDAY)  # type: ignore[arg-type]
    await office.run("draft")
    broken(office, "draft", "send", "follow_up")
    office.store.read = _away  # type: ignore[method-assign]
    await pass_time(office, 3)
    assert {run.outcome for run in await office.ledger.runs("watch", 100)} == {"nothing was due"}
    assert told(office) == []


async def test_what_is_off_is_said_again_every_morning_until_it_is_on() -> None:
    """Once a day at the digest's hour, with what goes on meanwhile; not on the day it was told."""
    office = an_office(*many(6), at=TUESDAY)  # type: ignore[arg-type]
    await office.run("draft")
    await office.parts.halts.vendor(Exhausted("template", "insufficient_quota"))
    broken(office, "send", "digest")
    reminded = []
    for _ in range(3):
        await pass_time(office, 24)
        reminded.append([alert for alert in office.operator.alerts if alert.id == "halts"])
    assert [len(one) for one in reminded] == [1, 2, 3]
    (first, *_) = reminded[0]
    assert first.title == "Still off: template"
    assert "6 drafts left = 1 hour at 60 an hour" in first.text
    assert first.choices[0] == ("Resume template", "resume template")
    await office.say("resume", what="template")
    await pass_time(office, 24)
    assert len([alert for alert in office.operator.alerts if alert.id == "halts"]) == 3


async def test_a_reminder_waits_for_the_quiet_hours_and_for_a_way() -> None:
    """A digest at six is no reason to be woken; what could not be told is tried again."""
    campaign = replace(SETTINGS.campaign, digest_hour=5)
    office = an_office(at=TUESDAY.replace(hour=5), settings=replace(SETTINGS, campaign=campaign))
    await office.ledger.halt(Halt(what="guard", since=TUESDAY - timedelta(days=2), until=None, why="bounces"))
    await pass_time(office, 2)
    assert told(office) == []
    office.operator.fail_next = [Transient("telegram", "away")]
    await pass_time(office, 1)
    assert told(office) == ["Still off: guard"]


async def test_what_the_ledger_kept_before_a_kill_is_told_once_by_the_next_process() -> None:
    """The incident was there, the message had not left: the watch of the next process finds it."""
    office = an_office(at=TUESDAY)
    await office.ledger.open_incident("clock", "The clock is off", "300 s", TUESDAY)
    office.advance(minutes=20)
    for _ in range(3):
        await office.run("watch", by_hand=False)
    assert told(office) == ["The clock is off"]
    assert "Noticed Tue 24 Nov 10:00" in office.operator.alerts[0].text


async def test_what_nothing_else_ends_is_over_a_day_later_in_silence() -> None:
    """A bug that did not strike again, and a vendor that the configuration has left."""
    office = an_office(at=TUESDAY)
    await office.parts.alerts.tell("broken.KeyError", "A lead could not be handled", "ours")
    await office.parts.alerts.tell("vendor.openai", "openai is halted", "401")
    await office.parts.alerts.tell("vendor.memory", "memory is halted", "401")
    office.advance(days=1)
    await office.run("watch", by_hand=False)
    assert [one.what for one in await office.ledger.incidents(open_only=True)] == ["vendor.memory"]
    assert len(office.operator.alerts) == 3


async def test_a_draft_in_the_queue_that_is_no_draft_any_more_is_not_missed() -> None:
    """The row has moved on since the queue saw it."""
    office = an_office(*many(1), at=TUESDAY)  # type: ignore[arg-type]
    await office.run("draft")
    (row,) = await office.parts.rows.fresh(["ld0001"])
    assert row.stands is Stage.DRAFTED
    office.store.rows["ld0001"]["Override"] = "stop"
    broken(office, "draft", "send", "follow_up", "digest")
    await pass_time(office, 3)
    assert told(office) == []

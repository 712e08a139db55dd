"""How does one run of a job go, and what follows from each way it may fail?"""

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import timedelta

import anyio
import pytest

from office import TUESDAY, Office, an_office, lead
from outboundd.engine.run_job import (
    IN_A_ROW,
    MAILER,
    STORE,
    WRITER,
    Enough,
    Job,
    JobEnd,
    JobHalted,
    JobRun,
    of,
    run_job,
    vendor,
)
from outboundd.engine.running import Runs
from outboundd.model.decision import Change
from outboundd.model.facts import Halt
from outboundd.model.lead import Lead, Stage
from outboundd.ports import Ambiguous, Broken, Conflict, Exhausted, Failure, Refused, Transient

Story = Callable[[JobRun], Awaitable[None]]


def job(story: Story, *, deadline_s: float = 3600, needs: frozenset[str] = frozenset({MAILER})) -> Job:
    """A job that needs the mailer."""
    return Job(name="trial", run=story, needs=needs, doc="a trial", deadline_s=deadline_s)


async def run(office: Office, story: Story, slot: str = "10:00", **more: object) -> JobEnd:
    """One run of a job by schedule."""
    return await run_job(job(story, **more), JobRun(parts=office.parts, job="trial"), slot)  # type: ignore[arg-type]


async def nothing(_: JobRun) -> None:
    """A run that has nothing to do."""


def raising(error: Exception) -> Story:
    """A run that fails."""

    async def story(_: JobRun) -> None:
        raise error

    return story


def leads_raising(leads: list[Lead], errors: dict[str, Exception], done: list[str]) -> Story:
    """A run over leads of which some cannot be handled."""

    async def one(lead: Lead) -> None:
        if lead.id in errors:
            raise errors[lead.id]
        done.append(lead.id)

    async def story(run: JobRun) -> None:
        for each in leads:
            await run.each(each, one)

    return story


async def leads_of(office: Office, *numbers: int) -> list[Lead]:
    """The leads as a job reads them."""
    await office.parts.rows.feed()
    return await office.parts.rows.fresh([f"ld{number:04}" for number in numbers])


async def stage_of(office: Office, row: str) -> Stage | None:
    """Where the ledger has a lead."""
    head = await office.ledger.head(row)
    return head.now if head else None


async def test_one_slot_runs_once_also_after_a_restart() -> None:
    """A schedule that fires twice, or a daemon that starts within the slot, runs the job once."""
    office, runs = an_office(), []

    async def story(run: JobRun) -> None:
        runs.append(run)

    await run(office, story)
    office.parts.runs = Runs()
    again = await run(office, story)
    assert len(runs) == 1
    assert (again.code, again.words) == (0, "this slot has run already")


async def test_a_scheduled_run_does_not_queue_behind_one_that_goes_on() -> None:
    """One run of a job at a time; by hand it waits its turn, by schedule it is left out."""
    office = an_office()
    begun, go_on = anyio.Event(), anyio.Event()

    async def slow(_: JobRun) -> None:
        begun.set()
        await go_on.wait()

    async with anyio.create_task_group() as group:
        group.start_soon(run, office, slow)
        await begun.wait()
        skipped = await run(office, nothing, "10:10")
        by_hand: list[JobEnd] = []

        async def wait_for_turn() -> None:
            by_hand.append(
                await run_job(job(nothing), JobRun(parts=office.parts, job="trial", by_hand=True), "by-hand")
            )

        group.start_soon(wait_for_turn)
        go_on.set()
    assert skipped.words == "the run before goes on"
    assert [end.code for end in by_hand] == [0]


async def test_a_run_tells_what_it_did_and_held() -> None:
    """The end of a run is a sentence, and the ledger keeps it."""
    office = an_office()

    async def story(run: JobRun) -> None:
        run.done["sent"] += 3
        run.held["weekend"] += 2

    end = await run(office, story)
    assert end.words == "3 sent, 2 held"
    (kept,) = await office.ledger.runs("trial", 1)
    assert kept.told == {"sent": 3, "held: weekend": 2}
    assert (await run(office, nothing, "10:10")).words == "nothing was due"


async def test_an_exhausted_vendor_is_halted_at_once_across_restarts_and_told_once() -> None:
    """No credit means no further call: the jobs that need it do not run until it is resumed, with one alert."""
    office = an_office()
    end = await run(office, raising(Exhausted("memory", "not_enough_credits", "0 left")))
    assert (end.code, end.words) == (3, "halted: memory: not_enough_credits (0 left); nothing was done")
    office.parts.runs = Runs()
    off = await run(office, nothing, "10:10")
    assert off.code == 3
    assert "outboundd resume memory" in off.words
    await run(office, raising(Exhausted("memory", "not_enough_credits")), "10:20", needs=frozenset())
    assert [alert.id for alert in office.operator.alerts] == ["vendor.memory"]
    await office.ledger.resume("memory")
    assert (await run(office, nothing, "10:30")).code == 0


async def test_a_job_that_does_not_need_the_halted_vendor_runs() -> None:
    """A halt stops what needs it and nothing else."""
    office = an_office()
    await run(office, raising(Exhausted("template", "insufficient_quota")))
    assert (await run(office, nothing, "10:10")).code == 0
    assert (await run(office, nothing, "10:20", needs=frozenset({WRITER}))).code == 3


@pytest.mark.parametrize(
    "failure", [Transient("memory", "503"), Ambiguous("memory", "reset"), Refused("memory", "table gone")]
)
async def test_what_may_work_at_the_next_slot_ends_the_run_and_is_told_once_until_a_run_ends_well(
    failure: Failure,
) -> None:
    """An outage of a day is one message, not a hundred; the next outage is told again."""
    office = an_office()
    for slot in ("1", "2"):
        assert (await run(office, raising(failure), slot)).code == 1
    await run(office, nothing, "3")
    office.advance(hours=1)
    await office.parts.alerts.tell_what_waits()
    await run(office, raising(failure), "4")
    assert [alert.is_over for alert in office.operator.alerts] == [False, True, False]


async def test_an_incident_of_another_job_is_not_ended_by_a_good_run() -> None:
    """Each job ends its own incidents."""
    office = an_office()
    await office.parts.alerts.tell("job.other.503", "other ended early", "")
    await run(office, nothing)
    assert [one.what for one in await office.ledger.incidents(open_only=True)] == ["job.other.503"]


async def test_an_outage_that_strikes_several_jobs_is_told_once_and_is_over_when_all_of_them_run_again() -> None:
    """One vendor is away: one message, whichever jobs notice; another vendor is another matter."""
    office = an_office()

    async def slot(name: str, story: Story, slot: str) -> None:
        named = dataclasses.replace(job(story), name=name)
        await run_job(named, JobRun(parts=office.parts, job=name), slot)

    for name in ("draft", "send"):
        await slot(name, raising(Transient("memory", "no connection")), "1")
    await slot("draft", raising(Transient("other", "no connection")), "2")
    assert [alert.id for alert in office.operator.alerts] == ["away.memory", "away.other"]
    await slot("draft", nothing, "3")
    office.advance(hours=1)
    await office.parts.alerts.tell_what_waits()
    assert [alert.title for alert in office.operator.alerts[2:]] == ["other answers again"]
    await slot("draft", raising(Transient("memory", "no connection")), "4")
    office.advance(hours=1, minutes=10)
    for name in ("draft", "send"):
        await slot(name, nothing, "5")
    office.advance(hours=1)
    await office.parts.alerts.tell_what_waits()
    (over,) = office.operator.alerts[3:]
    lasted = "It lasted 2 h 10 min, until Tue 24 Nov 12:10, and struck 3 times."
    assert (over.title, over.text) == ("memory answers again", lasted)
    assert await office.ledger.incidents(open_only=True) == []
    await slot("send", raising(Transient("memory", "no connection")), "6")
    assert [alert.id for alert in office.operator.alerts[4:]] == ["away.memory"]


async def test_a_run_that_hangs_ends_at_its_deadline() -> None:
    """No job hangs for ever, and the operator hears of it."""
    office = an_office()

    async def hang(_: JobRun) -> None:
        await anyio.sleep_forever()

    end = await run(office, hang, deadline_s=0)
    assert (end.code, end.words) == (1, "ended at its deadline of 0 s; nothing was done")
    assert [alert.id for alert in office.operator.alerts] == ["job.trial.deadline"]


async def test_a_bug_ends_the_run_not_the_daemon_and_names_the_place_without_the_data() -> None:
    """What is told of a bug is its place; its message may hold an address."""
    office = an_office()
    end = await run(office, raising(ValueError("rosa.diaz@harbourworks1.example")))
    assert end.code == 1
    assert "ValueError at test_run_job.py" in end.words
    assert "rosa" not in end.words + office.operator.alerts[0].text


async def test_a_poisonous_lead_goes_to_review_and_delays_nobody() -> None:
    """The lead that always throws is looked at by a human; all others are served in the same run."""
    office = an_office(lead(1), lead(2), lead(3))
    done: list[str] = []
    leads = await leads_of(office, 1, 2, 3)
    await run(office, leads_raising(leads, {"ld0002": KeyError("poison")}, done))
    assert done == ["ld0001", "ld0003"]
    assert await stage_of(office, "ld0002") is Stage.REVIEW
    assert [alert.title for alert in office.operator.alerts] == ["A lead could not be handled"]


async def test_a_refusal_of_one_lead_is_the_leads_and_bothers_nobody_else() -> None:
    """A refused lead goes to review with the reason, and no alert is sent."""
    office = an_office(lead(1))
    leads = await leads_of(office, 1)
    await run(office, leads_raising(leads, {"ld0001": Refused("memory", "invalid address")}, []))
    head = await office.ledger.head("ld0001")
    assert head is not None
    assert (head.now, head.why) == (Stage.REVIEW, "memory: invalid address: mend what it names, then recheck")
    assert office.operator.alerts == []


async def test_five_in_a_row_of_one_cause_halt_the_job_and_go_back() -> None:
    """Not the leads are at fault, the job is: it stops, the five stand where they stood, and the rest is untouched."""
    office = an_office(*(lead(number) for number in range(1, 8)))
    done: list[str] = []
    leads = await leads_of(office, *range(1, 8))
    errors: dict[str, Exception] = {one.id: Refused("memory", "bad sender") for one in leads}
    end = await run(office, leads_raising(leads, errors, done))
    assert end.code == 3
    assert [await stage_of(office, one.id) for one in leads] == [Stage.NEW] * IN_A_ROW + [None, None]
    assert [alert.id for alert in office.operator.alerts] == ["halt.trial"]
    assert (await run(office, nothing, "10:10")).code == 3
    assert end.done["to review"] == 0


async def test_a_job_that_the_operator_halted_meanwhile_keeps_his_reason() -> None:
    """Of two halts of one thing the first one's words stand."""
    office = an_office()
    now = office.clock.now()

    async def story(run: JobRun) -> None:
        await office.ledger.halt(Halt(what="trial", since=now, until=None, why="the operator's"))
        raise JobHalted("5 leads in a row")

    assert (await run(office, story)).code == 3
    assert [halt.why for halt in await office.ledger.halts(now)] == ["the operator's"]


async def test_failures_of_different_causes_or_with_a_success_between_them_halt_nothing() -> None:
    """Only one cause, five times without a success in between, speaks against the job."""
    office = an_office(*(lead(number) for number in range(1, 12)))
    leads = await leads_of(office, *range(1, 12))
    errors: dict[str, Exception] = {
        one.id: Refused("memory", "a" if at < 4 else "b") for at, one in enumerate(leads) if at != 8
    }
    end = await run(office, leads_raising(leads, errors, []))
    assert end.code == 0
    assert end.done["to review"] == 10


async def test_a_lead_in_review_or_stopped_meanwhile_is_not_moved_by_its_failure() -> None:
    """A failure moves nobody out of a stage that ends everything, and no lead to review twice."""
    office = an_office(lead(1), lead(2))
    leads = await leads_of(office, 1, 2)
    await office.parts.recorder.record(leads[0], Change(now=Stage.DO_NOT_CONTACT, why="Override: stop"))
    await office.parts.recorder.record(leads[1], Change(now=Stage.REVIEW, why="look"))
    end = await run(office, leads_raising(leads, {one.id: Refused("memory", "x") for one in leads}, []))
    assert await stage_of(office, "ld0001") is Stage.DO_NOT_CONTACT
    assert len(await office.ledger.transitions("ld0002")) == 1
    assert end.done == {}


async def test_a_lead_that_moved_on_is_not_put_back_when_the_job_is_halted() -> None:
    """Only those that this run sent to review go back."""
    office = an_office(*(lead(number) for number in range(1, 6)))
    leads = await leads_of(office, *range(1, 6))
    await office.parts.recorder.record(leads[0], Change(now=Stage.DO_NOT_CONTACT, why="Override: stop"))
    await run(office, leads_raising(leads, {one.id: Broken("memory", "x") for one in leads}, []))
    assert [await stage_of(office, one.id) for one in leads] == [Stage.DO_NOT_CONTACT, *[Stage.NEW] * 4]


async def test_a_lead_that_another_writer_changed_is_decided_again_at_the_next_run() -> None:
    """A lost race is nobody's fault."""
    office = an_office(lead(1))
    leads = await leads_of(office, 1)
    end = await run(office, leads_raising(leads, {"ld0001": Conflict("ld0001")}, []))
    assert (end.code, end.words) == (0, "1 held")


@pytest.mark.parametrize("failure", [Ambiguous("template", "timeout"), Transient("none", "503")])
async def test_a_writer_or_researcher_that_does_not_answer_for_one_lead_holds_that_lead(failure: Failure) -> None:
    """It may have been billed, so it is not asked again in this run; the others are served, the lead stays."""
    office = an_office(*(lead(number) for number in range(1, 7)))
    leads, done = await leads_of(office, *range(1, 7)), []
    end = await run(office, leads_raising(leads, {"ld0002": failure}, done))
    role = "writer" if failure.vendor == "template" else "researcher"
    assert (end.code, end.held) == (0, {f"the {role} did not answer: written at the next run": 1})
    assert done == ["ld0001", "ld0003", "ld0004", "ld0005", "ld0006"]
    assert await stage_of(office, "ld0002") is None


async def test_five_leads_in_a_row_without_an_answer_end_the_run() -> None:
    """An outage is not paid for lead by lead; the next slot tries again, and no lead is blamed."""
    office = an_office(*(lead(number) for number in range(1, 9)))
    leads, done = await leads_of(office, *range(1, 9)), []
    errors = {one.id: Ambiguous("template", "timeout") for one in leads[1:]}
    end = await run(office, leads_raising(leads, errors, done))
    assert (end.code, end.words) == (1, "ended early: template: timeout; 4 held")
    assert done == ["ld0001"]
    assert [await stage_of(office, one.id) for one in leads] == [None] * 8


async def test_a_mailer_or_store_that_does_not_answer_ends_the_run_at_once() -> None:
    """A mail may be on its way: nothing else leaves before that is settled."""
    office = an_office(lead(1), lead(2))
    leads, done = await leads_of(office, 1, 2), []
    end = await run(office, leads_raising(leads, {"ld0001": Ambiguous("memory", "timeout")}, done))
    assert (end.code, done) == (1, [])


@pytest.mark.parametrize("failure", [Transient("memory", "503"), Exhausted("memory", "quota"), Enough()])
async def test_what_ends_a_run_of_several_lets_those_in_flight_end_and_begins_no_other(failure: Exception) -> None:
    """At once means a few at once: the first failure that is everybody's is the last call but for those under way."""
    office = an_office(*(lead(number) for number in range(1, 6)))
    leads = await leads_of(office, *range(1, 6))
    begun: list[str] = []
    both, failed = anyio.Event(), anyio.Event()

    async def one(lead: Lead) -> None:
        begun.append(lead.id)
        if lead.id == "ld0001":
            await both.wait()
            failed.set()
            raise failure
        both.set()
        await failed.wait()

    async def story(run: JobRun) -> None:
        try:
            await run.several(of(leads), one, 2)
        except Enough:
            run.done["enough"] += 1

    end = await run(office, story)
    assert begun == ["ld0001", "ld0002"]
    assert end.code == {Transient: 1, Exhausted: 3, Enough: 0}[type(failure)]


async def test_several_leads_without_a_failure_are_all_served() -> None:
    """Nothing ends early when nothing fails."""
    office = an_office(*(lead(number) for number in range(1, 6)))
    leads, served = await leads_of(office, *range(1, 6)), []

    async def one(lead: Lead) -> None:
        served.append(lead.id)

    async def story(run: JobRun) -> None:
        await run.several(of(leads), one, 2)

    await run(office, story)
    assert sorted(served) == [one.id for one in leads]


def test_each_role_has_the_name_of_its_adapter() -> None:
    """A halt names the account, not the role."""
    parts = an_office().parts
    assert [vendor(parts, role) for role in (STORE, MAILER, WRITER)] == ["memory", "memory", "template"]


async def test_by_hand_leads_that_are_held_are_looked_at_too() -> None:
    """The operator who runs a job by hand wants to hear why."""
    parts = an_office().parts
    scheduled = JobRun(parts=parts, job="trial")
    assert scheduled.look_until() == parts.world.clock.now()
    assert dataclasses.replace(scheduled, by_hand=True).look_until().year == 9999


async def test_a_full_disk_under_our_own_memory_ends_the_run_and_not_the_daemon(monkeypatch: pytest.MonkeyPatch):
    """Exit 1 and a sentence, before the run or at its end; the next slot runs again."""

    async def full(*_: object) -> bool:
        raise Broken("ledger", "disk full", "")

    office = an_office()
    for moment in ("start_run", "end_run"):
        with monkeypatch.context() as patch:
            patch.setattr(office.ledger, moment, full)
            end = await run(office, nothing, moment)
        assert (end.code, end.words) == (1, "ended early: ledger: disk full; nothing was done")
    assert (await run(office, nothing, "11:00")).code == 0


async def test_a_job_that_is_off_says_when_it_goes_on_by_itself() -> None:
    """A daily limit or a used-up month needs no hand; what does, is said as well."""
    office = an_office(lead(1))
    end = TUESDAY + timedelta(hours=14)
    await office.ledger.halt(Halt(what="template", since=TUESDAY, until=end, why="daily spend limit reached"))
    words = (await office.run("draft")).words
    assert "goes on by itself at 2026-11-25 00:00 UTC" in words
    assert "outboundd resume template" in words


async def test_each_line_of_a_run_carries_its_job_and_run_and_its_alert_the_tail() -> None:
    """However deep it was written: `journalctl JOB=… RUN=…` shows a run whole, and what told of it shows no other's."""
    office, heard = an_office(), list[tuple[str, object, object]]()
    office.parts.log.listeners.append(lambda event, said: heard.append((event, said.get("job"), said.get("run"))))
    office.parts.log.write("clock.off", reason="before any run")

    async def story(run: JobRun) -> None:
        run.parts.log.write("mail.sent", lead="ld1")
        raise Transient("memory", "away")

    await run(office, story)
    run_of = ("trial", "10:00")
    assert heard == [
        ("clock.off", None, None),
        ("job.started", *run_of),
        ("mail.sent", *run_of),
        ("operator.told", *run_of),
        ("job.failed", *run_of),
    ]
    assert office.operator.alerts[0].tail == (
        "job.started job=trial run=10:00",
        "mail.sent lead=ld1 job=trial run=10:00",
    )

"""Is what the operator switches off really off, until it is switched on again or its day has come?"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from commands.saying import refused
from office import SETTINGS, Office, an_office, lead
from outboundd.engine.running import Running
from outboundd.model.facts import Halt
from outboundd.model.lead import Stage
from outboundd.rules import guard


async def off(office: Office) -> list[str]:
    """What is switched off now."""
    return [halt.what for halt in await office.ledger.halts(office.clock.now())]


async def test_pause_stops_all_mail_to_leads_and_resume_lets_it_go() -> None:
    """Drafts are written meanwhile; nothing leaves before resume."""
    office = an_office(lead(1))
    assert await office.read("pause") == "mail to leads is off; on again: outboundd resume mail"
    await office.run("draft")
    await office.run("send")
    assert not office.mailer.posts
    assert (await office.row("ld0001")).stage is Stage.DRAFTED
    await office.say("resume")
    await office.run("send")
    assert len(office.mailer.posts) == 1


async def test_a_paused_job_does_not_run_by_schedule_nor_by_hand() -> None:
    """Exit 3, with the command that switches it on again."""
    office = an_office(lead(1))
    await office.say("pause", what="draft")
    for by_hand in (True, False):
        end = await office.run("draft", by_hand=by_hand)
        assert (end.code, "outboundd resume draft" in end.words) == (3, True)
    await office.say("resume", what="draft")
    assert (await office.run("draft")).code == 0


async def test_a_paused_source_holds_its_own_leads_only() -> None:
    """A list that turned out bad waits, the others go on."""
    office = an_office(lead(1, source="fair"), lead(2, source="webinar"))
    await office.run("draft")
    await office.say("pause", what="source:fair")
    await office.run("send")
    assert [letter.to_email for letter in office.mailer.posts] == [lead(2).email]


async def test_a_pause_with_a_date_ends_on_the_operators_morning() -> None:
    """--until 2026-12-27 is over when that day begins where the operator lives, not in UTC."""
    zone = replace(SETTINGS, campaign=replace(SETTINGS.campaign, timezone="America/New_York"))
    office = an_office(settings=zone)
    await office.say("pause", until="2026-12-27")
    (halt,) = await office.ledger.halts(office.clock.now())
    assert halt.until == datetime(2026, 12, 27, 5, tzinfo=UTC)
    office.clock.set(datetime(2026, 12, 27, 5, 0, 1, tzinfo=UTC))
    assert await off(office) == []


@pytest.mark.parametrize("until", ["tomorrow", "2026-02-30", "27.12.2026", "2026-11-24", "2020-01-01"])
async def test_a_date_that_is_none_or_past_is_refused(until: str) -> None:
    """A pause that ends at once, or never by mistake, is not set."""
    office = an_office()
    code, sentence = await refused(office, "pause", until=until)
    assert (code, f"--until {until}" in sentence, await off(office)) == (2, True, [])


async def test_what_cannot_be_paused_is_refused_with_what_can() -> None:
    """A mistyped job or source would leave everything running."""
    office = an_office(lead(1, source="fair"))
    await office.run("reconcile")
    for wrong in ("sned", "source:fiar", "guard", ""):
        code, sentence = await refused(office, "pause", what=wrong)
        assert (code, "mail, draft, send" in sentence, "source:fair" in sentence) == (2, True, True)
    assert await off(office) == []


async def test_a_pause_is_made_longer_and_never_shorter_by_accident() -> None:
    """A shorter pause on top of a longer one is refused, with what to say instead."""
    office = an_office()
    await office.say("pause", until="2026-12-10")
    await office.say("pause", until="2026-12-20")
    code, sentence = await refused(office, "pause", until="2026-12-01")
    assert (code, "until 2026-12-20" in sentence, "outboundd resume" in sentence) == (2, True, True)


async def test_pause_survives_a_resume_of_something_else() -> None:
    """A named resume lifts that one thing, and says what is still off."""
    office = an_office()
    await office.say("pause")
    await office.say("pause", what="draft")
    told = await office.read("resume", what="draft")
    assert "still: mail to leads is off" in told
    assert await off(office) == ["mail"]


async def test_a_bare_resume_lifts_pauses_only() -> None:
    """A vendor without credit, the guard and a failed job stay off until they are named."""
    office = an_office()
    now = office.clock.now()
    for what in ("guard", "memory", "send", "pool"):
        await office.ledger.halt(Halt(what=what, since=now, until=None, why="a reason"))
    await office.say("pause")
    told = await office.read("resume")
    assert "mail to leads is on again" in told
    assert await off(office) == ["guard", "memory", "pool", "send"]
    assert "nothing is paused" in await office.read("resume")


async def test_resume_of_what_is_not_off_is_refused_with_what_is() -> None:
    """A mistyped name must not look like success."""
    office = an_office()
    assert await refused(office, "resume", what="guard") == (2, "guard is not switched off; nothing is")
    await office.say("pause")
    assert await refused(office, "resume", what="gaurd") == (2, "gaurd is not switched off; what is: mail")


async def test_resume_guard_counts_anew_and_halves_the_days_cap() -> None:
    """What made the guard pause does not pause again at the next look, and the start is gentle."""
    office = an_office()
    now = office.clock.now()
    await office.ledger.halt(Halt(what="guard", since=now, until=None, why="3 hard bounces of 40 mails sent"))
    told = await office.read("resume", what="guard")
    assert "the day's cap is halved until Thu 2026-11-26 10:00 UTC" in told
    assert await office.ledger.get("guard_resumed_at") == now.isoformat()
    assert (await office.ledger.traffic(now)).halved_until == guard.halved_until(now)


async def test_after_resume_the_same_trouble_is_told_again() -> None:
    """The incident is closed with the halt: a second time is news."""
    office = an_office()
    for cause in ("vendor.memory", "halt.send", "pool", "guard", "guard.warned"):
        await office.parts.alerts.tell(cause, "title", "text")
    for what in ("memory", "send", "pool", "guard"):
        await office.ledger.halt(Halt(what=what, since=office.clock.now(), until=None, why="a reason"))
        await office.say("resume", what=what)
    assert await office.ledger.incidents(open_only=True) == []


async def test_switches_are_in_the_log() -> None:
    """Who reads the journal sees when it was switched."""
    office = an_office()
    await office.say("pause", what="send")
    await office.say("resume")
    assert [line for line in office.parts.log.tail if line.startswith("halt.")] == [
        "halt.set job=send reason=paused by the operator",
        "halt.lifted job=send reason=the operator said resume",
    ]


async def test_a_run_that_goes_on_is_told() -> None:
    """Pausing a job does not cut a mail in two: the run in progress ends by itself, and the answer says so."""
    office = an_office()
    now = Running(since=office.clock.now(), by_hand=False)
    async with office.parts.runs.turn("draft", lambda: now, lambda *_: None, lambda *_: None):
        assert "a run of draft is going on" in await office.read("pause", what="draft")
    assert "going on" not in await office.read("pause", what="send")

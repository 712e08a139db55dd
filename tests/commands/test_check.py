"""Does `check` say what is wrong, and what to do about it?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from office import SETTINGS, TUESDAY, Office, an_office, lead
from outboundd.adapters.scripted import ScriptedWriter
from outboundd.commands import COMMANDS
from outboundd.commands.desk import Finding, Refusal
from outboundd.model.facts import Halt
from outboundd.model.settings import GuardLimits, Limits, Warmup
from outboundd.ports import Transient


async def found(office: Office) -> dict[str, Finding]:
    """The findings by what was looked at; a refusal stands among them as 'refused'."""
    told: dict[str, Finding] = {}
    try:
        async for line in COMMANDS["check"].run(office.desk):
            told |= {plain["what"]: Finding(**plain) for plain in line.data or ()}
    except Refusal as refusal:
        told["refused"] = Finding(light="red", what=str(refusal.code), found=refusal.sentence)
    return told


async def test_a_healthy_office_is_green_where_it_can_be():
    """Every part answers; nothing is red."""
    office = an_office(lead(1))
    await office.mail_out()
    checked = await found(office)
    green = {"store", "mailer", "writer", "researcher", "ledger", "suppression list", "clock", "events", "rows"}
    assert {what for what in green if checked[what].light == "green"} == green
    assert "refused" not in checked
    assert "1 mail sent" in checked["ledger"].found


async def test_a_part_that_cannot_be_reached_is_red_with_a_remedy():
    """The store is away: red, what is the matter, where to look, exit code 1."""
    office = an_office(lead(1))

    async def away() -> str:
        raise Transient("memory", "no answer")

    office.store.probe = away  # type: ignore[method-assign]
    checked = await found(office)
    assert checked["store"].remedy.startswith("look at [store]")
    assert (checked["refused"].what, checked["refused"].found) == ("1", "red: store")


async def test_a_part_that_did_not_answer_is_not_asked_again():
    """Each question to a vendor that is away waits its retries out: one line, not two that say the same."""
    office = an_office(lead(1))

    async def away() -> str:
        raise Transient("memory", "no answer")

    office.store.probe = away  # type: ignore[method-assign]
    writer = ScriptedWriter([], retires=Transient("scripted", "no answer"))
    writer.probe = away  # type: ignore[method-assign]
    office.parts.world.writer = writer
    checked = await found(office)
    assert (checked["store"].light, checked["writer"].light) == ("red", "red")
    assert not {"rows", "model"} & checked.keys()


async def test_a_model_that_is_shut_down_soon_is_yellow_with_its_day():
    """Weeks ahead: yellow; with time left, green; where nothing is said, no line."""
    office = an_office()
    assert "model" not in await found(office)
    for days, light in ((61, "green"), (60, "yellow")):
        retires = TUESDAY.date() + timedelta(days=days)
        office.parts.world.writer = ScriptedWriter([], retires=retires)
        model = (await found(office))["model"]
        assert (model.light, str(retires) in model.found, "set [writer] model" in model.remedy) == (
            light,
            True,
            days == 60,
        )
    office.parts.world.writer = ScriptedWriter([], retires=Transient("scripted", "no answer"))
    assert (await found(office))["model"].light == "yellow"


async def test_a_store_that_cannot_be_listed_is_red():
    """The rows of an older system cannot be looked for: said, not passed over."""
    office = an_office(lead(1))
    office.store.fail_next.append(Transient("memory", "no answer"))
    assert (await found(office))["rows"].light == "red"


async def test_the_composition_roots_findings_come_first():
    """File, prompts and disk are known there only."""
    office = an_office()
    office.desk.findings = lambda: (Finding(light="yellow", what="disk", found="0.5 GB free", remedy="make room"),)
    told = await office.read("check")
    assert told.startswith("yellow  disk")
    assert "→ make room" in told


async def test_halts_and_open_incidents_are_yellow():
    """What is off, since when, and what to type; what went wrong and how often."""
    office = an_office()
    await office.ledger.halt(Halt(what="guard", since=TUESDAY, until=None, why="5 hard bounces of 60 mails sent"))
    await office.ledger.open_incident("guard", "Sending is paused", "", TUESDAY)
    checked = await found(office)
    assert checked["switched off"].found.endswith("outboundd resume guard")
    assert checked["incident"].found == "Sending is paused, open since Tue 2026-11-24 10:00 UTC, 1 time"


async def test_a_clock_that_is_off_is_red():
    """No mail leaves on a clock that cannot be trusted."""
    office = an_office()
    await office.ledger.put("clock_off", "ours and the mailer's are 300 s apart")
    assert (await found(office))["clock"].light == "red"


async def test_a_ledger_that_was_lost_says_until_when_nothing_is_sent():
    """First it reads what the mailer has sent, then it waits; both are said."""
    office = an_office()
    await office.ledger.put("quiet_open", "1")
    assert (await found(office))["mail"].remedy == "outboundd once reconcile"
    await office.ledger.put("quiet_open", "")
    await office.ledger.put("quiet_until", (TUESDAY + timedelta(hours=1)).isoformat())
    assert "until Tue 2026-11-24 11:00 UTC" in (await found(office))["mail"].found
    office.advance(hours=2)
    assert "mail" not in await found(office)


async def test_an_hourly_cap_that_cannot_reach_the_days_is_yellow():
    """60 an hour in eight hours are 480, not 500."""
    checked = await found(an_office())
    assert checked["volume"].light == "yellow"
    assert "60 × 8 office hours = 480, below per_day 500" in checked["volume"].found


async def test_caps_that_fit_are_green():
    """100 an hour reach 500 a day."""
    office = an_office(settings=replace(SETTINGS, limits=Limits(per_hour=100)))
    assert (await found(office))["volume"].light == "green"


@pytest.mark.parametrize(
    ("warmup", "light", "words"),
    [
        (Warmup(start_per_day=480, grow_per_day=10), "green", "500 a day after 2 more sending days, Thu 2026-11-26"),
        (Warmup(start_per_day=450, grow_per_day=10), "green", "after 5 more sending days, Tue 2026-12-01"),
        (Warmup(start_per_day=20, grow_per_day=0), "yellow", "it never reaches 500"),
        (Warmup(already_per_day=500), "green", "today's cap is 500 (per_day)"),
    ],
)
async def test_the_day_on_which_the_warm_up_is_over_is_said(warmup, light, words):
    """Sending days are Mondays to Fridays."""
    office = an_office(settings=replace(SETTINGS, limits=Limits(warmup=warmup)))
    finding = (await found(office))["warm-up"]
    assert finding.light == light
    assert words in finding.found


async def test_guard_limits_above_the_mailers_own_are_yellow():
    """The mailer would suspend before the guard speaks."""
    guard = GuardLimits(hard_bounce_rate=0.03, unsubscribe_rate=0.01, complaint_rate=0.002)
    checked = await found(an_office(settings=replace(SETTINGS, limits=Limits(guard=guard))))
    assert "hard_bounce_rate 3.00% is above 2.00%" in checked["guard"].found


async def test_a_real_mailer_without_a_postal_address_is_red():
    """The law asks for it, and a real mailer is not used without."""
    campaign = replace(SETTINGS.campaign, postal_address="")
    checked = await found(an_office(settings=replace(SETTINGS, campaign=campaign)))
    assert checked["campaign"].light == "red"
    assert "postal_address" in checked["campaign"].found


async def test_what_only_the_operator_can_settle_is_said():
    """Yellow while real mail leaves; a maildir sends nothing."""
    office = an_office()
    settle = (await found(office))["to settle"]
    assert settle.light == "yellow"
    assert "consent or legitimate interest" in settle.found
    assert "unasked mail" in settle.found
    office.mailer.name = "maildir"
    assert (await found(office))["to settle"].light == "green"


async def test_nobody_to_read_the_digest_is_yellow():
    """A daemon that nobody hears of is noticed."""
    campaign = replace(SETTINGS.campaign, digest_to=())
    assert (await found(an_office(settings=replace(SETTINGS, campaign=campaign))))["digest"].light == "yellow"


async def test_rows_of_an_older_system_are_listed_by_id():
    """Send dates without a stage: counted, the first ten named, left alone."""
    old = [replace(lead(number), first_sent_at=TUESDAY) for number in range(12)]
    rows = (await found(an_office(*old, lead(20))))["rows"]
    assert rows.found.startswith("12 rows with send dates and no stage")
    assert "ld0009, …)" in rows.found
    assert "ld0010" not in rows.found

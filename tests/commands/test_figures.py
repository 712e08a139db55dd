"""Do the figures say what happened, in the operator's days and words?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.ledger_values import attempt
from office import SETTINGS, TUESDAY, Office, an_office, lead
from outboundd.commands.desk import Refusal
from outboundd.model.facts import Halt
from outboundd.model.mail import AttemptState, EventKind


async def a_campaign() -> Office:
    """Five mailed today, one in New York that waits, one in Germany in review."""
    office = an_office(
        *(lead(number) for number in range(5)),
        lead(7, country="DE", city="Berlin"),
        lead(8, country="US", region="NY", city="New York"),
    )
    await office.mail_out()
    return office


async def test_today_is_told_as_it_goes():
    """What left a minute ago is in the figures."""
    assert "today so far: 6 drafted, 5 sent, 5 delivered" in await (await a_campaign()).read("stats")


async def test_what_models_cost_is_told_for_today_and_for_each_mail():
    """Today as it goes; per mail over the seven days that end with yesterday."""
    office = await a_campaign()
    await office.ledger.spend("openai", "ld0001", 0.25, office.clock.now())
    assert "5 delivered, 0.25 USD spent on models" in await office.read("stats")
    office.advance(days=1)
    told = await office.read("stats")
    assert "USD for models yesterday, 0.25 in 7 days, 0.050 a mail" in " ".join(told.split())
    assert "spent on models" not in told


async def test_a_day_without_mail_says_so():
    """Nothing yet is a figure too."""
    assert "today so far: nothing yet" in await an_office().read("stats")


async def test_a_day_on_which_nothing_was_due_says_so():
    """As the digest does: silence has a reason."""
    assert "Nothing was due yesterday, so no mail left." in await an_office().read("stats")
    office = await a_campaign()
    office.advance(days=1)
    assert "5 mails left yesterday, 5 arrived." in await office.read("stats")


async def test_yesterday_is_a_day_of_the_operators_calendar():
    """Tuesday 20:00 UTC is Wednesday in Auckland: that mail is yesterday's on Thursday there."""
    auckland = replace(SETTINGS, campaign=replace(SETTINGS.campaign, timezone="Pacific/Auckland"))
    office = an_office(
        lead(1, country="US", region="HI", city="Honolulu"), at=TUESDAY.replace(hour=20), settings=auckland
    )
    await office.mail_out()
    office.advance(hours=16)  # Wednesday noon in UTC, Thursday in Auckland
    data = await office.data("stats")
    assert (data["day"], data["yesterday"]["sent"], data["yesterday"]["delivered"]) == ("2026-11-26", 1, 1)
    assert data["drafted_yesterday"] == 1


async def test_drafts_count_on_the_day_they_were_written():
    """One yesterday, one today: the seven days end with yesterday."""
    office = an_office(lead(1), lead(2))
    await office.run("draft", limit=1)
    office.advance(days=1)
    await office.run("draft", limit=1)
    data = await office.data("stats")
    assert (data["drafted_today"], data["drafted_yesterday"], data["drafted_week"]) == (1, 1, 1)


async def test_seven_days_end_with_yesterday():
    """A mail of eight days ago has left the week; one of seven days ago has not."""
    office = await a_campaign()
    office.advance(days=7)
    assert (await office.data("stats"))["week"]["sent"] == 5
    office.advance(days=1)
    assert (await office.data("stats"))["week"]["sent"] == 0


async def test_the_days_are_the_last_fourteen_and_a_mail_counts_on_the_day_it_was_sent():
    """A day after: five of yesterday, one of them bounced and one opened since; today, and all before, nothing."""
    office = await a_campaign()
    first, second = (letter.tag for _, letter in office.mailer.letters[:2])
    office.advance(days=1)
    office.mailer.report(first, EventKind.OPENED)
    office.mailer.report(second, EventKind.HARD_BOUNCE)
    await office.run("reconcile")
    days = (await office.data("stats"))["days"]
    assert [one["day"] for one in days] == [f"2026-11-{day}" for day in range(12, 26)]
    assert days[-2] == {"day": "2026-11-24", "sent": 5, "delivered": 5, "bounced": 1, "opened": 1}
    assert all(
        not any((one["sent"], one["delivered"], one["bounced"], one["opened"])) for one in days if one != days[-2]
    )


async def test_the_days_are_of_the_operators_calendar_when_clocks_change():
    """Havana's 2026-11-01 has 25 hours: a mail at 23:30 there, 04:30 UTC on the next day, is of the first."""
    havana = replace(SETTINGS, campaign=replace(SETTINGS.campaign, timezone="America/Havana"))
    office = an_office(at=datetime(2026, 11, 3, 12, tzinfo=UTC), settings=havana)
    for lead_id, at in (("ld0001", (1, 3, 59)), ("ld0002", (1, 4, 0)), ("ld0003", (2, 4, 30)), ("ld0004", (2, 5, 0))):
        posted = datetime(2026, 11, *at, tzinfo=UTC)
        await office.ledger.adopt_attempt(attempt(lead_id, posted_at=posted, state=AttemptState.SENT))
    days = (await office.data("stats"))["days"]
    assert {one["day"]: one["sent"] for one in days[-4:]} == {
        "2026-10-31": 1,
        "2026-11-01": 2,
        "2026-11-02": 1,
        "2026-11-03": 0,
    }


async def test_what_waits_for_the_operator_stands_there_with_its_reason():
    """The review pile by reason, and who is held until their hours."""
    data = await (await a_campaign()).data("stats")
    assert data["by_stage"] == {"delivered": 5, "review": 1, "drafted": 1}
    ((why, number),) = data["review"].items()
    assert why.startswith("DE asks for prior consent")
    assert number == 1
    assert data["held"] == {"bump is not due yet": 5, "outside the recipient's hours, or due within a day": 1}
    assert data["openings"] == [["2026-11-24T14:00:00+00:00", 1], ["2026-11-30T10:00:00+00:00", 5]]


async def test_drafts_kept_back_by_a_pause_count_as_due():
    """Paused over a working day: the digest must not claim that nothing was due."""
    office = an_office(lead(1), lead(2))
    await office.ledger.halt(Halt(what="mail", since=TUESDAY, until=None, why="paused"))
    await office.run("draft")
    office.advance(days=1)
    assert (await office.data("stats"))["due_yesterday"] == 2


async def test_the_speed_of_the_last_week_tells_when_the_queue_is_empty():
    """Twenty left on one day, twenty wait: one more sending day."""
    office = an_office(*(lead(number) for number in range(40)))
    await office.run("reconcile")
    await office.mail_out()
    office.advance(days=1)
    assert (await office.data("stats"))["queue_days"] == 1.0


async def test_incidents_suppression_and_the_last_hand_are_on_record():
    """Open and resolved causes, list sizes, and since when nobody had to touch it."""
    office = await a_campaign()
    await office.ledger.open_incident("vendor.openai", "openai is halted", "", TUESDAY)
    await office.ledger.open_incident("clock", "The clock is off", "", TUESDAY)
    await office.ledger.close_incident("clock", TUESDAY)
    await office.suppression.suppress_domain("rival.example", "competitor", TUESDAY)
    office.advance(minutes=1)
    await office.say("once", job="reconcile")
    data = await office.data("stats")
    assert (data["incidents_open"], data["incidents_resolved"]) == (["#1 openai is halted"], 1)
    assert (data["suppressed_persons"], data["suppressed_domains"]) == (0, 1)
    assert data["unattended_since"] == (TUESDAY + timedelta(minutes=1)).isoformat()
    assert data["events_until"] == (TUESDAY + timedelta(minutes=1)).isoformat()


async def a_week_later() -> Office:
    """Monday after five mails: one opened by a person, one by its scanner, one bounced, one lead has replied."""
    office = an_office(
        *(lead(number, source="fair" if number < 3 else "list") for number in range(5)), lead(6, source="list")
    )
    await office.run("draft", limit=5)
    await office.run("send")
    office.deliver()
    by_scanner, by_person, bounced = (letter.tag for _, letter in office.mailer.letters[:3])
    office.mailer.report(by_scanner, EventKind.OPENED)
    office.mailer.report(bounced, EventKind.HARD_BOUNCE)
    office.advance(hours=1)
    office.mailer.report(by_person, EventKind.OPENED)
    await office.run("reconcile")
    await office.say("override", who=by_person.split(".")[1], value="replied")
    office.advance(days=6)
    return office


async def test_what_only_a_machine_opened_stands_apart():
    """The opening of a scanner comes with the delivery; the columns and the JSON count it all the same."""
    office = await a_week_later()
    week = (await office.data("stats"))["week"]
    assert (week["opened"], week["opened_by_machine"]) == (2, 1)
    told = [line.split() for line in (await office.read("stats")).splitlines()]
    assert ["opened", "0", "1", "20.0", "%"] in told
    assert ["machine", "opens", "0", "1", "20.0", "%"] in told


async def test_replies_count_on_the_day_they_became_known():
    """Yesterday, seven days and all of them."""
    office = await a_week_later()
    data = await office.data("stats")
    assert (data["replies_yesterday"], data["replies_week"], data["replies"]) == (0, 1, 1)
    office.advance(days=7)
    data = await office.data("stats")
    assert (data["replies_week"], data["replies"]) == (0, 1)


async def test_the_runway_says_what_may_run_out():
    """Credits as the mailer said last, and the month's calls to the store with their forecast."""
    office = await a_week_later()
    office.mailer.credits_left = 400
    await office.run("digest")
    for day in (29, 30):
        await office.ledger.called("memory", office.clock.now().date().replace(day=day))
    data = await office.data("stats")
    assert (data["mailer_credits"], data["mailer_credits_at"]) == (400, office.clock.now().isoformat())
    assert (data["calls_this_month"], data["calls_forecast"]) == (2, 2)
    told = await office.read("stats")
    assert "mailer credits: 400 left, 80.0 sending days at the last week's speed" in told
    assert "calls to memory this month: 2, about 2 by its end" in told


async def test_what_nobody_knows_is_null():
    """A mailer without a limit, a store whose calls cost nothing."""
    data = await an_office().data("stats")
    assert (data["runway"], data["mailer_credits"], data["calls_this_month"], data["calls_forecast"]) == (
        [],
        None,
        None,
        None,
    )


async def test_the_figures_say_up_to_when_they_are_complete():
    """In the terminal and the chat as in the digest."""
    assert "Events complete up to 10:00." in await (await a_campaign()).read("stats")


async def test_sources_are_compared_since_the_first_mail():
    """The one with the most mails first, each with its leads, rates and replies."""
    office = await a_week_later()
    fair, other = await office.data("stats", by="source")
    assert fair == {
        "name": "fair",
        "leads": 3,
        "sent": 3,
        "delivered": 3,
        "opened": 2,
        "opened_by_machine": 1,
        "clicked": 0,
        "clicked_by_machine": 0,
        "hard_bounced": 1,
        "unsubscribed": 0,
        "complained": 0,
        "replied": 1,
    }
    assert (other["name"], other["leads"], other["sent"]) == ("list", 3, 2)
    assert (await office.read("stats", by="source")).splitlines()[:4] == [
        "fair  3 leads  3 sent  3 delivered  1 reply",
        "    opened 33.3 %  clicked 0.0 %  hard bounces 33.3 %  unsubscribed 0.0 %",
        "list  3 leads  2 sent  2 delivered  0 replies",
        "    opened 0.0 %   clicked 0.0 %  hard bounces 0.0 %   unsubscribed 0.0 %",
    ]
    assert "opened –" in await office.read("stats", by="variant")  # of the one that no mail was written to yet
    assert [one["name"] for one in await office.data("stats", by="country")] == ["GB"]
    assert [one["name"] for one in await office.data("stats", by="variant")] == ["A", ""]


async def test_an_empty_pool_has_nothing_to_compare():
    """A sentence and not a head without a table."""
    assert await an_office().read("stats", by="variant") == "No lead is in the pool yet."


async def test_the_warming_history_has_a_line_for_every_sending_day():
    """With the cap as it was on that day, and why where it changed; what is configured since changes no history."""
    office = an_office(*(lead(number) for number in range(3)))
    for _ in range(3):
        await office.run("draft", limit=1)
        await office.run("send")
        office.deliver()
        await office.run("reconcile")
        office.advance(days=1)
    office.parts.settings = replace(SETTINGS, limits=replace(SETTINGS.limits, per_day=5))
    days = await office.data("stats", warmup=True)
    assert [(day["day"], day["cap"], day["sent"], day["delivered"]) for day in days] == [
        ("2026-11-24", 20, 1, 1),
        ("2026-11-25", 30, 1, 1),
        ("2026-11-26", 40, 1, 1),
    ]
    assert days[1]["why"] == "warm-up, sending day 2"
    told = (await office.read("stats", warmup=True)).splitlines()
    assert told[1] == "2026-11-25  cap 30  1 sent  1 delivered  0 bounces  0 complaints  warm-up, sending day 2"
    assert len(told) == 3


async def test_a_cap_is_told_once_while_it_stays_and_reckoned_where_none_was_noted():
    """A lost ledger knows its mails from the mailer, and no caps."""
    flat = replace(SETTINGS, limits=replace(SETTINGS.limits, per_day=5))
    office = an_office(settings=flat)
    for number in range(2):
        posted = TUESDAY - timedelta(days=number)
        await office.ledger.adopt_attempt(attempt(f"ld{number}", posted_at=posted, state=AttemptState.SENT))
    days = await office.data("stats", warmup=True)
    assert [(day["cap"], day["why"]) for day in days] == [(5, "per_day"), (5, "")]
    assert await an_office().read("stats", warmup=True) == "No mail to leads has left yet."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"by": "sources"}, '--by "sources": give variant, source, country or prompt; did you mean source?'),
        ({"by": "moon"}, '--by "moon": give variant, source, country or prompt'),
        ({"by": "source", "warmup": True}, "--by and --warmup show different tables; give one of them"),
    ],
)
async def test_a_comparison_that_there_is_not_is_refused(arguments, sentence):
    """One sentence with what can be given."""
    with pytest.raises(Refusal) as refused:
        await an_office().say("stats", **arguments)
    assert (refused.value.code, refused.value.sentence) == (2, sentence)


async def test_long_reasons_stay_within_the_width_of_a_terminal():
    """No line is over a hundred wide."""
    assert max(map(len, (await (await a_campaign()).read("stats")).split("\n"))) <= 100


async def test_the_last_mails_come_newest_first_with_what_became_of_them():
    """Company, id, step, variant, outcome, opens and subject."""
    office = an_office(lead(1), lead(2))
    await office.run("draft", limit=1)
    await office.run("send")
    office.advance(minutes=10)
    await office.mail_out()
    first, second = (letter for _, letter in office.mailer.letters)
    office.mailer.report(first.tag, EventKind.OPENED)
    office.mailer.report(second.tag, EventKind.HARD_BOUNCE)
    await office.run("reconcile")
    newest, oldest = await office.data("recent", number=5)
    assert (newest["id"], newest["state"]) == (second.tag.split(".")[1], "bounced")
    assert (oldest["state"], oldest["opens"], oldest["variant"]) == ("delivered", 1, "A")
    told = await office.read("recent", number=5)
    assert "Tue 24 Nov 10:00" in told
    assert "first mail  A  delivered, opened 1×" in told
    assert first.subject in told


async def test_mails_to_the_operator_are_not_among_the_last_mails():
    """A digest is no mail to a lead."""
    office = await a_campaign()
    await office.run("digest")
    assert len(office.mailer.letters) == 6
    assert len(await office.data("recent", number=10)) == 5


async def test_a_mail_whose_row_is_gone_is_listed_all_the_same():
    """The ledger remembers that it left."""
    office = an_office(lead(1, company="A company with a name far too long for one column of a list"))
    await office.mail_out()
    assert "A company with a name far t… " in await office.read("recent", number=1)
    await office.store.erase(["ld0001"])
    await office.ledger.forget("ld0001", "")
    told = await office.read("recent", number=1)
    assert "(row is gone)" in told
    assert "(erased)" in told


async def test_no_mail_yet_is_said_plainly():
    """An empty list is a sentence."""
    assert await an_office().read("recent", number=3) == "No mail was sent yet."


@pytest.mark.parametrize("number", [0, 1001])
async def test_a_senseless_number_is_refused(number):
    """One sentence with the bounds."""
    with pytest.raises(Refusal, match="from 1 to 1000"):
        await an_office().say("recent", number=number)

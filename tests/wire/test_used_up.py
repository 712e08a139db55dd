"""Credit, quota or key is gone: is everything halted that needs it, told once, and does it go on where it stopped?"""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from wire.wired import OVER, SECOND_DAY, START, Wired, now, play, undisturbed

LATER = START + timedelta(hours=2)  # 10:30, with two more hours of work before that day ends


def test_airtables_month_is_used_up_and_what_was_not_shown_is_shown_in_the_next() -> None:
    """Halted until the first of the month without a hand; meanwhile what the mailer reports goes into the ledger."""
    good, _ = undisturbed()

    async def story(wired: Wired) -> None:
        def used_up() -> None:
            wired.faults.switch_on("airtable", "billing")
            first = (SECOND_DAY.replace(hour=0, minute=0) - now()).total_seconds()
            asyncio.get_running_loop().call_later(first, wired.faults.switch_off, "airtable", "billing")

        wired.when("mail.sent", used_up, nth=2)
        await wired.schedule(START + timedelta(hours=5))
        assert await wired.halts() == ["airtable"]
        assert wired.alerts == ["vendor.airtable"]
        assert len(wired.mails) == 6
        assert {row["Stage"] for row in wired.rows.values()} == {"drafted"}
        for mail in wired.mails:
            assert await wired.desk.parts.world.ledger.events_of(mail.tag)
        await wired.schedule(OVER)
        assert wired.came() == good
        assert wired.alerts == ["vendor.airtable"]
        await wired.all_is_well()

    play(story)


@pytest.mark.parametrize("code", ["insufficient_quota", "billing_hard_limit_reached"])
def test_openais_quota_ends_in_the_middle_of_drafting(code: str) -> None:
    """What is drafted is sent, what is not is not: no empty mail leaves. After `resume openai` the others follow."""
    good, _ = undisturbed()

    async def story(wired: Wired) -> None:
        wired.faults.switch_on(
            "openai", "quota", times=0, skip=2, path="/chat/completions", value={"code": code, "status": 400}
        )
        await wired.schedule(LATER)
        assert await wired.halts() == ["openai"]
        assert wired.alerts == ["vendor.openai"]
        assert len(wired.mails) == 2
        assert all(mail.subject and mail.text for mail in wired.mails)
        asked = wired.five.sandbox.arrivals["openai"]
        await wired.schedule(LATER + timedelta(minutes=20))
        assert wired.five.sandbox.arrivals["openai"] == asked
        await _mended(wired, "openai", "quota")
        assert wired.came() == good

    play(story)


@pytest.mark.parametrize("fault", ["empty_credit", "html401"])
def test_perplexitys_credit_ends_in_the_middle_of_drafting(fault: str) -> None:
    """`on_halt = "hold"`: nothing new is drafted until `resume perplexity`; what was goes on."""
    good, _ = undisturbed()

    async def story(wired: Wired) -> None:
        wired.faults.switch_on("perplexity", fault, times=0, skip=2)
        await wired.schedule(LATER)
        assert await wired.halts() == ["perplexity"]
        assert wired.alerts == ["vendor.perplexity"]
        assert len(wired.mails) == 2
        await _mended(wired, "perplexity", fault)
        assert wired.came() == good

    play(story)


def test_without_perplexity_mails_are_written_from_the_row_where_the_operator_said_so() -> None:
    """`on_halt = "write_without"`: told and halted, but every mail leaves as on a good day; nobody asks any more."""
    good, _ = undisturbed()

    async def story(wired: Wired) -> None:
        wired.faults.switch_on("perplexity", "empty_credit", times=0, skip=2)
        await wired.schedule(OVER)
        assert wired.came() == good
        assert await wired.halts() == ["perplexity"]
        assert wired.alerts == ["vendor.perplexity", "halts"]  # a week later, reminded of it
        assert wired.five.sandbox.arrivals["perplexity"] <= 6

    play(story, on_halt="write_without")


@pytest.mark.parametrize(
    ("fault", "how"),
    [
        ("no_credits", {"value": 400}),
        ("no_credits", {"value": 402}),
        ("ip", {}),
    ],
)
def test_brevo_takes_no_more_mail_in_the_middle_of_sending(fault: str, how: dict[str, Any]) -> None:
    """No further POST until `resume brevo`; then the rest leaves, and nothing twice."""
    good, _ = undisturbed()

    async def story(wired: Wired) -> None:
        wired.when_at_work(
            "send", lambda: wired.faults.switch_on("brevo", fault, times=0, skip=2, path="/smtp/email", **how)
        )
        await wired.schedule(LATER)
        assert await wired.halts() == ["brevo"]
        assert wired.alerts == ["vendor.brevo"]
        assert len(wired.mails) == 2
        posts = [one for one in wired.faults.arrivals if one.path.endswith("/smtp/email")]
        assert len(posts) == 4  # the day's digest, two that left, one that was refused
        await _mended(wired, "brevo", fault)
        assert wired.came() == good

    play(story)


def test_an_error_event_halts_the_mailer_and_the_mail_is_sent_again_after_resume() -> None:
    """Brevo takes a mail and then reports an error: nobody got it, so it is no mail twice."""
    good, _ = undisturbed()

    async def story(wired: Wired) -> None:
        wired.when_at_work("send", lambda: wired.faults.switch_on("brevo", "error_event", skip=1, path="/smtp/email"))
        await wired.schedule(LATER)
        assert await wired.halts() == ["brevo"]
        assert wired.alerts == ["vendor.brevo"]
        await _mended(wired, "brevo", "error_event")
        assert wired.came() == good

    play(story)


async def _mended(wired: Wired, vendor: str, fault: str) -> None:
    """The account is in order again, the operator says so, and the rest of the scenario passes."""
    wired.faults.switch_off(vendor, fault)
    await wired.say("resume", what=vendor)
    await wired.schedule(OVER)
    assert wired.alerts == [f"vendor.{vendor}"]
    await wired.all_is_well()

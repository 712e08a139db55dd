"""Somebody changes the table while the program runs: is it named, and does all go on once it is mended?"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from wire.wired import OVER, START, TABLE, Wired, play, undisturbed

LATER = START + timedelta(hours=2)
VIEW = "Work"
Do = Callable[[Wired], None]


@pytest.mark.parametrize("job", ["draft", "send", "follow_up", "reconcile"])
@pytest.mark.parametrize(
    ("named", "spoil", "mend"),
    [
        (
            "column Subject is missing",
            lambda wired: wired.five.airtable.rename_column(TABLE, "Subject", "Betreff"),
            lambda wired: wired.five.airtable.rename_column(TABLE, "Betreff", "Subject"),
        ),
        (
            "view Work is missing",
            lambda wired: wired.five.airtable.remove_view(TABLE, VIEW),
            lambda wired: wired.five.airtable.add_view(TABLE, VIEW),
        ),
        (
            "token lacks the scope data.records:read",
            lambda wired: wired.five.airtable.revoke_scope("data.records:read"),
            lambda wired: wired.five.airtable.scopes.add("data.records:read"),
        ),
        (
            "token lacks the scope data.records:write",
            lambda wired: wired.five.airtable.revoke_scope("data.records:write"),
            lambda wired: wired.five.airtable.scopes.add("data.records:write"),
        ),
    ],
    ids=["column", "view", "read", "write"],
)
def test_what_concerns_every_lead_halts_the_store_and_is_named(job: str, named: str, spoil: Do, mend: Do) -> None:
    """One alert and `check` say what it is; put right and resumed, every lead comes to where it would be."""
    good, _ = undisturbed()

    async def story(wired: Wired) -> None:
        wired.when_at_work(job, lambda: spoil(wired))
        await wired.schedule(OVER - timedelta(hours=2, minutes=30) if job == "follow_up" else LATER)
        assert await wired.halts() == ["airtable"]
        assert wired.alerts == ["vendor.airtable"]
        assert named in wired.operator.alerts[0].title
        told = await wired.say("check")
        assert named in told
        mend(wired)
        await wired.say("resume", what="airtable")
        await wired.schedule(OVER)
        assert wired.came() == good
        assert wired.alerts == ["vendor.airtable"]
        await wired.all_is_well()

    play(story, view=VIEW)


def test_an_option_that_is_missing_is_named_and_holds_up_no_mail() -> None:
    """The rows wait, the mails do not: one alert and `check` name the option; added again, the rows follow."""
    good, _ = undisturbed()

    async def story(wired: Wired) -> None:
        wired.when_at_work("send", lambda: wired.five.airtable.remove_option(TABLE, "Stage", "delivered"))
        await wired.schedule(LATER)
        (alert,) = wired.operator.alerts
        assert "select option delivered is missing" in alert.text
        assert await wired.halts() == []
        assert len(wired.mails) == 6
        assert "column Stage has no option delivered" in await wired.say("check")
        wired.five.airtable.add_option(TABLE, "Stage", "delivered")
        await wired.schedule(OVER)
        assert wired.came() == good
        assert len(wired.alerts) == 1
        await wired.all_is_well()

    play(story)


def _somebody(wired: Wired, job: str, act: Callable[[str], None], **when: object) -> None:
    """In the job's run, just before one request takes effect, somebody touches the first row."""
    lead = next(iter(wired.rows))
    wired.when_at_work(job, lambda: wired.faults.switch_on("airtable", "human", value=lambda: act(lead), **when))


@pytest.mark.parametrize(("job", "steps"), [("draft", 0), ("send", 1), ("follow_up", 1)])
def test_a_row_deleted_between_read_and_write_is_mailed_no_more(job: str, steps: int) -> None:
    """It leaves the queue; the others of its request are written, and nobody is alarmed."""
    good, _ = undisturbed()
    person = "rosa.diaz@harbourworks1.example"

    async def story(wired: Wired) -> None:
        _somebody(wired, job, lambda lead: wired.five.airtable.delete(TABLE, lead), method="PATCH")
        await wired.schedule(OVER)
        assert sum(wired.sent[person, step] for step in "01") == steps
        for (recipient, step), count in good.sent.items():
            assert recipient == person or wired.sent[recipient, step] == count
        assert wired.alerts == []
        assert await wired.halts() == []
        assert set(wired.sent.values()) == {1}

    play(story)


@pytest.mark.parametrize("cells", [{"Do not contact": True}, {"Override": "stop"}])
@pytest.mark.parametrize(("job", "steps"), [("draft", 0), ("send", 1), ("follow_up", 1)])
def test_a_no_typed_between_read_and_write_is_kept_and_heeded(job: str, steps: int, cells: dict[str, object]) -> None:
    """Our patch does not undo the operator's cell, and no later mail leaves."""

    async def story(wired: Wired) -> None:
        _somebody(wired, job, lambda lead: wired.five.airtable.edit(TABLE, lead, cells), method="PATCH")
        await wired.schedule(OVER)
        assert sum(wired.sent["rosa.diaz@harbourworks1.example", step] for step in "01") == steps
        assert next(iter(wired.rows.values()))["Stage"] == "do_not_contact"
        assert wired.alerts == []
        await wired.all_is_well()

    play(story)


def test_an_address_edited_between_read_and_write_is_verified_and_written_to_anew() -> None:
    """What was drafted was for somebody else: nothing leaves for the old address, one mail a step for the new."""

    async def story(wired: Wired) -> None:
        new = {"Email": "kim.lee@harbourworks1.example", "Contact": "Kim Lee"}
        _somebody(wired, "draft", lambda lead: wired.five.airtable.edit(TABLE, lead, new), method="PATCH")
        await wired.schedule(OVER)
        to = [mail for mail in wired.mails if "harbourworks1" in mail.recipient]
        assert [mail.recipient for mail in to] == [new["Email"]] * 2
        assert all("Kim" in mail.text and "Rosa" not in mail.text for mail in to)
        await wired.all_is_well()

    play(story)


@pytest.mark.parametrize("job", ["draft", "send", "follow_up"])
def test_a_stage_or_trail_edited_between_read_and_write_is_put_back(job: str) -> None:
    """The machine alone writes them."""
    good, _ = undisturbed()

    async def story(wired: Wired) -> None:
        cells = {"Stage": "finished", "Trail": "mine"}
        _somebody(wired, job, lambda lead: wired.five.airtable.edit(TABLE, lead, cells), method="PATCH")
        await wired.schedule(OVER)
        assert wired.came() == good
        assert wired.alerts == []
        await wired.all_is_well()

    play(story)

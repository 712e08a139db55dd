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

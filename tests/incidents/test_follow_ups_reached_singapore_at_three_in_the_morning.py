"""Incident: the server's clock decided when to write, and follow-ups rang at three in the morning in Singapore.

The recipient's clock decides now, and it is asked before a draft is paid for.
"""

import pytest

from incidents.scenes import counting_writer, utc, wait_until
from office import Office, an_office, lead
from outboundd.model.decision import Objection
from outboundd.model.lead import Stage

SINGAPORE = {"country": "SG", "city": "Singapore"}
TEN_THERE = 2  # o'clock UTC
THREE_THERE = 19  # o'clock UTC, the day before


async def mailed_in_singapore(*numbers: int) -> Office:
    """First mails arrived on Tuesday at ten there, so that the bump is due on Monday."""
    office = an_office(*(lead(number, **SINGAPORE) for number in numbers), at=utc("2026-11-24", TEN_THERE))
    await office.mail_out()
    assert len(office.mailer.letters) == len(numbers)
    return office


@pytest.mark.parametrize("by_hand", [False, True])
async def test_at_three_in_the_morning_nothing_is_written_and_nothing_leaves(by_hand: bool) -> None:
    """No writer call at all: the gate comes before the money. At ten there it is written and leaves."""
    office = await mailed_in_singapore(1, 2, 3)
    writer = office.parts.world.writer = counting_writer()
    wait_until(office, utc("2026-11-30", THREE_THERE))
    end = await office.run("follow_up", by_hand=by_hand)
    await office.run("send", by_hand=by_hand)
    assert (writer.briefs, writer.questions, len(office.mailer.letters)) == ([], [], 3)
    assert end.held == {"before office hours at the recipient (03:00 in Asia/Singapore)": 3}
    wait_until(office, utc("2026-12-01", TEN_THERE))
    await office.run("follow_up", by_hand=by_hand)
    await office.run("send", by_hand=by_hand, limit=3)
    assert (len(writer.briefs), len(office.mailer.letters)) == (3, 6)


async def test_a_draft_that_is_ready_waits_for_the_morning_there() -> None:
    """First mails are written ahead; the hour of leaving is the recipient's all the same."""
    office = an_office(lead(1, **SINGAPORE), at=utc("2026-11-24", THREE_THERE))
    await office.run("draft")
    assert (await office.row("ld0001")).stands is Stage.DRAFTED
    await office.run("send")
    assert office.mailer.posts == []
    wait_until(office, utc("2026-11-25", TEN_THERE))
    await office.run("send")
    assert len(office.mailer.posts) == 1


async def test_where_the_zone_is_not_known_nobody_is_written_to() -> None:
    """UTC is no answer: a human fills in the country, and the lead goes on by itself."""
    office = an_office(lead(1, country="", city=""), at=utc("2026-11-24", 10))
    writer = office.parts.world.writer = counting_writer()
    await office.run("draft")
    row = await office.row("ld0001")
    assert (row.stands, row.waiting_for) == (Stage.REVIEW, "the country is empty; fill Country")
    assert (await office.ledger.transitions("ld0001"))[-1].objection is Objection.ZONE
    assert writer.briefs == []
    office.store.rows["ld0001"]["Country"] = "Singapore"
    wait_until(office, utc("2026-11-26", TEN_THERE))
    for job in ("reconcile", "draft", "send"):
        await office.run(job)
    assert len(office.mailer.posts) == 1

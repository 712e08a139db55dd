"""Incident: the weekday stood in the schedule, and a run by hand on a Sunday mailed a whole list.

The rule is in the gate now, so it holds for the schedule, for a run by hand and for follow-ups alike.
"""

import pytest

from incidents.scenes import counting_writer, utc, wait_until
from office import Office, an_office, lead
from outboundd.model.lead import Stage

FRIDAY, SUNDAY, MONDAY = utc("2026-11-27"), utc("2026-11-29", 11), utc("2026-11-30")
MONDAY_BEFORE = utc("2026-11-23")
RIYADH = {"country": "SA", "city": "Riyadh", "consent_note": "met at the fair"}


async def drafted_on_friday(**fields: str) -> Office:
    """A first mail is ready, and the weekend comes before it left."""
    office = an_office(lead(1, **fields), at=FRIDAY)
    await office.run("draft")
    assert (await office.row("ld0001")).stands is Stage.DRAFTED
    return office


async def mailed_on_monday_before() -> Office:
    """The first mail arrived on Monday, so that the bump falls due on Sunday morning."""
    office = an_office(lead(1), at=MONDAY_BEFORE)
    await office.mail_out()
    assert (await office.row("ld0001")).stands is Stage.DELIVERED
    return office


@pytest.mark.parametrize("by_hand", [False, True])
async def test_no_first_mail_leaves_on_a_sunday(by_hand: bool) -> None:
    """Neither by schedule nor by `once send`; on Monday it leaves."""
    office = await drafted_on_friday()
    wait_until(office, SUNDAY)
    end = await office.run("send", by_hand=by_hand)
    assert office.mailer.posts == []
    assert end.held == {"weekend at the recipient (Sunday in Britain (UK))": 1}
    wait_until(office, MONDAY)
    await office.run("send", by_hand=by_hand)
    assert [letter.tag for letter in office.mailer.posts] == ["default.ld0001.0.1"]


@pytest.mark.parametrize("by_hand", [False, True])
async def test_no_follow_up_is_written_or_sent_on_a_sunday(by_hand: bool) -> None:
    """The gate is asked before the draft is paid for; on Monday it is written and leaves."""
    office = await mailed_on_monday_before()
    writer = office.parts.world.writer = counting_writer()
    wait_until(office, SUNDAY)
    for job in ("follow_up", "send"):
        await office.run(job, by_hand=by_hand)
    assert (writer.briefs, len(office.mailer.posts)) == ([], 1)
    assert (await office.row("ld0001")).stands is Stage.DELIVERED
    wait_until(office, MONDAY)
    for job in ("follow_up", "send"):
        await office.run(job, by_hand=by_hand)
    assert (len(writer.briefs), len(office.mailer.posts)) == (1, 2)


async def test_a_follow_up_written_before_the_weekend_waits_for_monday() -> None:
    """A draft in stock is no licence to send."""
    office = await mailed_on_monday_before()
    wait_until(office, MONDAY)
    await office.run("follow_up")
    wait_until(office, utc("2026-12-05", 11))  # Saturday
    await office.run("send")
    assert len(office.mailer.posts) == 1
    wait_until(office, utc("2026-12-07", 11))
    await office.run("send")
    assert len(office.mailer.posts) == 2


async def test_the_weekend_is_the_recipients() -> None:
    """In Riyadh it is Friday and Saturday; and on a Sunday nobody is mailed anywhere."""
    office = an_office(lead(1, **RIYADH), at=utc("2026-11-26", 8))  # Thursday, 11:00 in Riyadh
    await office.run("draft")
    for day in ("2026-11-27", "2026-11-28", "2026-11-29"):
        wait_until(office, utc(day, 8))
        await office.run("send")
        assert office.mailer.posts == []
    wait_until(office, utc("2026-11-30", 8))
    await office.run("send")
    assert len(office.mailer.posts) == 1

"""What happens to a row that was put back to an earlier version in the store?"""

from office import an_office, lead
from outboundd.model.lead import Stage


async def test_a_row_put_back_to_its_draft_is_not_mailed_again_and_gets_back_what_it_lost() -> None:
    """The ledger knows what left; stage, dates, ids and trail are on the row again with the next look."""
    office = an_office(lead(1))
    await office.run("draft")
    earlier = dict(office.store.rows["ld0001"])
    await office.run("send")
    office.deliver()
    await office.run("reconcile")
    told = await office.row("ld0001")
    office.store.rows["ld0001"] = earlier
    (understood,) = await office.parts.rows.fresh(["ld0001"])
    assert understood.stands is Stage.DELIVERED
    for job in ("draft", "send", "reconcile"):
        await office.run(job)
    row = await office.row("ld0001")
    assert len(office.mailer.posts) == 1
    assert (row.stands, row.message_ids, row.first_sent_at) == (Stage.DELIVERED, told.message_ids, told.first_sent_at)
    assert "Trail was edited by hand and restored" in row.trail
    assert told.trail in row.trail

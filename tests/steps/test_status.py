"""The status line's numbers are those of the ledger."""

from datetime import timedelta

from office import TUESDAY, an_office, lead
from outboundd.steps.status import status


async def test_the_line_counts_the_mails_and_the_leads_that_the_last_run_held() -> None:
    """Two leads of one company: one mail leaves, the other lead waits for tomorrow."""
    same = {"company": lead(1).company, "website": lead(1).website, "email": "ken.ito@harbourworks1.example"}
    office = an_office(lead(1), lead(2, **same))
    assert await status(office.parts, None) == "0 of 20 mails in 24 h"
    for job in ("reconcile", "draft", "send"):
        await office.run(job)
    told = await status(office.parts, TUESDAY + timedelta(minutes=10))
    assert told == "1 of 20 mails in 24 h, 1 held; next send 10:10 UTC"

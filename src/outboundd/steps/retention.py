"""What of the leads that are over is not kept any longer? Their research and texts; the trail keeps its entries.

Looked at once a day, a bounded number of rows at each run until all were looked at.
"""

from datetime import datetime

from outboundd.engine.parts import Parts
from outboundd.model.lead import Lead
from outboundd.model.mail import AttemptState
from outboundd.ports import Conflict
from outboundd.rules import pushing, retention
from outboundd.rules.suppression import ERASED

AT_ONCE = 100
IN_DOUBT = (AttemptState.OPEN, AttemptState.UNKNOWN)
LOOKED = "retention_date"
LOOKED_TO = "retention_lead"


async def keep_no_longer(parts: Parts) -> int:
    """Erase what was kept for its time; returns of how many leads."""
    ledger, now = parts.world.ledger, parts.world.clock.now()
    day = pushing.new_day(now, parts.settings.campaign.timezone, await ledger.get(LOOKED))
    if day is None:
        return 0
    before = retention.cutoff(now, parts.settings.keep_days)
    after = await ledger.get(LOOKED_TO)
    if not after:
        await _erase_what_has_no_lead(parts, before)
    ids = await ledger.wordy(sorted(retention.OVER), before, after, AT_ONCE)
    rows = await parts.rows.now(ids)
    erased = [lead for lead, row in rows.items() if await _erase(parts, lead, row, now)]
    if erased:
        await parts.recorder.push(erased)
    is_last = len(ids) < AT_ONCE
    await ledger.put(LOOKED_TO, "" if is_last else ids[-1])
    if is_last:
        await ledger.put(LOOKED, day.isoformat())
    return len(erased)


async def _erase(parts: Parts, lead: str, row: Lead | None, now: datetime) -> bool:
    """False for a lead that had no words any more, or that is being written to just now: it comes again tomorrow."""
    ledger = parts.world.ledger
    if row is None:  # no row that could tell of it
        await ledger.erase_words(lead, [], now)
        return True
    if row.stands not in retention.OVER:
        return False
    told, mails = await ledger.transitions(lead), await ledger.attempts(lead=lead)
    change = retention.erasure(row, told, mails, parts.settings.keep_days)
    try:
        await parts.recorder.erase_words(row, [change] if change else [])
    except Conflict:
        return False
    return change is not None


async def _erase_what_has_no_lead(parts: Parts, before: datetime) -> None:
    """Research on companies, mails that nothing else is known of, and what an old copy of the ledger brought back."""
    ledger = parts.world.ledger
    await ledger.erase_old(before)
    for person in await parts.world.suppression.persons(ERASED):
        mails = await ledger.mails_to(person)
        if not any(mail.state in IN_DOUBT for mail in mails):
            await ledger.forget("", person)

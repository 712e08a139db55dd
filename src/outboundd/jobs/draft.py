"""Draft: who is new, does the person work there, and what do we write first?"""

from outboundd.engine.run_job import Job, JobRun
from outboundd.model.decision import Do
from outboundd.model.facts import RESEARCHER, STORE, WRITER
from outboundd.model.lead import Lead, Stage
from outboundd.rules import caps
from outboundd.rules.decide import may_draft
from outboundd.steps.attribute import attribute
from outboundd.steps.catch_up import catch_up_if_stale
from outboundd.steps.compose import compose
from outboundd.steps.heed import heed
from outboundd.steps.write_drafts import counted, write_drafts

LOOK_AT_MOST = 5000


async def draft(run: JobRun) -> None:
    """Verify new leads and write their first mails: as many as the caps let leave within the horizon."""
    parts, ledger = run.parts, run.parts.world.ledger
    now = parts.world.clock.now()
    if (await ledger.traffic(now)).quiet_open:
        await catch_up_if_stale(parts)
    await parts.rows.feed(anew=run.by_hand)
    wanted = await _wanted(run)
    ids = await ledger.due([Stage.NEW, Stage.VERIFIED], run.look_until(), LOOK_AT_MOST)
    if wanted:
        await write_drafts(run, ids, wanted, lambda lead: _prepare(run, lead, wanted))


async def _wanted(run: JobRun) -> int:
    parts = run.parts
    now = parts.world.clock.now()
    in_stock = sum(seen.stage is Stage.DRAFTED for seen in await parts.world.ledger.queue())
    traffic = await parts.world.ledger.traffic(now)
    room = caps.room_for_drafts(traffic, parts.settings.limits, in_stock, now)
    return room if run.limit is None else min(run.limit, LOOK_AT_MOST)


async def _prepare(run: JobRun, lead: Lead, wanted: int) -> None:
    parts = run.parts
    if lead.stands not in (Stage.NEW, Stage.VERIFIED):
        return
    facts = await parts.fact_book.about(lead, parts.world.clock.now())
    decision = may_draft(lead, facts, parts.world.clock.now())
    if not isinstance(decision, Do):
        await heed(run, lead, decision)
        return
    if run.done["drafted"] >= wanted:
        return
    step = decision.step
    await counted(run, lambda: _write(run, lead, step))


async def _write(run: JobRun, lead: Lead, step: int) -> Stage:
    parts = run.parts
    if run.dry:
        return Stage.DRAFTED
    if lead.stands is Stage.NEW:
        lead = await parts.recorder.record(lead, await attribute(run, lead))
    if lead.stands is not Stage.VERIFIED:
        return lead.stands
    facts = await parts.fact_book.about(lead, parts.world.clock.now())
    lead = await parts.recorder.record(lead, await compose(run, lead, step, facts))
    return lead.stands


DRAFT = Job(
    name="draft",
    cron="5 * * * *",
    run=draft,
    needs=frozenset({STORE, WRITER, RESEARCHER}),
    doc="verify new leads, research their company, write their first mail",
)

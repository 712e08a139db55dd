"""Follow up: whose next step is due, and may it leave now? The gate is asked before any draft is paid for."""

from outboundd.engine.run_job import Job, JobRun
from outboundd.model.decision import Do
from outboundd.model.facts import STORE, WRITER, Facts
from outboundd.model.lead import Lead, Stage
from outboundd.rules.decide import decide
from outboundd.steps.compose import compose
from outboundd.steps.heed import heed
from outboundd.steps.write_drafts import counted, write_drafts

LOOK_AT_MOST = 5000


async def follow_up(run: JobRun) -> None:
    """Write the next step of delivered leads whose gate says Do; the send job sends it."""
    parts = run.parts
    await parts.rows.feed(anew=run.by_hand)
    wanted = LOOK_AT_MOST if run.limit is None else run.limit
    ids = await parts.world.ledger.due([Stage.DELIVERED], run.look_until(), LOOK_AT_MOST)
    await write_drafts(run, ids, wanted, lambda lead: _next_step(run, lead, wanted))


async def _next_step(run: JobRun, lead: Lead, wanted: int) -> None:
    parts = run.parts
    if lead.stands is not Stage.DELIVERED or run.done["drafted"] >= wanted:
        return
    facts = await parts.fact_book.about(lead, parts.world.clock.now())
    decision = decide(lead, facts, parts.world.clock.now())
    if not isinstance(decision, Do):
        await heed(run, lead, decision)
        return
    step = decision.step
    await counted(run, lambda: _write(run, lead, step, facts))


async def _write(run: JobRun, lead: Lead, step: int, facts: Facts) -> Stage:
    if run.dry:
        return Stage.DRAFTED
    lead = await run.parts.recorder.record(lead, await compose(run, lead, step, facts))
    return lead.stands


FOLLOW_UP = Job(
    name="follow_up",
    cron="20 * * * *",
    run=follow_up,
    needs=frozenset({STORE, WRITER}),
    doc="write the next step of delivered leads when it is due and may leave",
)

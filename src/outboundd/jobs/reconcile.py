"""Reconcile: what became of our mails, has any objection gone away, and what is not kept any longer?"""

from outboundd.engine.run_job import Job, JobRun
from outboundd.model.decision import Do, Hold
from outboundd.model.lead import Lead, Stage
from outboundd.rules import pushing
from outboundd.rules.decide import decide
from outboundd.steps.catch_up import catch_up
from outboundd.steps.fold import fold_again
from outboundd.steps.heed import heed
from outboundd.steps.retention import keep_no_longer
from outboundd.steps.show import show

LOOK_AT_MOST = 5000
LOOK_AT_ONCE = 100
COUNTED = "counters_date"


async def reconcile(run: JobRun) -> None:
    """Fold everything new into the leads, settle what is in doubt, and look at what waits for a human once a day."""
    run.done.update(await catch_up(run.parts))
    parts = run.parts
    ids = await parts.world.ledger.due([Stage.REVIEW, Stage.SENT], parts.world.clock.now(), LOOK_AT_MOST)
    for start in range(0, len(ids), LOOK_AT_ONCE):
        leads = await parts.rows.fresh(ids[start : start + LOOK_AT_ONCE], in_view=False)
        for lead in leads:
            await run.each(lead, lambda lead: _look(run, lead))
        await show(run, leads)
    if run.by_hand:
        await parts.recorder.push()
    await _show_counters(run)
    if erased := await keep_no_longer(parts):
        run.done["erased"] = erased


async def _show_counters(run: JobRun) -> None:
    """Opens and clicks that no other patch took along: at the first look of the operator's day, and by hand."""
    ledger, timezone = run.parts.world.ledger, run.parts.settings.campaign.timezone
    last_date = "" if run.by_hand else await ledger.get(COUNTED)
    day = pushing.new_day(run.parts.world.clock.now(), timezone, last_date)
    if day is not None and await run.parts.recorder.push_counters():
        await ledger.put(COUNTED, day.isoformat())


async def _look(run: JobRun, lead: Lead) -> None:
    if lead.stands not in (Stage.REVIEW, Stage.SENT):
        return
    now = run.parts.world.clock.now()
    decision = decide(lead, await run.parts.fact_book.about(lead, now), now)
    if lead.stands is Stage.SENT and isinstance(decision, Hold) and await fold_again(run.parts, lead):
        return
    if not isinstance(decision, Do):
        await heed(run, lead, decision)


RECONCILE = Job(
    name="reconcile",
    cron="*/15 * * * *",
    run=reconcile,
    needs=frozenset(),  # a mailer without credit still tells who unsubscribed
    doc="read what the mailer reports, settle what is in doubt, look at review",
)

"""Send: which drafts may leave now? The only job that sends."""

from datetime import timedelta

import anyio

from outboundd.engine.outbox import Left
from outboundd.engine.rows import READ_AT_ONCE
from outboundd.engine.run_job import Enough, Job, JobRun
from outboundd.model.decision import EVERYBODYS, Change, Do, Hold, Objection, Stop
from outboundd.model.facts import MAILER, STORE
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import AttemptState
from outboundd.ports import Ambiguous, Transient
from outboundd.rules import basis, caps, sequence
from outboundd.rules.decide import decide, nobody_now
from outboundd.steps.catch_up import catch_up_if_stale
from outboundd.steps.heed import heed
from outboundd.steps.show import show

PICK = 20  # as many as leave while what was read is fresh
FRESH_FOR = timedelta(minutes=1)
LOOK_AT_MOST = 5000


async def send(run: JobRun) -> None:
    """Send what is drafted and may leave: follow-ups before openers, at most this run's share of the hour."""
    parts = run.parts
    await catch_up_if_stale(parts)
    await parts.rows.feed(anew=run.by_hand)
    if run.by_hand:
        await parts.recorder.push()
    wanted = _wanted(run)
    ids = await parts.world.ledger.due([Stage.DRAFTED], run.look_until(), LOOK_AT_MOST)
    now = parts.world.clock.now()
    held = nobody_now(await parts.fact_book.of_everybody(now), now)
    if held is not None:
        run.hold_all(len(ids), held)
        return
    await _note_cap(run)
    wanted = min(wanted, len(ids))
    start, size = 0, min(wanted, PICK)
    while start < len(ids) and run.done["sent"] < wanted:
        before = run.done["sent"]
        picked = await parts.rows.fresh(ids[start : start + size])
        start += size
        try:
            await _send_picked(run, sorted(picked, key=sequence.pick_key), wanted)
        except Enough:
            break
        finally:
            await show(run, picked)
        if run.done["sent"] == before:  # the day is over for these, and so it is for many: they are asked by the page
            size = READ_AT_ONCE


async def _note_cap(run: JobRun) -> None:
    """The warming history keeps each day's cap as it was, whatever the configuration says later."""
    ledger, now = run.parts.world.ledger, run.parts.world.clock.now()
    cap = caps.day_cap(await ledger.traffic(now), run.parts.settings.limits, now)
    if (await ledger.caps(now.date())).get(now.date()) != cap:
        await ledger.note_cap(now.date(), *cap)


def _wanted(run: JobRun) -> int:
    """A scheduled run takes its share of the hour; by hand, what is asked for, without a number all that is due."""
    if run.limit is not None:
        return run.limit
    if run.by_hand:
        return LOOK_AT_MOST
    return caps.share_of_hour(run.parts.settings.limits.per_hour, run.parts.sends_per_hour)


async def _send_picked(run: JobRun, picked: list[Lead], wanted: int) -> None:
    parts = run.parts
    read_at = parts.world.clock.now()
    for lead in picked:
        if run.done["sent"] >= wanted:
            return
        old = parts.world.clock.now() - read_at > FRESH_FOR
        again = await parts.rows.fresh([lead.id]) if old else [lead]
        if not again or again[0].stands is not Stage.DRAFTED:
            continue
        before = run.done["sent"]
        await run.each(again[0], lambda lead: _send_one(run, lead))
        run.progress(run.done["sent"], wanted)
        if run.done["sent"] > before and run.done["sent"] < wanted:
            await anyio.sleep(caps.gap_s(parts.settings.limits, parts.rng.random()))


async def _send_one(run: JobRun, lead: Lead) -> None:
    parts = run.parts
    now = parts.world.clock.now()
    facts = await parts.fact_book.about(lead, now)
    decision = decide(lead, facts, now)
    if not isinstance(decision, Do):
        await _not_now(run, lead, decision)
        return
    if basis.text_edited(lead, facts.history.basis):
        why = "draft edited by operator: linted, sent as edited"
        edited = Change(now=Stage.DRAFTED, why=why, basis=basis.draft(lead), waives=Objection.LINT)
        lead = await parts.recorder.record(lead, edited)
    left = await parts.outbox.send(lead)
    if not isinstance(left, Left):
        await _not_now(run, lead, left)
        return
    await _what_became(run, left)


async def _not_now(run: JobRun, lead: Lead, decision: Hold | Stop) -> None:
    if isinstance(decision, Hold) and decision.kind in EVERYBODYS:
        run.hold(lead, decision)
        raise Enough
    await heed(run, lead, decision)


async def _what_became(run: JobRun, left: Left) -> None:
    """A refusal is the lead's or the vendor's; no connection, a 429 or an unknown end the run."""
    if left.attempt.state is AttemptState.SENT:
        run.done["sent"] += 1
        return
    if isinstance(left.failure, (Transient, Ambiguous)):
        await run.parts.world.ledger.put("reconcile_first", "1")
    if left.failure is not None:
        raise left.failure


SEND = Job(
    name="send",
    cron="*/10 * * * *",
    run=send,
    needs=frozenset({STORE, MAILER}),
    doc="send the drafts that may leave now, follow-ups first",
)

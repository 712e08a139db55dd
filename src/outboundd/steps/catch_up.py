"""What has the world to say since we last asked? One complete reconcile.

Nothing negative is concluded from an incomplete read: an exception leaves the watermark where it was, and nothing is
sent without a fresh one.
"""

from datetime import datetime, timedelta

from outboundd.engine.parts import Parts
from outboundd.model.facts import Halt
from outboundd.model.mail import AttemptState
from outboundd.ports import Failure, Transient
from outboundd.rules import guard
from outboundd.steps.beat import beat
from outboundd.steps.fold import fold
from outboundd.steps.read_events import read_events
from outboundd.steps.settle import settle_unknown


async def catch_up(parts: Parts) -> dict[str, int]:
    """One complete reconcile; returns what it did, in counts by word.

    Raises what the mailer's read raises. While the store is away the events still go into the ledger, then its failure
    is raised: they are folded when it is back.
    """
    await parts.outbox.recover(all_open=not parts.caught_up)
    ledger, began = parts.world.ledger, parts.world.clock.now()
    away = await _feed(parts)
    new_events = await read_events(parts, began, store_there=away is None)
    parts.heard = True
    if away is not None:
        raise away
    done = {"events": new_events, "settled": await settle_unknown(parts, began), "folded": await fold(parts)}
    await ledger.put("reconciled_at", began.isoformat())
    await ledger.put("reconcile_first", "")
    parts.caught_up = True
    await _look_at_quiet(parts, began)
    await _ask_guard(parts, began)
    await parts.recorder.push_due()
    parts.log.write("reconcile.complete", reason=f"events complete up to {began:%H:%M} UTC")
    await beat(parts)
    return {word: count for word, count in done.items() if count}


async def catch_up_if_stale(parts: Parts) -> None:
    """Every run about to send: reconcile when the last complete one is too old, in doubt, or of another process."""
    now, ledger = parts.world.clock.now(), parts.world.ledger
    traffic = await ledger.traffic(now)
    at = traffic.reconciled_at
    max_age = timedelta(seconds=parts.settings.limits.reconcile_max_age_s)
    quiet_until = traffic.quiet_until or at
    fresh = at is not None and timedelta(0) <= now - at < max_age and quiet_until is not None and at >= quiet_until
    await parts.outbox.recover(all_open=False)
    doubtful = await ledger.attempts(states=[AttemptState.UNKNOWN], limit=1)
    if not fresh or doubtful or not parts.caught_up or await ledger.get("reconcile_first"):
        await catch_up(parts)


async def _feed(parts: Parts) -> Failure | None:
    """Learn of new rows and of the operator's words; the failure when the store is away or halted."""
    halts = await parts.world.ledger.halts(parts.world.clock.now())
    off = next((halt for halt in halts if halt.what == parts.world.store.name), None)
    if off is not None:
        return Transient(off.what, "halted", off.why)
    try:
        await parts.rows.feed()
    except Failure as failure:
        parts.log.write("store.away", vendor=failure.vendor, reason=failure.cause)
        return failure
    return None


async def _look_at_quiet(parts: Parts, began: datetime) -> None:
    """The wait of a new ledger begins with the first complete read of the mailer; with a read after it, it is over."""
    ledger = parts.world.ledger
    traffic = await ledger.traffic(began)
    if traffic.quiet_open:
        until = began + timedelta(seconds=parts.world.mailer.settle_s)
        await ledger.put("quiet_until", until.isoformat())
        await ledger.put("quiet_open", "")
    elif traffic.quiet_until is None or began >= traffic.quiet_until:
        await parts.alerts.over("ledger.behind")


async def _ask_guard(parts: Parts, now: datetime) -> None:
    """Do bounces and complaints say that the list is bad? Asked after every complete reconcile."""
    ledger, limits = parts.world.ledger, parts.settings.limits.guard
    resumed = await ledger.get("guard_resumed_at")
    since = guard.window_start(now, limits, datetime.fromisoformat(resumed) if resumed else None)
    verdict = guard.verdict(await ledger.counts(since, now), limits)
    if verdict.pause and await ledger.halt(Halt(what="guard", since=now, until=None, why=verdict.why)):
        parts.log.write("guard.paused", reason=verdict.why)
        await parts.alerts.tell("guard", "Sending is paused by the guard", verdict.why)
    elif verdict.warn:
        parts.log.write("guard.warned", reason=verdict.why)
        await parts.alerts.tell("guard.warned", "A complaint", verdict.why)
    elif not verdict.pause:
        await parts.alerts.over("guard.warned")

"""What do new events do to their leads: in any order, any number of times, to nobody twice?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from outboundd.engine.failures import broken
from outboundd.engine.parts import Parts
from outboundd.model.decision import Change
from outboundd.model.facts import Halt
from outboundd.model.lead import Lead, Value
from outboundd.model.mail import Attempt, AttemptState, Event
from outboundd.ports import Conflict, Failure, Refused
from outboundd.rules import events, outcome, suppression
from outboundd.steps.read_events import extra, or_extra
from outboundd.steps.settle import row_now, told_sent

AT_ONCE = 500


async def fold(parts: Parts) -> int:
    """Fold all events that are new into their leads; returns how many there were.

    A mail whose events cannot be folded delays nobody else: it is told, and tried again at the next reconcile.
    """
    folded, stuck = 0, set[str]()
    while tags := [tag for tag in await parts.world.ledger.unfolded(AT_ONCE + len(stuck)) if tag not in stuck]:
        for tag in tags:
            count = await _fold_safely(parts, tag)
            folded += count
            if not count:
                stuck.add(tag)
    return folded


async def fold_again(parts: Parts, lead: Lead) -> bool:
    """Ask again what the known events of the lead's mails say (news that came during review); True when it moved."""
    for attempt in await parts.world.ledger.attempts(lead=lead.id, states=[AttemptState.SENT]):
        told = await parts.world.ledger.events_of(attempt.tag)
        change = events.changes(lead, attempt, events.fold(told, attempt), parts.settings.sequence)
        if change is not None:
            await parts.recorder.record(lead, change)
            return True
    return False


async def _fold_safely(parts: Parts, tag: str) -> int:
    try:
        return await _fold_attempt(parts, tag)
    except Conflict:
        return 0  # somebody else wrote this lead: the events stay unfolded and come again
    except Failure:
        raise
    except Exception as error:  # noqa: BLE001 (one poisonous lead must not stop the events of others)
        bug = broken(error)
        await parts.alerts.tell(f"broken.{bug.cause}", "Events could not be folded", str(bug))
        return 0


async def _fold_attempt(parts: Parts, tag: str) -> int:
    ledger = parts.world.ledger
    told = await ledger.events_of(tag)
    attempt = await ledger.attempt(tag)
    if attempt is not None and attempt.to_lead:
        said = events.fold(told, attempt)
        await _suppress(parts, attempt, said)
        lead = await row_now(parts, attempt.lead)
        if lead is not None:
            await _fold_into(parts, lead, attempt, said, told)
        else:
            await _settle_alone(parts, replace(attempt, state=said.attempt))
    await ledger.folded(tag, [event.key for event in told])
    return len(told)


async def _settle_alone(parts: Parts, attempt: Attempt) -> None:
    """The row is gone. Should it come back, its mail must not leave again because we had thought it never left."""
    if attempt.state is AttemptState.SENT:
        attempt = await or_extra(parts, attempt)
    try:
        await parts.world.ledger.settle(attempt.tag, attempt.state, parts.world.clock.now(), attempt.message_id, [])
    except Conflict:
        attempt = await extra(parts, attempt)
        await parts.world.ledger.settle(attempt.tag, attempt.state, parts.world.clock.now(), attempt.message_id, [])


async def _suppress(parts: Parts, attempt: Attempt, said: events.Outcome) -> None:
    """Whoever bounced or said no is never written to again, also when the row is gone or has another address now."""
    if said.stage in events.STOPS and attempt.person:
        why = suppression.why_for(said.stage)
        await parts.world.suppression.suppress(attempt.person, why, said.last_at or attempt.posted_at)


async def _fold_into(parts: Parts, lead: Lead, attempt: Attempt, said: events.Outcome, told: Sequence[Event]) -> None:
    message_id = attempt.message_id or next((event.message_id for event in told if event.message_id), "")
    lead = await _know_sent(parts, lead, replace(attempt, state=said.attempt, message_id=message_id))
    change = events.changes(lead, attempt, said, parts.settings.sequence)
    if change is not None:
        lead = await parts.recorder.record(lead, change)
    counters = await _counters(parts, lead)
    if counters:
        await _show_counters(parts, lead, counters)


async def _show_counters(parts: Parts, lead: Lead, counters: Mapping[str, Value]) -> None:
    """Counters are news, no decision: a row that does not take them must not keep the others waiting."""
    try:
        await parts.world.store.apply({lead.id: counters})
    except Refused as failure:
        parts.log.write("store.away", vendor=failure.vendor, lead=lead.id, reason=failure.cause)


async def _know_sent(parts: Parts, lead: Lead, attempt: Attempt) -> Lead:
    """The attempt takes the state that its events say, and the lead's trail tells of the mail, once."""
    ledger, now = parts.world.ledger, parts.world.clock.now()
    told_before = await told_sent(parts, attempt)
    if attempt.state is AttemptState.SENT:
        attempt = await or_extra(parts, attempt)
    changes: list[Change] = []
    if attempt.state in (AttemptState.SENT, AttemptState.EXTRA) and not told_before:
        changes = [outcome.sent(lead, attempt, parts.settings.sequence)]
    numbered = await parts.recorder.number(lead, changes)
    try:
        await ledger.settle(attempt.tag, attempt.state, now, attempt.message_id, numbered)
    except Conflict:
        if attempt.state is not AttemptState.SENT:
            raise
        # the person has a live attempt of this step under another row
        attempt = await extra(parts, attempt)
        await ledger.settle(attempt.tag, attempt.state, now, attempt.message_id, numbered)
    if attempt.state is AttemptState.REFUSED:
        await _halt_mailer(parts, now)
    return parts.recorder.after(lead, numbered)


async def _halt_mailer(parts: Parts, now: datetime) -> None:
    name = parts.world.mailer.name
    why = "it accepted a mail and then reported an error"
    if await parts.world.ledger.halt(Halt(what=name, since=now, until=None, why=why)):
        parts.log.write("vendor.halted", vendor=name, reason=why)
    await parts.alerts.tell(f"vendor.{name}", f"{name} is halted", f"{why}. When it is mended: outboundd resume {name}")


async def _counters(parts: Parts, lead: Lead) -> dict[str, Value]:
    attempts = await parts.world.ledger.attempts(lead=lead.id)
    outcomes = [events.fold(await parts.world.ledger.events_of(a.tag), a) for a in attempts]
    return dict(events.counters(lead, outcomes))

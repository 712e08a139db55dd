"""What do new events do to their leads: in any order, any number of times, to nobody twice?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from outboundd.engine.failures import broken
from outboundd.engine.parts import Parts
from outboundd.model.decision import Change
from outboundd.model.lead import Lead
from outboundd.model.mail import Attempt, AttemptState, Event
from outboundd.ports import Conflict, Exhausted, Failure
from outboundd.rules import events, outcome, send_window, suppression
from outboundd.steps.read_events import extra, or_extra
from outboundd.steps.settle import told_sent

AT_ONCE = 100


@dataclass(frozen=True, kw_only=True)
class _News:
    """All that is told of one mail to a lead. `moves`: its row is needed, for more than counting may follow."""

    attempt: Attempt
    told: Sequence[Event]
    said: events.Outcome
    moves: bool


async def fold(parts: Parts) -> int:
    """Fold all events that are new into their leads; returns how many there were.

    A mail whose events cannot be folded delays nobody else: it is told, and tried again at the next reconcile.
    """
    folded, stuck = 0, set[str]()
    while tags := [tag for tag in await parts.world.ledger.unfolded(AT_ONCE + len(stuck)) if tag not in stuck]:
        for tag, count in (await _fold_some(parts, tags)).items():
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


async def _fold_some(parts: Parts, tags: Sequence[str]) -> dict[str, int]:
    """One read for the rows of all these mails; returns how many events of each are folded."""
    news = {tag: await _news(parts, tag) for tag in tags}
    ids = dict.fromkeys(one.attempt.lead for one in news.values() if one is not None and one.moves)
    rows = await parts.rows.now(list(ids))
    return {tag: await _fold_safely(parts, tag, one, rows) for tag, one in news.items()}


async def _news(parts: Parts, tag: str) -> _News | None:
    """None for a mail that is not to a lead, or that nobody knows."""
    attempt = await parts.world.ledger.attempt(tag)
    if attempt is None or not attempt.to_lead:
        return None
    told = await parts.world.ledger.events_of(tag)
    said = events.fold(told, attempt)
    return _News(attempt=attempt, told=told, said=said, moves=await _moves(parts, attempt, said))


async def _moves(parts: Parts, attempt: Attempt, said: events.Outcome) -> bool:
    """Does the ledger alone not show that nothing follows but counting? An opened mail must not cost a read."""
    seen = await parts.world.ledger.seen(attempt.lead)
    settled = attempt.state in (AttemptState.SENT, AttemptState.EXTRA) and attempt.message_id
    if seen is None or not settled or said.attempt is not attempt.state or not await told_sent(parts, attempt):
        return True
    lead = Lead(id=seen.id, stage=seen.stage, step=seen.step)
    return events.changes(lead, attempt, said, parts.settings.sequence) is not None


async def _fold_safely(parts: Parts, tag: str, news: _News | None, rows: dict[str, Lead | None]) -> int:
    try:
        return await _fold_or_read_again(parts, tag, news, rows)
    except Conflict:
        return 0  # somebody else wrote this lead: the events stay unfolded and come again
    except Failure:
        raise
    except Exception as error:  # noqa: BLE001 (one poisonous lead must not stop the events of others)
        bug = broken(error)
        await parts.alerts.tell(f"broken.{bug.cause}", "Events could not be folded", str(bug))
        return 0


async def _fold_or_read_again(parts: Parts, tag: str, news: _News | None, rows: dict[str, Lead | None]) -> int:
    if news is None:
        told = await parts.world.ledger.events_of(tag)
        await parts.world.ledger.folded(tag, [event.key for event in told])
        return len(told)
    try:
        return await _fold_news(parts, news, rows)
    except Conflict:  # written to since the rows were read
        rows.pop(news.attempt.lead, None)
        rows |= await parts.rows.now([news.attempt.lead])
        return await _fold_news(parts, news, rows)


async def _fold_news(parts: Parts, news: _News, rows: dict[str, Lead | None]) -> int:
    attempt, said = news.attempt, news.said
    await _suppress(parts, attempt, said)
    if said.attempt is AttemptState.REFUSED and attempt.state is not AttemptState.REFUSED:
        why = "it accepted a mail and then reported an error"
        await parts.halts.vendor(Exhausted(parts.world.mailer.name, why))
    if news.moves:
        if attempt.lead not in rows:
            return 0  # it cannot be understood just now
        lead = rows[attempt.lead]
        if lead is not None:
            rows[attempt.lead] = await _fold_into(parts, lead, news)
        else:
            await _settle_alone(parts, replace(attempt, state=said.attempt))
    await parts.world.ledger.folded(attempt.tag, [event.key for event in news.told])
    return len(news.told)


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


async def _fold_into(parts: Parts, lead: Lead, news: _News) -> Lead:
    attempt, said = news.attempt, news.said
    message_id = attempt.message_id or next((event.message_id for event in news.told if event.message_id), "")
    lead = await _know_sent(parts, lead, replace(attempt, state=said.attempt, message_id=message_id))
    change = events.changes(lead, attempt, said, parts.settings.sequence)
    return lead if change is None else await parts.recorder.record(lead, _opened(parts, lead, change))


def _opened(parts: Parts, lead: Lead, change: Change) -> Change:
    """What falls due on a Sunday is worth a look on Monday."""
    due = change.patch.get("next_at")
    if not isinstance(due, datetime):
        return change
    opening = send_window.next_opening(lead, parts.settings.hours, due)
    return replace(change, patch={**change.patch, "next_at": opening or due})


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
    return parts.recorder.after(lead, numbered)

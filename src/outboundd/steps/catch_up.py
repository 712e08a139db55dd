"""What has the world to say since we last asked: events, attempts in doubt, rows that a lost ledger forgot?

One bulk question per period, never one per mail. Pages go into the ledger as they come; leads are folded from there.
Nothing negative is concluded from an incomplete read: an exception leaves the watermark where it was.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import anyio

from outboundd.engine.parts import Parts
from outboundd.model.decision import Change
from outboundd.model.facts import Halt
from outboundd.model.lead import Lead, Value
from outboundd.model.mail import LIVE_STATES, Attempt, AttemptState, Draft, Event, EventKind
from outboundd.ports import Conflict
from outboundd.rules import addresses, domains, drafting, events, guard, outcome, tags
from outboundd.rules.texts import text_hash

FIRST_READ = timedelta(days=90)
OVERLAP = timedelta(days=2)
CLOCK_OFF_S = 120
AT_ONCE = 500


async def catch_up(parts: Parts) -> dict[str, int]:
    """One complete reconcile. Returns what it did, in counts by word. Raises what the mailer's read raises."""
    await parts.outbox.recover(all_open=not parts.caught_up)
    await parts.rows.feed()
    ledger, began = parts.world.ledger, parts.world.clock.now()
    new_events = await _read_events(parts, began)
    done = {"events": new_events, "settled": await _settle_unknown(parts, began), "folded": await _fold(parts)}
    await ledger.put("reconciled_at", began.isoformat())
    await ledger.put("reconcile_first", "")
    parts.caught_up = True
    await _begin_quiet(parts, began)
    await _ask_guard(parts, began)
    await parts.recorder.push()
    parts.log.write("reconcile.complete", reason=f"events complete up to {began:%H:%M} UTC")
    return {word: count for word, count in done.items() if count}


async def catch_up_if_stale(parts: Parts) -> None:
    """Every run about to send: reconcile when the last complete one is too old, or there was none."""
    now = parts.world.clock.now()
    ledger = parts.world.ledger
    at = (await ledger.traffic(now)).reconciled_at
    max_age = timedelta(seconds=parts.settings.limits.reconcile_max_age_s)
    fresh = at is not None and timedelta(0) <= now - at < max_age
    await parts.outbox.recover(all_open=False)
    doubtful = await ledger.attempts(states=[AttemptState.UNKNOWN], limit=1)
    if not fresh or doubtful or not parts.caught_up or await ledger.get("reconcile_first"):
        await catch_up(parts)


async def _read_events(parts: Parts, began: datetime) -> int:
    ledger = parts.world.ledger
    reconciled_at = (await ledger.traffic(began)).reconciled_at
    since = began - FIRST_READ if reconciled_at is None else min(reconciled_at, began) - OVERLAP
    count, server_time = 0, None
    async for page in parts.world.mailer.events(since, began):
        await _know_attempts(parts, page.events)
        with_person = [(event, _person(parts, event.email)) for event in page.events]
        count += await ledger.add_events(with_person, began)
        server_time = page.server_time or server_time
    await _look_at_clock(parts, server_time)
    return count


def _person(parts: Parts, email: str) -> str:
    try:
        return parts.world.suppression.person(addresses.normalise(email))
    except ValueError:
        return ""


async def _know_attempts(parts: Parts, page: Sequence[Event]) -> None:
    """The mailer has the last word: a tag of ours that the ledger does not know becomes an attempt that was sent."""
    ledger, campaign = parts.world.ledger, parts.settings.campaign.name
    for event in page:
        tag = tags.parse(event.tag, campaign)
        if tag is None or await ledger.attempt(event.tag) is not None:
            continue
        text = await _text_on_row(parts, tag)
        attempt = Attempt(
            tag=event.tag,
            lead=tag.lead,
            step=tag.step,
            n=tag.n,
            mailer=parts.world.mailer.name,
            person=_person(parts, event.email) if not tag.lead.startswith("-") else "",
            company="",
            posted_at=event.at,
            subject=event.subject,
            text=text,
            text_hash=text_hash(text),
            state=AttemptState.SENT,
            message_id=event.message_id,
            settled_at=parts.world.clock.now(),
        )
        await _adopt(parts, attempt)


async def _text_on_row(parts: Parts, tag: tags.Tag) -> str:
    """The text of a mail whose attempt was lost: the row still holds it while it stands at that step."""
    row = (await parts.world.store.read([tag.lead], in_view=False)).get(tag.lead) if tag.lead[0] != "-" else None
    if row is None or row.step != tag.step or not row.body:
        return ""
    return drafting.letter_text(Draft(subject=row.subject, body=row.body), parts.settings.campaign, tag.step)


async def _adopt(parts: Parts, attempt: Attempt) -> None:
    ledger = parts.world.ledger
    rival = [
        other
        for other in await ledger.attempts(lead=attempt.lead, states=list(LIVE_STATES))
        if attempt.to_lead and other.step == attempt.step
    ]
    row = (await parts.world.store.read([attempt.lead], in_view=False)).get(attempt.lead) if attempt.to_lead else None
    company = domains.company_of(row) if row else ""
    attempt = replace(attempt, company=company, state=AttemptState.EXTRA if rival else AttemptState.SENT)
    try:
        await ledger.adopt_attempt(attempt)
    except Conflict:  # another row of the same person has a live attempt of this step
        attempt = replace(attempt, state=AttemptState.EXTRA)
        await ledger.adopt_attempt(attempt)
    if attempt.state is AttemptState.EXTRA:
        await _tell_extra(parts, attempt)
    if not (await ledger.traffic(attempt.posted_at)).quiet_open:
        await parts.rows.behind(parts.world.clock.now(), "the mailer knows a mail that the ledger did not")


async def _tell_extra(parts: Parts, attempt: Attempt) -> None:
    parts.log.write("mail.extra", lead=attempt.lead, step=attempt.step)
    text = f"lead {attempt.lead}, step {attempt.step}: the mailer reports two mails of one step"
    await parts.alerts.tell(f"extra.{attempt.tag}", "A step left twice", text)


async def _look_at_clock(parts: Parts, server_time: datetime | None) -> None:
    """Hold mail while our clock and the mailer's disagree, or when ours made a step since the last look."""
    now, ledger = parts.world.clock.now(), parts.world.ledger
    off = ""
    if server_time is not None and abs((now - server_time).total_seconds()) > CLOCK_OFF_S:
        off = f"ours and the mailer's are {abs((now - server_time).total_seconds()):.0f} s apart"
    since_s = parts.clock_marks.step_s(now, anyio.current_time())
    if abs(since_s) > CLOCK_OFF_S:
        off = off or f"it made a step of {since_s:.0f} s"
    await ledger.put("clock_off", off)
    if off:
        parts.log.write("clock.off", reason=off)
        await parts.alerts.tell("clock", "The clock is off", f"{off}. No mail to leads until the next look agrees.")
    else:
        await parts.alerts.over("clock")


async def _settle_unknown(parts: Parts, began: datetime) -> int:
    """Found by tag, or by recipient and subject: sent. Absent only after the settling time, from a complete look."""
    settled = 0
    for attempt in await parts.world.ledger.attempts(states=[AttemptState.UNKNOWN]):
        found = await _found(parts, attempt)
        if found is not None:
            await _conclude(parts, replace(attempt, state=AttemptState.SENT, message_id=found))
        elif began - attempt.posted_at >= timedelta(seconds=parts.world.mailer.settle_s):
            await _conclude(parts, replace(attempt, state=AttemptState.ABSENT))
        else:
            continue
        settled += 1
    return settled


async def _found(parts: Parts, attempt: Attempt) -> str | None:
    """The message id of a mail that the mailer knows; None when neither its events nor its log show it."""
    ledger, mailer = parts.world.ledger, parts.world.mailer
    told = await ledger.events_of(attempt.tag)
    if told:
        return next((event.message_id for event in told if event.message_id), "")
    since = attempt.posted_at - timedelta(minutes=2)
    event = await ledger.find_event(attempt.person, attempt.subject, since) if attempt.to_lead else None
    if event is not None:
        return event.message_id
    email = await _email_of(parts, attempt)
    lines = await mailer.log(email) if email else []
    hit = [line for line in lines if line.tag == attempt.tag or (line.subject == attempt.subject and line.at >= since)]
    return hit[0].message_id if hit else None


async def _email_of(parts: Parts, attempt: Attempt) -> str:
    if not attempt.to_lead:
        return parts.settings.campaign.digest_to[0] if parts.settings.campaign.digest_to else ""
    row = (await parts.world.store.read([attempt.lead], in_view=False)).get(attempt.lead)
    return row.email if row else ""


async def _conclude(parts: Parts, attempt: Attempt) -> None:
    """An attempt in doubt is settled, and the lead with it, in one transaction."""
    ledger, now = parts.world.ledger, parts.world.clock.now()
    lead = await _lead(parts, attempt.lead) if attempt.to_lead else None
    changes: list[Change] = []
    if lead is not None and attempt.state is AttemptState.SENT:
        changes = [outcome.sent(lead, attempt, parts.settings.sequence)]
    numbered = await parts.recorder.number(lead, changes) if lead else []
    await ledger.settle(attempt.tag, attempt.state, now, attempt.message_id, numbered)
    if lead:
        parts.recorder.after(lead, numbered)
    parts.log.write("mail.settled", lead=attempt.lead, step=attempt.step, reason=attempt.state)


async def _lead(parts: Parts, lead: str) -> Lead | None:
    """The row as it is now, whatever the view; None when it is gone."""
    row = (await parts.world.store.read([lead], in_view=False)).get(lead)
    return await parts.rows.understand(row) if row else None


async def _fold(parts: Parts) -> int:
    """Fold events that are new into their leads: any order, any number of times, nobody twice."""
    folded, progress = 0, 1
    while progress:
        progress = 0
        for tag in await parts.world.ledger.unfolded(AT_ONCE):
            progress += await _fold_attempt(parts, tag)
        folded += progress
    return folded


async def _fold_attempt(parts: Parts, tag: str) -> int:
    ledger = parts.world.ledger
    told = await ledger.events_of(tag)
    attempt = await ledger.attempt(tag)
    lead = await _lead(parts, attempt.lead) if attempt is not None and attempt.to_lead else None
    if attempt is not None and lead is not None:
        try:
            await _fold_into(parts, lead, attempt, told)
        except Conflict:
            return 0  # somebody else wrote this lead: the events stay unfolded and come again
    await ledger.folded(tag, [event.key for event in told])
    return len(told)


async def fold_again(parts: Parts, lead: Lead) -> bool:
    """Ask again what the known events of the lead's mails say (news that came during review); True when it moved."""
    for attempt in await parts.world.ledger.attempts(lead=lead.id, states=[AttemptState.SENT]):
        told = await parts.world.ledger.events_of(attempt.tag)
        change = events.changes(lead, attempt, events.fold(told, attempt), parts.settings.sequence)
        if change is not None:
            await parts.recorder.record(lead, change)
            return True
    return False


async def _fold_into(parts: Parts, lead: Lead, attempt: Attempt, told: Sequence[Event]) -> None:
    outcome_of_events = events.fold(told, attempt)
    lead = await _know_sent(parts, lead, replace(attempt, state=outcome_of_events.attempt), told)
    change = events.changes(lead, attempt, outcome_of_events, parts.settings.sequence)
    if change is not None:
        lead = await parts.recorder.record(lead, change)
    counters = await _counters(parts, lead)
    if any(getattr(lead, field) != value for field, value in counters.items()):
        await parts.world.store.apply({lead.id: counters})


async def _know_sent(parts: Parts, lead: Lead, attempt: Attempt, told: Sequence[Event]) -> Lead:
    """The attempt takes the state that its events say, and the lead's trail tells of the mail, once."""
    ledger, now = parts.world.ledger, parts.world.clock.now()
    told_before = any(t.tag == attempt.tag and t.text for t in await ledger.transitions(lead.id))
    message_id = attempt.message_id or next((event.message_id for event in told if event.message_id), "")
    attempt = replace(attempt, message_id=message_id)
    changes: list[Change] = []
    if attempt.state is AttemptState.SENT and not told_before:
        changes = [outcome.sent(lead, attempt, parts.settings.sequence)]
    numbered = await parts.recorder.number(lead, changes)
    await ledger.settle(attempt.tag, attempt.state, now, message_id, numbered)
    if any(event.kind is EventKind.ERROR for event in told) and attempt.state is AttemptState.REFUSED:
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


async def _begin_quiet(parts: Parts, began: datetime) -> None:
    """The wait of a new or restored ledger begins with the first complete read of the mailer."""
    ledger = parts.world.ledger
    if not (await ledger.traffic(began)).quiet_open:
        return
    until = began + timedelta(seconds=parts.world.mailer.settle_s)
    await ledger.put("quiet_until", until.isoformat())
    await ledger.put("quiet_open", "")


async def _ask_guard(parts: Parts, now: datetime) -> None:
    """Do bounces and complaints say that the list is bad? Asked after every complete reconcile."""
    ledger, limits = parts.world.ledger, parts.settings.limits.guard
    resumed = await ledger.get("guard_resumed_at")
    since = guard.window_start(now, limits, datetime.fromisoformat(resumed) if resumed else None)
    verdict = guard.verdict(await ledger.counts(since, now), limits)
    if verdict.pause and await ledger.halt(Halt(what="guard", since=now, until=None, why=verdict.why)):
        parts.log.write("guard.paused", reason=verdict.why)
        text = f"{verdict.why}. Look at the list, then: outboundd resume guard (the day's cap is halved for two days)"
        await parts.alerts.tell("guard", "Sending is paused by the guard", text)
    elif verdict.warn:
        parts.log.write("guard.warned", reason=verdict.why)
        await parts.alerts.tell("guard.warned", "A complaint", verdict.why)

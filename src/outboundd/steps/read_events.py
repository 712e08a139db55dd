"""What does the mailer report? One bulk question per period, never one per mail; pages go in as they come.

A read of more pages than a run can ask for goes on at the next run where it stopped. Until it is complete it is none:
nothing is concluded, and no mail leaves.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import anyio

from outboundd.engine.parts import Parts
from outboundd.engine.rows import READ_AT_ONCE
from outboundd.model.lead import Lead
from outboundd.model.mail import LIVE_STATES, Attempt, AttemptState, Draft, Event
from outboundd.ports import Conflict, Transient
from outboundd.rules import addresses, domains, drafting, events, suppression, tags, trail
from outboundd.rules.texts import text_hash

FIRST_READ = timedelta(days=90)
OVERLAP = timedelta(days=2)
FAR_EVERY = timedelta(hours=1)
READ_FAR_AT = "read_far_at"
READ_TO = "events_read_to"
READ_FOR_S = 2700  # of a job's hour; the rest is for what follows from the events
CLOCK_OFF_S = 120


async def read_events(parts: Parts, began: datetime, *, store_there: bool) -> int:
    """Read everything up to `began` since the last complete read, overlapping; returns how many events were new.

    Raises Transient when the time of a run was not enough. One run reads at a time: two would read the same pages.
    """
    with anyio.move_on_after(READ_FOR_S):
        async with parts.turns.of("events"):
            return await _read(parts, began, store_there=store_there)
    read_to = await _read_to(parts, began)
    told = f"read up to {read_to:%Y-%m-%d}, " if read_to else ""
    raise Transient(parts.world.mailer.name, "more events than one run can read", f"{told}goes on at the next run")


async def _read(parts: Parts, began: datetime, *, store_there: bool) -> int:
    ledger = parts.world.ledger
    far = await _is_due(parts, began)
    since = await _since(parts, began, far=far)
    count, server_time = 0, None
    async for whole in parts.world.mailer.events(since, began):
        page = replace(whole, events=await _without_the_erased(parts, whole.events))
        await _know_attempts(parts, page.events, store_there=store_there)
        await _heed_untagged(parts, page.events)
        count += await ledger.add_events([(event, _person(parts, event.email)) for event in page.events], began)
        # The oldest of the page: one event that is dated in the future must not hide those before it.
        await _note_read_to(parts, min((event.at for event in page.events), default=None), began)
        server_time = page.server_time or server_time
    await _note_read_to(parts, began, began)
    if far:
        await ledger.put(READ_FAR_AT, began.isoformat())
    await _look_at_clock(parts, server_time)
    return count


async def _since(parts: Parts, began: datetime, *, far: bool) -> datetime:
    """Once an hour two days back, for what the mailer dates wrongly; else by how late an event may be.

    On a day of many events two days are many pages. What an earlier read has told that was never complete is not asked
    for again, but for two days of it.
    """
    reconciled_at = (await parts.world.ledger.traffic(began)).reconciled_at
    overlap = OVERLAP if far else min(OVERLAP, timedelta(seconds=parts.world.mailer.settle_s) + FAR_EVERY)
    since = began - FIRST_READ if reconciled_at is None else min(reconciled_at, began) - overlap
    read_to = await _read_to(parts, began)
    return since if read_to is None else max(since, read_to - OVERLAP)


async def _read_to(parts: Parts, began: datetime) -> datetime | None:
    """All that the mailer tells up to here is in the ledger."""
    noted = await parts.world.ledger.get(READ_TO)
    return min(datetime.fromisoformat(noted), began) if noted else None


async def _note_read_to(parts: Parts, at: datetime | None, began: datetime) -> None:
    known = await _read_to(parts, began)
    if at is not None and (known is None or at > known):
        await parts.world.ledger.put(READ_TO, at.isoformat())


async def _is_due(parts: Parts, began: datetime) -> bool:
    """Is it time to read far back? At the start of a process in any case: the ledger may be a copy put back."""
    last = await parts.world.ledger.get(READ_FAR_AT)
    return not (parts.caught_up and last and timedelta(0) <= began - datetime.fromisoformat(last) < FAR_EVERY)


def _person(parts: Parts, email: str) -> str:
    try:
        return parts.world.suppression.person(addresses.normalise(email))
    except ValueError:
        return ""


async def _without_the_erased(parts: Parts, page: Sequence[Event]) -> tuple[Event, ...]:
    """The mailer may go on to tell of somebody who was erased: their subjects do not come back."""
    erased = set(await parts.world.suppression.persons(suppression.ERASED))
    if not erased:
        return tuple(page)
    return tuple(replace(event, subject="") if _person(parts, event.email) in erased else event for event in page)


async def _know_attempts(parts: Parts, page: Sequence[Event], *, store_there: bool) -> None:
    """The mailer has the last word: a tag of ours that the ledger does not know becomes an attempt that was sent."""
    first_of: dict[str, Event] = {}
    for event in page:
        first_of.setdefault(event.tag, event)
    unknown: list[tuple[Event, tags.Tag]] = []
    for event in first_of.values():
        tag = tags.parse(event.tag, parts.settings.campaign.name)
        if tag is not None and await parts.world.ledger.attempt(event.tag) is None:
            unknown.append((event, tag))
    rows = await _rows(parts, [tag.lead for _, tag in unknown]) if store_there else {}
    for event, tag in unknown:
        told = await parts.world.ledger.transitions(tag.lead)
        text = next((trail.text_of(entry.text) for entry in told if entry.tag == event.tag and entry.text), "")
        await _adopt(parts, _attempt(parts, event, tag, rows.get(tag.lead), text))


async def _heed_untagged(parts: Parts, page: Sequence[Event]) -> None:
    """An event whose tag was lost is nobody's attempt, but whoever says no in it is known by address."""
    for event in page:
        stage, _ = events.STRENGTH.get(event.kind, (None, ""))
        person = _person(parts, event.email)
        if stage in events.STOPS and person and tags.parse(event.tag, parts.settings.campaign.name) is None:
            await parts.world.suppression.suppress(person, suppression.why_for(stage), event.at)


async def _rows(parts: Parts, leads: Sequence[str]) -> dict[str, Lead]:
    ids = list(dict.fromkeys(lead for lead in leads if not lead.startswith("-")))
    rows: dict[str, Lead] = {}
    for start in range(0, len(ids), READ_AT_ONCE):
        rows |= await parts.world.store.read(ids[start : start + READ_AT_ONCE], in_view=False)
    return rows


def _attempt(parts: Parts, event: Event, tag: tags.Tag, row: Lead | None, text: str) -> Attempt:
    """The attempt as far as the event tells it. The text is that of its entry in the trail, else the row's draft."""
    if not text and row is not None and row.step == tag.step and row.body:
        draft = Draft(subject=row.subject, body=row.body)
        text = drafting.letter_text(draft, parts.settings.campaign, tag.step)
    return Attempt(
        tag=event.tag,
        lead=tag.lead,
        step=tag.step,
        n=tag.n,
        mailer=parts.world.mailer.name,
        person="" if tag.lead.startswith("-") else _person(parts, event.email),
        company=domains.company_of(row) if row else "",
        posted_at=event.at,
        subject=event.subject,
        text=text,
        text_hash=text_hash(text),
        state=AttemptState.SENT,
        message_id=event.message_id,
        settled_at=parts.world.clock.now(),
    )


async def _adopt(parts: Parts, attempt: Attempt) -> None:
    ledger = parts.world.ledger
    attempt = await or_extra(parts, attempt)
    try:
        await ledger.adopt_attempt(attempt)
    except Conflict:  # another row of the same person has a live attempt of this step
        attempt = await extra(parts, attempt)
        await ledger.adopt_attempt(attempt)
    await parts.rows.behind(attempt.posted_at, "the mailer knows a mail that the ledger did not")


async def or_extra(parts: Parts, attempt: Attempt) -> Attempt:
    """The attempt, as extra when another one of its step is alive: the mailer says that the step left twice."""
    alive = await parts.world.ledger.attempts(lead=attempt.lead, states=list(LIVE_STATES))
    rivals = [other for other in alive if other.step == attempt.step and other.tag != attempt.tag]
    return await extra(parts, attempt) if rivals and attempt.to_lead else attempt


async def extra(parts: Parts, attempt: Attempt) -> Attempt:
    """Told to the operator, counted in the caps, outside the indexes."""
    parts.log.write("mail.extra", lead=attempt.lead, step=attempt.step)
    text = f"lead {attempt.lead}, step {attempt.step}: the mailer reports two mails of one step"
    await parts.alerts.tell(f"extra.{attempt.tag}", "A step left twice", text)
    return replace(attempt, state=AttemptState.EXTRA)


async def _look_at_clock(parts: Parts, server_time: datetime | None) -> None:
    """Hold mail while our clock and the mailer's disagree, or when ours made a step since the last look."""
    now = parts.world.clock.now()
    apart_s = abs((now - server_time).total_seconds()) if server_time else 0.0
    step_s = parts.clock_marks.step_s(now, anyio.current_time())
    off = ""
    if apart_s > CLOCK_OFF_S:
        off = f"ours and the mailer's are {apart_s:.0f} s apart"
    elif abs(step_s) > CLOCK_OFF_S:
        off = f"it made a step of {step_s:.0f} s"
    await parts.world.ledger.put("clock_off", off)
    if not off:
        await parts.alerts.over("clock")
        return
    parts.log.write("clock.off", reason=off)
    await parts.alerts.tell("clock", "The clock is off", f"{off}. No mail to leads until the next look agrees.")

"""Is everything as it should be: configuration, store, mailer, memory, clock, disk, and what the law asks for?"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from outboundd.commands import words
from outboundd.commands.desk import Command, Desk, Finding, Line, Refusal
from outboundd.model.facts import Traffic
from outboundd.model.lead import Lead
from outboundd.model.settings import Limits
from outboundd.ports import Failure
from outboundd.rules import caps, compliance, model_age
from outboundd.steps.older_texts import older_texts

EXAMPLES = 10
INCIDENTS = 5
SATURDAY = 5
INDENT = 26
# The rates at which mailers suspend a sender.
MAILERS_OWN = {"hard_bounce_rate": 0.02, "unsubscribe_rate": 0.01, "complaint_rate": 0.002}
TO_SETTLE = (
    "consent or legitimate interest for each country, sender identity and postal address, an unsubscribe that works, "
    "and the mailer's own terms: transactional mailers restrict unasked mail"
)

OLDER_TEXT = "they leave as they are; outboundd override EMAIL redraft has one written anew"


async def check(desk: Desk) -> AsyncGenerator[Line, None]:
    """One line each, green, yellow or red, with the remedy. Refuses with 1 when something is red."""
    found: list[Finding] = []
    async for finding in _all(desk):
        found.append(finding)
        yield Line(text=_told(finding))
    red = [finding.what for finding in found if finding.light == "red"]
    yellow = sum(1 for finding in found if finding.light == "yellow")
    last = f"\n{len(red)} red, {yellow} yellow, {len(found) - len(red) - yellow} green"
    yield Line(text=last, data=[asdict(finding) for finding in found])
    if red:
        raise Refusal(1, f"red: {', '.join(red)}")


def _told(finding: Finding) -> str:
    head = f"{finding.light:<8}{finding.what}"
    line = words.hanging(f"{head}  ", finding.found, INDENT)
    return line + (f"\n{words.hanging('', f'→ {finding.remedy}', INDENT)}" if finding.remedy else "")


async def _all(desk: Desk) -> AsyncIterator[Finding]:
    for finding in desk.findings():
        yield finding
    world = desk.parts.world
    store = await _probe("store", world.store.probe, "look at [store]; nothing is drafted or sent without it")
    yield store
    yield await _probe("mailer", world.mailer.probe, "look at [mailer]; nothing is sent without it")
    writer = await _probe("writer", world.writer.probe, "look at [writer]; nothing is drafted without it")
    yield writer
    if writer.light == "green":
        async for finding in _model(desk):
            yield finding
    yield await _probe("researcher", world.researcher.probe, "look at [researcher]")
    yield await _probe(
        "operator", world.operator.probe, "look at [telegram]; alerts go by mail, commands are not heard"
    )
    yield await _probe("ledger", lambda: _ledger(desk), "look at state_dir: nothing is sent when it cannot be written")
    yield await _probe("suppression list", lambda: _suppression(desk), "look at the file that suppression names")
    now = world.clock.now()
    traffic = await world.ledger.traffic(now)
    for finding in (*_clock(traffic, now), *_switches(traffic, now), *_limits(desk, traffic, now), *_law(desk)):
        yield finding
    for told in await older_texts(desk.parts):
        yield Finding(light="yellow", what="drafts", found=told, remedy=OLDER_TEXT)
    for incident in islice(await world.ledger.incidents(open_only=True), INCIDENTS):
        told = f"{incident.title}, open since {words.utc(incident.opened)}, {words.many(incident.times, 'time')}"
        yield Finding(light="yellow", what="incident", found=told, remedy="outboundd incidents")
    if store.light == "green":  # one that does not answer is not waited for twice
        yield await _older_system(desk)


async def _probe(what: str, ask: Callable[[], Awaitable[str]], remedy: str) -> Finding:
    try:
        return Finding(light="green", what=what, found=await ask())
    except Failure as failure:
        return Finding(light="red", what=what, found=str(failure), remedy=remedy)


async def _model(desk: Desk) -> AsyncIterator[Finding]:
    """Yellow before the model is shut down. Where the vendor does not say, there is nothing to see."""
    try:
        retires_on = await desk.parts.world.writer.retires_on()
    except Failure as failure:
        yield Finding(light="yellow", what="model", found=str(failure), remedy="look at [writer]")
        return
    if retires_on is None:
        return
    zone = ZoneInfo(desk.parts.settings.campaign.timezone)
    soon = model_age.threshold(retires_on, desk.parts.world.clock.now().astimezone(zone).date()) is not None
    told = f"the vendor shuts it down on {retires_on}"
    remedy = "set [writer] model" if soon else ""
    yield Finding(light="yellow" if soon else "green", what="model", found=told, remedy=remedy)


async def _ledger(desk: Desk) -> str:
    """Written to, for only that shows that it can be."""
    ledger = desk.parts.world.ledger
    await ledger.put("checked_at", desk.parts.world.clock.now().isoformat())
    mails = sum(number for _, number in await ledger.sending_days())
    leads = len(await ledger.queue())
    return f"can be written; it knows {words.many(leads, 'lead')} and {words.many(mails, 'mail')} sent"


async def _suppression(desk: Desk) -> str:
    persons, hosts = await desk.parts.world.suppression.size()
    return f"{words.many(persons, 'person')} and {words.many(hosts, 'domain')} are never written to"


def _clock(traffic: Traffic, now: datetime) -> list[Finding]:
    if traffic.clock_off:
        remedy = "set the clock (timedatectl set-ntp true); no mail to leads until the next look agrees"
        return [Finding(light="red", what="clock", found=traffic.clock_off, remedy=remedy)]
    return [Finding(light="green", what="clock", found=words.utc(now))]


def _switches(traffic: Traffic, now: datetime) -> list[Finding]:
    """What holds mail to leads for everybody."""
    found = [Finding(light="yellow", what="switched off", found=words.off(halt)) for halt in traffic.halts]
    if traffic.quiet_open:
        told = "a new ledger: nothing is sent before the first complete look at the mailer"
        found.append(Finding(light="yellow", what="mail", found=told, remedy="outboundd once reconcile"))
    elif traffic.quiet_until is not None and now < traffic.quiet_until:
        until = words.utc(traffic.quiet_until)
        told = f"a new or restored ledger: no mail to leads until {until}, when the mailer has reported all"
        found.append(Finding(light="yellow", what="mail", found=told, remedy="nothing to do: it ends by itself"))
    if traffic.reconciled_at is not None:
        told = f"complete up to {words.utc(traffic.reconciled_at)} ({words.ago(traffic.reconciled_at, now)})"
        found.append(Finding(light="green", what="events", found=told))
    return found


def _limits(desk: Desk, traffic: Traffic, now: datetime) -> list[Finding]:
    settings = desk.parts.settings
    limits, hours = settings.limits, settings.hours
    open_h = (hours.end.hour - hours.start.hour) + (hours.end.minute - hours.start.minute) / 60
    return [
        _volume(limits, open_h),
        _warmup(traffic, limits, now),
        *(
            Finding(
                light="yellow",
                what="guard",
                found=f"{name} {getattr(limits.guard, name):.2%} is above {most:.2%}, where mailers suspend the sender",
                remedy=f"lower [limits.guard] {name}",
            )
            for name, most in MAILERS_OWN.items()
            if getattr(limits.guard, name) > most
        ),
    ]


def _volume(limits: Limits, open_h: float) -> Finding:
    most = int(limits.per_hour * open_h)
    if most >= limits.per_day:
        told = f"at most {limits.per_hour:,} an hour and {limits.per_day:,} a day"
        return Finding(light="green", what="volume", found=told)
    told = f"per_hour {limits.per_hour:,} × {open_h:g} office hours = {most:,}, below per_day {limits.per_day:,}"
    remedy = f"with recipients in one time zone no more than {most:,} a day leave; raise per_hour or lower per_day"
    return Finding(light="yellow", what="volume", found=told, remedy=remedy)


def _warmup(traffic: Traffic, limits: Limits, now: datetime) -> Finding:
    cap, why = caps.day_cap(traffic, limits, now)
    days = caps.days_to_full(traffic, limits, now)
    told = f"today's cap is {cap:,} ({why})"
    if days is None:
        remedy = "set [limits.warmup] grow_per_day, or already_per_day for a sender that is not new"
        told += f"; it never reaches {limits.per_day:,}"
        return Finding(light="yellow", what="warm-up", found=told, remedy=remedy)
    if days:
        told += f"; {limits.per_day:,} a day after {days} more sending days, {_workday(now.date(), days):%a %Y-%m-%d}"
        told += " at the earliest"
    return Finding(light="green", what="warm-up", found=told)


def _workday(day: date, ahead: int) -> date:
    """So many days from Monday to Friday later."""
    while ahead:
        day += timedelta(days=1)
        ahead -= day.weekday() < SATURDAY
    return day


def _law(desk: Desk) -> list[Finding]:
    campaign, mailer = desk.parts.settings.campaign, desk.parts.world.mailer.name
    found = [
        Finding(light="red", what="campaign", found=fault) for fault in compliance.faults_of_campaign(campaign, mailer)
    ]
    if not campaign.digest_to:
        told = "nobody gets the daily digest"
        found.append(Finding(light="yellow", what="digest", found=told, remedy="set [campaign] digest_to"))
    if mailer == "maildir":
        told = f"no mail leaves this machine. Before a real mailer does: {TO_SETTLE}"
        return [*found, Finding(light="green", what="to settle", found=told)]
    remedy = "nobody but you can settle this; the program cannot see it"
    return [*found, Finding(light="yellow", what="to settle", found=TO_SETTLE, remedy=remedy)]


async def _older_system(desk: Desk) -> Finding:
    """Rows that an older system mailed from: left alone, never read as new. The whole store is read once."""
    ids: list[str] = []
    try:
        async for page in desk.parts.world.store.pages():
            ids += [row.id for row in page if row.stage is None and _was_mailed(row)]
    except Failure as failure:
        return Finding(light="red", what="rows", found=str(failure), remedy="look at [store]")
    if not ids:
        return Finding(light="green", what="rows", found="none has send dates without a stage")
    shown = ", ".join(ids[:EXAMPLES]) + (", …" if len(ids) > EXAMPLES else "")
    told = f"{words.many(len(ids), 'row')} with send dates and no stage, from an older system: left alone ({shown})"
    remedy = "set Stage to finished, or to do_not_contact, where no more shall be sent"
    return Finding(light="yellow", what="rows", found=told, remedy=remedy)


def _was_mailed(row: Lead) -> bool:
    return bool(row.first_sent_at or row.last_sent_at or row.message_ids)


CHECK = Command(
    name="check",
    doc="configuration, store, mailer, clock and disk: green, yellow or red, with the remedy",
    run=check,
    reads_only=True,
)

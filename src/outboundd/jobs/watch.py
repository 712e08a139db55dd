"""Watch: is anything silent that should be heard, still off, untold, or over by now?"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from outboundd.engine.looks import next_look
from outboundd.engine.parts import Parts
from outboundd.engine.run_job import AWAY, Job, JobRun, off_by, struck_by, vendor
from outboundd.model.decision import Decision
from outboundd.model.facts import MAILER, RESEARCHER, SOURCE, STORE, WRITER, Halt
from outboundd.model.lead import Stage
from outboundd.ports import Failure, RunRecord
from outboundd.rules import alerting, quiet_hours, reminder, silence, summary
from outboundd.rules.decide import decide, nobody_now
from outboundd.rules.silence import Found, Looks, Sight

NAME = "watch"
REMINDED = "reminded_on"
LOOK_AT_MOST = 1000
READ_AT_MOST = 20  # rows, in one request
LAST_RUNS = 10


async def watch(run: JobRun) -> None:
    """Tell what waits to be told, end what is over, remind of what is off, and notice what is silent."""
    parts = run.parts
    await parts.alerts.tell_what_waits()
    await _end_what_is_over(parts)
    await _remind(run)
    await _listen(run)


async def _end_what_is_over(parts: Parts) -> None:
    """What nothing else would end: a bug that did not strike again, and a vendor that is not used any more."""
    world = parts.world
    now = world.clock.now()
    off = {halt.what for halt in await world.ledger.halts(now)}
    used = {vendor(parts, role) for role in (STORE, MAILER, WRITER, RESEARCHER)}
    for incident in await world.ledger.incidents(open_only=True):
        kind, _, name = incident.what.partition(".")
        if alerting.has_faded(incident, now) or (kind == "vendor" and name not in used | off):
            await parts.alerts.over(incident.what, silently=True)


async def _remind(run: JobRun) -> None:
    """Once a day, from the digest's hour on and not in quiet hours, while something is off."""
    parts, ledger = run.parts, run.parts.world.ledger
    campaign, now = parts.settings.campaign, parts.world.clock.now()
    today = reminder.due(now, campaign, await ledger.get(REMINDED))
    halts = reminder.worth_it(await ledger.halts(now), now)
    if not today or not halts or quiet_hours.are_now(now, parts.settings.alerts.quiet_hours, campaign.timezone):
        return
    roles = {vendor(parts, role): role for role in (RESEARCHER, WRITER, MAILER, STORE)}
    words = reminder.words(halts, roles, await _stock(parts, now), now)
    if await parts.alerts.remind(f"reminder-{today}", words):
        await ledger.put(REMINDED, today)
        run.done["reminded of"] = len(halts)


async def _stock(parts: Parts, now: datetime) -> reminder.Stock:
    queue = await parts.world.ledger.queue()
    of_source: dict[str, int] = {}
    for seen in queue:
        of_source[seen.source] = of_source.get(seen.source, 0) + 1
    return reminder.Stock(
        drafts=sum(seen.stage is Stage.DRAFTED for seen in queue),
        follow_ups_due=len(await parts.world.ledger.due([Stage.DELIVERED], now, LOOK_AT_MOST)),
        per_hour=parts.settings.limits.per_hour,
        of_source=of_source,
    )


async def _listen(run: JobRun) -> None:
    """Notice every silence, and the end of those that were noticed."""
    parts, vigil, ledger = run.parts, run.parts.vigil, run.parts.world.ledger
    now, looks = parts.world.clock.now(), _looks(parts)
    halts = await ledger.halts(now)
    off = {name for name, job in parts.schedule.items() if off_by(halts, parts, name, job.needs)}
    slept = vigil.looked_at is not None and silence.has_slept(vigil.looked_at, looks(NAME, vigil.looked_at), now)
    awake_since = vigil.look(now, has_slept=slept, off=off, ill=await _ill(parts, halts))
    sight = await _sight(parts, awake_since, off)
    silent = silence.found(sight, looks)
    stuck = await _stuck(parts, sight, halts, looks)
    silent += [stuck] if stuck else []
    for one in silent:
        await parts.alerts.tell(f"{silence.CAUSE}.{one.what}", one.title, one.text)
        run.done["silent"] += 1
    await _end_what_is_heard(parts, sight, silent)


def _looks(parts: Parts) -> Looks:
    """When a job looks next after an instant, by its cron line; None for one that is by hand only."""

    def looks(job: str, after: datetime) -> datetime | None:
        return next_look(parts.schedule[job].cron, after) if job in parts.schedule else None

    return looks


async def _sight(parts: Parts, awake_since: datetime, off: set[str]) -> Sight:
    ledger, now = parts.world.ledger, parts.world.clock.now()
    traffic = await ledger.traffic(now)
    on = [name for name in parts.schedule if name not in off and name != NAME]
    ended = {name: _last_ended(await ledger.runs(name, LAST_RUNS)) for name in on}
    return Sight(
        now=now,
        on_since={name: parts.vigil.on_since(name, awake_since) for name in on},
        well_since={name: parts.vigil.well_since(name, awake_since) for name in on},
        ran={name: began for name, began in ended.items() if began is not None},
        reconciled_at=traffic.reconciled_at,
        last_post=max(traffic.posts, default=None),
        campaign=parts.settings.campaign,
        digest_date=await ledger.get(summary.WRITTEN),
    )


def _last_ended(runs: Sequence[RunRecord]) -> datetime | None:
    return next((run.began for run in runs if run.ended is not None), None)


async def _ill(parts: Parts, halts: Sequence[Halt]) -> frozenset[str]:
    """Jobs with a failure that the operator has heard of. Without store or mailer no reconcile is complete."""
    ill = {silence.RECONCILE} if off_by(halts, parts, silence.RECONCILE, frozenset({STORE, MAILER})) else set[str]()
    for incident in await parts.world.ledger.incidents(open_only=True):
        kind, _, rest = incident.what.partition(".")
        ill |= {rest.partition(".")[0]} if kind == "job" else set()
        ill |= await struck_by(parts, rest) if kind == AWAY else set()
    return frozenset(ill)


async def _stuck(parts: Parts, sight: Sight, halts: Sequence[Halt], looks: Looks) -> Found | None:
    """Is mail due that does not leave? Rows are read only when none left for an hour, and few of them."""
    vigil = parts.vigil
    if vigil.read_again_at is not None and sight.now < vigil.read_again_at:
        return None
    decisions: Mapping[str, Decision] = {}
    if silence.is_suspicious(sight):
        decisions = await _decisions(parts, halts, sight.now)
    vigil.could_leave = silence.could_leave(vigil.could_leave, decisions, sight.now)
    vigil.read_again_at = sight.now + silence.NO_MAIL_FOR if decisions and not vigil.could_leave else None
    return silence.nothing_leaves(vigil.could_leave, looks, sight.now)


async def _decisions(parts: Parts, halts: Sequence[Halt], now: datetime) -> dict[str, Decision]:
    """What the gate says now of some leads that seem due. A store that is away is told by whoever needs it."""
    if nobody_now(await parts.fact_book.of_everybody(now), now):
        return {}
    ids = await _due(parts, halts, now)
    try:
        leads = await parts.rows.fresh(ids) if ids else []
    except Failure:
        return {}
    drafted = [lead for lead in leads if lead.stands is Stage.DRAFTED]
    return {lead.id: decide(lead, await parts.fact_book.about(lead, now), now) for lead in drafted}


async def _due(parts: Parts, halts: Sequence[Halt], now: datetime) -> list[str]:
    """Drafted leads that seem due, less those of a source that is paused: they are due all the time."""
    paused = {halt.what.removeprefix(SOURCE) for halt in halts if halt.what.startswith(SOURCE)}
    ids: list[str] = []
    for lead in await parts.world.ledger.due([Stage.DRAFTED], now, LOOK_AT_MOST):
        seen = await parts.world.ledger.seen(lead)
        if seen is not None and seen.source not in paused:
            ids.append(lead)
        if len(ids) == READ_AT_MOST:
            break
    return ids


async def _end_what_is_heard(parts: Parts, sight: Sight, silent: Sequence[Found]) -> None:
    still = {one.what for one in silent}
    mail_waits = bool(await parts.world.ledger.due([Stage.DRAFTED], sight.now, 1))
    for incident in await parts.world.ledger.incidents(open_only=True):
        what = incident.what.removeprefix(f"{silence.CAUSE}.")
        if what == incident.what or what in still:
            continue
        if silence.is_heard(what, incident.opened, sight, mail_waits=mail_waits):
            await parts.alerts.over(incident.what)


WATCH = Job(
    name=NAME,
    cron="*/10 * * * *",
    run=watch,
    needs=frozenset(),
    doc="notice what is silent, tell what waits to be told, remind of what is off",
)

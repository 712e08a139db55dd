"""Who gets what when in the coming days, who does not and why, and what will the next run do?"""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import anyio.lowlevel

from outboundd.commands import words
from outboundd.commands.as_it_stands import as_it_stands, facts_of
from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.engine.looks import trigger
from outboundd.model.facts import Halt, Traffic
from outboundd.model.lead import Lead, Stage
from outboundd.rules import caps, domains, forecast, lifecycle, reasons
from outboundd.rules.decide import step_at_hand
from outboundd.rules.forecast import Plan, Waiting

MOST_DAYS = 60
READ_AT_ONCE = 100
EXAMPLES = 3
NEXT = 5
EVERY_TEN_MINUTES = "*/10 * * * *"
OTHERS_FIRST = "the caps leave no room in these days: others come first"
OUT_OF_VIEW = "not in the operator's view"


@dataclass(frozen=True, kw_only=True)
class _Ahead:
    """The plan of the coming days. `without` are leads that are not played, by id, and why."""

    now: datetime
    last_day: date
    leads: Mapping[str, Lead]
    plan: Plan
    without: Mapping[str, str]
    halts: Sequence[Halt]


async def queue(desk: Desk, *, days: int) -> AsyncGenerator[Line, None]:
    """The coming days, as the rules and the schedule will have them; nothing is changed."""
    if not 1 <= days <= MOST_DAYS:
        raise Refusal(2, f"--days {days}: give a number from 1 to {MOST_DAYS}")
    ahead = await _look_ahead(desk, days)
    yield Line(text="\n".join(_told(desk, ahead)), data=_plain(ahead))


async def _look_ahead(desk: Desk, days: int) -> _Ahead:
    world, settings = desk.parts.world, desk.parts.settings
    now = world.clock.now()
    traffic = await world.ledger.traffic(now)
    leads, without = await _leads(desk)
    waiting = [await _waiting(desk, lead, traffic, now) for lead in leads]
    zone = ZoneInfo(settings.campaign.timezone)
    last_day = now.astimezone(zone).date() + timedelta(days=days)
    until = datetime.combine(last_day + timedelta(days=1), time(), tzinfo=zone) - timedelta(seconds=1)
    share = caps.share_of_hour(settings.limits.per_hour, desk.parts.sends_per_hour)
    begins = max([now, *(halt.until for halt in traffic.halts if halt.until and _stops_mail(desk, halt))])
    plan = forecast.plan(waiting, begins, until, _Firings(desk), share)
    return _Ahead(
        now=now,
        last_day=last_day,
        leads={lead.id: lead for lead in leads},
        plan=plan,
        without=without,
        halts=traffic.halts,
    )


def _stops_mail(desk: Desk, halt: Halt) -> bool:
    return halt.what in {"mail", "guard", "pool", "send", desk.parts.world.mailer.name, desk.parts.world.store.name}


async def _leads(desk: Desk) -> tuple[list[Lead], dict[str, str]]:
    """The pipeline as its rows are now, rows that nobody has looked at yet included; and who is not in view."""
    world = desk.parts.world
    known = [seen for seen in await world.ledger.queue() if seen.stage in lifecycle.LIVE]
    new = {row.id: row for row in await world.store.new_rows()}
    ids = list(dict.fromkeys([*(seen.id for seen in known), *new]))
    rows: dict[str, Lead] = {}
    for start in range(0, len(ids), READ_AT_ONCE):
        rows |= await world.store.read(ids[start : start + READ_AT_ONCE])
    leads = [await as_it_stands(desk, rows[lead]) for lead in ids if lead in rows]
    hidden = {lead: OUT_OF_VIEW for lead in ids if lead not in rows}
    return [lead for lead in leads if lead.stands in lifecycle.LIVE], hidden


async def _waiting(desk: Desk, lead: Lead, traffic: Traffic, now: datetime) -> Waiting:
    await anyio.lowlevel.checkpoint()  # of thousands of leads: what runs beside it must not wait for all of them
    return Waiting(
        lead=lead,
        facts=await facts_of(desk, lead, traffic, now),
        person=desk.parts.fact_book.person(lead),
        company=domains.company_of(lead),
    )


class _Firings:
    """When the jobs look, by their own schedule; without one, every ten minutes."""

    def __init__(self, desk: Desk) -> None:
        self._schedule = desk.schedule

    def __call__(self, job: str, at: datetime) -> datetime:
        # The configuration refuses a line that never fires.
        fires: datetime = trigger(self._schedule.get(job, EVERY_TEN_MINUTES)).get_next_fire_time(None, at)
        return fires.astimezone(UTC)


# --- for a human -------------------------------------------------------------------------------------------------


def _told(desk: Desk, ahead: _Ahead) -> list[str]:
    zone = ZoneInfo(desk.parts.settings.campaign.timezone)
    lines = [f"Mail until {ahead.last_day:%a} {ahead.last_day.day} {ahead.last_day:%b}, times in {zone.key}", ""]
    lines += _switched_off(ahead)
    lines += _days(desk, ahead, zone)
    if not ahead.halts:
        lines += ["", *_next_run(desk, ahead, zone)]
    lines += _who_is_next(desk, ahead, zone)
    lines += _who_does_not(ahead)
    return lines


def _switched_off(ahead: _Ahead) -> list[str]:
    if not ahead.halts:
        return []
    told = [words.indented(words.off(halt), 2) for halt in ahead.halts]
    return ["Switched off", *told, "  What follows holds once that is lifted.", ""]


def _days(desk: Desk, ahead: _Ahead, zone: ZoneInfo) -> list[str]:
    """One line a day: how many of each step, from when to when."""
    by_day: dict[date, list[tuple[datetime, int]]] = {}
    for mail in ahead.plan.mails:
        local = mail.at.astimezone(zone)
        by_day.setdefault(local.date(), []).append((local, mail.step))
    if not by_day:
        return ["No mail leaves in these days."]
    sequence = desk.parts.settings.sequence
    steps = range(sequence.last_step + 1)
    rows = [["day", *(sequence.name_of(step) for step in steps), "all", "first", "last"]]
    for day, mails in by_day.items():
        counts = Counter(step for _, step in mails)
        numbers = [f"{counts[step]:,}" if counts[step] else "·" for step in steps]
        times = [f"{mails[0][0]:%H:%M}", f"{mails[-1][0]:%H:%M}"]
        rows.append([f"{day:%a} {day.day} {day:%b}", *numbers, f"{len(mails):,}", *times])
    return words.columns(rows, right=frozenset(range(1, len(steps) + 4)))


def _next_run(desk: Desk, ahead: _Ahead, zone: ZoneInfo) -> list[str]:
    when = _Firings(desk)("send", ahead.now).astimezone(zone)
    schedule = "The next run of send" if desk.by_schedule else "A run of send by the schedule (no daemon runs now)"
    name_of = desk.parts.settings.sequence.name_of
    counts = Counter(name_of(mail.step) for mail in ahead.plan.mails if mail.at == when)
    if counts:
        return [f"{schedule}, {when:%H:%M}: {', '.join(f'{number} × {name}' for name, number in counts.items())}."]
    first = ahead.plan.mails[0].at.astimezone(zone) if ahead.plan.mails else None
    later = f"; the first mail leaves {first:%a} {first.day} {first:%b at %H:%M}" if first else ""
    return [f"{schedule}, {when:%H:%M}: nothing{later}."]


def _who_is_next(desk: Desk, ahead: _Ahead, zone: ZoneInfo) -> list[str]:
    """The first mails, and whether their text can be read already."""
    first = ahead.plan.mails[:NEXT]
    if not first:
        return []
    name_of = desk.parts.settings.sequence.name_of
    rows = []
    for mail in first:
        lead, at = ahead.leads[mail.lead], mail.at.astimezone(zone)
        drafted = lead.stands is Stage.DRAFTED and step_at_hand(lead) == mail.step
        text = "the draft can be read" if drafted else "not written yet"
        rows.append([f"  {at:%a %H:%M}", mail.lead, name_of(mail.step), text])
    return ["", "The first of them", *words.columns(rows), "  Its text and its story: outboundd why ID"]


def _who_does_not(ahead: _Ahead) -> list[str]:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for lead, (stage, why) in _shared_reasons(ahead).items():
        by_reason.setdefault((stage, why), []).append(lead)
    if not by_reason:
        return []
    lines = ["", f"No mail in these days: {words.many(sum(map(len, by_reason.values())), 'lead')}"]
    for (stage, why), ids in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0])):
        told = f"{stage}: {why}" if stage else why
        lines += [words.hanging(f"{len(ids):>7,}", told, 9), f"{'':9}{_some(ids)}"]
    return [*lines, "", "The whole reason of one of them: outboundd why ID"]


def _shared_reasons(ahead: _Ahead) -> dict[str, tuple[str, str]]:
    """Stage and reason of each lead that gets no mail, in words that many leads share."""
    why_of = _reasons(ahead)
    counts: dict[str, Counter[str]] = {}
    for lead, why in why_of.items():
        counts.setdefault(_stage(ahead, lead), Counter())[why] += 1
    told = {stage: reasons.told_as(of_stage) for stage, of_stage in counts.items()}
    return {lead: (stage := _stage(ahead, lead), told[stage][why]) for lead, why in why_of.items()}


def _stage(ahead: _Ahead, lead: str) -> str:
    return ahead.leads[lead].stands if lead in ahead.leads else ""


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:EXAMPLES]) + (", …" if len(ids) > EXAMPLES else "")


def _reasons(ahead: _Ahead) -> dict[str, str]:
    """Why a lead gets no mail."""
    return {**ahead.without, **{other.lead: other.why or OTHERS_FIRST for other in ahead.plan.others}}


# --- for --json --------------------------------------------------------------------------------------------------


def _plain(ahead: _Ahead) -> list[dict[str, Any]]:
    """One entry for each mail that will leave, then one for each lead that gets none."""
    stages = {lead.id: lead.stands for lead in ahead.leads.values()}
    told = [_entry(mail.lead, stages[mail.lead], mail.step, mail.at, "") for mail in ahead.plan.mails]
    steps = {lead.id: step_at_hand(lead) for lead in ahead.leads.values()}
    for lead, why in _reasons(ahead).items():
        stage = stages.get(lead)
        told.append(_entry(lead, stage, steps.get(lead), None, f"{stage}: {why}" if stage else why))
    return told


def _entry(lead: str, stage: Stage | None, step: int | None, when: datetime | None, why: str) -> dict[str, Any]:
    return {"id": lead, "stage": stage, "step": step, "when": words.iso(when), "why": why}


QUEUE = Command(
    name="queue",
    doc="who gets what when in the coming days, and who does not and why",
    run=queue,
    reads_only=True,
)

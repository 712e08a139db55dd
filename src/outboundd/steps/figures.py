"""What are the figures of the campaign right now? Read from our own memory alone: no call to the outside."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from outboundd.engine.parts import Parts
from outboundd.model.facts import EventCounts, Traffic
from outboundd.model.lead import Stage
from outboundd.model.mail import Reaction
from outboundd.ports import RunRecord, Seen
from outboundd.rules import caps, lifecycle, runway
from outboundd.rules.summary import Figures
from outboundd.rules.texts import unquoted
from outboundd.steps.comparison import compare, of_machines
from outboundd.steps.credits import known_credits
from outboundd.steps.older_texts import older_texts

JOBS = ("draft", "send", "follow_up", "reconcile")
RUNS = 1000  # of a job: a week of hourly runs, with room for those by hand
OPENINGS = 3
CALLS_DAYS = 38  # back from today: the whole month, and a week before its first day
BY_HAND = "by-hand-"
REVIEW = "a human must look"
SOON = "outside the recipient's hours, or due within a day"
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_POST = timedelta(microseconds=1)  # periods end before their end; what happens right now counts too
_FIRST_MAIL_AHEAD = frozenset({Stage.NEW, Stage.VERIFIED, Stage.DRAFTED})
_STOPS_SENDING = frozenset({"mail", "guard", "pool", "send"})


async def gather(parts: Parts, now: datetime, *, weekly: bool = False) -> Figures:
    """The figures as they stand at `now`; days are days of the operator's time zone. `weekly`: the week compared."""
    ledger, campaign = parts.world.ledger, parts.settings.campaign
    zone = ZoneInfo(campaign.timezone)
    day = now.astimezone(zone).date()
    midnight, day_before, week_before = (_midnight(day - timedelta(days=n), zone) for n in (0, 1, 7))
    traffic, queue = await ledger.traffic(now), await ledger.queue()
    soon = now + _LAST_POST
    reactions = await ledger.reactions(week_before, soon)
    today, yesterday, week = [
        of_machines(await ledger.counts(since, until), _within(reactions, since, until))
        for since, until in ((midnight, soon), (day_before, midnight), (week_before, midnight))
    ]
    replies = await ledger.replies(_EVER, soon)
    credits_left, calls = await known_credits(ledger), await _calls(parts, now)
    runs = [run for job in JOBS for run in await ledger.runs(job, RUNS)]
    incidents = await ledger.incidents(open_only=False)
    persons, hosts = await parts.world.suppression.size()
    cap, cap_why = caps.day_cap(traffic, parts.settings.limits, now)
    return Figures(
        campaign=campaign.name,
        day=day,
        timezone=campaign.timezone,
        today=today,
        yesterday=yesterday,
        week=week,
        drafted_today=_drafted(runs, midnight, soon),
        drafted_yesterday=_drafted(runs, day_before, midnight),
        drafted_week=_drafted(runs, week_before, midnight),
        replies_yesterday=sum(1 for _, at in replies if day_before <= at < midnight),
        replies_week=sum(1 for _, at in replies if week_before <= at < midnight),
        replies=len(replies),
        due_yesterday=yesterday.sent + _kept_back(queue, traffic, midnight, parts.world.mailer.name),
        by_stage=dict(Counter(seen.stage for seen in queue)),
        held=dict(_held(queue, now)),
        review=dict(Counter(unquoted(seen.waiting_for) or REVIEW for seen in queue if seen.stage is Stage.REVIEW)),
        cap=cap,
        cap_why=cap_why,
        halts=traffic.halts,
        openings=_openings(queue, now),
        queue_days=_queue_days(queue, week.sent, traffic.sending_days, day),
        runway=runway.sentences(
            credits_left.left if credits_left else None, _mails_a_day(week.sent, traffic.sending_days, day), calls
        ),
        mailer_credits=credits_left.left if credits_left else None,
        mailer_credits_at=credits_left.at if credits_left else None,
        calls_this_month=calls.so_far if calls else None,
        calls_forecast=calls.forecast if calls else None,
        compared=await compare(parts, week_before, midnight) if weekly else {},
        incidents_open=tuple(f"#{one.number} {one.title}" for one in incidents if one.closed is None),
        incidents_resolved=sum(1 for one in incidents if one.closed is not None),
        events_until=traffic.reconciled_at,
        suppressed_persons=persons,
        suppressed_domains=hosts,
        spent_today_usd=await ledger.spent(midnight, soon),
        spent_yesterday_usd=await ledger.spent(day_before, midnight),
        spent_week_usd=await ledger.spent(week_before, midnight),
        unattended_since=_unattended_since(runs),
        older_texts=await older_texts(parts),
    )


async def by_day(parts: Parts, now: datetime, days: int) -> tuple[tuple[date, EventCounts], ...]:
    """The last `days` days of the operator's time zone, today's as far as it has come: mails sent on that day."""
    zone = ZoneInfo(parts.settings.campaign.timezone)
    today = now.astimezone(zone).date()
    dates = [today - timedelta(days=ago) for ago in range(days - 1, -1, -1)]
    edges = [_midnight(day, zone) for day in [*dates, today + timedelta(days=1)]]
    return tuple(zip(dates, await parts.world.ledger.count_series(edges), strict=True))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def _drafted(runs: Iterable[RunRecord], since: datetime, until: datetime) -> int:
    return sum((run.told or {}).get("drafted", 0) for run in runs if since <= run.began < until)


def _kept_back(queue: Sequence[Seen], traffic: Traffic, midnight: datetime, mailer: str) -> int:
    """Drafts that nothing but a switch kept back, when it was off before the day ended."""
    off = any(halt.what in _STOPS_SENDING | {mailer} and halt.since < midnight for halt in traffic.halts)
    if not off:
        return 0
    return sum(1 for seen in queue if seen.stage is Stage.DRAFTED and (seen.next_at is None or seen.next_at < midnight))


def _held(queue: Sequence[Seen], now: datetime) -> Counter[str]:
    """Leads of the pipeline that wait for an instant, by the reason that their row shows."""
    return Counter(
        unquoted(seen.waiting_for) or SOON
        for seen in queue
        if seen.stage in lifecycle.LIVE - {Stage.REVIEW} and seen.next_at is not None and seen.next_at > now
    )


def _openings(queue: Sequence[Seen], now: datetime) -> tuple[tuple[datetime, int], ...]:
    """The next hours in which leads become due, and how many."""
    hours = Counter(
        seen.next_at.replace(minute=0, second=0, microsecond=0)
        for seen in queue
        if seen.stage in lifecycle.LIVE - {Stage.REVIEW} and seen.next_at is not None and seen.next_at > now
    )
    return tuple(islice(sorted(hours.items()), OPENINGS))


def _queue_days(queue: Sequence[Seen], sent: int, sending_days: Sequence[date], day: date) -> float | None:
    """Sending days until no first mail is left, at the speed of the last seven days."""
    waiting, a_day = sum(1 for seen in queue if seen.stage in _FIRST_MAIL_AHEAD), _mails_a_day(sent, sending_days, day)
    return waiting / a_day if waiting and a_day else None


def _mails_a_day(sent: int, sending_days: Sequence[date], day: date) -> float:
    """On a sending day of the last seven; 0 where there was none."""
    days = sum(1 for on in sending_days if day - timedelta(days=7) <= on < day)
    return sent / days if days else 0.0


def _within(reactions: Iterable[Reaction], since: datetime, until: datetime) -> list[Reaction]:
    return [one for one in reactions if since <= one.posted_at < until]


async def _calls(parts: Parts, now: datetime) -> runway.Calls | None:
    """To the store, where each request counts; None where none was ever made."""
    name, today = parts.world.store.name, now.astimezone(UTC).date()
    by_day = await parts.world.ledger.calls(name, today - timedelta(days=CALLS_DAYS))
    return runway.calls_of_month(name, by_day, today) if by_day else None


def _unattended_since(runs: Sequence[RunRecord]) -> datetime | None:
    """Since when every run was the schedule's own."""
    by_hand = [run.began for run in runs if run.slot.startswith(BY_HAND)]
    return max(by_hand) if by_hand else min((run.began for run in runs), default=None)

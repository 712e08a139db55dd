"""How much mail may leave: in an hour, in a day, to one person, to one company?

per_hour and per_day protect the mailer's good opinion of us: every begun POST counts, whatever came of it. per_person
and per_company protect the recipient: a mail that certainly did not leave does not count, or three broken connections
would make an over-contacted person of somebody who never got a mail.
"""

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from outboundd.model.decision import Hold, HoldKind, Stop
from outboundd.model.facts import Facts, History, Traffic
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import NOTHING_LEFT
from outboundd.model.settings import Limits, Warmup

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
IDLE_DAYS = 14
LONGEST_DAY_H = 48  # a recipient's day with every quirk of time zones; bounds the search for its end


def day_cap(traffic: Traffic, limits: Limits, now: datetime) -> tuple[int, str]:
    """The cap in force for the sliding 24 h, and why it is this one."""
    cap, why = warm_cap(traffic.sending_days, limits, now.date())
    if traffic.halved_until is not None and traffic.halved_until > now:
        return max(1, cap // 2), f"halved after the guard until {traffic.halved_until:%Y-%m-%d %H:%M} UTC"
    return cap, why


def warm_cap(sending_days: Sequence[date], limits: Limits, today: date) -> tuple[int, str]:
    """The day's cap by the warm-up alone. At least 1: only sending days count, so from 0 it would never grow."""
    warmup = limits.warmup
    earned = _earned(sending_days, _days_of_growth(limits), today)
    grown = warmup.start_per_day + warmup.grow_per_day * earned
    if max(grown, warmup.already_per_day) >= limits.per_day:
        return limits.per_day, "per_day"
    if warmup.already_per_day > grown:
        return warmup.already_per_day, "warm-up, already_per_day"
    return max(1, grown), f"warm-up, sending day {earned + 1}" + _after_idle_days(sending_days, today)


def hold(facts: Facts, now: datetime) -> Hold | None:
    """Wait while the sliding hour or the sliding day is full; when both are, until both are free."""
    full = [hour for hour in (_hour_full(facts, now), _day_full(facts, now)) if hour is not None]
    if not full:
        return None
    until, why = max(full)
    return Hold(kind=HoldKind.CAP, until=until, why=why)


def person(facts: Facts, now: datetime) -> Hold | Stop | None:
    """Stop when this person has had as many mails as anybody gets, under whatever row."""
    limits = facts.settings.limits
    posts = _may_have_left(facts.history.person_posts, facts.history)
    lately = _since(posts, now - timedelta(days=limits.per_person_days))
    if len(lately) < limits.per_person_mails:
        return None
    return Stop(
        stage=Stage.FINISHED,
        why=f"over-contacted: {len(lately)} mails to this person within {limits.per_person_days} days",
    )


def company(lead: Lead, facts: Facts, now: datetime, local_date_of: Callable[[datetime], date | None]) -> Hold | None:
    """Wait for the recipient's next day when the lead's company has had its mails of today.

    `local_date_of` gives the date on the recipient's calendar, None while the zone is unknown: another rule's matter.
    """
    today = local_date_of(now)
    if today is None:
        return None
    most = facts.settings.limits.per_company_per_day
    days = [local_date_of(at) for at in _may_have_left(facts.history.company_posts, facts.history)]
    if sum(1 for day in days if day is not None and day >= today) < most:
        return None
    return Hold(
        kind=HoldKind.COMPANY,
        until=_next_day(now, today, local_date_of),
        why=f"cap of the company's day reached ({most})",
    )


def share_of_hour(per_hour: int, runs_per_hour: float) -> int:
    """How many mails one scheduled run sends, so that a day's volume is spread and not burst."""
    return max(1, math.ceil(per_hour / max(1.0, runs_per_hour)))


def gap_s(limits: Limits, chance: float) -> float:
    """The pause before the next mail of a run; `chance` in [0, 1) says where between the two bounds it lies."""
    shortest, longest = limits.gap_s
    return shortest + (longest - shortest) * chance


def room_for_drafts(facts_traffic: Traffic, limits: Limits, in_stock: int, now: datetime) -> int:
    """How many more drafts are worth their money: no more than can leave within `draft_horizon_h`."""
    end = now + timedelta(hours=limits.draft_horizon_h)
    may_leave = 0
    while end - DAY >= now:
        may_leave += day_cap(facts_traffic, limits, end)[0]
        end -= DAY
    if end > now:
        still_counted = len(_since(facts_traffic.posts, end - DAY))
        may_leave += max(0, day_cap(facts_traffic, limits, end)[0] - still_counted)
    return max(0, may_leave - in_stock)


def days_to_full(traffic: Traffic, limits: Limits, now: datetime) -> int | None:
    """Sending days until the warm-up reaches per_day: 0 when it has, None when it never will."""
    today = now.date()
    if warm_cap(traffic.sending_days, limits, today)[0] >= limits.per_day:
        return 0
    full = _days_of_growth(limits)
    return None if full is None else full - _earned(traffic.sending_days, full, today)


def _days_of_growth(limits: Limits) -> int | None:
    """Sending days from start_per_day to per_day; None when nothing grows."""
    warmup: Warmup = limits.warmup
    if warmup.grow_per_day <= 0:
        return None
    return max(0, math.ceil((limits.per_day - warmup.start_per_day) / warmup.grow_per_day))


def _earned(sending_days: Sequence[date], full: int | None, today: date) -> int:
    """Sending days before today that still count for the ramp.

    A long idle time halves what had been reached: days beyond the full ramp earned nothing, so they are not halved.
    Days after today (a clock that stepped back) are not earlier days.
    """
    days = [*(day for day in sending_days if day < today), today]
    earned = 0
    for day, following in pairwise(days):
        earned += 1
        if full is not None:
            earned = min(earned, full)
        if _is_idle(day, following):
            earned //= 2
    return earned


def _is_idle(day: date, following: date) -> bool:
    return (following - day).days > IDLE_DAYS


def _after_idle_days(sending_days: Sequence[date], today: date) -> str:
    earlier = [day for day in sending_days if day < today]
    return " (half after an idle time)" if earlier and _is_idle(earlier[-1], today) else ""


def _hour_full(facts: Facts, now: datetime) -> tuple[datetime, str] | None:
    most = facts.settings.limits.per_hour
    posts = _since(facts.traffic.posts, now - HOUR)
    if len(posts) < most:
        return None
    return posts[-most] + HOUR, f"cap of the hour reached ({most})"


def _day_full(facts: Facts, now: datetime) -> tuple[datetime, str] | None:
    traffic, limits = facts.traffic, facts.settings.limits
    cap, why = day_cap(traffic, limits, now)
    posts = _since(traffic.posts, now - DAY)
    if len(posts) < cap:
        return None
    frees = posts[-cap] + DAY
    grows = [at for at in _cap_changes(traffic, now) if at < frees and _has_room(traffic, limits, at)]
    return min([frees, *grows]), f"cap of the day reached ({cap}: {why})"


def _cap_changes(traffic: Traffic, now: datetime) -> list[datetime]:
    """Instants at which the day's cap may grow although no mail has left the window."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    halved_until = traffic.halved_until
    return [midnight] if halved_until is None or halved_until <= now else [midnight, halved_until]


def _has_room(traffic: Traffic, limits: Limits, at: datetime) -> bool:
    return len(_since(traffic.posts, at - DAY)) < day_cap(traffic, limits, at)[0]


def _since(posts: Sequence[datetime], begin: datetime) -> list[datetime]:
    """Posts after `begin`, oldest first. Those in the future stay: a clock that stepped back frees no cap early."""
    return sorted(at for at in posts if at > begin)


def _may_have_left(posts: Sequence[datetime], history: History) -> list[datetime]:
    certainly_not = {attempt.posted_at for attempt in history.attempts if attempt.state in NOTHING_LEFT}
    return [at for at in posts if at not in certainly_not]


def _next_day(now: datetime, today: date, local_date_of: Callable[[datetime], date | None]) -> datetime:
    """The first full hour of the recipient's next day. Whole hours will do: nobody is written to at midnight."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    hours = (hour + HOUR * n for n in range(1, LONGEST_DAY_H))
    later = (at for at in hours if (day := local_date_of(at)) is not None and day > today)
    return next(later, hour + HOUR * LONGEST_DAY_H)

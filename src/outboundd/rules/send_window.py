"""May mail leave for this recipient now, and if not, when?"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from outboundd.model.decision import Hold, HoldKind, Objection, Stop
from outboundd.model.lead import Lead, Stage
from outboundd.model.settings import Hours
from outboundd.rules import countries, zones
from outboundd.rules.zones import Whereabouts

_MOST_PEOPLE = 0.9
_LEAST_OVERLAP = timedelta(hours=2)
_DAYS_AHEAD = 366
_SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class _Window:
    """The office hours of one date: from `opens` to before `closes`. `last_to_open` and `first_to_close` bound it."""

    opens: datetime
    closes: datetime
    last_to_open: ZoneInfo
    first_to_close: ZoneInfo


def hold(lead: Lead, hours: Hours, now: datetime) -> Hold | Stop | None:
    """None when mail may leave at `now`; else why not, and the first instant at which it may."""
    where = zones.whereabouts(lead)
    if isinstance(where, str):
        return Stop(stage=Stage.REVIEW, why=where, objection=Objection.ZONE)
    until = _opening(where, hours, now)
    if until is None:
        why = f"no open day within a year in {countries.name_of(where.country)}; look at the closed days"
        return Stop(stage=Stage.REVIEW, why=why, objection=Objection.ZONE)
    if until == now:
        return None
    return Hold(kind=HoldKind.TIME, until=until, why=_why(where, hours, now))


def next_opening(lead: Lead, hours: Hours, now: datetime) -> datetime | None:
    """The first instant from `now` on at which mail may leave; None when that is not known."""
    where = zones.whereabouts(lead)
    return None if isinstance(where, str) else _opening(where, hours, now)


def local_date(lead: Lead, now: datetime) -> date | None:
    """The date on the recipient's calendar; None when their zone is not known."""
    where = zones.whereabouts(lead)
    return None if isinstance(where, str) else _today(where, now)


def _today(where: Whereabouts, now: datetime) -> date:
    return now.astimezone(where.zones[0]).date()


def _opening(where: Whereabouts, hours: Hours, now: datetime) -> datetime | None:
    today = _today(where, now)
    for ahead in range(_DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        if _closed(where, hours, day):
            continue
        window = _window(where, hours.start, hours.end, day)
        opening = max(now, window.opens)
        if opening < window.closes:
            return opening
    return None


def _why(where: Whereabouts, hours: Hours, now: datetime) -> str:
    today = _today(where, now)
    closed = _closed(where, hours, today)
    if closed:
        return closed
    window = _window(where, hours.start, hours.end, today)
    word, zone = ("before", window.last_to_open) if now < window.opens else ("after", window.first_to_close)
    return f"{word} office hours at the recipient ({now.astimezone(zone):%H:%M} in {zone.key})"


def _closed(where: Whereabouts, hours: Hours, day: date) -> str:
    """Why no mail leaves on this date of the recipient's calendar; empty when it may."""
    free = _free_day(where.country, where.subdivision, day)
    if not free and any(first <= day <= last for first, last in hours.closed):
        return "closed day of ours"
    return free


@lru_cache(maxsize=16384)
def _free_day(country: str, subdivision: str, day: date) -> str:
    calendar = _calendar(country, subdivision, day.year)
    place = countries.name_of(country)
    if calendar.is_weekend(day):
        return f"weekend at the recipient ({day:%A} in {place})"
    if day.weekday() >= _SATURDAY:
        return f"no mail on a {day:%A}, though a working day in {place}"
    name = calendar.get(day)
    if not name:
        return ""
    national = not subdivision or day in _calendar(country, "", day.year)
    return f"public holiday in {country if national else f'{country}-{subdivision}'}: {name}"


@lru_cache(maxsize=1024)
def _calendar(country: str, subdivision: str, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=subdivision or None, years=year, expand=False, language="en_US")


@lru_cache(maxsize=16384)
def _window(where: Whereabouts, start: time, end: time, day: date) -> _Window:
    """The hours that suit all zones of 90 % of the people, or where those overlap too little, the most populous."""
    overlap = _overlap(_zones_of_most(where, start, end, day), start, end, day)
    if overlap.closes - overlap.opens >= _LEAST_OVERLAP:
        return overlap
    return _overlap(where.zones[:1], start, end, day)


def _overlap(those: tuple[ZoneInfo, ...], start: time, end: time, day: date) -> _Window:
    last_to_open = max(those, key=lambda zone: _opens(zone, start, day))
    first_to_close = min(those, key=lambda zone: _closes(zone, end, day))
    return _Window(
        opens=_opens(last_to_open, start, day),
        closes=_closes(first_to_close, end, day),
        last_to_open=last_to_open,
        first_to_close=first_to_close,
    )


def _zones_of_most(where: Whereabouts, start: time, end: time, day: date) -> tuple[ZoneInfo, ...]:
    """One zone for each span of hours that must agree: the most populous zone's first, then those of most people."""
    people: dict[tuple[datetime, datetime], float] = {}
    example: dict[tuple[datetime, datetime], ZoneInfo] = {}
    for zone, share in zip(where.zones, where.shares, strict=True):
        span = (_opens(zone, start, day), _closes(zone, end, day))
        people[span] = people.get(span, 0.0) + share
        example.setdefault(span, zone)
    first, *others = people
    chosen = [example[first]]
    held = people[first]
    for span in sorted(others, key=lambda span: -people[span]):
        if held >= _MOST_PEOPLE:
            break
        chosen.append(example[span])
        held += people[span]
    return tuple(chosen)


# On the two nights a year when the clock is put, a time exists twice or not at all: the reading that lies inside the
# office hours by either clock counts.
def _opens(zone: ZoneInfo, start: time, day: date) -> datetime:
    return max(_readings(zone, start, day))


def _closes(zone: ZoneInfo, end: time, day: date) -> datetime:
    return min(_readings(zone, end, day))


def _readings(zone: ZoneInfo, at: time, day: date) -> tuple[datetime, datetime]:
    local = datetime.combine(day, at, tzinfo=zone)
    return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)

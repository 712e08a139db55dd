"""What was asked for: which page, which days? Days are whole ones of the account's zone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from outboundd.sandbox.brevo_refusal import Refusal, invalid

Query = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Page:
    """A piece of a list: `desc`, newest first, unless asked otherwise."""

    limit: int
    offset: int
    newest_first: bool


def page(query: Query, *, default: int, most: int) -> Page:
    """The page. Refusal when the limit is over `most`."""
    sort = query.get("sort", "desc")
    if sort not in ("asc", "desc"):
        raise invalid("sort is not valid")
    limit = _number(query, "limit", default)
    if limit > most:
        raise Refusal(400, "out_of_range", f"limit exceeds max value {most}")
    return Page(limit=limit, offset=_number(query, "offset", 0), newest_first=sort == "desc")


@dataclass(frozen=True, kw_only=True)
class Days:
    """From the midnight that begins the first day to the one that ends the last."""

    begin: datetime
    end: datetime


def days(query: Query, *, zone: ZoneInfo, today: date, longest: int) -> Days:
    """`startDate` with `endDate`, or `days` back from today, or the last 30. Refusal beyond `longest` days."""
    first, last = _dates(query)
    if first is None or last is None:
        count = _number(query, "days", 30)
        if not 1 <= count <= longest:
            raise Refusal(400, "out_of_range", f"days must be between 1 and {longest}")
        return _whole(today - timedelta(days=count - 1), today, zone)
    if "days" in query:
        raise invalid("days can not be used with startDate and endDate")
    if (last - first).days > longest:
        raise Refusal(400, "out_of_range", f"the period is longer than {longest} days")
    return _whole(first, last, zone)


def any_days(query: Query, *, zone: ZoneInfo, today: date) -> Days | None:
    """Both dates, not in the future, or None when neither is given."""
    first, last = _dates(query)
    if first is None or last is None:
        return None
    if last > today:
        raise invalid("endDate is in the future")
    return _whole(first, last, zone)


def tags(query: Query) -> tuple[str, ...]:
    """A JSON array, or one tag as it is."""
    text = query.get("tags", "")
    if not text.startswith("["):
        return (text,) if text else ()
    try:
        return tuple(str(one) for one in json.loads(text))
    except ValueError as error:
        raise invalid("tags is not valid") from error


def _dates(query: Query) -> tuple[date, date] | tuple[None, None]:
    given = [query[name] for name in ("startDate", "endDate") if query.get(name)]
    if not given:
        return None, None
    if len(given) == 1:
        raise Refusal(400, "missing_parameter", "startDate and endDate must be given together")
    try:
        first, last = (datetime.strptime(one, "%Y-%m-%d").date() for one in given)  # noqa: DTZ007 (days have no zone)
    except ValueError as error:
        raise invalid("startDate or endDate is not valid") from error
    if first > last:
        raise invalid("startDate is after endDate")
    return first, last


def _whole(first: date, last: date, zone: ZoneInfo) -> Days:
    return Days(
        begin=datetime.combine(first, time(), zone), end=datetime.combine(last + timedelta(days=1), time(), zone)
    )


def _number(query: Query, name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise invalid(f"{name} is not valid")
    return int(text)

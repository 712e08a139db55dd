"""What may run out, and when: mailer credits, the month's calls to the store?"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

_WEEK = 7
# Requests a month that a workspace may make (Airtable help centre, "Managing API call limits", 2026-08).
PLANS = {"airtable": "Airtable's Team plan takes 100,000 a month, the free one 1,000"}


@dataclass(frozen=True, kw_only=True)
class Calls:
    """Requests to a vendor in the calendar month (UTC; whose month the vendor means is not stated): so far, by its end.

    Ours alone: what else uses the workspace is not seen.
    """

    vendor: str
    so_far: int
    forecast: int


def calls_of_month(vendor: str, by_day: Mapping[date, int], today: date) -> Calls:
    """The forecast goes by the last seven full days, or by as many as there are; on the very first day by that one."""
    month = today.replace(day=1)
    so_far = sum(number for day, number in by_day.items() if month <= day <= today)
    full = min(_WEEK, (today - min(by_day, default=today)).days)
    now = by_day.get(today, 0)
    lately = sum(by_day.get(today - timedelta(days=ago), 0) for ago in range(1, full + 1))
    a_day = lately / full if full else now
    days_left = calendar.monthrange(today.year, today.month)[1] - today.day
    return Calls(vendor=vendor, so_far=so_far, forecast=round(so_far - now + max(now, a_day) + a_day * days_left))


def sentences(credits_left: int | None, mails_a_day: float, calls: Calls | None) -> tuple[str, ...]:
    """As the operator reads it. `mails_a_day`: on a sending day, lately; 0 where none was."""
    told = []
    if credits_left is not None:
        lasts = f", {credits_left / mails_a_day:,.1f} sending days at the last week's speed" if mails_a_day else ""
        told.append(f"mailer credits: {credits_left:,} left{lasts}")
    if calls is not None:
        plan = f"; {PLANS[calls.vendor]}" if calls.vendor in PLANS else ""
        told.append(f"calls to {calls.vendor} this month: {calls.so_far:,}, about {calls.forecast:,} by its end{plan}")
    return tuple(told)

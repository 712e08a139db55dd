"""Do bounces, unsubscribes or complaints say that the list is bad, so that sending must pause?

A test, not a ratio of two small numbers: a naive rate rule pauses good lists. It pauses when there are at least three,
the rate is over the limit, and so many or more would be rare on a list that keeps well within the limit.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from outboundd.model.facts import EventCounts
from outboundd.model.settings import GuardLimits
from outboundd.rules.texts import many

AT_LEAST = 3
RARE = 0.05
GOOD_LIST = 2 / 3  # of the limit: the list that must not be paused by bad luck
COMPLAINTS_THAT_PAUSE = 2
HALVED = timedelta(days=2)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Pause all mail to leads, only warn the operator, or neither; `why` is empty for neither."""

    pause: bool
    warn: bool
    why: str


def verdict(counts: EventCounts, limits: GuardLimits) -> Verdict:
    """What the guard says of this period. The denominator is what was sent."""
    reasons = [
        *_bad("hard bounce", counts.hard_bounced, counts.sent, limits.hard_bounce_rate),
        *_bad("unsubscribe", counts.unsubscribed, counts.sent, limits.unsubscribe_rate),
        *_complaints(counts, limits.complaint_rate),
    ]
    if reasons:
        return Verdict(pause=True, warn=False, why="; ".join(reasons))
    if counts.complained:
        return Verdict(pause=False, warn=True, why=_sentence("complaint", counts.complained, counts.sent))
    return Verdict(pause=False, warn=False, why="")


def window_start(now: datetime, limits: GuardLimits, resumed_at: datetime | None) -> datetime:
    """From when on to count: a sliding window, but never what was known when the operator said `resume guard`."""
    begin = now - timedelta(days=limits.window_days)
    return begin if resumed_at is None else max(begin, resumed_at)


def halved_until(resumed_at: datetime) -> datetime:
    """Until when the day's cap is halved after the operator resumed."""
    return resumed_at + HALVED


def _bad(what: str, count: int, sent: int, limit: float) -> list[str]:
    if count < AT_LEAST or not _over(count, sent, limit):
        return []
    if _tail(count, sent, limit * GOOD_LIST) >= RARE:
        return []
    return [f"{_sentence(what, count, sent)}, limit {limit:.2%}"]


def _complaints(counts: EventCounts, limit: float) -> list[str]:
    """Two complaints pause, unless so much was sent that two lie within the limit: then as many as exceed it."""
    if counts.complained < COMPLAINTS_THAT_PAUSE or not _over(counts.complained, counts.sent, limit):
        return []
    return [f"{_sentence('complaint', counts.complained, counts.sent)}, limit {limit:.2%}"]


def _over(count: int, sent: int, limit: float) -> bool:
    return count > limit * sent


def _sentence(what: str, count: int, sent: int) -> str:
    return f"{many(count, what)} of {sent} mails sent"


def _tail(count: int, sent: int, rate: float) -> float:
    """Probability of `count` or more among `sent` when each has this rate: the binomial tail, in logarithms.

    Logarithms, because (1 - rate) ** sent is 0.0 for a large campaign, and the guard would then never speak.
    """
    if rate <= 0:
        return 0.0
    return 1.0 - math.fsum(_exactly(few, sent, rate) for few in range(min(count, sent)))


def _exactly(count: int, sent: int, rate: float) -> float:
    ways = math.lgamma(sent + 1) - math.lgamma(count + 1) - math.lgamma(sent - count + 1)
    return math.exp(ways + count * math.log(rate) + (sent - count) * math.log1p(-rate))

"""Does the guard pause a bad list soon and leave a good one alone?"""

import random
from datetime import UTC, datetime, timedelta
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.model.facts import EventCounts
from outboundd.model.settings import GuardLimits
from outboundd.rules import guard

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
LIMITS = GuardLimits()


def first_pause(rate: float, mails: int, seed: int) -> int | None:
    """After how many mails of a list with this bounce rate the guard pauses, asked after every mail."""
    chance = random.Random(seed)
    bounced = 0
    for sent in range(1, mails + 1):
        bounced += chance.random() < rate
        if guard.verdict(EventCounts(sent=sent, hard_bounced=bounced), LIMITS).pause:
            return sent
    return None


@pytest.mark.parametrize(
    ("sent", "bounced", "pause"),
    [
        (0, 0, False),
        (10, 2, False),  # 20 %, but two are no evidence
        (10, 3, True),
        (200, 3, False),  # exactly the limit
        (190, 3, False),  # over the limit, but no rarity on a good list
        (500, 9, False),
        (500, 10, True),
        (100_000, 1_600, True),  # so many that a naive power would underflow
        (100_000, 1_000, False),
    ],
)
def test_hard_bounces_pause_only_when_the_list_is_to_blame(sent, bounced, pause):
    """At least three, over the limit, and rare on a list at two thirds of the limit."""
    assert guard.verdict(EventCounts(sent=sent, hard_bounced=bounced), LIMITS).pause is pause


def test_a_good_list_rarely_pauses_and_a_bad_one_soon_does():
    """Of 200 launches of 500 mails: at 0.7 % few are paused, at 4 % nearly all, and half of them within 150 mails."""
    good = [first_pause(0.007, 500, seed) for seed in range(200)]
    bad = sorted(first_pause(0.04, 500, seed) or 501 for seed in range(200))
    assert sum(1 for sent in good if sent is not None) <= 20
    assert bad[189] <= 500
    assert bad[100] <= 150


def test_unsubscribes_are_judged_by_the_same_test():
    """Their own limit, the same test, and the reason says which it was."""
    assert not guard.verdict(EventCounts(sent=1000, unsubscribed=8), LIMITS).pause
    verdict = guard.verdict(EventCounts(sent=1000, unsubscribed=12), LIMITS)
    assert verdict.pause
    assert verdict.why == "12 unsubscribes of 1000 mails sent, limit 0.80%"


def test_one_complaint_warns_and_two_pause():
    """A complaint is rare and costly: no third is waited for."""
    one = guard.verdict(EventCounts(sent=500, complained=1), LIMITS)
    two = guard.verdict(EventCounts(sent=500, complained=2), LIMITS)
    assert (one.pause, one.warn, one.why) == (False, True, "1 complaint of 500 mails sent")
    assert (two.pause, two.warn, two.why) == (True, False, "2 complaints of 500 mails sent, limit 0.10%")


def test_a_large_campaign_is_not_paused_by_two_complaints_within_the_rate():
    """Two in 2,000 are at complaint_rate, not over it: a warning; six in 5,000 are over."""
    assert guard.verdict(EventCounts(sent=2000, complained=2), LIMITS).warn
    assert guard.verdict(EventCounts(sent=5000, complained=6), LIMITS).pause


def test_every_reason_is_told():
    """A list that is bad in two ways says both."""
    verdict = guard.verdict(EventCounts(sent=100, hard_bounced=9, complained=3), LIMITS)
    assert "hard bounces" in verdict.why
    assert "complaints" in verdict.why


def test_a_quiet_list_has_nothing_to_say():
    """No bounces, no words."""
    assert guard.verdict(EventCounts(sent=500), LIMITS) == guard.Verdict(pause=False, warn=False, why="")


def test_a_limit_of_zero_pauses_at_the_third():
    """An operator who wants no bounces at all gets the smallest number that is a test."""
    limits = GuardLimits(hard_bounce_rate=0.0)
    assert not guard.verdict(EventCounts(sent=5000, hard_bounced=2), limits).pause
    assert guard.verdict(EventCounts(sent=5000, hard_bounced=3), limits).pause


@given(sent=st.integers(1, 3000), bounced=st.integers(0, 60), more=st.integers(0, 60))
def test_more_bounces_never_lift_a_pause_and_more_mails_never_cause_one(sent, bounced, more):
    """The verdict is monotonic in both directions."""
    base = guard.verdict(EventCounts(sent=sent, hard_bounced=bounced), LIMITS).pause
    assert guard.verdict(EventCounts(sent=sent, hard_bounced=bounced + more), LIMITS).pause >= base
    assert guard.verdict(EventCounts(sent=sent + more, hard_bounced=bounced), LIMITS).pause <= base


@given(sent=st.integers(3, 400), bounced=st.integers(3, 400))
def test_the_verdict_is_the_exact_binomial_test(sent, bounced):
    """Compared with the tail summed term by term from whole numbers."""
    bounced = min(sent, bounced)
    rate = 0.01
    tail = sum(comb(sent, few) * rate**few * (1 - rate) ** (sent - few) for few in range(bounced, sent + 1))
    expected = bounced / sent > 0.015 and tail < 0.05
    assert guard.verdict(EventCounts(sent=sent, hard_bounced=bounced), LIMITS).pause is expected


def test_after_a_resume_it_counts_from_there():
    """What the operator has seen and resumed does not pause again; an old resume changes nothing."""
    week_ago = NOW - timedelta(days=7)
    assert guard.window_start(NOW, LIMITS, None) == week_ago
    assert guard.window_start(NOW, LIMITS, NOW - timedelta(days=1)) == NOW - timedelta(days=1)
    assert guard.window_start(NOW, LIMITS, NOW - timedelta(days=30)) == week_ago


def test_the_cap_is_halved_for_two_days_after_a_resume():
    """The instant that caps.day_cap is given."""
    assert guard.halved_until(NOW) == NOW + timedelta(days=2)

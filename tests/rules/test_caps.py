"""Is there ever more mail than the limits allow, and is what is held told when it may go on?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.model.decision import Hold, HoldKind, Stop
from outboundd.model.facts import Facts, History, Traffic
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import Attempt, AttemptState
from outboundd.model.settings import Campaign, Limits, Sender, Settings, Warmup
from outboundd.rules import caps

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
TODAY = NOW.date()
LEAD = Lead(id="lead1", company="Birch & Co")
NO_WARMUP = Warmup(start_per_day=500)
HONOLULU = timezone(timedelta(hours=-10))


def days(count: int, *, last: date = TODAY - timedelta(days=1)) -> tuple[date, ...]:
    """So many sending days in a row, the last one given."""
    return tuple(last - timedelta(days=back) for back in reversed(range(count)))


def world(limits: Limits, *, posts: tuple[datetime, ...] = (), history: History | None = None) -> Facts:
    """Facts with these limits and posts; today and yesterday were sending days."""
    settings = Settings(campaign=Campaign(sender=Sender(name="Ada Park", email="ada@acme.example")), limits=limits)
    traffic = Traffic(posts=posts, sending_days=days(2, last=TODAY))
    return Facts(settings=settings, traffic=traffic, history=history or History())


def attempt(at: datetime, state: AttemptState) -> Attempt:
    """An attempt of the lead's first mail."""
    return Attempt(
        tag=f"c.lead1.0.{at.minute}",
        lead="lead1",
        step=0,
        n=1,
        mailer="maildir",
        person="p",
        company="c",
        posted_at=at,
        subject="",
        text="",
        text_hash="",
        state=state,
    )


class TestTheWarmUp:
    """How many mails may leave in a day while the sending domain is young."""

    @pytest.mark.parametrize(("earlier", "cap"), [(0, 20), (1, 30), (3, 50), (47, 490), (48, 500), (400, 500)])
    def test_the_cap_grows_with_every_sending_day_up_to_per_day(self, earlier, cap):
        """20 on the first day, 10 more after each day on which mail left, never more than per_day."""
        assert caps.day_cap(Traffic(sending_days=days(earlier)), Limits(), NOW)[0] == cap

    def test_the_operator_reads_which_sending_day_it_is(self):
        """The reason names the day of the warm-up, and nothing but per_day when it is over."""
        assert caps.day_cap(Traffic(sending_days=days(3)), Limits(), NOW)[1] == "warm-up, sending day 4"
        assert caps.day_cap(Traffic(sending_days=days(48)), Limits(), NOW)[1] == "per_day"

    def test_todays_first_mail_does_not_raise_todays_cap(self):
        """Today becomes an earlier sending day tomorrow, not at its own first mail."""
        before = caps.day_cap(Traffic(sending_days=days(3)), Limits(), NOW)
        assert caps.day_cap(Traffic(sending_days=days(4, last=TODAY)), Limits(), NOW) == before

    def test_days_without_mail_earn_nothing(self):
        """A weekend between two sending days counts for nothing and costs nothing."""
        sent = (date(2026, 2, 26), date(2026, 2, 27), date(2026, 3, 2))
        assert caps.day_cap(Traffic(sending_days=sent), Limits(), NOW)[0] == 50

    def test_a_domain_in_use_starts_where_it_stands(self):
        """already_per_day is the least, until the ramp passes it, and per_day stays the most."""
        limits = Limits(warmup=Warmup(already_per_day=100))
        assert caps.day_cap(Traffic(), limits, NOW) == (100, "warm-up, already_per_day")
        assert caps.day_cap(Traffic(sending_days=days(9)), limits, NOW)[0] == 110
        assert caps.day_cap(Traffic(), replace(limits, per_day=80), NOW) == (80, "per_day")

    @pytest.mark.parametrize(("idle", "cap"), [(13, 120), (14, 70), (60, 70)])
    def test_fourteen_idle_days_halve_what_was_reached(self, idle, cap):
        """Ten sending days earn 120 a day; after two idle weeks five of them are left."""
        last = TODAY - timedelta(days=idle + 1)
        assert caps.day_cap(Traffic(sending_days=days(10, last=last)), Limits(), NOW)[0] == cap

    def test_an_idle_time_is_told_on_the_day_after_it(self):
        """The operator who sees the cap fall reads why."""
        traffic = Traffic(sending_days=days(10, last=TODAY - timedelta(days=30)))
        assert caps.day_cap(traffic, Limits(), NOW)[1] == "warm-up, sending day 6 (half after an idle time)"

    def test_each_idle_time_halves_again(self):
        """Ten days, a long gap, one day, a long gap: (10 / 2 + 1) / 2 = 3 days are left."""
        sent = (*days(10, last=date(2025, 12, 1)), date(2026, 1, 15))
        assert caps.day_cap(Traffic(sending_days=sent), Limits(), NOW)[0] == 50

    def test_a_year_at_full_power_is_halved_like_the_day_it_was_reached(self):
        """Half of what had been reached: days beyond the ramp do not shield from the idle rule."""
        traffic = Traffic(sending_days=days(400, last=TODAY - timedelta(days=20)))
        assert caps.day_cap(traffic, Limits(), NOW)[0] == 20 + 24 * 10

    def test_a_clock_that_stepped_back_earns_no_days(self):
        """Sending days after today are not earlier days."""
        traffic = Traffic(sending_days=days(10, last=TODAY + timedelta(days=10)))
        assert caps.day_cap(traffic, Limits(), NOW)[0] == 20

    def test_a_warm_up_that_starts_at_nothing_still_starts(self):
        """Only sending days count, so a cap of 0 would stay 0 for ever."""
        cap = caps.day_cap(Traffic(), Limits(warmup=Warmup(start_per_day=0)), NOW)
        assert cap == (1, "warm-up, sending day 1")

    def test_without_growth_the_start_stays(self):
        """grow_per_day = 0 is a fixed cap."""
        limits = Limits(warmup=Warmup(grow_per_day=0))
        assert caps.day_cap(Traffic(sending_days=days(40)), limits, NOW)[0] == 20
        assert caps.days_to_full(Traffic(), limits, NOW) is None

    @pytest.mark.parametrize(("earlier", "left"), [(0, 48), (47, 1), (48, 0), (90, 0)])
    def test_check_can_say_when_full_power_is_reached(self, earlier, left):
        """The number of sending days that are still to come before the cap is per_day."""
        assert caps.days_to_full(Traffic(sending_days=days(earlier)), Limits(), NOW) == left

    @given(st.lists(st.dates(date(2025, 1, 1), date(2026, 6, 1)), unique=True, max_size=80))
    def test_the_cap_stays_between_its_start_and_per_day(self, sent):
        """Whatever the history, the cap is never below the start nor above per_day."""
        assert 20 <= caps.day_cap(Traffic(sending_days=tuple(sorted(sent))), Limits(), NOW)[0] <= 500


class TestAfterTheGuard:
    """Two careful days after `resume guard`."""

    def test_the_cap_is_half_until_the_instant_named(self):
        """The reason tells the end, and at that instant the whole cap is back."""
        until = NOW + timedelta(days=1)
        traffic = Traffic(sending_days=days(3), halved_until=until)
        assert caps.day_cap(traffic, Limits(), NOW) == (25, "halved after the guard until 2026-03-05 10:00 UTC")
        assert "halved" not in caps.day_cap(traffic, Limits(), until)[1]

    def test_half_of_one_is_one(self):
        """A halved cap still lets one mail leave."""
        assert caps.day_cap(Traffic(halved_until=NOW + timedelta(hours=1)), Limits(per_day=1), NOW)[0] == 1


class TestTheSlidingHourAndDay:
    """No hour and no day, wherever it begins, sees more than its share."""

    def test_nothing_is_held_below_the_caps(self):
        """An empty or half-full window lets the next mail go."""
        assert caps.hold(world(Limits(per_hour=2)), NOW) is None
        assert caps.hold(world(Limits(per_hour=2), posts=(NOW,)), NOW) is None

    def test_a_full_hour_frees_when_its_oldest_mail_is_an_hour_old(self):
        """The end of the hold is exact: the instant the sliding hour frees."""
        posts = (NOW - timedelta(minutes=50), NOW - timedelta(minutes=10))
        hold = caps.hold(world(Limits(per_hour=2), posts=posts), NOW)
        expected = NOW + timedelta(minutes=10)
        assert hold == Hold(kind=HoldKind.CAP, until=expected, why="cap of the hour reached (2)")
        assert caps.hold(world(Limits(per_hour=2), posts=posts), expected) is None

    def test_a_full_day_frees_when_its_oldest_mail_is_a_day_old(self):
        """per_day slides over 24 hours; it does not begin anew at midnight."""
        posts = tuple(NOW - timedelta(hours=hours) for hours in (20, 9, 8))
        hold = caps.hold(world(Limits(per_day=3, warmup=NO_WARMUP), posts=posts), NOW)
        assert hold is not None
        assert hold.until == NOW + timedelta(hours=4)
        assert hold.why == "cap of the day reached (3: per_day)"

    def test_a_cap_lowered_below_what_has_left_waits_for_enough_to_pass(self):
        """Four mails under the old cap, a cap of two now: three must grow old, whatever order they are told in."""
        posts = tuple(NOW - timedelta(minutes=minutes) for minutes in (20, 50, 10, 40))
        hour = caps.hold(world(Limits(per_hour=2), posts=posts), NOW)
        assert hour is not None
        assert hour.until == NOW + timedelta(minutes=40)
        day = caps.hold(world(Limits(per_day=2, warmup=NO_WARMUP), posts=posts), NOW)
        assert day is not None
        assert day.until == NOW - timedelta(minutes=20) + timedelta(hours=24)

    def test_the_warm_up_frees_a_full_day_at_midnight(self):
        """When tomorrow's cap is higher, the hold ends with today."""
        posts = tuple(NOW - timedelta(hours=5, minutes=n) for n in range(30))
        hold = caps.hold(world(Limits(), posts=posts), NOW)
        assert hold is not None
        assert hold.until == datetime(2026, 3, 5, tzinfo=UTC)

    @pytest.mark.parametrize(("halved_for", "frees_in"), [(2, 2), (-2, 19)])
    def test_the_end_of_the_halving_frees_a_full_day(self, halved_for, frees_in):
        """The hold knows when the guard's half is over, and cares no more when it is."""
        limits = Limits(per_day=4 if halved_for > 0 else 2, warmup=NO_WARMUP)
        facts = world(limits, posts=(NOW - timedelta(hours=5), NOW - timedelta(hours=4)))
        traffic = replace(facts.traffic, halved_until=NOW + timedelta(hours=halved_for))
        hold = caps.hold(replace(facts, traffic=traffic), NOW)
        assert hold is not None
        assert hold.until == NOW + timedelta(hours=frees_in)

    def test_when_both_are_full_the_later_end_counts(self):
        """A free hour helps nobody while the day is full."""
        posts = (NOW - timedelta(minutes=2), NOW - timedelta(minutes=1))
        hold = caps.hold(world(Limits(per_hour=2, per_day=2, warmup=NO_WARMUP), posts=posts), NOW)
        assert hold is not None
        assert hold.until == posts[0] + timedelta(days=1)

    def test_a_clock_that_stepped_back_frees_no_cap(self):
        """Posts that seem to lie in the future count like those of now."""
        posts = (NOW + timedelta(hours=2), NOW + timedelta(hours=3))
        hold = caps.hold(world(Limits(per_hour=2), posts=posts), NOW)
        assert hold is not None
        assert hold.until == NOW + timedelta(hours=3)

    @given(
        waits=st.lists(st.integers(0, 5400), min_size=1, max_size=60),
        per_hour=st.integers(1, 5),
        per_day=st.integers(1, 12),
    )
    def test_no_sliding_window_ever_holds_more_than_its_cap(self, waits, per_hour, per_day):
        """Send whenever the rule allows: every window of an hour and of a day, wherever it ends, keeps its cap."""
        limits = Limits(per_hour=per_hour, per_day=per_day, warmup=NO_WARMUP)
        facts, at, sent = world(limits), NOW, []
        for wait_s in waits:
            at += timedelta(seconds=wait_s)
            held = caps.hold(facts, at)
            if held is not None:
                assert held.until is not None
                assert held.until > at
                at = held.until
                assert caps.hold(facts, at) is None
            facts = facts.with_post(at)
            sent.append(at)
        for end in sent:
            assert sum(end - timedelta(hours=1) < post <= end for post in sent) <= per_hour
            assert sum(end - timedelta(hours=24) < post <= end for post in sent) <= per_day


class TestOnePerson:
    """Nobody gets more than per_person_mails in per_person_days, under whatever row."""

    def test_the_third_mail_was_the_last(self):
        """Three mails in ninety days finish every row of that person, with the reason."""
        posts = tuple(NOW - timedelta(days=back) for back in (80, 40, 5))
        stop = caps.person(world(Limits(), history=History(person_posts=posts)), NOW)
        why = "over-contacted: 3 mails to this person within 90 days"
        assert stop == Stop(stage=Stage.FINISHED, why=why)

    def test_old_mails_are_forgiven(self):
        """A mail of exactly ninety days ago no longer counts."""
        posts = tuple(NOW - timedelta(days=back) for back in (90, 40, 5))
        assert caps.person(world(Limits(), history=History(person_posts=posts)), NOW) is None

    @pytest.mark.parametrize("state", [AttemptState.REFUSED, AttemptState.ABSENT])
    def test_mails_that_did_not_leave_make_nobody_over_contacted(self, state):
        """Three broken connections are no mail: the person is still written to."""
        tries = tuple(attempt(NOW - timedelta(minutes=n), state) for n in (3, 2, 1))
        history = History(attempts=tries, person_posts=tuple(one.posted_at for one in tries))
        assert caps.person(world(Limits(), history=history), NOW) is None

    @pytest.mark.parametrize("state", [AttemptState.OPEN, AttemptState.UNKNOWN, AttemptState.SENT, AttemptState.EXTRA])
    def test_mails_that_may_have_left_count(self, state):
        """What is in doubt counts as a mail."""
        tries = tuple(attempt(NOW - timedelta(minutes=n), state) for n in (3, 2, 1))
        history = History(attempts=tries, person_posts=tuple(one.posted_at for one in tries))
        assert caps.person(world(Limits(), history=history), NOW) is not None


def honolulu(at: datetime) -> date:
    """The date on a recipient's calendar in Honolulu, whose day begins at 10:00 UTC."""
    return at.astimezone(HONOLULU).date()


class TestOneCompany:
    """Two people of one company do not get their mails on the same day of theirs."""

    def test_the_second_mail_of_a_recipients_day_waits_for_the_next(self):
        """The hold ends when the recipient's own day ends, not at midnight UTC."""
        now = NOW + timedelta(hours=3, minutes=20)
        history = History(company_posts=(NOW + timedelta(hours=1),))
        hold = caps.company(LEAD, world(Limits(), history=history), now, honolulu)
        expected = NOW + timedelta(days=1)
        assert hold == Hold(kind=HoldKind.COMPANY, until=expected, why="cap of the company's day reached (1)")

    def test_a_mail_of_the_recipients_yesterday_does_not_count(self):
        """One minute before the recipient's midnight is another day, although it is the same day in UTC."""
        history = History(company_posts=(NOW - timedelta(minutes=1),))
        assert caps.company(LEAD, world(Limits(), history=history), NOW, honolulu) is None

    def test_more_than_one_a_day_is_the_operators_choice(self):
        """per_company_per_day = 2 lets a second mail go and holds the third."""
        limits = Limits(per_company_per_day=2)
        one, two = History(company_posts=(NOW,)), History(company_posts=(NOW, NOW))
        assert caps.company(LEAD, world(limits, history=one), NOW, honolulu) is None
        assert caps.company(LEAD, world(limits, history=two), NOW, honolulu) is not None

    def test_a_clock_that_stepped_back_frees_no_company(self):
        """A post of the recipient's tomorrow counts today."""
        history = History(company_posts=(NOW + timedelta(days=1),))
        assert caps.company(LEAD, world(Limits(), history=history), NOW, honolulu) is not None

    def test_the_next_try_after_a_broken_connection_does_not_wait_a_day(self):
        """The lead's own attempt that did not leave used nothing of its company's day."""
        tried = attempt(NOW, AttemptState.REFUSED)
        history = History(attempts=(tried,), company_posts=(NOW,))
        assert caps.company(LEAD, world(Limits(), history=history), NOW, honolulu) is None

    def test_an_unknown_zone_is_not_this_rules_matter(self):
        """Without a calendar there is no day to count; the lead goes to review for its zone."""
        history = History(company_posts=(NOW,))
        assert caps.company(LEAD, world(Limits(), history=history), NOW, lambda _: None) is None

    def test_the_search_for_the_next_day_is_bounded(self):
        """A calendar that never turns its page ends the hold after two days."""
        history = History(company_posts=(NOW,))
        hold = caps.company(LEAD, world(Limits(), history=history), NOW, lambda _: TODAY)
        assert hold is not None
        assert hold.until == NOW + timedelta(hours=48)


class TestPacing:
    """A day's volume is spread, and drafts are not written for next month."""

    @pytest.mark.parametrize(
        ("per_hour", "runs", "share"), [(60, 6, 10), (60, 7, 9), (1, 6, 1), (60, 0.5, 60), (60, 0, 60)]
    )
    def test_a_run_takes_its_share_of_the_hour(self, per_hour, runs, share):
        """per_hour by its runs in an hour, rounded up, at least 1 and at most per_hour."""
        assert caps.share_of_hour(per_hour, runs) == share

    def test_the_gap_lies_between_its_bounds(self):
        """Chance 0 is the shortest gap, and chance 1 would be the longest."""
        assert caps.gap_s(Limits(gap_s=(1.0, 5.0)), 0.0) == 1.0
        assert caps.gap_s(Limits(gap_s=(1.0, 5.0)), 0.5) == 3.0

    @pytest.mark.parametrize(("horizon_h", "in_stock", "room"), [(24, 0, 40), (24, 25, 15), (24, 99, 0), (48, 0, 80)])
    def test_drafts_are_written_for_what_can_leave_within_the_horizon(self, horizon_h, in_stock, room):
        """Stock is filled up to the caps of the days in the horizon (40 each), never beyond."""
        limits = Limits(draft_horizon_h=horizon_h)
        traffic = Traffic(sending_days=days(2, last=TODAY))
        assert caps.room_for_drafts(traffic, limits, in_stock, NOW) == room

    def test_mails_that_still_count_take_room_from_a_short_horizon(self):
        """In the next six hours only what the sliding day leaves may go."""
        posts = (NOW - timedelta(hours=20), *(NOW - timedelta(hours=1, minutes=n) for n in range(12)))
        traffic = Traffic(posts=posts, sending_days=days(2, last=TODAY))
        limits = Limits(draft_horizon_h=6)
        assert caps.room_for_drafts(traffic, limits, 0, NOW) == 30 - 12
        full = replace(traffic, posts=(NOW,) * 50)
        assert caps.room_for_drafts(full, limits, 0, NOW) == 0

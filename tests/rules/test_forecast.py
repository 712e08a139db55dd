"""Does the look ahead ask the same gate, and keep every cap?"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outboundd.model.facts import Facts, Halt, History, Traffic
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import Attempt, AttemptState
from outboundd.model.settings import Campaign, FollowUp, Limits, Sender, Sequence, Settings, Warmup
from outboundd.rules import forecast
from outboundd.rules.forecast import Waiting

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SETTINGS = Settings(
    campaign=Campaign(sender=Sender(name="Ada Park", email="ada@acme.example")),
    limits=Limits(warmup=Warmup(already_per_day=500)),
    sequence=Sequence(follow_ups=(FollowUp(name="bump", after_days=6), FollowUp(name="breakup", after_days=14))),
)
FACTS = Facts(settings=SETTINGS, traffic=Traffic(reconciled_at=TUESDAY), history=History(seq=1))


def lead(number: int, stage: Stage | None = Stage.DRAFTED, **fields) -> Lead:
    """A lead in London."""
    return Lead(id=f"ld{number}", email=f"a@works{number}.example", country="GB", stage=stage, **fields)


def waiting(one: Lead, facts: Facts = FACTS, company: str = "") -> Waiting:
    """A lead as its only row; without a company it shares nobody's cap."""
    return Waiting(lead=one, facts=facts, person=one.id, company=company)


def every_ten_minutes(_job: str, at: datetime) -> datetime:
    """All jobs look every ten minutes."""
    return at + (datetime.min.replace(tzinfo=UTC) - at) % timedelta(minutes=10)


def plan(*those: Waiting, days: float = 1, share: int = 10) -> forecast.Plan:
    """The coming days from Tuesday on."""
    return forecast.plan(those, TUESDAY, TUESDAY + timedelta(days=days), every_ten_minutes, share)


def test_a_drafted_lead_in_its_hours_may_have_its_mail_now():
    """Nothing is in the way."""
    assert forecast.earliest(lead(1), FACTS, TUESDAY) == TUESDAY


def test_holds_are_followed_to_the_first_instant_that_all_rules_allow():
    """Due on Sunday, sent on Monday at nine."""
    monday = TUESDAY - timedelta(days=1)
    delivered = lead(1, Stage.DELIVERED, first_sent_at=monday, last_sent_at=monday)
    assert forecast.earliest(delivered, FACTS, TUESDAY) == datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "facts",
    [
        replace(FACTS, traffic=replace(FACTS.traffic, halts=(Halt(what="guard", since=TUESDAY, until=None, why="x"),))),
        replace(FACTS, traffic=replace(FACTS.traffic, clock_off="it made a step of 3600 s")),
    ],
)
def test_what_only_a_human_lifts_has_no_earliest_instant(facts):
    """A halt or a clock that is off ends nobody knows when."""
    assert forecast.earliest(lead(1), facts, TUESDAY) is None


def test_a_stop_has_no_earliest_instant():
    """Who has replied gets nothing."""
    assert forecast.earliest(lead(1, Stage.REPLIED), FACTS, TUESDAY) is None


def test_a_mail_in_doubt_has_none_and_the_search_for_it_ends():
    """The hold moves along as long as the outcome is not known."""
    attempt = Attempt(
        tag="default.ld1.0.1",
        lead="ld1",
        step=0,
        n=1,
        mailer="memory",
        person="p",
        company="",
        posted_at=TUESDAY,
        subject="",
        text="",
        text_hash="",
        state=AttemptState.UNKNOWN,
    )
    facts = replace(FACTS, history=History(attempts=(attempt,)))
    assert forecast.earliest(lead(1), facts, TUESDAY) is None
    assert plan(waiting(lead(1), facts)).mails == ()


def test_leads_of_a_paused_source_get_nothing_and_others_do():
    """A source's pause has no end: its leads stay out of the plan, with the reason."""
    halts = (Halt(what="source:fair", since=TUESDAY, until=None, why="bad list"),)
    facts = replace(FACTS, traffic=replace(FACTS.traffic, halts=halts))
    told = plan(waiting(lead(1, source="fair"), facts), waiting(lead(2), facts))
    assert [mail.lead for mail in told.mails] == ["ld2"]
    assert told.others[0].why == 'source:"fair" is paused: bad list'


def test_a_halt_that_a_human_lifts_is_taken_to_be_lifted():
    """The plan says what would be; the halt itself is told beside it."""
    halts = (Halt(what="mail", since=TUESDAY, until=None, why="paused"),)
    facts = replace(FACTS, traffic=replace(FACTS.traffic, halts=halts, quiet_open=True))
    assert len(plan(waiting(lead(1), facts)).mails) == 1


def test_nobody_waiting_is_an_empty_plan():
    """No lead, no mail."""
    assert plan() == forecast.Plan(mails=(), others=())


def test_a_row_of_an_older_system_is_left_alone():
    """Send dates without a stage are never read as new."""
    told = plan(waiting(lead(1, None, first_sent_at=TUESDAY)))
    assert told.mails == ()
    assert "older system" in told.others[0].why


def test_what_the_period_is_too_short_for_has_its_reason():
    """Ten mails a run, one run: the eleventh comes after the period."""
    told = plan(*(waiting(lead(number)) for number in range(11)), days=0)
    assert len(told.mails) == 10
    assert [other.why for other in told.others] == [""]


def test_a_sequence_is_played_to_its_last_mail_and_no_further():
    """First mail, bump and breakup, each once, each on a day that its gap and the week allow."""
    mails = plan(waiting(lead(1)), days=60).mails
    assert [(mail.step, mail.at.date().isoformat()) for mail in mails] == [
        (0, "2026-11-24"),
        (1, "2026-11-30"),
        (2, "2026-12-08"),
    ]


def test_the_warm_up_grows_while_the_plan_goes_on():
    """20 on the first sending day, 30 on the second, 40 on the third; who is left over stands behind the others."""
    facts = replace(FACTS, settings=replace(SETTINGS, limits=Limits(), sequence=Sequence()))
    told = plan(*(waiting(lead(number), facts) for number in range(100)), days=2.5)
    assert Counter(mail.at.day for mail in told.mails) == {24: 20, 25: 30, 26: 40}
    assert [other.why for other in told.others] == [""] * 10


@settings(max_examples=25, deadline=None)
@given(
    stages=st.lists(st.sampled_from([Stage.NEW, Stage.VERIFIED, Stage.DRAFTED, Stage.SENT]), max_size=60),
    per_hour=st.integers(1, 30),
    per_day=st.integers(1, 60),
    companies=st.integers(1, 60),
)
def test_no_plan_breaks_a_cap_or_an_hour(stages, per_hour, per_day, companies):
    """Whatever the pool: every sliding hour and day, every company's day, and office hours are kept."""
    limits = Limits(per_hour=per_hour, per_day=per_day, warmup=Warmup(already_per_day=per_day))
    facts = replace(FACTS, settings=replace(SETTINGS, limits=limits))
    sent = TUESDAY - timedelta(days=1)
    those = [
        waiting(
            lead(n, stage, **({"first_sent_at": sent, "last_sent_at": sent} if stage is Stage.SENT else {})),
            facts,
            f"works{n % companies}.example",
        )
        for n, stage in enumerate(stages)
    ]
    mails = plan(*those, days=9).mails
    times = [mail.at for mail in mails]
    assert times == sorted(times)
    assert all(sum(at - timedelta(hours=1) < other <= at for other in times) <= per_hour for at in times)
    assert all(sum(at - timedelta(days=1) < other <= at for other in times) <= per_day for at in times)
    assert all(at.weekday() < 5 and 9 <= at.hour < 17 for at in times)
    company_of = {one.lead.id: one.company for one in those}
    assert max(Counter((company_of[mail.lead], mail.at.date()) for mail in mails).values(), default=0) <= 1
    assert len({(mail.lead, mail.step) for mail in mails}) == len(mails)


def test_who_is_ready_only_while_the_caps_are_full_is_told_that_others_come_first():
    """Dubai's hours lie within the wait for the cap: not its clock is in the way but the caps."""
    one_a_day = replace(SETTINGS, limits=Limits(per_day=1, warmup=Warmup(start_per_day=1, already_per_day=1)))
    facts = replace(FACTS, settings=one_a_day)
    evening_there = TUESDAY.replace(hour=15, minute=10)
    dubai = replace(lead(2), country="AE", created_at=TUESDAY)
    leads = [waiting(dubai, facts), waiting(lead(1), facts), waiting(lead(3), facts)]
    told = forecast.plan(leads, evening_there, evening_there + timedelta(days=2), every_ten_minutes, 10)
    assert {other.lead: other.why for other in told.others}["ld2"] == ""

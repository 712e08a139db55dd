"""Is silence noticed where something should have happened, and nowhere else?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from outboundd.model.decision import Decision, Do, Hold, HoldKind, Stop
from outboundd.model.lead import Stage
from outboundd.model.settings import Campaign, Sender
from outboundd.rules import silence
from outboundd.rules.silence import Sight

NOW = datetime(2026, 11, 24, 12, 5, tzinfo=UTC)
CAMPAIGN = Campaign(sender=Sender(name="Ada Park", email="ada@mail.acme.example"), digest_to=("ops@acme.example",))
CRON = {"send": "*/10 * * * *", "reconcile": "*/15 * * * *", "digest": "0 * * * *", "draft": "5 9 * * mon"}


def ago(**time: float) -> datetime:
    """So long before now."""
    return NOW - timedelta(**time)


def looks(job: str, after: datetime) -> datetime | None:
    """The shipped schedule, and a draft job that looks on Monday mornings only."""
    if job not in CRON:
        return None
    at: datetime | None = CronTrigger.from_crontab(CRON[job], timezone=UTC).get_next_fire_time(after, after)
    return at


ON = dict.fromkeys(CRON, ago(days=2))
WELL = Sight(
    now=NOW,
    on_since=ON,
    well_since=ON,
    ran={"send": ago(minutes=5), "reconcile": ago(minutes=5), "digest": ago(minutes=5), "draft": ago(days=1, hours=3)},
    reconciled_at=ago(minutes=5),
    last_post=ago(minutes=5),
    campaign=CAMPAIGN,
    digest_date="2026-11-24",
)


def heard(sight: Sight) -> list[str]:
    """What is silent."""
    return [one.what for one in silence.found(sight, looks)]


def test_where_all_is_well_nothing_is_silent() -> None:
    """Also a job that looks once a week, and one that nobody schedules."""
    assert heard(WELL) == []
    assert heard(replace(WELL, on_since={**ON, "unknown": ago(days=2)})) == []


@pytest.mark.parametrize(
    ("change", "silent"),
    [
        ({"ran": {**WELL.ran, "send": ago(minutes=80)}}, []),  # its next look is 75 minutes ago: it may still run
        ({"ran": {**WELL.ran, "send": ago(minutes=90)}}, ["send"]),
        ({"ran": {name: at for name, at in WELL.ran.items() if name != "send"}}, ["send"]),
        ({"ran": {**WELL.ran, "draft": ago(days=2)}}, ["draft"]),
        ({"reconciled_at": ago(hours=3)}, []),
        ({"reconciled_at": ago(hours=4)}, ["complete reconcile"]),
        ({"reconciled_at": None}, ["complete reconcile"]),
        ({"reconciled_at": ago(hours=4), "well_since": {**ON, "reconcile": ago(hours=3)}}, []),
        ({"reconciled_at": ago(hours=4), "ran": {**WELL.ran, "reconcile": ago(hours=4)}}, ["reconcile"]),
        ({"digest_date": "2026-11-23"}, ["daily digest"]),
        ({"digest_date": ""}, ["daily digest"]),
        ({"digest_date": "", "well_since": {**ON, "digest": ago(hours=2)}}, []),
        ({"digest_date": "", "campaign": replace(CAMPAIGN, digest_to=())}, []),
        ({"digest_date": "", "campaign": replace(CAMPAIGN, digest_hour=10)}, []),
        ({"digest_date": "", "campaign": replace(CAMPAIGN, digest_hour=13)}, []),
        ({"digest_date": "", "campaign": replace(CAMPAIGN, timezone="America/New_York")}, []),  # seven in the morning
        ({"digest_date": "", "ran": {**WELL.ran, "digest": ago(hours=4)}}, ["digest"]),
    ],
)
def test_what_is_late_is_found_and_what_may_still_come_is_not(change: dict[str, object], silent: list[str]) -> None:
    """One cause is one message: a dead job is told as such, and a failure that was told is not told again."""
    assert heard(replace(WELL, **change)) == silent  # type: ignore[arg-type]


def test_after_a_start_or_a_resume_the_jobs_have_their_time() -> None:
    """A process that has just begun, or a job that was off until just now, has missed nothing."""
    stale = replace(WELL, ran={}, reconciled_at=None, digest_date="")
    just_now = dict.fromkeys(CRON, ago(minutes=30))
    assert heard(replace(stale, on_since=just_now, well_since=just_now)) == []
    assert heard(replace(stale, on_since={}, well_since={})) == []
    assert heard(stale) == ["send", "reconcile", "digest", "draft"]


def test_a_silence_says_when_it_was_last_heard() -> None:
    """Or that it never was."""
    late = replace(WELL, ran={**WELL.ran, "send": ago(hours=2)})
    (found,) = silence.found(late, looks)
    assert (found.title, found.text) == (
        "send has not run",
        "By its schedule it should have; its last run began at 2026-11-24 10:05 UTC",
    )
    (never,) = silence.found(replace(WELL, ran={k: v for k, v in WELL.ran.items() if k != "send"}), looks)
    assert never.text.endswith("it has never run to its end")


@pytest.mark.parametrize(
    ("looked_at", "next_look", "slept"),
    [
        (ago(minutes=10), ago(minutes=0), False),
        (ago(minutes=40), ago(minutes=30), False),
        (ago(hours=8), ago(hours=7), True),
        (ago(hours=8), NOW, False),  # its own schedule left the night out
        (ago(hours=8), None, False),
        (NOW + timedelta(hours=1), None, True),  # the clock was put back
    ],
)
def test_a_machine_that_slept_has_missed_nothing(looked_at: datetime, next_look: datetime | None, slept: bool) -> None:
    """The watch knows by its own looks."""
    assert silence.has_slept(looked_at, next_look, NOW) is slept


@pytest.mark.parametrize(
    ("change", "suspicious"),
    [
        ({}, False),
        ({"last_post": ago(minutes=60)}, True),
        ({"last_post": ago(minutes=59)}, False),
        ({"last_post": None}, True),
        ({"last_post": None, "well_since": {"send": ago(minutes=59)}}, False),
        ({"last_post": None, "well_since": {}}, False),
    ],
)
def test_an_hour_without_a_mail_makes_one_ask_whether_there_should_have_been_one(
    change: dict[str, object], suspicious: bool
) -> None:
    """Unless the job is off, was off until just now, or has failed and said so."""
    assert silence.is_suspicious(replace(WELL, **change)) is suspicious  # type: ignore[arg-type]


def test_a_lead_that_could_leave_while_the_send_job_looked_twice_is_an_alarm() -> None:
    """Seen at every look since: at 11:36, so that 11:40 and 11:50 are the looks that passed it by."""
    before = {"a": ago(minutes=29)}
    could = silence.could_leave(before, {"a": Do(step=0), "b": Do(step=0)}, NOW)
    assert could == {"a": ago(minutes=29), "b": NOW}
    found = silence.nothing_leaves(could, looks, NOW)
    assert found is not None
    assert found.text == "1 of the leads looked at could have been mailed since 11:36 UTC"


def test_a_lead_that_was_held_in_between_begins_anew() -> None:
    """Only what could leave at every look counts."""
    held = Hold(until=None, why="weekend", kind=HoldKind.TIME)
    assert silence.could_leave({"a": ago(hours=3)}, {"a": held}, NOW) == {}


def test_without_a_schedule_for_sending_nothing_is_expected_to_leave() -> None:
    """Nobody looks, so nobody is late."""
    assert silence.nothing_leaves({"a": ago(days=3)}, lambda _job, _after: None, NOW) is None


not_do = st.one_of(
    st.builds(Hold, until=st.none(), why=st.text(max_size=5), kind=st.sampled_from(HoldKind)),
    st.builds(Stop, stage=st.sampled_from(Stage), why=st.text(max_size=5)),
)


@given(
    decisions=st.dictionaries(st.sampled_from("abcdef"), not_do),
    before=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5000).map(lambda minutes: ago(minutes=minutes))),
)
def test_it_never_alarms_when_the_gate_holds_them_all(
    decisions: dict[str, Decision], before: dict[str, datetime]
) -> None:
    """Night, weekend, holiday, cap, pause, review: whatever was seen before, what is held now is not missed."""
    could = silence.could_leave(before, decisions, NOW)
    assert silence.nothing_leaves(could, looks, NOW) is None


@pytest.mark.parametrize(
    ("what", "change", "waits", "is_heard"),
    [
        ("mail", {"last_post": ago(minutes=20)}, True, True),
        ("mail", {"last_post": ago(hours=2)}, True, False),
        ("mail", {"last_post": None}, True, False),
        ("mail", {"last_post": None}, False, True),
        ("complete reconcile", {}, False, True),
        ("complete reconcile", {"reconciled_at": ago(hours=2)}, False, False),
        ("complete reconcile", {"reconciled_at": None}, False, False),
        ("daily digest", {}, False, True),
        ("daily digest", {"digest_date": "2026-11-23"}, False, False),
        ("daily digest", {"digest_date": "", "campaign": replace(CAMPAIGN, digest_to=())}, False, True),
        ("send", {}, False, True),
        ("send", {"ran": {}}, False, False),
        ("send", {"ran": {"send": ago(hours=2)}}, False, False),
    ],
)
def test_an_alarm_ends_when_it_happens_again_or_nothing_is_left_to_happen(
    what: str, change: dict[str, object], waits: bool, is_heard: bool
) -> None:
    """Noticed an hour ago; a night that falls is no end."""
    sight = replace(WELL, **change)  # type: ignore[arg-type]
    assert silence.is_heard(what, ago(hours=1), sight, mail_waits=waits) is is_heard

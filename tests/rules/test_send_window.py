"""May mail leave for this recipient now, and if not, when?"""

import os
import time as system_time
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from outboundd.model.decision import Hold, HoldKind, Objection, Stop
from outboundd.model.lead import Lead, Stage
from outboundd.model.settings import Hours
from outboundd.rules.send_window import hold, local_date, next_opening
from outboundd.rules.zones import Whereabouts, whereabouts

NINE_TO_FIVE = Hours()
COUNTRIES = sorted(
    {
        line.split("\t")[0]
        for line in (files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    }
)
# Nobody lives there, and their zones lie on both sides of the date line.
SCATTERED = {"AQ", "UM"}


def lead(country: str, **columns: Any) -> Lead:
    """A lead in this country."""
    return Lead(id="1", country=country, **columns)


def at(zone: str, text: str) -> datetime:
    """The instant at which a clock in this zone shows this time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def held(who: Lead, now: datetime, hours: Hours = NINE_TO_FIVE) -> Hold:
    """The hold of a lead that must not be mailed at this instant."""
    decision = hold(who, hours, now)
    assert isinstance(decision, Hold), decision
    assert decision.kind is HoldKind.TIME
    return decision


def test_mail_leaves_in_office_hours() -> None:
    """On a working day from the first minute of the hours to before the last, mail may leave."""
    berlin = lead("Germany")
    assert hold(berlin, NINE_TO_FIVE, at("Europe/Berlin", "2026-11-24T09:00")) is None
    assert hold(berlin, NINE_TO_FIVE, at("Europe/Berlin", "2026-11-24T16:59:59")) is None
    assert next_opening(berlin, NINE_TO_FIVE, at("Europe/Berlin", "2026-11-24T12:00")) == at(
        "Europe/Berlin", "2026-11-24T12:00"
    )


def test_nobody_in_singapore_is_mailed_at_three_in_the_morning() -> None:
    """The recipient's clock counts, not the server's, and the reason says what it shows."""
    decision = held(lead("Singapore"), at("Asia/Singapore", "2026-11-24T03:12"))
    assert decision.why == "before office hours at the recipient (03:12 in Asia/Singapore)"
    assert decision.until == at("Asia/Singapore", "2026-11-24T09:00")


def test_the_evening_waits_for_the_next_morning() -> None:
    """The end of the hours is outside them."""
    decision = held(lead("Singapore"), at("Asia/Singapore", "2026-11-24T17:00"))
    assert decision.why == "after office hours at the recipient (17:00 in Asia/Singapore)"
    assert decision.until == at("Asia/Singapore", "2026-11-25T09:00")


def test_saturday_in_tokyo_is_weekend_while_it_is_friday_in_utc() -> None:
    """The recipient's calendar decides which day it is."""
    now = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
    decision = held(lead("Japan"), now)
    assert decision.why == "weekend at the recipient (Saturday in Japan)"
    assert decision.until == at("Asia/Tokyo", "2026-11-30T09:00")
    assert local_date(lead("Japan"), now) == date(2026, 11, 28)


def test_riyadh_is_written_to_from_monday_to_thursday() -> None:
    """Friday is weekend there, and on Sunday no mail leaves anywhere, working day or not."""
    riyadh = lead("Saudi Arabia", city="Riyadh")
    monday = at("Asia/Riyadh", "2026-11-30T09:00")
    friday = held(riyadh, at("Asia/Riyadh", "2026-11-27T11:00"))
    sunday = held(riyadh, at("Asia/Riyadh", "2026-11-29T11:00"))
    assert (friday.until, friday.why) == (monday, "weekend at the recipient (Friday in Saudi Arabia)")
    assert (sunday.until, sunday.why) == (monday, "no mail on a Sunday, though a working day in Saudi Arabia")
    assert hold(riyadh, NINE_TO_FIVE, monday) is None
    assert hold(riyadh, NINE_TO_FIVE, at("Asia/Riyadh", "2026-12-03T16:00")) is None


def test_dubai_works_on_fridays() -> None:
    """The Emirates moved their weekend to Saturday and Sunday."""
    assert hold(lead("UAE"), NINE_TO_FIVE, at("Asia/Dubai", "2026-11-27T11:00")) is None


def test_a_public_holiday_of_the_country_is_named() -> None:
    """The reason names the country and the holiday in English."""
    decision = held(lead("Deutschland"), at("Europe/Berlin", "2026-12-25T11:00"))
    assert decision.why == "public holiday in DE: Christmas Day"
    assert decision.until == at("Europe/Berlin", "2026-12-28T09:00")


def test_corpus_christi_is_free_in_bavaria_and_not_in_berlin() -> None:
    """Regional holidays count where the region is known, from Region or from a large city."""
    now = at("Europe/Berlin", "2026-06-04T11:00")
    assert held(lead("Germany", region="BY"), now).why == "public holiday in DE-BY: Corpus Christi"
    assert held(lead("Deutschland", city="Köln"), now).until == at("Europe/Berlin", "2026-06-05T09:00")
    assert hold(lead("Germany", region="Berlin"), NINE_TO_FIVE, now) is None
    assert hold(lead("Germany"), NINE_TO_FIVE, now) is None
    national = held(lead("Germany", region="BY"), at("Europe/Berlin", "2026-12-25T11:00"))
    assert national.why == "public holiday in DE: Christmas Day"


def test_easter_monday_is_free_in_england_and_not_in_scotland() -> None:
    """A British lead without a region is taken to keep the holidays of England."""
    now = at("Europe/London", "2027-03-29T11:00")
    assert held(lead("UK"), now).why == "public holiday in GB-ENG: Easter Monday"
    assert hold(lead("UK", city="Glasgow"), NINE_TO_FIVE, now) is None


def test_our_own_closed_days_are_dates_on_the_recipients_calendar() -> None:
    """Closed from 24 December to 2 January: a lead in Auckland is held from its own 24th on."""
    closed = Hours(closed=((date(2026, 12, 24), date(2027, 1, 2)),))
    auckland = lead("New Zealand")
    assert hold(auckland, closed, at("Pacific/Auckland", "2026-12-23T16:59")) is None
    decision = held(auckland, at("Pacific/Auckland", "2026-12-24T09:00"), closed)
    assert decision.why == "closed day of ours"
    assert decision.until == at("Pacific/Auckland", "2027-01-05T09:00"), "the 4th is a holiday there"
    assert held(lead("Germany"), at("Europe/Berlin", "2027-01-02T11:00"), closed).until == at(
        "Europe/Berlin", "2027-01-04T09:00"
    )


def test_a_leap_day_is_a_day_like_any_other() -> None:
    """29 February 2028 is a Tuesday on which mail leaves."""
    assert hold(lead("France"), NINE_TO_FIVE, at("Europe/Paris", "2028-02-29T10:00")) is None
    assert held(lead("France"), at("Europe/Paris", "2028-02-28T18:00")).until == at("Europe/Paris", "2028-02-29T09:00")


@pytest.mark.parametrize("columns", [{"country": "Atlantis"}, {"country": ""}, {"country": "DE", "timezone": "CET+1"}])
def test_a_lead_whose_whereabouts_are_unknown_goes_to_a_human(columns: dict[str, str]) -> None:
    """Never UTC on a guess: the lead goes to review with the reason, and no date is made up."""
    who = Lead(id="1", **columns)  # type: ignore[arg-type]
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    why = whereabouts(who)
    assert isinstance(why, str)
    assert hold(who, NINE_TO_FIVE, now) == Stop(stage=Stage.REVIEW, why=why, objection=Objection.ZONE)
    assert next_opening(who, NINE_TO_FIVE, now) is None
    assert local_date(who, now) is None


def test_a_window_that_never_opens_within_a_year_is_said_to_the_operator() -> None:
    """Two years of closed days are no hold for ever, but a mistake to look at."""
    shut = Hours(closed=((date(2026, 1, 1), date(2027, 12, 31)),))
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    decision = hold(lead("France"), shut, now)
    assert decision == Stop(
        stage=Stage.REVIEW,
        why="no open day within a year in France; look at the closed days",
        objection=Objection.ZONE,
    )
    assert next_opening(lead("France"), shut, now) is None


def test_a_country_of_several_zones_is_mailed_when_it_suits_nine_in_ten() -> None:
    """An American lead without a state: not before nine on the west coast, not from five on the east coast on."""
    america = lead("USA")
    early = held(america, at("America/New_York", "2026-11-24T10:12"))
    assert early.why == "before office hours at the recipient (07:12 in America/Los_Angeles)"
    assert early.until == at("America/New_York", "2026-11-24T12:00")
    assert hold(america, NINE_TO_FIVE, at("America/New_York", "2026-11-24T16:59")) is None
    late = held(america, at("America/New_York", "2026-11-24T17:00"))
    assert late.why == "after office hours at the recipient (17:00 in America/New_York)"


def test_a_known_state_has_its_whole_working_day() -> None:
    """With the state known, the day begins at nine on its own clock."""
    austin = lead("USA", region="Texas", city="Austin")
    assert hold(austin, NINE_TO_FIVE, at("America/Chicago", "2026-11-24T09:00")) is None
    assert held(austin, at("America/Chicago", "2026-11-24T08:59")).until == at("America/Chicago", "2026-11-24T09:00")


def test_where_the_zones_overlap_too_little_the_most_populous_decides() -> None:
    """With three short hours, New York alone counts: the coasts share no time at all."""
    short = Hours(start=time(9), end=time(12))
    assert hold(lead("USA"), short, at("America/New_York", "2026-11-24T09:00")) is None
    assert held(lead("USA"), at("America/New_York", "2026-11-24T12:00"), short).until == at(
        "America/New_York", "2026-11-25T09:00"
    )


def test_australia_without_a_city_is_not_lord_howe_island() -> None:
    """Its window ends at five in Sydney; the half hour of a tiny island plays no part."""
    assert hold(lead("Australia"), NINE_TO_FIVE, at("Australia/Sydney", "2026-11-24T16:59")) is None
    assert held(lead("Australia"), at("Australia/Sydney", "2026-11-24T17:00")).why == (
        "after office hours at the recipient (17:00 in Australia/Sydney)"
    )


@pytest.mark.parametrize(
    ("columns", "zone", "before", "after"),
    [
        ({"country": "US", "region": "NY"}, "America/New_York", "2026-03-06", "2026-03-09"),
        ({"country": "US", "region": "NY"}, "America/New_York", "2026-10-30", "2026-11-02"),
        ({"country": "UK"}, "Europe/London", "2026-03-27", "2026-03-30"),
        ({"country": "UK"}, "Europe/London", "2026-10-23", "2026-10-26"),
        ({"country": "BR", "region": "SP"}, "America/Sao_Paulo", "2018-11-01", "2018-11-05"),
        ({"country": "BR", "region": "SP"}, "America/Sao_Paulo", "2019-02-15", "2019-02-18"),
        ({"country": "AU", "region": "NSW"}, "Australia/Sydney", "2026-10-02", "2026-10-06"),
        ({"country": "AU", "region": "NSW"}, "Australia/Sydney", "2026-04-02", "2026-04-07"),
    ],
)
def test_nine_is_nine_on_both_sides_of_a_clock_change(
    columns: dict[str, str], zone: str, before: str, after: str
) -> None:
    """The last opening before the change and the first after it are at nine on the recipient's clock."""
    who = lead(**columns)
    assert hold(who, NINE_TO_FIVE, at(zone, f"{before}T09:00")) is None
    assert isinstance(hold(who, NINE_TO_FIVE, at(zone, f"{before}T08:59")), Hold)
    assert held(who, at(zone, f"{before}T17:00")).until == at(zone, f"{after}T09:00")


def test_an_hour_that_the_clock_skips_is_not_waited_for_in_vain() -> None:
    """Where 2 a.m. becomes 3 a.m., hours from two open at three, and hours from two to three not at all."""
    who = lead("Germany", timezone="Asia/Jerusalem")
    midnight = at("Asia/Jerusalem", "2026-03-27T00:00")
    assert next_opening(who, Hours(start=time(2), end=time(4)), midnight) == at("Asia/Jerusalem", "2026-03-27T03:00")
    assert next_opening(who, Hours(start=time(2), end=time(3)), midnight) == at("Asia/Jerusalem", "2026-03-30T02:00")


def test_an_hour_that_the_clock_repeats_is_used_once() -> None:
    """Hours that end in the repeated hour end the first time it comes, those that begin in it begin the second time."""
    cairo = lead("Egypt")
    quarter_past_eleven = at("Africa/Cairo", "2026-10-29T23:15")
    until_half_past = Hours(start=time(22), end=time(23, 30))
    assert hold(cairo, until_half_past, quarter_past_eleven) is None
    assert isinstance(hold(cairo, until_half_past, quarter_past_eleven + timedelta(hours=1)), Hold)

    amman = lead("Germany", timezone="Asia/Amman")
    half_past_midnight = at("Asia/Amman", "2021-10-29T00:30")
    from_half_past = Hours(start=time(0, 30), end=time(9))
    assert held(amman, half_past_midnight, from_half_past).until == half_past_midnight + timedelta(hours=1)


@pytest.fixture
def _process_zone() -> Iterator[None]:
    before = os.environ.get("TZ")
    yield
    os.environ.pop("TZ", None)
    if before is not None:
        os.environ["TZ"] = before
    system_time.tzset()


@pytest.mark.usefixtures("_process_zone")
def test_the_zone_of_the_server_does_not_matter() -> None:
    """The same instant gets the same answer on a server in Kiritimati and on one in Pago Pago."""
    now = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
    answers = []
    for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        os.environ["TZ"] = zone
        system_time.tzset()
        answers.append([(hold(lead(c), NINE_TO_FIVE, now), local_date(lead(c), now)) for c in ("JP", "US", "SA", "DE")])
    assert answers[0] == answers[1] == answers[2]


def test_no_mail_ever_leaves_on_a_sunday_or_saturday_anywhere() -> None:
    """For every country and each opening of a year: a weekday, inside the hours, in each zone of nine in ten people."""
    for country in COUNTRIES:
        who = lead(country)
        where = whereabouts(who)
        assert isinstance(where, Whereabouts)
        now, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
        while now < end:
            opening = next_opening(who, NINE_TO_FIVE, now)
            assert opening is not None
            zones = where.zones[:1] if country in SCATTERED else where.zones
            assert all(opening.astimezone(zone).weekday() < 5 for zone in zones), (country, opening)
            main = opening.astimezone(where.zones[0])
            assert time(9) <= main.time() < time(17), (country, opening)
            now = opening + timedelta(hours=15)


@settings(max_examples=300, deadline=None)
@given(
    country=st.sampled_from(COUNTRIES),
    now=st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    start=st.times(max_value=time(18)),
    length_min=st.integers(min_value=30, max_value=600),
    fractions=st.lists(st.floats(min_value=0, max_value=0.999), min_size=5, max_size=5),
)
def test_the_end_of_a_hold_is_the_first_open_instant(
    country: str, now: datetime, start: time, length_min: int, fractions: list[float]
) -> None:
    """At `until` the window is open, and it is closed at whatever instant between now and then."""
    finish = datetime.combine(date(2026, 1, 1), start) + timedelta(minutes=length_min)
    assume(finish.date() == date(2026, 1, 1))
    hours = Hours(start=start, end=finish.time(), closed=((date(2026, 8, 1), date(2026, 8, 31)),))
    who = lead(country)
    opening = next_opening(who, hours, now)
    assert opening is not None
    assert hold(who, hours, opening) is None
    decision = hold(who, hours, now)
    assert decision is None if opening == now else (isinstance(decision, Hold) and decision.until == opening)
    for fraction in fractions if opening > now else []:
        between = now + (opening - now) * fraction
        assert isinstance(hold(who, hours, between), Hold), between


@settings(max_examples=300, deadline=None)
@given(
    country=st.sampled_from([country for country in COUNTRIES if country not in SCATTERED]),
    now=st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2029, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_whenever_mail_may_leave_it_is_a_working_hour_on_an_independent_reckoning(country: str, now: datetime) -> None:
    """Weekday, weekend, holiday and hour are computed anew for the most populous zone, and agree with the answer."""
    who = lead(country)
    where = whereabouts(who)
    assert isinstance(where, Whereabouts)
    clock = now.astimezone(where.zones[0])
    calendar = holidays.country_holidays(country, subdiv=where.subdivision or None, years=clock.year)
    working = clock.weekday() < 5 and not calendar.is_weekend(clock.date()) and clock.date() not in calendar
    in_hours = working and 9 <= clock.hour < 17
    is_open = hold(who, NINE_TO_FIVE, now) is None
    assert in_hours if is_open else (len(where.zones) > 1 or not in_hours)

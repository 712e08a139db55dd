"""Where is the recipient, and which zones may be theirs?"""

from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import available_timezones

import holidays
import pytest

from outboundd.model.lead import Lead
from outboundd.rules.place_names import fold
from outboundd.rules.tables import region_zones
from outboundd.rules.tables.places import PLACES
from outboundd.rules.tables.subdivisions import CITIES, REGION_NAMES
from outboundd.rules.tables.zone_shares import SHARES
from outboundd.rules.zones import Whereabouts, whereabouts

ZONE_TAB: dict[str, list[str]] = {}
for line in (files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8").splitlines():
    if not line.startswith("#"):
        ZONE_TAB.setdefault(line.split("\t")[0], []).append(line.split("\t")[2])


def located(**columns: Any) -> Whereabouts:
    """The whereabouts of a lead with these columns, which must be known."""
    where = whereabouts(Lead(id="1", **columns))
    assert isinstance(where, Whereabouts), where
    return where


def zone_names(**columns: Any) -> list[str]:
    """The names of the zones that may be this lead's, most populous first."""
    return [zone.key for zone in located(**columns).zones]


@pytest.mark.parametrize(
    ("columns", "zone"),
    [
        ({"country": "USA", "region": "Illinois"}, "America/Chicago"),
        ({"country": "USA", "region": "TX", "city": "El Paso"}, "America/Denver"),
        ({"country": "United States", "region": "CA", "city": "San Francisco"}, "America/Los_Angeles"),
        ({"country": "US", "region": "US-NY"}, "America/New_York"),
        ({"country": "US", "city": "New York, NY"}, "America/New_York"),
        ({"country": "US", "region": "Tennessee", "city": "Knoxville"}, "America/New_York"),
        ({"country": "US", "region": "PR"}, "America/Puerto_Rico"),
        ({"country": "Australia", "region": "WA", "city": "Perth"}, "Australia/Perth"),
        ({"country": "Australia", "region": "New South Wales", "city": "Broken Hill"}, "Australia/Broken_Hill"),
        ({"country": "Brazil", "region": "AM", "city": "Manaus"}, "America/Manaus"),
        ({"country": "Brasil", "region": "SP", "city": "São Paulo"}, "America/Sao_Paulo"),
        ({"country": "Canada", "region": "BC", "city": "Dawson Creek"}, "America/Dawson_Creek"),
        ({"country": "Canada", "region": "Québec"}, "America/Toronto"),
        ({"country": "Canada", "city": "Calgary"}, "America/Edmonton"),
        ({"country": "Mexico", "city": "Tijuana"}, "America/Tijuana"),
        ({"country": "Russia", "city": "Владивосток"}, "Asia/Vladivostok"),
        ({"country": "Indonesia", "region": "Bali", "city": "Ubud"}, "Asia/Makassar"),
        ({"country": "Spain", "region": "Canary Islands"}, "Atlantic/Canary"),
        ({"country": "Portugal", "city": "Ponta Delgada"}, "Atlantic/Azores"),
        ({"country": "France", "region": "La Réunion"}, "Indian/Reunion"),
        ({"country": "Ecuador", "region": "Galápagos"}, "Pacific/Galapagos"),
        ({"country": "Chile", "city": "Hanga Roa"}, "Pacific/Easter"),
        ({"country": "New Zealand", "region": "Chatham Islands"}, "Pacific/Chatham"),
        ({"country": "DRC", "city": "Goma"}, "Africa/Lubumbashi"),
        ({"country": "Kazakhstan", "city": "Aktau"}, "Asia/Aqtau"),
        ({"country": "Singapore"}, "Asia/Singapore"),
    ],
)
def test_a_region_or_a_large_city_decides_the_zone(columns: dict[str, str], zone: str) -> None:
    """Where the row says enough, exactly one zone is left."""
    assert zone_names(**columns) == [zone]


def test_the_timezone_column_has_the_first_word() -> None:
    """A filled Timezone wins over Region and City; case and spaces do not matter."""
    row = {"country": "USA", "region": "NY", "timezone": " america/los angeles "}
    assert zone_names(**row) == ["America/Los_Angeles"]


def test_a_city_of_a_doubtful_name_decides_nothing() -> None:
    """Portland without a state may be in Oregon or Maine, so all zones of the country stay possible."""
    assert set(zone_names(country="USA", city="Portland")) == set(ZONE_TAB["US"])


def test_a_state_split_over_two_zones_keeps_both() -> None:
    """Tennessee without a city may be on Central or on Eastern time, the more populous first."""
    where = located(country="USA", region="TN")
    assert [zone.key for zone in where.zones] == ["America/Chicago", "America/New_York"]
    assert where.shares == (0.62, 0.38)


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("AU", "Australia/Sydney"),
        ("BR", "America/Sao_Paulo"),
        ("CA", "America/Toronto"),
        ("RU", "Europe/Moscow"),
        ("UA", "Europe/Kyiv"),
        ("UZ", "Asia/Tashkent"),
        ("US", "America/New_York"),
    ],
)
def test_a_country_without_more_is_led_by_its_most_populous_zone(country: str, zone: str) -> None:
    """Australia is not Lord Howe Island: the order is that of people, not that of the tz database."""
    where = located(country=country)
    assert where.zones[0].key == zone
    assert sorted(where.shares, reverse=True) == list(where.shares)
    assert {each.key for each in where.zones} == set(ZONE_TAB[country])


@pytest.mark.parametrize(
    ("columns", "subdivision"),
    [
        ({"country": "Germany", "region": "BY", "city": "Munich"}, "BY"),
        ({"country": "Germany", "region": "Bavaria"}, "BY"),
        ({"country": "Deutschland", "city": "Köln"}, "NW"),
        ({"country": "Deutschland", "region": "Hamburg"}, "HH"),
        ({"country": "Germany", "city": "Kleinkleckersdorf"}, ""),
        ({"country": "UK", "region": "Scotland"}, "SCT"),
        ({"country": "UK", "city": "Cardiff"}, "WLS"),
        ({"country": "UK"}, "ENG"),
        ({"country": "India", "city": "Bengaluru"}, "KA"),
        ({"country": "Spain", "region": "Somewhere", "city": "Madrid"}, "MD"),
        ({"country": "Germany", "region": "Cologne"}, "NW"),
        ({"country": "Japan", "region": "BY"}, ""),
    ],
)
def test_the_part_of_the_country_is_known_where_the_row_tells_it(columns: dict[str, str], subdivision: str) -> None:
    """Region decides whose holidays count, else a large city; a name nobody knows leaves the national ones."""
    assert located(**columns).subdivision == subdivision


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"country": "Atlantis"}, 'country "Atlantis" is not known; correct Country'),
        ({}, "the country is empty; fill Country"),
        (
            {"timezone": "Europe/Berlin"},
            "the country is empty (Timezone gives the hours, but not the holidays); fill Country",
        ),
        (
            {"country": "Germany", "timezone": "CET+1"},
            'timezone "CET+1" is no IANA name such as Europe/Berlin; correct or empty Timezone',
        ),
        ({"country": "Bouvet Island"}, "no time zone is on record for Bouvet Island; fill Timezone"),
        ({"country": "x\n" * 90}, f'country "{"x " * 50}…" is not known; correct Country'),
    ],
)
def test_what_is_unknown_is_said_in_a_sentence_with_its_remedy(columns: dict[str, str], sentence: str) -> None:
    """Never UTC, never a guess: the row goes to a human who reads what to correct."""
    assert whereabouts(Lead(id="1", **columns)) == sentence


def test_every_country_of_the_tz_database_has_a_place_and_a_holiday_calendar() -> None:
    """No country of zone.tab is unknown to us or to the holidays library."""
    for country, names in ZONE_TAB.items():
        assert sorted(zone_names(country=country)) == sorted(names)
        assert sum(located(country=country).shares) == pytest.approx(1, abs=0.005)


def test_the_zones_are_those_of_the_shipped_database() -> None:
    """The zone is read from tzdata, not from the system: British Columbia's move to UTC-7 is known on an old system."""
    zone = located(country="Canada", region="BC").zones[0]
    assert zone is located(country="Canada", city="Vancouver").zones[0]
    shipped = (files("tzdata.zoneinfo") / "America" / "Vancouver").read_bytes()
    assert shipped.rstrip(b"\n").rsplit(b"\n", 1)[1] == b"MST7"
    assert zone.utcoffset(datetime(2027, 1, 15, tzinfo=zone)) == timedelta(hours=-7)


def test_the_tables_name_only_zones_and_regions_that_exist() -> None:
    """Every zone of our tables is in the tz database, every code in the holidays library, every share adds up."""
    multi = {country for country, names in ZONE_TAB.items() if len(names) > 1}
    assert set(SHARES) == multi
    for country, shares in SHARES.items():
        assert set(shares) <= set(ZONE_TAB[country])
    for country, zones in region_zones.WHOLE.items():
        codes = [code for regions in zones.values() for code in regions.split()]
        codes += region_zones.SPLIT.get(country, {})
        assert len(codes) == len(set(codes))
        assert set(codes) <= set(holidays.country_holidays(country).subdivisions)
        assert set(zones) <= available_timezones()
    for regions in region_zones.SPLIT.values():
        assert all(sum(shares.values()) == pytest.approx(1) for shares in regions.values())
    for places in PLACES.values():
        assert set(places) <= available_timezones()


def test_a_name_of_the_tables_decides_one_thing_only() -> None:
    """No city or region stands under two zones or two parts of one country."""
    for table in (*PLACES.values(), *CITIES.values(), *REGION_NAMES.values()):
        names = [fold(name) for value in table.values() for name in value.split(";")]
        assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]
    for country, cities in (*CITIES.items(), *REGION_NAMES.items()):
        assert set(cities) <= set(holidays.country_holidays(country).subdivisions)

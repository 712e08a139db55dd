"""Where is the recipient: which country, which part of it, and which time zones may be theirs?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

import holidays

from outboundd.model.lead import Lead
from outboundd.rules import countries
from outboundd.rules.place_names import fold
from outboundd.rules.tables import region_zones
from outboundd.rules.tables.places import PLACES
from outboundd.rules.tables.subdivisions import CITIES, REGION_NAMES
from outboundd.rules.tables.zone_shares import SHARES
from outboundd.rules.texts import quoted

_TZDATA = files("tzdata")

# The national list of `holidays` for the United Kingdom holds only what all four parts share; 84 % live in England.
_USUAL_SUBDIVISION = {"GB": "ENG"}


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """What is known of where somebody works.

    `subdivision` is a code of the `holidays` library, "" when the part of the country is not known. `zones` are all
    that may be theirs, the most populous first, `shares` the part of the people in each.
    """

    country: str
    subdivision: str
    zones: tuple[ZoneInfo, ...]
    shares: tuple[float, ...]


def whereabouts(lead: Lead) -> Whereabouts | str:
    """Where the lead works; a str is the sentence saying why that is not known."""
    return _locate(lead.country, lead.region, lead.city, lead.timezone)


@lru_cache(maxsize=8192)
def _locate(country_text: str, region: str, city: str, timezone: str) -> Whereabouts | str:
    country = countries.code_of(country_text)
    if country is None:
        return _unknown_country(country_text, timezone)
    subdivision = _subdivision(country, region, city)
    if timezone.strip():
        name = _ZONE_NAMES.get(_zone_key(timezone))
        if name is None:
            return f"timezone {quoted(timezone)} is no IANA name such as Europe/Berlin; correct or empty Timezone"
        shares: Mapping[str, float] = {name: 1.0}
    else:
        shares = _shares(country, subdivision, region, city)
    if not shares:
        return f"no time zone is on record for {countries.name_of(country)}; fill Timezone"
    ordered = sorted(shares, key=lambda zone: -shares[zone])
    return Whereabouts(
        country=country,
        subdivision=subdivision or _USUAL_SUBDIVISION.get(country, ""),
        zones=tuple(_zone(name) for name in ordered),
        shares=tuple(shares[name] for name in ordered),
    )


def _unknown_country(country: str, timezone: str) -> str:
    problem = f"country {quoted(country)} is not known" if country.strip() else "the country is empty"
    if timezone.strip():
        problem += " (Timezone gives the hours, but not the holidays)"
    return f"{problem}; {'correct' if country.strip() else 'fill'} Country"


def _zone_key(text: str) -> str:
    return "_".join(text.split()).casefold()


def _read_zone_names() -> dict[str, str]:
    names = (_TZDATA / "zones").read_text(encoding="utf-8").split()
    return {_zone_key(name): name for name in names if name != "Factory"}


def _read_country_zones() -> dict[str, tuple[str, ...]]:
    text = (_TZDATA / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    zones: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            country, _, name, *_ = line.split("\t")
            zones[country] = (*zones.get(country, ()), name)
    return zones


_ZONE_NAMES = _read_zone_names()
_COUNTRY_ZONES = _read_country_zones()


@cache
def _zone(name: str) -> ZoneInfo:
    # Read from tzdata itself: ZoneInfo(name) prefers the system's database, which may be years older.
    return ZoneInfo.from_file(BytesIO(_TZDATA.joinpath("zoneinfo", *name.split("/")).read_bytes()), key=name)


def _by_name(table: Mapping[str, str]) -> dict[str, str]:
    return {fold(name): value for value, names in table.items() for name in names.split(";")}


def _region_shares() -> dict[tuple[str, str], Mapping[str, float]]:
    whole = {
        (country, region): {zone: 1.0}
        for country, zones in region_zones.WHOLE.items()
        for zone, regions in zones.items()
        for region in regions.split()
    }
    split = {(c, region): shares for c, regions in region_zones.SPLIT.items() for region, shares in regions.items()}
    return {**whole, **split}


_REGION_SHARES = _region_shares()
_PLACES = {area: _by_name(places) for area, places in PLACES.items()}
_CITIES = {country: _by_name(cities) for country, cities in CITIES.items()}


def _city(text: str) -> str:
    return fold(text.split(",")[0])


@cache
def _subdivisions(country: str) -> dict[str, str]:
    calendar = holidays.country_holidays(country)
    return {
        **{fold(name): code for name, code in calendar.subdivisions_aliases.items()},
        **_by_name(REGION_NAMES.get(country, {})),
        **{fold(code): code for code in calendar.subdivisions},
        **{fold(f"{country}-{code}"): code for code in calendar.subdivisions},
    }


def _subdivision(country: str, region: str, city: str) -> str:
    cities = _CITIES.get(country, {})
    code = _subdivisions(country).get(fold(region)) if region else None
    return code or cities.get(_city(city)) or cities.get(_city(region)) or ""


def _shares(country: str, subdivision: str, region: str, city: str) -> Mapping[str, float]:
    for place in _decisive_places(country, subdivision, region, city):
        return {place: 1.0}
    region_shares = _REGION_SHARES.get((country, subdivision))
    if region_shares:
        return region_shares
    zones = _COUNTRY_ZONES.get(country, ())
    known = SHARES.get(country, {})
    return {zone: known.get(zone, 0.0) if known else 1 / len(zones) for zone in zones}


def _decisive_places(country: str, subdivision: str, region: str, city: str) -> Iterator[str]:
    for area in (f"{country}-{subdivision}", country):
        places = _PLACES.get(area, {})
        for name in (_city(city), _city(region)):
            if name in places:
                yield places[name]

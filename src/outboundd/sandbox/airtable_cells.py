"""What may stand in a cell of Airtable? The types of fields: what each takes, keeps, shows and sorts by."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from outboundd.sandbox.airtable_errors import Problem

TEXT = frozenset({"singleLineText", "multilineText", "richText", "email", "url", "phoneNumber"})
SELECT = frozenset({"singleSelect", "multipleSelects"})
# Computed from the row itself. The other read-only types (formula, rollup, lookup, count, ...) are not simulated.
COMPUTED = frozenset({"createdTime", "lastModifiedTime"})
TYPES = TEXT | SELECT | COMPUTED | {"number", "checkbox", "date", "dateTime"}
# "Type and options" marked read-only (Airtable docs, Field model): refused at creation.
NOT_CREATED = COMPUTED | {
    *("createdBy", "lastModifiedBy", "formula", "rollup", "multipleLookupValues", "count", "autoNumber", "button")
}
# Airtable docs, Update multiple records. Not in it: email, url, phoneNumber, dateTime.
MERGEABLE = frozenset({"number", "singleLineText", "multilineText", "singleSelect", "multipleSelects", "date"})
TEXT_MAX = 100_000
DATE_FORMATS = {"local": "l", "friendly": "LL", "us": "M/D/YYYY", "european": "D/M/YYYY", "iso": "YYYY-MM-DD"}
TIME_FORMATS = {"12hour": "h:mma", "24hour": "HH:mm"}


@dataclass(kw_only=True)
class Field:
    """A column. `options` are those of the schema, select choices with their ids among them."""

    id: str
    name: str
    type: str
    options: dict[str, Any] | None = None
    description: str = ""

    def choices(self) -> list[str]:
        """The names a select knows, in their order."""
        return [one["name"] for one in (self.options or {}).get("choices", [])]


@dataclass(kw_only=True)
class Row:
    """A record. `cells` by field id, empty ones absent; `place` is its number in the order of creation."""

    id: str
    place: int
    created: datetime
    modified: datetime
    cells: dict[str, Any] = field(default_factory=dict)


def stamp(moment: datetime) -> str:
    """As in 2026-01-12T08:15:30.000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def shown(column: Field, row: Row) -> object:
    """What the API says stands there; None when empty."""
    if column.type == "createdTime":
        return stamp(row.created)
    if column.type == "lastModifiedTime":
        return stamp(row.modified)
    return row.cells.get(column.id)


def reckoned(column: Field, row: Row) -> object:
    """The same for a formula, which knows moments."""
    value = shown(column, row)
    if value is not None and column.type in {"dateTime", "date", *COMPUTED}:
        moment = datetime.fromisoformat(str(value))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return value


def order_of(column: Field, row: Row) -> tuple[bool, Any]:
    """What a row is sorted by: empty ones first, a select in the order of its options."""
    value = shown(column, row)
    if value is None:
        return (False, 0)
    if column.type == "singleSelect":
        return (True, column.choices().index(str(value)))
    return (True, value.casefold() if isinstance(value, str) else value)


def taken(column: Field, value: object, *, typecast: bool) -> object:
    """What the cell holds when this is written into it, None for empty. Problem (422) when the column refuses it.

    With `typecast` an unknown option passes; it comes into being when the row is written.
    """
    if column.type in COMPUTED:
        message = f'Field "{column.name}" cannot accept a value because the field is computed'
        raise Problem(422, "INVALID_VALUE_FOR_COLUMN", message)
    if value is None:
        return None
    return _TAKERS[column.type](column, _cast(column, value) if typecast else value, typecast)


def _cast(column: Field, value: object) -> object:
    """A best effort, as `typecast` asks for (Airtable docs, Create records)."""
    if column.type in TEXT and isinstance(value, int | float):
        return str(value)
    if column.type == "number" and isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    if column.type == "multipleSelects" and isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return value


def _refused(column: Field) -> Problem:
    return Problem(422, "INVALID_VALUE_FOR_COLUMN", f'Field "{column.name}" cannot accept the provided value')


def _unread(column: Field, value: object) -> Problem:
    return Problem(422, "INVALID_VALUE_FOR_COLUMN", f'Cannot parse value "{value}" for field {column.name}')


def _text(column: Field, value: object, _: bool) -> object:
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise _refused(column)
    return value or None


def _number(column: Field, value: object, _: bool) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _refused(column)
    return value


def _checkbox(column: Field, value: object, _: bool) -> object:
    if not isinstance(value, bool):
        raise _refused(column)
    return value or None


def _date(column: Field, value: object, _: bool) -> object:
    if not isinstance(value, str):
        raise _refused(column)
    if value == "":
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise _unread(column, value) from None


def _moment(column: Field, value: object, _: bool) -> object:
    if not isinstance(value, str):
        raise _refused(column)
    if value == "":
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _unread(column, value) from None
    if moment.tzinfo is None:
        zone = (column.options or {}).get("timeZone", "utc")
        moment = moment.replace(tzinfo=UTC if zone in {"utc", "client"} else ZoneInfo(zone))
    return stamp(moment)


def _option(column: Field, value: object, typecast: bool) -> object:
    if not isinstance(value, str):
        raise _refused(column)
    # "" is no option either: public issue logs show the same refusal, with the empty name in its quotation marks.
    if value in column.choices() or (typecast and value):
        return value
    message = f'Insufficient permissions to create new select option "\\"{value}\\""'
    raise Problem(422, "INVALID_MULTIPLE_CHOICE_OPTIONS", message)


def _options(column: Field, value: object, typecast: bool) -> object:
    if not isinstance(value, list):
        raise _refused(column)
    return [_option(column, one, typecast) for one in value] or None


_TAKERS: Mapping[str, Callable[[Field, object, bool], object]] = {
    **dict.fromkeys(TEXT, _text),
    "number": _number,
    "checkbox": _checkbox,
    "date": _date,
    "dateTime": _moment,
    "singleSelect": _option,
    "multipleSelects": _options,
}


def options_for(kind: str, options: object, new_id: Callable[[str], str]) -> dict[str, Any] | None:
    """The options of a new field as the schema will show them. ValueError, in words, when they do not fit the type."""
    if kind in TEXT:
        if options is not None:
            raise ValueError(f"{kind} takes no options")
        return None
    if kind in COMPUTED:
        return {"isValid": True, "referencedFieldIds": [], "result": {"type": "dateTime", "options": _formats({})}}
    return _OPTIONS[kind](options if isinstance(options, Mapping) else {}, new_id)


def _number_options(options: Mapping[str, Any], _: Callable[[str], str]) -> dict[str, Any]:
    _only(options, "precision")
    if not isinstance(options.get("precision"), int) or not 0 <= options["precision"] <= 8:
        raise ValueError("precision must be 0 to 8")
    return dict(options)


def _checkbox_options(options: Mapping[str, Any], _: Callable[[str], str]) -> dict[str, Any]:
    # A free base takes this pair only (Airtable docs, Field model): who keeps to it is right on every plan.
    if dict(options) != {"icon": "check", "color": "greenBright"}:
        raise ValueError("icon must be check and color greenBright")
    return dict(options)


def _date_options(options: Mapping[str, Any], _: Callable[[str], str]) -> dict[str, Any]:
    _only(options, "dateFormat")
    return {"dateFormat": _formats(options)["dateFormat"]}


def _moment_options(options: Mapping[str, Any], _: Callable[[str], str]) -> dict[str, Any]:
    _only(options, "timeZone", "dateFormat", "timeFormat")
    if not {"timeZone", "dateFormat", "timeFormat"} <= set(options):
        raise ValueError("timeZone, dateFormat and timeFormat are needed")
    return _formats(options)


def _select_options(options: Mapping[str, Any], new_id: Callable[[str], str]) -> dict[str, Any]:
    _only(options, "choices")
    choices = options.get("choices")
    if not isinstance(choices, list) or not all(isinstance(one, Mapping) and one.get("name") for one in choices):
        raise ValueError("choices must be a list of names")
    names = [one["name"] for one in choices]
    if len(set(names)) < len(names):
        raise ValueError("two choices have one name")
    return {"choices": [{"id": new_id("sel"), "color": "blueLight2", **one} for one in choices]}


_OPTIONS: Mapping[str, Callable[[Mapping[str, Any], Callable[[str], str]], dict[str, Any]]] = {
    "number": _number_options,
    "checkbox": _checkbox_options,
    "date": _date_options,
    "dateTime": _moment_options,
    "singleSelect": _select_options,
    "multipleSelects": _select_options,
}


def _only(options: Mapping[str, Any], *known: str) -> None:
    if unknown := set(options) - set(known):
        raise ValueError(f"unknown option {min(unknown)}")


def _formats(options: Mapping[str, Any]) -> dict[str, Any]:
    zone = options.get("timeZone", "utc")
    if zone not in {"utc", "client"}:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("unknown timeZone") from None
    return {
        "timeZone": zone,
        "dateFormat": _format(options.get("dateFormat", {"name": "iso"}), DATE_FORMATS),
        "timeFormat": _format(options.get("timeFormat", {"name": "24hour"}), TIME_FORMATS),
    }


def _format(given: object, known: Mapping[str, str]) -> dict[str, str]:
    name = given.get("name") if isinstance(given, Mapping) else None
    if name not in known:
        raise ValueError(f"the format must be one of {', '.join(known)}")
    return {"name": str(name), "format": known[str(name)]}


DEFAULTS: Mapping[str, dict[str, Any]] = {
    "number": {"precision": 0},
    "checkbox": {"icon": "check", "color": "greenBright"},
    "date": {"dateFormat": {"name": "iso"}},
    "dateTime": {"timeZone": "utc", "dateFormat": {"name": "iso"}, "timeFormat": {"name": "24hour"}},
    "singleSelect": {"choices": []},
    "multipleSelects": {"choices": []},
}

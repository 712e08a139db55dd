"""Does the operator's table have the columns, types, options and the view that we need, and what can we add?

Airtable leaves empty cells out of its answers: a column that is not there looks like one that is empty everywhere. So
table and program are compared before the first call.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyairtable.models.schema import BaseSchema, FieldSchema, SingleSelectFieldSchema, TableSchema

from outboundd.adapters.airtable_errors import Place
from outboundd.model.lead import OPERATOR_COLUMNS, Stage

TABLE, COLUMN, TYPE, OPTION, VIEW = "table", "column", "type", "option", "view"
SETUP = "outboundd setup creates it"


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Something that is missing. `kind` is one of the five above, `told` and `remedy` are for the operator."""

    kind: str
    name: str
    told: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """How a column is created, and which types hold the same values just as well."""

    type: str
    also: Collection[str] = ()
    options: Mapping[str, Any] | None = None


_ISO_UTC = {"timeZone": "utc", "dateFormat": {"name": "iso"}, "timeFormat": {"name": "24hour"}}
_STAGES = {"choices": [{"name": stage.value} for stage in Stage]}
# Words of the operator: whatever shows them as one text will do. An import that does not fit its column is refused.
_WORDS = _Kind(
    type="singleLineText",
    also=("multilineText", "richText", "email", "url", "phoneNumber", "singleSelect", "date"),
)
_LINE = _Kind(type="singleLineText", also=("multilineText",))
_TEXT = _Kind(type="multilineText")
_WHOLE = _Kind(type="number", options={"precision": 0})
_INSTANT = _Kind(type="dateTime", options=_ISO_UTC)
_KINDS: Mapping[str, _Kind] = {
    **dict.fromkeys(OPERATOR_COLUMNS, _WORDS),
    "email": _Kind(type="email", also=("singleLineText", "multilineText")),
    "consent_note": _Kind(type="multilineText", also=_WORDS.also),
    "owner_notes": _Kind(type="multilineText", also=_WORDS.also),
    # A free base allows no other icon and colour (Airtable docs, "Field model").
    "do_not_contact": _Kind(type="checkbox", options={"icon": "check", "color": "greenBright"}),
    "override": _Kind(type="singleLineText", also=("multilineText", "singleSelect")),
    "stage": _Kind(type="singleSelect", also=("singleLineText", "multilineText"), options=_STAGES),
    "step": _WHOLE,
    "variant": _LINE,
    "subject": _LINE,
    "body": _TEXT,
    "research": _TEXT,
    "next_at": _INSTANT,
    "waiting_for": _TEXT,
    "attribution": _TEXT,
    "message_ids": _TEXT,
    "first_sent_at": _INSTANT,
    "last_sent_at": _INSTANT,
    "delivered_at": _INSTANT,
    "opens": _WHOLE,
    "clicks": _WHOLE,
    "last_event_at": _INSTANT,
    "cost_usd": _Kind(type="number", also=("currency",), options={"precision": 6}),
    "trail": _TEXT,
    # The merge field of upserts must be a plain text: email and url are refused (Airtable docs, "Update records").
    "key": _LINE,
}


def gaps(schema: BaseSchema, place: Place, titles: Mapping[str, str]) -> list[Gap]:
    """What the base lacks; empty when everything is there."""
    table = found(schema, place.table)
    if table is None:
        return [*_no_table(place), *_no_view(place)]
    columns = {column.name: column for column in table.fields}
    lacking = [gap for field, title in titles.items() for gap in _of_column(field, title, columns.get(title))]
    views = {name for view in table.views for name in (view.id, view.name)}
    return lacking if not place.view or place.view in views else [*lacking, *_no_view(place)]


def found(schema: BaseSchema, table: str) -> TableSchema | None:
    """The table of this name or id."""
    return next((one for one in schema.tables if table in (one.name, one.id)), None)


def columns(titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """All columns as Airtable's field model has them; the first one becomes the table's primary field."""
    return [column(field, title) for field, title in titles.items()]


def column(field: str, title: str) -> dict[str, Any]:
    """One column as Airtable's field model has it."""
    kind = _KINDS[field]
    return {"name": title, "type": kind.type, **({} if kind.options is None else {"options": kind.options})}


def by_hand(lacking: Sequence[Gap]) -> list[str]:
    """One sentence for each gap that the API cannot fill: it knows no views, and changes no type and no options."""
    return [f"{gap.told}: {gap.remedy}" for gap in lacking if gap.kind in (TYPE, OPTION, VIEW)]


def _of_column(field: str, title: str, there: FieldSchema | None) -> Iterator[Gap]:
    kind = _KINDS[field]
    if there is None:
        remedy = f"{SETUP}; if it was renamed, rename it back or set [store.fields]"
        yield Gap(kind=COLUMN, name=title, told=f"column {title} is missing", remedy=remedy)
    elif there.type not in (kind.type, *kind.also):
        wanted = " or ".join((kind.type, *kind.also))
        told = f"column {title} is of type " + there.type  # pyairtable's enum: formatted, it would show its name
        yield Gap(kind=TYPE, name=title, told=told, remedy=f"change its type to {wanted} in Airtable")
    elif field == "stage" and isinstance(there, SingleSelectFieldSchema):
        yield from _of_stages(title, {choice.name for choice in there.options.choices})


def _of_stages(title: str, names: Collection[str]) -> Iterator[Gap]:
    for stage in Stage:
        if stage.value not in names:
            told = f"column {title} has no option {stage}"
            yield Gap(kind=OPTION, name=stage.value, told=told, remedy="add it in Airtable, written just so")


def _no_table(place: Place) -> Iterator[Gap]:
    remedy = f"{SETUP}, or correct [store.airtable] table"
    yield Gap(kind=TABLE, name=place.table, told=f"table {place.table} is missing in base {place.base}", remedy=remedy)


def _no_view(place: Place) -> Iterator[Gap]:
    if place.view:
        remedy = "add it in Airtable (the API cannot), or correct [store.airtable] view"
        yield Gap(kind=VIEW, name=place.view, told=f"view {place.view} is missing in {place.table}", remedy=remedy)

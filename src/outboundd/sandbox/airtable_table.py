"""What does a table of Airtable hold? Its fields, its views and its rows, and an index where rows are looked up."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from outboundd.sandbox import airtable_cells as cells
from outboundd.sandbox import airtable_formula as formulas
from outboundd.sandbox.airtable_cells import Field, Row
from outboundd.sandbox.airtable_errors import no_field

Order = Sequence[tuple[str, str]]


@dataclass(kw_only=True)
class View:
    """A named view: a formula over field ids ("" keeps all) and an order of (field id, asc or desc)."""

    id: str
    name: str
    formula: str = ""
    order: Order = ()


class Table:
    """One table. Whatever changes a row goes through `put`, `insert` or `remove`, so the indexes stay true."""

    def __init__(self, *, id: str, name: str, new_id: Callable[[str], str], description: str = "") -> None:  # noqa: A002
        self.id = id
        self.name = name
        self.description = description
        self.fields: list[Field] = []
        self.views: list[View] = []
        self.rows: dict[str, Row] = {}
        self._new_id = new_id
        self._found: dict[str, Field] = {}
        self._indexes: dict[tuple[str, ...], dict[tuple[object, ...], dict[str, None]]] = {}
        self._places = 0

    def field(self, name_or_id: str) -> Field | None:
        """The field of this name or id."""
        return self._found.get(name_or_id)

    def known(self, name_or_id: str) -> Field:
        """The same; Problem (422) where there is none."""
        found = self._found.get(name_or_id)
        if found is None:
            raise no_field(name_or_id)
        return found

    def add_field(self, column: Field) -> None:
        """One more column."""
        self.fields.append(column)
        self._refind()

    def rename(self, column: Field, name: str) -> None:
        """Another name for a column; its cells stay."""
        column.name = name
        self._refind()

    def _refind(self) -> None:
        self._found = {one.name: one for one in self.fields} | {one.id: one for one in self.fields}

    def view(self, name_or_id: str) -> View | None:
        """The view of this name or id."""
        return next((one for one in self.views if name_or_id in (one.name, one.id)), None)

    def taken(self, fields: Mapping[str, object], *, typecast: bool) -> dict[str, object]:
        """What these values, by name or id, make of the cells, by field id; None empties. Problem at the first wrong
        one.
        """
        result = {}
        for name, value in fields.items():
            column = self.known(name)
            result[column.id] = cells.taken(column, value, typecast=typecast)
        return result

    def insert(self, values: Mapping[str, object], now: datetime) -> Row:
        """A new row at the end."""
        row = Row(id=self._new_id("rec"), place=self._places, created=now, modified=now)
        self.restore(row)
        self.put(row, values, now)
        return row

    def restore(self, row: Row) -> None:
        """A row as it is."""
        self.rows[row.id] = row
        self._places = max(self._places, row.place) + 1
        self._index(row)

    def put(self, row: Row, values: Mapping[str, object], now: datetime) -> None:
        """Write cells, by field id; None empties one. An unknown option of a select comes into being."""
        self._unindex(row)
        for field_id, value in values.items():
            if value is None:
                row.cells.pop(field_id, None)
                continue
            row.cells[field_id] = value
            self._learn(self._found[field_id], value)
        row.modified = now
        self._index(row)

    def remove(self, row_id: str) -> None:
        """A row less."""
        self._unindex(self.rows[row_id])
        del self.rows[row_id]

    def _learn(self, column: Field, value: object) -> None:
        if column.type not in cells.SELECT or column.options is None:
            return
        for name in value if isinstance(value, list) else [value]:
            if name not in column.choices():
                column.options["choices"].append({"id": self._new_id("sel"), "name": name, "color": "blueLight2"})

    def matching(self, columns: Sequence[Field], values: Mapping[str, object]) -> list[str]:
        """The rows that have these values in these columns."""
        fields = tuple(one.id for one in columns)
        if fields not in self._indexes:
            self._indexes[fields] = {}
            for row in self.rows.values():
                self._indexes[fields].setdefault(_key(fields, row.cells), {})[row.id] = None
        return list(self._indexes[fields].get(_key(fields, values), ()))

    def _index(self, row: Row) -> None:
        for fields, index in self._indexes.items():
            index.setdefault(_key(fields, row.cells), {})[row.id] = None

    def _unindex(self, row: Row) -> None:
        for fields, index in self._indexes.items():
            index[_key(fields, row.cells)].pop(row.id, None)

    def kept(self, formula: str, view: View | None) -> list[Row]:
        """The rows that both keep, in the order of their creation. InvalidFormula for a formula that is none."""
        asked = formulas.compiled(formula, self.field) if formula else None
        rows: Iterable[Row] = self.rows.values()
        if asked and asked.ids is not None:
            rows = sorted((self.rows[one] for one in asked.ids if one in self.rows), key=lambda row: row.place)
        if asked:
            rows = filter(asked.keeps, rows)
        if view and view.formula:
            rows = filter(formulas.compiled(view.formula, self.field).keeps, rows)
        return list(rows)

    def ordered(self, rows: list[Row], order: Order) -> list[Row]:
        """Sorted by columns, the first one weighing most."""
        for name, direction in reversed(order):
            column = self.known(name)
            rows.sort(key=lambda row: cells.order_of(column, row), reverse=direction == "desc")
        return rows

    def record(self, row: Row, *, by_id: bool = False, only: Sequence[Field] | None = None) -> dict[str, Any]:
        """A record as the API returns it: empty cells are left out."""
        columns = self.fields if only is None else only
        fields = {(one.id if by_id else one.name): cells.shown(one, row) for one in columns}
        return {
            "id": row.id,
            "createdTime": cells.stamp(row.created),
            "fields": {name: value for name, value in fields.items() if value is not None},
        }

    def schema(self, *, visible: bool = False) -> dict[str, Any]:
        """As the base's schema shows it."""
        shown = {"visibleFieldIds": [one.id for one in self.fields]} if visible else {}
        return {
            "id": self.id,
            "name": self.name,
            "primaryFieldId": self.fields[0].id,
            **({"description": self.description} if self.description else {}),
            "fields": [described(one) for one in self.fields],
            "views": [{"id": one.id, "name": one.name, "type": "grid", **shown} for one in self.views],
        }


def described(column: Field) -> dict[str, Any]:
    """A field as the schema shows it."""
    return {name: value for name, value in vars(column).items() if value not in (None, "")}


def _key(fields: Sequence[str], values: Mapping[str, object]) -> tuple[object, ...]:
    found = (values.get(one) for one in fields)
    return tuple(tuple(one) if isinstance(one, list) else one for one in found)

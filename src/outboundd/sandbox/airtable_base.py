"""What do people see of a base in their browser? Tables they make, cells they fill, columns they rename: no API.

Nothing here asks who it is or how often; types are checked, as the browser does. Columns are given as a type's name,
a list of options for a single select, or a mapping with `type` and `options`.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from outboundd.sandbox import airtable_cells as cells
from outboundd.sandbox import airtable_formula as formulas
from outboundd.sandbox.airtable_cells import Field, Row
from outboundd.sandbox.airtable_table import Order, Table, View
from outboundd.sandbox.world import World

Column = str | Sequence[str] | Mapping[str, Any]
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Base:
    """One base. It begins as a new one does: with an empty "Table 1"."""

    def __init__(self, world: World, base: str) -> None:
        self.world = world
        self.base = base
        self.tables: list[Table] = []
        self.add_table("Table 1", {"Name": "singleLineText", "Notes": "multilineText"})

    def new_id(self, prefix: str) -> str:
        """Seventeen characters, as all ids have."""
        return prefix + "".join(self.world.rng.choices(_ALPHABET, k=14))

    def table(self, name_or_id: str) -> Table:
        """The table of this name or id. KeyError when there is none."""
        for one in self.tables:
            if name_or_id in (one.name, one.id):
                return one
        raise KeyError(name_or_id)

    def add_table(
        self, name: str, fields: Mapping[str, Column], views: Mapping[str, str] | None = None, *, description: str = ""
    ) -> Table:
        """A new table with a "Grid view" of all, and `views` by name with their formulas. The first field is the
        primary one.
        """
        table = Table(id=self.new_id("tbl"), name=name, new_id=self.new_id, description=description)
        for column, kind in fields.items():
            table.add_field(self._new_field(column, kind))
        self.tables.append(table)
        for view, formula in {"Grid view": "", **(views or {})}.items():
            self.add_view(name, view, formula)
        return table

    def add_column(self, table: str, name: str, kind: Column) -> Field:
        """One more column at the end. ValueError, in words, when its options do not fit."""
        column = self._new_field(name, kind)
        self.table(table).add_field(column)
        return column

    def _new_field(self, name: str, kind: Column) -> Field:
        if isinstance(kind, str):
            kind = {"type": kind, "options": cells.DEFAULTS.get(kind)}
        if not isinstance(kind, Mapping):
            kind = {"type": "singleSelect", "options": {"choices": [{"name": one} for one in kind]}}
        if kind["type"] not in cells.TYPES:
            raise ValueError(f"{kind['type']} is not simulated")
        options = cells.options_for(kind["type"], kind.get("options"), self.new_id)
        description = kind.get("description", "")
        return Field(id=self.new_id("fld"), name=name, type=kind["type"], options=options, description=description)

    def rename_column(self, table: str, old: str, new: str) -> None:
        """Views go on with it; clients that know the old name do not."""
        found = self.table(table)
        found.rename(found.known(old), new)

    def add_option(self, table: str, column: str, name: str) -> None:
        """One more choice of a select."""
        choices = self._choices(table, column)
        choices.append({"id": self.new_id("sel"), "name": name, "color": "blueLight2"})

    def remove_option(self, table: str, column: str, name: str) -> None:
        """One choice less; the cells that had it are empty."""
        found = self.table(table)
        field_id = found.known(column).id
        for row in found.rows.values():
            value = row.cells.get(field_id)
            if value == name:
                found.put(row, {field_id: None}, self.world.now())
            elif isinstance(value, list) and name in value:
                found.put(row, {field_id: [one for one in value if one != name] or None}, self.world.now())
        choices = self._choices(table, column)
        choices[:] = [one for one in choices if one["name"] != name]

    def _choices(self, table: str, column: str) -> list[dict[str, str]]:
        options = self.table(table).known(column).options or {}
        choices: list[dict[str, str]] = options["choices"]
        return choices

    def add_view(self, table: str, name: str, formula: str = "", order: Order = ()) -> None:
        """A view that keeps what the formula keeps, sorted by (column, asc or desc). InvalidFormula when it is none."""
        found = self.table(table)
        by_id = [(found.known(column).id, direction) for column, direction in order]
        kept = formulas.pinned(formula, found.field) if formula else ""
        found.views.append(View(id=self.new_id("viw"), name=name, formula=kept, order=by_id))

    def remove_view(self, table: str, name: str) -> None:
        """A view less."""
        found = self.table(table)
        found.views = [one for one in found.views if one.name != name]

    def add_rows(self, table: str, rows: Iterable[Mapping[str, object]]) -> list[str]:
        """New rows by column names, at the end; their ids."""
        found = self.table(table)
        now = self.world.now()
        return [found.insert(found.taken(fields, typecast=True), now).id for fields in rows]

    def edit(self, table: str, record_id: str, fields: Mapping[str, object]) -> None:
        """Somebody types into a row."""
        found = self.table(table)
        found.put(found.rows[record_id], found.taken(fields, typecast=True), self.world.now())

    def delete(self, table: str, record_id: str) -> None:
        """Somebody deletes a row."""
        self.table(table).remove(record_id)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All records, in the order of their creation, as the API returns them."""
        found = self.table(table)
        return [found.record(row) for row in found.rows.values()]

    def row(self, table: str, record_id: str) -> dict[str, Any]:
        """One record. KeyError when it is gone."""
        found = self.table(table)
        return found.record(found.rows[record_id])

    def dump_tables(self) -> list[dict[str, Any]]:
        """All of it as JSON values."""
        return [
            {
                "id": one.id,
                "name": one.name,
                "description": one.description,
                "fields": copy.deepcopy([vars(column) for column in one.fields]),
                "views": [vars(view) for view in one.views],
                "rows": [_dumped(row) for row in one.rows.values()],
            }
            for one in self.tables
        ]

    def load_tables(self, state: Iterable[Mapping[str, Any]]) -> None:
        """What `dump_tables` gave, in place of what is here."""
        self.tables = [self._loaded(one) for one in state]

    def _loaded(self, state: Mapping[str, Any]) -> Table:
        table = Table(id=state["id"], name=state["name"], new_id=self.new_id, description=state["description"])
        for column in state["fields"]:
            table.add_field(Field(**copy.deepcopy(column)))
        table.views = [View(**view) for view in state["views"]]
        for row in state["rows"]:
            times = {name: datetime.fromisoformat(row[name]) for name in ("created", "modified")}
            table.restore(Row(**{**row, **times, "cells": dict(row["cells"])}))
        return table


def _dumped(row: Row) -> dict[str, Any]:
    times = {"created": row.created.isoformat(), "modified": row.modified.isoformat()}
    return {**vars(row), **times, "cells": dict(row.cells)}

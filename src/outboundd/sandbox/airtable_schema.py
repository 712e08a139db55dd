"""What can the API build in a base? Tables and columns, and their names and descriptions; no views, nothing deleted."""

from collections.abc import Mapping
from typing import Any

from outboundd.sandbox import airtable_cells as cells
from outboundd.sandbox.airtable_base import Base
from outboundd.sandbox.airtable_cells import Field
from outboundd.sandbox.airtable_errors import Problem, bad_request
from outboundd.sandbox.airtable_table import Table, described

DESCRIPTION_MAX = 20_000


def create_table(base: Base, body: Mapping[str, Any]) -> dict[str, Any]:
    """POST meta/bases/{base}/tables."""
    _only(body, "name", "description", "fields")
    name, fields = _name(body, "table"), body.get("fields")
    if not isinstance(fields, list) or not fields:
        raise bad_request("A table needs a field.")
    if any(one.name == name for one in base.tables):
        raise Problem(422, "DUPLICATE_TABLE_NAME", f'There is a table "{name}" already')
    columns: dict[str, Mapping[str, Any]] = {}
    for one in fields:
        column = _column(one)
        _free(column["name"], columns)
        columns[column["name"]] = column
    try:
        return base.add_table(name, columns, description=_description(body)).schema()
    except ValueError as wrong:
        raise _options(wrong) from None


def create_field(base: Base, table: Table, body: Mapping[str, Any]) -> dict[str, Any]:
    """POST meta/bases/{base}/tables/{table}/fields."""
    column = _column(body)
    _free(column["name"], [one.name for one in table.fields])
    try:
        return described(base.add_column(table.id, column["name"], column))
    except ValueError as wrong:
        raise _options(wrong) from None


def update_table(base: Base, table: Table, body: Mapping[str, Any]) -> dict[str, Any]:
    """PATCH of a table: its name, its description, or both."""
    _changes(body)
    if "name" in body:
        name = _name(body, "table")
        if any(one.name == name for one in base.tables if one is not table):
            raise Problem(422, "DUPLICATE_TABLE_NAME", f'There is a table "{name}" already')
        table.name = name
    table.description = _description(body) if "description" in body else table.description
    return table.schema()


def update_field(table: Table, column: Field, body: Mapping[str, Any]) -> dict[str, Any]:
    """PATCH of a field: its name, its description, or both; never type and options."""
    _changes(body)
    if "name" in body:
        name = _name(body, "field")
        _free(name, [one.name for one in table.fields if one is not column])
        table.rename(column, name)
    column.description = _description(body) if "description" in body else column.description
    return described(column)


def _changes(body: Mapping[str, Any]) -> None:
    _only(body, "name", "description")
    if not body:
        raise bad_request("A name or a description is needed.")


def _column(given: object) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise bad_request("A field must be an object.")
    _only(given, "name", "type", "options", "description")
    _name(given, "field")
    _description(given)
    kind = given.get("type")
    if kind in cells.NOT_CREATED:
        raise Problem(422, "UNSUPPORTED_FIELD_TYPE_FOR_CREATE", f"Creating {kind} fields is not supported at this time")
    if kind not in cells.TYPES:
        raise bad_request(f"Unknown field type {kind}.")
    return given


def _options(wrong: ValueError) -> Problem:
    return Problem(422, "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE", f"Invalid options: {wrong}")


def _free(name: str, taken: Mapping[str, object] | list[str]) -> None:
    if name.casefold() in {one.casefold() for one in taken}:
        raise Problem(422, "DUPLICATE_OR_EMPTY_FIELD_NAME", f'There is a field "{name}" already')


def _name(given: Mapping[str, Any], what: str) -> str:
    name = given.get("name")
    if not isinstance(name, str) or not name.strip():
        raise bad_request(f"A {what} needs a name.")
    return name


def _description(given: Mapping[str, Any]) -> str:
    text = given.get("description") or ""
    if not isinstance(text, str) or len(text) > DESCRIPTION_MAX:
        raise bad_request("A description has up to 20,000 characters.")
    return text


def _only(given: Mapping[str, Any], *known: str) -> None:
    if unknown := set(given) - set(known):
        raise bad_request(f"Unknown key {min(unknown)}.")

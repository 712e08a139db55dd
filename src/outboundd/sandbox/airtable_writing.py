"""How does Airtable write? Every record of a request is checked before the first one is written: all or none.

Airtable does not promise that; reports say so (contract, "Is a batch atomic?").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from outboundd.sandbox import airtable_cells as cells
from outboundd.sandbox.airtable_cells import Field, Row
from outboundd.sandbox.airtable_errors import Problem, bad_request, no_row
from outboundd.sandbox.airtable_table import Table

RECORDS_MAX = 10


@dataclass(frozen=True, kw_only=True)
class _Change:
    """What will be written; without a row one is created."""

    row: Row | None
    values: Mapping[str, object]


def create(table: Table, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """POST of one record (`fields`) or up to ten (`records`)."""
    _only(body, "fields", "records", "typecast", "returnFieldsByFieldId")
    given = [{"fields": _fields(body)}] if "records" not in body else _records(body)
    for one in given:
        _only(one, "fields")
    changes = [_Change(row=None, values=_values(table, one, body)) for one in given]
    records = _shown(table, _written(table, changes, now), body)
    return {"records": records} if "records" in body else records[0]


def update_one(table: Table, record_id: str, body: Mapping[str, Any], now: datetime, *, clear: bool) -> dict[str, Any]:
    """PATCH of one record; PUT (`clear`) empties every writable field that is not named."""
    _only(body, "fields", "typecast", "returnFieldsByFieldId")
    change = _update(table, {"id": record_id, "fields": _fields(body)}, body, clear=clear)
    return _shown(table, _written(table, [change], now), body)[0]


def update(table: Table, body: Mapping[str, Any], now: datetime, *, clear: bool) -> dict[str, Any]:
    """PATCH or PUT (`clear`) of up to ten records by id."""
    _only(body, "records", "typecast", "returnFieldsByFieldId")
    changes = [_update(table, one, body, clear=clear) for one in _records(body)]
    _each_once(changes)
    return {"records": _shown(table, _written(table, changes, now), body)}


def upsert(table: Table, body: Mapping[str, Any], now: datetime, *, clear: bool) -> dict[str, Any]:
    """The same, but a record without id is found by its merge fields, or created."""
    _only(body, "records", "typecast", "returnFieldsByFieldId", "performUpsert")
    merge = _merge_fields(table, body["performUpsert"])
    changes = [_merged(table, one, body, merge, clear=clear) for one in _records(body)]
    _each_once(changes)
    _each_key_once(changes, merge)
    rows = _written(table, changes, now)
    old = {change.row.id for change in changes if change.row}
    return {
        "records": _shown(table, rows, body),
        "createdRecords": [row.id for row in rows if row.id not in old],
        "updatedRecords": [row.id for row in rows if row.id in old],
    }


def delete(table: Table, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Up to ten records, all of them there."""
    if len(ids) > RECORDS_MAX:
        raise _too_many("ids")
    if not ids:
        raise bad_request("records[] is missing.")
    for one in ids:
        _known(table, one)
    for one in dict.fromkeys(ids):
        table.remove(one)
    return [{"id": one, "deleted": True} for one in ids]


def _only(given: Mapping[str, Any], *known: str) -> None:
    if unknown := set(given) - set(known):
        raise bad_request(f"Unknown key {min(unknown)}.")


def _fields(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = given.get("fields")
    if fields is None:
        message = 'Could not find field "fields" in the request body'
        raise Problem(422, "INVALID_REQUEST_MISSING_FIELDS", message)
    if not isinstance(fields, dict):
        raise bad_request("fields must be an object.")
    return fields


def _records(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    records = body.get("records")
    if not isinstance(records, list) or not records or not all(isinstance(one, dict) for one in records):
        raise bad_request("records must be a list of objects.")
    if len(records) > RECORDS_MAX:
        raise _too_many("record objects")
    return records


def _too_many(what: str) -> Problem:
    return Problem(422, "INVALID_RECORDS", f"Invalid request: records must be an array of up to 10 {what}.")


def _known(table: Table, record_id: object) -> Row:
    row = table.rows.get(str(record_id))
    if row is None:
        raise no_row(str(record_id))
    return row


def _values(table: Table, given: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, object]:
    return table.taken(_fields(given), typecast=body.get("typecast") is True)


def _update(table: Table, given: Mapping[str, Any], body: Mapping[str, Any], *, clear: bool) -> _Change:
    _only(given, "id", "fields")
    if "id" not in given:
        raise bad_request("A record without id.")
    row, values = _known(table, given["id"]), _values(table, given, body)
    return _Change(row=row, values=_emptied(table, values) if clear else values)


def _emptied(table: Table, values: Mapping[str, object]) -> dict[str, object]:
    """PUT: what is not named is emptied."""
    return {**{one.id: None for one in table.fields if one.type not in cells.COMPUTED}, **values}


def _merge_fields(table: Table, given: object) -> list[Field]:
    names = given.get("fieldsToMergeOn") if isinstance(given, dict) else None
    if not isinstance(names, list) or not 1 <= len(names) <= 3:
        raise bad_request("fieldsToMergeOn must name one to three fields.")
    columns = [table.known(str(one)) for one in names]
    for column in columns:
        if column.type not in cells.MERGEABLE:
            raise bad_request(f'Field "{column.name}" of type {column.type} cannot be merged on.')
    return columns


def _merged(
    table: Table, given: Mapping[str, Any], body: Mapping[str, Any], merge: Sequence[Field], *, clear: bool
) -> _Change:
    if "id" in given:
        return _update(table, given, body, clear=clear)
    _only(given, "fields")
    values = _values(table, given, body)
    if missing := [one.name for one in merge if one.id not in values]:
        raise bad_request(f"A record without its merge field {missing[0]}.")
    found = table.matching(merge, values)
    if len(found) > 1:
        raise bad_request("More than one record matches the merge fields.")
    if not found:
        return _Change(row=None, values=values)
    return _Change(row=table.rows[found[0]], values=_emptied(table, values) if clear else values)


def _each_once(changes: Sequence[_Change]) -> None:
    ids = [change.row.id for change in changes if change.row]
    if len(set(ids)) < len(ids):
        message = "You cannot update the same record multiple times in a single request."
        raise Problem(422, "INVALID_RECORDS", message)


def _each_key_once(changes: Sequence[_Change], merge: Sequence[Field]) -> None:
    """Two new records with one key: what Airtable does is not documented, so it fails here."""
    keys = [str([change.values[one.id] for one in merge]) for change in changes if change.row is None]
    if len(set(keys)) < len(keys):
        raise bad_request("Two new records have the same merge fields.")


def _written(table: Table, changes: Sequence[_Change], now: datetime) -> list[Row]:
    rows = []
    for change in changes:
        if change.row is None:
            rows.append(table.insert(change.values, now))
            continue
        table.put(change.row, change.values, now)
        rows.append(change.row)
    return rows


def _shown(table: Table, rows: Sequence[Row], body: Mapping[str, Any]) -> list[dict[str, Any]]:
    by_id = body.get("returnFieldsByFieldId") is True
    return [table.record(row, by_id=by_id) for row in rows]

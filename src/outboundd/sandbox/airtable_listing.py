"""How does Airtable list records? The parameters of a query, and iterators that hand out its pages until they expire.

What a listing keeps is settled with its first page: later pages show a row as it is by then, leave out a deleted one,
and know nothing of a new one.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from multidict import MultiMapping

from outboundd.sandbox.airtable_cells import Row
from outboundd.sandbox.airtable_errors import Problem, bad_request, no_iterator
from outboundd.sandbox.airtable_formula import InvalidFormula
from outboundd.sandbox.airtable_table import Order, Table
from outboundd.sandbox.world import World

PAGE_MAX = 100
_SORT = re.compile(r"sort\[(\d+)\]\[(field|direction)\]")
_IN_THE_QUERY = {"timeZone", "userLocale"}
_KNOWN = _IN_THE_QUERY | {
    *("pageSize", "maxRecords", "offset", "view", "sort", "filterByFormula", "fields", "cellFormat"),
    *("returnFieldsByFieldId", "recordMetadata"),
}


@dataclass(frozen=True, kw_only=True)
class Query:
    """All parameters but the offset: an offset is good for the query it was made with."""

    view: str = ""
    formula: str = ""
    order: Order = ()
    fields: tuple[str, ...] | None = None
    page_size: int = PAGE_MAX
    max_records: int | None = None
    by_id: bool = False
    comments: bool = False


@dataclass(kw_only=True)
class _Iterator:
    table_id: str
    query: Query
    ids: list[str]
    used_at: datetime
    begun: dict[str, int] = field(default_factory=dict)


class Iterators:
    """Those that are alive. The server forgets them all when it is restarted."""

    def __init__(self, world: World, idle_s: float) -> None:
        self._world = world
        self._idle = timedelta(seconds=idle_s)
        self._alive: dict[str, _Iterator] = {}

    def restart(self) -> None:
        """Every offset handed out so far is worth nothing."""
        self._alive.clear()

    def page(self, table: Table, query: Query, offset: str, new_id: str, size: int) -> dict[str, Any]:
        """The page at this offset ("": the first one) with `size` records, and the offset of the next."""
        name, iterator, at = self._resumed(table, query, offset) if offset else self._begun(table, query, new_id)
        rows: list[Row] = []
        while at < len(iterator.ids) and len(rows) < size:
            if (row := table.rows.get(iterator.ids[at])) is not None:
                rows.append(row)
            at += 1
        columns = None if query.fields is None else [table.known(one) for one in query.fields]
        records = [table.record(row, by_id=query.by_id, only=columns) for row in rows]
        if query.comments:
            records = [{**one, "commentCount": 0} for one in records]
        if at >= len(iterator.ids):
            return {"records": records}
        next_id = iterator.ids[at]
        iterator.begun[next_id] = at
        return {"records": records, "offset": f"{name}/{next_id}"}

    def _begun(self, table: Table, query: Query, name: str) -> tuple[str, _Iterator, int]:
        now = self._world.now()
        self._alive = {key: one for key, one in self._alive.items() if now - one.used_at <= self._idle}
        ids = [row.id for row in self._chosen(table, query)][: query.max_records]
        iterator = _Iterator(table_id=table.id, query=query, ids=ids, used_at=now)
        self._alive[name] = iterator
        return name, iterator, 0

    def _resumed(self, table: Table, query: Query, offset: str) -> tuple[str, _Iterator, int]:
        name, _, record_id = offset.partition("/")
        iterator = self._alive.get(name)
        now = self._world.now()
        if iterator is None or now - iterator.used_at > self._idle:
            raise no_iterator()
        if (iterator.table_id, iterator.query) != (table.id, query) or record_id not in iterator.begun:
            raise Problem(422, "INVALID_OFFSET_VALUE", "The value of offset belongs to another query")
        iterator.used_at = now
        return name, iterator, iterator.begun[record_id]

    def _chosen(self, table: Table, query: Query) -> list[Row]:
        view = table.view(query.view) if query.view else None
        if query.view and view is None:
            raise Problem(422, "VIEW_NAME_NOT_FOUND", f"View {query.view} not found")
        try:
            rows = table.kept(query.formula, view)
        except InvalidFormula as invalid:
            words = f"The formula for filtering records is invalid: {invalid}"
            raise Problem(422, "INVALID_FILTER_BY_FORMULA", words) from None
        if query.order:
            return table.ordered(rows, query.order)
        if view:
            return table.ordered(rows, view.order)
        self._world.rng.shuffle(rows)  # without sort and view the order is arbitrary (docs, List records)
        return rows


def from_query(query: MultiMapping[str]) -> dict[str, Any]:
    """The parameters of a GET as the POST form has them."""
    sort: dict[int, dict[str, str]] = {}
    found: dict[str, Any] = {}
    for key, value in query.items():
        if match := _SORT.fullmatch(key):
            sort.setdefault(int(match[1]), {})[match[2]] = value
        elif key in {"fields[]", "recordMetadata[]"}:
            found.setdefault(key[:-2], []).append(value)
        elif key in {"pageSize", "maxRecords"}:
            found[key] = int(value) if value.isdecimal() else value
        elif key == "returnFieldsByFieldId":
            found[key] = value in {"1", "true"}
        else:
            found[key] = value
    return found | ({"sort": [sort[index] for index in sorted(sort)]} if sort else {})


def from_body(body: Mapping[str, Any], query: MultiMapping[str]) -> dict[str, Any]:
    """The parameters of the POST form; time zone and locale stay in the query string."""
    if unknown := set(query) - _IN_THE_QUERY:
        raise bad_request(f"{min(unknown)} belongs into the body.")
    if misplaced := _IN_THE_QUERY & set(body):
        raise bad_request(f"{min(misplaced)} belongs into the query string.")
    return dict(body)


def understood(given: Mapping[str, Any], table: Table) -> tuple[Query, str]:
    """The query and its offset. Problem (422) for what Airtable does not know, or what is not simulated."""
    if unknown := set(given) - _KNOWN:
        raise bad_request(f"Unknown parameter {min(unknown)}.")
    if given.get("cellFormat", "json") != "json":
        raise bad_request("cellFormat string is not simulated.")
    size, most = given.get("pageSize", PAGE_MAX), given.get("maxRecords")
    if not isinstance(size, int) or not 1 <= size <= PAGE_MAX:
        raise bad_request("pageSize must be 1 to 100.")
    if most is not None and (not isinstance(most, int) or most < 1):
        raise bad_request("maxRecords must be 1 or more.")
    fields = given.get("fields")
    return Query(
        view=_text(given, "view"),
        formula=_text(given, "filterByFormula"),
        order=tuple(_sorting(one, table) for one in _list(given, "sort")),
        fields=None if fields is None else tuple(table.known(str(one)).id for one in _list(given, "fields")),
        page_size=size,
        max_records=most,
        by_id=given.get("returnFieldsByFieldId") is True,
        comments="commentCount" in _list(given, "recordMetadata"),
    ), _text(given, "offset")


def _sorting(given: object, table: Table) -> tuple[str, str]:
    if not isinstance(given, dict) or given.get("direction", "asc") not in {"asc", "desc"}:
        raise bad_request("sort must name fields, and asc or desc.")
    return table.known(str(given.get("field"))).id, given.get("direction", "asc")


def _text(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key, "")
    if not isinstance(value, str):
        raise bad_request(f"{key} must be text.")
    return value


def _list(given: Mapping[str, Any], key: str) -> list[Any]:
    value = given.get(key, [])
    if not isinstance(value, list):
        raise bad_request(f"{key} must be a list, not {json.dumps(value)}.")
    return value

"""What do the leads look like when the table is an Airtable base that a human works in, too?

PATCH only, and rows are made by upsert on the Key column: every write may be repeated. Every listing names its columns,
so that one renamed meanwhile is an error and never an empty cell.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import anyio
from anyio.lowlevel import checkpoint
from pyairtable import Api, Table
from pyairtable.api.types import RecordDict, UpdateRecordDict, assert_typed_dicts
from pyairtable.formulas import field_name, quoted, to_formula_str
from pyairtable.models.schema import BaseSchema
from pyairtable.utils import is_record_id

from outboundd.adapters import airtable_schema as schema
from outboundd.adapters.airtable_errors import GONE, NO_SENSE, VENDOR, ListingLost, Place
from outboundd.adapters.airtable_http import CALLS_PER_S, SLOWED_PER_S, Line
from outboundd.adapters.airtable_schema import COLUMN, TABLE, Gap
from outboundd.adapters.cells import Cell, at_most, folded, import_cells, patch_cells, to_lead
from outboundd.adapters.retry import patiently
from outboundd.model.lead import COLUMNS, Lead, Value
from outboundd.ports import Broken, Clock, Exhausted, Refused, SetUp, Transient, Upserted

T = TypeVar("T")

PAGE_SIZE = 100
ROWS_A_WRITE = 10  # more is 422 INVALID_RECORDS
LISTINGS = 3  # how often a listing is begun before it is left to the next run
LONGEST_TEXT = 100_000  # characters of a text cell (help centre, "Using rich text")
_FIELDS = {title: field for field, title in COLUMNS.items()}
_INSTANTS = {"next_at", "first_sent_at", "last_sent_at", "delivered_at", "last_event_at"}


class AirtableStore:
    """One table of one base (port LeadStore); the rows' ids are Airtable's own.

    `view` narrows what is read for work, and may be empty: then every row is in it. `titles` are the names of all our
    columns there (field -> title). `calls_per_s` is what the base allows us. `counted` is awaited for every request
    that leaves. `close` gives back its connections.
    """

    name = VENDOR

    def __init__(
        self,
        *,
        token: str,
        base: str,
        table: str,
        view: str,
        clock: Clock,
        titles: Mapping[str, str] = COLUMNS,
        api_url: str = "https://api.airtable.com",
        calls_per_s: int = CALLS_PER_S,
        counted: Callable[[], Awaitable[None]] = checkpoint,
    ) -> None:
        self._titles = titles
        self._place = Place(base=base, table=table, view=view, titles=tuple(titles.values()))
        self._line = Line(
            token=token, api_url=api_url, place=self._place, clock=clock, calls_per_s=calls_per_s, counted=counted
        )
        self._fits = False
        self._comparing = anyio.Lock()

    @property
    def requests(self) -> int:
        """Requests that left since the start."""
        return self._line.requests

    def close(self) -> None:
        self._line.close()

    async def missing(self) -> Sequence[Gap]:
        """What the base lacks of what we need; empty when it fits. Needs the scope schema.bases:read."""
        return schema.gaps(await self._schema(), self._place, self._titles)

    async def set_up(self) -> SetUp:
        gaps = await self.missing()
        by_hand = await self.create(gaps)
        made = tuple(f"{gap.kind} {gap.name}" for gap in gaps if gap.kind in (TABLE, COLUMN))
        return SetUp(made=made, by_hand=tuple(by_hand))

    async def create(self, gaps: Sequence[Gap]) -> list[str]:
        """Create the table or the columns among these gaps; returns a sentence for each that a human must fill.

        Needs the scope schema.bases:write. Nothing is repeated by itself: after a failure ask `missing` again.
        """
        if any(gap.kind == TABLE for gap in gaps):
            await self._line.call(
                lambda api: api.base(self._place.base).create_table(self._place.table, schema.columns(self._titles))
            )
        titles = {gap.name for gap in gaps if gap.kind == COLUMN}
        if titles:
            await self._create_columns({field: title for field, title in self._titles.items() if title in titles})
        return schema.by_hand(gaps)

    async def new_rows(self) -> Sequence[Lead]:
        return await self._leads(self._is_new, in_view=True)

    async def with_override(self) -> Sequence[Lead]:
        return await self._leads(self._has_override, in_view=False)

    async def news(self, since: datetime) -> Sequence[Lead]:
        created = f"NOT(IS_BEFORE(CREATED_TIME(),{to_formula_str(since)}))"
        return await self._leads(f"OR({self._has_override},AND({self._is_new},{created}))", in_view=False)

    async def read(self, ids: Sequence[str], *, in_view: bool = True) -> Mapping[str, Lead]:
        found: dict[str, Lead] = {}
        known = _of_airtable(ids)
        for start in range(0, len(known), PAGE_SIZE):
            formula = _any(f"RECORD_ID()={quoted(one)}" for one in known[start : start + PAGE_SIZE])
            found |= {lead.id: lead for lead in await self._leads(formula, in_view=in_view)}
        return found

    async def pages(self) -> AsyncIterator[Sequence[Lead]]:
        # All of it is read before any of it is used: an iterator that waits for us expires (422) after minutes.
        records = await self._records("", view="")
        for start in range(0, len(records), PAGE_SIZE):
            yield [self._lead(record) for record in records[start : start + PAGE_SIZE]]

    async def apply(self, patches: Mapping[str, Mapping[str, Value]]) -> None:
        at_most(ROWS_A_WRITE, patches, VENDOR)
        rows: list[UpdateRecordDict] = [
            {"id": lead, "fields": self._written(patch_cells(VENDOR, patch))} for lead, patch in patches.items()
        ]
        if len(_of_airtable(list(patches))) < len(patches):
            raise Refused(VENDOR, GONE)
        if not any(row["fields"] for row in rows):
            return
        await self._fitting()
        try:
            await self._write(lambda table: table.batch_update(rows))
        except Exhausted as failure:
            # Reports differ on how a row that is gone is told: 422, or like a missing table (contract, section 12).
            if len(await self.read(list(patches), in_view=False)) < len(patches):
                raise Refused(VENDOR, GONE) from failure
            raise

    async def upsert(self, rows: Sequence[Mapping[str, Value]]) -> Upserted:
        at_most(PAGE_SIZE, rows, VENDOR)
        given: dict[str, dict[str, Any]] = {}
        for row in rows:
            key, cells = import_cells(VENDOR, row)
            given.setdefault(key, {}).update(self._written(cells))
        known = await self._rows_of(list(given))
        records = [{**({"id": known[key]} if key in known else {}), "fields": cells} for key, cells in given.items()]
        created: list[str] = []
        for start in range(0, len(records), ROWS_A_WRITE):
            created += await self._upsert(records[start : start + ROWS_A_WRITE], set(known.values()))
        return Upserted(created=tuple(created), updated=tuple(known.values()))

    async def find(self, key: str) -> Sequence[Lead]:
        return await self._leads(self._is_of(key), in_view=False)

    async def erase(self, ids: Sequence[str]) -> None:
        known = _of_airtable(ids)
        for start in range(0, len(known), ROWS_A_WRITE):
            await self._erase(known[start : start + ROWS_A_WRITE])

    async def probe(self) -> str:
        self._fits = False  # who asks has a doubt: an option that is missing, say, halts nothing
        await self._fitting()
        page = await self._ask(self._page({"fields": [self._titles["key"]]}))
        records = len(page["records"])
        count = f"more than {records}" if page.get("offset") else str(records)
        slowed = f"; asked only {SLOWED_PER_S} times a second: it refused us repeatedly" if self._line.slowed else ""
        return f"{count} leads in table {self._place.table} of base {self._place.base}{slowed}"

    async def _schema(self) -> BaseSchema:
        return await self._ask(lambda api: api.base(self._place.base).schema(force=True))

    async def _fitting(self) -> None:
        """Compare the table with what we need, once. Raises Exhausted: what does not fit concerns every lead."""
        async with self._comparing:
            if self._fits:
                return
            lacking = await self.missing()
            if lacking:
                others = f" (and {len(lacking) - 1} more: outboundd check)" if len(lacking) > 1 else ""
                raise Exhausted(VENDOR, lacking[0].told, lacking[0].remedy + others)
            self._fits = True

    async def _create_columns(self, titles: Mapping[str, str]) -> None:
        there = schema.found(await self._schema(), self._place.table)
        if there is None:
            raise Broken(VENDOR, "columns of a table that is not there")
        for field, title in titles.items():
            column = schema.column(field, title)
            await self._line.call(
                lambda api, column=column: self._table(api, there.id).create_field(  # type: ignore[misc]
                    column["name"], column["type"], options=column.get("options")
                )
            )

    async def _ask(self, work: Callable[[Api], T]) -> T:
        """One request that may be repeated. An answer that still makes no sense at the last try is a broken vendor."""
        try:
            return await patiently(lambda: self._line.call(work))
        except Transient as failure:
            if failure.cause == NO_SENSE:
                raise Broken(VENDOR, NO_SENSE, failure.detail) from failure
            raise
        except Exhausted:
            self._fits = False  # a human will have mended something: compare anew
            raise

    async def _write(self, work: Callable[[Table], T]) -> T:
        return await self._ask(lambda api: work(self._table(api, self._place.table)))

    def _table(self, api: Api, name: str) -> Table:
        return api.base(self._place.base).table(name)

    async def _leads(self, formula: str, *, in_view: bool) -> list[Lead]:
        return [self._lead(record) for record in await self._records(formula, self._place.view if in_view else "")]

    async def _records(self, formula: str, view: str) -> list[RecordDict]:
        """All records that fit, each once. A listing that breaks off is begun again, never accepted in part."""
        await self._fitting()
        options = {"fields": list(self._titles.values()), "page_size": PAGE_SIZE}
        options |= {name: value for name, value in (("formula", formula), ("view", view)) if value}
        for _ in range(LISTINGS):
            try:
                records = await self._all_pages(options)
                # Without a view the vendor's order is arbitrary: the oldest first, as every store has it.
                return records if view else sorted(records, key=lambda one: (one["createdTime"], one["id"]))
            except ListingLost:
                continue
        raise Transient(VENDOR, "listing expired again and again")

    async def _all_pages(self, options: Mapping[str, Any]) -> list[RecordDict]:
        records: dict[str, RecordDict] = {}
        offset: dict[str, str] = {}
        while True:
            page = await self._ask(self._page({**options, **offset}))
            # A row that moves while we read can come twice: the later one is fresher.
            records |= {record["id"]: record for record in page["records"]}
            if not page.get("offset"):  # the only sign of the last page: a short one can have others after it
                return list(records.values())
            offset = {"offset": page["offset"]}

    def _page(self, options: Mapping[str, Any]) -> Callable[[Api], dict[str, Any]]:
        """One page a call, so that other callers come in between, and a page can be asked for again."""

        def work(api: Api) -> dict[str, Any]:
            urls = self._table(api, self._place.table).urls
            fallback = ("post", urls.records_post)
            page = api.request("get", urls.records, fallback=fallback, options=dict(options))
            return {"records": assert_typed_dicts(RecordDict, page["records"]), "offset": page.get("offset")}

        return work

    async def _rows_of(self, keys: Sequence[str]) -> dict[str, str]:
        """Key -> the row of that address, by its Email before its Key: the operator may have pasted it without one.

        Raises Refused when a row that holds the Key belongs to another address by now.
        """
        formula = _any(self._is_of(key) for key in keys)
        leads = await self._leads(formula, in_view=False) if keys else []
        by_email = {folded(lead.email): lead for lead in reversed(leads)}
        by_key = {lead.key: lead for lead in reversed(leads)}
        known = {}
        for key in keys:
            lead = by_email.get(key) or by_key.get(key)
            if lead is None:
                continue
            if folded(lead.email) not in ("", key):
                raise Refused(VENDOR, "address changed", f"row {lead.id} belongs to another address by now")
            known[key] = lead.id
        return known

    async def _upsert(self, records: Sequence[dict[str, Any]], known: set[str]) -> list[str]:
        """The ids of the rows that it made: those not known before. A repeated request calls its own rows updated."""
        done = await self._write(lambda table: table.batch_upsert(records, key_fields=[self._titles["key"]]))
        return [record["id"] for record in done["records"] if record["id"] not in known]

    async def _erase(self, ids: Sequence[str]) -> None:
        there = list(await self.read(ids, in_view=False))
        if not there:
            return
        try:
            await self._write(lambda table: table.batch_delete(there))
        except (Refused, Exhausted):
            # Somebody else, or our own request whose answer was lost, was first.
            if left := list(await self.read(there, in_view=False)):
                await self._write(lambda table: table.batch_delete(left))

    def _lead(self, record: RecordDict) -> Lead:
        cells = {COLUMNS[field]: record["fields"].get(title) for field, title in self._titles.items()}
        return to_lead(record["id"], cells, record["createdTime"])

    def _written(self, cells: Mapping[str, Cell]) -> dict[str, Any]:
        """Cells by our titles as Airtable takes them, by theirs. Raises Refused for a text that no cell can hold."""
        return {self._titles[_FIELDS[title]]: _as_written(_FIELDS[title], cell) for title, cell in cells.items()}

    @property
    def _is_new(self) -> str:
        stage = f"LOWER(TRIM({self._text_of('stage')}))"
        return f"OR({stage}='',{stage}='new')"

    @property
    def _has_override(self) -> str:
        return f"TRIM({self._text_of('override')})!=''"

    def _text_of(self, field: str) -> str:
        """A column as text, in a formula: an empty cell is no text without the second half."""
        return f"{field_name(self._titles[field])}&''"

    def _is_of(self, key: str) -> str:
        return f"OR({self._text_of('key')}={quoted(key)},LOWER(TRIM({self._text_of('email')}))={quoted(key)})"


def _any(conditions: Iterable[str]) -> str:
    return f"OR({','.join(conditions)})"


def _of_airtable(ids: Sequence[str]) -> list[str]:
    """Ids of another shape (of another store, or a typo) name no row here, and are asked for in vain."""
    return [one for one in ids if is_record_id(one)]


def _as_written(field: str, cell: Cell) -> Cell:
    if field == "do_not_contact":
        return bool(cell)
    if not isinstance(cell, str):
        return cell
    if field in _INSTANTS:
        # Without a zone Airtable would take it for the column's own; it keeps milliseconds.
        return datetime.fromisoformat(cell).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if len(cell) > LONGEST_TEXT:
        told = f"column {COLUMNS[field]} would hold {len(cell):,} characters; Airtable keeps {LONGEST_TEXT:,}"
        raise Refused(VENDOR, "text is too long", told)
    return cell

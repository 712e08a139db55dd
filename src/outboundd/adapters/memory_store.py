"""What do the leads look like when the table is a dictionary?"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from outboundd.adapters.cells import Cell, at_most, folded, import_cells, patch_cells, to_lead, to_text
from outboundd.model.lead import COLUMNS, Lead, Value
from outboundd.ports import Failure, Refused, SetUp, Upserted

PAGE_SIZE = 100
_START = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryStore:
    """A table of cells by column title (port LeadStore); a test edits `rows` as an operator edits the real one.

    `hidden` are ids that the operator's view does not show. A failure put into `fail_next` is raised by the next call.
    """

    name = "memory"

    def __init__(self, lead_id: Callable[[str], str], leads: Iterable[Lead] = ()) -> None:
        self.rows: dict[str, dict[str, Cell]] = {}
        self.created_at: dict[str, datetime] = {}
        self.hidden: set[str] = set()
        self.fail_next: list[Failure] = []
        self._lead_id = lead_id
        for lead in leads:
            self.put(lead)

    def put(self, lead: Lead) -> None:
        """A whole row, as if it had always been there."""
        empty = Lead(id=lead.id)
        filled = {field: getattr(lead, field) for field in COLUMNS if getattr(lead, field) != getattr(empty, field)}
        self.rows[lead.id] = patch_cells(self.name, filled)
        self.created_at[lead.id] = lead.created_at or _START

    async def new_rows(self) -> Sequence[Lead]:
        self._may_fail()
        return [self._lead(lead) for lead, cells in self.rows.items() if lead not in self.hidden and _is_new(cells)]

    async def with_override(self) -> Sequence[Lead]:
        self._may_fail()
        return [self._lead(lead) for lead, cells in self.rows.items() if _has_override(cells)]

    async def news(self, since: datetime) -> Sequence[Lead]:
        self._may_fail()
        return [self._lead(lead) for lead, cells in self.rows.items() if _is_new(cells) or _has_override(cells)]

    async def read(self, ids: Sequence[str], *, in_view: bool = True) -> Mapping[str, Lead]:
        self._may_fail()
        return {lead: self._lead(lead) for lead in ids if lead in self.rows and not (in_view and lead in self.hidden)}

    async def pages(self) -> AsyncIterator[Sequence[Lead]]:
        self._may_fail()
        ids = list(self.rows)
        for start in range(0, len(ids), PAGE_SIZE):
            yield [self._lead(lead) for lead in ids[start : start + PAGE_SIZE] if lead in self.rows]

    async def apply(self, patches: Mapping[str, Mapping[str, Value]]) -> None:
        at_most(10, patches, self.name)
        self._may_fail()
        cells = {lead: patch_cells(self.name, patch) for lead, patch in patches.items()}
        if not cells.keys() <= self.rows.keys():
            raise Refused(self.name, "row is gone")
        for lead, changed in cells.items():
            self.rows[lead] |= changed

    async def upsert(self, rows: Sequence[Mapping[str, Value]]) -> Upserted:
        at_most(100, rows, self.name)
        self._may_fail()
        after = {lead: dict(cells) for lead, cells in self.rows.items()}
        known = _addresses(after)
        touched: dict[str, bool] = {}
        for row in rows:
            key, cells = import_cells(self.name, row)
            lead = known.get(key) or self._lead_id(key)
            email = folded(after.get(lead, {}).get("Email"))
            if email and self._lead_id(email) != self._lead_id(key):
                raise Refused(self.name, "address changed", f"row {lead} belongs to another address by now")
            known[key] = lead
            touched.setdefault(lead, lead not in after)
            after.setdefault(lead, {}).update(cells)
        self.rows = after
        for lead in touched:
            self.created_at.setdefault(lead, _START)
        return Upserted(
            created=tuple(lead for lead, new in touched.items() if new),
            updated=tuple(lead for lead, new in touched.items() if not new),
        )

    async def find(self, key: str) -> Sequence[Lead]:
        self._may_fail()
        return [
            self._lead(lead)
            for lead, cells in self.rows.items()
            if key in {to_text(cells.get("Key")), folded(cells.get("Email"))}
        ]

    async def erase(self, ids: Sequence[str]) -> None:
        self._may_fail()
        for lead in ids:
            self.rows.pop(lead, None)
            self.created_at.pop(lead, None)

    def close(self) -> None:
        """It holds nothing."""

    async def set_up(self) -> SetUp:
        return SetUp()  # it is laid out when it is opened

    async def probe(self) -> str:
        return f"{len(self.rows)} leads in memory"

    def _lead(self, lead: str) -> Lead:
        return to_lead(lead, self.rows[lead], self.created_at.get(lead, _START).isoformat())

    def _may_fail(self) -> None:
        if self.fail_next:
            raise self.fail_next.pop(0)


def _addresses(rows: Mapping[str, Mapping[str, Cell]]) -> dict[str, str]:
    """Address -> its row: the first of an address, what stands in Email before what stands in Key."""
    backwards = list(rows.items())[::-1]
    known = {to_text(cells.get("Key")): lead for lead, cells in backwards}
    known |= {folded(cells.get("Email")): lead for lead, cells in backwards}
    known.pop("", None)
    return known


def _is_new(cells: Mapping[str, Cell]) -> bool:
    return to_text(cells.get("Stage")).strip().lower() in {"", "new"}


def _has_override(cells: Mapping[str, Cell]) -> bool:
    return bool(to_text(cells.get("Override")).strip())

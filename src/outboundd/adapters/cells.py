"""How does a field of a lead stand in a cell that a human may edit, too?"""

import math
import unicodedata
from collections.abc import Callable, Mapping, Sized
from datetime import UTC, datetime
from typing import Any, NamedTuple

from outboundd.model.lead import COLUMNS, OPERATOR_COLUMNS, Lead, Stage, Value
from outboundd.ports import Broken, Refused

Cell = str | int | float | bytes | None

# A stage that cannot be read must never be taken for an empty one: empty means new, and new rows get a first mail.
NO_STAGE = "The Stage cell holds no known stage: empty it, or say in Override what shall happen"
NO_SEND_DATE = "The row has no stage and a send date that is no date: correct the date, or say in Override what to do"


def at_most(limit: int, rows: Sized, store: str) -> None:
    """A caller that gives more rows at once than the port allows has a bug: some store would refuse them."""
    if len(rows) > limit:
        raise Broken(store, "too many rows at once", f"{len(rows)} instead of at most {limit}")


def patch_cells(store: str, patch: Mapping[str, Value]) -> dict[str, Cell]:
    """The cells of a patch by column title; None empties a cell.

    Raises Refused for a value that its column cannot hold, and Broken for a field without a column.
    """
    cells: dict[str, Cell] = {}
    for field, value in patch.items():
        if field not in COLUMNS:
            raise Broken(store, "no such column", field)
        try:
            cells[COLUMNS[field]] = None if value is None else _KINDS[field].write(value)
        except ValueError:
            # The value itself stays out of the words: they reach logs.
            raise Refused(store, "bad value", f"column {COLUMNS[field]}") from None
    return cells


def import_cells(store: str, row: Mapping[str, Value]) -> tuple[str, dict[str, Cell]]:
    """The key and the filled cells of an imported row: an import completes a row, it does not blank one."""
    key = row.get("key")
    if not isinstance(key, str) or not key or not row.keys() <= {*OPERATOR_COLUMNS, "key"}:
        raise Broken(store, "bad import", "a row holds a key and operator's columns, nothing else")
    return key, {title: cell for title, cell in patch_cells(store, row).items() if cell not in (None, "", 0)}


def to_lead(lead_id: str, cells: Mapping[str, Cell], created_at: Cell = None) -> Lead:
    """The lead of a row (column title -> cell). An unreadable cell is the field's default: it stops no other row."""
    values: dict[str, Any] = {}
    unreadable: set[str] = set()
    for field, title in COLUMNS.items():
        cell = cells.get(title)
        if cell is None or cell == "":
            continue
        try:
            values[field] = _KINDS[field].read(cell)
        except (ValueError, OverflowError):
            unreadable.add(field)
    why = _doubt(values, unreadable)
    if why:
        values |= {"stage": Stage.REVIEW, "waiting_for": why}
    return Lead(id=lead_id, created_at=_created(created_at), **values)


def to_text(cell: Cell) -> str:
    """Any cell as text in NFC with LF line ends, without lone surrogates: JSON carries them, no vendor takes them."""
    if cell is None:
        return ""
    text = cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell).encode("utf-8", "ignore").decode()
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")


def folded(address: Cell) -> str:
    """An address as typed, made comparable with a Key: Keys are lower case and without blanks around."""
    return to_text(address).strip().lower()


def _doubt(values: Mapping[str, Any], unreadable: set[str]) -> str:
    if "stage" in unreadable:
        return NO_STAGE
    if values.get("stage") is None and unreadable & {"first_sent_at", "last_sent_at"}:
        return NO_SEND_DATE
    return ""


def _created(cell: Cell) -> datetime | None:
    try:
        return None if cell is None else _read_instant(cell)
    except (ValueError, OverflowError):
        return None


class _Kind(NamedTuple):
    write: Callable[[Value], Cell]
    read: Callable[[Cell], Value]


def _write_text(value: Value) -> Cell:
    if not isinstance(value, str):
        raise ValueError("a text is needed")  # noqa: TRY004 - one class for every bad value
    value.encode("utf-8")  # a lone surrogate is no text; its error is a ValueError
    return value


def _write_lines(value: Value) -> Cell:
    if not isinstance(value, tuple) or any("\n" in line for line in value):
        raise ValueError("a tuple of single lines is needed")
    return _write_text("\n".join(value))


def _read_lines(cell: Cell) -> Value:
    return tuple(line.strip() for line in to_text(cell).split("\n") if line.strip())


def _write_instant(value: Value) -> Cell:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("an aware instant is needed")
    return value.astimezone(UTC).isoformat()


def _read_instant(cell: Cell) -> datetime | None:
    text = to_text(cell).strip()
    if not text:
        return None
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _write_whole(value: Value) -> Cell:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 1 << 63:
        raise ValueError("a whole number of at most 64 bits is needed")
    return value


def _read_whole(cell: Cell) -> Value:
    text = to_text(cell).strip()
    number = float(text or 0)
    if number != int(number):
        raise ValueError("no whole number")
    return int(number)


def _write_number(value: Value) -> Cell:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError("a finite number is needed")
    return float(value)


def _read_number(cell: Cell) -> Value:
    number = float(to_text(cell).strip() or 0)
    if not math.isfinite(number):
        raise ValueError("no finite number")
    return number


def _write_flag(value: Value) -> Cell:
    if not isinstance(value, bool):
        raise ValueError("true or false is needed")  # noqa: TRY004 - one class for every bad value
    return int(value)


def _read_flag(cell: Cell) -> Value:
    # The only flag is Do not contact: whatever a human typed there, short of a clear no, is a yes.
    return to_text(cell).strip().lower() not in {"", "0", "0.0", "false", "no", "off"}


def _write_stage(value: Value) -> Cell:
    return Stage(str(value)).value


def _read_stage(cell: Cell) -> Value:
    text = to_text(cell).strip().lower().replace(" ", "_")
    return Stage(text) if text else None


_TEXT = _Kind(_write_text, to_text)
_INSTANT = _Kind(_write_instant, _read_instant)
_WHOLE = _Kind(_write_whole, _read_whole)
_KINDS: Mapping[str, _Kind] = {
    **dict.fromkeys(COLUMNS, _TEXT),
    "do_not_contact": _Kind(_write_flag, _read_flag),
    "stage": _Kind(_write_stage, _read_stage),
    "step": _WHOLE,
    "opens": _WHOLE,
    "clicks": _WHOLE,
    "cost_usd": _Kind(_write_number, _read_number),
    "message_ids": _Kind(_write_lines, _read_lines),
    "next_at": _INSTANT,
    "first_sent_at": _INSTANT,
    "last_sent_at": _INSTANT,
    "delivered_at": _INSTANT,
    "last_event_at": _INSTANT,
}

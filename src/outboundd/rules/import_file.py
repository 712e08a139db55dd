"""Which leads does an export hold, whatever tool wrote it, and which of its rows cannot be leads?

What a spreadsheet would run is never passed on. A cell that begins with "=" is a formula: in notes it is kept as text
behind an apostrophe, anywhere else the row is rejected, for a formula is nobody's name. A leading +, - or @ gets the
apostrophe in notes and is dropped from other cells, save addresses, where it may be right. In the rejects file every
cell that a spreadsheet could run gets an apostrophe, and an import takes it off again.
"""

import codecs
import csv
import difflib
import io
import itertools
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from outboundd.model.lead import OPERATOR_COLUMNS, Value
from outboundd.rules.header_names import BARE_NAMES, FIRST_NAMES, HEADER_NAMES, LAST_NAMES
from outboundd.rules.texts import normalise

LONGEST_CELL = 20_000
# In a file of fewer columns, a line inside a cell may well hold as many delimiters as a row.
_FEW_COLUMNS = 3

# Override is left out: it is an inbox for orders, and a file gives none.
_COLUMNS = {title: field for field, title in OPERATOR_COLUMNS.items() if field != "override"}
_NOTES = frozenset({"owner_notes", "consent_note"})
_NO = frozenset({"", "no", "n", "false", "f", "0", "off", "nein", "falsch", "non", "faux", "falso"})
# Zero-width joiners belong to the spelling of some scripts; other invisible characters belong to nothing.
_JOINERS = frozenset("\u200c\u200d")
_SIGNS = "+-@＋－＠ "
_INERT_BEFORE = frozenset("=+-@\t\r＝＋－＠")
# What tools and spreadsheets write for nothing.
_NOTHING = frozenset({"n/a", "#n/a", "null", "#ref!", "#value!", "#name?"})
# A line of our own after the last: it comes back as a record unless a quotation mark before it is still open.
_END = "\x00end"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file as read. `rows` carry the number of the line they begin on; lines without any text are left out."""

    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    encoding: str
    delimiter: str


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What came of a table. `rows` hold fields of Lead, only those that have a value; `rejects` say why, in words."""

    rows: tuple[Mapping[str, Value], ...]
    rejects: tuple[tuple[int, str, tuple[str, ...]], ...]
    duplicates: int


def read_table(data: bytes) -> Table:
    """The table in a CSV or text export. Raises ValueError with one sentence when the file cannot be read at all."""
    text, encoding = decoded(data)
    declared = re.match(r"sep=([,;\t])[\r\n]", text)
    delimiter = declared[1] if declared else _sniffed(text)
    records = _records(text, delimiter)[1 if declared else 0 :]
    if not records:
        raise ValueError("the file is empty: export it again")
    headers = _headers(records[0][1])
    rows = tuple(records[1:])
    if not rows:
        raise ValueError("the file has a header line and no rows: export it again")
    return Table(headers=headers, rows=rows, encoding=encoding, delimiter=delimiter)


def guess_columns(headers: tuple[str, ...], overrides: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Field of Lead -> the headers it is read from: guessed by name, or as said (their header -> our column title).

    A contact in two columns is joined, of several columns for another field the first with a value counts. Raises
    ValueError for a header or column that is not there, and when no column holds the addresses.
    """
    said = _said(headers, overrides)
    taken = {header for chosen in said.values() for header in chosen}
    free = {_plain(header): header for header in headers if header not in taken and _plain(header)}
    guessed = {field: _first(names, free) for field, names in HEADER_NAMES.items()}
    columns: dict[str, tuple[str, ...]] = {field: (header,) for field, header in guessed.items() if header}
    if "contact" not in columns:
        columns["contact"] = _names(free)
    columns |= said
    if "email" not in columns:
        raise ValueError(
            f'no column looks like an email address among {_listing(headers)}: name it with --map "THEIR HEADER=Email"'
        )
    return {field: columns[field] for field in _COLUMNS.values() if columns.get(field)}


def to_leads(
    table: Table, columns: Mapping[str, tuple[str, ...]], source: str, key_of: Callable[[str], str]
) -> Imported:
    """The leads of a table: cleaned, and rows of one address merged into the first (its own values win).

    `key_of` is `addresses.normalise`; `source` is the Source of rows that name none.
    """
    places = {field: [table.headers.index(header) for header in chosen] for field, chosen in columns.items()}
    leads: dict[str, dict[str, Value]] = {}
    rejects = []
    duplicates = 0
    for line, row in table.rows:
        try:
            _check(row, len(table.headers), table.delimiter)
            lead = _lead(row, places, key_of)
        except ValueError as fault:
            rejects.append((line, str(fault), row))
            continue
        key = str(lead["key"])
        duplicates += key in leads
        leads[key] = {**lead, **leads.get(key, {})}
    named = {"source": _text("source", source)} if source else {}
    return Imported(
        rows=tuple({**named, **lead} for lead in leads.values()), rejects=tuple(rejects), duplicates=duplicates
    )


def decoded(data: bytes) -> tuple[str, str]:
    """The text of an export, and its encoding. Raises ValueError with one sentence when there is none."""
    if data.startswith(b"PK\x03\x04"):
        raise ValueError("the file is a spreadsheet workbook: save it as CSV (UTF-8) and import that")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif data.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig", "cp1252", "latin-1"]
    else:
        candidates = ["utf-8", "cp1252", "latin-1"]
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text.strip():
            raise ValueError("the file is empty: export it again")
        return text, encoding
    raise ValueError("the file begins as UTF-16 and is damaged: export it again, as CSV (UTF-8)")


def rejects_csv(headers: tuple[str, ...], rejects: tuple[tuple[int, str, tuple[str, ...]], ...]) -> str:
    """The rejected rows as CSV, reason and line first; nothing in it runs in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Reason", "Line", *map(inert, headers)])
    for line, reason, row in rejects:
        writer.writerow([reason, line, *map(inert, row)])
    return out.getvalue()


def inert(cell: str) -> str:
    """A cell that no spreadsheet runs, cut to what a rejects file can hold; for every CSV that we write."""
    text = cell[:LONGEST_CELL].replace("\x00", "")
    return f"'{text}" if text[:1] in _INERT_BEFORE else text


def _sniffed(text: str) -> str:
    """The most frequent of comma, semicolon and tab in the header line, quoted parts left out."""
    unquoted = re.sub(r'"[^"]*"', "", text.lstrip("\r\n"))
    header = re.split(r"[\r\n]", unquoted, maxsplit=1)[0]
    return max(",;\t", key=header.count)


def _records(text: str, delimiter: str) -> list[tuple[int, tuple[str, ...]]]:
    """(line it begins on, cells) of every record that holds text."""
    # The limit is one of the whole process: raised for no longer than the file is read, and never below its size.
    before = csv.field_size_limit(len(text) + len(_END))
    try:
        reader = csv.reader(itertools.chain(io.StringIO(text, newline=""), [_END]), delimiter=delimiter)
        records = []
        line = 1
        for cells in reader:
            records.append((line, tuple(cells)))
            line = reader.line_num + 1
    finally:
        csv.field_size_limit(before)
    begun, last = records.pop()
    if last != (_END,):
        raise ValueError(f"line {begun}: a quotation mark is opened and never closed: close it or take it out")
    return [(line, cells) for line, cells in records if any(cell.strip() for cell in cells)]


def _headers(cells: tuple[str, ...]) -> tuple[str, ...]:
    headers = tuple(_text("header", cell) for cell in cells)
    if any("\x00" in cell for cell in cells):
        raise ValueError("the header line holds NUL bytes: export the file again, as CSV (UTF-8)")
    plain = [_plain(header) for header in headers]
    for header, name in zip(headers, plain, strict=True):
        if name and plain.count(name) > 1:
            raise ValueError(f'the column "{header}" is there twice: rename or remove one of them')
    return headers


def _said(headers: tuple[str, ...], overrides: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    said: dict[str, tuple[str, ...]] = {}
    order = {_plain(header): header for header in headers}
    titles = {_plain(title): title for title in _COLUMNS}
    for theirs, ours in overrides.items():
        header = _known("header", theirs, order)
        field = _COLUMNS[_known("column", ours, titles)]
        said[field] = (*said.get(field, ()), header)
    return said


def _known(what: str, name: str, known: Mapping[str, str]) -> str:
    found = known.get(_plain(name))
    if found:
        return found
    near = difflib.get_close_matches(_plain(name), known, n=1, cutoff=0.0)
    raise ValueError(f'--map: there is no {what} "{name}": the nearest is "{known[near[0]]}"')


def _names(free: Mapping[str, str]) -> tuple[str, ...]:
    last = _first(LAST_NAMES, free)
    first = _first(FIRST_NAMES, free)
    if first and last:
        return (first, last)
    return tuple(filter(None, [_first(BARE_NAMES, free) or first or last]))


def _first(names: tuple[str, ...], free: Mapping[str, str]) -> str:
    return next((free[name] for name in names if name in free), "")


def _listing(headers: tuple[str, ...]) -> str:
    return ", ".join(f'"{header[:40]}"' for header in headers[:12] if header) + (", ..." if len(headers) > 12 else "")


def _plain(header: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", header).casefold())


def _lead(row: tuple[str, ...], places: Mapping[str, list[int]], key_of: Callable[[str], str]) -> dict[str, Value]:
    """The fields of one row. Raises ValueError with the reason why it cannot be a lead."""
    lead: dict[str, Value] = {}
    for field, indexes in places.items():
        # Spreadsheets leave out empty cells at the end of a row.
        cells = [_text(field, row[index]) for index in indexes if index < len(row)]
        values = [cell for cell in cells if cell]
        if values:
            lead[field] = " ".join(values) if field == "contact" else values[0]
    key = key_of(str(lead.get("email", "")))
    if _is_no(lead.pop("do_not_contact", "")):
        return {**lead, "email": key, "key": key}
    return {**lead, "email": key, "key": key, "do_not_contact": True}


def _check(row: tuple[str, ...], width: int, delimiter: str) -> None:
    """Raises ValueError with the reason why the row cannot be trusted."""
    if any("\x00" in cell for cell in row):
        raise ValueError("the row holds NUL bytes: export it again")
    if any(len(cell) > LONGEST_CELL for cell in row):
        raise ValueError(
            f"a cell is longer than {LONGEST_CELL:,} characters: "
            "shorten it, or look for a quotation mark that is never closed"
        )
    if any(cell.strip() for cell in row[width:]):
        raise ValueError(
            "the row has more cells than the header: look for a delimiter or a quotation mark inside a cell"
        )
    inner = [line for cell in row for line in cell.splitlines()[1:] if "@" in line]
    if width > _FEW_COLUMNS and any(line.count(delimiter) >= width - 1 for line in inner):
        raise ValueError(
            "a cell holds the rows after it: look for a quotation mark that is not closed, and import the file again"
        )


def _text(field: str, cell: str) -> str:
    """A cell as it may be stored; see the module's first lines for what becomes of formulas."""
    text = unicodedata.normalize("NFC", cell)
    if field in _NOTES:
        return inert(_visible(normalise(text), keep="\n").strip())
    text = " ".join(_visible(text, keep="\t\r\n").split())
    if text.casefold() in _NOTHING:
        return ""
    if text[:1] == "'" and text[1:2] in _INERT_BEFORE:
        text = text[1:]
    if text.startswith(("=", "＝")):
        title = OPERATOR_COLUMNS.get(field, field)
        raise ValueError(f"the cell for {title} is a formula: put its value there")
    return text.lstrip(_SIGNS) if field != "email" else text


def _visible(text: str, keep: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        char
        for char in text
        if char in keep or char in _JOINERS or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Cn", "Co"}
    )


def _is_no(value: Value) -> bool:
    """Anything but a plain no in Do not contact is a yes: the safe side."""
    return str(value).casefold() in _NO

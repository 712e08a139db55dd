"""What do the leads look like when the table is a file that any SQLite browser opens?"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path

from outboundd.adapters.cells import Cell, at_most, folded, import_cells, patch_cells, to_lead, to_text
from outboundd.adapters.system_clock import SystemClock
from outboundd.model.lead import COLUMNS, Lead, Value
from outboundd.ports import Broken, Clock, Failure, Refused, SetUp, Transient, Upserted

PAGE_SIZE = 500
_NAME = "sqlite"
_SYSTEM_CLOCK = SystemClock()

# How long a call waits for another program that writes to the file. It blocks the loop meanwhile, so it is short: a
# browser that keeps a row open for minutes is a Transient, and the next run tries again.
_BUSY_TIMEOUT_S = 0.5

_TYPES = {"step": "INTEGER", "opens": "INTEGER", "clicks": "INTEGER", "cost_usd": "REAL", "do_not_contact": "INTEGER"}
_COLUMNS = [f'"{title}" {_TYPES.get(field, "TEXT")}' for field, title in COLUMNS.items()]

# `id` may be NULL: SQLite allows it in a text primary key, and a row that an operator pastes has none yet.
_TABLE = f"CREATE TABLE IF NOT EXISTS lead (id TEXT PRIMARY KEY, {', '.join(_COLUMNS)}, created_at TEXT)"
_BLANKS = "char(9, 10, 13, 32, 160)"  # what comes along when a cell is pasted
_IS_NEW = f"""lower(trim(coalesce("Stage", ''), {_BLANKS})) IN ('', 'new')"""
_HAS_OVERRIDE = f"""trim(coalesce("Override", ''), {_BLANKS}) <> ''"""
_EMAIL = f'lower(trim("Email", {_BLANKS}))'
# New rows and overrides need no index: reading through 15,000 rows takes 20 ms, twice an hour.
_INDEXES = (
    'CREATE INDEX IF NOT EXISTS lead_key ON lead ("Key")',
    f"CREATE INDEX IF NOT EXISTS lead_email ON lead ({_EMAIL})",
)
_TITLES = tuple(COLUMNS.values())
_SELECT = 'SELECT id, created_at, "' + '", "'.join(_TITLES) + '" FROM lead'  # noqa: S608 - constants


class StoreRefused(ValueError):
    """The file cannot serve as lead store; one sentence for the operator says why, and the remedy."""


class SqliteStore:
    """One table `lead` in one file, its columns titled as everywhere (port LeadStore).

    `lead_id` names a row for life after its first address. It must take any text: an operator pastes what he likes.
    A row pasted without an id is named the first time that rows are read. There is no view: every row is in it.
    """

    name = _NAME

    def __init__(
        self, path: Path, lead_id: Callable[[str], str], clock: Clock = _SYSTEM_CLOCK, *, durable: bool = True
    ) -> None:
        self._path = path
        self._lead_id = lead_id
        self._clock = clock
        self._db = _opened(path, durable=durable)

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    async def new_rows(self) -> Sequence[Lead]:
        return self._select(f"WHERE {_IS_NEW} ORDER BY rowid")

    async def with_override(self) -> Sequence[Lead]:
        return self._select(f"WHERE {_HAS_OVERRIDE} ORDER BY rowid")

    async def news(self, since: datetime) -> Sequence[Lead]:
        # A pasted row has no date of its creation; all that are new cost nothing here.
        return self._select(f"WHERE {_IS_NEW} OR {_HAS_OVERRIDE} ORDER BY rowid")

    async def read(self, ids: Sequence[str], *, in_view: bool = True) -> Mapping[str, Lead]:
        found: dict[str, Lead] = {}
        for start in range(0, len(ids), PAGE_SIZE):
            some = ids[start : start + PAGE_SIZE]
            marks = ", ".join("?" * len(some))
            found |= {lead.id: lead for lead in self._select(f"WHERE id IN ({marks})", *some)}
        return found

    async def pages(self) -> AsyncIterator[Sequence[Lead]]:
        after = ""
        while page := self._select("WHERE id > ? ORDER BY id LIMIT ?", after, PAGE_SIZE):
            yield page
            after = page[-1].id

    async def apply(self, patches: Mapping[str, Mapping[str, Value]]) -> None:
        at_most(10, patches, _NAME)
        with self._transaction():
            for lead, patch in patches.items():
                if not self._update(lead, patch_cells(_NAME, patch)):
                    raise Refused(_NAME, "row is gone")

    async def upsert(self, rows: Sequence[Mapping[str, Value]]) -> Upserted:
        at_most(100, rows, _NAME)
        self._name_pasted_rows()
        touched: dict[str, bool] = {}
        with self._transaction():
            for row in rows:
                key, cells = import_cells(_NAME, row)
                lead, is_new = self._match(key)
                if is_new:
                    self._insert(lead)
                self._update(lead, cells)
                touched.setdefault(lead, is_new)
        return Upserted(
            created=tuple(lead for lead, is_new in touched.items() if is_new),
            updated=tuple(lead for lead, is_new in touched.items() if not is_new),
        )

    async def find(self, key: str) -> Sequence[Lead]:
        return self._select(f'WHERE "Key" = ? OR {_EMAIL} = ? ORDER BY rowid', key, key)

    async def erase(self, ids: Sequence[str]) -> None:
        with self._transaction():
            self._db.executemany("DELETE FROM lead WHERE id = ?", [(lead,) for lead in ids])
        with _told():
            # Erased is erased: without this the old pages stay readable in the write-ahead log.
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    async def set_up(self) -> SetUp:
        return SetUp()  # it is laid out when it is opened

    async def probe(self) -> str:
        with _told():
            (number,) = self._db.execute("SELECT count(*) FROM lead").fetchone()
        return f"{number} leads in {self._path}"

    def _select(self, where: str, *values: Cell) -> list[Lead]:
        self._name_pasted_rows()
        with _told():
            rows = self._db.execute(f"{_SELECT} {where}", values).fetchall()
        return [to_lead(lead, dict(zip(_TITLES, cells, strict=True)), at) for lead, at, *cells in rows]

    def _match(self, key: str) -> tuple[str, bool]:
        """The row that an imported address belongs to, and whether it is still to be made."""
        own_id = self._lead_id(key)
        row = self._db.execute(
            f'SELECT id, "Email" FROM lead WHERE {_EMAIL} = ? OR "Key" = ? OR id = ? '  # noqa: S608 - constants
            f'ORDER BY {_EMAIL} = ? DESC, "Key" = ? DESC, rowid LIMIT 1',
            (key, key, own_id, key, key),
        ).fetchone()
        if row is None:
            return own_id, True
        lead, email = to_text(row[0]), folded(row[1])
        if email and self._lead_id(email) != own_id:
            raise Refused(_NAME, "address changed", f"row {lead} belongs to another address by now")
        return lead, False

    def _insert(self, lead: str) -> None:
        self._db.execute("INSERT INTO lead (id, created_at) VALUES (?, ?)", (lead, self._clock.now().isoformat()))

    def _update(self, lead: str, cells: Mapping[str, Cell]) -> bool:
        """False when there is no such row."""
        changes = ", ".join(f'"{title}" = ?' for title in ("id", *cells))  # id: so that an empty patch is a patch
        changed = self._db.execute(f"UPDATE lead SET {changes} WHERE id = ?", (lead, *cells.values(), lead))  # noqa: S608
        return changed.rowcount == 1

    def _name_pasted_rows(self) -> None:
        pasted = """SELECT rowid, "Email" FROM lead WHERE id IS NULL OR id = ''"""
        with _told():
            if self._db.execute(pasted).fetchone() is None:
                return
        with self._transaction():
            for rowid, email in self._db.execute(pasted).fetchall():
                self._db.execute(
                    "UPDATE lead SET id = ?, created_at = coalesce(created_at, ?) WHERE rowid = ?",
                    (self._free_id(folded(email)), self._clock.now().isoformat(), rowid),
                )

    def _free_id(self, address: str) -> str:
        """The id after an address; where an older row of that address holds it, after the address and a number."""
        candidates = (self._lead_id(address if number == 1 else f"{address} {number}") for number in count(1))
        return next(lead for lead in candidates if not self._is_taken(lead))

    def _is_taken(self, lead: str) -> bool:
        return self._db.execute("SELECT 1 FROM lead WHERE id = ?", (lead,)).fetchone() is not None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")


def _opened(path: Path, *, durable: bool) -> sqlite3.Connection:
    db: sqlite3.Connection | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
        # A cell that another program filled with bytes that are no UTF-8 must not make the whole table unreadable.
        db.text_factory = lambda raw: raw.decode("utf-8", "replace")
        synchronous = "FULL" if durable else "OFF"
        for pragma in ("journal_mode = WAL", f"synchronous = {synchronous}", "secure_delete = ON"):
            db.execute(f"PRAGMA {pragma}").fetchall()
        _lay_out(db)
    except (OSError, sqlite3.Error) as error:
        if db is not None:
            db.close()
        reason = error.strerror if isinstance(error, OSError) else str(error)
        full = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
        access = "make the file and its directory readable and writable, or name another one"
        remedy = "make room on that disk, or mend it, and run it again" if full else access
        raise StoreRefused(f"[store.sqlite] path {path} cannot be opened ({reason}): {remedy}") from error
    return db


def _lay_out(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.execute(_TABLE)
    there = {title for _, title, *_ in db.execute("PRAGMA table_info(lead)")}
    for title, column in zip((*_TITLES, "created_at"), (*_COLUMNS, "created_at TEXT"), strict=True):
        if title not in there:  # the file of an older version, or an operator dropped a column
            db.execute(f"ALTER TABLE lead ADD COLUMN {column}")
    for index in _INDEXES:
        db.execute(index)
    # Changes nothing, but proves that the file can be written: SQLite opens a read-only one without a word.
    db.execute("UPDATE lead SET id = id WHERE id IS NULL AND id = ''")
    db.execute("COMMIT")


@contextmanager
def _told() -> Iterator[None]:
    """SQLite's errors in the words of the port. Their own texts stay out: they may quote a cell."""
    try:
        yield
    except sqlite3.Error as error:
        raise _failure(error) from error


def _failure(error: sqlite3.Error) -> Failure:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code; the upper bits tell variants apart
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Transient(_NAME, "locked by another program")
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return Transient(_NAME, "cannot be written", "disk full, read-only or failing")
    if code == sqlite3.SQLITE_TOOBIG:
        return Refused(_NAME, "bad value", "longer than SQLite stores")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Broken(_NAME, "file is corrupt")
    return Broken(_NAME, getattr(error, "sqlite_errorname", type(error).__name__))

"""How do we open a private SQLite file of our own, and write to it so that a commit is durable or fails loudly?

Used synchronously on the loop thread: a commit costs a fraction of a millisecond, and nothing else runs in between.
"""

import errno
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from outboundd.ports import Broken, Conflict

BUSY_TIMEOUT_S = 0.25
_TAKEN = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})
_CAUSES = {
    sqlite3.SQLITE_FULL: "disk full",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_IOERR: "I/O error",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "not a database",
    sqlite3.SQLITE_BUSY: "locked by another process",
}
_OS_CAUSES = {
    errno.ENOSPC: "disk full",
    errno.EDQUOT: "disk full",
    errno.EIO: "I/O error",
    errno.EACCES: "read-only",
    errno.EPERM: "read-only",
    errno.EROFS: "read-only",
    errno.EISDIR: "not a file",
    errno.ENOTDIR: "not a file",
    errno.EEXIST: "not a file",
}
_REMEDIES = {
    "disk full": "make room on that disk and start again",
    "read-only": "make the file and its directory writable for the user that runs outboundd",
    "cannot be opened": "make the file and its directory writable for the user that runs outboundd",
    "not a file": "point to another file",
    "not a database": "point to another file, or restore a backup",
    "damaged": "restore a backup",
    "locked by another process": "end the other program that writes to it",
}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Params = Sequence[Any] | Mapping[str, Any]


class FileRefused(ValueError):
    """A file of our memory (the ledger, the suppression list) must not or cannot be used: what, value, remedy.

    `cause` is a short stable word; "disk full" is the one that is no fault of the configuration.
    """

    def __init__(self, sentence: str, cause: str) -> None:
        super().__init__(sentence)
        self.cause = cause


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """What a file of ours is: its name in sentences, its mark in the file header, and its tables.

    `migrations` holds, by the version that an older file has, the statements that make the next one of it.
    """

    name: str
    application_id: int
    version: int
    schema: tuple[str, ...]
    migrations: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


class Database:
    """One connection. Raises Conflict where a unique key is taken and Broken for everything else that goes wrong."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self.connection = connection
        self.name = name
        self._depth = 0

    def rows(self, sql: str, params: Params = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        try:
            return self.connection.execute(sql, params).fetchall()
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def row(self, sql: str, params: Params = ()) -> sqlite3.Row | None:
        """The first row of a query."""
        rows = self.rows(sql, params)
        return rows[0] if rows else None

    def run(self, sql: str, params: Params = ()) -> int:
        """One writing statement, durable at once outside a transaction; returns how many rows it touched."""
        self._mine()
        try:
            return self.connection.execute(sql, params).rowcount
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def run_many(self, sql: str, params: Iterable[Params]) -> int:
        """One writing statement for many rows, all or none; returns how many rows it touched."""
        with self.transaction():
            try:
                return self.connection.executemany(sql, params).rowcount
            except sqlite3.Error as error:
                raise self._failure(error) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or none; the outermost one is durable when it ends, one inside another can be undone alone."""
        self._mine()
        before = self._depth
        outermost = before == 0
        self._execute("BEGIN IMMEDIATE" if outermost else "SAVEPOINT inner")
        self._depth += 1
        try:
            yield
            self._execute("COMMIT" if outermost else "RELEASE inner")
        except BaseException:
            self._undo(outermost)
            raise
        finally:
            self._depth = before

    def checkpoint(self) -> None:
        """Let nothing that was erased live on in the write-ahead log."""
        if self._depth == 0:
            self._execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _mine(self) -> None:
        if self._depth and not self.connection.in_transaction:
            raise Broken(self.name, "the transaction was rolled back")

    def _execute(self, sql: str) -> None:
        try:
            self.connection.execute(sql)
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _undo(self, outermost: bool) -> None:
        # A full disk or an I/O error may have rolled back everything already.
        if not self.connection.in_transaction:
            return
        with suppress(sqlite3.Error):
            if outermost:
                self.connection.execute("ROLLBACK")
                return
            self.connection.execute("ROLLBACK TO inner")
            self.connection.execute("RELEASE inner")

    def _failure(self, error: sqlite3.Error) -> Exception:
        # sqlite's own words name tables and columns only, never a value.
        if getattr(error, "sqlite_errorcode", None) in _TAKEN:
            return Conflict(str(error))
        cause = _cause(error)
        return Broken(self.name, cause or "query failed", "" if cause else str(error))


def micros(at: datetime) -> int:
    """An instant as our files keep it: whole microseconds since 1970 UTC."""
    return (at - _EPOCH) // _MICROSECOND


def instant(value: int) -> datetime:
    """The inverse of `micros`."""
    return _EPOCH + value * _MICROSECOND


def open_database(path: Path | None, kind: FileKind, *, durable: bool = True) -> tuple[Database, bool]:
    """Open or make a file (None: in memory), for its owner only; says whether it was made now. Raises FileRefused.

    One of an older version is copied beside itself (`ledger.db.v1`), then brought up to date in one transaction.
    Not durable: a commit does not wait for the disk, so a power cut may lose the last ones (the demo's files).
    """
    try:
        if path is not None:
            _make_private(path)
        connection = sqlite3.connect(path or ":memory:", timeout=BUSY_TIMEOUT_S, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise _refused(path, kind, error) from error
    try:
        connection.row_factory = sqlite3.Row
        synchronous = "FULL" if durable else "OFF"
        for pragma in ("journal_mode = WAL", f"synchronous = {synchronous}", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        made = _make_or_check(connection, path, kind)
    except (OSError, sqlite3.Error) as error:
        connection.close()
        raise _refused(path, kind, error) from error
    except FileRefused:
        connection.close()
        raise
    return Database(connection, kind.name), made


def _make_private(path: Path) -> None:
    if not path.parent.is_dir():
        path.parent.mkdir(mode=0o700, parents=True)
    # As root, a device or a socket in its place would be opened, and its mode changed for the whole machine.
    if path.exists() and not path.is_file():
        raise IsADirectoryError(errno.EISDIR, "is no file")
    # A file that is there is not opened here: closing it would drop the locks of another connection to it.
    if not path.exists():
        path.touch(mode=0o600)
    elif path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _make_or_check(connection: sqlite3.Connection, path: Path | None, kind: FileKind) -> bool:
    connection.execute("BEGIN IMMEDIATE")
    try:
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
        empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if empty and not mark:
            _make(connection, kind)
            connection.execute("COMMIT")
            return True
        version = _check(connection, path, kind, mark)
        if path is not None and version < kind.version:
            _copy_beside(path, version)
            _migrate(connection, kind, version)
            connection.execute("COMMIT")
            return False
        # Changes nothing, but proves that the file can be written: SQLite opens a read-only one without a word.
        connection.execute("UPDATE meta SET value = value WHERE key = ''")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return False


def _make(connection: sqlite3.Connection, kind: FileKind) -> None:
    connection.execute(f"PRAGMA application_id = {kind.application_id}")
    for statement in kind.schema:
        connection.execute(statement)
    connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", (str(kind.version),))


def _copy_beside(path: Path, version: int) -> None:
    """The file as the older program left it. Read by a connection of its own: ours holds the write lock."""
    beside = path.with_name(f"{path.name}.v{version}")
    _make_private(beside)
    with closing(sqlite3.connect(path)) as was, closing(sqlite3.connect(beside)) as copy:
        was.backup(copy)


def _migrate(connection: sqlite3.Connection, kind: FileKind, version: int) -> None:
    for older in range(version, kind.version):
        for statement in kind.migrations[older]:
            connection.execute(statement)
    connection.execute("UPDATE meta SET value = ? WHERE key = 'schema_version'", (str(kind.version),))


def _check(connection: sqlite3.Connection, path: Path | None, kind: FileKind, mark: int) -> int:
    if mark != kind.application_id:
        raise FileRefused(
            f"{path} is a database, but not a {kind.name} of outboundd: point to another file.", "not ours"
        )
    version = int(connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()[0])
    if version > kind.version:
        raise FileRefused(
            f"The {kind.name} {path} has schema version {version}, this program knows {kind.version} at most: "
            "start the newer outboundd that wrote it.",
            "newer version",
        )
    return version


def _refused(path: Path | None, kind: FileKind, error: Exception) -> FileRefused:
    cause = _cause(error) or "cannot be opened"
    said = "is not a database" if cause == "not a database" else f"cannot be used ({cause})"
    remedy = _REMEDIES.get(cause, "look at that disk")
    return FileRefused(f"The {kind.name} {path} {said}: {remedy}.", cause)


def _cause(error: Exception) -> str:
    if isinstance(error, OSError):
        return _OS_CAUSES.get(error.errno or 0, "cannot be opened")
    return _CAUSES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "")

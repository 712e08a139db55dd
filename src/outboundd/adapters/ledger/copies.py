"""Which older copies of the ledger lie beside it, and what do they still hold of a person?

A start that brings a ledger up to date leaves the file of before beside it (`ledger.db.v1`), texts and all.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from outboundd.adapters.ledger.erasure import forget
from outboundd.adapters.sqlite_file import BUSY_TIMEOUT_S, Database
from outboundd.ports import Broken


def forget_in_copies(ledger: Path | None, lead: str, person: str) -> Mapping[str, int]:
    """Erase a person in every copy; what was erased, by file name. Raises Broken for a copy that cannot be written."""
    beside = sorted(ledger.parent.glob(f"{ledger.name}.v*[0-9]")) if ledger else []
    found = {copy.name: _forget_in(copy, lead, person) for copy in beside}
    return {name: erased for name, erased in found.items() if erased}


def _forget_in(copy: Path, lead: str, person: str) -> int:
    try:
        with closing(sqlite3.connect(copy, timeout=BUSY_TIMEOUT_S, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA secure_delete = ON").fetchall()
            database = Database(connection, copy.name)
            erased = forget(database, lead, person) + _drop_orders(database)
            database.checkpoint()
    except sqlite3.Error as error:
        raise Broken(copy.name, "cannot be opened") from error
    return erased


def _drop_orders(database: Database) -> int:
    """What a chat had said when the copy was made may name anybody, and is carried out by nobody any more."""
    there = database.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'command'")
    return database.run("DELETE FROM command WHERE text <> ''") if there else 0

"""What do all parts of the ledger share? One connection."""

from outboundd.adapters.sqlite_file import Database


class Part:
    """One subject of the ledger: methods of the port over the one connection."""

    def __init__(self, database: Database) -> None:
        self._db = database

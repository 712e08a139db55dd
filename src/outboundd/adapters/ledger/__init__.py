"""What do we remember, durably, of everything that was decided and tried? One SQLite file beside an async port.

The methods never really suspend. One file per subject; this one puts them together and guards the door.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from outboundd.adapters.ledger.attempts import Attempts
from outboundd.adapters.ledger.copies import forget_in_copies
from outboundd.adapters.ledger.erasure import Erasure
from outboundd.adapters.ledger.events import Events
from outboundd.adapters.ledger.facts import Facts
from outboundd.adapters.ledger.incidents import Incidents
from outboundd.adapters.ledger.notes import Notes
from outboundd.adapters.ledger.orders import Orders
from outboundd.adapters.ledger.schema import LEDGER
from outboundd.adapters.ledger.seen import Queue
from outboundd.adapters.ledger.switches import Switches
from outboundd.adapters.ledger.tallies import Tallies
from outboundd.adapters.ledger.transitions import Transitions
from outboundd.adapters.sqlite_file import Database, FileRefused, open_database

__all__ = ["FileRefused", "SqliteLedger"]

_ANYTHING_SENT = 'SELECT EXISTS (SELECT 1 FROM attempt) OR EXISTS (SELECT 1 FROM "transition")'
# The queue and the events carry person hashes too: another key would make strangers of them.
_ANY_HASH = "SELECT EXISTS (SELECT 1 FROM lead) OR EXISTS (SELECT 1 FROM event)"
_STAMP = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


class SqliteLedger(Facts, Queue, Transitions, Attempts, Events, Switches, Incidents, Orders, Notes, Tallies, Erasure):
    """The ledger in a file, or in memory as the shipped fake."""

    def __init__(self, database: Database, path: Path | None) -> None:
        super().__init__(database)
        self.path = path
        self.empty_at_start = not database.rows(_ANYTHING_SENT)[0][0]

    @classmethod
    def open(cls, path: Path | None, campaign: str, fingerprint: str, *, durable: bool = True) -> "SqliteLedger":
        """Open or make a ledger (None: in memory) of one campaign and one key. Raises FileRefused."""
        database, made = open_database(path, LEDGER, durable=durable)
        ledger = cls(database, path)
        try:
            ledger._admit(campaign, fingerprint, made)
        except BaseException:
            ledger.close()
            raise
        return ledger

    def close(self) -> None:
        """Close the file."""
        self._db.connection.close()

    def copy_to_memory(self) -> "SqliteLedger":
        """An in-memory copy to try things on (`--dry-run`)."""
        connection = sqlite3.connect(":memory:", isolation_level=None)
        self._db.connection.backup(connection)
        connection.row_factory = sqlite3.Row
        return SqliteLedger(Database(connection, self._db.name), None)

    async def forget_in_copies(self, lead: str, person: str) -> Mapping[str, int]:
        """Its own file has been forgotten in by `forget`; these lie beside it."""
        return forget_in_copies(self.path, lead, person)

    def _admit(self, campaign: str, fingerprint: str, made: bool) -> None:
        noted = {row["key"]: row["value"] for row in self._db.rows("SELECT key, value FROM meta")}
        there = noted.get("campaign", campaign)
        if there != campaign:
            raise FileRefused(
                f"The ledger {self.path} belongs to campaign {there!r}, not to {campaign!r}: "
                "set that campaign's name again, or give each campaign a state_dir of its own.",
                "another campaign",
            )
        known = noted.get("fingerprint", fingerprint)
        if known != fingerprint and not (self.empty_at_start and not self._db.rows(_ANY_HASH)[0][0]):
            raise FileRefused(
                f"The ledger {self.path} was written beside a suppression list with key {known}, this one has "
                f"{fingerprint}: put the suppression list that belongs to it back in its place.",
                "another key",
            )
        if noted.get("campaign") != campaign or known != fingerprint or made:
            self._db.run_many(_STAMP, [("campaign", campaign), ("fingerprint", fingerprint)])

"""Whom do we never write to, and who is who? One small SQLite file beside the state directory, not in it."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from outboundd.adapters.sqlite_file import FileKind, FileRefused, instant, micros, open_database
from outboundd.model.facts import Suppressed

__all__ = ["FileRefused", "SuppressionFile"]

_KEY_BYTES = 32
_SUPPRESSION = FileKind(
    name="suppression list",
    application_id=0x6F62_7370,
    version=1,
    schema=(
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE person (hash TEXT PRIMARY KEY, why TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE domain (domain TEXT PRIMARY KEY, why TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    ),
)
_PERSON_INSTEAD = "UPDATE person SET why = ?2, at = ?3 WHERE hash = ?1 AND why <> ?2"
_DOMAIN_INSTEAD = "UPDATE domain SET why = ?2, at = ?3 WHERE domain = ?1 AND why <> ?2"
# The most particular entry is the one that is told.
_MATCH_DOMAIN = """SELECT why, at FROM domain WHERE domain IN (SELECT value FROM json_each(?))
    ORDER BY length(domain) DESC, domain LIMIT 1"""


class SuppressionFile:
    """The suppression list in a file (None: in memory, the shipped fake), with the key that makes persons of addresses.

    `fresh` says that the key was made now: beside a ledger that is not empty it is the wrong one.
    """

    def __init__(self, path: Path | None, entropy: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self.path = path
        self._db, _ = open_database(path, _SUPPRESSION)
        # The key has its own look and not `made`: a kill between the two commits leaves tables without a key.
        row = self._db.row("SELECT value FROM meta WHERE key = 'key'")
        self.fresh = row is None
        self._key = entropy(_KEY_BYTES) if row is None else bytes.fromhex(row["value"])
        if row is None:
            self._db.run("INSERT INTO meta VALUES ('key', ?)", (self._key.hex(),))
        self.fingerprint = hashlib.sha256(self._key).hexdigest()[:16]

    def close(self) -> None:
        """Close the file."""
        self._db.connection.close()

    def person(self, address: str) -> str:
        """Keyed hash of a normalised address."""
        return self._digest(b"person:", address)[:32]

    def lead_id(self, address: str) -> str:
        """The id of a lead of the embedded store: from its first normalised address, the same after every loss."""
        return "ld" + self._digest(b"lead:", address)[:16]

    async def suppress(self, person: str, why: str, at: datetime, *, instead: bool = False) -> bool:
        """Add a person; True when new. `instead`: an entry for another reason gives way to this one."""
        with self._db.transaction():
            new = self._db.run("INSERT INTO person VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (person, why, micros(at)))
            if instead:
                self._db.run(_PERSON_INSTEAD, (person, why, micros(at)))
        return new == 1

    async def suppress_domain(self, domain: str, why: str, at: datetime, *, instead: bool = False) -> bool:
        """Add a domain and everything below it; True when new. `instead` as for a person."""
        with self._db.transaction():
            new = self._db.run("INSERT INTO domain VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (domain, why, micros(at)))
            if instead:
                self._db.run(_DOMAIN_INSTEAD, (domain, why, micros(at)))
        return new == 1

    async def match(self, person: str, domains: Sequence[str]) -> Suppressed | None:
        """The entry for this person, or for one of these domains or a parent of it."""
        row = self._db.row("SELECT why, at FROM person WHERE hash = ?", (person,))
        if row is None:
            row = self._db.row(_MATCH_DOMAIN, (json.dumps([up for domain in domains for up in _upwards(domain)]),))
        return Suppressed(why=row["why"], since=instant(row["at"])) if row else None

    async def persons(self, why: str) -> Sequence[str]:
        """The hashes of those who are on it for this reason."""
        return [row["hash"] for row in self._db.rows("SELECT hash FROM person WHERE why = ? ORDER BY hash", (why,))]

    async def size(self) -> tuple[int, int]:
        """How many persons and domains are on it."""
        row = self._db.rows("SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM domain)")[0]
        return row[0], row[1]

    def _digest(self, purpose: bytes, address: str) -> str:
        return hmac.digest(self._key, purpose + address.encode(), "sha256").hex()


def _upwards(domain: str) -> list[str]:
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]

"""What else is remembered: small facts by key, cached answers, and the money spent?"""

from datetime import datetime

from outboundd.adapters.ledger.part import Part
from outboundd.adapters.sqlite_file import micros

_PUT = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_CACHE = """INSERT INTO cache VALUES (?, ?, ?, ?)
    ON CONFLICT (kind, key) DO UPDATE SET at = excluded.at, value = excluded.value"""
_SPENT = "SELECT coalesce(sum(usd), 0.0) FROM spend WHERE at >= ? AND at < ?"
_SPENT_ON = "SELECT coalesce(sum(usd), 0.0) FROM spend WHERE lead = ?"


class Notes(Part):
    """Small things."""

    async def get(self, key: str) -> str:
        row = self._db.row("SELECT value FROM meta WHERE key = ?", (key,))
        return row["value"] if row else ""

    async def put(self, key: str, value: str) -> None:
        self._db.run(_PUT, (key, value))

    async def cached(self, kind: str, key: str, since: datetime) -> str | None:
        sql = "SELECT value FROM cache WHERE kind = ? AND key = ? AND at >= ?"
        row = self._db.row(sql, (kind, key, micros(since)))
        return row["value"] if row else None

    async def cache(self, kind: str, key: str, value: str, now: datetime) -> None:
        self._db.run(_CACHE, (kind, key, micros(now), value))

    async def spend(self, vendor: str, lead: str, usd: float, now: datetime) -> None:
        self._db.run("INSERT INTO spend VALUES (?, ?, ?, ?)", (micros(now), vendor, lead, usd))

    async def spent(self, since: datetime, until: datetime) -> float:
        return float(self._db.rows(_SPENT, (micros(since), micros(until)))[0][0])

    async def spent_on(self, lead: str) -> float:
        return float(self._db.rows(_SPENT_ON, (lead,))[0][0])

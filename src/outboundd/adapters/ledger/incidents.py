"""What went wrong, how often, is it over, and has the operator heard of it?"""

from collections.abc import Sequence
from datetime import datetime

from outboundd.adapters.ledger.part import Part
from outboundd.adapters.ledger.rows import to_incident
from outboundd.adapters.sqlite_file import micros
from outboundd.model.incident import Incident

_OPEN = """INSERT INTO incident (what, title, text, opened, last_at, times) VALUES (:what, :title, :text, :now, :now, 1)
    ON CONFLICT (what) WHERE closed IS NULL DO UPDATE SET times = times + 1, last_at = :now RETURNING *"""
_RETURN = """UPDATE incident SET closed = NULL, times = times + 1, last_at = :now WHERE id = (
    SELECT max(id) FROM incident WHERE what = :what
    ) AND closed >= :since AND end_told_at IS NULL RETURNING *"""
_CLOSE = "UPDATE incident SET closed = ?, end_told_at = NULL WHERE what = ? AND closed IS NULL RETURNING *"
_TOLD = "UPDATE incident SET told_at = ? WHERE id = ?"
_END_TOLD = "UPDATE incident SET end_told_at = ? WHERE id = ?"
_NOTE = "UPDATE incident SET note = ? WHERE id = ?"
_ALL = "SELECT * FROM incident WHERE closed IS NULL OR NOT ? ORDER BY opened DESC, id DESC"
_UNTOLD = """SELECT * FROM incident WHERE told_at IS NULL OR (closed IS NOT NULL AND end_told_at IS NULL)
    ORDER BY opened, id"""


class Incidents(Part):
    """Incidents: one row a cause until it is over; the same cause is then a new one, or returns."""

    async def open_incident(
        self, what: str, title: str, text: str, now: datetime, *, returns_since: datetime | None = None
    ) -> Incident:
        with self._db.transaction():
            rows = []
            if returns_since is not None:
                rows = self._db.rows(_RETURN, {"what": what, "now": micros(now), "since": micros(returns_since)})
            if not rows:
                rows = self._db.rows(_OPEN, {"what": what, "title": title, "text": text, "now": micros(now)})
        return to_incident(rows[0])

    async def close_incident(self, what: str, now: datetime) -> Incident | None:
        with self._db.transaction():
            rows = self._db.rows(_CLOSE, (micros(now), what))
        return to_incident(rows[0]) if rows else None

    async def incident_told(self, number: int, now: datetime) -> None:
        self._db.run(_TOLD, (micros(now), number))

    async def incident_end_told(self, number: int, now: datetime) -> None:
        self._db.run(_END_TOLD, (micros(now), number))

    async def note_incident(self, number: int, note: str) -> bool:
        return self._db.run(_NOTE, (note, number)) == 1

    async def incidents(self, *, open_only: bool) -> Sequence[Incident]:
        return [to_incident(row) for row in self._db.rows(_ALL, (open_only,))]

    async def untold_incidents(self) -> Sequence[Incident]:
        return [to_incident(row) for row in self._db.rows(_UNTOLD)]

"""What is counted by the day: requests to a vendor, the cap of mails; and who answered when?"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from outboundd.adapters.ledger.part import Part
from outboundd.adapters.ledger.rows import day_number, on_day
from outboundd.adapters.sqlite_file import instant, micros

_CALLED = """INSERT INTO calls VALUES (?, ?, 1) ON CONFLICT (vendor, day) DO UPDATE SET number = number + 1"""
_CAP = "INSERT INTO cap VALUES (?, ?, ?) ON CONFLICT (day) DO UPDATE SET mails = excluded.mails, why = excluded.why"
# The words of the index: SQLite uses a partial one for nothing else.
_REPLIES = """SELECT lead, at FROM "transition" WHERE now = 'replied' AND was <> 'replied' AND at >= ? AND at < ?
    ORDER BY at, lead"""


class Tallies(Part):
    """Counts by the day."""

    async def called(self, vendor: str, day: date) -> None:
        self._db.run(_CALLED, (vendor, day_number(day)))

    async def calls(self, vendor: str, since: date) -> Mapping[date, int]:
        sql = "SELECT day, number FROM calls WHERE vendor = ? AND day >= ? ORDER BY day"
        return {on_day(row["day"]): row["number"] for row in self._db.rows(sql, (vendor, day_number(since)))}

    async def note_cap(self, day: date, mails: int, why: str) -> None:
        self._db.run(_CAP, (day_number(day), mails, why))

    async def caps(self, since: date) -> Mapping[date, tuple[int, str]]:
        rows = self._db.rows("SELECT * FROM cap WHERE day >= ? ORDER BY day", (day_number(since),))
        return {on_day(row["day"]): (row["mails"], row["why"]) for row in rows}

    async def replies(self, since: datetime, until: datetime) -> Sequence[tuple[str, datetime]]:
        return [(row["lead"], instant(row["at"])) for row in self._db.rows(_REPLIES, (micros(since), micros(until)))]

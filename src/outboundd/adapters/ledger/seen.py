"""Which leads does the store hold, as it showed them last, and which of them are due?"""

from collections.abc import Sequence
from datetime import datetime

from outboundd.adapters.ledger.part import Part
from outboundd.adapters.ledger.rows import seen_row, to_seen, words
from outboundd.adapters.sqlite_file import micros
from outboundd.model.facts import Drafted
from outboundd.model.lead import Stage
from outboundd.ports import Seen

_SEE = """INSERT INTO lead
    VALUES (:id, :person, :company, :domain, :stage, :step, :next_at, :created_at, :source, :country, :variant,
        :waiting_for, :seen_at, :seq, :opens, :clicks, :last_event_at)
    ON CONFLICT (id) DO UPDATE SET person = :person, company = :company, domain = :domain,
        created_at = :created_at, source = :source, country = :country, seen_at = :seen_at,
        opens = :opens, clicks = :clicks, last_event_at = :last_event_at, seq = max(:seq, seq),
        stage = iif(:seq < seq, stage, :stage), step = iif(:seq < seq, step, :step),
        next_at = iif(:seq < seq, next_at, :next_at), variant = iif(:seq < seq, variant, :variant),
        waiting_for = iif(:seq < seq, waiting_for, :waiting_for)"""
_UNSEE = "DELETE FROM lead WHERE id IN (SELECT value FROM json_each(?))"
# NULL sorts first in SQLite: never looked at comes before looked at.
_DUE = """SELECT id FROM lead
    WHERE stage IN (SELECT value FROM json_each(:stages)) AND (next_at IS NULL OR next_at <= :now)
    ORDER BY step DESC, next_at, coalesce(created_at, seen_at), id LIMIT :limit"""

_DRAFTS = """SELECT variant, step, coalesce(
        (SELECT basis FROM "transition" AS t WHERE t.lead = lead.id AND basis <> '' ORDER BY seq DESC LIMIT 1),
        '') AS basis
    FROM lead WHERE stage = 'drafted' ORDER BY id"""


class Queue(Part):
    """The queue: what the store showed last."""

    async def see(self, rows: Sequence[Seen], now: datetime) -> None:
        self._db.run_many(_SEE, [seen_row(seen, now) for seen in rows])

    async def unsee(self, ids: Sequence[str]) -> None:
        self._db.run(_UNSEE, (words(ids),))

    async def due(self, stages: Sequence[Stage], now: datetime, limit: int) -> Sequence[str]:
        params = {"stages": words(stages), "now": micros(now), "limit": limit}
        return [row["id"] for row in self._db.rows(_DUE, params)]

    async def queue(self) -> Sequence[Seen]:
        return [to_seen(row) for row in self._db.rows("SELECT * FROM lead ORDER BY id")]

    async def drafts(self) -> Sequence[Drafted]:
        rows = self._db.rows(_DRAFTS)
        return [Drafted(variant=row["variant"], step=row["step"], basis=row["basis"]) for row in rows]

    async def seen(self, lead: str) -> Seen | None:
        row = self._db.row("SELECT * FROM lead WHERE id = ?", (lead,))
        return to_seen(row) if row else None

    async def leads_of(self, person: str) -> Sequence[str]:
        return [row["id"] for row in self._db.rows("SELECT id FROM lead WHERE person = ? ORDER BY id", (person,))]

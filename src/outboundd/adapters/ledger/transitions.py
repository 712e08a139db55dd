"""What has happened to each lead, in which order, and what of it does the store not show yet?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from outboundd.adapters.ledger.part import Part
from outboundd.adapters.ledger.rows import micros_or_none, to_transition, transition_row
from outboundd.adapters.sqlite_file import Database, micros
from outboundd.model.decision import Transition

_INSERT = """INSERT INTO "transition"
    VALUES (:lead, :seq, :at, :was, :now, :basis, :waives, :objection, :tag, :id, :pushed_at, :why, :text_hash, :patch,
        :text)"""
_TAKE_IN = """INSERT INTO "transition"
    VALUES (:lead, :seq, :at, :was, :now, :basis, :waives, :objection, :tag, :id, :pushed_at, :why, :text_hash, :patch,
        :text)
    ON CONFLICT (lead, seq) DO NOTHING"""
_QUEUE = """UPDATE lead SET seq = :seq, stage = :stage, step = coalesce(:step, step),
        variant = coalesce(:variant, variant),
        waiting_for = coalesce(:waiting_for, waiting_for), next_at = iif(:dated, :next_at, next_at)
    WHERE id = :lead"""
# Left alone, SQLite would go through all that ever happened to save itself the sorting of a few.
_UNPUSHED = """SELECT * FROM "transition" INDEXED BY transition_unpushed WHERE pushed_at IS NULL
    ORDER BY rowid LIMIT ?"""
_UNPUSHED_IN_QUEUE = """SELECT * FROM "transition" INDEXED BY transition_unpushed WHERE pushed_at IS NULL
    AND EXISTS (SELECT 1 FROM lead WHERE lead.id = "transition".lead) ORDER BY rowid LIMIT ?"""
_UNPUSHED_OF = 'SELECT * FROM "transition" WHERE pushed_at IS NULL AND lead = ? ORDER BY seq LIMIT ?'
_PUSHED = 'UPDATE "transition" SET pushed_at = ? WHERE lead = ? AND seq <= ? AND pushed_at IS NULL'


class Transitions(Part):
    """The compare-and-set of stages."""

    async def commit(self, transitions: Sequence[Transition]) -> None:
        with self._db.transaction():
            record(self._db, transitions)

    async def transitions(self, lead: str) -> Sequence[Transition]:
        rows = self._db.rows('SELECT * FROM "transition" WHERE lead = ? ORDER BY seq', (lead,))
        return [to_transition(row) for row in rows]

    async def head(self, lead: str) -> Transition | None:
        row = self._db.row('SELECT * FROM "transition" WHERE lead = ? ORDER BY seq DESC LIMIT 1', (lead,))
        return to_transition(row) if row else None

    async def unpushed(
        self, lead: str | None = None, limit: int = 1000, *, in_queue: bool = False
    ) -> Sequence[Transition]:
        of_all = _UNPUSHED_IN_QUEUE if in_queue else _UNPUSHED
        rows = self._db.rows(of_all, (limit,)) if lead is None else self._db.rows(_UNPUSHED_OF, (lead, limit))
        return [to_transition(row) for row in rows]

    async def pushed(self, lead: str, seq: int, now: datetime) -> None:
        self._db.run(_PUSHED, (micros(now), lead, seq))

    async def take_in(self, transitions: Sequence[Transition], now: datetime) -> None:
        self._db.run_many(_TAKE_IN, [transition_row(transition, now) for transition in transitions])


def record(db: Database, transitions: Sequence[Transition]) -> None:
    """Insert them and bring the queue up to date, inside the caller's transaction. Conflict when a number is taken."""
    for transition in transitions:
        db.run(_INSERT, transition_row(transition, None))
        db.run(_QUEUE, _queue_params(transition))


def _queue_params(transition: Transition) -> dict[str, Any]:
    patch = transition.patch
    next_at = patch.get("next_at")
    return {
        "lead": transition.lead,
        "seq": transition.seq,
        "stage": str(transition.now),
        "step": patch.get("step"),
        "variant": patch.get("variant"),
        "waiting_for": patch.get("waiting_for"),
        "dated": "next_at" in patch,
        "next_at": micros_or_none(next_at if isinstance(next_at, datetime) else None),
    }

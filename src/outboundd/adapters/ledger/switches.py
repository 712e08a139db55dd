"""What is switched off and why, and which runs were started?"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from outboundd.adapters.ledger.part import Part
from outboundd.adapters.ledger.rows import micros_or_none, to_halt, to_run
from outboundd.adapters.sqlite_file import micros
from outboundd.model.facts import Halt
from outboundd.ports import RunRecord

_HALT = """INSERT INTO halt VALUES (?, ?, ?, ?)
    ON CONFLICT (what) DO UPDATE SET since = excluded.since, until = excluded.until, why = excluded.why"""
_START = "INSERT INTO run VALUES (?, ?, ?, NULL, '', NULL) ON CONFLICT (job, slot) DO NOTHING"
_END = "UPDATE run SET ended = ?, outcome = ?, told = ? WHERE job = ? AND slot = ?"


class Switches(Part):
    """Halts and runs."""

    async def halt(self, halt: Halt) -> bool:
        with self._db.transaction():
            row = self._db.row("SELECT * FROM halt WHERE what = ?", (halt.what,))
            there = to_halt(row) if row else None
            in_force = there is not None and not _over(there, halt.since)
            if there is None or not in_force:
                self._write(halt, halt.since)
            elif _outlasts(halt, there):
                # An operator's pause must not end with the vendor's halt that stood there before it.
                self._write(halt, there.since)
        return not in_force

    async def resume(self, what: str) -> bool:
        return self._db.run("DELETE FROM halt WHERE what = ?", (what,)) == 1

    async def halts(self, now: datetime) -> Sequence[Halt]:
        found = [to_halt(row) for row in self._db.rows("SELECT * FROM halt ORDER BY since, what")]
        if any(_over(halt, now) for halt in found):
            self._db.run("DELETE FROM halt WHERE until <= ?", (micros(now),))
        return [halt for halt in found if not _over(halt, now)]

    async def start_run(self, run: RunRecord) -> bool:
        return self._db.run(_START, (run.job, run.slot, micros(run.began))) == 1

    async def end_run(self, job: str, slot: str, ended: datetime, outcome: str, told: Mapping[str, int]) -> None:
        self._db.run(_END, (micros(ended), outcome, json.dumps(dict(told)), job, slot))

    async def runs(self, job: str, limit: int) -> Sequence[RunRecord]:
        rows = self._db.rows("SELECT * FROM run WHERE job = ? ORDER BY began DESC, rowid DESC LIMIT ?", (job, limit))
        return [to_run(row) for row in rows]

    def _write(self, halt: Halt, since: datetime) -> None:
        self._db.run(_HALT, (halt.what, micros(since), micros_or_none(halt.until), halt.why))


def _over(halt: Halt, now: datetime) -> bool:
    return halt.until is not None and halt.until <= now


def _outlasts(halt: Halt, there: Halt) -> bool:
    return there.until is not None and (halt.until is None or halt.until > there.until)

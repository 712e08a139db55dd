"""Which mails were tried, and what became of each try?"""

from collections.abc import Callable, Sequence
from datetime import datetime

from outboundd.adapters.ledger.facts import history, traffic
from outboundd.adapters.ledger.part import Part
from outboundd.adapters.ledger.rows import attempt_row, to_attempt, words
from outboundd.adapters.ledger.transitions import record
from outboundd.adapters.sqlite_file import micros
from outboundd.model.decision import Decision, Do, Transition
from outboundd.model.facts import History, Traffic
from outboundd.model.mail import Attempt, AttemptState
from outboundd.ports import Broken

_INSERT = """INSERT INTO attempt
    VALUES (:tag, :lead, :step, :n, :mailer, :person, :company, :posted_at, :state, :message_id, :settled_at,
        :text_hash, :subject, :text)"""
_ADOPT = """INSERT INTO attempt
    VALUES (:tag, :lead, :step, :n, :mailer, :person, :company, :posted_at, :state, :message_id, :settled_at,
        :text_hash, :subject, :text)
    ON CONFLICT (tag) DO NOTHING"""
# Said again, an outcome keeps its instant; open and unknown are no outcomes and have none.
_SETTLE = """UPDATE attempt SET state = :state,
        message_id = iif(:message_id = '', message_id, :message_id),
        settled_at = CASE WHEN :state IN ('open', 'unknown') THEN NULL
            WHEN state = :state AND settled_at IS NOT NULL THEN settled_at ELSE :now END
    WHERE tag = :tag"""
_MARK = "UPDATE attempt SET state = ? WHERE tag = ?"
_ANY_LEAD = """SELECT * FROM attempt WHERE state IN (SELECT value FROM json_each(:states))
    ORDER BY posted_at DESC, rowid DESC LIMIT :limit"""
_ONE_LEAD = """SELECT * FROM attempt WHERE lead = :lead AND state IN (SELECT value FROM json_each(:states))
    ORDER BY posted_at DESC, rowid DESC LIMIT :limit"""


class Attempts(Part):
    """The durable record of every try, written before its POST."""

    async def begin(
        self, attempt: Attempt, permit: Callable[[Traffic, History], Decision], person_days: int
    ) -> Decision:
        now = attempt.posted_at
        with self._db.transaction():
            known = history(self._db, attempt.lead, attempt.person, attempt.company, now, person_days)
            decision = permit(traffic(self._db, now), known)
            if isinstance(decision, Do):
                self._db.run(_INSERT, attempt_row(attempt))
        return decision

    async def settle(
        self, tag: str, state: AttemptState, now: datetime, message_id: str, transitions: Sequence[Transition]
    ) -> None:
        params = {"tag": tag, "state": str(state), "now": micros(now), "message_id": message_id}
        with self._db.transaction():
            if not self._db.run(_SETTLE, params):
                raise Broken("ledger", "no such attempt", tag)
            record(self._db, transitions)

    async def mark(self, tag: str, state: AttemptState) -> None:
        if not self._db.run(_MARK, (str(state), tag)):
            raise Broken("ledger", "no such attempt", tag)

    async def adopt_attempt(self, attempt: Attempt) -> bool:
        return self._db.run(_ADOPT, attempt_row(attempt)) == 1

    async def attempt(self, tag: str) -> Attempt | None:
        row = self._db.row("SELECT * FROM attempt WHERE tag = ?", (tag,))
        return to_attempt(row) if row else None

    async def attempts(
        self, *, states: Sequence[AttemptState] = (), lead: str = "", limit: int = 1000
    ) -> Sequence[Attempt]:
        params = {"states": words(states or tuple(AttemptState)), "lead": lead, "limit": limit}
        return [to_attempt(row) for row in self._db.rows(_ONE_LEAD if lead else _ANY_LEAD, params)]

    async def count_attempts(self, lead: str, step: int) -> int:
        # The highest number and not a count of rows: a ledger that was lost may know the second try alone.
        sql = "SELECT coalesce(max(n), 0) FROM attempt WHERE lead = ? AND step = ?"
        return int(self._db.rows(sql, (lead, step))[0][0])

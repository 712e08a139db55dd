"""What is erased when a person asks to be forgotten or a lead's time is over, and what stays all the same?"""

from collections.abc import Sequence
from datetime import datetime

from outboundd.adapters.ledger.part import Part
from outboundd.adapters.ledger.rows import to_attempt, words
from outboundd.adapters.ledger.transitions import record
from outboundd.adapters.sqlite_file import Database, micros
from outboundd.model.decision import Transition
from outboundd.model.lead import Stage
from outboundd.model.mail import Attempt

_LEADS = """SELECT ?1 AS lead UNION SELECT id FROM lead WHERE person = ?2 AND person <> ''
    UNION SELECT lead FROM attempt WHERE person = ?2 AND person <> '' AND substr(lead, 1, 1) <> '-'"""
# Hashes, instants, stages and reasons stay; the words go, and so does what a reason quotes of the row. What the store
# does not show yet has no row any more to be shown in.
_ERASE = {
    # Research on their company may name them; what was asked for colleagues since then is not theirs.
    "cache": """DELETE FROM cache WHERE key IN (SELECT value FROM json_each(:leads)) OR kind = 'research' AND key IN
        (SELECT company FROM lead WHERE id IN (SELECT value FROM json_each(:leads))
        UNION SELECT company FROM attempt WHERE lead IN (SELECT value FROM json_each(:leads)) AND text <> '')""",
    "attempt": """UPDATE attempt SET subject = '', text = ''
        WHERE lead IN (SELECT value FROM json_each(:leads)) AND (subject <> '' OR text <> '')""",
    "transition": """UPDATE "transition" SET patch = '{}', text = '', pushed_at = coalesce(pushed_at, at),
            why = iif(instr(why, '"'), substr(why, 1, instr(why, '"') - 1) || '…', why)
        WHERE lead IN (SELECT value FROM json_each(:leads))
            AND (patch <> '{}' OR text <> '' OR pushed_at IS NULL OR instr(why, '"'))""",
    "event": """UPDATE event SET subject = '' WHERE subject <> '' AND (person = :person AND person <> '' OR tag IN
        (SELECT tag FROM attempt WHERE lead IN (SELECT value FROM json_each(:leads))))""",
    "uncounted": "DELETE FROM uncounted WHERE lead IN (SELECT value FROM json_each(:leads))",
    "lead": "DELETE FROM lead WHERE id IN (SELECT value FROM json_each(:leads))",
}
_THERE = "SELECT name FROM sqlite_master WHERE type = 'table'"
_SINCE = """max(coalesce((SELECT max(at) FROM "transition" AS move
            WHERE move.lead = last.lead AND move.was <> move.now), 0),
        coalesce((SELECT max(posted_at) FROM attempt WHERE attempt.lead = last.lead), 0))"""
# A mail in doubt is found by its words: it keeps them until it is settled.
_WORDY = f"""SELECT last.lead
    FROM (SELECT lead, max(seq) AS seq FROM "transition" WHERE lead > :after GROUP BY lead) AS last
    JOIN "transition" AS head ON head.lead = last.lead AND head.seq = last.seq
    WHERE head.now IN (SELECT value FROM json_each(:stages)) AND {_SINCE} < :before
        AND NOT EXISTS (SELECT 1 FROM bare WHERE bare.lead = last.lead AND bare.at >= {_SINCE})
        AND NOT EXISTS (SELECT 1 FROM attempt WHERE attempt.lead = last.lead AND state IN ('open', 'unknown'))
    ORDER BY last.lead LIMIT :limit"""  # noqa: S608 (only words of this file)
_BARE = (
    "UPDATE attempt SET subject = '', text = '' WHERE lead = :lead AND (subject <> '' OR text <> '')",
    "UPDATE event SET subject = '' WHERE subject <> '' AND tag IN (SELECT tag FROM attempt WHERE lead = :lead)",
    """UPDATE "transition" SET text = '', patch = json_remove(patch, '$.subject', '$.body', '$.research')
        WHERE lead = :lead""",
    "INSERT INTO bare VALUES (:lead, :now) ON CONFLICT (lead) DO UPDATE SET at = excluded.at",
)
_OLD = (
    "DELETE FROM cache WHERE kind = 'research' AND at < :before",
    """UPDATE attempt SET subject = '', text = '' WHERE posted_at < :before AND (subject <> '' OR text <> '')
        AND NOT EXISTS (SELECT 1 FROM "transition" WHERE "transition".lead = attempt.lead)""",
    "UPDATE event SET subject = '' WHERE subject <> '' AND at < :before AND tag = ''",
)
_MAILS_TO = """SELECT * FROM attempt WHERE person = ? AND person <> '' AND substr(lead, 1, 1) <> '-'
    ORDER BY posted_at, tag"""


class Erasure(Part):
    """The right to be forgotten, and the end of what is kept."""

    async def forget(self, lead: str, person: str) -> int:
        erased = forget(self._db, lead, person)
        self._db.checkpoint()
        return erased

    async def wordy(self, stages: Sequence[Stage], before: datetime, after: str, limit: int) -> Sequence[str]:
        params = {"stages": words(stages), "before": micros(before), "after": after, "limit": limit}
        return [row["lead"] for row in self._db.rows(_WORDY, params)]

    async def erase_words(self, lead: str, transitions: Sequence[Transition], now: datetime) -> None:
        with self._db.transaction():
            for sql in _BARE:
                self._db.run(sql, {"lead": lead, "now": micros(now)})
            record(self._db, transitions)
        self._db.checkpoint()

    async def erase_old(self, before: datetime) -> int:
        with self._db.transaction():
            erased = sum(self._db.run(sql, {"before": micros(before)}) for sql in _OLD)
        self._db.checkpoint()
        return erased

    async def mails_to(self, person: str) -> Sequence[Attempt]:
        return [to_attempt(row) for row in self._db.rows(_MAILS_TO, (person,))]


def forget(db: Database, lead: str, person: str) -> int:
    """Erase a person in a ledger, perhaps one of an older version; returns how many entries had something to erase."""
    with db.transaction():
        leads = words(row["lead"] for row in db.rows(_LEADS, (lead, person)))
        there = {row["name"] for row in db.rows(_THERE)}
        return sum(db.run(sql, {"leads": leads, "person": person}) for table, sql in _ERASE.items() if table in there)

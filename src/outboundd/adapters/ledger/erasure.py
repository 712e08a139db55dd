"""What is erased when a person asks to be forgotten, and what stays so that they are never written to again?"""

from outboundd.adapters.ledger.part import Part
from outboundd.adapters.ledger.rows import words

_LEADS = """SELECT ?1 AS lead UNION SELECT id FROM lead WHERE person = ?2 AND person <> ''
    UNION SELECT lead FROM attempt WHERE person = ?2 AND person <> '' AND substr(lead, 1, 1) <> '-'"""
# Hashes, instants, stages and reasons stay; the words go, and so does what a reason quotes of the row. What the store
# does not show yet has no row any more to be shown in.
_ERASE = (
    """UPDATE attempt SET subject = '', text = ''
        WHERE lead IN (SELECT value FROM json_each(:leads)) AND (subject <> '' OR text <> '')""",
    """UPDATE "transition" SET patch = '{}', text = '', pushed_at = coalesce(pushed_at, at),
            why = iif(instr(why, '"'), substr(why, 1, instr(why, '"') - 1) || '…', why)
        WHERE lead IN (SELECT value FROM json_each(:leads))
            AND (patch <> '{}' OR text <> '' OR pushed_at IS NULL OR instr(why, '"'))""",
    """UPDATE event SET subject = '' WHERE subject <> '' AND (person = :person AND person <> '' OR tag IN
        (SELECT tag FROM attempt WHERE lead IN (SELECT value FROM json_each(:leads))))""",
    "DELETE FROM cache WHERE key IN (SELECT value FROM json_each(:leads))",
    "DELETE FROM uncounted WHERE lead IN (SELECT value FROM json_each(:leads))",
    "DELETE FROM lead WHERE id IN (SELECT value FROM json_each(:leads))",
)


class Erasure(Part):
    """The right to be forgotten."""

    async def forget(self, lead: str, person: str) -> int:
        with self._db.transaction():
            leads = words(row["lead"] for row in self._db.rows(_LEADS, (lead, person)))
            erased = sum(self._db.run(sql, {"leads": leads, "person": person}) for sql in _ERASE)
        self._db.checkpoint()
        return erased

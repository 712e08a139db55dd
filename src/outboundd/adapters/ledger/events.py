"""What has the mailer reported, and what of it is not in the leads yet?"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

from outboundd.adapters.ledger.part import Part
from outboundd.adapters.ledger.rows import DAY_MICROS, event_row, micros_or_none, on_day, to_event, words
from outboundd.adapters.sqlite_file import instant, micros
from outboundd.model.facts import EventCounts
from outboundd.model.lead import Counters
from outboundd.model.mail import Event, Reaction
from outboundd.ports import GROUPS, PROMPT

_EVER = 2**62

_ADD = """INSERT INTO event VALUES (:key, :tag, :person, :kind, :at, 0, :message_id, :subject, :by_machine)
    ON CONFLICT (key) DO NOTHING"""
_UNFOLDED = """SELECT tag FROM event WHERE folded = 0 AND tag <> '' GROUP BY tag ORDER BY min(at), tag LIMIT ?"""
_FOLDED = "UPDATE event SET folded = 1 WHERE tag = ? AND key IN (SELECT value FROM json_each(?))"
# Found through its mail; one of ours to the operator has no row to count in.
_UNCOUNTED_BY = """INSERT INTO uncounted SELECT lead FROM attempt WHERE tag = ? AND substr(lead, 1, 1) <> '-'
    ON CONFLICT (lead) DO NOTHING"""
_UNCOUNTED = "SELECT lead FROM uncounted WHERE lead IN (SELECT id FROM lead) ORDER BY lead"
_SHOWN = "UPDATE lead SET opens = ?, clicks = ?, last_event_at = ? WHERE id = ?"
# Only an event without a tag may be matched by its words: one that has a tag is its own attempt's.
_FIND = "SELECT * FROM event WHERE person = ? AND tag = '' AND subject = ? AND at >= ? ORDER BY at, key LIMIT 1"
# Each mail of a period once, with what became of it.
_MAILS = """SELECT posted_at, lead, coalesce(max(kind = 'delivered'), 0) AS delivered,
        coalesce(max(kind = 'opened'), 0) AS opened, coalesce(max(kind = 'clicked'), 0) AS clicked,
        coalesce(max(kind IN ('hard_bounce', 'blocked', 'invalid')), 0) AS hard_bounced,
        coalesce(max(kind = 'unsubscribed'), 0) AS unsubscribed, coalesce(max(kind = 'complaint'), 0) AS complained
    FROM attempt LEFT JOIN event ON event.tag = attempt.tag
    WHERE state IN ('open', 'unknown', 'sent', 'extra') AND substr(lead, 1, 1) <> '-'
        AND posted_at >= :since AND posted_at < :until
    GROUP BY attempt.tag"""
_SUMS = """count(posted_at) AS sent, coalesce(sum(delivered), 0) AS delivered, coalesce(sum(opened), 0) AS opened,
    coalesce(sum(clicked), 0) AS clicked, coalesce(sum(hard_bounced), 0) AS hard_bounced,
    coalesce(sum(unsubscribed), 0) AS unsubscribed, coalesce(sum(complained), 0) AS complained"""
_COUNTS = f"SELECT {_SUMS} FROM ({_MAILS})"  # noqa: S608 (only words of this file)
# Each period begins where the one before ends.
_SERIES = f"""WITH edge AS (SELECT key AS n, value AS at FROM json_each(:edges)), mail AS MATERIALIZED ({_MAILS})
    SELECT {_SUMS}
    FROM edge AS since JOIN edge AS until ON until.n = since.n + 1
        LEFT JOIN mail ON posted_at >= since.at AND posted_at < until.at
    GROUP BY since.n ORDER BY since.n"""  # noqa: S608 (only words of this file)
_BY_DAY = f"""SELECT posted_at / {DAY_MICROS} AS day, {_SUMS} FROM ({_MAILS})
    GROUP BY day ORDER BY day"""  # noqa: S608 (only words of this file)
_BY = {
    of: f"""SELECT coalesce(lead.{of}, '') AS name, {_SUMS} FROM ({_MAILS}) AS mail LEFT JOIN lead ON id = mail.lead
        GROUP BY name ORDER BY name"""  # noqa: S608 (only words of this file)
    for of in GROUPS
}
# A mail's prompt is that of the last draft before it. A basis is two hashes of 16 digits and the prompt's mark, which
# ends in a hash of 16 (`rules/written_with.py`); eight of those tell texts apart.
_PROMPT_OF = """SELECT {mail}.*, variant, coalesce((SELECT substr(basis, 35, length(basis) - 42) FROM "transition" AS t
        WHERE t.lead = {mail}.lead AND t.basis LIKE '%:%:%@%' AND t.at <= posted_at ORDER BY t.seq DESC LIMIT 1), '')
        AS mark
    FROM {of} AS {mail} LEFT JOIN lead ON id = {mail}.lead"""
_PROMPT_NAME = "iif(mark = '', '', trim(coalesce(variant, '') || ' ' || mark))"
_BY[PROMPT] = f"""SELECT {_PROMPT_NAME} AS name, {_SUMS} FROM ({_PROMPT_OF.format(mail="mail", of=f"({_MAILS})")})
    GROUP BY name ORDER BY name"""  # noqa: S608 (only words of this file)
_WITH_PROMPT = f"""SELECT tag, lead, {_PROMPT_NAME} AS name FROM ({_PROMPT_OF.format(mail="mail", of="attempt")})
    WHERE state IN ('open', 'unknown', 'sent', 'extra') AND substr(lead, 1, 1) <> '-'
        AND posted_at >= :since AND posted_at < :until
    ORDER BY posted_at, tag"""  # noqa: S608 (only words of this file)
_REACTIONS = """SELECT attempt.lead, posted_at, event.* FROM attempt JOIN event ON event.tag = attempt.tag
    WHERE state IN ('open', 'unknown', 'sent', 'extra') AND substr(lead, 1, 1) <> '-'
        AND posted_at >= :since AND posted_at < :until AND kind IN ('delivered', 'opened', 'clicked')
        AND EXISTS (SELECT 1 FROM event AS one WHERE one.tag = attempt.tag AND one.kind IN ('opened', 'clicked'))
    ORDER BY posted_at, attempt.tag, at, key"""


class Events(Part):
    """The mailer's reports; pages go in as they come, leads are folded from here."""

    async def add_events(self, events: Sequence[tuple[Event, str]], now: datetime) -> int:
        return self._db.run_many(_ADD, [event_row(event, person) for event, person in events])

    async def unfolded(self, limit: int) -> Sequence[str]:
        return [row["tag"] for row in self._db.rows(_UNFOLDED, (limit,))]

    async def events_of(self, tag: str) -> Sequence[Event]:
        return [to_event(row) for row in self._db.rows("SELECT * FROM event WHERE tag = ? ORDER BY at, key", (tag,))]

    async def folded(self, tag: str, keys: Sequence[str]) -> None:
        with self._db.transaction():
            self._db.run(_FOLDED, (tag, words(keys)))
            self._db.run(_UNCOUNTED_BY, (tag,))

    async def uncounted(self) -> Sequence[str]:
        return [row["lead"] for row in self._db.rows(_UNCOUNTED)]

    async def counted(self, lead: str, shown: Counters) -> None:
        with self._db.transaction():
            self._db.run(_SHOWN, (shown.opens, shown.clicks, micros_or_none(shown.last_event_at), lead))
            self._db.run("DELETE FROM uncounted WHERE lead = ?", (lead,))

    async def counts(self, since: datetime, until: datetime) -> EventCounts:
        return _counts(self._db.rows(_COUNTS, {"since": micros(since), "until": micros(until)})[0])

    async def count_series(self, edges: Sequence[datetime]) -> Sequence[EventCounts]:
        at = [micros(edge) for edge in edges]
        params = {"edges": json.dumps(at), "since": at[0], "until": at[-1]}
        return [_counts(row) for row in self._db.rows(_SERIES, params)]

    async def counts_by_day(self) -> Sequence[tuple[date, EventCounts]]:
        rows = self._db.rows(_BY_DAY, {"since": 0, "until": _EVER})
        return [(on_day(row["day"]), _counts(row, "day")) for row in rows]

    async def counts_by(self, what: str, since: datetime, until: datetime) -> Mapping[str, EventCounts]:
        rows = self._db.rows(_BY[what], {"since": micros(since), "until": micros(until)})
        return {row["name"]: _counts(row, "name") for row in rows}

    async def mails_by_prompt(self, since: datetime, until: datetime) -> Mapping[str, tuple[str, str]]:
        rows = self._db.rows(_WITH_PROMPT, {"since": micros(since), "until": micros(until)})
        return {row["tag"]: (row["lead"], row["name"]) for row in rows}

    async def reactions(self, since: datetime, until: datetime) -> Sequence[Reaction]:
        rows = self._db.rows(_REACTIONS, {"since": micros(since), "until": micros(until)})
        return [_reaction(list(of_mail)) for _, of_mail in groupby(rows, key=lambda row: row["tag"])]

    async def find_event(self, person: str, subject: str, since: datetime) -> Event | None:
        row = self._db.row(_FIND, (person, subject, micros(since)))
        return to_event(row) if row else None


def _counts(row: sqlite3.Row, besides: str = "") -> EventCounts:
    return EventCounts(**{name: row[name] for name in row.keys() if name != besides})  # noqa: SIM118 - a Row iterates over its values


def _reaction(rows: list[sqlite3.Row]) -> Reaction:
    first = rows[0]
    return Reaction(lead=first["lead"], posted_at=instant(first["posted_at"]), events=tuple(map(to_event, rows)))

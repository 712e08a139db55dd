"""What has the mailer reported, and what of it is not in the leads yet?"""

from collections.abc import Sequence
from datetime import datetime

from outboundd.adapters.ledger.part import Part
from outboundd.adapters.ledger.rows import event_row, to_event, words
from outboundd.adapters.sqlite_file import micros
from outboundd.model.facts import EventCounts
from outboundd.model.mail import Event

_ADD = """INSERT INTO event VALUES (:key, :tag, :person, :kind, :at, 0, :message_id, :subject)
    ON CONFLICT (key) DO NOTHING"""
_UNFOLDED = """SELECT tag FROM event WHERE folded = 0 AND tag <> '' GROUP BY tag ORDER BY min(at), tag LIMIT ?"""
_FOLDED = "UPDATE event SET folded = 1 WHERE tag = ? AND key IN (SELECT value FROM json_each(?))"
# Only an event without a tag may be matched by its words: one that has a tag is its own attempt's.
_FIND = "SELECT * FROM event WHERE person = ? AND tag = '' AND subject = ? AND at >= ? ORDER BY at, key LIMIT 1"
_COUNTS = """SELECT count(*) AS sent, coalesce(sum(delivered), 0) AS delivered, coalesce(sum(opened), 0) AS opened,
        coalesce(sum(clicked), 0) AS clicked, coalesce(sum(hard_bounced), 0) AS hard_bounced,
        coalesce(sum(unsubscribed), 0) AS unsubscribed, coalesce(sum(complained), 0) AS complained
    FROM (SELECT coalesce(max(kind = 'delivered'), 0) AS delivered, coalesce(max(kind = 'opened'), 0) AS opened,
            coalesce(max(kind = 'clicked'), 0) AS clicked,
            coalesce(max(kind IN ('hard_bounce', 'blocked', 'invalid')), 0) AS hard_bounced,
            coalesce(max(kind = 'unsubscribed'), 0) AS unsubscribed, coalesce(max(kind = 'complaint'), 0) AS complained
        FROM attempt LEFT JOIN event ON event.tag = attempt.tag
        WHERE state IN ('open', 'unknown', 'sent', 'extra') AND substr(lead, 1, 1) <> '-'
            AND posted_at >= ? AND posted_at < ?
        GROUP BY attempt.tag)"""


class Events(Part):
    """The mailer's reports; pages go in as they come, leads are folded from here."""

    async def add_events(self, events: Sequence[tuple[Event, str]], now: datetime) -> int:
        return self._db.run_many(_ADD, [event_row(event, person) for event, person in events])

    async def unfolded(self, limit: int) -> Sequence[str]:
        return [row["tag"] for row in self._db.rows(_UNFOLDED, (limit,))]

    async def events_of(self, tag: str) -> Sequence[Event]:
        return [to_event(row) for row in self._db.rows("SELECT * FROM event WHERE tag = ? ORDER BY at, key", (tag,))]

    async def folded(self, tag: str, keys: Sequence[str]) -> None:
        self._db.run(_FOLDED, (tag, words(keys)))

    async def counts(self, since: datetime, until: datetime) -> EventCounts:
        row = self._db.rows(_COUNTS, (micros(since), micros(until)))[0]
        return EventCounts(**{name: row[name] for name in row.keys()})  # noqa: SIM118 - a Row iterates over its values

    async def find_event(self, person: str, subject: str, since: datetime) -> Event | None:
        row = self._db.row(_FIND, (person, subject, micros(since)))
        return to_event(row) if row else None

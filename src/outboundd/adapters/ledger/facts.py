"""What has the campaign done lately, and what does the ledger know about one lead, its person and its company?"""

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from outboundd.adapters.ledger.part import Part
from outboundd.adapters.ledger.rows import DAY_MICROS, instant_or_none, objection, on_day, to_attempt, to_halt, words
from outboundd.adapters.sqlite_file import Database, instant, micros
from outboundd.model.decision import Objection, Waiver
from outboundd.model.facts import CompanyStop, History, PairCounts, Sibling, Traffic
from outboundd.model.lead import Stage

_DAY = timedelta(days=1)
_COMPANY_DAYS = 3

_POSTS = """SELECT posted_at FROM attempt
    WHERE substr(lead, 1, 1) <> '-' AND posted_at >= ? ORDER BY posted_at"""
# Jumps from day to day through the index, so that a ledger of years costs one look per sending day, not per mail.
_SENDING_DAYS = """WITH RECURSIVE sending (day) AS (
        SELECT min(posted_at) / :day FROM attempt
        WHERE state IN ('open', 'unknown', 'sent', 'extra') AND substr(lead, 1, 1) <> '-'
    UNION ALL
        SELECT (SELECT min(posted_at) / :day FROM attempt
            WHERE state IN ('open', 'unknown', 'sent', 'extra') AND substr(lead, 1, 1) <> '-'
            AND posted_at >= (sending.day + 1) * :day)
        FROM sending WHERE sending.day IS NOT NULL)
    SELECT day FROM sending WHERE day IS NOT NULL"""
_SENDING_COUNTS = """SELECT posted_at / ? AS day, count(*) AS mails FROM attempt
    WHERE state IN ('open', 'unknown', 'sent', 'extra') AND substr(lead, 1, 1) <> '-' GROUP BY day ORDER BY day"""
_HALTS = "SELECT * FROM halt WHERE until IS NULL OR until > ? ORDER BY since, what"
_NOTES = "SELECT key, value FROM meta WHERE key IN (SELECT value FROM json_each(?))"
_NOTED = words(("quiet_until", "quiet_open", "clock_off", "reconciled_at", "halved_until"))
_LIFE = 'SELECT seq, at, was, now, basis, waives, objection FROM "transition" WHERE lead = ? ORDER BY seq'
_ATTEMPTS = "SELECT * FROM attempt WHERE lead = ? ORDER BY posted_at, n"
_PERSON_POSTS = """SELECT posted_at FROM attempt WHERE person = ? AND posted_at >= ?
    AND state IN ('open', 'unknown', 'sent', 'extra') AND substr(lead, 1, 1) <> '-' ORDER BY posted_at"""
_COMPANY_POSTS = """SELECT posted_at FROM attempt WHERE company = ? AND posted_at >= ?
    AND state IN ('open', 'unknown', 'sent', 'extra') AND substr(lead, 1, 1) <> '-' ORDER BY posted_at"""
_COMPANY_REPLY = """SELECT lead.id, coalesce(
        (SELECT max(at) FROM "transition" t WHERE t.lead = lead.id AND t.now = 'replied' AND t.was <> t.now),
        lead.seen_at) AS at
    FROM lead WHERE company = ? AND stage = 'replied' AND id <> ? ORDER BY at DESC, id LIMIT 1"""
# A row that was mailed and is gone by now, or has another address, still is its person's row that was mailed first.
_SIBLINGS = """SELECT id, created_at, (SELECT min(posted_at) FROM attempt WHERE attempt.lead = lead.id
        AND state IN ('open', 'unknown', 'sent', 'extra')) AS first_posted_at
    FROM lead WHERE person = :person AND id <> :lead
    UNION ALL
    SELECT lead, NULL, min(posted_at) FROM attempt WHERE person = :person AND lead <> :lead
        AND state IN ('open', 'unknown', 'sent', 'extra') AND substr(lead, 1, 1) <> '-'
        AND lead NOT IN (SELECT id FROM lead WHERE person = :person) GROUP BY lead
    ORDER BY 1"""
# People and not rows: somebody imported five times is no evidence for their own address.
_PAIR = """SELECT
    (SELECT count(DISTINCT person) FROM lead WHERE domain = :domain AND company = :company) AS people,
    (SELECT count(DISTINCT person) FROM lead WHERE company = :company) AS company_people,
    (SELECT count(DISTINCT company) FROM lead WHERE domain = :domain) AS domain_companies,
    (SELECT count(DISTINCT person) FROM lead WHERE domain = :domain) AS domain_people,
    (SELECT count(DISTINCT company) FROM lead WHERE company <> :company
        AND (company = :domain OR substr(company, -length(:below_domain)) = :below_domain)) AS own_companies,
    (SELECT count(DISTINCT person) FROM lead WHERE company = :company
        AND (domain = :company OR substr(domain, -length(:below_company)) = :below_company)) AS own_people"""


class Facts(Part):
    """The facts that `decide` is given."""

    async def traffic(self, now: datetime) -> Traffic:
        return traffic(self._db, now)

    async def history(self, lead: str, person: str, company: str, now: datetime, person_days: int) -> History:
        return history(self._db, lead, person, company, now, person_days)

    async def pair_counts(self, company: str, domain: str) -> PairCounts:
        below = {"below_company": f".{company}", "below_domain": f".{domain}"}
        row = self._db.rows(_PAIR, {"company": company, "domain": domain, **below})[0]
        return PairCounts(**{name: row[name] for name in row.keys()})  # noqa: SIM118 - a Row iterates over its values

    async def sending_days(self) -> Sequence[tuple[date, int]]:
        return [(on_day(row["day"]), row["mails"]) for row in self._db.rows(_SENDING_COUNTS, (DAY_MICROS,))]


def traffic(db: Database, now: datetime) -> Traffic:
    """What the whole campaign has done lately. Posts in the future (a clock stepped back) count as well."""
    noted = {row["key"]: row["value"] for row in db.rows(_NOTES, (_NOTED,))}
    return Traffic(
        posts=_instants(db.rows(_POSTS, (micros(now - _DAY),))),
        sending_days=tuple(on_day(row["day"]) for row in db.rows(_SENDING_DAYS, {"day": DAY_MICROS})),
        halts=tuple(to_halt(row) for row in db.rows(_HALTS, (micros(now),))),
        quiet_until=_parsed(noted.get("quiet_until")),
        quiet_open=noted.get("quiet_open") == "1",
        clock_off=noted.get("clock_off", ""),
        reconciled_at=_parsed(noted.get("reconciled_at")),
        halved_until=_parsed(noted.get("halved_until")),
    )


def history(db: Database, lead: str, person: str, company: str, now: datetime, person_days: int) -> History:
    """What is known about one lead. An unknown person or company (an empty key) has no others of its kind."""
    life = db.rows(_LIFE, (lead,))
    last = life[-1] if life else None
    came_from, open_objection = _review(life)
    return History(
        seq=last["seq"] if last else 0,
        stage=Stage(last["now"]) if last else None,
        basis=next((row["basis"] for row in reversed(life) if row["basis"]), ""),
        reached_at=instant_or_none(next((row["at"] for row in reversed(life) if row["was"] != row["now"]), None)),
        came_from=came_from,
        objection=open_objection,
        waivers=frozenset(
            Waiver(objection=Objection(row["waives"]), basis=row["basis"]) for row in life if row["waives"] is not None
        ),
        attempts=tuple(to_attempt(row) for row in db.rows(_ATTEMPTS, (lead,))),
        person_posts=_posts(db, _PERSON_POSTS, person, now - timedelta(days=person_days)),
        company_posts=_posts(db, _COMPANY_POSTS, company, now - timedelta(days=_COMPANY_DAYS)),
        company_reply=_company_reply(db, lead, company),
        siblings=_siblings(db, lead, person),
    )


def _review(life: Sequence[sqlite3.Row]) -> tuple[Stage | None, Objection | None]:
    """Where a lead in review came from, and the latest objection of this stay."""
    found: Objection | None = None
    for row in reversed(life):
        if row["now"] != Stage.REVIEW:
            break
        found = found or objection(row["objection"])
        if row["was"] != Stage.REVIEW:
            return Stage(row["was"]), found
    return None, found


def _posts(db: Database, sql: str, key: str, since: datetime) -> tuple[datetime, ...]:
    return _instants(db.rows(sql, (key, micros(since)))) if key else ()


def _company_reply(db: Database, lead: str, company: str) -> CompanyStop | None:
    row = db.row(_COMPANY_REPLY, (company, lead)) if company else None
    return CompanyStop(lead=row["id"], at=instant(row["at"])) if row else None


def _siblings(db: Database, lead: str, person: str) -> tuple[Sibling, ...]:
    return tuple(
        Sibling(
            id=row["id"],
            first_posted_at=instant_or_none(row["first_posted_at"]),
            created_at=instant_or_none(row["created_at"]),
        )
        for row in (db.rows(_SIBLINGS, {"person": person, "lead": lead}) if person else ())
    )


def _instants(rows: Sequence[sqlite3.Row]) -> tuple[datetime, ...]:
    return tuple(instant(row[0]) for row in rows)


def _parsed(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

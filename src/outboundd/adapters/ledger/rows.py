"""How does a value of the model lie in a row of the ledger?"""

import json
import sqlite3
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from outboundd.adapters.sqlite_file import instant, micros
from outboundd.model.decision import Objection, Transition
from outboundd.model.facts import Halt
from outboundd.model.incident import Incident
from outboundd.model.lead import Counters, Stage, from_plain, to_plain
from outboundd.model.mail import Attempt, AttemptState, Event, EventKind
from outboundd.ports import RunRecord, Seen

DAY_MICROS = 86_400_000_000
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def on_day(day: int) -> date:
    """A UTC date, from its number of days since 1970."""
    return date.fromordinal(_EPOCH_ORDINAL + day)


def day_number(day: date) -> int:
    """The inverse of `on_day`."""
    return day.toordinal() - _EPOCH_ORDINAL


def micros_or_none(at: datetime | None) -> int | None:
    """An instant that may be missing."""
    return None if at is None else micros(at)


def instant_or_none(value: int | None) -> datetime | None:
    """The inverse of `micros_or_none`."""
    return None if value is None else instant(value)


def words(values: Iterable[str]) -> str:
    """A list as one parameter, for `IN (SELECT value FROM json_each(?))`."""
    return json.dumps([str(value) for value in values])


def seen_row(seen: Seen, now: datetime) -> dict[str, Any]:
    """A row of the queue."""
    return {
        "id": seen.id,
        "person": seen.person,
        "company": seen.company,
        "domain": seen.domain,
        "stage": str(seen.stage),
        "step": seen.step,
        "next_at": micros_or_none(seen.next_at),
        "created_at": micros_or_none(seen.created_at),
        "source": seen.source,
        "country": seen.country,
        "variant": seen.variant,
        "waiting_for": seen.waiting_for,
        "seen_at": micros(now),
        "seq": seen.seq,
        "opens": seen.shown.opens,
        "clicks": seen.shown.clicks,
        "last_event_at": micros_or_none(seen.shown.last_event_at),
    }


def to_seen(row: sqlite3.Row) -> Seen:
    """The inverse of `seen_row`."""
    return Seen(
        id=row["id"],
        person=row["person"],
        company=row["company"],
        domain=row["domain"],
        stage=Stage(row["stage"]),
        step=row["step"],
        next_at=instant_or_none(row["next_at"]),
        created_at=instant_or_none(row["created_at"]),
        source=row["source"],
        country=row["country"],
        variant=row["variant"],
        waiting_for=row["waiting_for"],
        seq=row["seq"],
        shown=Counters(opens=row["opens"], clicks=row["clicks"], last_event_at=instant_or_none(row["last_event_at"])),
    )


def transition_row(transition: Transition, pushed_at: datetime | None) -> dict[str, Any]:
    """A transition, with the instant since when the store shows it."""
    return {
        "lead": transition.lead,
        "seq": transition.seq,
        "at": micros(transition.at),
        "was": str(transition.was),
        "now": str(transition.now),
        "basis": transition.basis,
        "waives": _word(transition.waives),
        "objection": _word(transition.objection),
        "tag": transition.tag,
        "id": transition.id,
        "pushed_at": micros_or_none(pushed_at),
        "why": transition.why,
        "text_hash": transition.text_hash,
        "patch": json.dumps(to_plain(transition.patch), ensure_ascii=False),
        "text": transition.text,
    }


def to_transition(row: sqlite3.Row) -> Transition:
    """The inverse of `transition_row`."""
    return Transition(
        lead=row["lead"],
        seq=row["seq"],
        at=instant(row["at"]),
        was=Stage(row["was"]),
        now=Stage(row["now"]),
        why=row["why"],
        patch=from_plain(json.loads(row["patch"])),
        basis=row["basis"],
        tag=row["tag"],
        text=row["text"],
        text_hash=row["text_hash"],
        waives=objection(row["waives"]),
        objection=objection(row["objection"]),
        id=row["id"],
    )


def objection(word: str | None) -> Objection | None:
    """An objection's word, where there is one."""
    return None if word is None else Objection(word)


def attempt_row(attempt: Attempt) -> dict[str, Any]:
    """An attempt."""
    return {
        "tag": attempt.tag,
        "lead": attempt.lead,
        "step": attempt.step,
        "n": attempt.n,
        "mailer": attempt.mailer,
        "person": attempt.person,
        "company": attempt.company,
        "posted_at": micros(attempt.posted_at),
        "state": str(attempt.state),
        "message_id": attempt.message_id,
        "settled_at": micros_or_none(attempt.settled_at),
        "text_hash": attempt.text_hash,
        "subject": attempt.subject,
        "text": attempt.text,
    }


def to_attempt(row: sqlite3.Row) -> Attempt:
    """The inverse of `attempt_row`."""
    return Attempt(
        tag=row["tag"],
        lead=row["lead"],
        step=row["step"],
        n=row["n"],
        mailer=row["mailer"],
        person=row["person"],
        company=row["company"],
        posted_at=instant(row["posted_at"]),
        subject=row["subject"],
        text=row["text"],
        text_hash=row["text_hash"],
        state=AttemptState(row["state"]),
        message_id=row["message_id"],
        settled_at=instant_or_none(row["settled_at"]),
    )


def event_row(event: Event, person: str) -> dict[str, Any]:
    """An event. The address stays outside: the person's hash stands for it."""
    return {
        "key": event.key,
        "tag": event.tag,
        "person": person,
        "kind": str(event.kind),
        "at": micros(event.at),
        "message_id": event.message_id,
        "subject": event.subject,
        "by_machine": event.by_machine,
    }


def to_event(row: sqlite3.Row) -> Event:
    """The inverse of `event_row`, without an address."""
    return Event(
        key=row["key"],
        kind=EventKind(row["kind"]),
        at=instant(row["at"]),
        tag=row["tag"],
        subject=row["subject"],
        message_id=row["message_id"],
        by_machine=bool(row["by_machine"]),
    )


def to_halt(row: sqlite3.Row) -> Halt:
    """A halt."""
    return Halt(what=row["what"], since=instant(row["since"]), until=instant_or_none(row["until"]), why=row["why"])


def to_run(row: sqlite3.Row) -> RunRecord:
    """One execution of a job."""
    return RunRecord(
        job=row["job"],
        slot=row["slot"],
        began=instant(row["began"]),
        ended=instant_or_none(row["ended"]),
        outcome=row["outcome"],
        told=None if row["told"] is None else json.loads(row["told"]),
    )


def to_incident(row: sqlite3.Row) -> Incident:
    """An incident."""
    return Incident(
        number=row["id"],
        what=row["what"],
        title=row["title"],
        text=row["text"],
        opened=instant(row["opened"]),
        last_at=instant(row["last_at"]),
        times=row["times"],
        told_at=instant_or_none(row["told_at"]),
        closed=instant_or_none(row["closed"]),
        end_told_at=instant_or_none(row["end_told_at"]),
        note=row["note"],
    )


def _word(value: Objection | None) -> str | None:
    return None if value is None else str(value)

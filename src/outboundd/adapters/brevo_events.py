"""What does a line of Brevo's event report or message log say?"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from outboundd.adapters.brevo_refusals import NAME
from outboundd.model.mail import Event, EventKind, LoggedMail
from outboundd.ports import Broken

# Marks some of what machines fetch, never all (2026-08).
_PROXY = "loadedByProxy"
# The names of polling (brevo-python 5.1.0); creation and payload of webhooks have two other vocabularies.
KINDS: Mapping[str, EventKind] = {
    "requests": EventKind.REQUEST,
    "delivered": EventKind.DELIVERED,
    "opened": EventKind.OPENED,
    _PROXY: EventKind.OPENED,
    "clicks": EventKind.CLICKED,
    "softBounces": EventKind.SOFT_BOUNCE,
    "deferred": EventKind.DEFERRED,
    "hardBounces": EventKind.HARD_BOUNCE,
    "blocked": EventKind.BLOCKED,
    "invalid": EventKind.INVALID,
    "unsubscribed": EventKind.UNSUBSCRIBED,
    "spam": EventKind.COMPLAINT,
    "error": EventKind.ERROR,
}
_DAY = timedelta(days=1)
# At most 90 days apart (SDK); one less, whether the last day is counted or not.
_LONGEST = timedelta(days=89)


def periods(since: datetime, until: datetime) -> Iterator[tuple[date, date]]:
    """The days to ask for, first and last: one more on each side, for the zone in which a day is cut is not stated.

    A day between two periods is asked for in both: whether the last one counts is not stated either.
    """
    first, last = since.astimezone(UTC).date() - _DAY, until.astimezone(UTC).date() + _DAY
    while last - first > _LONGEST:
        yield first, first + _LONGEST
        first += _LONGEST
    yield first, last


def event_of(line: Mapping[str, Any]) -> Event | None:
    """The event; None for a kind that means nothing to us. Raises Broken when it has no date.

    There is no event id (SDK type), and lines repeat: the key is all that tells one event from another.
    """
    named = _text(line, "event")
    if named not in KINDS:
        return None
    at = _instant(line)
    email, message_id = _text(line, "email"), _text(line, "messageId")
    parts = [message_id, email.lower(), named, at.isoformat(timespec="milliseconds"), _text(line, "link")]
    return Event(
        key=sha256(json.dumps(parts).encode()).hexdigest()[:32],
        kind=KINDS[named],
        at=at,
        tag=_tag(line.get("tag")),
        email=email,
        subject=_text(line, "subject"),
        message_id=message_id,
        by_machine=named == _PROXY,
    )


def logged_of(line: Mapping[str, Any]) -> LoggedMail:
    """The mail. Raises Broken when it has no date."""
    return LoggedMail(
        at=_instant(line),
        subject=_text(line, "subject"),
        message_id=_text(line, "messageId"),
        tag=_tag(line.get("tags")),
    )


def _instant(line: Mapping[str, Any]) -> datetime:
    """In UTC. The docs call dates UTC; captured answers carry the account's offset (2026-08), so one is heeded."""
    try:
        at = datetime.fromisoformat(_text(line, "date"))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Broken(NAME, "a line without a date") from None


def _tag(told: object) -> str:
    """The one tag of a mail: a string in the report, a list in the log, a list as a string in webhooks; or nothing."""
    if isinstance(told, str) and told.startswith("["):
        told = _list(told)
    if isinstance(told, list):
        told = next((one for one in told if one), "")
    return told if isinstance(told, str) else ""


def _list(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _text(line: Mapping[str, Any], name: str) -> str:
    told = line.get(name)
    return told if isinstance(told, str) else ""

"""Who do we write to, and what does one row of the lead store hold?"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

Value = str | int | float | bool | datetime | tuple[str, ...] | None


class Stage(StrEnum):
    """Where a lead stands: exactly one of these. Which moves are legal stands in `rules/lifecycle.py`."""

    NEW = "new"
    MISMATCHED = "mismatched"
    REVIEW = "review"
    VERIFIED = "verified"
    DRAFTED = "drafted"
    SENT = "sent"
    DELIVERED = "delivered"
    FINISHED = "finished"
    REPLIED = "replied"
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
    DO_NOT_CONTACT = "do_not_contact"


@dataclass(frozen=True, kw_only=True)
class Counters:
    """The counting columns of a row: distinct events of all its mails, and the instant (UTC) of the last one."""

    opens: int = 0
    clicks: int = 0
    last_event_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Lead:
    """One person at one company, one row of the store, as it was read.

    `stage` is None while the cell is empty. All instants are aware and UTC. `seq` is no column: it is the number of the
    last transition of this lead that the ledger knows (0: none), laid over the row by `engine/rows.py`.
    """

    id: str
    # the operator's columns
    email: str = ""
    contact: str = ""
    title: str = ""
    company: str = ""
    website: str = ""
    linkedin: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    timezone: str = ""
    source: str = ""
    source_date: str = ""
    consent_note: str = ""
    do_not_contact: bool = False
    owner_notes: str = ""
    override: str = ""
    # the machine's columns
    stage: Stage | None = None
    step: int = 0
    variant: str = ""
    subject: str = ""
    body: str = ""
    research: str = ""
    next_at: datetime | None = None
    waiting_for: str = ""
    attribution: str = ""
    message_ids: tuple[str, ...] = ()
    first_sent_at: datetime | None = None
    last_sent_at: datetime | None = None
    delivered_at: datetime | None = None
    opens: int = 0
    clicks: int = 0
    last_event_at: datetime | None = None
    cost_usd: float = 0.0
    trail: str = ""
    key: str = ""
    # what the store and the ledger know about the row itself
    created_at: datetime | None = None
    seq: int = 0

    @property
    def stands(self) -> Stage:
        """The stage, an empty cell read as new."""
        return self.stage or Stage.NEW

    @property
    def counters(self) -> Counters:
        """The counting columns as the row shows them."""
        return Counters(opens=self.opens, clicks=self.clicks, last_event_at=self.last_event_at)

    def with_fields(self, patch: Mapping[str, Value]) -> "Lead":
        """The lead after a patch was laid over it."""
        changes: dict[str, Any] = dict(patch)
        if "stage" in changes and changes["stage"] is not None:
            changes["stage"] = Stage(changes["stage"])
        return replace(self, **changes)


# Field -> title of its column in the store. One writer per column: the operator's here, the machine's below;
# Override is the one cell of the operator that the machine empties, Subject and Body are the one shared pair.
OPERATOR_COLUMNS: Mapping[str, str] = {
    "email": "Email",
    "contact": "Contact",
    "title": "Title",
    "company": "Company",
    "website": "Website",
    "linkedin": "LinkedIn",
    "country": "Country",
    "region": "Region",
    "city": "City",
    "timezone": "Timezone",
    "source": "Source",
    "source_date": "Source date",
    "consent_note": "Consent note",
    "do_not_contact": "Do not contact",
    "owner_notes": "Owner notes",
    "override": "Override",
}
MACHINE_COLUMNS: Mapping[str, str] = {
    "stage": "Stage",
    "step": "Step",
    "variant": "Variant",
    "subject": "Subject",
    "body": "Body",
    "research": "Research",
    "next_at": "Next at",
    "waiting_for": "Waiting for",
    "attribution": "Attribution",
    "message_ids": "Message IDs",
    "first_sent_at": "First sent at",
    "last_sent_at": "Last sent at",
    "delivered_at": "Delivered at",
    "opens": "Opens",
    "clicks": "Clicks",
    "last_event_at": "Last event at",
    "cost_usd": "Cost USD",
    "trail": "Trail",
    "key": "Key",
}
COLUMNS: Mapping[str, str] = {**OPERATOR_COLUMNS, **MACHINE_COLUMNS}

_INSTANTS = {"next_at", "first_sent_at", "last_sent_at", "delivered_at", "last_event_at"}
_FIELDS = {field.name for field in fields(Lead)}


def to_plain(patch: Mapping[str, Value]) -> dict[str, str | int | float | bool | list[str] | None]:
    """A patch as JSON can carry it: instants in ISO 8601 UTC, tuples as lists."""
    return {name: _plain(value) for name, value in patch.items()}


def from_plain(patch: Mapping[str, Any]) -> dict[str, Value]:
    """The inverse of `to_plain`. Raises KeyError for a field no lead has."""
    return {name: _value(name, value) for name, value in patch.items()}


def _plain(value: Value) -> str | int | float | bool | list[str] | None:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value


def _value(name: str, value: Any) -> Value:  # noqa: ANN401 (whatever JSON holds)
    if name not in _FIELDS:
        raise KeyError(name)
    if name in _INSTANTS and isinstance(value, str):
        return datetime.fromisoformat(value)
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return value  # type: ignore[no-any-return]

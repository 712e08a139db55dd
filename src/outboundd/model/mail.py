"""What leaves, what comes back, and what do we write down about it?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Subject and text of one step, as the writer wrote it: without signature and opt-out line."""

    subject: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail, ready for the mailer. `html` may be empty (the mailer then makes a plain part only).

    `references` are the Message-IDs of the earlier mails of the thread, oldest first. `to_lead` is False for mails to
    the operator (digest, alert): they carry no unsubscribe header.
    """

    tag: str
    idempotency_key: str
    to_email: str
    to_name: str
    from_email: str
    from_name: str
    reply_to: str
    subject: str
    text: str
    html: str = ""
    references: tuple[str, ...] = ()
    to_lead: bool = True


class AttemptState(StrEnum):
    """How one try to send ended. The first three count as 'has been or may have been sent'."""

    OPEN = "open"  # written before its POST, outcome not recorded
    UNKNOWN = "unknown"  # the outcome could not be learned; never repeated on a guess
    SENT = "sent"
    REFUSED = "refused"  # nothing left
    ABSENT = "absent"  # looked for everywhere after the settling time and not found: it did not leave
    EXTRA = "extra"  # the mailer says it left although another attempt of that step did too: an incident


LIVE_STATES = frozenset({AttemptState.OPEN, AttemptState.UNKNOWN, AttemptState.SENT})
NOTHING_LEFT = frozenset({AttemptState.REFUSED, AttemptState.ABSENT})


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try to send one step to one lead, durable before its POST. `lead` is '-digest' for mail to the operator."""

    tag: str
    lead: str
    step: int
    n: int
    mailer: str
    person: str
    company: str
    posted_at: datetime
    subject: str
    text: str
    text_hash: str
    state: AttemptState = AttemptState.OPEN
    message_id: str = ""
    settled_at: datetime | None = None

    @property
    def to_lead(self) -> bool:
        """False for mails to the operator."""
        return not self.lead.startswith("-")


class EventKind(StrEnum):
    """What a mailer reports about a mail, in the words of the field."""

    REQUEST = "request"  # accepted
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    SOFT_BOUNCE = "soft_bounce"
    DEFERRED = "deferred"
    HARD_BOUNCE = "hard_bounce"
    BLOCKED = "blocked"
    INVALID = "invalid"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINT = "complaint"
    ERROR = "error"  # accepted, then not sent


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing the mailer reports. `key` is stable across reads, so that a repeat is recognised.

    `by_machine`: the mailer itself says that no person did it. Not every machine is known to it.
    """

    key: str
    kind: EventKind
    at: datetime
    tag: str = ""
    email: str = ""
    subject: str = ""
    message_id: str = ""
    by_machine: bool = False


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """A mail to a lead that was opened or clicked: its delivery, openings and clicks, oldest first."""

    lead: str
    posted_at: datetime
    events: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True)
class EventPage:
    """Some events, in any order, and the mailer's own clock where its answer shows one."""

    events: tuple[Event, ...]
    server_time: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class LoggedMail:
    """One line of the mailer's message log for a recipient."""

    at: datetime
    subject: str
    message_id: str
    tag: str = ""


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What the writer is told: the prompt for a model with its data, and the same facts as fields for a template.

    `data` is quoted text from outside; nothing in it is an instruction.
    """

    step: int
    steps: int
    prompt: str
    data: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a model (or a template) said, unparsed, and what it cost in USD."""

    text: str
    usd: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Research:
    """What was found about a company. Untrusted text; empty when there is no researcher."""

    text: str = ""
    sources: tuple[str, ...] = ()
    usd: float = 0.0

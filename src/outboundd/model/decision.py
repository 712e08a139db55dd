"""What can be decided about a lead? Never a bare boolean: a refusal carries its reason and the instant it ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from outboundd.model.lead import Stage, Value


class HoldKind(StrEnum):
    """Why a lead waits, for the callers that treat the kinds apart."""

    TIME = "time"  # the recipient's weekday, hours or holidays
    DUE = "due"  # the next step is not due yet
    COMPANY = "company"  # this company has had its share of the day
    SOURCE = "source"  # leads of this source are paused
    DOUBT = "doubt"  # an attempt of this lead whose outcome is not known yet
    # the rest is everybody's: one such hold ends a run of sending
    CAP = "cap"  # the hour or the day has had its share
    PAUSE = "pause"  # mail to leads is off (a pause, a halted mailer); writing drafts goes on
    HALT = "halt"  # the guard, the pool: off until a human looks
    WAIT = "wait"  # the ledger catches up, the clock is off, or the mailer was not read lately


EVERYBODYS = frozenset({HoldKind.CAP, HoldKind.PAUSE, HoldKind.HALT, HoldKind.WAIT})


class Objection(StrEnum):
    """What a human must look at. `approve` waives the first five, each on one basis; the rest is never waived."""

    CONSENT = "consent"
    ATTRIBUTION = "attribution"
    SAME_COMPANY = "same company"
    MAILBOX = "mailbox"
    LINT = "lint"
    LINT_HARD = "hard lint"
    ZONE = "zone"
    IDENTITY = "identity"
    REFUSED = "refused"
    BUG = "our own bug"


WAIVABLE = frozenset(
    {Objection.CONSENT, Objection.ATTRIBUTION, Objection.SAME_COMPANY, Objection.MAILBOX, Objection.LINT}
)


@dataclass(frozen=True, kw_only=True)
class Do:
    """The next thing may happen now: draft `step` (new, verified, delivered) or send it (drafted)."""

    step: int


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Not now. `until` is the earliest useful look (UTC); None for what a human lifts, or the next
    complete reconcile."""

    until: datetime | None
    why: str
    kind: HoldKind


@dataclass(frozen=True, kw_only=True)
class Stop:
    """Leave this stage for `stage`.

    To REVIEW it names the objection that a human must settle; from there back to DRAFTED, LINT when the operator has
    mended the text.
    """

    stage: Stage
    why: str
    objection: Objection | None = None


Decision = Do | Hold | Stop


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """The operator's approve: one objection, on one basis. Another basis is a new objection."""

    objection: Objection
    basis: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a story concludes about a lead, before the recorder gives it a number.

    `now` is the stage after it (the same as before for a mere line). `patch` holds fields of Lead besides stage and
    trail. `basis` is the hash this stage was reached with, empty to keep the last one. `text` is the full mail, for the
    entry of a sent mail only.
    """

    now: Stage
    why: str
    patch: Mapping[str, Value] = field(default_factory=dict)
    basis: str = ""
    tag: str = ""
    text: str = ""
    waives: Objection | None = None
    objection: Objection | None = None


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One numbered step in a lead's life, as the ledger keeps it and the trail tells it.

    `id` is a short hash over the id before it, this entry, its basis and the hash of its text (`rules/trail.py`).
    `text_hash` stays when `text` has been erased for privacy.
    """

    lead: str
    seq: int
    at: datetime
    was: Stage
    now: Stage
    why: str
    patch: Mapping[str, Value] = field(default_factory=dict)
    basis: str = ""
    tag: str = ""
    text: str = ""
    text_hash: str = ""
    waives: Objection | None = None
    objection: Objection | None = None
    id: str = ""

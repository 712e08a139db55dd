"""What does `decide` know about the world besides the lead's own row?"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from outboundd.model.decision import Objection, Waiver
from outboundd.model.lead import Stage
from outboundd.model.mail import Attempt
from outboundd.model.settings import Settings

STORE, MAILER, WRITER, RESEARCHER = "store", "mailer", "writer", "researcher"  # the parts that vendors play
SOURCE = "source:"  # how the halt of a source is named, before the name of that source


@dataclass(frozen=True, kw_only=True)
class Halt:
    """Something switched off with a reason.

    `what` is a vendor's name, 'mail' (a pause of all mail to leads), a job's name, 'guard', 'pool' or 'source:NAME'.
    `until` is its own end, None when only `resume` lifts it.
    """

    what: str
    since: datetime
    until: datetime | None
    why: str


@dataclass(frozen=True, kw_only=True)
class Suppressed:
    """This person or domain must never be written to again: why, and since when."""

    why: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Sibling:
    """Another row of the same person."""

    id: str
    first_posted_at: datetime | None
    created_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CompanyStop:
    """Somebody at the same company (eTLD+1) has replied."""

    lead: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What the whole campaign has done lately.

    `posts`: instants of every begun POST to a lead of the last 24 h, oldest first. `sending_days`: the UTC dates on
    which mail to leads left, oldest first. `quiet_until`: no mail to leads before (a lost or restored ledger); while
    `quiet_open` that wait has not begun to count, for the first complete read of the mailer is still to come.
    `clock_off` says what is wrong with our clock. `halved_until`: the guard's halved cap after its resume.
    """

    posts: tuple[datetime, ...] = ()
    sending_days: tuple[date, ...] = ()
    halts: tuple[Halt, ...] = ()
    quiet_until: datetime | None = None
    quiet_open: bool = False
    clock_off: str = ""
    reconciled_at: datetime | None = None
    halved_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class History:
    """What the ledger knows about one lead, its person and its company.

    `basis` and `reached_at` belong to the last transition that changed the stage; `came_from` is the stage before the
    lead went to review and `objection` what it went for. `attempts` are this lead's, oldest first. `person_posts` are
    the POSTs to this person under any row, `company_posts` those to this company, both oldest first and over the last
    `per_person_days` and 3 days.
    """

    seq: int = 0
    stage: Stage | None = None
    basis: str = ""
    reached_at: datetime | None = None
    came_from: Stage | None = None
    objection: Objection | None = None
    waivers: frozenset[Waiver] = frozenset()
    attempts: tuple[Attempt, ...] = ()
    person_posts: tuple[datetime, ...] = ()
    company_posts: tuple[datetime, ...] = ()
    company_reply: CompanyStop | None = None
    siblings: tuple[Sibling, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that `decide` is given about the world. `mailer` names the mailer that would send."""

    settings: Settings
    traffic: Traffic = Traffic()
    history: History = History()
    suppressed: Suppressed | None = None
    mailer: str = "maildir"

    def with_post(self, at: datetime, *, person: bool = False, company: bool = False) -> "Facts":
        """The facts after one more mail left at `at`, to the same person or company where said."""
        history = self.history
        if person:
            history = replace(history, person_posts=(*history.person_posts, at))
        if company:
            history = replace(history, company_posts=(*history.company_posts, at))
        return replace(self, traffic=replace(self.traffic, posts=(*self.traffic.posts, at)), history=history)


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """A draft that waits to be sent: of which variant and step, and on which basis it was written."""

    variant: str
    step: int
    basis: str


@dataclass(frozen=True, kw_only=True)
class EventCounts:
    """Attempts and what came of them in a period, by distinct mail.

    `opened` and `clicked` count all; of these, the mails `_by_machine` were opened or clicked by nothing that may have
    been a person. They are 0 where nobody asked for them (`steps/figures.py` does).
    """

    sent: int = 0
    delivered: int = 0
    opened: int = 0
    clicked: int = 0
    hard_bounced: int = 0
    unsubscribed: int = 0
    complained: int = 0
    opened_by_machine: int = 0
    clicked_by_machine: int = 0

    @property
    def opened_by_people(self) -> int:
        """Mails that a person may have opened."""
        return self.opened - self.opened_by_machine

    @property
    def clicked_by_people(self) -> int:
        """Mails in which a person may have clicked."""
        return self.clicked - self.clicked_by_machine


@dataclass(frozen=True, kw_only=True)
class Group:
    """Leads that share a variant, source, country or prompt: `name` is '' where they name none.

    `leads` are in the pool now; `replied` became known, and `counts` were mailed, in the period.
    """

    name: str
    leads: int = 0
    replied: int = 0
    counts: EventCounts = EventCounts()


@dataclass(frozen=True, kw_only=True)
class PairCounts:
    """The corpus for attribution tier 2: how the pair (company, email domain) occurs over the whole pool.

    `people`: leads of this company with this email domain. `company_people`: leads of this company with any domain.
    `domain_companies`: number of different companies seen with this email domain. `domain_people`: leads with this
    email domain at any company. `own_companies`: other companies whose own website lies under this email domain.
    `own_people`: leads of this company whose email lies under its own website's domain.
    """

    people: int = 0
    company_people: int = 0
    domain_companies: int = 0
    domain_people: int = 0
    own_companies: int = 0
    own_people: int = 0

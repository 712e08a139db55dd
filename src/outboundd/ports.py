"""What do we ask of the world, and in which five ways may it fail?

Every port is async. An adapter raises one of the five failures below and nothing else; what follows from each is
decided in one place, `engine/run_job.py`. A failure's words carry no address, name, text or key: they reach logs and
alerts. Where a vendor's own words are worth telling, they stand in quotation marks in `detail`: the row shows them,
logs and alerts leave them out.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from outboundd.model.chat import Message, Order, Said
from outboundd.model.decision import Decision, Transition
from outboundd.model.facts import Drafted, EventCounts, Halt, History, PairCounts, Suppressed, Traffic
from outboundd.model.incident import Incident
from outboundd.model.lead import Counters, Lead, Stage, Value
from outboundd.model.mail import (
    Answer,
    Attempt,
    AttemptState,
    Brief,
    Event,
    EventPage,
    Letter,
    LoggedMail,
    Reaction,
    Research,
)

GROUPS = ("variant", "source", "country")  # of leads, by which figures can be compared
PROMPT = "prompt"  # by which those of mails can be


class Failure(Exception):
    """Something asked of the world did not work. `cause` is a short stable word: equal causes count together.

    `usd` is what the failed call cost all the same: a truncated or refused answer is billed.
    """

    def __init__(self, vendor: str, cause: str, detail: str = "", *, usd: float = 0.0) -> None:
        super().__init__(f"{vendor}: {cause}" + (f" ({detail})" if detail else ""))
        self.vendor = vendor
        self.cause = cause
        self.detail = detail
        self.usd = usd


class Transient(Failure):
    """Nothing happened; it may work later. `retry_after_s` where the vendor said so."""

    def __init__(
        self, vendor: str, cause: str, detail: str = "", retry_after_s: float | None = None, *, usd: float = 0.0
    ) -> None:
        super().__init__(vendor, cause, detail, usd=usd)
        self.retry_after_s = retry_after_s


class Refused(Failure):
    """Nothing happened and never will, for this item."""


class Exhausted(Failure):
    """Quota, credit or key is gone: the vendor is halted. `until` where it comes back by itself."""

    def __init__(
        self, vendor: str, cause: str, detail: str = "", until: datetime | None = None, *, usd: float = 0.0
    ) -> None:
        super().__init__(vendor, cause, detail, usd=usd)
        self.until = until


class Ambiguous(Failure):
    """It may have happened. Never repeated on a guess."""


class Broken(Failure):
    """Our bug, or a broken contract."""


class Conflict(Exception):
    """Somebody else recorded a transition of this lead first: read again and decide again."""


class Clock(Protocol):
    """The wall clock. Waiting is done by the event loop (anyio.sleep)."""

    def now(self) -> datetime:
        """Now, aware and UTC."""
        ...


@dataclass(frozen=True, kw_only=True)
class Upserted:
    """What an import did to the store."""

    created: tuple[str, ...]
    updated: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SetUp:
    """What a store's layout needed: what was made, and what only a human can do, in sentences."""

    made: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()


class LeadStore(Protocol):
    """The lead table: the operator's dashboard and the single source of truth.

    A listing is complete or it raises. Texts come back NFC with LF line ends. An empty cell is the field's default.
    """

    name: str

    async def new_rows(self) -> Sequence[Lead]:
        """Rows in the operator's view whose Stage is empty or 'new': as many as wait."""
        ...

    async def with_override(self) -> Sequence[Lead]:
        """Rows that hold a word in Override, whatever the view."""
        ...

    async def news(self, since: datetime) -> Sequence[Lead]:
        """Rows that hold a word in Override and new ones created since then (older ones may come along), in one look.

        Whatever the view: a row that a filter hides now may be shown later without being touched.
        """
        ...

    async def read(self, ids: Sequence[str], *, in_view: bool = True) -> Mapping[str, Lead]:
        """Rows as they are now, through the view unless `in_view` is False. What is not there is left out."""
        ...

    def pages(self) -> AsyncIterator[Sequence[Lead]]:
        """The whole table, page by page."""
        ...

    async def apply(self, patches: Mapping[str, Mapping[str, Value]]) -> None:
        """Patch at most ten rows (id -> fields), all or none. Raises Refused when a row is gone or a value is bad."""
        ...

    async def upsert(self, rows: Sequence[Mapping[str, Value]]) -> Upserted:
        """Create or complete rows by their `key` field (at most 100); only the fields given are written.

        Raises Refused where a row's id is taken by a person whose address has changed since.
        """
        ...

    async def find(self, key: str) -> Sequence[Lead]:
        """Rows whose Key or Email is this normalised address."""
        ...

    async def erase(self, ids: Sequence[str]) -> None:
        """Delete rows for good (a request to be forgotten). A row that is not there is no error."""
        ...

    async def set_up(self) -> SetUp:
        """Make the table and the columns that are missing; nothing that is there is changed."""
        ...

    async def probe(self) -> str:
        """One line for `check`: where the leads lie and that they can be read."""
        ...

    def close(self) -> None:
        """Give back what it holds; nothing is asked of it after."""
        ...


class Mailer(Protocol):
    """Takes a mail and reports what became of it. `settle_s`: how long an event may be late."""

    name: str
    settle_s: int

    async def send(self, letter: Letter) -> str:
        """Hand over one mail; returns the mailer's message id. Called by the outbox only, once per attempt.

        Raises Refused or Transient when certainly nothing left, Ambiguous when it may have.
        """
        ...

    def events(self, since: datetime, until: datetime) -> AsyncIterator[EventPage]:
        """All events of the period, page by page; ending without an exception means that it was complete.

        Oldest page first: a read that broke off is complete up to its last page, but for what the mailer dates up to
        two days wrongly.
        """
        ...

    async def log(self, email: str) -> Sequence[LoggedMail]:
        """The mailer's own message log for one recipient, of the last 30 days at least."""
        ...

    async def erase(self, emails: Sequence[str]) -> int:
        """Delete what the mailer keeps of these recipients where it can; returns how many mails that were."""
        ...

    async def credits(self) -> int | None:
        """How many mails it still takes before more must be paid for; None where there is no such number."""
        ...

    async def probe(self) -> str:
        """One line for `check`."""
        ...

    async def aclose(self) -> None:
        """Give back its connections; nothing is asked of it after."""
        ...


class Writer(Protocol):
    """Writes mails and, when it is a model, answers the question of attribution tier 3.

    `usd_at_most`: no single call costs more; 0 for one that is no model. Asked through the purse only.
    """

    name: str
    is_model: bool
    usd_at_most: float

    async def write(self, brief: Brief) -> Answer:
        """The mail of a brief as JSON text {"subject", "body"}."""
        ...

    async def judge(self, question: str) -> Answer:
        """The verdict as JSON text {"verdict": "same" | "other" | "unclear", "evidence"}. A template says unclear."""
        ...

    async def retires_on(self) -> date | None:
        """The day on which the vendor shuts the model down; None where it does not say, or there is no model."""
        ...

    async def probe(self) -> str:
        """One line for `check`."""
        ...

    async def aclose(self) -> None:
        """Give back its connections; nothing is asked of it after."""
        ...


class Researcher(Protocol):
    """Finds out about a company. `name` is 'none' for the one that finds nothing.

    `usd_at_most`: no single call costs more. Asked through the purse only.
    """

    name: str
    usd_at_most: float

    async def research(self, company: str, website: str) -> Research:
        """What is publicly known about the company."""
        ...

    async def probe(self) -> str:
        """One line for `check`."""
        ...

    async def aclose(self) -> None:
        """Give back its connections; nothing is asked of it after."""
        ...


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One thing the operator must know. `id` is its cause, `tail` the last log lines of the run, ids only.

    `choices` are what a thumb may answer: (label, the command as it is said in a chat, without the slash). `name` is
    this message's own: under one name a mail leaves once. `is_over` for the good news that a cause has ended.
    """

    id: str
    title: str
    text: str
    tail: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    name: str = ""
    is_over: bool = False


class Operator(Protocol):
    """The human: told things, at once. `arrives` is False where nobody may be reading (an output stream)."""

    name: str
    arrives: bool

    async def alert(self, alert: Alert) -> None:
        """Tell. Raises Transient when it cannot be told now."""
        ...

    async def probe(self) -> str:
        """One line for `check`."""
        ...

    async def aclose(self) -> None:
        """Give back its connections; nothing is asked of it after."""
        ...


class Posted(Protocol):
    """A message that is shown, or will be."""

    def change(self, message: Message) -> None:
        """Show this in its place. What was not shown yet is left out."""
        ...


class Chat(Operator, Protocol):
    """An operator who answers: a chat in which commands are said, and messages shown."""

    async def hear(self, heard: Callable[[Said], Awaitable[None]]) -> None:
        """Wait for what is said next, for a minute at most, and hand each thing to `heard`.

        What `heard` has returned from is not delivered again, as a rule; what it has not comes again. Raises Transient
        when the chat cannot be asked now ("conflict": somebody else listens in our name), Exhausted when our key is
        refused, and whatever `heard` raises.
        """
        ...

    async def deliver(self) -> None:
        """Show what is posted, one message a second to each person, through outages; for ever."""
        ...

    async def all_shown(self) -> None:
        """Wait until nothing waits to be shown; through an outage, for ever."""
        ...

    def post(self, who: int, message: Message) -> Posted:
        """Show a message when its turn comes."""
        ...

    async def answer(self, press: str, text: str) -> None:
        """A pressed button was noticed. Raises Refused when it was pressed too long ago."""
        ...

    async def offer(self, who: int, menu: Sequence[tuple[str, str]]) -> None:
        """Show a person this menu of commands (word, what it does). Raises Refused when they are not there."""
        ...


@dataclass(frozen=True, kw_only=True)
class MailRecords:
    """What the name service says of a domain's mail; nothing at all for a domain that does not exist.

    `exchanges` are the hosts in its MX records, "" for the root (a null MX). `has_address`: it has an A or AAAA record,
    which counts, and is looked for, only where there is no MX.
    """

    exchanges: tuple[str, ...] = ()
    has_address: bool = False


class NameService(Protocol):
    """The public directory of domains (DNS)."""

    name: str

    async def mail_records(self, domain: str) -> MailRecords:
        """Who takes the mail of this domain (IDNA ASCII, no final dot). Raises Transient when it cannot be told now."""
        ...


class Heartbeat(Protocol):
    """Somebody elsewhere who notices when this program falls silent."""

    name: str

    async def beat(self) -> None:
        """Show that we are alive. Raises Transient or Refused when it was not heard."""
        ...

    async def aclose(self) -> None:
        """Give back its connections; nothing is asked of it after."""
        ...


class SuppressionList(Protocol):
    """Whom we never write to, and who is who: the keyed hash of a normalised address. A file of its own."""

    fingerprint: str
    fresh: bool

    def person(self, address: str) -> str:
        """Keyed hash of a normalised address (`rules/addresses.py` normalises)."""
        ...

    async def suppress(self, person: str, why: str, at: datetime, *, instead: bool = False) -> bool:
        """Add a person; True when new. `instead`: an entry for another reason gives way to this one."""
        ...

    async def suppress_domain(self, domain: str, why: str, at: datetime, *, instead: bool = False) -> bool:
        """Add a domain and everything below it; True when new. `instead` as for a person."""
        ...

    async def match(self, person: str, domains: Sequence[str]) -> Suppressed | None:
        """The entry for this person, or for one of these domains or a parent of it."""
        ...

    async def persons(self, why: str) -> Sequence[str]:
        """The hashes of those who are on it for this reason."""
        ...

    async def size(self) -> tuple[int, int]:
        """How many persons and domains are on it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the queue keeps of a row: ids, hashes and the two company keys; never an address.

    `seq` is the number of the lead's last transition when the row was read, `shown` its counting columns.
    """

    id: str
    person: str
    company: str
    domain: str
    stage: Stage
    step: int
    next_at: datetime | None
    created_at: datetime | None
    source: str = ""
    country: str = ""
    variant: str = ""
    waiting_for: str = ""
    seq: int = 0
    shown: Counters = field(default_factory=Counters)


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One execution of a job as the ledger keeps it. `slot` is the scheduled instant, or a unique word by hand."""

    job: str
    slot: str
    began: datetime
    ended: datetime | None = None
    outcome: str = ""
    told: Mapping[str, int] | None = None


class Ledger(Protocol):
    """Our own durable memory. Every method that writes has committed durably when it returns."""

    empty_at_start: bool

    # facts
    async def traffic(self, now: datetime) -> Traffic: ...
    async def history(self, lead: str, person: str, company: str, now: datetime, person_days: int) -> History: ...
    async def pair_counts(self, company: str, domain: str) -> PairCounts: ...

    # the queue
    async def see(self, rows: Sequence[Seen], now: datetime) -> None:
        """What the store showed last. A reading from before the lead's last transition leaves the stage as it is,

        and with it step, next_at, variant and waiting_for: the store was slow, and the lead has moved on since.
        """
        ...

    async def unsee(self, ids: Sequence[str]) -> None:
        """Rows that are gone from the store (or erased) leave the queue."""
        ...

    async def due(self, stages: Sequence[Stage], now: datetime, limit: int) -> Sequence[str]:
        """Ids of leads in these stages whose next_at is past or empty; later steps first, then the longest waiting."""
        ...

    async def queue(self) -> Sequence[Seen]:
        """The whole queue table (for figures and `queue`)."""
        ...

    async def drafts(self) -> Sequence[Drafted]:
        """Every draft of the queue."""
        ...

    async def seen(self, lead: str) -> Seen | None: ...
    async def leads_of(self, person: str) -> Sequence[str]:
        """Ids of the rows of one person."""
        ...

    # transitions: the compare-and-set
    async def commit(self, transitions: Sequence[Transition]) -> None:
        """Insert them all or none, and bring the queue up to date. Raises Conflict when (lead, seq) is taken."""
        ...

    async def transitions(self, lead: str) -> Sequence[Transition]:
        """All of a lead's, by number."""
        ...

    async def head(self, lead: str) -> Transition | None:
        """The last one."""
        ...

    async def unpushed(
        self, lead: str | None = None, limit: int = 1000, *, in_queue: bool = False
    ) -> Sequence[Transition]:
        """Those the store does not show yet, oldest first; with `in_queue` those of rows that are not gone."""
        ...

    async def pushed(self, lead: str, seq: int, now: datetime) -> None:
        """The store shows everything of this lead up to `seq`."""
        ...

    async def take_in(self, transitions: Sequence[Transition], now: datetime) -> None:
        """Transitions read back from a trail (a lost ledger): inserted as already pushed; known ones are left alone."""
        ...

    # attempts
    async def begin(
        self, attempt: Attempt, permit: Callable[[Traffic, History], Decision], person_days: int
    ) -> Decision:
        """In one transaction: read the facts anew, ask `permit`, and insert the attempt when it answers Do.

        Raises Conflict when another live attempt of this step, or of this person and step, is there.
        """
        ...

    async def settle(
        self, tag: str, state: AttemptState, now: datetime, message_id: str, transitions: Sequence[Transition]
    ) -> None:
        """The outcome and what follows from it, in one transaction. Raises Conflict like `commit`."""
        ...

    async def mark(self, tag: str, state: AttemptState) -> None:
        """Change an attempt's state alone: open to unknown after a start, or extra when the step is taken."""
        ...

    async def adopt_attempt(self, attempt: Attempt) -> bool:
        """An attempt the mailer knows and we did not; False when the tag is known."""
        ...

    async def attempt(self, tag: str) -> Attempt | None: ...
    async def attempts(
        self, *, states: Sequence[AttemptState] = (), lead: str = "", limit: int = 1000
    ) -> Sequence[Attempt]:
        """Newest first."""
        ...

    async def count_attempts(self, lead: str, step: int) -> int:
        """How many attempts of this step there were, whatever came of them (the next one is n + 1)."""
        ...

    # events
    async def add_events(self, events: Sequence[tuple[Event, str]], now: datetime) -> int:
        """Events with their person hash; known keys are left alone. Returns how many were new."""
        ...

    async def unfolded(self, limit: int) -> Sequence[str]:
        """Tags with events not folded yet."""
        ...

    async def events_of(self, tag: str) -> Sequence[Event]:
        """All events of one attempt."""
        ...

    async def folded(self, tag: str, keys: Sequence[str]) -> None:
        """These events are in the lead now; its counting columns are to be shown (`uncounted`)."""
        ...

    async def uncounted(self) -> Sequence[str]:
        """Leads of the queue whose counting columns the store may not show yet."""
        ...

    async def counted(self, lead: str, shown: Counters) -> None:
        """The store shows these counting columns of the lead, and there are no others."""
        ...

    async def counts(self, since: datetime, until: datetime) -> EventCounts:
        """Attempts posted in the period and what came of them."""
        ...

    async def count_series(self, edges: Sequence[datetime]) -> Sequence[EventCounts]:
        """The same for each period between two neighbouring instants (ascending, at least two), in one look."""
        ...

    async def counts_by_day(self) -> Sequence[tuple[date, EventCounts]]:
        """The same for every UTC day on which mail to leads left, oldest first, in one look."""
        ...

    async def counts_by(self, what: str, since: datetime, until: datetime) -> Mapping[str, EventCounts]:
        """The same for each variant, source or country (`what`, one of GROUPS) of the leads as the queue has them.

        Or, with PROMPT, for each variant and prompt with which the mails themselves were written.

        '' for rows that are gone, or name none.
        """
        ...

    async def mails_by_prompt(self, since: datetime, until: datetime) -> Mapping[str, tuple[str, str]]:
        """The mails posted in the period, oldest first: tag -> lead, and with what it was written.

        That is variant and prompt, as in "A plain.first@9a8b7c6d"; '' where it is not known. `counts_by` has the same
        names.
        """
        ...

    async def reactions(self, since: datetime, until: datetime) -> Sequence[Reaction]:
        """The mails posted in the period that were opened or clicked, oldest first, in one look."""
        ...

    async def find_event(self, person: str, subject: str, since: datetime) -> Event | None:
        """An event to this person with this subject since then (a mail whose tag was dropped)."""
        ...

    # halts
    async def halt(self, halt: Halt) -> bool:
        """Switch off; False when it was off already."""
        ...

    async def resume(self, what: str) -> bool: ...
    async def halts(self, now: datetime) -> Sequence[Halt]:
        """Those in force; one whose own end is past is removed."""
        ...

    # runs
    async def start_run(self, run: RunRecord) -> bool:
        """False when this slot of this job was started before."""
        ...

    async def end_run(self, job: str, slot: str, ended: datetime, outcome: str, told: Mapping[str, int]) -> None: ...
    async def runs(self, job: str, limit: int) -> Sequence[RunRecord]: ...

    # what is said in a chat
    async def hear(self, order: Order, now: datetime) -> bool:
        """Keep it until it is done; False when it was heard before. What was done days ago is forgotten here."""
        ...

    async def begin_order(self, order: str) -> bool:
        """Its carrying out starts; False when it had started."""
        ...

    async def end_order(self, order: str) -> None:
        """It is done: its text is erased, and that it was heard is kept."""
        ...

    async def orders(self) -> Sequence[Order]:
        """What is not done, in the order in which it was said."""
        ...

    # small things
    async def get(self, key: str) -> str: ...
    async def put(self, key: str, value: str) -> None: ...
    async def cached(self, kind: str, key: str, since: datetime) -> str | None: ...
    async def cache(self, kind: str, key: str, value: str, now: datetime) -> None: ...
    async def spend(self, vendor: str, lead: str, usd: float, now: datetime) -> None: ...
    async def spent(self, since: datetime, until: datetime) -> float: ...
    async def spent_on(self, lead: str) -> float:
        """All that was ever spent on this lead, in USD."""
        ...

    # counts by the day (UTC)
    async def called(self, vendor: str, day: date) -> None:
        """One more request to this vendor has left."""
        ...

    async def calls(self, vendor: str, since: date) -> Mapping[date, int]:
        """Requests to this vendor on each day since then on which there were any."""
        ...

    async def note_cap(self, day: date, mails: int, why: str) -> None:
        """The cap of that day's mails, and why it is this one; the last that is noted stays."""
        ...

    async def caps(self, since: date) -> Mapping[date, tuple[int, str]]:
        """The caps noted for the days since then."""
        ...

    async def replies(self, since: datetime, until: datetime) -> Sequence[tuple[str, datetime]]:
        """Leads that became known to have replied in the period, and when; oldest first, in one look."""
        ...

    # incidents
    async def open_incident(
        self, what: str, title: str, text: str, now: datetime, *, returns_since: datetime | None = None
    ) -> Incident:
        """The incident of this cause: a new one (`times` is 1), or the open one with this repeat counted.

        One that was closed at `returns_since` or later is open again, unless its end was told.
        """
        ...

    async def close_incident(self, what: str, now: datetime) -> Incident | None:
        """The incident that is over now; None when none was open."""
        ...

    async def incident_told(self, number: int, now: datetime) -> None:
        """The operator has heard of it."""
        ...

    async def incident_end_told(self, number: int, now: datetime) -> None:
        """The operator has heard that it is over, or need not."""
        ...

    async def note_incident(self, number: int, note: str) -> bool:
        """The rule that now prevents it, in the operator's words; False when there is no such incident."""
        ...

    async def incidents(self, *, open_only: bool) -> Sequence[Incident]:
        """Newest first."""
        ...

    async def untold_incidents(self) -> Sequence[Incident]:
        """Those of which the operator has not heard, or not that they are over; oldest first."""
        ...

    async def sending_days(self) -> Sequence[tuple[date, int]]:
        """Every UTC day on which mail to leads left, and how many."""
        ...

    # what is not kept
    async def forget(self, lead: str, person: str) -> int:
        """Erase what is personal about a lead: texts, subjects, queue row, trail; returns how many entries."""
        ...

    async def forget_in_copies(self, lead: str, person: str) -> Mapping[str, int]:
        """The same in the copies that were kept of older versions; by the name of each file that had something."""
        ...

    async def wordy(self, stages: Sequence[Stage], before: datetime, after: str, limit: int) -> Sequence[str]:
        """Ids of leads that stand in these stages since before an instant, had no mail after it, and may have words.

        In order, those behind the id `after`; a lead whose words were erased since is none of them, nor is one with a
        mail in doubt.
        """
        ...

    async def erase_words(self, lead: str, transitions: Sequence[Transition], now: datetime) -> None:
        """Erase subjects, texts and research of a lead and commit what tells of it, all or none.

        Raises Conflict like `commit`. Reasons, hashes, stages and instants stay.
        """
        ...

    async def erase_old(self, before: datetime) -> int:
        """Erase research on companies from before an instant, and words of mails whose lead nothing is known of."""
        ...

    async def mails_to(self, person: str) -> Sequence[Attempt]:
        """Every mail to this person, under whatever row, oldest first."""
        ...

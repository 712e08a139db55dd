"""Who gets what when, if nothing changes? The same gate, asked ahead of time.

Assumed is what usually happens: mails on their way arrive, new leads are found to work at their company, the mailer is
read before each run, and what a human has switched off is switched on again.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush

from outboundd.model.decision import EVERYBODYS, Decision, Do, Hold, HoldKind, Stop
from outboundd.model.facts import SOURCE, Facts, Traffic
from outboundd.model.lead import Lead, Stage
from outboundd.rules import sequence
from outboundd.rules.decide import decide

LOOKS = 60
NextRun = Callable[[str, datetime], datetime]
_TICK = timedelta(seconds=1)
_DAY = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One lead of the pipeline and what is known about it. `person` and `company` say whose posts count for whom."""

    lead: Lead
    facts: Facts
    person: str
    company: str


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One mail that will leave, by the run of sending at `at`."""

    lead: str
    step: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Unplanned:
    """A lead that gets no mail in the period, and what is in its way, in order; empty: others come first."""

    lead: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The mails of a period in their order, and who gets none."""

    mails: tuple[Planned, ...]
    others: tuple[Unplanned, ...]


def earliest(lead: Lead, facts: Facts, now: datetime) -> datetime | None:
    """The first instant from `now` on at which the gate says Do; None when it never does by itself."""
    at = now
    for _ in range(LOOKS):
        decision = decide(lead, replace(facts, traffic=replace(facts.traffic, reconciled_at=at)), at)
        if isinstance(decision, Do):
            return at
        if isinstance(decision, Stop) or decision.until is None or decision.until <= at:
            return None
        at = decision.until
    return None


def plan(waiting: Sequence[Waiting], now: datetime, until: datetime, next_run: NextRun, share: int) -> Plan:
    """Play the runs of sending from `now` to `until`.

    `next_run(job, at)` is the first run of a job at or after an instant, `share` the mails of one run of sending.
    """
    play = _Play(now, next_run, share, waiting[0].facts.traffic if waiting else Traffic())
    for one in waiting:
        play.enter(one, now)
    at = next_run("send", now)
    while at <= until:
        at = play.run(at) or until + _TICK
    return play.told()


@dataclass(kw_only=True)
class _Entry:
    """A lead on its way through the days.

    `written` says that the mail of its step is there, `crowded` that it was ready once when the caps were used up.
    """

    lead: Lead
    facts: Facts
    person: str
    company: str
    written: bool
    said: Decision
    whys: list[str] = field(default_factory=list)
    crowded: bool = False

    def told(self) -> str:
        """Why no mail, in the order in which it was met."""
        if self.crowded or isinstance(self.said, Do):
            return ""
        return "; then ".join(self.whys[:2] or [self.said.why])


class _Play:
    def __init__(self, now: datetime, next_run: NextRun, share: int, traffic: Traffic) -> None:
        halts = tuple(halt for halt in traffic.halts if halt.what.startswith(SOURCE))
        self._traffic = replace(traffic, halts=halts, quiet_open=False, clock_off="")
        self._next_run = next_run
        self._share = share
        self._now = now
        self._entries: list[_Entry] = []
        self._at_company: defaultdict[str, list[_Entry]] = defaultdict(list)
        self._later: list[tuple[datetime, int]] = []
        self._ready: list[tuple[tuple[bool, datetime, str], int]] = []
        self._mails: list[Planned] = []

    def enter(self, one: Waiting, now: datetime) -> None:
        """A lead joins, as what it will be when its turn comes."""
        lead = one.lead
        history = replace(one.facts.history, reached_at=None)
        said = decide(lead, replace(one.facts, history=history, traffic=self._traffic_at(now)), now)
        # a lead that is played on has a stage of ours from here on: its send dates are no older system's
        facts = replace(one.facts, history=replace(history, seq=max(history.seq, 1)))
        entry = _Entry(lead=lead, facts=facts, person=one.person, company=one.company, written=True, said=said)
        self._entries.append(entry)
        self._at_company[one.company].append(entry)
        if isinstance(entry.said, Stop) or (lead.stands is Stage.SENT and self._is_last(entry)):
            return
        begins = now
        if lead.stands in (Stage.NEW, Stage.VERIFIED):
            entry.lead, begins = replace(lead, stage=Stage.DRAFTED), self._next_run("draft", now)
        elif lead.stands in (Stage.SENT, Stage.DELIVERED):
            entry.lead, entry.written = replace(lead, stage=Stage.DELIVERED), False
        heappush(self._later, (begins, len(self._entries) - 1))

    def run(self, at: datetime) -> datetime | None:
        """One run of sending; returns when the next one has something to look at."""
        while self._later and self._later[0][0] <= at:
            self._make_ready(heappop(self._later)[1])
        sent = 0
        while self._ready and sent < self._share:
            number = heappop(self._ready)[1]
            entry = self._entries[number]
            entry.said = said = self._ask(entry, at)
            if isinstance(said, Do):
                sent += self._go_on(number, at)
            elif isinstance(said, Hold) and said.until is not None and said.until > at:
                if said.kind not in EVERYBODYS and said.why not in entry.whys:
                    entry.whys.append(said.why)
                if said.kind in EVERYBODYS:
                    self._make_ready(number)
                    self._crowd(said.until)
                    return self._next_run("send", said.until)
                if said.kind is not HoldKind.DOUBT:
                    heappush(self._later, (said.until, number))
        if self._ready:
            self._crowd(at)
            return self._next_run("send", at + _TICK)
        return self._next_run("send", max(self._later[0][0], at + _TICK)) if self._later else None

    def told(self) -> Plan:
        """What was played."""
        mailed = {mail.lead for mail in self._mails}
        others = [
            Unplanned(lead=entry.lead.id, why=entry.told()) for entry in self._entries if entry.lead.id not in mailed
        ]
        return Plan(mails=tuple(self._mails), others=tuple(others))

    def _ask(self, entry: _Entry, at: datetime) -> Decision:
        return decide(entry.lead, replace(entry.facts, traffic=self._traffic_at(at)), at)

    def _traffic_at(self, at: datetime) -> Traffic:
        return replace(self._traffic, reconciled_at=at)

    def _crowd(self, until: datetime) -> None:
        """The caps leave no room until then: who is ready now or becomes it meanwhile gets none."""
        crowded = [number for _, number in self._ready] + [number for at, number in self._later if at < until]
        for number in crowded:
            self._entries[number].crowded = True

    def _make_ready(self, number: int) -> None:
        heappush(self._ready, (sequence.pick_key(self._entries[number].lead), number))

    def _go_on(self, number: int, at: datetime) -> int:
        """The gate says Do: write what is not written yet, else send. Returns how many mails left."""
        entry = self._entries[number]
        if not entry.written:
            entry.lead, entry.written = replace(entry.lead, stage=Stage.DRAFTED, step=entry.lead.step + 1), True
            heappush(self._later, (self._next_run("follow_up", at), number))
            return 0
        self._mails.append(Planned(lead=entry.lead.id, step=entry.lead.step, at=at))
        self._count(entry, at)
        first = entry.lead.first_sent_at or at
        entry.lead = replace(entry.lead, stage=Stage.DELIVERED, first_sent_at=first, last_sent_at=at)
        entry.written = False
        if not self._is_last(entry):
            heappush(self._later, (at + _TICK, number))
        return 1

    def _count(self, entry: _Entry, at: datetime) -> None:
        """The mail joins the facts of all that come after it."""
        days = self._traffic.sending_days
        self._traffic = replace(
            self._traffic,
            posts=(*(post for post in self._traffic.posts if post > at - _DAY), at),
            sending_days=days if at.date() in days else (*days, at.date()),
        )
        for other in self._at_company[entry.company] if entry.company else [entry]:
            same = other.person == entry.person
            other.facts = other.facts.with_post(at, person=same, company=True)

    def _is_last(self, entry: _Entry) -> bool:
        return entry.lead.step >= entry.facts.settings.sequence.last_step

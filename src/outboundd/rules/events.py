"""What do all events of a mail, in any order and any number of times, say together, and what follows for its lead?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from outboundd.model.decision import Change
from outboundd.model.lead import Counters, Lead, Stage, Value
from outboundd.model.mail import Attempt, AttemptState, Event, EventKind
from outboundd.model.settings import Sequence
from outboundd.rules import next_look
from outboundd.rules.sequence import hold

# Strongest first: one such event decides, whatever else was reported. What is not here never moves a stage: soft
# bounces and deferrals are retried by the mailer, and security scanners open and click.
STRENGTH: Mapping[EventKind, tuple[Stage, str]] = {
    EventKind.COMPLAINT: (Stage.COMPLAINED, "marked as spam by the recipient"),
    EventKind.UNSUBSCRIBED: (Stage.UNSUBSCRIBED, "unsubscribed"),
    EventKind.HARD_BOUNCE: (Stage.BOUNCED, "hard bounce"),
    EventKind.INVALID: (Stage.BOUNCED, "the mailer calls the address invalid"),
    EventKind.BLOCKED: (Stage.BOUNCED, "blocked by the mailer"),
    EventKind.DELIVERED: (Stage.DELIVERED, "delivered"),
}
STOPS = frozenset({Stage.COMPLAINED, Stage.UNSUBSCRIBED, Stage.BOUNCED})

# Proof that a mail left, even where an error was reported for it too.
_ARRIVED = frozenset(
    {EventKind.DELIVERED, EventKind.OPENED, EventKind.CLICKED, EventKind.UNSUBSCRIBED, EventKind.COMPLAINT}
)
_TAKEN_IN = frozenset(
    {Stage.NEW, Stage.REVIEW, Stage.VERIFIED, Stage.DRAFTED, Stage.SENT, Stage.DELIVERED, Stage.FINISHED}
)
_ERROR = "the mailer accepted the mail, then reported an error: it was not sent"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one attempt. `stage` is None while nothing is known but that it was accepted or refused.

    `opens` and `clicks` count distinct events, machine-made ones included.
    """

    attempt: AttemptState
    stage: Stage | None = None
    delivered_at: datetime | None = None
    opens: int = 0
    clicks: int = 0
    last_at: datetime | None = None
    why: str = ""


def fold(events: Iterable[Event], at_hand: Attempt) -> Outcome:
    """All events of an attempt as one outcome; without events, the attempt as it is at hand."""
    told = list(events)
    kinds = {event.kind for event in told}
    state = _state(kinds, at_hand)
    stage, why = next((verdict for kind, verdict in STRENGTH.items() if kind in kinds), (None, ""))
    return Outcome(
        attempt=state,
        stage=stage,
        delivered_at=min((event.at for event in told if event.kind is EventKind.DELIVERED), default=None),
        opens=_distinct(told, EventKind.OPENED),
        clicks=_distinct(told, EventKind.CLICKED),
        last_at=max((event.at for event in told), default=None),
        why=why or (_ERROR if EventKind.ERROR in kinds and state is AttemptState.REFUSED else ""),
    )


def changes(lead: Lead, attempt: Attempt, outcome: Outcome, sequence: Sequence) -> Change | None:
    """The move of the lead's stage that the outcome of this attempt asks for; None when there is none.

    That the mail was sent at all is told before, by `outcome.sent`.
    """
    if lead.stands not in _TAKEN_IN:
        return None
    if outcome.stage in STOPS:
        return _left(outcome.stage, attempt, outcome.why, sequence)
    if attempt.step != lead.step or lead.stands is not Stage.SENT:
        return None
    if outcome.stage is Stage.DELIVERED:
        return _delivered(lead, attempt, outcome, sequence)
    if outcome.attempt is AttemptState.REFUSED:
        return _taken_back(lead, attempt, outcome)
    return None


def counters(shown: Counters, outcomes: Iterable[Outcome]) -> Counters:
    """A lead's counting columns over all its attempts, given what its row shows. They never count back."""
    told = list(outcomes)
    return Counters(
        opens=max(shown.opens, sum(one.opens for one in told)),
        clicks=max(shown.clicks, sum(one.clicks for one in told)),
        last_event_at=max((at for at in (shown.last_event_at, *(one.last_at for one in told)) if at), default=None),
    )


def differing(shown: Counters, counted: Counters) -> dict[str, Value]:
    """The patch that makes a row which shows the one show the other."""
    fields: dict[str, Value] = {
        "opens": counted.opens,
        "clicks": counted.clicks,
        "last_event_at": counted.last_event_at,
    }
    return {name: value for name, value in fields.items() if value != getattr(shown, name)}


def _state(kinds: set[EventKind], at_hand: Attempt) -> AttemptState:
    if EventKind.ERROR in kinds and not kinds & _ARRIVED:
        return AttemptState.REFUSED
    if not kinds or at_hand.state is AttemptState.EXTRA:
        return at_hand.state
    return AttemptState.SENT


def _distinct(events: list[Event], kind: EventKind) -> int:
    return len({event.key for event in events if event.kind is kind})


def _delivered(lead: Lead, attempt: Attempt, outcome: Outcome, sequence: Sequence) -> Change:
    at = outcome.delivered_at or attempt.posted_at
    if attempt.step >= sequence.last_step:
        return _left(Stage.FINISHED, attempt, "delivered, and it was the last step", sequence, delivered_at=at)
    # When the next step falls due is known by now: no look is needed to find it out.
    due = next_look.shown(hold(replace(lead, stage=Stage.DELIVERED), sequence, at), at)
    return _left(Stage.DELIVERED, attempt, outcome.why, sequence, delivered_at=at, **due)


def _taken_back(lead: Lead, attempt: Attempt, outcome: Outcome) -> Change:
    """The mail was never sent: its id and date go. The mail before it left no later than it was delivered."""
    first = attempt.step == 0
    patch: dict[str, Value] = {
        "message_ids": tuple(one for one in lead.message_ids if one != attempt.message_id),
        "first_sent_at": None if first else lead.first_sent_at,
        "last_sent_at": None if first else lead.delivered_at or lead.last_sent_at,
        "next_at": None,
        "waiting_for": "",
    }
    return Change(now=Stage.DRAFTED, why=outcome.why, patch=patch, tag=attempt.tag)


def _left(now: Stage, attempt: Attempt, why: str, sequence: Sequence, **more: Value) -> Change:
    patch: dict[str, Value] = {"next_at": None, "waiting_for": "", **more}
    return Change(now=now, why=f"{sequence.name_of(attempt.step)}: {why}", patch=patch, tag=attempt.tag)

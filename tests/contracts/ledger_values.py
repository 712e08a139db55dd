"""What do the ledger's contract tests write down? Small values at one frozen instant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from outboundd.model.decision import Decision, Do, Hold, HoldKind, Transition
from outboundd.model.facts import History, Traffic
from outboundd.model.lead import Stage
from outboundd.model.mail import Attempt, AttemptState, Event, EventKind
from outboundd.ports import Seen

NOW = datetime(2027, 3, 10, 12, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CAP = Hold(until=NOW + HOUR, why="The hour has had its share.", kind=HoldKind.CAP)


LEAVE = Do(step=0)


def permitted(_traffic: Traffic, _history: History) -> Decision:
    """A permit that lets every mail leave."""
    return LEAVE


def attempt(lead: str = "ada", step: int = 0, n: int = 1, **changes: object) -> Attempt:
    """An open attempt of a lead; the person is the lead's own unless said."""
    made = Attempt(
        tag=f"spring.{lead}.{step}.{n}",
        lead=lead,
        step=step,
        n=n,
        mailer="maildir",
        person=f"hash-{lead}",
        company="acme.example",
        posted_at=NOW,
        subject="A question",
        text="Dear Ada",
        text_hash="h-text",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def own_mail(tag: str = "-digest.2027-03-10", **changes: object) -> Attempt:
    """A mail to the operator."""
    return attempt("-digest", tag=tag, person="", company="", **changes)


def transition(
    lead: str = "ada", seq: int = 1, was: Stage = Stage.NEW, now: Stage = Stage.VERIFIED, **changes: object
) -> Transition:
    """A numbered step in a lead's life."""
    made = Transition(lead=lead, seq=seq, at=NOW, was=was, now=now, why="The domain is the company's own.")
    return replace(made, **changes)  # type: ignore[arg-type]


def seen(lead: str = "ada", stage: Stage = Stage.VERIFIED, **changes: object) -> Seen:
    """A row of the queue."""
    made = Seen(
        id=lead,
        person=f"hash-{lead}",
        company="acme.example",
        domain="acme.example",
        stage=stage,
        step=0,
        next_at=None,
        created_at=NOW - 30 * DAY,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def event(key: str, kind: EventKind = EventKind.DELIVERED, tag: str = "spring.ada.0.1", **changes: object) -> Event:
    """Something the mailer reports."""
    return replace(Event(key=key, kind=kind, at=NOW, tag=tag), **changes)  # type: ignore[arg-type]


LEFT = (AttemptState.OPEN, AttemptState.UNKNOWN, AttemptState.SENT, AttemptState.EXTRA)

"""What does Brevo do with a mail it took: does it leave, and what happens to it from then on?

Nothing runs in the background: what is due by now happens when somebody asks (`settle`).
"""

import heapq
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import TypeAdapter

from outboundd.sandbox.brevo_events import Event, EventLog
from outboundd.sandbox.brevo_mail import Mail, Order, Version
from outboundd.sandbox.recipients import REPLY, Reaction
from outboundd.sandbox.world import World

Lag = float | Callable[[random.Random], float]

RELAY_IP = "203.0.113.7"
BLOCKS: Mapping[str, str] = {
    "hardBounces": "hardBounce",
    "spam": "contactFlaggedAsSpam",
    "unsubscribed": "unsubscribedViaEmail",
}
FOR_EVERY_SENDER = ("hardBounce", "adminBlocked")
NEVER_LEFT = {"blocked", "error", "invalid"}
SENDER_REASON = (
    "Sending has been rejected because the sender you used {sender} is not valid. "
    "Validate your sender or authenticate your domain"
)


class People(Protocol):
    """Who decides what happens to a mail after `requests`."""

    def react(self, recipient: str, tag: str) -> Sequence[Reaction]: ...


@dataclass(frozen=True, kw_only=True)
class Logged:
    """One row of the message log; it stands there whether or not the mail left."""

    mail: Mail
    tags: tuple[str, ...]
    attachments: int
    shown_from: datetime


@dataclass(frozen=True, kw_only=True)
class Block:
    """Mails to this address are not sent: from this sender, or from any (FOR_EVERY_SENDER)."""

    email: str
    sender: str
    at: datetime
    code: str


@dataclass(frozen=True, order=True)
class Due:
    """Something that takes place `at` this time; `number` keeps the order of what is due at once."""

    at: datetime
    number: int
    event: Event = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer in the sender's own mailbox, which Brevo does not see."""

    at: datetime
    recipient: str
    tag: str


@dataclass(kw_only=True)
class Domain:
    """A sender domain; both flags may be flipped while the world runs."""

    authenticated: bool = True
    verified: bool = True


@dataclass(kw_only=True)
class State:
    """All that a file has to carry across a restart."""

    ledger: list[Mail] = field(default_factory=list)
    log: list[Logged] = field(default_factory=list)
    coming: list[Due] = field(default_factory=list)
    hidden: list[Due] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    keys: dict[str, datetime] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)
    told: dict[str, tuple[Reaction, ...]] = field(default_factory=dict)
    credits: int | None = None
    number: int = 0


STATE = TypeAdapter(State)


@dataclass(frozen=True, kw_only=True)
class Odd:
    """What is to go wrong with one order after it was accepted."""

    nothing_happens: bool = False
    sender_refused: bool = False
    disorder: bool = False
    twice: bool = False


class Office:
    """One account's mails, their events and its block list."""

    def __init__(
        self, world: World, *, event_lag_s: Lag, log_lag_s: Lag, any_domain: bool, people: People | None
    ) -> None:
        self.state = State()
        self.events = EventLog()
        self._world = world
        self._lags = {"event": event_lag_s, "log": log_lag_s}
        self._any_domain = any_domain
        self._people = people

    def dump(self) -> Mapping[str, Any]:
        """The whole state as JSON values."""
        self.settle()
        self.state.events = list(self.events)
        return dict(STATE.dump_python(self.state, mode="json"))

    def load(self, state: Mapping[str, Any]) -> None:
        """Take over what `dump` gave."""
        self.state = STATE.validate_python(state)
        self.events = EventLog()
        for event in self.state.events:
            self.events.show(event)

    def domain(self, name: str) -> Domain | None:
        """This sender domain; where any will do, it is there as soon as it is asked for."""
        name = name.lower()
        if self._any_domain:
            self.state.domains.setdefault(name, Domain())
        return self.state.domains.get(name)

    def take(self, order: Order, key: str, odd: Odd) -> list[str]:
        """Do what was ordered; the message ids of its versions."""
        ids = [self._message_id() for _ in order.versions]
        if order.dropped or odd.nothing_happens:
            return ids
        for message_id, version in zip(ids, order.versions, strict=True):
            for recipient in version.recipients:
                self._dispatch(order, self._mail(order, version, recipient, message_id, key), odd)
        return ids

    def _mail(self, order: Order, version: Version, recipient: str, message_id: str, key: str) -> Mail:
        return Mail(
            at=self._world.now(),
            key=key,
            tag=order.tags[0] if order.tags else "",
            recipient=recipient,
            sender=order.sender,
            subject=version.subject,
            text=version.text,
            html=version.html,
            headers=version.headers,
            message_id=message_id,
            uuid=str(uuid.UUID(int=self._world.rng.getrandbits(128), version=4)),
        )

    def _message_id(self) -> str:
        """Fresh, in brackets, with the minute in UTC before the dot."""
        self.state.number += 1
        digits = self._world.rng.randrange(10_000) * 10_000_000 + self.state.number % 10_000_000
        return f"<{self._world.now():%Y%m%d%H%M}.{digits:011d}@smtp-relay.mailin.fr>"

    def _dispatch(self, order: Order, mail: Mail, odd: Odd) -> None:
        self.settle()
        shown_from = mail.at + self._lag("log")
        self.state.log.append(Logged(mail=mail, tags=order.tags, attachments=order.attachments, shown_from=shown_from))
        reactions = self._life(mail, odd)
        if NEVER_LEFT.isdisjoint(one.event for one in reactions):
            self.state.ledger.append(mail)
        for reaction in reactions:
            event = _event(mail, order.tags, reaction)
            if odd.disorder and reaction.event == "delivered":
                event = replace(event, at=mail.at - timedelta(seconds=1))
            for _ in range(2 if odd.twice else 1):
                self.plan(event, mail.at + timedelta(seconds=reaction.after_s))

    def _life(self, mail: Mail, odd: Odd) -> Sequence[Reaction]:
        """All that will be reported about this mail."""
        domain = self.domain(mail.sender.rpartition("@")[2])
        if odd.sender_refused or domain is None or not domain.authenticated:
            return [Reaction(after_s=1.0, event="error", reason=SENDER_REASON.format(sender=mail.sender))]
        requests = Reaction(after_s=0.0, event="requests")
        if self._blocked(mail):
            return [requests, Reaction(after_s=1.0, event="blocked", reason="due to blacklist user")]
        if (told := self.state.told.get(mail.recipient.lower())) is not None:
            return [requests, *told]
        if self._people is not None:
            return [requests, *self._people.react(mail.recipient, mail.tag)]
        return [requests, Reaction(after_s=self._world.rng.uniform(1, 2), event="delivered")]

    def _blocked(self, mail: Mail) -> bool:
        return any(
            one.email == mail.recipient.lower() and (one.code in FOR_EVERY_SENDER or one.sender == mail.sender.lower())
            for one in self.state.blocks
        )

    def plan(self, event: Event, at: datetime) -> None:
        """Let this happen then; its date may say otherwise."""
        self.state.number += 1
        heapq.heappush(self.state.coming, Due(at, self.state.number, event))

    def settle(self) -> None:
        """Let happen what is due, and show what may be seen by now."""
        now = self._world.now()
        while self.state.coming and self.state.coming[0].at <= now:
            self._happen(heapq.heappop(self.state.coming))
        while self.state.hidden and self.state.hidden[0].at <= now:
            self.events.show(heapq.heappop(self.state.hidden).event)

    def _happen(self, due: Due) -> None:
        event = due.event
        if event.event == REPLY:
            tag = event.tags[0] if event.tags else ""
            self.state.replies.append(Reply(at=due.at, recipient=event.email, tag=tag))
            return
        if event.event in BLOCKS:
            self.block(event.email, sender=event.sender, code=BLOCKS[event.event], at=due.at)
        heapq.heappush(self.state.hidden, Due(due.at + self._lag("event"), due.number, event))

    def block(self, email: str, *, sender: str, code: str, at: datetime) -> None:
        """Put an address on the block list; the first reason stands."""
        block = Block(email=email.lower(), sender=sender.lower(), at=at, code=code)
        known = {(one.email, one.sender, one.code) for one in self.state.blocks}
        if (block.email, block.sender, block.code) not in known:
            self.state.blocks.append(block)

    def logged(self) -> list[Logged]:
        """The rows of the message log that may be seen by now, oldest first."""
        now = self._world.now()
        return [one for one in self.state.log if one.shown_from <= now]

    def forget(self, message_id_or_email: str) -> bool:
        """Take a message or an address off the log, as if it had never been there. False when it is not."""
        kept = [
            one
            for one in self.state.log
            if message_id_or_email not in (one.mail.message_id, one.mail.recipient.lower())
        ]
        known = len(kept) < len(self.state.log)
        self.state.log = kept
        return self.events.forget(message_id_or_email) or known

    def _lag(self, of: str) -> timedelta:
        lag = self._lags[of]
        return timedelta(seconds=lag(self._world.rng) if callable(lag) else lag)


def _event(mail: Mail, tags: tuple[str, ...], reaction: Reaction) -> Event:
    return Event(
        at=mail.at + timedelta(seconds=reaction.after_s),
        email=mail.recipient,
        event=reaction.event,
        message_id=mail.message_id,
        subject=mail.subject,
        tags=tags,
        sender=mail.sender,
        ip=reaction.ip or RELAY_IP,
        link=reaction.link,
        reason=reaction.reason,
    )

"""What has happened to the mails, as far as Brevo shows it? Kept sorted by date, so that a page is a slice."""

import json
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

NAMES = (
    *("bounces", "hardBounces", "softBounces", "delivered", "spam", "requests", "opened", "clicks", "invalid"),
    *("deferred", "blocked", "unsubscribed", "error", "loadedByProxy"),
)
BOUNCES = ("hardBounces", "softBounces")


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One line of the report. `at` is the date it shows, whenever it truly happened."""

    at: datetime
    email: str
    event: str
    message_id: str
    subject: str
    tags: tuple[str, ...]
    sender: str
    ip: str = ""
    link: str = ""
    reason: str = ""

    def shown(self, zone: ZoneInfo) -> dict[str, Any]:
        """As the answer carries it: the date in the account's zone, with milliseconds."""
        line = {
            "email": self.email,
            "date": self.at.astimezone(zone).isoformat(timespec="milliseconds"),
            "subject": self.subject,
            "messageId": self.message_id,
            "event": self.event,
            "tag": one_tag(self.tags),
            "ip": self.ip,
            "from": self.sender,
        }
        return line | {name: text for name, text in (("link", self.link), ("reason", self.reason)) if text}


def one_tag(tags: Sequence[str]) -> str:
    """One string: "", the tag, or (unverified, after the webhook's) a JSON list of several."""
    return tags[0] if len(tags) == 1 else json.dumps(list(tags)) if tags else ""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which events. `begin` and `end` are aware, the end is excluded; "" asks for all."""

    begin: datetime
    end: datetime
    email: str = ""
    message_id: str = ""
    event: str = ""
    tags: tuple[str, ...] = ()

    def fits(self, one: Event) -> bool:
        """Everything but the days."""
        return (
            self.email in ("", one.email.lower())
            and self.message_id in ("", one.message_id)
            and (not self.event or one.event == self.event or (self.event == "bounces" and one.event in BOUNCES))
            and (not self.tags or not set(self.tags).isdisjoint(one.tags))
        )

    @property
    def all_kinds(self) -> bool:
        return not (self.email or self.message_id or self.event or self.tags)


class EventLog:
    """All events that can be seen. What shares an address or a message is a list of its own: no search reads all."""

    def __init__(self) -> None:
        self._all: list[Event] = []
        self._of: dict[str, list[Event]] = {}
        self.filled: Filled | None = None

    def __iter__(self) -> Iterator[Event]:
        return iter(self._all)

    def show(self, event: Event) -> None:
        """Sort one in; one that comes late lands among days already read."""
        for events in (self._all, *(self._of.setdefault(key, []) for key in {event.email.lower(), event.message_id})):
            insort(events, event, key=attrgetter("at"))

    def forget(self, message_id_or_email: str) -> bool:
        """Take the events of a message or an address off the log. False when there are none."""
        gone = {id(one) for one in self._of.get(message_id_or_email, [])}
        kept = [one for one in self._all if id(one) not in gone]
        self._all, self._of = [], {}
        for one in kept:
            self.show(one)
        return bool(gone)

    def of_message(self, message_id: str) -> Sequence[Event]:
        """The events of one message, oldest first."""
        return self._of.get(message_id, [])

    def page(self, asked: Asked, *, offset: int, limit: int, newest_first: bool) -> Sequence[Event]:
        """A page of what was asked for, by date."""
        events = self._matching(asked)
        if newest_first:
            stop = max(0, len(events) - offset)
            return events[max(0, stop - limit) : stop][::-1]
        return events[offset : offset + limit]

    def _matching(self, asked: Asked) -> "Sequence[Event]":
        if self.filled is not None and asked.all_kinds:
            return self.filled.between(asked.begin, asked.end)
        events = self._of.get(asked.message_id or asked.email, []) if asked.message_id or asked.email else self._all
        begin = bisect_left(events, asked.begin, key=attrgetter("at"))
        end = bisect_left(events, asked.end, key=attrgetter("at"))
        if asked.all_kinds:
            return Stretch(events.__getitem__, begin, end)
        return [one for one in events[begin:end] if asked.fits(one)]


class Stretch(Sequence[Event]):
    """A stretch of a long row of events, of which only the slice that is asked for is ever made."""

    def __init__(self, nth: Callable[[int], Event], begin: int, end: int) -> None:
        self._nth = nth
        self._numbers = range(begin, max(begin, end))

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401 (a number gives an event, a slice a list)
        if isinstance(index, slice):
            return [self._nth(number) for number in self._numbers[index]]
        return self._nth(self._numbers[index])


LIFE = ("requests", "delivered", "opened", "clicks")


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A bench's `count` events, evenly from `since` to `until`, four to a mail. They stand in place of all others.

    `whose` gives tag and address of the nth mail.
    """

    count: int
    since: datetime
    until: datetime
    whose: Callable[[int], tuple[str, str]]

    @property
    def _step(self) -> timedelta:
        return (self.until - self.since) / self.count

    def between(self, begin: datetime, end: datetime) -> Stretch:
        """Those of these days."""
        return Stretch(self.nth, self._first_from(begin), self._first_from(end))

    def nth(self, number: int) -> Event:
        """Made when it is asked for, and the same each time."""
        mail, stage = divmod(number, len(LIFE))
        tag, email = self.whose(mail)
        return Event(
            at=self.since + number * self._step,
            email=email,
            event=LIFE[stage],
            message_id=f"<202601010000.{mail:011d}@smtp-relay.mailin.fr>",
            subject="Filled",
            tags=(tag,),
            sender="bench@studio.example",
            ip="203.0.113.7",
        )

    def _first_from(self, moment: datetime) -> int:
        return bisect_left(range(self.count), moment, key=lambda number: self.since + number * self._step)


def filled(count: int, since: datetime, until: datetime, whose: Callable[[int], tuple[str, str]] | None) -> Filled:
    """Events for a bench; by default of mails tagged bench-0, bench-1 and so on."""
    return Filled(count=count, since=since, until=until, whose=whose or _anybody)


def _anybody(mail: int) -> tuple[str, str]:
    return f"bench-{mail}", f"bench-{mail}@firma.example"


# The names that the content of a single mail uses for the same events ("Get content of a transactional email").
CONTENT_NAMES: Mapping[str, str] = {
    "requests": "sent",
    "hardBounces": "hard_bounce",
    "softBounces": "soft_bounce",
    "clicks": "click",
    "opened": "open",
    "loadedByProxy": "proxy_open",
}

"""What left, in a world where mails go nowhere?"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from operator import attrgetter

from outboundd.model.mail import Event, EventKind, EventPage, Letter, LoggedMail
from outboundd.ports import Ambiguous, Clock, Failure

PAGE_SIZE = 500


class MemoryMailer:
    """Keeps the mails it is given (port Mailer).

    `posts` are all calls of `send`, `letters` those that left, with their instants. Failures are injected by putting
    them into a list, which the next calls use up: `fail_next` (a send, nothing leaves), `lose_reply_next` (a send, the
    mail leaves and the answer is lost), `fail_read_next` (a read of events or of the log).
    `credits_left` is what `credits` says.
    """

    def __init__(self, clock: Clock, *, name: str = "memory", settle_s: int = 0) -> None:
        self.name = name
        self.settle_s = settle_s
        self.posts: list[Letter] = []
        self.letters: list[tuple[datetime, Letter]] = []
        self.fail_next: list[Failure] = []
        self.lose_reply_next: list[Failure] = []
        self.fail_read_next: list[Failure] = []
        self.credits_left: int | None = None
        self._clock = clock
        self._events: list[Event] = []

    async def send(self, letter: Letter) -> str:
        self.posts.append(letter)
        if self.fail_next:
            raise self.fail_next.pop(0)
        if any(sent.tag == letter.tag for _, sent in self.letters):
            raise Ambiguous(self.name, "tag exists")
        self.letters.append((self._clock.now(), letter))
        self.report(letter.tag, EventKind.REQUEST)
        if self.lose_reply_next:
            raise self.lose_reply_next.pop(0)
        return _message_id(letter.tag)

    def report(self, tag: str, kind: EventKind, at: datetime | None = None) -> Event:
        """Something happens to a mail, now or at the instant given; a tag nobody sent is fine, too."""
        letter = next((sent for _, sent in self.letters if sent.tag == tag), None)
        when = at or self._clock.now()
        event = Event(
            key=f"{tag}:{kind}:{when.isoformat()}",
            kind=kind,
            at=when,
            tag=tag,
            email=letter.to_email if letter else "",
            subject=letter.subject if letter else "",
            message_id=_message_id(tag),
        )
        self.inject(event)
        return event

    def inject(self, event: Event) -> None:
        """An event of any shape: without a tag, with one of another campaign, in the future."""
        self._events.append(event)

    async def events(self, since: datetime, until: datetime) -> AsyncIterator[EventPage]:
        self._may_fail()
        found = sorted((event for event in self._events if since <= event.at <= until), key=attrgetter("at"))
        for start in range(0, len(found), PAGE_SIZE):
            yield EventPage(events=tuple(found[start : start + PAGE_SIZE]))

    async def log(self, email: str) -> Sequence[LoggedMail]:
        self._may_fail()
        return [
            LoggedMail(at=at, subject=letter.subject, message_id=_message_id(letter.tag), tag=letter.tag)
            for at, letter in self.letters
            if letter.to_email.lower() == email.lower()
        ]

    async def erase(self, emails: Sequence[str]) -> int:
        wanted = {email.lower() for email in emails}
        erased = {letter.tag for _, letter in self.letters if letter.to_email.lower() in wanted}
        self.posts = [letter for letter in self.posts if letter.to_email.lower() not in wanted]
        self.letters = [(at, letter) for at, letter in self.letters if letter.tag not in erased]
        self._events = [
            event for event in self._events if event.tag not in erased and event.email.lower() not in wanted
        ]
        return len(erased)

    async def aclose(self) -> None:
        """Holds nothing open."""

    async def credits(self) -> int | None:
        return self.credits_left

    async def probe(self) -> str:
        return f"mails are kept in memory: {len(self.letters)} so far"

    def _may_fail(self) -> None:
        if self.fail_read_next:
            raise self.fail_read_next.pop(0)


def _message_id(tag: str) -> str:
    return f"<{tag}@memory.invalid>"

"""What do people do with our mails: open, ignore, bounce, answer, ask to be left alone?

A person acts on virtual time through the same door as the world: lines in the maildir's `events.jsonl`. What somebody
does follows from the seed, the address and the step alone, so that the same seed plays the same show.
"""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
from anyio.abc import TaskGroup

from outboundd.model.lead import Lead
from outboundd.model.mail import EventKind
from outboundd.ports import LeadStore, Ledger

STALE_SOURCE = "Fair visitors 2019"
GONE = {STALE_SOURCE: 0.6}  # the share of a source whose addresses no longer exist
GONE_ELSEWHERE = 0.005
OPENS = 0.6
ANSWERS = 0.06  # of those who open
UNSUBSCRIBES = 0.01
COMPLAINS = 0.002

REPLY = "reply"


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """What a person does so long after a mail has come. `kind` is an event's, or a reply to the sender."""

    after: timedelta
    kind: str


def reactions(lead: Lead, step: int, seed: int) -> tuple[Reaction, ...]:
    """What this person does with the mail of this step."""
    character = random.Random(f"{seed} {lead.key}")  # noqa: S311 (a show needs no secrets)
    if character.random() < GONE.get(lead.source, GONE_ELSEWHERE):
        return (Reaction(after=timedelta(seconds=character.randint(2, 40)), kind=EventKind.HARD_BOUNCE),)
    mood = random.Random(f"{seed} {lead.key} {step}")  # noqa: S311
    if mood.random() > OPENS:
        return ()
    opened = timedelta(minutes=1 + mood.expovariate(1 / 180))
    opens = [Reaction(after=opened * n, kind=EventKind.OPENED) for n in range(1, mood.choice((2, 2, 3)))]
    last = _last_word(mood)
    later = opened + timedelta(minutes=5 + mood.expovariate(1 / 240))
    return (*opens, Reaction(after=later, kind=last)) if last else tuple(opens)


def _last_word(mood: random.Random) -> str:
    chance = mood.random()
    for share, kind in ((ANSWERS, REPLY), (UNSUBSCRIBES, EventKind.UNSUBSCRIBED), (COMPLAINS, EventKind.COMPLAINT)):
        if chance < share:
            return kind
        chance -= share
    return ""


class Recipients:
    """Everybody we write to. `hear` is a listener of the log; `answered` is told the id of who wrote back."""

    def __init__(
        self, *, store: LeadStore, ledger: Ledger, events: Path, seed: int, answered: Callable[[str], None]
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._events = events
        self._seed = seed
        self._answered = answered
        self._lives: TaskGroup | None = None

    def hear(self, event: str, fields: Mapping[str, str | int | float]) -> None:
        """A mail that left lies in somebody's inbox."""
        if event == "mail.sent" and self._lives:
            self._lives.start_soon(self._read, str(fields["lead"]))

    async def live(self) -> None:
        """React to every mail, until cancelled."""
        async with anyio.create_task_group() as self._lives:
            await anyio.sleep_forever()

    async def _read(self, lead: str) -> None:
        person = (await self._store.read([lead]))[lead]
        attempt = (await self._ledger.attempts(lead=lead, limit=1))[0]
        waited = timedelta(0)
        for reaction in sorted(reactions(person, attempt.step, self._seed), key=lambda one: one.after):
            await anyio.sleep((reaction.after - waited).total_seconds())
            waited = reaction.after
            if reaction.kind == REPLY:
                self._answered(lead)
            else:
                self._report(attempt.tag, reaction.kind, person.email)

    def _report(self, tag: str, kind: str, email: str) -> None:
        line = {"tag": tag, "event": kind, "at": datetime.now(UTC).isoformat(), "email": email}
        with self._events.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

"""What do the stories of the incidents have in common? A writer that counts, and a process that starts again."""

import json
import random
from datetime import UTC, datetime

import anyio

from office import SCHEDULE, Office
from outboundd.adapters.scripted import ScriptedWriter
from outboundd.commands.desk import Desk
from outboundd.engine.journal import Log
from outboundd.engine.parts import ClockMarks, assemble
from outboundd.jobs import JOBS
from outboundd.model.mail import Answer, Brief
from outboundd.ports import Failure


def utc(day: str, hour: int = 10, minute: int = 0) -> datetime:
    """An instant, as in utc("2026-11-29", 11)."""
    return datetime.fromisoformat(day).replace(hour=hour, minute=minute, tzinfo=UTC)


def wait_until(office: Office, at: datetime) -> None:
    """Time passes: on the wall and in the loop alike, so that no step of the clock is noticed."""
    office.clock.set(at)
    office.parts.clock_marks = ClockMarks()


def decent(brief: Brief) -> str:
    """A mail that no lint objects to."""
    body = f"{brief.fields['greeting']}\n\nmay I show you how other building sites keep track of drills and saws?"
    return json.dumps({"subject": "Drills and saws", "body": body})


def counting_writer() -> ScriptedWriter:
    """A model that writes decent mails and keeps what it was asked: a paid call is one of its briefs or questions."""
    return ScriptedWriter(decent, name="openai")


class WriterThatRunsDry(ScriptedWriter):
    """A model whose account is empty after so many mails; its calls take a moment, so several are in flight."""

    def __init__(self, after: int, failure: Failure) -> None:
        super().__init__(decent, name="openai")
        self.after = after
        self._failure = failure

    async def write(self, brief: Brief) -> Answer:
        """A decent mail, or the failure."""
        self.briefs.append(brief)
        number = len(self.briefs)
        await anyio.lowlevel.checkpoint()
        if number > self.after:
            raise self._failure
        return Answer(text=decent(brief))


def started_again(office: Office) -> Office:
    """The process was restarted: new parts on the same ledger, store and mailer."""
    parts = assemble(office.parts.settings, office.parts.world, Log(quiet=True), random.Random(7), 6.0)
    return Office(
        desk=Desk(parts=parts, jobs=JOBS, schedule=SCHEDULE),
        clock=office.clock,
        store=office.store,
        mailer=office.mailer,
        ledger=office.ledger,
        suppression=office.suppression,
        operator=office.operator,
        names=office.names,
        slots=office.slots + 100,
    )

"""What can happen, in which words does the log say it, and who listens?

One event name per thing that can happen, with its level and its meaning, and one name per field: closed lists, so that
the log can be searched and tested. Fields are ids and reasons; never an address, a name, a text or a key. What a reason
quotes of a row is taken out of it here. Each line of a run carries the job and the run.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

import structlog

from outboundd.rules.texts import unquoted

Level = Literal["info", "warning", "error", "critical"]

EVENTS: Mapping[str, tuple[Level, str]] = {
    "daemon.started": ("info", "the daemon is up; what it is connected to"),
    "daemon.stopped": ("info", "the daemon has drained and stopped"),
    "daemon.stuck": ("error", "the watchdog is not fed; what stands still"),
    "config.taken": ("info", "a new configuration took effect"),
    "config.refused": ("error", "a new configuration was not taken, the old one stays; why"),
    "job.started": ("info", "a run of a job began"),
    "job.finished": ("info", "a run ended; what it did and held"),
    "job.failed": ("warning", "a run ended early; why"),
    "job.skipped": ("info", "a run was not begun: halted, running already, or its slot is taken"),
    "lead.taken_in": ("info", "a row's trail told what the ledger did not know"),
    "lead.verified": ("info", "the person works at the company on record"),
    "lead.mismatched": ("info", "the person does not"),
    "lead.review": ("info", "a human must look; at what"),
    "lead.drafted": ("info", "subject and text of a step are ready"),
    "lead.held": ("info", "not now; why and until when"),
    "lead.stopped": ("info", "left the pipeline; why"),
    "lead.moved": ("info", "any other change of stage"),
    "lead.obeyed": ("info", "the operator's word was carried out"),
    "lead.mended": ("info", "a row edited by hand was put back"),
    "mail.held": ("info", "no mail to anybody now; why"),
    "mail.sent": ("info", "the mailer accepted a mail"),
    "mail.refused": ("warning", "nothing left; why"),
    "mail.unknown": ("warning", "it may have left: to be settled by reconcile"),
    "mail.settled": ("info", "an attempt in doubt became sent or absent"),
    "mail.delivered": ("info", "a mail arrived"),
    "mail.extra": ("warning", "the mailer says that a step left twice"),
    "mail.own": ("info", "a mail to the operator left"),
    "reply.known": ("info", "a person replied"),
    "store.away": ("warning", "what was concluded waits in the ledger; the store cannot be written"),
    "ledger.behind": ("warning", "the mailer or the store knows what the ledger did not"),
    "vendor.halted": ("error", "a vendor account is off; why"),
    "model.unknown": ("warning", "whether the writer's model will be shut down could not be learned"),
    "credits.unknown": ("warning", "how many mails the mailer still takes could not be learned"),
    "halt.set": ("warning", "something was switched off"),
    "halt.lifted": ("info", "something was switched on again"),
    "guard.paused": ("error", "bounces or complaints say that the list is bad"),
    "guard.warned": ("warning", "one complaint"),
    "clock.off": ("warning", "our clock is not to be trusted"),
    "reconcile.complete": ("info", "all events up to an instant are in"),
    "command.heard": ("info", "the operator said something in the chat; which word"),
    "command.done": ("info", "it was carried out, or answered why not"),
    "command.stranger": ("warning", "somebody who may not said something to the bot; their number"),
    "answer.lost": ("warning", "an answer was never shown in the chat; why"),
    "operator.away": ("warning", "the chat cannot be listened to now; why"),
    "operator.back": ("info", "the chat is listened to again"),
    "heartbeat.unheard": ("warning", "the monitor elsewhere did not hear us; why"),
    "alert.raised": ("critical", "an alert, where this log is all there is to tell it to"),
    "alert.over": ("info", "what was alerted is over, told in the same way"),
    "operator.told": ("info", "an alert went out"),
    "operator.untold": ("critical", "an alert could not be told; it is in this log instead"),
    "library.said": (
        "warning",
        "a library logged a warning or worse; at which line of its own, its words are left out",
    ),
    "exception.uncaught": ("critical", "an error that nobody caught: our own bug; of which class and where"),
}
FIELDS: Mapping[str, str] = {
    "lead": "id of a lead",
    "step": "step of the sequence: 0 is the first mail, 1 the first follow-up",
    "stage": "stage that a lead is in from now on",
    "job": "job that the line is of",
    "run": "run of that job: the instant of its slot in UTC, or by-hand- and eight digits",
    "vendor": "adapter, or whatever else was halted",
    "library": "logger of a library",
    "reason": "why, or how much, in a sentence",
}
TAIL_LINES = 20
KEPT_LINES = 500  # so that a run which says little keeps its tail beside one that says much
_RUN: ContextVar[Mapping[str, str]] = ContextVar("run", default={})  # noqa: B039 (never changed)


class Log:
    """The log of this process: structlog beneath, the last lines kept for alerts, listeners for the demo."""

    def __init__(self, *, quiet: bool = False) -> None:
        """`quiet`: nothing is printed (the demo prints its own lines)."""
        self.listeners: list[Callable[[str, Mapping[str, str | int | float]], None]] = []
        self._quiet = quiet
        self._kept: deque[tuple[Mapping[str, str], str]] = deque(maxlen=KEPT_LINES)

    @property
    def tail(self) -> Sequence[str]:
        """The last lines, for an alert: within a run those of that run, else those of all."""
        run = _RUN.get()
        return [line for of, line in self._kept if run in ({}, of)][-TAIL_LINES:]

    @contextmanager
    def run(self, job: str, run: str) -> Iterator[None]:
        """What is written within, by whatever task begins here, is of that run."""
        token = _RUN.set({"job": job, "run": run})
        try:
            yield
        finally:
            _RUN.reset(token)

    def write(self, event: str, **fields: str | int | float) -> None:
        """One line; raises ValueError for an event or a field that is not in the lists."""
        if event not in EVENTS:
            raise ValueError(f"{event!r} is no event of the log; add it to EVENTS with its meaning")
        if unknown := fields.keys() - FIELDS.keys():
            raise ValueError(f"{unknown} are no fields of the log; add them to FIELDS with their meaning")
        run = _RUN.get()
        said = {name: unquoted(value) if isinstance(value, str) else value for name, value in {**fields, **run}.items()}
        self._kept.append((run, " ".join([event, *(f"{name}={value}" for name, value in said.items())])))
        if not self._quiet:
            level, _ = EVENTS[event]
            getattr(structlog.get_logger(), level)(event, **said)
        for listener in self.listeners:
            listener(event, said)

"""What can happen, in which words does the log say it, and who listens?

One event name per thing that can happen: a closed list, so that the log can be searched and tested. Fields are ids and
reasons; never an address, a name, a text or a key. What a reason quotes of a row is taken out of it here.
"""

from collections import deque
from collections.abc import Callable, Mapping

import structlog

from outboundd.rules.texts import unquoted

EVENTS: Mapping[str, str] = {
    "daemon.started": "the daemon is up; what it is connected to",
    "daemon.stopped": "the daemon has drained and stopped",
    "daemon.stuck": "the watchdog is not fed; what stands still",
    "config.taken": "a new configuration took effect",
    "config.refused": "a new configuration was not taken, the old one stays; why",
    "job.started": "a run of a job began",
    "job.finished": "a run ended; what it did and held",
    "job.failed": "a run ended early; why",
    "job.skipped": "a run was not begun: halted, running already, or its slot is taken",
    "lead.taken_in": "a row's trail told what the ledger did not know",
    "lead.verified": "the person works at the company on record",
    "lead.mismatched": "the person does not",
    "lead.review": "a human must look; at what",
    "lead.drafted": "subject and text of a step are ready",
    "lead.held": "not now; why and until when",
    "lead.stopped": "left the pipeline; why",
    "lead.moved": "any other change of stage",
    "lead.obeyed": "the operator's word was carried out",
    "lead.mended": "a row edited by hand was put back",
    "mail.held": "no mail to anybody now; why",
    "mail.sent": "the mailer accepted a mail",
    "mail.refused": "nothing left; why",
    "mail.unknown": "it may have left: to be settled by reconcile",
    "mail.settled": "an attempt in doubt became sent or absent",
    "mail.delivered": "a mail arrived",
    "mail.extra": "the mailer says that a step left twice",
    "mail.own": "a mail to the operator left",
    "reply.known": "a person replied",
    "store.away": "what was concluded waits in the ledger; the store cannot be written",
    "ledger.behind": "the mailer or the store knows what the ledger did not",
    "vendor.halted": "a vendor account is off; why",
    "model.unknown": "whether the writer's model will be shut down could not be learned",
    "halt.set": "something was switched off",
    "halt.lifted": "something was switched on again",
    "guard.paused": "bounces or complaints say that the list is bad",
    "guard.warned": "one complaint",
    "clock.off": "our clock is not to be trusted",
    "reconcile.complete": "all events up to an instant are in",
    "operator.told": "an alert went out",
    "operator.untold": "an alert could not be told; it is in this log instead",
}
TAIL_LINES = 20


class Log:
    """The log of this process: structlog beneath, the last lines kept for alerts, listeners for the demo."""

    def __init__(self, *, quiet: bool = False) -> None:
        """`quiet`: nothing is printed (the demo prints its own lines)."""
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self.listeners: list[Callable[[str, Mapping[str, str | int | float]], None]] = []
        self._quiet = quiet

    def write(self, event: str, **fields: str | int | float) -> None:
        """One line; raises ValueError for a word that is not in the list."""
        if event not in EVENTS:
            raise ValueError(f"{event!r} is no event of the log; add it to EVENTS with its meaning")
        fields = {name: unquoted(value) if isinstance(value, str) else value for name, value in fields.items()}
        self.tail.append(" ".join([event, *(f"{name}={value}" for name, value in fields.items())]))
        if not self._quiet:
            structlog.get_logger().info(event, **fields)
        for listener in self.listeners:
            listener(event, fields)

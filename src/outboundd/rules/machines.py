"""Was a mail opened or clicked by a person, or by a scanner, a proxy or a preview that fetched it for one?

A mailer sees that a picture or a link was fetched, not by whom. Likely a machine's is what the mailer itself calls a
proxy's, what comes with the delivery or within AT_ONCE of it, and clicks that come BURST at a time, with the openings
around them. The error goes both ways. A person who opens at once, or whose mail program always fetches through a proxy
(Apple's does), counts as a machine; a scanner that waits, and fetches one link, counts as a person. So the rate of
people is neither a floor nor a ceiling: compare it between variants, and go by replies.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from outboundd.model.mail import Event, EventKind

AT_ONCE = timedelta(seconds=10)
BURST, WITHIN = 3, timedelta(seconds=3)  # so many clicks in so short a time; a double click is a person's
_TOUCHES = frozenset({EventKind.OPENED, EventKind.CLICKED})


def machine_only(events: Sequence[Event]) -> frozenset[EventKind]:
    """Of opening and clicking, what was done to this mail, and by nothing that may have been a person.

    `events` are those of one mail; without its delivery the clicks and the mailer's own word tell.
    """
    arrived = min((event.at for event in events if event.kind is EventKind.DELIVERED), default=None)
    bursts = _bursts(sorted(event.at for event in events if event.kind is EventKind.CLICKED))
    touches = [event for event in events if event.kind in _TOUCHES]
    by_people = {event.kind for event in touches if not _is_likely_machine(event, arrived, bursts)}
    return frozenset({event.kind for event in touches} - by_people)


def _bursts(clicks: Sequence[datetime]) -> list[datetime]:
    """Where many clicks at once begin."""
    return [first for first, last in zip(clicks, clicks[BURST - 1 :], strict=False) if last - first <= WITHIN]


def _is_likely_machine(event: Event, arrived: datetime | None, bursts: Sequence[datetime]) -> bool:
    if event.by_machine or (arrived is not None and event.at - arrived <= AT_ONCE):
        return True
    return any(abs(event.at - begun) <= WITHIN for begun in bursts)

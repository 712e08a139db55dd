"""Do the domains of a list take mail? Each is asked about once, many at a time, within bounded time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import anyio

from outboundd.ports import NameService, Transient
from outboundd.rules import mail_routes

AT_ONCE = 32
TOGETHER_S = 120.0  # the operator waits; what has not answered by then is taken
SILENT_IN_A_ROW = 64  # then the name service itself is away


@dataclass(kw_only=True)
class LookedUp:
    """What came of it: domains that take no mail and why, and those of which nothing is known."""

    closed: dict[str, str] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    silent_in_a_row: int = 0


async def look_up(called: Callable[[], NameService], domains: Iterable[str]) -> LookedUp:
    """Call the name service and ask about these domains; what nobody answers in time is no fault of the domain."""
    wanted = sorted(set(domains))
    found = LookedUp(unanswered=set(wanted))
    waiting = iter(wanted)
    try:
        names = called()
    except Transient:
        return found

    async def ask() -> None:
        for domain in waiting:
            if found.silent_in_a_row >= SILENT_IN_A_ROW:
                return
            await _ask(names, domain, found)

    with anyio.move_on_after(TOGETHER_S):
        async with anyio.create_task_group() as group:
            for _ in range(min(AT_ONCE, len(wanted))):
                group.start_soon(ask)
    return found


async def _ask(names: NameService, domain: str, found: LookedUp) -> None:
    try:
        records = await names.mail_records(domain)
    except Transient:
        found.silent_in_a_row += 1
        return
    found.silent_in_a_row = 0
    found.unanswered.discard(domain)
    why = mail_routes.objection(records.exchanges, has_address=records.has_address)
    if why:
        found.closed[domain] = why

"""How does a list of people and domains never to write to come in (customers, competitors, old unsubscribes)?"""

import base64
from collections import Counter
from collections.abc import AsyncGenerator, Sequence

from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.commands.stop import end_rows
from outboundd.commands.words import many
from outboundd.model.lead import Lead
from outboundd.ports import Failure
from outboundd.rules import import_file, lifecycle, suppression
from outboundd.rules.texts import quoted

TELL_EVERY = 500


async def suppress(desk: Desk, *, name: str, content: str) -> AsyncGenerator[Line, None]:
    """Everything onto the list first, then the rows that it names end."""
    try:
        addresses, domains, rejects = suppression.parse(import_file.decoded(base64.b64decode(content))[0])
    except ValueError as error:
        raise Refusal(2, f"{name}: {error}") from error
    if not addresses and not domains:
        raise Refusal(2, f"{name}: holds no address and no domain; write one a line, a domain bare or behind an @")
    new = 0
    try:
        for count, entry in enumerate([*domains, *addresses], start=1):
            new += await _add(desk, entry, f"list {quoted(name)}")
            if count % TELL_EVERY == 0:
                yield Line(progress=(count, len(domains) + len(addresses)))
        rows = [] if desk.dry else await _rows_on_the_list(desk)
        ended = await end_rows(desk, rows, f"on the suppression list: list {quoted(name)}")
    except Failure as failure:
        raise Refusal(1, f"{new} entries are in, then: {failure}; mend that and run the same import again") from failure
    known = len(addresses) + len(domains) - new
    reasons = Counter(reason for _, _, reason in rejects)
    data = {"addresses": len(addresses), "domains": len(domains), "new": new, "known": known, "rows_ended": ended}
    yield Line(
        text=_told(len(addresses), len(domains), new, ended, dry=desk.dry),
        data={**data, "rejected": len(rejects), "reasons": dict(reasons)},
    )
    for reason, times in reasons.most_common():
        yield Line(text=f"  {times:>5} rejected: {reason}")
    if rejects and not desk.dry:
        cells = tuple((line, reason, (entry,)) for line, entry, reason in rejects)
        yield Line(file=(".rejects.csv", import_file.rejects_csv(("Entry",), cells)))


async def _add(desk: Desk, entry: str, why: str) -> bool:
    listed, now = desk.parts.world.suppression, desk.parts.world.clock.now()
    if "@" in entry:
        return await listed.suppress(listed.person(entry), why, now)
    return await listed.suppress_domain(entry, why, now)


async def _rows_on_the_list(desk: Desk) -> Sequence[Lead]:
    """Rows of the whole store that are on the list and have not ended."""
    return [
        row
        async for page in desk.parts.world.store.pages()
        for row in page
        if row.stands not in lifecycle.TERMINAL and await desk.parts.fact_book.suppressed(row) is not None
    ]


def _told(addresses: int, domains: int, new: int, ended: int, *, dry: bool) -> str:
    said = f"{many(addresses, 'address', 'addresses')} and {many(domains, 'domain')}, {new} new on the suppression list"
    return f"dry run, nothing was written: {said}" if dry else f"{said}; {many(ended, 'row')} moved to do_not_contact"


SUPPRESS = Command(name="suppress", doc="addresses and domains never to write to (import --suppress)", run=suppress)

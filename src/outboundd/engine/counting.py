"""What do the counting columns of a lead say, by all that its mails have met with?"""

from outboundd.model.lead import Counters, Value
from outboundd.ports import Ledger
from outboundd.rules import events


async def counters_of(ledger: Ledger, lead: str, shown: Counters) -> Counters:
    """Absolute values from the ledger's events, given what the row shows: they never count back."""
    outcomes = [events.fold(await ledger.events_of(one.tag), one) for one in await ledger.attempts(lead=lead)]
    return events.counters(shown, outcomes)


async def to_be_shown(ledger: Ledger, lead: str) -> tuple[Counters, dict[str, Value]]:
    """The counting columns as they should stand in the row, and the patch that makes them so."""
    seen = await ledger.seen(lead)
    shown = seen.shown if seen else Counters()
    counted = await counters_of(ledger, lead, shown)
    return counted, events.differing(shown, counted)

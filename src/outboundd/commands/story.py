"""What is known about one lead: its row, what left, what came back, and what the gate says of it now?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from outboundd.commands import words
from outboundd.commands.as_it_stands import as_it_stands, facts_of
from outboundd.commands.desk import Desk
from outboundd.engine.counting import counters_of
from outboundd.model.decision import WAIVABLE, Decision, Hold, HoldKind, Stop, Transition
from outboundd.model.facts import SOURCE, Facts
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import Attempt, Event, EventKind
from outboundd.rules import events, forecast
from outboundd.rules.decide import decide


@dataclass(frozen=True, kw_only=True)
class Story:
    """Everything about one lead."""

    lead: Lead
    facts: Facts
    decision: Decision
    earliest: datetime | None
    in_view: bool
    mails: Sequence[tuple[Attempt, Sequence[Event]]]
    life: Sequence[Transition]


async def story_of(desk: Desk, row: Lead) -> Story:
    """Everything about the lead of a row; nothing is changed."""
    ledger, now = desk.parts.world.ledger, desk.parts.world.clock.now()
    lead = await as_it_stands(desk, row)
    facts = await facts_of(desk, lead, await ledger.traffic(now), now)
    counted = await counters_of(ledger, lead.id, lead.counters)  # the row may show them tomorrow only
    lead = lead.with_fields(events.differing(lead.counters, counted))
    attempts = sorted(await ledger.attempts(lead=lead.id), key=lambda attempt: attempt.posted_at)
    return Story(
        lead=lead,
        facts=facts,
        decision=decide(lead, caught_up(facts, now), now),
        earliest=forecast.earliest(lead, facts, now),
        in_view=bool(await desk.parts.world.store.read([lead.id])),
        mails=[(attempt, sorted(await ledger.events_of(attempt.tag), key=_in_order)) for attempt in attempts],
        life=await ledger.transitions(lead.id),
    )


def _in_order(event: Event) -> tuple[datetime, int]:
    """By instant; of one instant as they come in a mail's life."""
    return event.at, list(EventKind).index(event.kind)


def halts_at_hand(story: Story) -> set[str]:
    """The halts that this very hold speaks of."""
    if not isinstance(story.decision, Hold) or story.decision.kind not in (
        HoldKind.PAUSE,
        HoldKind.HALT,
        HoldKind.SOURCE,
    ):
        return set()
    ours = {"mail", story.facts.mailer, "guard", "pool", f"{SOURCE}{story.lead.source}"}
    return {next(halt.what for halt in story.facts.traffic.halts if halt.what in ours)}


def remedy(story: Story) -> str:
    """What the operator may type so that it goes on; empty when nothing needs him."""
    decision = story.decision
    for what in halts_at_hand(story):
        return words.resume(what)
    if isinstance(decision, Hold) and decision.kind is HoldKind.WAIT and decision.until is None:
        return "the next complete look at the mailer, by the schedule or at once: outboundd once reconcile"
    if not isinstance(decision, Stop) or decision.stage is not Stage.REVIEW:
        return ""
    if decision.objection in WAIVABLE:
        return f"outboundd override {story.lead.id} approve, or mend the row; never again: override … stop"
    return "mend the row; it is looked at once a day, and at once after: outboundd once reconcile"


def caught_up(facts: Facts, now: datetime) -> Facts:
    """The facts as a run finds them: each one reads the mailer before it sends, so that is no reason to wait."""
    return replace(facts, traffic=replace(facts.traffic, reconciled_at=now))

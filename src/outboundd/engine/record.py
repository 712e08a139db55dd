"""How does a conclusion about a lead become durable, once, and how does the store learn of it?

The ledger is written first: (lead, seq) is unique there, which is the compare-and-set of two writers of one lead. The
store is written after, one patch a lead: fields and trail together. What cannot be pushed now waits in the ledger.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from outboundd.engine.journal import Log
from outboundd.model.decision import Change, Transition
from outboundd.model.lead import Lead, Stage, Value
from outboundd.ports import Broken, Clock, Failure, LeadStore, Ledger, Refused, SuppressionList
from outboundd.rules import addresses, lifecycle, suppression, trail

BATCH = 10


class Recorder:
    """The one writer of transitions and of the machine's columns."""

    def __init__(
        self, *, store: LeadStore, ledger: Ledger, suppression: SuppressionList, clock: Clock, log: Log
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._suppression = suppression
        self._clock = clock
        self._log = log

    async def record(self, lead: Lead, *changes: Change) -> Lead:
        """Commit the changes, in order, onto the lead as it was read. Returns the lead after them.

        Raises Conflict when another writer was first (read again, decide again) and Broken for an illegal move.
        """
        transitions = await self.number(lead, changes)
        await self._suppress(lead, transitions)
        await self._ledger.commit(transitions)
        return self.after(lead, transitions)

    async def number(self, lead: Lead, changes: Sequence[Change]) -> list[Transition]:
        """The changes as the lead's next transitions: numbered, chained, not committed yet."""
        head = await self._ledger.head(lead.id)
        previous_id = head.id if head is not None and head.seq == lead.seq else ""
        at = self._clock.now().replace(microsecond=0)
        was, numbered = lead.stands, []
        for seq, change in enumerate(changes, start=lead.seq + 1):
            if not lifecycle.legal(was, change.now):
                raise Broken("engine", "illegal move", f"{was} to {change.now}")
            link = trail.chain(previous_id, _transition(lead.id, seq, at, was, change))
            numbered.append(link)
            previous_id, was = link.id, change.now
        return numbered

    def after(self, lead: Lead, transitions: Sequence[Transition]) -> Lead:
        """The lead after these transitions, and the log lines that tell them."""
        for transition in transitions:
            lead = laid_over(lead, [transition])
            self._tell(lead, transition)
        return lead

    async def _suppress(self, lead: Lead, transitions: Sequence[Transition]) -> None:
        """Who leaves for good is on the suppression list before the stage says so: other rows of the person follow."""
        for transition in transitions:
            if transition.now not in lifecycle.TERMINAL or transition.was == transition.now:
                continue
            try:
                person = self._suppression.person(addresses.normalise(lead.email))
            except ValueError:
                continue  # no address, so nobody who could be written to
            await self._suppression.suppress(person, suppression.why_for(transition.now), transition.at)

    async def push(self, ids: Sequence[str] = (), limit: int = 1000) -> bool:
        """Show the store what it does not show yet (of these leads, or of all). False when some had to wait."""
        waiting = [one for lead in ids or (None,) for one in await self._ledger.unpushed(lead, limit)]
        by_lead = {
            lead: list(group)
            for lead, group in groupby(sorted(waiting, key=lambda t: (t.lead, t.seq)), key=lambda t: t.lead)
        }
        complete = True
        leads = sorted(by_lead)
        for start in range(0, len(leads), BATCH):
            batch = {lead: by_lead[lead] for lead in leads[start : start + BATCH]}
            complete = await self._push_batch(batch) and complete
        return complete

    async def _push_batch(self, batch: Mapping[str, Sequence[Transition]]) -> bool:
        patches = {lead: await self._patch(lead, waiting) for lead, waiting in batch.items()}
        try:
            await self._store.apply(patches)
        except Refused:
            return await self._push_row_by_row(batch, patches)
        except Failure as failure:
            self._log.write("store.away", vendor=failure.vendor, reason=failure.cause)
            return False
        for lead, waiting in batch.items():
            await self._ledger.pushed(lead, waiting[-1].seq, self._clock.now())
        return True

    async def _push_row_by_row(
        self, batch: Mapping[str, Sequence[Transition]], patches: Mapping[str, Mapping[str, Value]]
    ) -> bool:
        complete = True
        for lead, waiting in batch.items():
            try:
                await self._store.apply({lead: patches[lead]})
            except Failure as failure:
                self._log.write("store.away", vendor=failure.vendor, lead=lead, reason=failure.cause)
                complete = False
            else:
                await self._ledger.pushed(lead, waiting[-1].seq, self._clock.now())
        return complete

    async def _patch(self, lead: str, waiting: Sequence[Transition]) -> dict[str, Value]:
        """Fields and trail of the same transitions: one recorded since is for the next push, with its fields."""
        fields: dict[str, Value] = {}
        for transition in waiting:
            fields |= transition.patch
        told = [one for one in await self._ledger.transitions(lead) if one.seq <= waiting[-1].seq]
        return {**fields, "trail": trail.render(told)}

    def _tell(self, lead: Lead, transition: Transition) -> None:
        event = _event(transition)
        if event:
            self._log.write(event, lead=lead.id, step=lead.step, stage=transition.now, reason=transition.why)


def laid_over(lead: Lead, transitions: Sequence[Transition]) -> Lead:
    """The row with transitions laid over it that the store does not show yet.

    One that was read back from a trail has no fields; its stage it tells all the same.
    """
    for transition in transitions:
        lead = lead.with_fields({**transition.patch, "stage": transition.now, "seq": transition.seq})
    return lead


def _transition(lead: str, seq: int, at: datetime, was: Stage, change: Change) -> Transition:
    """Every change of stage clears what the row waited for, unless the change says anew."""
    fresh: dict[str, Value] = {"waiting_for": "", "next_at": None} if was != change.now else {}
    return Transition(
        lead=lead,
        seq=seq,
        at=at,
        was=was,
        now=change.now,
        why=change.why,
        patch={**fresh, **change.patch, "stage": change.now.value},
        basis=change.basis,
        tag=change.tag,
        text=change.text,
        waives=change.waives,
        objection=change.objection,
    )


def _event(transition: Transition) -> str:
    if transition.was == transition.now:
        return ""
    return STAGE_EVENTS.get(transition.now, "lead.moved" if transition.now in lifecycle.LIVE else "lead.stopped")


STAGE_EVENTS = {
    Stage.VERIFIED: "lead.verified",
    Stage.MISMATCHED: "lead.mismatched",
    Stage.REVIEW: "lead.review",
    Stage.DRAFTED: "lead.drafted",
    Stage.SENT: "mail.sent",
    Stage.DELIVERED: "mail.delivered",
    Stage.REPLIED: "reply.known",
}

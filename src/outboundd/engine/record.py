"""How does a conclusion about a lead become durable, once, and how does the store learn of it?

The ledger is written first: (lead, seq) is unique there, which is the compare-and-set of two writers of one lead. The
store is written after, one patch a lead: fields, trail and counting columns together. What cannot be pushed now waits
in the ledger.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from outboundd.engine.alerts import Alerts
from outboundd.engine.counting import counters_of, to_be_shown
from outboundd.engine.journal import Log
from outboundd.engine.patches import Patches, Written
from outboundd.model.decision import Change, Transition
from outboundd.model.lead import Counters, Lead, Stage, Value
from outboundd.ports import Broken, Clock, Ledger, SuppressionList
from outboundd.rules import addresses, lifecycle, pushing, suppression, trail
from outboundd.rules.pushing import ROWS_A_REQUEST

REFUSED_FOR = timedelta(hours=1)
REFUSED = "row"  # of an incident: REFUSED.cause


class Recorder:
    """The one writer of transitions and of the machine's columns."""

    def __init__(
        self,
        *,
        patches: Patches,
        ledger: Ledger,
        suppression: SuppressionList,
        alerts: Alerts,
        clock: Clock,
        log: Log,
    ) -> None:
        self._patches = patches
        self._ledger = ledger
        self._suppression = suppression
        self._alerts = alerts
        self._clock = clock
        self._log = log
        self._refused: dict[str, datetime] = {}

    async def record(self, lead: Lead, *changes: Change) -> Lead:
        """Commit the changes, in order, onto the lead as it was read. Returns the lead after them.

        Raises Conflict when another writer was first (read again, decide again) and Broken for an illegal move.
        """
        transitions = await self.number(lead, changes)
        await self._suppress(lead, transitions)
        await self._ledger.commit(transitions)
        return self.after(lead, transitions)

    async def erase_words(self, lead: Lead, changes: Sequence[Change]) -> Lead:
        """Erase subjects, texts and research of the lead as it was read, and tell of it in its trail, all or none."""
        transitions = await self.number(lead, changes)
        await self._ledger.erase_words(lead.id, transitions, self._clock.now())
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

    async def push(self, ids: Sequence[str] = ()) -> bool:
        """Show the store what it does not show yet, of these leads or of all. False when some had to wait."""
        if not ids:
            return await self._show(await self._ledger.unpushed(in_queue=True))
        return await self._show([one for lead in ids for one in await self._ledger.unpushed(lead)])

    async def push_due(self, leads: Sequence[str] = ()) -> bool:
        """Show the store what it has to show by now: of these leads, and of the others that wait longest.

        False when some had to wait for the store.
        """
        now = self._clock.now()
        ours = [one for lead in leads for one in await self._ledger.unpushed(lead)]
        others = [one for one in await self._ledger.unpushed(in_queue=True) if one.lead not in set(leads)]
        waiting = [one for one in (*ours, *others) if not self._refused_lately(one.lead, now)]
        due = set(pushing.due(waiting, now))
        shown = await self._show([one for one in waiting if one.lead in due])
        if shown and len(waiting) == len(ours) + len(others):
            await self._all_taken()
        return shown

    async def _all_taken(self) -> None:
        """No row refuses its patch any more: what was told of it is over."""
        for incident in await self._ledger.incidents(open_only=True):
            if incident.what.startswith(f"{REFUSED}."):
                await self._alerts.over(incident.what)

    async def push_counters(self) -> bool:
        """Show every lead's counting columns that no other patch took along. False when the store went away."""
        leads = await self._ledger.uncounted()
        for start in range(0, len(leads), ROWS_A_REQUEST):
            told = {lead: await to_be_shown(self._ledger, lead) for lead in leads[start : start + ROWS_A_REQUEST]}
            written = await self._patches.write({lead: patch for lead, (_, patch) in told.items() if patch})
            for lead, (counted, patch) in told.items():
                if not patch or lead in written.rows:
                    await self._counted(lead, counted)
            if written.away:
                return False
        return True

    async def _show(self, waiting: Sequence[Transition]) -> bool:
        """One patch a lead, ten in a request; after a request that the store did not answer no other is made."""
        by_lead = {
            lead: list(group)
            for lead, group in groupby(sorted(waiting, key=lambda t: (t.lead, t.seq)), key=lambda t: t.lead)
        }
        shown, leads = set[str](), sorted(by_lead)
        for start in range(0, len(leads), ROWS_A_REQUEST):
            batch = {lead: by_lead[lead] for lead in leads[start : start + ROWS_A_REQUEST]}
            written = await self._show_batch(batch)
            shown |= written.rows
            if written.away:
                break
        return len(shown) == len(leads)

    async def _show_batch(self, batch: Mapping[str, Sequence[Transition]]) -> Written:
        told = {lead: await to_be_shown(self._ledger, lead) for lead in batch}
        patches = {lead: {**await self._patch(lead, waiting), **told[lead][1]} for lead, waiting in batch.items()}
        written = await self._patches.write(patches)
        now = self._clock.now()
        for lead in written.rows:
            await self._ledger.pushed(lead, batch[lead][-1].seq, now)
            if told[lead][1]:
                await self._counted(lead, told[lead][0])
        self._refused |= dict.fromkeys(written.refused, now)
        for lead, failure in written.refused.items():
            title = "A row does not take what is written"
            text = f"lead {lead}: {failure}"
            await self._alerts.tell(f"{REFUSED}.{failure.cause}", title, text)
        return written

    async def _counted(self, lead: str, shown: Counters) -> None:
        """The mark goes unless an event came in while the store was written."""
        if await counters_of(self._ledger, lead, shown) == shown:
            await self._ledger.counted(lead, shown)

    def _refused_lately(self, lead: str, now: datetime) -> bool:
        """A row that does not take its patch (a column's option is missing) is not tried at every push."""
        return lead in self._refused and timedelta(0) <= now - self._refused[lead] < REFUSED_FOR

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

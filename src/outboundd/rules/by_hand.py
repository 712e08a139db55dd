"""What did somebody do to the machine's columns by hand, and what follows?

The machine alone writes Stage and Trail. A Stage edited all the same is honoured where it stops, else put back with a
line that names Override; an entry of the trail that was altered or removed is restored and named.
"""

from collections.abc import Sequence

from outboundd.model.decision import Change, Transition
from outboundd.model.lead import Lead, Stage
from outboundd.rules import lifecycle
from outboundd.rules.trail import Mended


def shown(lead: Lead, pushed: Sequence[Transition]) -> Transition | None:
    """The transition that the row as read reflects: the last one whose id its trail names, else the last pushed."""
    named = [transition for transition in pushed if transition.id and f"id {transition.id}" in lead.trail]
    if named:
        return named[-1]
    return pushed[-1] if pushed else None


def stage_edited(lead: Lead, reflects: Transition | None) -> Change | None:
    """What to record for a Stage that is not the one we wrote; None when it is ours."""
    ours = reflects.now if reflects else Stage.NEW
    if lead.stands is ours or (lead.stage is None and reflects is None):
        return None
    if lead.stands in lifecycle.STOPPING and lifecycle.legal(ours, lead.stands):
        return Change(now=lead.stands, why=f"Stage was set to {lead.stands} by hand: honoured")
    why = f"Stage was set to {lead.stands} by hand: put back; to speak to the machine, use Override"
    return Change(now=ours, why=why, patch={"stage": ours.value})


def trail_mended(mended: Mended) -> str:
    """The line that names what was restored in the trail; '' when there was nothing."""
    parts = [
        f"{name} {', '.join(f'#{seq}' for seq in entries)}"
        for name, entries in (("altered", mended.altered), ("removed", mended.removed))
        if entries
    ]
    if mended.foreign:
        parts.append("words written into it: " + " / ".join(mended.foreign)[:2000])
    return f"Trail was edited by hand and restored ({'; '.join(parts)})" if parts else ""

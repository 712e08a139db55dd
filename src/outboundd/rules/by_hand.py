"""What did somebody do to the machine's columns by hand, and what follows?

The machine alone writes Stage and Trail. A Stage edited all the same is honoured where it stops, else put back with a
line that names Override; an entry of the trail that was altered or removed is restored and named.
"""

from collections.abc import Sequence

from outboundd.model.decision import Change, Transition
from outboundd.model.lead import Lead, Stage, Value
from outboundd.rules import lifecycle
from outboundd.rules.texts import quoted
from outboundd.rules.trail import Mended

_LONGEST_NOTE = 2000


def shown(lead: Lead, known: Sequence[Transition], pushed: Sequence[Transition]) -> Transition | None:
    """The transition that the row as read reflects: the last one whose id its trail names, else the last pushed.

    It may be later than the last pushed (we were killed between the patch and its mark) or earlier (a restored row).
    """
    named = [transition for transition in known if transition.id and f"id {transition.id}" in lead.trail]
    return next(reversed(named or pushed), None)


def stage_edited(row: Lead, reflects: Transition | None, stands: Stage) -> Change | None:
    """What to record for a Stage that is not the one we wrote; None when it is ours.

    `stands` is the lead's stage by the ledger, which may be further than what the row reflects.
    """
    if row.stands in (stands, reflects.now if reflects else Stage.NEW):
        return None
    if reflects is None and (row.first_sent_at or row.last_sent_at or row.message_ids):
        return None  # an older system's stage: left for adopt
    if row.stands in lifecycle.STOPPING and lifecycle.legal(stands, row.stands):
        return Change(now=row.stands, why=f"Stage was set to {row.stands} by hand: honoured")
    if row.stands in lifecycle.STOPPING and stands in lifecycle.LIVE:
        return Change(now=Stage.FINISHED, why=f"Stage was set to {row.stands} by hand: honoured, nothing more is sent")
    why = f"Stage was set to {row.stands} by hand: put back; to speak to the machine, use Override"
    return Change(now=stands, why=why)


def lost(reflects: Transition | None, pushed: Sequence[Transition]) -> dict[str, Value]:
    """The fields that a row put back to an earlier version has lost."""
    fields: dict[str, Value] = {}
    for transition in pushed:
        if reflects is not None and transition.seq > reflects.seq:
            fields |= transition.patch
    return fields


def variant_for_life(row: Lead, known: Sequence[Transition]) -> str:
    """The arm the lead was given, whatever stands in the cell; the cell's where no transition tells (a lost ledger)."""
    given = (str(transition.patch["variant"]) for transition in known if transition.patch.get("variant"))
    return next(given, row.variant)


def trail_mended(mended: Mended) -> str:
    """The line that names what was restored in the trail; '' when there was nothing."""
    parts = [
        f"{name} {', '.join(f'#{seq}' for seq in entries)}"
        for name, entries in (("altered", mended.altered), ("removed", mended.removed))
        if entries
    ]
    if mended.foreign:
        parts.append(f"words written into it: {quoted(' / '.join(mended.foreign), _LONGEST_NOTE)}")
    return f"Trail was edited by hand and restored ({'; '.join(parts)})" if parts else ""

"""Which moves between stages are legal? One table; the drawing in the docs is made from it."""

from collections.abc import Mapping

from outboundd.model.lead import Stage

LIVE = frozenset({Stage.NEW, Stage.REVIEW, Stage.VERIFIED, Stage.DRAFTED, Stage.SENT, Stage.DELIVERED})
TERMINAL = frozenset({Stage.REPLIED, Stage.BOUNCED, Stage.UNSUBSCRIBED, Stage.COMPLAINED, Stage.DO_NOT_CONTACT})
SETS: Mapping[str, frozenset[Stage]] = {"live": LIVE, "terminal": TERMINAL}
# Stages that end all writing to a person: a hand-set Stage of these is honoured.
STOPPING = TERMINAL | {Stage.FINISHED, Stage.MISMATCHED}

# The machine's own path. Besides it, every live stage may go to review, finished or a terminal stage.
PATH: Mapping[Stage, frozenset[Stage]] = {
    Stage.NEW: frozenset({Stage.VERIFIED, Stage.MISMATCHED}),
    Stage.VERIFIED: frozenset({Stage.DRAFTED}),
    Stage.DRAFTED: frozenset({Stage.SENT, Stage.VERIFIED, Stage.DELIVERED}),
    Stage.SENT: frozenset({Stage.DELIVERED, Stage.DRAFTED}),
    Stage.DELIVERED: frozenset({Stage.DRAFTED}),
    # back to where it came from, when the objection is gone or waived
    Stage.REVIEW: frozenset({Stage.NEW, Stage.VERIFIED, Stage.DRAFTED, Stage.SENT, Stage.DELIVERED}),
    Stage.MISMATCHED: frozenset({Stage.NEW, Stage.VERIFIED, Stage.DO_NOT_CONTACT}),
    # a later answer, bounce or unsubscribe is still taken in
    Stage.FINISHED: TERMINAL,
}
# Identity edited before anything was sent, or recheck: verification starts again.
RESTART: Mapping[Stage, frozenset[Stage]] = {stage: frozenset({Stage.NEW}) for stage in (Stage.VERIFIED, Stage.DRAFTED)}
# The mailer has the last word: what it says was sent was sent, wherever we thought the lead stood.
MAILER_SAYS: Mapping[Stage, frozenset[Stage]] = {stage: frozenset({Stage.SENT}) for stage in LIVE}


def legal(was: Stage, now: Stage) -> bool:
    """May a lead go from `was` to `now`? A mere line in the trail (the same stage) always may be written."""
    return was == now or now in moves_from(was)


def moves_from(was: Stage) -> frozenset[Stage]:
    """All stages that may follow `was`."""
    moves = PATH.get(was, frozenset()) | RESTART.get(was, frozenset()) | MAILER_SAYS.get(was, frozenset())
    if was in LIVE:
        moves |= TERMINAL | {Stage.REVIEW, Stage.FINISHED}
    return moves - {was}


def drawing() -> str:
    """Every legal move as a Mermaid state diagram, for `docs/ARCHITECTURE.md`. A set stands for its stages."""
    lines = [
        "stateDiagram-v2",
        *(f'    state "{name}: {", ".join(sorted(stages))}" as {name}' for name, stages in SETS.items()),
        "    [*] --> new",
    ]
    for table in (PATH, RESTART):
        lines += [f"    {was} --> {now}" for was, nexts in table.items() for now in _shortly(nexts)]
    lines += [f"    live --> {now}" for now in (Stage.SENT, Stage.REVIEW, Stage.FINISHED, "terminal")]
    return "\n".join(lines) + "\n"


def _shortly(stages: frozenset[Stage]) -> list[str]:
    """A whole set by its name, else its stages in their order."""
    return [name for name, members in SETS.items() if members == stages] or sorted(stages)

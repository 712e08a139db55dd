"""What does the operator's word on one lead do?

Override is an inbox: the machine obeys, writes the trail line and empties the cell. A word without meaning stays, with
a sentence in Waiting for. Obeying is idempotent, so a word that is read twice does no harm.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from outboundd.model.decision import WAIVABLE, Change, Objection
from outboundd.model.facts import History
from outboundd.model.lead import Lead, Stage, Value
from outboundd.model.mail import LIVE_STATES, Attempt, AttemptState
from outboundd.rules import basis, lifecycle


@dataclass(frozen=True, kw_only=True)
class Obeyed:
    """What to do: a change (None: nothing is left to do), and how an attempt in doubt is settled."""

    change: Change | None = None
    settle: AttemptState | None = None


def obey(lead: Lead, history: History) -> Obeyed | str:
    """Carry out `lead.override`; a str is the sentence for Waiting for when the word cannot be obeyed."""
    word = " ".join(lead.override.lower().replace("_", " ").split())
    story = WORDS.get(word)
    if story is None:
        return f'Override "{word[:40]}" is no word of ours; use one of: {", ".join(WORDS)}'
    return story(lead, history)


def sent_before(lead: Lead, history: History) -> bool:
    """Has any mail to this lead left, or may it have?"""
    return lead.first_sent_at is not None or any(a.state in LIVE_STATES for a in history.attempts)


def _stop(lead: Lead, _: History) -> Obeyed | str:
    if lead.stands in lifecycle.TERMINAL:
        return Obeyed()
    return Obeyed(change=Change(now=Stage.DO_NOT_CONTACT, why="Override: stop"))


def _replied(lead: Lead, _: History) -> Obeyed | str:
    if lead.stands in lifecycle.TERMINAL:
        return Obeyed()
    if not lifecycle.legal(lead.stands, Stage.REPLIED):
        return f"Override replied: a lead in stage {lead.stands} was never written to; use stop"
    return Obeyed(change=Change(now=Stage.REPLIED, why="Override: replied"))


def _recheck(lead: Lead, history: History) -> Obeyed | str:
    if lead.stands is Stage.NEW:
        return Obeyed()
    if sent_before(lead, history):
        return "Override recheck: this person was already written to; a new person needs a new row"
    if not lifecycle.legal(lead.stands, Stage.NEW):
        return f"Override recheck: a lead in stage {lead.stands} is not looked at again"
    return Obeyed(change=Change(now=Stage.NEW, why="Override: recheck", patch={"attribution": ""}))


def _redraft(lead: Lead, history: History) -> Obeyed | str:
    if lead.stands in (Stage.NEW, Stage.VERIFIED, Stage.DELIVERED):
        return Obeyed()
    from_review = lead.stands is Stage.REVIEW and history.came_from is Stage.DRAFTED
    if lead.stands is not Stage.DRAFTED and not from_review:
        return f"Override redraft: a lead in stage {lead.stands} has no draft"
    return Obeyed(change=without_draft(lead, "Override: redraft"))


def without_draft(lead: Lead, why: str) -> Change:
    """Back to the stage before the draft; the old text is kept in the trail."""
    old = f"Subject: {lead.subject}\n\n{lead.body}" if lead.subject or lead.body else ""
    patch: dict[str, Value] = {"subject": "", "body": "", "step": max(lead.step - 1, 0)}
    now = Stage.DELIVERED if lead.step > 0 else Stage.VERIFIED
    return Change(now=now, why=why, patch=patch, basis=basis.identity(lead), text=old)


def _approve(lead: Lead, history: History) -> Obeyed | str:
    if lead.stands is Stage.MISMATCHED:
        return Obeyed(change=_waive(lead, Stage.VERIFIED, Objection.ATTRIBUTION))
    if lead.stands is not Stage.REVIEW:
        return Obeyed()
    objection = history.objection
    if objection is None or objection not in WAIVABLE:
        return f"Override approve: {objection or 'this'} cannot be waived; mend what Waiting for says"
    back = history.came_from or Stage.NEW
    if objection is Objection.ATTRIBUTION:
        back = Stage.VERIFIED
    if objection is Objection.LINT:
        back = Stage.DRAFTED
    return Obeyed(change=_waive(lead, back, objection))


def _waive(lead: Lead, now: Stage, objection: Objection) -> Change:
    on = basis.draft(lead) if now is Stage.DRAFTED else basis.identity(lead)
    return Change(now=now, why=f"Override: approve ({objection})", basis=on, waives=objection)


def _sent(lead: Lead, history: History) -> Obeyed | str:
    if lead.stands in (Stage.SENT, Stage.DELIVERED):
        return Obeyed()
    if _in_doubt(history) is None:
        return "Override sent: no mail of this lead is in doubt; a mail sent elsewhere is told with stop or replied"
    return Obeyed(settle=AttemptState.SENT)


def _not_sent(lead: Lead, history: History) -> Obeyed | str:
    if _in_doubt(history) is None:
        return "Override not sent: no mail of this lead is in doubt"
    return Obeyed(
        change=Change(now=lead.stands, why="Override: not sent"),
        settle=AttemptState.ABSENT,
    )


def _in_doubt(history: History) -> Attempt | None:
    return next((a for a in history.attempts if a.state is AttemptState.UNKNOWN), None)


WORDS: Mapping[str, Callable[[Lead, History], Obeyed | str]] = {
    "stop": _stop,
    "replied": _replied,
    "recheck": _recheck,
    "redraft": _redraft,
    "approve": _approve,
    "sent": _sent,
    "not sent": _not_sent,
}

"""What does the operator's word on one lead do?

Override is an inbox: the machine obeys, writes the trail line and empties the cell. A word without meaning stays, with
a sentence in Waiting for. Obeying is idempotent, so a word that is read twice does no harm.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from outboundd.model.decision import WAIVABLE, Change, Objection
from outboundd.model.facts import History
from outboundd.model.lead import Lead, Stage, Value
from outboundd.model.mail import NOTHING_LEFT, Attempt, AttemptState
from outboundd.rules import basis, lifecycle
from outboundd.rules.texts import quoted


@dataclass(frozen=True, kw_only=True)
class Obeyed:
    """What to do: a change (None: nothing is left to do), and how an attempt in doubt is settled."""

    change: Change | None = None
    settle: AttemptState | None = None


def obey(lead: Lead, history: History) -> Obeyed | str:
    """Carry out `lead.override`; a str is the sentence for Waiting for when the word cannot be obeyed."""
    word = plain(lead.override)
    story = WORDS.get(word)
    if story is None:
        return f"Override {quoted(word)} is no word of ours; use one of: {', '.join(WORDS)}"
    return story(lead, history)


def of_its_moment(word: str) -> bool:
    """A word on a mail in doubt, said when none is: left standing in its cell, it would settle a later one, unseen."""
    return plain(word) in ("sent", "not sent")


def sent_before(lead: Lead, history: History) -> bool:
    """Has any mail to this lead left, or may it have?"""
    return lead.first_sent_at is not None or any(a.state not in NOTHING_LEFT for a in history.attempts)


def plain(word: str) -> str:
    """The word as WORDS has it: however it was typed."""
    return " ".join(word.lower().replace("_", " ").split())


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
        if lead.stands is Stage.REVIEW and history.came_from is not None and history.objection in TRIED_AGAIN:
            return Obeyed(change=Change(now=history.came_from, why="Override: recheck"))
        return "Override recheck: this person was already written to; a new person needs a new row"
    if not lifecycle.legal(lead.stands, Stage.NEW):
        return f"Override recheck: a lead in stage {lead.stands} is not looked at again"
    return Obeyed(change=start_again(lead, "Override: recheck"))


def _redraft(lead: Lead, history: History) -> Obeyed | str:
    if lead.stands in (Stage.NEW, Stage.VERIFIED, Stage.DELIVERED):
        return Obeyed()
    if lead.stands is not Stage.DRAFTED and not _draft_in_review(lead, history):
        return f"Override redraft: a lead in stage {lead.stands} has no draft"
    return Obeyed(change=without_draft(lead, "Override: redraft"))


def _draft_in_review(lead: Lead, history: History) -> bool:
    """A draft that failed its lint went from verified or delivered straight to review; it stands on the row."""
    if lead.stands is not Stage.REVIEW:
        return False
    return history.came_from is Stage.DRAFTED or history.objection in (Objection.LINT, Objection.LINT_HARD)


def without_draft(lead: Lead, why: str) -> Change:
    """Back to the stage before the draft, on the basis that stage had; the old text is kept in the trail."""
    patch: dict[str, Value] = {"subject": "", "body": "", "step": max(lead.step - 1, 0)}
    now = Stage.DELIVERED if lead.step > 0 else Stage.VERIFIED
    return Change(now=now, why=why, patch=patch, text=_old_text(lead))


def start_again(lead: Lead, why: str) -> Change:
    """Back to new, where attribution begins; the old text is kept in the trail."""
    patch: dict[str, Value] = {"attribution": "", "subject": "", "body": "", "step": 0}
    return Change(now=Stage.NEW, why=why, patch=patch, basis=basis.identity(lead), text=_old_text(lead))


def _old_text(lead: Lead) -> str:
    return f"Subject: {lead.subject}\n\n{lead.body}" if lead.subject or lead.body else ""


def _approve(lead: Lead, history: History) -> Obeyed | str:
    """Waives what the operator was shown and nothing else: an edit since is looked at first."""
    if lead.stands is Stage.MISMATCHED:
        return Obeyed(change=_waive(lead, history, Stage.VERIFIED, Objection.ATTRIBUTION))
    if lead.stands is not Stage.REVIEW:
        return Obeyed()
    objection = history.objection
    if objection is None or objection not in WAIVABLE:
        return f"Override approve: {objection or 'this'} cannot be waived; mend what Waiting for says"
    if objection is not Objection.ATTRIBUTION and basis.identity_edited(lead, history.basis):
        return "Override approve: address, name, company or website was edited since; that is looked at first"
    if objection is Objection.LINT and basis.text_edited(lead, history.basis):
        return "Override approve: the draft was edited since; it is linted again by itself"
    back = {Objection.ATTRIBUTION: Stage.VERIFIED, Objection.LINT: Stage.DRAFTED}.get(objection, history.came_from)
    return Obeyed(change=_waive(lead, history, back or Stage.NEW, objection))


def _waive(lead: Lead, history: History, now: Stage, objection: Objection) -> Change:
    """On the person and company as they are now; a draft keeps its text's part, so that an edit is still noticed."""
    _, colon, text = history.basis.partition(":")
    on = basis.identity(lead) + (colon + text if now is Stage.DRAFTED else "")
    return Change(now=now, why=f"Override: approve ({objection})", basis=on, waives=objection)


def _sent(lead: Lead, history: History) -> Obeyed | str:
    if lead.stands in (Stage.SENT, Stage.DELIVERED) or _settled(lead, history, AttemptState.SENT):
        return Obeyed()
    if _in_doubt(history) is None:
        return "Override sent: no mail of this lead is in doubt; a mail sent elsewhere is told with stop or replied"
    return Obeyed(settle=AttemptState.SENT)


def _not_sent(lead: Lead, history: History) -> Obeyed | str:
    if _settled(lead, history, AttemptState.ABSENT):
        return Obeyed()
    if _in_doubt(history) is None:
        return "Override not sent: no mail of this lead is in doubt"
    return Obeyed(
        change=Change(now=lead.stands, why="Override: not sent"),
        settle=AttemptState.ABSENT,
    )


def _in_doubt(history: History) -> Attempt | None:
    return next((a for a in history.attempts if a.state is AttemptState.UNKNOWN), None)


def _settled(lead: Lead, history: History, state: AttemptState) -> bool:
    """The word was obeyed already: left standing in its cell, it would settle the next mail in doubt, unseen."""
    tries = [attempt for attempt in history.attempts if attempt.step == lead.step]
    return _in_doubt(history) is None and bool(tries) and tries[-1].state is state


# The world refused, or we broke: a human has looked, and it may be tried once more.
TRIED_AGAIN = frozenset({Objection.REFUSED, Objection.BUG})
WORDS: Mapping[str, Callable[[Lead, History], Obeyed | str]] = {
    "stop": _stop,
    "replied": _replied,
    "recheck": _recheck,
    "redraft": _redraft,
    "approve": _approve,
    "sent": _sent,
    "not sent": _not_sent,
}

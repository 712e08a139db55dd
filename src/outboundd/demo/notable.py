"""Which lines of the log does a person watching want to see, in which words, and how many of a kind a day?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from outboundd.demo.people import People
from outboundd.model.lead import Stage
from outboundd.rules.switched_off import BY_OPERATOR

Fields = Mapping[str, str | int | float]


@dataclass(frozen=True, kw_only=True)
class Notable:
    """One line of the show. Of equal `about` one a day is enough, of a full cap one in all."""

    kind: str
    text: str
    about: str = ""


A_DAY: Mapping[str, int] = {
    "sent": 1,
    "follow-up": 2,
    "weekend": 1,
    "holiday": 3,
    "mismatch": 2,
    "review": 2,
    "cap": 1,
    "reply": 4,
    "bounce": 4,
    "digest": 1,
}
ONCE = frozenset({"cap"})
HOLIDAY, WEEKEND = "public holiday in ", "weekend at the recipient ("
WORDS = {Stage.BOUNCED: "bounce", Stage.UNSUBSCRIBED: "unsubscribed", Stage.COMPLAINED: "complaint"}


def of(event: str, fields: Fields, people: People, now: datetime) -> Notable | None:
    """The line for this entry of the log, if it is one to show."""
    teller = _TELLERS.get(event)
    return teller(fields, people, now) if teller else None


def _held(fields: Fields, people: People, now: datetime) -> Notable | None:
    lead, reason = str(fields["lead"]), str(fields["reason"])
    waits = f"{people.whose(lead).contact} waits"
    if reason.startswith(HOLIDAY):
        place, _, name = reason.removeprefix(HOLIDAY).partition(": ")
        return Notable(kind="holiday", text=f"{waits}: {name} ({place})", about=reason)
    if reason.startswith(WEEKEND):
        return Notable(kind="weekend", text=f"{waits}: {reason.removeprefix(WEEKEND)[:-1]}", about=reason)
    return None


def _nobody(fields: Fields, people: People, now: datetime) -> Notable | None:
    reason = str(fields["reason"])
    return Notable(kind="cap", text=reason, about=reason) if reason.startswith("cap of the day") else None


def _sent(fields: Fields, people: People, now: datetime) -> Notable:
    lead, step = str(fields["lead"]), str(fields["reason"]).partition(":")[0]
    kind = "follow-up" if fields["step"] else "sent"
    return Notable(kind=kind, text=f"{step} to {people.who(lead)} ({people.there(lead, now)})")


def _mismatched(fields: Fields, people: People, now: datetime) -> Notable:
    row = people.whose(str(fields["lead"]))
    writes_from = row.email.partition("@")[2]
    return Notable(kind="mismatch", text=f"{row.contact} is not at {row.company}: writes from {writes_from}")


def _review(fields: Fields, people: People, now: datetime) -> Notable:
    lead, reason = str(fields["lead"]), str(fields["reason"])
    return Notable(kind="review", text=f"{people.who(lead)}: {reason.partition(' (')[0]}", about=reason[:30])


def _stopped(fields: Fields, people: People, now: datetime) -> Notable | None:
    kind = WORDS.get(Stage(str(fields["stage"])))
    who = people.who(str(fields["lead"]))
    return Notable(kind=kind, text=f"{who}, never written to again") if kind else None


def _replied(fields: Fields, people: People, now: datetime) -> Notable:
    return Notable(kind="reply", text=f"{people.who(str(fields['lead']))}: the thread ends here")


def _paused(fields: Fields, people: People, now: datetime) -> Notable:
    return Notable(kind="PAUSE", text=f"the guard stops all sending: {fields['reason']}")


def _halted(fields: Fields, people: People, now: datetime) -> Notable | None:
    if str(fields["reason"]).startswith(BY_OPERATOR):
        return None  # the command that did it is shown
    return Notable(kind="off", text=f"{fields.get('vendor', fields.get('job', ''))}: {fields['reason']}")


def _own(fields: Fields, people: People, now: datetime) -> Notable | None:
    return Notable(kind="digest", text="mailed to the operator") if now.weekday() == 0 else None


def _failed(fields: Fields, people: People, now: datetime) -> Notable:
    return Notable(kind="FAILED", text=f"{fields['job']}: {fields['reason']}")


_TELLERS: Mapping[str, Callable[[Fields, People, datetime], Notable | None]] = {
    "lead.held": _held,
    "mail.held": _nobody,
    "mail.sent": _sent,
    "lead.mismatched": _mismatched,
    "lead.review": _review,
    "lead.stopped": _stopped,
    "reply.known": _replied,
    "guard.paused": _paused,
    "halt.set": _halted,
    "vendor.halted": _halted,
    "mail.own": _own,
    "job.failed": _failed,
}

"""May the next thing happen to this lead now? The one function that every path asks: job, gate, `why` and `queue`.

Rules are asked in this order and the first that objects is the answer: what ends everything, what a human must look at,
what is not due, what is in doubt, the recipient's hours, the caps, and last what is switched off.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from outboundd.model.decision import Decision, Do, Hold, HoldKind, Objection, Stop, Waiver
from outboundd.model.facts import Facts
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import AttemptState, Draft
from outboundd.rules import (
    basis,
    caps,
    compliance,
    draft_lint,
    lifecycle,
    overrides,
    send_window,
    sequence,
    suppression,
    zones,
)

Rule = Callable[[Lead, Facts, datetime], Hold | Stop | None]


def decide(lead: Lead, facts: Facts, now: datetime) -> Decision:
    """What may happen to `lead` at `now`: Do (draft or send the step at hand), Hold or Stop.

    A Stop that names the stage the lead is in already means: nothing to do, and this is why.
    """
    for rule in RULES:
        objection = rule(lead, facts, now)
        if objection is not None:
            return objection
    return Do(step=step_at_hand(lead))


def step_at_hand(lead: Lead) -> int:
    """The step that comes next: the drafted one, or the one to draft."""
    return lead.step + 1 if lead.stands is Stage.DELIVERED else lead.step


def may_draft(lead: Lead, facts: Facts, now: datetime) -> Decision:
    """May a first mail be written ahead? Like `decide`, but a hold that ends soon, or one of volume, does not matter.

    How many are written ahead is bounded by `caps.room_for_drafts`: no money is spent on mail that cannot leave soon.
    A pause of mail to leads does not stop writing: the operator looks at drafts before the first go.
    """
    for rule in RULES:
        objection = rule(lead, facts, now)
        if objection is not None and not _writes_ahead(objection, facts, now):
            return objection
    return Do(step=step_at_hand(lead))


def _writes_ahead(objection: Hold | Stop, facts: Facts, now: datetime) -> bool:
    if isinstance(objection, Stop):
        return False
    if objection.kind in (HoldKind.CAP, HoldKind.COMPANY, HoldKind.PAUSE):
        return True
    horizon = now + timedelta(hours=facts.settings.limits.draft_horizon_h)
    return objection.kind is HoldKind.TIME and objection.until is not None and objection.until <= horizon


def _ended(lead: Lead, _: Facts, __: datetime) -> Stop | None:
    if lead.stands not in lifecycle.STOPPING:
        return None
    return Stop(stage=lead.stands, why=ENDED.get(lead.stands, f"{lead.stands}: nothing more is sent"))


def _suppressed(lead: Lead, facts: Facts, _: datetime) -> Stop | None:
    stop = suppression.verdict(lead, facts)
    if stop is not None and stop.stage is Stage.REVIEW and lead.stands is Stage.SENT:
        return None  # nothing is about to leave: asked again when its delivery is known
    return stop


def _in_review(lead: Lead, facts: Facts, now: datetime) -> Stop | None:
    """Review ends when the objection is gone; what only a human can settle waits for `approve` or a mended row."""
    if lead.stands is not Stage.REVIEW:
        return None
    back = facts.history.came_from or Stage.NEW
    if identity_edited(lead, facts):
        return _identity(lead, facts, now) or Stop(stage=back, why="looked at again")
    if facts.history.objection in (Objection.LINT, Objection.LINT_HARD) and text_edited(lead, facts):
        return _edited_draft(lead, facts) or Stop(stage=Stage.DRAFTED, why="the draft was mended by hand")
    if facts.history.objection not in MAY_PASS:
        return Stop(stage=Stage.REVIEW, why=lead.waiting_for or "a human must look", objection=facts.history.objection)
    again = decide(replace(lead, stage=back), facts, now)
    if isinstance(again, Stop) and again.stage is Stage.REVIEW:
        return again
    return Stop(stage=back, why=f"no longer: {facts.history.objection}")


def identity_edited(lead: Lead, facts: Facts) -> bool:
    """Has the operator edited address, name, company or website since the stage was reached?"""
    reached_with = facts.history.basis.partition(":")[0]
    return bool(reached_with) and reached_with != basis.identity(lead)


def text_edited(lead: Lead, facts: Facts) -> bool:
    """Has the operator edited the draft's subject or text since it was written (or last looked at)?"""
    _, colon, _ = facts.history.basis.partition(":")
    return bool(colon) and facts.history.basis != basis.draft(lead)


def _identity(lead: Lead, facts: Facts, _: datetime) -> Stop | None:
    if lead.stands is Stage.NEW or not identity_edited(lead, facts):
        return None
    if overrides.sent_before(lead, facts.history):
        why = "address, name, company or website was edited after a mail had left; a new person needs a new row"
        return Stop(stage=Stage.REVIEW, why=why, objection=Objection.IDENTITY)
    return Stop(stage=Stage.NEW, why="address, name, company or website was edited: verified again")


def _older_system(lead: Lead, _: Facts, __: datetime) -> Stop | None:
    if lead.stage is not None or not (lead.first_sent_at or lead.last_sent_at or lead.message_ids):
        return None
    return Stop(stage=Stage.NEW, why="send dates without a stage come from an older system: left alone")


def _consent(lead: Lead, facts: Facts, _: datetime) -> Stop | None:
    if lead.stands is Stage.SENT:
        return None
    where = zones.whereabouts(lead)
    if isinstance(where, str):
        return None  # the send window objects to an unknown country, with its reason
    return compliance.objection(lead, facts.settings, where.country, facts.history.waivers, basis.identity(lead))


def _sequence(lead: Lead, facts: Facts, now: datetime) -> Hold | Stop | None:
    return sequence.hold(lead, facts.settings.sequence, now)


def _person(lead: Lead, facts: Facts, now: datetime) -> Hold | Stop | None:
    return None if lead.stands is Stage.SENT else caps.person(facts, now)


def _doubt(lead: Lead, facts: Facts, now: datetime) -> Hold | None:
    """An attempt whose outcome is not known holds its step; after the second absent one an hour more each time."""
    step = step_at_hand(lead)
    tries = [a for a in facts.history.attempts if a.step == step]
    if any(a.state in (AttemptState.OPEN, AttemptState.UNKNOWN, AttemptState.SENT) for a in tries):
        return Hold(until=now + timedelta(minutes=15), why="a mail of this step may have left", kind=HoldKind.DOUBT)
    absent = [a for a in tries if a.state is AttemptState.ABSENT]
    if len(absent) < 2:
        return None
    settled_at = max(a.settled_at or a.posted_at for a in absent)
    until = settled_at + timedelta(hours=min(len(absent) - 1, 24))
    why = f"{len(absent)} attempts did not leave; the next one waits"
    return Hold(until=until, why=why, kind=HoldKind.DOUBT) if now < until else None


def _draft(lead: Lead, facts: Facts, now: datetime) -> Stop | None:
    if lead.stands is not Stage.DRAFTED:
        return None
    if text_edited(lead, facts):
        return _edited_draft(lead, facts)
    written = facts.history.reached_at
    age_days = facts.settings.limits.draft_max_age_days
    if written is not None and now - written > timedelta(days=age_days):
        stage = Stage.DELIVERED if lead.step > 0 else Stage.VERIFIED
        return Stop(stage=stage, why=f"the draft is older than {age_days} days: written anew")
    return None


def _edited_draft(lead: Lead, facts: Facts) -> Stop | None:
    faults = draft_lint.faults(Draft(subject=lead.subject, body=lead.body), lead, lead.step, facts.settings)
    objection = Objection.LINT_HARD if any(fault.hard for fault in faults) else Objection.LINT
    waived = Waiver(objection=objection, basis=basis.draft(lead)) in facts.history.waivers
    if not faults or waived:
        return None
    why = "the edited draft: " + "; ".join(fault.why for fault in faults)
    return Stop(stage=Stage.REVIEW, why=why, objection=objection)


def _window(lead: Lead, facts: Facts, now: datetime) -> Hold | Stop | None:
    return None if lead.stands is Stage.SENT else send_window.hold(lead, facts.settings.hours, now)


def _company(lead: Lead, facts: Facts, now: datetime) -> Hold | None:
    return caps.company(lead, facts, now, lambda at: send_window.local_date(lead, at))


def _caps(_: Lead, facts: Facts, now: datetime) -> Hold | None:
    return caps.hold(facts, now)


def _halted(lead: Lead, facts: Facts, now: datetime) -> Hold | None:
    traffic = facts.traffic
    for halt in traffic.halts:
        if halt.what == "mail":
            return Hold(until=halt.until, why=f"mail to leads is paused: {halt.why}", kind=HoldKind.PAUSE)
        if halt.what == facts.mailer:
            return Hold(until=halt.until, why=f"{halt.what} is halted: {halt.why}", kind=HoldKind.PAUSE)
        if halt.what in {"guard", "pool"}:
            return Hold(until=halt.until, why=f"{halt.what} is halted: {halt.why}", kind=HoldKind.HALT)
        if halt.what == f"source:{lead.source}":
            return Hold(until=halt.until, why=f"{halt.what} is paused: {halt.why}", kind=HoldKind.SOURCE)
    if traffic.quiet_open:
        return Hold(until=None, why="a new or restored ledger first reads what the mailer has sent", kind=HoldKind.WAIT)
    if traffic.quiet_until is not None and now < traffic.quiet_until:
        why = f"the ledger was behind; no mail until {traffic.quiet_until:%Y-%m-%d %H:%M} UTC"
        return Hold(until=traffic.quiet_until, why=why, kind=HoldKind.WAIT)
    if traffic.clock_off:
        return Hold(until=None, why=f"the clock: {traffic.clock_off}", kind=HoldKind.WAIT)
    return None


def _reconciled(lead: Lead, facts: Facts, now: datetime) -> Hold | None:
    """Nobody who answered since may be written to: without a fresh reconcile nothing is sent."""
    if lead.stands is not Stage.DRAFTED:
        return None
    at, age_s = facts.traffic.reconciled_at, facts.settings.limits.reconcile_max_age_s
    if at is not None and now - at <= timedelta(seconds=age_s):
        return None
    why = "the last complete reconcile is too old" if at else "the mailer has not been read yet"
    return Hold(until=now, why=why, kind=HoldKind.WAIT)


ENDED = {
    Stage.MISMATCHED: "the person is not at this company",
    Stage.FINISHED: "the sequence is finished",
    Stage.REPLIED: "the person has replied",
    Stage.BOUNCED: "the address bounced",
    Stage.UNSUBSCRIBED: "the person unsubscribed",
    Stage.COMPLAINED: "the person complained",
    Stage.DO_NOT_CONTACT: "do not contact",
}
# Objections that can go away by themselves; the others wait for the operator's word or a mended row.
MAY_PASS = frozenset({Objection.ZONE, Objection.CONSENT, Objection.SAME_COMPANY})
RULES: tuple[Rule, ...] = (
    _ended,
    _older_system,
    _suppressed,
    _in_review,
    _identity,
    _consent,
    _sequence,
    _person,
    _doubt,
    _draft,
    _window,
    _company,
    _caps,
    _halted,
    _reconciled,
)

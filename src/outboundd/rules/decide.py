"""May the next thing happen to this lead now? The one function that every path asks: job, gate, `why` and `queue`.

Rules are asked in this order and the first that objects is the answer: what ends everything, what a human must look at,
what is not due, what is in doubt, the recipient's hours, the caps, and last what is switched off.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from outboundd.model.decision import Decision, Do, Hold, HoldKind, Objection, Stop
from outboundd.model.facts import Facts
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import NOTHING_LEFT, Attempt, AttemptState, Draft
from outboundd.rules import (
    basis,
    caps,
    compliance,
    draft_lint,
    lifecycle,
    mailboxes,
    overrides,
    send_window,
    sequence,
    suppression,
    switched_off,
    zones,
)
from outboundd.rules.human_acts import asking

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
    return 0 if lead.stands in (Stage.NEW, Stage.VERIFIED) else sequence.next_step(lead)


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
    return Stop(stage=lead.stands, why=ENDED[lead.stands]) if lead.stands in lifecycle.STOPPING else None


def _older_system(lead: Lead, facts: Facts, _: datetime) -> Stop | None:
    """Send dates that no stage of ours explains: whoever was written to is never new to us."""
    sent = lead.first_sent_at or lead.last_sent_at or lead.message_ids
    if not sent or (facts.history.seq and lead.stands is not Stage.NEW):
        return None
    return Stop(stage=lead.stands, why="send dates without a stage of ours come from an older system: left alone")


def _suppressed(lead: Lead, facts: Facts, _: datetime) -> Stop | None:
    stop = suppression.verdict(lead, facts)
    if stop is not None and stop.stage is Stage.REVIEW and lead.stands in (Stage.SENT, Stage.REVIEW):
        return None  # a mail on its way cannot be held any more; review asks for itself
    return stop


def _in_review(lead: Lead, facts: Facts, now: datetime) -> Stop | None:
    """Review ends when the objection it was for is gone; what only a human can settle waits for the operator's word.

    Another objection does not keep it there: it is met on the next look, under its own name, so that an approve never
    waives what the operator was not shown.
    """
    if lead.stands is not Stage.REVIEW:
        return None
    history = facts.history
    if basis.identity_edited(lead, history.basis):
        return _identity(lead, facts, now)
    objection = history.objection
    edited = objection in LINTS and basis.text_edited(lead, history.basis)
    rule = MAY_PASS.get(objection) if objection and (edited or objection is not Objection.LINT) else None
    if rule is None:
        return Stop(stage=Stage.REVIEW, why=lead.waiting_for or "a human must look", objection=objection)
    back = Stage.DRAFTED if objection in LINTS else history.came_from or Stage.NEW
    still = rule(replace(lead, stage=back), facts, now)
    if isinstance(still, Stop) and still.objection is objection:
        return still
    if edited and still is None:
        return Stop(stage=back, why="the draft was mended by hand", objection=Objection.LINT)
    return Stop(stage=back, why=f"no longer: {objection}")


def _identity(lead: Lead, facts: Facts, _: datetime) -> Stop | None:
    if lead.stands in (Stage.NEW, Stage.SENT) or not basis.identity_edited(lead, facts.history.basis):
        return None
    if overrides.sent_before(lead, facts.history):
        why = asking("address, name, company or website was edited after a mail had left", Objection.IDENTITY)
        return Stop(stage=Stage.REVIEW, why=why, objection=Objection.IDENTITY)
    return Stop(stage=Stage.NEW, why="address, name, company or website was edited: verified again")


def _mailbox(lead: Lead, facts: Facts, _: datetime) -> Stop | None:
    """Asked before the first mail: a newer list of such mailboxes ends no sequence under way."""
    if lead.stands not in BEFORE_MAIL or overrides.sent_before(lead, facts.history):
        return None
    return mailboxes.objection(lead, facts.history.waivers)


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
    if lead.stands is Stage.SENT:
        return None
    tries = [a for a in facts.history.attempts if a.step == step_at_hand(lead)]
    if any(a.state in IN_DOUBT or (a.state not in NOTHING_LEFT and now - _known_at(a) < SETTLING) for a in tries):
        return Hold(until=now + LOOK_AGAIN, why="a mail of this step may have left", kind=HoldKind.DOUBT)
    absent = [a for a in tries if a.state is AttemptState.ABSENT]
    if len(absent) < 2:
        return None
    until = max(map(_known_at, absent)) + timedelta(hours=min(len(absent) - 1, 24))
    why = f"{len(absent)} attempts did not leave; the next one waits"
    return Hold(until=until, why=why, kind=HoldKind.DOUBT) if now < until else None


def _known_at(attempt: Attempt) -> datetime:
    return attempt.settled_at or attempt.posted_at


def _order(lead: Lead, facts: Facts, _: datetime) -> Stop | None:
    """What has left never leaves again, whatever the column Step says."""
    step = step_at_hand(lead)
    left = any(a.step >= step for a in facts.history.attempts if a.state not in NOTHING_LEFT)
    if lead.stands is Stage.SENT or not (left or step < 0):
        return None
    why = f"Step is {lead.step}, but what would come next has left already: put it back, then Override recheck"
    return Stop(stage=Stage.REVIEW, why=why, objection=Objection.BUG)


def _stale(lead: Lead, facts: Facts, now: datetime) -> Stop | None:
    """A draft grown old is written anew; words of the operator are not, unless they say so."""
    written, age_days = facts.history.reached_at, facts.settings.limits.draft_max_age_days
    if lead.stands is not Stage.DRAFTED or written is None or now - written <= timedelta(days=age_days):
        return None
    if basis.text_edited(lead, facts.history.basis) or basis.text_waived(lead, facts.history.waivers):
        why = f"the draft that you edited or approved is older than {age_days} days: approve or redraft it"
        return Stop(stage=Stage.REVIEW, why=why, objection=Objection.LINT)
    stage = Stage.DELIVERED if lead.step > 0 else Stage.VERIFIED
    return Stop(stage=stage, why=f"the draft is older than {age_days} days: written anew")


def _edited(lead: Lead, facts: Facts, now: datetime) -> Stop | None:
    """A draft edited by the operator leaves as edited, once it is linted again."""
    if lead.stands is not Stage.DRAFTED or not basis.text_edited(lead, facts.history.basis):
        return None
    return _lint(lead, facts, now)


def _lint(lead: Lead, facts: Facts, _: datetime) -> Stop | None:
    faults = draft_lint.faults(Draft(subject=lead.subject, body=lead.body), lead, lead.step, facts.settings)
    objection = Objection.LINT_HARD if any(fault.hard for fault in faults) else Objection.LINT
    if not faults or (objection is Objection.LINT and basis.text_waived(lead, facts.history.waivers)):
        return None
    why = "the draft: " + "; ".join(fault.why for fault in faults)
    return Stop(stage=Stage.REVIEW, why=asking(why, objection), objection=objection)


def _window(lead: Lead, facts: Facts, now: datetime) -> Hold | Stop | None:
    return None if lead.stands is Stage.SENT else send_window.hold(lead, facts.settings.hours, now)


def _company(lead: Lead, facts: Facts, now: datetime) -> Hold | None:
    return caps.company(lead, facts, now, lambda at: send_window.local_date(lead, at))


def _caps(_: Lead, facts: Facts, now: datetime) -> Hold | None:
    return caps.hold(facts, now)


def _off(_: Lead, facts: Facts, now: datetime) -> Hold | None:
    return switched_off.for_everybody(facts, now)


def _unread(lead: Lead, facts: Facts, now: datetime) -> Hold | None:
    return switched_off.unread(facts, now) if lead.stands is Stage.DRAFTED else None


def nobody_now(facts: Facts, now: datetime) -> Hold | None:
    """What holds every mail to leads, whoever it is for: asked before any row is read."""
    return caps.hold(facts, now) or switched_off.for_everybody(facts, now) or switched_off.unread(facts, now)


ENDED = {
    Stage.MISMATCHED: "the person is not at this company",
    Stage.FINISHED: "the sequence is finished",
    Stage.REPLIED: "the person has replied",
    Stage.BOUNCED: "the address bounced",
    Stage.UNSUBSCRIBED: "the person unsubscribed",
    Stage.COMPLAINED: "the person complained",
    Stage.DO_NOT_CONTACT: "do not contact",
}
BEFORE_MAIL = frozenset({Stage.NEW, Stage.VERIFIED, Stage.DRAFTED})
LINTS = frozenset({Objection.LINT, Objection.LINT_HARD})
IN_DOUBT = frozenset({AttemptState.OPEN, AttemptState.UNKNOWN})
SETTLING = timedelta(hours=1)  # within it, what the mailer told of a step reaches the lead that stands before it
LOOK_AGAIN = timedelta(minutes=15)
# Objections that can go away by themselves, and the rule that says whether they have; the others wait for the
# operator's word. A soft fault goes with an edit only: it was the human's to judge.
MAY_PASS: Mapping[Objection, Rule] = {
    Objection.ZONE: _window,
    Objection.CONSENT: _consent,
    Objection.SAME_COMPANY: _suppressed,
    Objection.MAILBOX: _mailbox,
    Objection.IDENTITY: _identity,
    Objection.LINT: _lint,
    Objection.LINT_HARD: _lint,
}
RULES: tuple[Rule, ...] = (
    _ended,
    _older_system,
    _suppressed,
    _in_review,
    _identity,
    _mailbox,
    _consent,
    _doubt,
    _order,
    _sequence,
    _person,
    _stale,
    _edited,
    _window,
    _company,
    switched_off.for_source,
    _caps,
    _off,
    _unread,
)

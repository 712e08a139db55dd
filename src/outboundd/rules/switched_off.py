"""Is mail to leads off: for everybody, or for the leads of one source?"""

from datetime import datetime, timedelta

from outboundd.model.decision import Hold, HoldKind
from outboundd.model.facts import SOURCE, Facts
from outboundd.model.lead import Lead
from outboundd.rules.texts import quoted

BY_OPERATOR = "paused by the operator"  # how the reason of such a halt begins
LOOKED_AT = frozenset({"guard", "pool"})


def for_everybody(facts: Facts, now: datetime) -> Hold | None:
    """A pause, a halted mailer, the guard, a pool that changed suddenly, a ledger that catches up, a clock off."""
    for halt in facts.traffic.halts:
        if halt.until is not None and halt.until <= now:
            continue
        if halt.what == "mail":
            return Hold(until=halt.until, why=f"mail to leads is paused: {halt.why}", kind=HoldKind.PAUSE)
        if halt.what == facts.mailer:
            return Hold(until=halt.until, why=f"{halt.what} is halted: {halt.why}", kind=HoldKind.PAUSE)
        if halt.what in LOOKED_AT:
            return Hold(until=halt.until, why=f"{halt.what} is halted: {halt.why}", kind=HoldKind.HALT)
    return _catching_up(facts, now)


def for_source(lead: Lead, facts: Facts, now: datetime) -> Hold | None:
    """The leads of one source are paused."""
    for halt in facts.traffic.halts:
        if halt.what == f"{SOURCE}{lead.source}" and (halt.until is None or now < halt.until):
            why = f"{SOURCE}{quoted(lead.source)} is paused: {halt.why}"
            return Hold(until=halt.until, why=why, kind=HoldKind.SOURCE)
    return None


def unread(facts: Facts, now: datetime) -> Hold | None:
    """Nobody who answered since may be written to: without a fresh, complete reconcile nothing is sent."""
    at, quiet_until = facts.traffic.reconciled_at, facts.traffic.quiet_until
    if at is None:
        return _wait("the mailer has not been read yet")
    if quiet_until is not None and at < quiet_until:
        # what left before the ledger was lost may have been reported at the very end of the wait
        return _wait("the mailer has not been read since the wait of a new or restored ledger")
    if timedelta(0) <= now - at <= timedelta(seconds=facts.settings.limits.reconcile_max_age_s):
        return None
    return _wait("the last complete reconcile is too old, or our clock was put back")


def _catching_up(facts: Facts, now: datetime) -> Hold | None:
    traffic = facts.traffic
    if traffic.quiet_open:
        return _wait("a new or restored ledger first reads what the mailer has sent")
    if traffic.quiet_until is not None and now < traffic.quiet_until:
        until = f"{traffic.quiet_until:%Y-%m-%d %H:%M} UTC"
        why = f"a new or restored ledger waits until {until} for what the mailer still has to report"
        return Hold(until=traffic.quiet_until, why=why, kind=HoldKind.WAIT)
    return _wait(f"the clock: {traffic.clock_off}") if traffic.clock_off else None


def _wait(why: str) -> Hold:
    return Hold(until=None, why=why, kind=HoldKind.WAIT)

"""How does the operator switch something off and on again?"""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from outboundd.commands import words
from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.model.facts import SOURCE, Halt
from outboundd.rules import guard
from outboundd.rules.switched_off import BY_OPERATOR
from outboundd.rules.texts import quoted

NEW_STATE = "a new state directory"
MAIL = "mail"
PAUSES = (BY_OPERATOR, NEW_STATE)


async def pause(desk: Desk, *, what: str = MAIL, until: str = "") -> AsyncGenerator[Line, None]:
    """No mail to leads, one job off, or the leads of one source held; at once, and across restarts."""
    await _may_be_paused(desk, what)
    end = _end(desk, until)
    why = f"{BY_OPERATOR} until {until}" if until else BY_OPERATOR
    now = desk.parts.world.clock.now()
    await desk.parts.world.ledger.halt(Halt(what=what, since=now, until=end, why=why))
    there = {halt.what: halt for halt in await desk.parts.world.ledger.halts(now)}[what]
    if there.why != why or there.until != end:
        raise Refusal(2, f"already: {words.off(there)}; lift that first")
    desk.parts.log.write("halt.set", **_field(desk, what), reason=why)
    told = f"{_name(what)} is off{f' until {until}' if until else ''}; on again: outboundd resume {what}"
    yield Line(text=told, choices=words.lifting([there]))
    if what in desk.parts.running:
        yield Line(text=f"a run of {what} is going on; it ends by itself, no other begins")


async def resume(desk: Desk, *, what: str = "") -> AsyncGenerator[Line, None]:
    """Lift one halt by its name; without a name, pauses only."""
    halts = await desk.parts.world.ledger.halts(desk.parts.world.clock.now())
    lifted = [halt for halt in halts if (halt.what == what if what else halt.why.startswith(PAUSES))]
    if what and not lifted:
        off = ", ".join(halt.what for halt in halts)
        raise Refusal(2, f"{what} is not switched off; {f'what is: {off}' if off else 'nothing is'}")
    for halt in lifted:
        await _lift(desk, halt)
        yield Line(text=f"{_name(halt.what)} is on again; it was off since {words.utc(halt.since)}: {halt.why}")
        if halt.what == "guard":
            yield Line(text=await _count_from_here(desk))
    if not lifted:
        yield Line(text="nothing is paused")
    for halt in halts:
        if halt not in lifted:
            yield Line(text=f"still: {words.off(halt)}", choices=words.lifting([halt]))


async def _may_be_paused(desk: Desk, what: str) -> None:
    if what == MAIL or what in desk.jobs:
        return
    sources = sorted({f"{SOURCE}{seen.source}" for seen in await desk.parts.world.ledger.queue() if seen.source})
    if what not in sources:
        raise Refusal(2, f"{what!r} cannot be paused; what can: {', '.join([MAIL, *desk.jobs, *sources])}")


def _end(desk: Desk, until: str) -> datetime | None:
    """The beginning of that day on the operator's clock."""
    if not until:
        return None
    try:
        day = date.fromisoformat(until)
    except ValueError as error:
        raise Refusal(2, f"--until {until}: is no day of the calendar; write it like 2026-12-27") from error
    zone = ZoneInfo(desk.parts.settings.campaign.timezone)
    end = datetime.combine(day, time.min, zone).astimezone(UTC)
    if end <= desk.parts.world.clock.now():
        raise Refusal(2, f"--until {until}: that day has begun already; give a later one")
    return end


async def _lift(desk: Desk, halt: Halt) -> None:
    await desk.parts.world.ledger.resume(halt.what)
    for cause in _causes(halt.what):
        await desk.parts.alerts.over(cause, silently=True)
    desk.parts.log.write("halt.lifted", **_field(desk, halt.what), reason="the operator said resume")


def _causes(what: str) -> Sequence[str]:
    """Under which causes a halt of this name is told; the next time it is told again."""
    return (what, f"vendor.{what}", f"halt.{what}", f"{what}.warned")


async def _count_from_here(desk: Desk) -> str:
    """What made the guard pause does not count again, and the day's cap is halved for a while."""
    now, ledger = desk.parts.world.clock.now(), desk.parts.world.ledger
    until = guard.halved_until(now)
    await ledger.put("guard_resumed_at", now.isoformat())
    await ledger.put("halved_until", until.isoformat())
    return f"the guard counts from here; the day's cap is halved until {words.utc(until)}"


def _field(desk: Desk, what: str) -> dict[str, str]:
    kind, colon, name = what.partition(":")  # the name of a source is a cell of a row
    return {"job" if what in desk.jobs else "vendor": f"{kind}:{quoted(name)}" if colon else what}


def _name(what: str) -> str:
    return "mail to leads" if what == MAIL else what


PAUSE = Command(
    name="pause", doc="no mail to leads, one job off, or the leads of one source held", run=pause, may_repeat=True
)
RESUME = Command(name="resume", doc="lift a halt by its name; without one, pauses only", run=resume, may_repeat=True)

"""How is something switched off, durably and at once, so that the operator is told of it once?"""

from datetime import UTC

from outboundd.engine.alerts import Alerts
from outboundd.engine.journal import Log
from outboundd.model.facts import Halt
from outboundd.ports import Clock, Exhausted, Ledger
from outboundd.rules.texts import unquoted


class Halts:
    """Switches off a vendor or a job; whoever notices it first does so."""

    def __init__(self, *, ledger: Ledger, alerts: Alerts, clock: Clock, log: Log) -> None:
        self._ledger = ledger
        self._alerts = alerts
        self._clock = clock
        self._log = log

    async def vendor(self, failure: Exhausted) -> None:
        """Every job that needs this vendor is off until `resume`, or until it comes back by itself."""
        what, why = failure.vendor, unquoted(failure.cause + (f" ({failure.detail})" if failure.detail else ""))
        if await self._ledger.halt(Halt(what=what, since=self._clock.now(), until=failure.until, why=why)):
            self._log.write("vendor.halted", vendor=what, reason=failure.cause)
            # the one before lifted itself, which nobody noticed
            await self._alerts.over(f"vendor.{what}", silently=True)
        await self._alerts.tell(f"vendor.{what}", f"{what} is halted: {failure.cause}", _how_it_ends(failure))

    async def job(self, job: str, why: str) -> None:
        """This job is off until `resume`."""
        if await self._ledger.halt(Halt(what=job, since=self._clock.now(), until=None, why=why)):
            self._log.write("halt.set", job=job, reason=why)
        await self._alerts.tell(f"halt.{job}", f"{job} is halted", why)


def _how_it_ends(failure: Exhausted) -> str:
    if failure.until is None:
        return "It does not go on by itself"
    return f"It goes on by itself at {failure.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

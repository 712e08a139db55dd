"""How is the operator told, once per cause?"""

from outboundd.engine.journal import Log
from outboundd.ports import Alert, Clock, Failure, Ledger, Operator
from outboundd.rules.texts import unquoted


class Alerts:
    """One message per cause; a repeat of an open cause is counted, not sent."""

    def __init__(self, *, ledger: Ledger, operator: Operator, log: Log, clock: Clock) -> None:
        self._ledger = ledger
        self._operator = operator
        self._log = log
        self._clock = clock

    async def tell(self, cause: str, title: str, text: str, *, unless_open: str = "") -> None:
        """Tell the operator about `cause` unless that was done and has not ended. Never raises a failure of telling.

        `unless_open` is how the causes begin that are the same thing: while another of them is open, this one is
        noted and not told.
        """
        told = unless_open and any(
            what.startswith(unless_open) for what, *_ in await self._ledger.incidents(open_only=True)
        )
        if not await self._ledger.open_incident(cause, self._clock.now()) or told:
            return
        try:
            alert = Alert(id=cause, title=unquoted(title), text=unquoted(text), tail=tuple(self._log.tail))
            await self._operator.alert(alert)
        except Failure as failure:
            self._log.write("operator.untold", reason=f"{title}: {failure.cause}")
        else:
            self._log.write("operator.told", reason=title)

    async def over(self, cause: str) -> None:
        """The cause is gone: the next time it is told again."""
        await self._ledger.close_incident(cause, self._clock.now())

"""How is the operator told, once per cause, and what happens when nobody can be reached?

Every alert is an incident in the ledger first: a repeat is counted there, and what was not told (no way was open, or
it waits for the end of the quiet hours) is told later by the watch, with when it was. The ways are tried in order; the
first that arrives will do.
"""

from collections.abc import Sequence
from dataclasses import replace

from outboundd.engine.journal import Log
from outboundd.model.incident import Incident
from outboundd.model.settings import Settings
from outboundd.ports import Alert, Clock, Failure, Ledger, Operator
from outboundd.rules import alerting, quiet_hours
from outboundd.rules.texts import unquoted

UNWRITABLE = "ledger.unwritable"


class Alerts:
    """One message per cause, and one when it is over; a repeat of an open cause is counted, not sent."""

    def __init__(self, *, ledger: Ledger, operator: Operator, log: Log, clock: Clock, settings: Settings) -> None:
        self._ledger = ledger
        self._log = log
        self._clock = clock
        self._settings = settings
        self._ways: list[Operator] = [operator]
        self._being_told = set[int]()
        self._tails: dict[int, Sequence[str]] = {}  # of what was not told yet, by its number
        self._tried = set[str]()  # messages that did not arrive yet
        self._unwritable: Incident | None = None

    def also_by(self, way: Operator) -> None:
        """One more way to the operator, for when those before it do not arrive."""
        self._ways.append(way)

    async def tell(self, cause: str, title: str, text: str) -> None:
        """Tell the operator about `cause` unless it is open already. Never raises a failure of telling."""
        now = self._clock.now()
        since = alerting.returns_since(cause, now)
        incident = await self._ledger.open_incident(cause, unquoted(title), unquoted(text), now, returns_since=since)
        if incident.times == 1:
            self._tails[incident.number] = self._log.tail
        if incident.times == 1 and not self._waits(incident):
            await self._tell(incident)

    async def tell_outside_a_run(self, cause: str, title: str, text: str) -> None:
        """The same for who has no run that could end with a failure of the ledger: it is what is told then."""
        try:
            await self.tell(cause, title, text)
        except Failure as failure:
            await self.unwritable(failure)

    async def over(self, cause: str, *, silently: bool = False) -> None:
        """The cause is gone: its incident ends, and whoever was told of it is told that, too.

        `silently` where the operator ended it, or something else of the same kind is told right after.
        """
        ended = await self._ledger.close_incident(cause, self._clock.now())
        if silently:
            await self._know(cause)
        elif ended is None or ended.told_at is None:
            return  # of one that was not told yet the watch tells, and of its end at once
        elif not alerting.kind_of(cause).over:
            await self._ledger.incident_end_told(ended.number, self._clock.now())
        elif not self._waits(ended):
            await self._tell_end(ended)

    async def _know(self, cause: str) -> None:
        """Its end needs no word, also where it has waited for one: what strikes next is something new."""
        now = self._clock.now()
        for incident in await self._ledger.untold_incidents():
            if incident.what == cause and incident.closed is not None:
                self._tails.pop(incident.number, None)
                await self._ledger.incident_told(incident.number, incident.told_at or now)
                await self._ledger.incident_end_told(incident.number, now)

    async def tell_what_waits(self) -> None:
        """What was not told yet, and by now may be: the quiet hours are over, or a way is open again."""
        for incident in await self._ledger.untold_incidents():
            if incident.number in self._being_told or self._waits(incident):
                continue
            if incident.told_at is None:
                await self._tell(incident)
            else:
                await self._tell_end(incident)

    async def unwritable(self, failure: Failure) -> None:
        """Our own memory takes nothing, so no incident can be kept: told once, until it takes something again."""
        now, text = self._clock.now(), unquoted(str(failure))
        if self._unwritable is not None:
            self._unwritable = replace(self._unwritable, times=self._unwritable.times + 1)
            return
        title = "The ledger cannot be written"
        incident = Incident(number=0, what=UNWRITABLE, title=title, text=text, opened=now, last_at=now)
        self._unwritable = incident
        await self._by_any_way(self._alarm(incident, self._log.tail))

    async def writable(self) -> None:
        """It takes something again: the incident is entered after the fact."""
        missed = self._unwritable
        if missed is None:
            return
        entered = await self._ledger.open_incident(missed.what, missed.title, missed.text, missed.opened)
        await self._ledger.incident_told(entered.number, missed.opened)
        self._unwritable = None
        await self.over(missed.what)

    async def remind(self, name: str, words: alerting.Words) -> bool:
        """Say again what is off; False when no way was open. `name` is that of the day."""
        alert = Alert(id="halts", title=words.title, text=words.text, choices=words.choices, name=name)
        return await self._by_any_way(alert)

    def _waits(self, incident: Incident) -> bool:
        """Does it wait for the end of the operator's quiet hours, or its end until it has lasted?

        The end of a cause can always wait.
        """
        if alerting.may_return(incident, self._clock.now()):
            return True
        urgent = alerting.kind_of(incident.what).urgent and incident.closed is None
        timezone = self._settings.campaign.timezone
        return not urgent and quiet_hours.are_now(self._clock.now(), self._settings.alerts.quiet_hours, timezone)

    async def _tell(self, incident: Incident) -> None:
        self._being_told.add(incident.number)
        try:
            if await self._by_any_way(self._alarm(incident, self._tails.get(incident.number, ()))):
                self._tails.pop(incident.number, None)
                await self._ledger.incident_told(incident.number, self._clock.now())
                if incident.closed is not None:
                    await self._ledger.incident_end_told(incident.number, self._clock.now())
        finally:
            self._being_told.discard(incident.number)

    async def _tell_end(self, incident: Incident) -> None:
        words = alerting.recovery(incident, self._settings.campaign.timezone)
        alert = Alert(id=incident.what, title=words.title, text=words.text, name=_name(incident), is_over=True)
        self._being_told.add(incident.number)
        try:
            if await self._by_any_way(alert):
                await self._ledger.incident_end_told(incident.number, self._clock.now())
        finally:
            self._being_told.discard(incident.number)

    def _alarm(self, incident: Incident, tail: Sequence[str]) -> Alert:
        words = alerting.alarm(incident, self._clock.now(), self._settings.campaign.timezone)
        return Alert(
            id=incident.what,
            title=words.title,
            text=words.text,
            tail=tuple(tail),
            choices=words.choices,
            name=_name(incident),
            is_over=incident.closed is not None,
        )

    async def _by_any_way(self, alert: Alert) -> bool:
        """Has it reached the operator? A stream that nobody may be reading counts only where there is no other way.

        It is not written to at every further try, nor does the log say every time that none arrived.
        """
        is_first, refused = alert.name not in self._tried, []
        only_streams = not any(way.arrives for way in self._ways)
        for way in self._ways:
            if not (way.arrives or is_first or only_streams):
                continue
            try:
                await way.alert(alert)
            except Failure as failure:
                refused.append(f"{way.name}: {failure.cause}")
                continue
            if way.arrives or only_streams:
                self._tried.discard(alert.name)
                self._log.write("operator.told", reason=alert.title)
                return True
        self._tried.add(alert.name)
        if is_first:
            self._log.write("operator.untold", reason=f"{alert.title}: {', '.join(refused)}")
        return False


def _name(incident: Incident) -> str:
    """With its time: a ledger that was lost counts from 1 again, and the mailer remembers what left before."""
    return f"{incident.number}-{incident.opened:%Y%m%dT%H%M}" + ("-over" if incident.closed else "")

"""How is an alert mailed, when no quicker way arrives?"""

from outboundd.engine.outbox import Left, Outbox
from outboundd.model.mail import AttemptState
from outboundd.model.settings import Settings
from outboundd.ports import Alert, Ambiguous, Clock, Ledger, Transient
from outboundd.rules import drafting

KIND = "alert"
TRIES = 500  # of one alert: three days of the watch


class AlertMail:
    """Mails alerts to [alerts] email_to through the outbox, each once (port Operator)."""

    name = "mail"
    arrives = True

    def __init__(self, *, outbox: Outbox, ledger: Ledger, mailer: str, clock: Clock, settings: Settings) -> None:
        self._outbox = outbox
        self._ledger = ledger
        self._mailer = mailer
        self._clock = clock
        self._settings = settings

    async def alert(self, alert: Alert) -> None:
        """Raises Transient while the mailer is halted, what the mailer refused, and Ambiguous for one in doubt."""
        if any(halt.what == self._mailer for halt in await self._ledger.halts(self._clock.now())):
            raise Transient(self._mailer, "halted")
        for number, to in enumerate(self._settings.alerts.email_to, start=1):
            _raise_refusal(await self._send(alert, alert.name if number == 1 else f"{alert.name}-to{number}", to))
        if await self._ledger.attempts(lead=f"-{KIND}", states=[AttemptState.UNKNOWN], limit=1):
            raise Ambiguous(self._mailer, "no answer")  # asked again: it leaves once more only when it had not

    async def probe(self) -> str:
        return f"alerts are mailed to {len(self._settings.alerts.email_to)} addresses"

    async def aclose(self) -> None:
        """The mailer is not its own."""

    async def _send(self, alert: Alert, name: str, to: str) -> Left | None:
        subject = f"{self._settings.campaign.name}: {alert.title}"
        text = "\n".join([alert.text, *(["", "The last lines of the log:", *alert.tail] if alert.tail else [])])
        return await self._outbox.send_own(KIND, name, to, subject, text, drafting.html_of(text), tries=TRIES)


def _raise_refusal(left: Left | None) -> None:
    if left is not None and left.failure is not None and left.attempt.state is AttemptState.REFUSED:
        raise left.failure

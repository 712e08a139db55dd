"""What are the facts that `decide` is given about one lead, right now?"""

from datetime import datetime

from outboundd.model.facts import Facts, History, Suppressed, Traffic
from outboundd.model.lead import Lead
from outboundd.model.settings import Settings
from outboundd.ports import Ledger, Seen, SuppressionList
from outboundd.rules import addresses, domains


class FactBook:
    """Gathers facts from the ledger and the suppression list; the one place that does."""

    def __init__(self, *, settings: Settings, ledger: Ledger, suppression: SuppressionList, mailer: str) -> None:
        self._settings = settings
        self._ledger = ledger
        self._suppression = suppression
        self._mailer = mailer

    def person(self, lead: Lead) -> str:
        """Keyed hash of the lead's normalised address; '' for an address that is none."""
        try:
            return self._suppression.person(addresses.normalise(lead.email))
        except ValueError:
            return ""

    async def about(self, lead: Lead, now: datetime) -> Facts:
        """All facts about this lead."""
        traffic = await self._ledger.traffic(now)
        history = await self._ledger.history(
            lead.id, self.person(lead), domains.company_of(lead), now, self._settings.limits.per_person_days
        )
        return self.compose(traffic, history, await self.suppressed(lead))

    async def of_everybody(self, now: datetime) -> Facts:
        """The facts that hold for every lead alike."""
        return self.compose(await self._ledger.traffic(now), History(), None)

    async def suppressed(self, lead: Lead) -> Suppressed | None:
        """The entry of the suppression list that this lead falls under."""
        hosts = [domains.of_email(lead.email), domains.of_website(lead.website)]
        return await self._suppression.match(self.person(lead), [host for host in hosts if host])

    def compose(self, traffic: Traffic, history: History, suppressed: Suppressed | None) -> Facts:
        """The parts of the facts put together (the outbox reads two of them inside its transaction)."""
        return Facts(
            settings=self._settings, traffic=traffic, history=history, suppressed=suppressed, mailer=self._mailer
        )

    def seen(self, lead: Lead) -> Seen:
        """The lead as the queue keeps it."""
        return Seen(
            id=lead.id,
            person=self.person(lead),
            company=domains.company_of(lead),
            domain=domains.mail_domain(lead),
            stage=lead.stands,
            step=lead.step,
            next_at=lead.next_at,
            created_at=lead.created_at,
            source=lead.source,
            country=lead.country,
            variant=lead.variant,
            waiting_for=lead.waiting_for,
            seq=lead.seq,
            shown=lead.counters,
        )

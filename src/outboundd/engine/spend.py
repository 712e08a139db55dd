"""What may still be spent on models, and what was?

The only way to a paid call. Before it, the day's limit is asked with what the calls in flight may cost; after it, what
it cost is booked, also where it failed: a truncated or refused answer is billed.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

import anyio

from outboundd.engine.alerts import Alerts
from outboundd.model.lead import Lead, Value
from outboundd.model.mail import Answer, Brief, Research
from outboundd.model.settings import Settings
from outboundd.ports import Clock, Exhausted, Failure, Ledger, Researcher, Writer
from outboundd.rules import spend
from outboundd.rules.spend import Room

Said = TypeVar("Said", Answer, Research)

EARLIER = "earlier"  # spent before this ledger began, as the row tells
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = 6  # of a price on the row


class Asked(Protocol):
    """Who is paid. Read at each call: they are the world's, which may be put together anew."""

    writer: Writer
    researcher: Researcher


@dataclass(kw_only=True)
class Budget:
    """What one errand may spend, besides the day's limit, and what it has spent."""

    usd: float
    spent_usd: float = 0.0
    in_flight_usd: float = 0.0


class OverBudget(Exception):
    """The budget of the errand does not reach for one more call."""


class Purse:
    """Pays for models: within the limit, and never without a line in the ledger."""

    def __init__(self, *, asked: Asked, ledger: Ledger, alerts: Alerts, clock: Clock, settings: Settings) -> None:
        self._asked = asked
        self._ledger = ledger
        self._alerts = alerts
        self._clock = clock
        self._settings = settings
        self._in_flight_usd = 0.0
        self._ended = anyio.Event()

    async def write(self, lead: Lead, brief: Brief) -> Answer:
        """The mail of a brief. Raises Exhausted when the day's limit is reached, and what the writer raises."""
        writer = self._asked.writer
        return await self._paid(writer, lead, None, lambda: writer.write(brief))

    async def judge(self, lead: Lead, question: str, budget: Budget | None = None) -> Answer:
        """The answer to a question of attribution. Raises OverBudget, Exhausted, and what the writer raises."""
        writer = self._asked.writer
        return await self._paid(writer, lead, budget, lambda: writer.judge(question))

    async def research(self, lead: Lead) -> Research:
        """What is known about the lead's company. Raises Exhausted, and what the researcher raises."""
        researcher = self._asked.researcher
        return await self._paid(researcher, lead, None, lambda: researcher.research(lead.company, lead.website))

    async def unshown_usd(self, lead: Lead) -> float:
        """What was spent on the lead and does not stand in its row yet."""
        return max(0.0, round(await self._ledger.spent_on(lead.id) - lead.cost_usd, _DIGITS))

    async def cost(self, lead: Lead) -> dict[str, Value]:
        """The lead's Cost USD as a patch; empty when the row shows all of it."""
        usd = await self.unshown_usd(lead)
        return {"cost_usd": round(lead.cost_usd + usd, _DIGITS)} if usd else {}

    async def _paid(
        self, vendor: Writer | Researcher, lead: Lead, budget: Budget | None, call: Callable[[], Awaitable[Said]]
    ) -> Said:
        await self._hold_back(vendor, budget)
        usd = vendor.usd_at_most  # a call that is broken off may be billed in full
        try:
            said = await call()
            usd = said.usd
        except Failure as failure:
            usd = failure.usd
            raise
        finally:
            try:
                await self._book(vendor.name, lead, usd, budget)
            finally:
                self._give_back(vendor.usd_at_most, budget)
        await self._alerts.over(f"vendor.{vendor.name}")  # it answers: a halt that ended by itself is over
        return said

    async def _hold_back(self, vendor: Writer | Researcher, budget: Budget | None) -> None:
        """Wait until the call fits in beside those in flight, and hold back what it may cost."""
        limit_usd, usd = self._settings.limits.spend.usd_per_day, vendor.usd_at_most
        while True:
            begins, ends = spend.day_of(self._clock.now(), self._settings.campaign.timezone)
            spent_usd = await self._ledger.spent(begins, ends)
            # Nothing is awaited from here to the holding back, so no other call comes in between.
            today = spend.room(limit_usd, spent_usd, self._in_flight_usd, usd)
            if today is Room.NO:
                detail = f"{limit_usd:.2f} USD, [limits.spend] usd_per_day; it goes on at midnight"
                raise Exhausted(vendor.name, "daily spend limit reached", detail, until=ends)
            errand = Room.YES
            if budget is not None:
                errand = spend.room(budget.usd, budget.spent_usd, budget.in_flight_usd, usd)
            if errand is Room.NO:
                raise OverBudget
            if today is errand is Room.YES:
                break
            await self._ended.wait()
        self._in_flight_usd += usd
        if budget is not None:
            budget.in_flight_usd += usd

    def _give_back(self, usd: float, budget: Budget | None) -> None:
        self._in_flight_usd -= usd
        if budget is not None:
            budget.in_flight_usd -= usd
        ended, self._ended = self._ended, anyio.Event()
        ended.set()

    async def _book(self, vendor: str, lead: Lead, usd: float, budget: Budget | None) -> None:
        if budget is not None:
            budget.spent_usd += usd
        if not usd:
            return
        # A lost ledger learns from the row what was spent before, so that its sum is the whole.
        missing_usd = lead.cost_usd - await self._ledger.spent_on(lead.id)
        if round(missing_usd, _DIGITS) > 0:
            await self._ledger.spend(EARLIER, lead.id, missing_usd, _BEFORE_ALL)
        await self._ledger.spend(vendor, lead.id, usd, self._clock.now())

"""Is every paid call within the limit, and everything it cost in the ledger and on the row?"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import anyio
import pytest

from incidents.scenes import decent, started_again
from office import SETTINGS, TUESDAY, Office, an_office, lead
from outboundd.adapters.scripted import ScriptedResearcher, ScriptedWriter
from outboundd.engine.spend import Budget, OverBudget
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import Answer, Brief, Research
from outboundd.model.settings import Settings, Spend
from outboundd.ports import Ambiguous, Broken, Exhausted, Failure, Refused, Transient

BRIEF = Brief(step=0, steps=1, prompt="Write.")
BOUND = 0.10
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)


def limited(usd_per_day: float, timezone: str = "UTC") -> Settings:
    """The settings with a daily limit."""
    limits = replace(SETTINGS.limits, spend=Spend(usd_per_day=usd_per_day))
    return replace(SETTINGS, limits=limits, campaign=replace(SETTINGS.campaign, timezone=timezone))


class PaidWriter(ScriptedWriter):
    """A model whose calls take a moment, so that several are in flight; `most` is how many were."""

    def __init__(self, price: float | Callable[[Brief], Answer | Failure] = 0.04) -> None:
        lines = price if callable(price) else lambda brief: Answer(text=decent(brief), usd=price)
        super().__init__(lines, lambda _: Answer(text=SAME, usd=0.04), name="openai", usd_at_most=BOUND)
        self.now, self.most = 0, 0

    async def write(self, brief: Brief) -> Answer:
        """As scripted, after a moment."""
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await anyio.lowlevel.checkpoint()
            await anyio.lowlevel.checkpoint()
            return await super().write(brief)
        finally:
            self.now -= 1


SAME = json.dumps({"verdict": "same", "evidence": "the imprint of the group"})


def with_writer(writer: ScriptedWriter, *leads: Lead, settings: Settings = SETTINGS) -> Office:
    """An office with this model."""
    office = an_office(*leads, settings=settings)
    office.parts.world.writer = writer
    return office


async def spent(office: Office) -> float:
    """All that the ledger knows."""
    return round(await office.ledger.spent(TUESDAY - timedelta(days=9), TUESDAY + timedelta(days=9)), 6)


class TestTheDailyLimit:
    """[limits.spend] usd_per_day."""

    async def test_no_call_begins_that_could_lead_over_it(self):
        """At 4 cents a call and a bound of 10, a limit of 20 pays for three: 8, then 12 of 20 and no room for 10."""
        office = with_writer(PaidWriter(), settings=limited(0.20))
        for _ in range(3):
            await office.parts.purse.write(lead(1), BRIEF_OF_A_LEAD)
        with pytest.raises(Exhausted, match="daily spend limit reached") as reached:
            await office.parts.purse.write(lead(1), BRIEF_OF_A_LEAD)
        assert (reached.value.vendor, reached.value.until) == ("openai", MIDNIGHT)
        assert await spent(office) == 0.12

    async def test_eight_at_once_keep_it_too(self):
        """Each holds back its bound: with 25 cents only two are in flight, and the others wait for what is left."""
        writer = PaidWriter()
        office = with_writer(writer, *(lead(number) for number in range(20)), settings=limited(0.25))
        end = await office.run("draft")
        assert (end.code, writer.most) == (3, 2)
        assert 0.15 <= await spent(office) <= 0.25
        assert len(writer.briefs) == 4

    async def test_the_halt_ends_by_itself_at_the_operators_midnight_and_the_next_day_is_told_anew(self):
        """Halted until then, one alert a day, and no hand is needed in between."""
        writer = PaidWriter()
        office = with_writer(writer, *(lead(n) for n in range(9)), settings=limited(0.12, "America/New_York"))
        assert (await office.run("draft")).code == 3
        assert [halt.until for halt in await office.ledger.halts(office.clock.now())] == [MIDNIGHT.replace(hour=5)]
        assert (await office.run("draft")).code == 3
        assert len(office.operator.alerts) == 1
        office.advance(hours=19, minutes=1)
        asked = len(writer.briefs)
        assert (await office.run("draft")).code == 3
        assert len(writer.briefs) > asked
        assert [alert.title for alert in office.operator.alerts] == [
            "openai is halted: daily spend limit reached",
            "openai is halted: daily spend limit reached",
        ]

    async def test_a_restart_does_not_begin_a_new_day(self):
        """What was spent lies in the ledger."""
        office = with_writer(PaidWriter(), *(lead(n) for n in range(9)), settings=limited(0.20))
        await office.run("draft")
        before = await spent(office)
        office = started_again(office)
        await office.ledger.resume("openai")
        assert (await office.run("draft")).code == 3
        assert await spent(office) == before

    async def test_with_nothing_to_spend_no_model_is_asked_and_a_template_writes(self):
        """0 switches paid calls off, and only those."""
        writer = PaidWriter()
        office = with_writer(writer, lead(1), settings=limited(0.0))
        assert (await office.run("draft")).code == 3
        assert writer.briefs == []
        templates = an_office(lead(1), settings=limited(0.0))
        assert (await templates.run("draft")).done["drafted"] == 1

    async def test_research_counts_with_the_rest(self):
        """One purse for all vendors; the one that does not fit is named."""
        office = with_writer(PaidWriter(), settings=limited(0.12))
        office.parts.world.researcher = ScriptedResearcher([], name="perplexity", usd_at_most=0.05)
        await office.parts.purse.write(lead(1), BRIEF_OF_A_LEAD)
        await office.ledger.spend("openai", "ld0002", 0.04, TUESDAY)
        with pytest.raises(Exhausted) as reached:
            await office.parts.purse.research(lead(1))
        assert reached.value.vendor == "perplexity"


class TestABudget:
    """Of one errand."""

    async def test_it_is_never_exceeded_and_counts_its_own_calls_alone(self):
        """What others spend meanwhile is the day's affair."""
        office = with_writer(PaidWriter())
        budget = Budget(usd=0.20)
        await office.parts.purse.write(lead(1), BRIEF_OF_A_LEAD)
        for _ in range(3):
            await office.parts.purse.judge(lead(1), "?", budget)
        with pytest.raises(OverBudget):
            await office.parts.purse.judge(lead(1), "?", budget)
        assert round(budget.spent_usd, 6) == 0.12


BRIEF_OF_A_LEAD = replace(BRIEF, fields={"greeting": "Hello Rosa,"})
FAILURES = [
    Transient("openai", "overloaded", usd=0.03),
    Refused("openai", "refusal", usd=0.03),
    Exhausted("openai", "insufficient_quota", usd=0.03),
    Ambiguous("openai", "no answer", usd=0.03),
    Broken("openai", "truncated", usd=0.03),
]


class TestTheLedger:
    """Every cent has its line."""

    @pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
    async def test_a_call_that_failed_is_booked_with_what_it_cost(self, failure: Failure):
        """A truncated or refused answer is billed."""
        office = with_writer(PaidWriter(lambda _: failure))
        with pytest.raises(type(failure)):
            await office.parts.purse.write(lead(1), BRIEF)
        assert (await spent(office), await office.ledger.spent_on("ld0001")) == (0.03, 0.03)

    async def test_a_call_that_is_broken_off_counts_in_full(self):
        """Nobody will tell what it cost; the vendor may bill all of it."""
        office = with_writer(PaidWriter())
        with anyio.CancelScope() as scope:
            scope.cancel()
            await office.parts.purse.write(lead(1), BRIEF)
        assert await spent(office) == BOUND

    async def test_what_failed_gives_its_room_back(self):
        """Else some failures would close the day."""
        office = with_writer(PaidWriter(lambda _: Transient("openai", "overloaded")), settings=limited(BOUND))
        for _ in range(3):
            with pytest.raises(Transient):
                await office.parts.purse.write(lead(1), BRIEF)

    async def test_a_free_call_leaves_no_line(self):
        """Templates are no entries."""
        office = an_office(lead(1))
        await office.run("draft")
        assert office.ledger._db.rows("SELECT * FROM spend") == []


class TestTheRow:
    """Cost USD."""

    async def test_it_holds_research_judgement_and_draft(self):
        """All that was spent on the lead, by whomever it was asked for."""
        office = with_writer(PaidWriter(), lead(1, email="rosa@elsewhere.example"))
        office.parts.world.researcher = ScriptedResearcher([Research(text="Cranes.", usd=0.005)], usd_at_most=0.01)
        await office.run("draft")
        row = await office.row("ld0001")
        assert (row.stage, row.cost_usd) == (Stage.DRAFTED, 0.085)
        assert await office.ledger.spent_on("ld0001") == pytest.approx(0.085)

    async def test_it_holds_drafts_that_went_to_review(self):
        """Two that no lint would pass are paid for."""
        office = with_writer(PaidWriter(lambda _: Answer(text="no JSON", usd=0.04)), lead(1))
        await office.run("draft")
        row = await office.row("ld0001")
        assert (row.stage, row.cost_usd) == (Stage.REVIEW, 0.08)

    async def test_it_holds_a_failed_call_with_the_next_transition(self):
        """In the ledger at once, on the row with the draft, also across a restart."""
        lines = [Transient("openai", "overloaded", usd=0.03)]
        writer = PaidWriter(lambda brief: lines.pop() if lines else Answer(text=decent(brief), usd=0.04))
        office = with_writer(writer, lead(1))
        await office.run("draft")
        assert (await office.row("ld0001")).cost_usd == 0
        office = started_again(office)
        await office.run("draft")
        assert (await office.row("ld0001")).cost_usd == 0.07

    async def test_it_holds_what_a_refusal_cost(self):
        """The model would not write this mail, and is paid all the same: the row in review says so."""
        refusal = Refused("openai", "the model refuses", usd=0.03)
        office = with_writer(PaidWriter(lambda _: refusal), lead(1, email="rosa@elsewhere.example"))
        await office.run("draft")
        row = await office.row("ld0001")
        assert (row.stage, row.cost_usd) == (Stage.REVIEW, 0.07)

    async def test_it_goes_on_counting_after_a_lost_ledger(self):
        """The row tells what was spent before; the new ledger's sum is the whole, and today's limit is untouched."""
        office = with_writer(PaidWriter(), lead(1, cost_usd=0.5), settings=limited(0.20))
        await office.run("draft")
        assert (await office.row("ld0001")).cost_usd == 0.54
        assert await office.ledger.spent_on("ld0001") == pytest.approx(0.54)
        assert await spent(office) == 0.04


async def test_colleagues_drafted_at_once_are_one_research():
    """The first asks, the others wait for its answer."""
    people = [
        lead(number, company="Quay Ltd", website="quay.example", email=f"a{number}@quay.example") for number in range(4)
    ]
    office = with_writer(PaidWriter(), *people)
    researcher = office.parts.world.researcher = ScriptedResearcher(lambda _: Research(text="Quays.", usd=0.01))
    await office.run("draft")
    assert len(researcher.asked) == 1


async def test_that_nothing_is_known_of_a_company_is_paid_for_once():
    """A paid search without a finding is not repeated for each colleague."""
    people = [
        lead(number, company="Quay Ltd", website="quay.example", email=f"a{number}@quay.example") for number in range(2)
    ]
    office = with_writer(PaidWriter(), *people)
    researcher = office.parts.world.researcher = ScriptedResearcher(lambda _: Research(usd=0.01))
    await office.run("draft")
    assert len(researcher.asked) == 1

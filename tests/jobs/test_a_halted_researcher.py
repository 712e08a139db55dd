"""What is drafted while nobody can be asked about companies?"""

from dataclasses import replace

import pytest

from office import SETTINGS, Office, an_office, lead
from outboundd.adapters.scripted import ScriptedResearcher
from outboundd.model.lead import Stage
from outboundd.model.mail import Research
from outboundd.ports import Exhausted


class Empty(ScriptedResearcher):
    """A researcher whose credit is used up."""

    def __init__(self) -> None:
        super().__init__(lambda company: company)
        self.asked = 0

    async def research(self, company: str, website: str) -> Research:
        self.asked += 1
        raise Exhausted(self.name, "credit is used up")


def office_of(*, without: bool, count: int = 6) -> tuple[Office, Empty]:
    """So many new leads, and a researcher that has nothing left."""
    settings = replace(SETTINGS, write_without_research=without)
    office = an_office(*(lead(number) for number in range(1, count + 1)), settings=settings)
    office.parts.world.researcher = researcher = Empty()
    return office, researcher


async def drafted(office: Office) -> int:
    """How many leads have a draft."""
    rows = [await office.row(f"ld{number:04}") for number in range(1, 7)]
    return sum(row.stands is Stage.DRAFTED for row in rows)


async def test_on_hold_nothing_new_is_drafted_until_the_researcher_is_back() -> None:
    """The job is off, by schedule and by hand, and says which vendor it waits for."""
    office, researcher = office_of(without=False)
    assert (await office.run("draft")).code == 3
    asked = researcher.asked
    again = await office.run("draft")
    assert (again.code, researcher.name in again.words) == (3, True)
    assert (researcher.asked, await drafted(office)) == (asked, 0)


@pytest.mark.parametrize("runs", [1, 2])
async def test_write_without_goes_on_from_the_row_alone_and_asks_no_more(runs: int) -> None:
    """The vendor is halted and told of once; every lead is written all the same."""
    office, researcher = office_of(without=True)
    for _ in range(runs):
        assert (await office.run("draft")).code == 0
    assert await drafted(office) == 6
    assert [alert.title for alert in office.operator.alerts] == [f"{researcher.name} is halted: credit is used up"]
    asked = researcher.asked
    assert (await office.run("draft")).code == 0
    assert researcher.asked == asked


async def test_a_follow_up_is_written_while_the_researcher_is_halted() -> None:
    """An open thread needs no new research: what the row says is enough, and a halted vendor is asked nothing."""
    office, researcher = office_of(without=True, count=6)
    await office.mail_out()
    asked = researcher.asked
    office.advance(days=7)
    await office.run("reconcile")
    await office.run("follow_up")
    assert researcher.asked == asked
    assert await drafted(office) > 0

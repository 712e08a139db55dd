"""Incident: a bought list was believed, and two in a hundred did not work at the company they were written to about.

Nobody is drafted before it is settled that they do: by the domains, by the pool, by a question; never by "probably".
"""

import json
from collections.abc import Callable

import pytest

from incidents.scenes import decent
from office import Office, an_office, lead
from outboundd.adapters.scripted import ScriptedWriter
from outboundd.model.decision import Objection
from outboundd.model.lead import Lead, Stage
from outboundd.ports import Ambiguous, Broken, Failure, Refused, Transient

Verdict = Callable[[str], str | Failure]


def elsewhere(number: int, domain: str = "quite-another.example", **fields: str) -> Lead:
    """A lead whose address lies under a domain that is not the company's website."""
    return lead(number, email=f"li{number}@{domain}", **fields)


def says(verdict: str) -> Verdict:
    """A model that always gives this verdict."""
    return lambda _: json.dumps({"verdict": verdict, "evidence": "so it is known"})


def asking(*leads: Lead, verdict: Verdict) -> tuple[Office, ScriptedWriter]:
    """An office whose model answers the question like this."""
    office = an_office(*leads)
    writer = ScriptedWriter(decent, verdict, name="openai")
    office.parts.world.writer = writer
    return office, writer


async def stage(office: Office, number: int = 1) -> Stage:
    """Where a lead stands."""
    return (await office.row(f"ld{number:04}")).stands


async def test_the_companys_own_domain_is_enough() -> None:
    """Tier 1: no question is asked."""
    office, writer = asking(lead(1), verdict=says("same"))
    await office.run("draft")
    assert (await stage(office), writer.questions) == (Stage.DRAFTED, [])


async def test_a_domain_that_the_whole_staff_writes_from_is_known_from_the_pool() -> None:
    """Tier 2: five people of the company have it, and hardly anybody else."""
    company = {"company": "Harbour Works", "website": "harbourworks.example"}
    office, writer = asking(
        *(elsewhere(number, "harbour-group.example", **company) for number in range(1, 6)), verdict=says("same")
    )
    await office.run("draft")
    assert [await stage(office, number) for number in range(1, 6)] == [Stage.DRAFTED] * 5
    assert writer.questions == []


async def test_somebody_of_another_company_in_the_pool_is_out() -> None:
    """Tier 2 the other way: the domain is another company's own, and colleagues here write from ours."""
    other = lead(2, company="Other Works", website="other-firm.example", email="ann@other-firm.example")
    stray = elsewhere(3, "other-firm.example", company="Harbour Works 1", website="https://www.harbourworks1.example")
    office, writer = asking(lead(1), other, stray, verdict=says("same"))
    for job in ("draft", "send", "draft", "send"):
        await office.run(job)
    assert (await stage(office, 3), writer.questions) == (Stage.MISMATCHED, [])
    assert not any(".ld0003." in letter.tag for letter in office.mailer.posts)


@pytest.mark.parametrize(
    ("verdict", "stands"), [("same", Stage.DRAFTED), ("other", Stage.MISMATCHED), ("unclear", Stage.REVIEW)]
)
async def test_what_neither_tells_is_asked(verdict: str, stands: Stage) -> None:
    """Tier 3: one question for the company and its domain, and its answer is obeyed."""
    office, writer = asking(elsewhere(1), verdict=says(verdict))
    await office.run("draft")
    assert (await stage(office), len(writer.questions)) == (stands, 1)
    await office.run("send")
    assert len(writer.briefs) == len(office.mailer.posts) == int(stands is Stage.DRAFTED)


async def test_a_writer_that_is_no_model_leaves_it_to_a_human() -> None:
    """The template says unclear, so the lead waits in review with its evidence; approve lets it go on."""
    office = an_office(elsewhere(1))
    await office.run("draft")
    row = await office.row("ld0001")
    assert row.stands is Stage.REVIEW
    assert row.waiting_for.startswith("unclear whether the person works there")
    assert (await office.ledger.transitions("ld0001"))[-1].objection is Objection.ATTRIBUTION
    office.store.rows["ld0001"]["Override"] = "approve"
    await office.run("draft")
    assert await stage(office) is Stage.DRAFTED


@pytest.mark.parametrize(
    "failure",
    [
        Transient("openai", "rate limit"),
        Ambiguous("openai", "no answer"),
        Refused("openai", "content filter"),
        Broken("openai", "unknown field"),
    ],
)
async def test_a_question_that_fails_is_no_yes(failure: Failure) -> None:
    """Nothing is written and nothing leaves: the lead stays where it was or waits for a human."""
    office, writer = asking(elsewhere(1), verdict=lambda _: failure)
    await office.run("draft")
    await office.run("send")
    assert await stage(office) in (Stage.NEW, Stage.REVIEW)
    assert (writer.briefs, office.mailer.posts) == ([], [])


@pytest.mark.parametrize("answer", ["", "same", '{"verdict": "probably", "evidence": "x"}', '{"verdict": "same"}'])
async def test_an_answer_that_is_none_is_no_yes(answer: str) -> None:
    """Only the agreed object counts."""
    office, writer = asking(elsewhere(1), verdict=lambda _: answer)
    await office.run("draft")
    assert (await stage(office), writer.briefs) == (Stage.REVIEW, [])


async def test_of_a_hundred_only_those_who_work_there_are_written_to() -> None:
    """The two strangers are out with their evidence, the others get their mail."""
    strangers = (13, 77)
    leads = [elsewhere(number) if number in strangers else lead(number) for number in range(1, 101)]
    office, writer = asking(*leads, verdict=says("other"))
    await office.run("draft", limit=100)
    stages = [await stage(office, number) for number in range(1, 101)]
    assert stages.count(Stage.DRAFTED) == len(writer.briefs) == 98
    assert [stages[number - 1] for number in strangers] == [Stage.MISMATCHED] * 2
    for number in strangers:
        assert "so it is known" in (await office.row(f"ld{number:04}")).attribution

"""Incident: the model's quota ended in mid-batch, and the drafts it could not write left with empty subjects.

An empty account is halted within the call, across restarts, with one alert; and a mail without words never leaves.
"""

import json

import pytest

from incidents.scenes import WriterThatRunsDry, counting_writer, started_again
from office import Office, an_office, lead
from outboundd.adapters.scripted import ScriptedWriter
from outboundd.model.decision import Objection
from outboundd.model.lead import Lead, Stage
from outboundd.ports import Exhausted
from outboundd.steps.write_drafts import AT_ONCE

LEADS, PAID = 20, 6
DECENT = "Hello,\n\nmay I show you how other building sites keep track of their drills and saws?"
CAUSES = ["insufficient_quota", "billing_hard_limit", "invalid_api_key"]


async def ran_dry(cause: str) -> tuple[Office, WriterThatRunsDry]:
    """A draft run in which the account ends after some mails."""
    office = an_office(*(lead(number) for number in range(1, LEADS + 1)))
    writer = WriterThatRunsDry(PAID, Exhausted("openai", cause))
    office.parts.world.writer = writer
    assert (await office.run("draft")).code == 3
    return office, writer


async def rows(office: Office) -> list[Lead]:
    """All leads as the store shows them."""
    return [await office.row(f"ld{number:04}") for number in range(1, LEADS + 1)]


async def waits_for_a_human(office: Office) -> None:
    """The lint has objected, in a way that nobody can waive."""
    assert (await office.row("ld0001")).stands is Stage.REVIEW
    assert (await office.ledger.transitions("ld0001"))[-1].objection is Objection.LINT_HARD


@pytest.mark.parametrize("cause", CAUSES)
async def test_no_call_is_begun_after_those_in_flight(cause: str) -> None:
    """The batch ends at once, not lead by lead with the same answer."""
    _, writer = await ran_dry(cause)
    assert PAID < len(writer.briefs) <= PAID + AT_ONCE


@pytest.mark.parametrize("cause", CAUSES)
async def test_the_vendor_stays_halted_across_restarts_and_the_operator_is_told_once(cause: str) -> None:
    """Every job that needs it ends at once; `resume` brings it back and the rest is written."""
    office, writer = await ran_dry(cause)
    asked = len(writer.briefs)
    for _ in range(3):
        office = started_again(office)
        assert [(await office.run(job)).code for job in ("draft", "follow_up")] == [3, 3]
    assert len(writer.briefs) == asked
    assert [alert.title for alert in office.operator.alerts] == [f"openai is halted: {cause}"]
    await office.ledger.resume("openai")
    writer.after = 1000
    assert (await office.run("draft")).code == 0
    assert {row.stands for row in await rows(office)} == {Stage.DRAFTED}


@pytest.mark.parametrize("cause", CAUSES)
async def test_nothing_is_half_written(cause: str) -> None:
    """A lead has its whole draft or none, and only those with one are sent."""
    office, _ = await ran_dry(cause)
    written = [row for row in await rows(office) if row.stands is Stage.DRAFTED]
    assert len(written) == PAID
    assert all(row.subject and row.body for row in written)
    assert all(
        row.stands in (Stage.NEW, Stage.VERIFIED) and not row.subject and not row.body
        for row in await rows(office)
        if row not in written
    )
    await office.run("send")
    assert {letter.tag.split(".")[1] for letter in office.mailer.posts} == {row.id for row in written}


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps({"subject": "", "body": DECENT}),
        json.dumps({"subject": " \u200b", "body": DECENT}),
        json.dumps({"body": DECENT}),
        json.dumps({"subject": "Drills and saws", "body": ""}),
        "",
    ],
)
async def test_an_answer_without_a_subject_is_no_draft(answer: str) -> None:
    """Asked twice, then for a human; it never becomes a draft."""
    office = an_office(lead(1))
    office.parts.world.writer = writer = ScriptedWriter(lambda _: answer)
    await office.run("draft")
    await office.run("send")
    assert len(writer.briefs) == 2
    await waits_for_a_human(office)
    assert office.mailer.posts == []


@pytest.mark.parametrize("emptied", ["Subject", "Body"])
async def test_a_draft_emptied_on_the_row_is_not_sent(emptied: str) -> None:
    """The last look before the mail leaves is at the words that would leave."""
    office = an_office(lead(1))
    office.parts.world.writer = counting_writer()
    await office.run("draft")
    office.store.rows["ld0001"][emptied] = ""
    await office.run("send")
    assert office.mailer.posts == []
    await waits_for_a_human(office)

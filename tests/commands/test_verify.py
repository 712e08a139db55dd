"""Does each person work at the company on record, asked for the whole pool, without harm to what is under way?"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace

from commands.saying import file_of, refused
from office import Office, an_office, lead
from outboundd.adapters.scripted import ScriptedWriter
from outboundd.model.lead import Stage
from outboundd.model.mail import Answer
from outboundd.ports import Exhausted

ELSEWHERE = {"email": "rosa@elsewhere.example"}


def with_model(office: Office, *judgements: Answer | Exhausted) -> ScriptedWriter:
    """The office with a model that will answer the question of tier 3 so."""
    writer = ScriptedWriter([], judgements, usd_at_most=0.02)
    office.parts.world.writer = writer
    return writer


def verdict(word: str, usd: float = 0.01) -> Answer:
    """A model's answer."""
    return Answer(text=json.dumps({"verdict": word, "evidence": "as the group's imprint says"}), usd=usd)


def rows_of(text: str) -> list[dict[str, str]]:
    """A report as a spreadsheet reads it."""
    return list(csv.DictReader(io.StringIO(text)))


async def stages(office: Office, ids: Sequence[str]) -> list[Stage | None]:
    """Where these leads stand in the store."""
    return [(await office.row(row)).stage for row in ids]


async def test_new_leads_are_verified_with_evidence_and_no_mail_is_written() -> None:
    """Counts per answer, the cost before and after, and a report line for each lead."""
    office = an_office(lead(1), lead(2, **ELSEWHERE))
    lines = await office.say("verify")
    told = "\n".join(line.text for line in lines if line.text)
    assert "2 leads to look at\ncost: none (template is no model, 1 lead that" in told
    assert "1 work there" in told
    assert "1 unclear: to review" in told
    assert "cost: 0.00 USD" in told
    assert await stages(office, ["ld0001", "ld0002"]) == [Stage.VERIFIED, Stage.REVIEW]
    report = rows_of(file_of(lines))
    assert [(row["id"], row["answer"], row["tier"]) for row in report] == [
        ("ld0001", "same", "1"),
        ("ld0002", "unclear", "3"),
    ]
    assert report[1]["domains"] == "harbourworks2.example / elsewhere.example"


async def test_verified_again_only_what_is_new_is_looked_at() -> None:
    """Resumable: a second run goes on where the first one stopped."""
    office = an_office(lead(1))
    await office.say("verify")
    office.store.put(lead(2))
    data = await office.data("verify")
    assert (data["leads"], data["answers"]) == (1, {"same": 1})


async def test_rows_pasted_a_minute_ago_are_looked_at_too() -> None:
    """The queue is fed first: nobody has to wait for the next hour."""
    office = an_office()
    await office.run("reconcile")
    office.store.put(lead(1))
    assert (await office.data("verify"))["answers"] == {"same": 1}


async def test_a_dry_run_asks_no_model_and_writes_nothing() -> None:
    """It says how many questions there would be."""
    office = an_office(lead(1), lead(2, **ELSEWHERE))
    writer = with_model(office)
    office.desk.dry = True
    data = await office.data("verify")
    assert data["answers"] == {"same": 1, "ask": 1}
    assert writer.questions == []
    assert not await office.ledger.transitions("ld0001")


async def test_a_model_is_asked_once_for_company_and_domain_and_its_cost_is_told() -> None:
    """Two people of one company with one strange domain are one question."""
    office = an_office(
        lead(1, **ELSEWHERE),
        lead(2, email="omar@elsewhere.example", company="Harbour Works 1", website="harbourworks1.example"),
    )
    writer = with_model(office, verdict("other"))
    told = await office.read("verify")
    assert "cost: 1 question to scripted about 2 leads, at most $0.02" in told
    assert "cost: 0.01 USD" in told
    assert len(writer.questions) == 1
    assert await stages(office, ["ld0001", "ld0002"]) == [Stage.MISMATCHED, Stage.MISMATCHED]


async def test_with_all_a_verified_lead_that_is_of_another_company_leaves_the_pipeline() -> None:
    """Verified on an earlier belief, now known to be wrong: mismatched, by a legal way, with the evidence."""
    office = an_office(lead(1, **ELSEWHERE))
    with_model(office, verdict("same"))
    await office.say("verify")
    assert await stages(office, ["ld0001"]) == [Stage.VERIFIED]
    office.advance(days=400)
    with_model(office, verdict("other"))
    await office.say("verify", everyone=True)
    row = await office.row("ld0001")
    assert (row.stage, row.attribution.startswith("other")) == (Stage.MISMATCHED, True)
    assert "looked at again" in row.trail


async def test_with_all_a_review_and_a_mismatch_may_come_back() -> None:
    """What is known better today counts: the declared pair makes both verified."""
    office = an_office(lead(1, **ELSEWHERE), lead(2, email="omar@other.example"))
    with_model(office, verdict("unclear"), verdict("other"))
    await office.say("verify")
    assert sorted(str(stage) for stage in await stages(office, ["ld0001", "ld0002"])) == ["mismatched", "review"]
    pairs = (("harbourworks1.example", "elsewhere.example"), ("harbourworks2.example", "other.example"))
    office.parts.settings = replace(office.parts.settings, same_domains=pairs)
    await office.say("verify", everyone=True)
    assert await stages(office, ["ld0001", "ld0002"]) == [Stage.VERIFIED, Stage.VERIFIED]


async def test_with_all_a_good_draft_stays_as_it_is() -> None:
    """Nothing is redrafted because somebody looked."""
    office = an_office(lead(1))
    await office.run("draft")
    before = await office.row("ld0001")
    await office.say("verify", everyone=True)
    assert await office.row("ld0001") == before


async def test_a_draft_to_a_stranger_is_taken_back() -> None:
    """The mail that was ready does not leave."""
    office = an_office(lead(1, **ELSEWHERE))
    with_model(office, verdict("same"))
    await office.say("verify")
    template = an_office().parts.world.writer
    office.parts.world.writer = template
    await office.run("draft")
    assert await stages(office, ["ld0001"]) == [Stage.DRAFTED]
    office.advance(days=400)
    with_model(office, verdict("other"))
    await office.say("verify", everyone=True)
    await office.run("send")
    assert await stages(office, ["ld0001"]) == [Stage.MISMATCHED]
    assert not office.mailer.posts


async def test_whom_the_operator_approved_stays_approved() -> None:
    """A human's word on this person and company is not overruled by a machine's doubt."""
    office = an_office(lead(1, **ELSEWHERE))
    await office.say("verify")
    await office.say("override", who="ld0001", value="approve")
    data = await office.data("verify", everyone=True)
    assert (data["answers"], data["passed_over"]) == ({}, {"approved by the operator": 1})
    assert await stages(office, ["ld0001"]) == [Stage.VERIFIED]


async def test_no_question_is_paid_for_somebody_who_will_not_be_written_to() -> None:
    """Suppressed, ticked, or taken over from an older system: passed over, with the reason."""
    office = an_office(
        lead(1, **ELSEWHERE, do_not_contact=True),
        lead(2, email="omar@elsewhere.example", last_sent_at=lead(1).created_at),
    )
    writer = with_model(office)
    data = await office.data("verify")
    assert sum(data["passed_over"].values()) == 2
    assert writer.questions == []
    assert await stages(office, ["ld0001", "ld0002"]) == [None, None]


async def test_credit_gone_halts_the_writer_and_keeps_what_was_found_out() -> None:
    """Exit 3, told once; a later run goes on with the rest."""
    office = an_office(lead(1), lead(2, **ELSEWHERE))
    with_model(office, Exhausted("scripted", "insufficient_quota"))
    code, sentence = await refused(office, "verify")
    assert (code, "run it again" in sentence) == (3, True)
    assert await stages(office, ["ld0001", "ld0002"]) == [Stage.VERIFIED, None]
    assert [halt.what for halt in await office.ledger.halts(office.clock.now())] == ["scripted"]
    assert len(office.operator.alerts) == 1


async def test_what_a_list_holds_does_not_run_in_the_report() -> None:
    """A company called like a formula is a text in the spreadsheet."""
    office = an_office(lead(1, company="=cmd()"))
    assert rows_of(file_of(await office.say("verify")))[0]["company"] == "'=cmd()"

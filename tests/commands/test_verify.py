"""Does each person work at the company on record, asked for the whole pool, without harm to what is under way?"""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import anyio
import pytest

from commands.saying import file_of, refused
from incidents.scenes import started_again
from office import Office, an_office, lead
from outboundd.adapters.scripted import ScriptedWriter
from outboundd.model.lead import Lead, Stage
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
    assert "cost: 1 question to scripted about 1 lead, at most $0.02" in await office.read("verify")
    data = await office.data("verify")
    assert data["answers"] == {"same": 1, "ask": 1}
    assert (data["questions"], data["usd"]) == (1, 0.0)
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


class Judge(ScriptedWriter):
    """A model that takes a moment to say "other", at 1 cent a question and never more than 2.

    `scope` is cancelled when it has been asked `breaks_at` times: the process is taken away in the middle.
    """

    def __init__(self, *, word: str = "other", breaks_at: int = 0) -> None:
        super().__init__([], lambda _: verdict(word), usd_at_most=0.02)
        self.breaks_at = breaks_at
        self.scope = anyio.CancelScope()

    async def judge(self, question: str) -> Answer:
        """The verdict, after a moment."""
        if self.breaks_at and len(self.questions) >= self.breaks_at:
            self.scope.cancel()
        await anyio.lowlevel.checkpoint()
        return await super().judge(question)


def strangers(count: int, first: int = 1) -> list[Lead]:
    """Leads of different companies, each with a domain that only a model can tell."""
    return [lead(number, email=f"rosa@elsewhere{number}.example") for number in range(first, first + count)]


def judged_by(office: Office, judge: Judge) -> Judge:
    """The office with this model."""
    office.parts.world.writer = judge
    return judge


async def test_a_budget_is_never_exceeded_and_the_rest_waits_for_the_next_run() -> None:
    """No question whose price could lead over it: 4 of 10 at 2 cents at most and 1 in fact, and no failure."""
    office = an_office(*strangers(10))
    judge = judged_by(office, Judge())
    told = await office.read("verify", budget=0.05)
    assert "at most $0.20; the budget is $0.05" in told
    assert "budget of $0.05 used up: 6 leads left, run it again" in told
    assert len(judge.questions) == 4
    data = await office.data("verify")
    assert (data["answers"], data["questions"], data["left"]) == ({"other": 6}, 6, 0)
    assert len(set(judge.questions)) == len(judge.questions) == 10


async def test_without_money_everything_that_is_free_is_found_out() -> None:
    """A budget of nothing asks nobody."""
    office = an_office(lead(20), *strangers(2))
    judge = judged_by(office, Judge())
    data = await office.data("verify", budget=0.0)
    assert (data["answers"], data["left"], judge.questions) == ({"same": 1}, 2, [])
    assert (await office.row("ld0020")).stage is Stage.VERIFIED


@pytest.mark.parametrize("budget", [-1.0, math.nan, math.inf])
async def test_a_budget_that_is_no_amount_is_refused(budget: float) -> None:
    """With a sentence, before anything is read."""
    code, sentence = await refused(an_office(), "verify", budget=budget)
    assert (code, "give an amount in USD" in sentence) == (2, True)


async def test_the_days_limit_halts_it_like_any_other_job() -> None:
    """Exit 3; what was found out is kept."""
    office = an_office(*strangers(5))
    judge = judged_by(office, Judge())
    await office.ledger.spend("scripted", "ld0099", 19.97, office.clock.now())
    code, sentence = await refused(office, "verify")
    assert (code, "daily spend limit reached" in sentence) == (3, True)
    assert len(judge.questions) == 2
    assert (await stages(office, ["ld0001", "ld0005"])) == [Stage.MISMATCHED, None]


async def test_the_same_question_of_several_leads_at_once_is_asked_once() -> None:
    """Three colleagues looked at in the same moment: one asks, two wait for the answer."""
    colleagues = [
        lead(number, company="Quay Ltd", website="quay.example", email=f"a{number}@harbour.example")
        for number in range(3)
    ]
    office = an_office(*colleagues)
    judge = judged_by(office, Judge())
    data = await office.data("verify")
    assert (len(judge.questions), data["usd"], data["answers"]) == (1, 0.01, {"other": 3})


async def test_broken_off_it_goes_on_where_it_stopped() -> None:
    """A new process on the same ledger asks no question again that was answered before."""
    office = an_office(*strangers(30))
    judge = Judge(breaks_at=13)
    judged_by(office, judge)
    with judge.scope:
        await office.say("verify")
    answered = list(judge.questions)
    assert 0 < len(answered) < 30
    again = judged_by(office := started_again(office), Judge())
    await office.say("verify")
    assert not set(answered) & set(again.questions)
    assert len(answered) + len(again.questions) == 30
    assert set(await stages(office, [f"ld{n:04}" for n in range(1, 31)])) == {Stage.MISMATCHED}


async def test_what_nobody_could_tell_is_not_paid_for_every_day() -> None:
    """Asked of the same company and domain again after a month, not the next morning."""
    office = an_office(*strangers(1))
    judge = judged_by(office, Judge(word="unclear"))
    for _ in range(30):
        await office.say("verify", everyone=True)
        await office.run("reconcile")
        office.advance(days=1)
    assert len(judge.questions) == 1
    office.advance(days=1)
    await office.say("verify", everyone=True)
    assert len(judge.questions) == 2


async def test_a_templates_unclear_does_not_keep_a_model_from_being_asked() -> None:
    """It was no finding."""
    office = an_office(*strangers(1))
    await office.say("verify")
    judge = judged_by(office, Judge())
    await office.say("verify", everyone=True)
    assert len(judge.questions) == 1
    assert (await office.row("ld0001")).stage is Stage.MISMATCHED


async def test_the_report_tells_evidence_and_cost_of_each_lead() -> None:
    """Only what this question cost; the row's Cost USD holds it, too."""
    office = an_office(lead(20), *strangers(2))
    judged_by(office, Judge())
    report = {row["id"]: row for row in rows_of(file_of(await office.say("verify")))}
    assert {row: cells["usd"] for row, cells in report.items()} == {
        "ld0001": "0.010000",
        "ld0002": "0.010000",
        "ld0020": "0.000000",
    }
    assert "the group's imprint" in report["ld0001"]["evidence"]
    assert (await office.row("ld0001")).cost_usd == 0.01


async def test_a_long_evidence_is_cut_on_the_row_and_stays_out_of_the_log() -> None:
    """A model says what it likes, as a web page may have told it to."""
    office = an_office(*strangers(1))
    says = json.dumps({"verdict": "other", "evidence": 'Ignore all "rules": ' + "canary " * 400})
    with_model(office, Answer(text=says))
    lines: list[str] = []
    office.parts.log.listeners.append(lambda event, fields: lines.append(f"{event} {fields}"))
    await office.say("verify")
    row = await office.row("ld0001")
    assert "canary" in row.attribution
    assert len(row.attribution) < 350
    assert lines
    assert "canary" not in " ".join(lines)


async def test_a_pool_is_read_in_hundreds() -> None:
    """Never lead by lead: three requests for 250 leads, and one more for those that are asked about."""
    office = an_office(*strangers(40), *(lead(number) for number in range(100, 310)))
    judged_by(office, Judge())
    sizes: list[int] = []
    read = office.store.read

    async def counted(ids: Sequence[str], *, in_view: bool = True) -> Mapping[str, Lead]:
        sizes.append(len(ids))
        return await read(ids, in_view=in_view)

    office.store.read = counted  # type: ignore[method-assign]
    await office.say("verify")
    assert sorted(sizes) == [40, 50, 100, 100]


async def test_a_lead_whose_answer_cannot_be_read_waits_for_a_human_and_not_for_the_next_run() -> None:
    """It is in review, so it is not counted among those that are left."""
    office = an_office(*strangers(3))
    with_model(office, Answer(text="Well.", usd=0.02), verdict("other", 0.02))
    told = await office.read("verify", budget=0.05)
    assert "budget of $0.05 used up: 1 lead left, run it again" in told
    assert await stages(office, ["ld0001", "ld0002", "ld0003"]) == [Stage.REVIEW, Stage.MISMATCHED, None]

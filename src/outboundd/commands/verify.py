"""Does each person of the pool really work at the company on record, asked for all of them before any mail is paid for?

Run as a job is run, so that a halted writer, five failures in a row and the deadline have the consequences they have
there. What needs no model is concluded first, so that the price of the rest is known before any of it is paid. Each
lead is recorded as it goes: an interruption costs nothing, and a second run looks at what is left.
"""

import csv
import io
import math
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.commands.runs import watched
from outboundd.commands.words import many
from outboundd.engine.run_job import Enough, Job, JobEnd, JobRun, of
from outboundd.engine.spend import Budget, OverBudget
from outboundd.model.decision import Change, Objection, Stop, Waiver
from outboundd.model.facts import STORE, WRITER, Facts
from outboundd.model.lead import Lead, Stage
from outboundd.ports import Refused
from outboundd.rules import attribution, basis, domains, lifecycle, overrides
from outboundd.rules.conclude import conclude
from outboundd.rules.decide import decide
from outboundd.rules.import_file import inert
from outboundd.steps.attribute import concluded, known_of, verdict_on

READ_AT_ONCE = 100
PUSH_AT_ONCE = 10
AT_ONCE = 8
DEADLINE_S = 24 * 3600
LOOKED_AT_AGAIN = (Stage.NEW, Stage.VERIFIED, Stage.DRAFTED, Stage.REVIEW, Stage.MISMATCHED)
ANSWERS = {
    "same": "work there",
    "other": "work elsewhere: mismatched",
    "unclear": "unclear: to review",
    "ask": "only a model can tell",
}


@dataclass(kw_only=True)
class _Findings:
    """What was found out so far. `unanswered` are the leads that only a model can tell, each with its question."""

    wanted: int
    budget: Budget
    report: list[Sequence[str]] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    unanswered: dict[str, str] = field(default_factory=dict)
    questions: int = 0
    budget_used_up: bool = False


async def verify(desk: Desk, *, everyone: bool = False, budget: float | None = None) -> AsyncGenerator[Line, None]:
    """The attribution gate over new leads, or over every lead not written to yet: what is free first."""
    if budget is not None and not 0 <= budget < math.inf:
        raise Refusal(2, f"--budget {budget}: give an amount in USD, such as 5")
    await desk.parts.rows.feed(anew=True)
    stages = LOOKED_AT_AGAIN if everyone else (Stage.NEW,)
    ids = [seen.id for seen in await desk.parts.world.ledger.queue() if seen.stage in stages]
    found = _Findings(wanted=len(ids), budget=Budget(usd=math.inf if budget is None else budget))
    yield Line(text=f"{many(len(ids), 'lead')} to look at")
    ended: list[JobEnd] = []
    async for line in _carried_out(desk, ids, found, ended):
        yield line
    for line in _told(found, dry=desk.dry):
        yield line
    if ended[-1].code:
        raise Refusal(ended[-1].code, f"verify: {ended[-1].words}; run it again, it goes on where it stopped")


async def _carried_out(
    desk: Desk, ids: Sequence[str], found: _Findings, ended: list[JobEnd]
) -> AsyncGenerator[Line, None]:
    """What can be told for nothing, then what the rest would cost, then the rest."""
    async for line in _pass(desk, ids, found, ended, _conclude_what_is_free, STORE):
        yield line
    if ended[-1].code or not ids:
        return
    found.questions = len(set(found.unanswered.values()))
    yield Line(text=_cost_before(desk, found))
    if not found.unanswered or desk.dry:
        return
    async for line in _pass(desk, list(found.unanswered), found, ended, _ask, STORE, WRITER):
        yield line


async def _pass(
    desk: Desk,
    ids: Sequence[str],
    found: _Findings,
    ended: list[JobEnd],
    look: Callable[[JobRun, Lead, _Findings], Awaitable[None]],
    *needs: str,
) -> AsyncGenerator[Line, None]:
    """One look at all of them, as one run of a job."""

    async def story(run: JobRun) -> None:
        await _look_at_all(run, ids, found, look)

    job = Job(name="verify", run=story, needs=frozenset(needs), doc="the attribution gate", deadline_s=DEADLINE_S)
    run = JobRun(parts=desk.parts, job=job.name, by_hand=True, dry=desk.dry)
    async with aclosing(watched(job, run, ended)) as lines:
        async for line in lines:
            yield line
    found.answers += run.done
    found.passed_over += run.held


def _cost_before(desk: Desk, found: _Findings) -> str:
    writer, leads = desk.parts.world.writer, many(len(found.unanswered), "lead")
    if not found.unanswered:
        return "cost: none, no model need be asked"
    if not writer.is_model:
        return f"cost: none ({writer.name} is no model, {leads} that only a model could tell go to review)"
    questions = many(found.questions, "question")
    told = f"cost: {questions} to {writer.name} about {leads}, at most ${found.questions * writer.usd_at_most:,.2f}"
    return told if found.budget.usd == math.inf else f"{told}; the budget is ${found.budget.usd:,.2f}"


async def _look_at_all(
    run: JobRun,
    ids: Sequence[str],
    found: _Findings,
    look: Callable[[JobRun, Lead, _Findings], Awaitable[None]],
) -> None:
    for start in range(0, len(ids), READ_AT_ONCE):
        leads = await run.parts.rows.fresh(ids[start : start + READ_AT_ONCE])
        for first in range(0, len(leads), PUSH_AT_ONCE):
            ten = leads[first : first + PUSH_AT_ONCE]
            try:
                await run.several(of(ten), lambda lead: look(run, lead, found), AT_ONCE)
            except Enough:
                found.budget_used_up = True
                return
            finally:
                if not run.dry:
                    await run.parts.recorder.push([lead.id for lead in ten])
            run.progress(min(start + first + PUSH_AT_ONCE, len(ids)), len(ids))


async def _conclude_what_is_free(run: JobRun, lead: Lead, found: _Findings) -> None:
    if not await _is_looked_at(run, lead):
        return
    verdict = await known_of(run, lead)
    if verdict.answer != "ask":
        await _conclude(run, lead, verdict, found)
        return
    found.unanswered[lead.id] = attribution.question_key(lead)
    if run.dry:
        run.done["ask"] += 1
        found.report.append(_row(lead, verdict, 0.0))


async def _ask(run: JobRun, lead: Lead, found: _Findings) -> None:
    """The row may have changed since it was counted, so it is looked at like any other."""
    if await _is_looked_at(run, lead):
        try:
            verdict = await verdict_on(run, lead, found.budget)
        except OverBudget as over:
            raise Enough from over
        except Refused:
            del found.unanswered[lead.id]  # it waits for a human, not for the next run
            raise
        await _conclude(run, lead, verdict, found)
    del found.unanswered[lead.id]


async def _is_looked_at(run: JobRun, lead: Lead) -> bool:
    facts = await run.parts.fact_book.about(lead, run.parts.world.clock.now())
    passed_over = _passed_over(lead, facts) or _barred(lead, facts, run)
    if passed_over:
        run.held[passed_over] += 1
    return not passed_over


async def _conclude(run: JobRun, lead: Lead, verdict: attribution.Verdict, found: _Findings) -> None:
    run.done[verdict.answer] += 1
    found.report.append(_row(lead, verdict, await run.parts.purse.unshown_usd(lead)))
    changes = () if run.dry else _changes(lead, concluded(lead, verdict, await run.parts.purse.cost(lead)))
    if changes:
        await run.parts.recorder.record(lead, *changes)


def _passed_over(lead: Lead, facts: Facts) -> str:
    """Why the question is not put to this lead at all; '' when it is."""
    if lead.stands not in LOOKED_AT_AGAIN or overrides.sent_before(lead, facts.history):
        return "written to, or ended"
    if lead.stands is Stage.REVIEW and facts.history.objection is not Objection.ATTRIBUTION:
        return "in review for another reason"
    waiver = Waiver(objection=Objection.ATTRIBUTION, basis=basis.identity(lead))
    if lead.stands is not Stage.NEW and waiver in facts.history.waivers:
        return "approved by the operator"
    return ""


def _barred(lead: Lead, facts: Facts, run: JobRun) -> str:
    """Why no money is worth spending on it, whatever the answer would be."""
    as_new = replace(lead, stage=lead.stage and Stage.NEW)
    decision = decide(as_new, facts, run.parts.world.clock.now())
    return decision.why if isinstance(decision, Stop) and decision.stage is not Stage.REVIEW else ""


def _changes(lead: Lead, change: Change) -> tuple[Change, ...]:
    """The legal way to the answer: none when it is as before, over `new` where there is no direct one."""
    still_good = change.now is Stage.VERIFIED and lead.stands in (Stage.VERIFIED, Stage.DRAFTED)
    if still_good or change.now is lead.stands:
        return ()
    if lifecycle.legal(lead.stands, change.now):
        return (change,)
    anew = conclude(lead, Stop(stage=Stage.NEW, why="the operator said verify: looked at again"))
    return (change,) if anew is None else (anew, change)


def _row(lead: Lead, verdict: attribution.Verdict, usd: float) -> Sequence[str]:
    pair = f"{domains.own_website(lead) or '-'} / {domains.of_email(lead.email) or '-'}"
    return [lead.id, lead.company, pair, verdict.answer, str(verdict.tier), verdict.why, f"{usd:.6f}"]


def _told(found: _Findings, *, dry: bool) -> list[Line]:
    answers = {word: found.answers[word] for word in ANSWERS if found.answers[word]}
    data = {
        "leads": found.wanted,
        "answers": answers,
        "passed_over": dict(found.passed_over),
        "questions": found.questions,
        "usd": round(found.budget.spent_usd, 6),
        "left": len(found.unanswered),
    }
    lines = [
        Line(text="dry run, nothing was written" if dry else f"cost: {found.budget.spent_usd:.2f} USD", data=data),
        *(Line(text=f"  {count:>5} {ANSWERS[word]}") for word, count in answers.items()),
        *(Line(text=f"  {count:>5} passed over: {why}") for why, count in found.passed_over.most_common()),
    ]
    if found.budget_used_up:
        left = many(len(found.unanswered), "lead")
        lines.append(Line(text=f"budget of ${found.budget.usd:,.2f} used up: {left} left, run it again"))
    return [*lines, Line(file=(".csv", _csv(found.report)))]


def _csv(report: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "company", "domains", "answer", "tier", "evidence", "usd"])
    writer.writerows([inert(cell) for cell in row] for row in report)
    return out.getvalue()


VERIFY = Command(name="verify", doc="does each person work at the company on record?", run=verify)

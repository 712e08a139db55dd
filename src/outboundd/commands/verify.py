"""Does each person of the pool really work at the company on record, asked for all of them before any mail is paid for?

Run as a job is run, so that a halted writer, five failures in a row and the deadline have the consequences they have
there. Each lead is recorded as it goes: an interruption costs nothing, and a second run looks at what is left.
"""

import csv
import io
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import timedelta

from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.commands.runs import watched
from outboundd.commands.words import many
from outboundd.engine.run_job import STORE, WRITER, Job, JobEnd, JobRun
from outboundd.model.decision import Change, Objection, Stop, Waiver
from outboundd.model.facts import Facts
from outboundd.model.lead import Lead, Stage
from outboundd.rules import attribution, basis, domains, lifecycle, overrides
from outboundd.rules.conclude import conclude
from outboundd.rules.decide import decide
from outboundd.rules.import_file import inert
from outboundd.steps.attribute import concluded, verdict_on

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
    """What was found out so far."""

    wanted: int = 0
    report: list[Sequence[str]] = field(default_factory=list)


async def verify(desk: Desk, *, everyone: bool = False) -> AsyncGenerator[Line, None]:
    """The attribution gate over new leads, or over every lead not written to yet."""
    await desk.parts.rows.feed(anew=True)
    stages = LOOKED_AT_AGAIN if everyone else (Stage.NEW,)
    ids = [seen.id for seen in await desk.parts.world.ledger.queue() if seen.stage in stages]
    yield Line(text=f"{many(len(ids), 'lead')} to look at; {_cost_before(desk, len(ids))}")
    found = _Findings(wanted=len(ids))

    async def story(run: JobRun) -> None:
        await _look_at_all(run, ids, found)

    needs = frozenset({STORE, WRITER})
    job = Job(name="verify", run=story, needs=needs, doc="the attribution gate", deadline_s=DEADLINE_S)
    run = JobRun(parts=desk.parts, job=job.name, by_hand=True, dry=desk.dry)
    began, ended = desk.parts.world.clock.now(), list[JobEnd]()
    async with aclosing(watched(job, run, ended)) as lines:
        async for line in lines:
            yield line
    spent = await desk.parts.world.ledger.spent(began, desk.parts.world.clock.now() + timedelta(seconds=1))
    for line in _told(found, run, spent, dry=desk.dry):
        yield line
    if ended[0].code:
        raise Refusal(ended[0].code, f"verify: {ended[0].words}; run it again, it goes on where it stopped")


def _cost_before(desk: Desk, leads: int) -> str:
    writer = desk.parts.world.writer
    if not writer.is_model:
        return f"cost: none ({writer.name} is no model, what only a model could tell goes to review)"
    return f"cost: at most {many(leads, 'question')} to {writer.name}"


async def _look_at_all(run: JobRun, ids: Sequence[str], found: _Findings) -> None:
    for start in range(0, len(ids), READ_AT_ONCE):
        leads = await run.parts.rows.fresh(ids[start : start + READ_AT_ONCE])
        for first in range(0, len(leads), PUSH_AT_ONCE):
            ten = leads[first : first + PUSH_AT_ONCE]
            try:
                await run.several(ten, lambda lead: _look(run, lead, found), AT_ONCE)
            finally:
                if not run.dry:
                    await run.parts.recorder.push([lead.id for lead in ten])
            run.progress(min(start + first + PUSH_AT_ONCE, len(ids)), len(ids))


async def _look(run: JobRun, lead: Lead, found: _Findings) -> None:
    now = run.parts.world.clock.now()
    passed_over = _passed_over(lead, facts := await run.parts.fact_book.about(lead, now)) or _barred(lead, facts, run)
    if passed_over:
        run.held[passed_over] += 1
        return
    verdict = await verdict_on(run, lead)
    run.done[verdict.answer] += 1
    found.report.append(_row(lead, verdict))
    if verdict.answer != "ask" and not run.dry:
        changes = _changes(lead, concluded(lead, verdict))
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


def _row(lead: Lead, verdict: attribution.Verdict) -> Sequence[str]:
    pair = f"{domains.own_website(lead) or '-'} / {domains.of_email(lead.email) or '-'}"
    return [lead.id, lead.company, pair, verdict.answer, str(verdict.tier), verdict.why]


def _told(found: _Findings, run: JobRun, spent: float, *, dry: bool) -> list[Line]:
    answers = {word: run.done[word] for word in ANSWERS if run.done[word]}
    data = {"leads": found.wanted, "answers": answers, "passed_over": dict(run.held), "usd": round(spent, 6)}
    lines = [
        Line(text="dry run, nothing was written" if dry else f"cost: {spent:.2f} USD", data=data),
        *(Line(text=f"  {count:>5} {ANSWERS[word]}") for word, count in answers.items()),
        *(Line(text=f"  {count:>5} passed over: {why}") for why, count in run.held.most_common()),
    ]
    return [*lines, Line(file=(".csv", _csv(found.report)))]


def _csv(report: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "company", "domains", "answer", "tier", "evidence"])
    writer.writerows([inert(cell) for cell in row] for row in report)
    return out.getvalue()


VERIFY = Command(name="verify", doc="does each person work at the company on record?", run=verify)

"""How does one step's mail come to be: research, brief, writer, parse, lint?"""

import json
from collections.abc import Mapping

from outboundd.engine.run_job import JobRun
from outboundd.model.decision import Change, Hold, Objection
from outboundd.model.facts import Facts
from outboundd.model.lead import Lead, Stage, Value
from outboundd.model.mail import Draft, Research
from outboundd.ports import Exhausted
from outboundd.rules import basis, domains, draft_lint, drafting, next_look, send_window, written_with
from outboundd.rules.human_acts import asking
from outboundd.rules.texts import unquoted
from outboundd.steps.brief import brief_of, known_research, with_variant

TRIES = 2


async def compose(run: JobRun, lead: Lead, step: int, facts: Facts) -> Change:
    """Write the mail of `step`: drafted, or review when it is unparsable or unlinted twice. Nothing half-written."""
    settings = run.parts.settings
    lead = with_variant(lead, settings)
    research = await _research(run, lead)
    first = next((a.subject for a in facts.history.attempts if a.step == 0), lead.subject)
    brief = brief_of(lead, step, research, facts.history.attempts, settings)
    problem, hard, draft = "", False, Draft(subject="", body="")
    for _ in range(TRIES):
        answer = await run.parts.purse.write(lead, brief)
        try:
            written = drafting.parse(answer.text)
        except ValueError as error:
            problem, hard = str(error), True
            brief = drafting.rewrite(brief, answer.text, [problem])
            continue
        draft = Draft(subject=drafting.subject_of(written.subject, step, first), body=written.body)
        researched = lead.with_fields({"research": research.text or lead.research})
        faults = draft_lint.faults(draft, researched, step, settings, run.names)
        if not faults:
            cost = await run.parts.purse.cost(lead)
            ready = {**cost, **_leaves_from(run, lead)}
            return _drafted(run, lead, step, draft, research, ready)
        problem, hard = "; ".join(fault.why for fault in faults), any(fault.hard for fault in faults)
        brief = drafting.rewrite(brief, answer.text, [fault.why for fault in faults])
    return _to_review(run, lead, step, draft, problem, await run.parts.purse.cost(lead), hard=hard)


def _leaves_from(run: JobRun, lead: Lead) -> dict[str, Value]:
    """A draft made ahead says itself when its recipient's hours begin: no look is needed to find it out."""
    now = run.parts.world.clock.now()
    held = send_window.hold(lead, run.parts.settings.hours, now)
    if not isinstance(held, Hold):
        return {}
    # the send job does not look before then, so here is where it is told
    run.parts.log.write("lead.held", lead=lead.id, step=lead.step, job=run.job, reason=unquoted(held.why))
    return next_look.shown(held, now)


def _drafted(
    run: JobRun, lead: Lead, step: int, draft: Draft, research: Research, ready: Mapping[str, Value]
) -> Change:
    patch: dict[str, Value] = {
        **ready,
        "step": step,
        "variant": lead.variant,
        "subject": draft.subject,
        "body": draft.body,
    }
    if research.text:
        patch["research"] = research.text
    on = basis.draft(lead.with_fields(patch), _mark(run, lead, step))
    name = run.parts.settings.sequence.name_of(step)
    return Change(now=Stage.DRAFTED, why=f"{name} drafted (variant {lead.variant})", patch=patch, basis=on)


def _to_review(
    run: JobRun, lead: Lead, step: int, draft: Draft, problem: str, cost: Mapping[str, Value], *, hard: bool
) -> Change:
    """The text stays on the row, for the human to mend."""
    objection = Objection.LINT_HARD if hard else Objection.LINT
    why = asking(f"the draft: {problem}", objection)
    patch: dict[str, Value] = {
        **cost,
        "step": step,
        "variant": lead.variant,
        "subject": draft.subject,
        "body": draft.body,
        "waiting_for": why,
    }
    on = basis.draft(lead.with_fields(patch), _mark(run, lead, step))
    return Change(now=Stage.REVIEW, why=why, patch=patch, objection=objection, basis=on)


def _mark(run: JobRun, lead: Lead, step: int) -> str:
    """With which prompt this draft was written, for the day on which that is another text."""
    return written_with.mark(lead.variant, step, run.parts.settings, is_model=run.parts.world.writer.is_model)


async def _research(run: JobRun, lead: Lead) -> Research:
    """What is known about the company, asked once per company and kept. While nobody may be asked, what the row says.

    Raises Exhausted, unless the operator would rather have mails that are written without it.
    """
    ledger, company = run.parts.world.ledger, domains.company_of(lead)
    async with run.parts.turns.of(f"research {company}"):
        known = await known_research(run.parts, lead)
        if known is not None:
            return known
        try:
            found = await run.parts.purse.research(lead)
        except Exhausted as failure:
            if not run.parts.settings.write_without_research:
                raise
            await run.parts.halts.vendor(failure)
            return Research(text=lead.research)
        if found.text or found.usd:  # that nothing is known is paid for once, too
            kept_text = json.dumps({"text": found.text, "sources": list(found.sources)})
            await ledger.cache("research", company, kept_text, run.parts.world.clock.now())
        return found

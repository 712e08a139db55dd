"""Does this person really work at the company on record? Asked before any money is spent on the lead."""

from datetime import timedelta

from outboundd.engine.run_job import JobRun
from outboundd.model.decision import Change, Objection
from outboundd.model.lead import Lead, Stage
from outboundd.ports import Refused
from outboundd.rules import attribution, basis, domains

CACHE = "attribution"
KEPT = timedelta(days=365)


async def attribute(run: JobRun, lead: Lead) -> Change:
    """Verified, mismatched, or review when neither the pool nor the model can tell; never "probably"."""
    return concluded(lead, await verdict_on(run, lead))


async def verdict_on(run: JobRun, lead: Lead) -> attribution.Verdict:
    """The three tiers in turn; a dry run leaves it at `ask` where a model would be paid."""
    ledger = run.parts.world.ledger
    counts = await ledger.pair_counts(domains.company_of(lead), domains.mail_domain(lead))
    verdict = attribution.judge(lead, counts, run.parts.settings.same_domains)
    if verdict.answer != "ask":
        return verdict
    known = await _answered(run, lead)
    if known is not None or run.dry:
        return known or verdict
    return await _ask(run, lead, attribution.question(lead, counts))


def concluded(lead: Lead, verdict: attribution.Verdict) -> Change:
    """What a verdict means for the lead, on its identity as it is now."""
    evidence = f"tier {verdict.tier}: {verdict.why}"
    patch = {"attribution": f"{verdict.answer} ({evidence})"}
    on = basis.identity(lead)
    if verdict.answer == "same":
        return Change(now=Stage.VERIFIED, why=evidence, patch=patch, basis=on)
    if verdict.answer == "other":
        return Change(now=Stage.MISMATCHED, why=evidence, patch={**patch, "waiting_for": ""}, basis=on)
    why = f"unclear whether the person works there ({evidence})"
    patch["waiting_for"] = why
    return Change(now=Stage.REVIEW, why=why, patch=patch, objection=Objection.ATTRIBUTION, basis=on)


async def _answered(run: JobRun, lead: Lead) -> attribution.Verdict | None:
    """What the model has said of this company and email domain lately."""
    since = run.parts.world.clock.now() - KEPT
    known = await run.parts.world.ledger.cached(CACHE, attribution.question_key(lead), since)
    return None if known is None else attribution.parse(known)


async def _ask(run: JobRun, lead: Lead, question: str) -> attribution.Verdict:
    """Tier 3, once per company and email domain."""
    world, now = run.parts.world, run.parts.world.clock.now()
    answer = await world.writer.judge(question)
    await world.ledger.spend(world.writer.name, lead.id, answer.usd, now)
    try:
        verdict = attribution.parse(answer.text)
    except ValueError as error:
        raise Refused(world.writer.name, "attribution answer cannot be read") from error
    if verdict.answer != "unclear":
        await world.ledger.cache(CACHE, attribution.question_key(lead), answer.text, now)
    return verdict

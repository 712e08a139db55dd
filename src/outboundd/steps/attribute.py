"""Does this person really work at the company on record? Asked before any money is spent on the lead."""

from collections.abc import Mapping
from datetime import timedelta

from outboundd.engine.run_job import JobRun
from outboundd.engine.spend import Budget
from outboundd.model.decision import Change, Objection
from outboundd.model.facts import PairCounts
from outboundd.model.lead import Lead, Stage, Value
from outboundd.ports import Refused
from outboundd.rules import attribution, basis, domains
from outboundd.rules.human_acts import asking

# An answer is kept by its kind: what nobody can tell is not paid for every day, but may be known in a month.
KEPT = {"attribution": timedelta(days=365), "attribution unclear": timedelta(days=30)}
SURE, UNCLEAR = KEPT


async def attribute(run: JobRun, lead: Lead) -> Change:
    """Verified, mismatched, or review when neither the pool nor the model can tell; never "probably"."""
    verdict = await verdict_on(run, lead)
    return concluded(lead, verdict, await run.parts.purse.cost(lead))


async def verdict_on(run: JobRun, lead: Lead, budget: Budget | None = None) -> attribution.Verdict:
    """The three tiers in turn. Raises OverBudget where the budget does not reach for the question."""
    verdict = await known_of(run, lead)
    return verdict if verdict.answer != "ask" else await _ask(run, lead, budget)


async def known_of(run: JobRun, lead: Lead) -> attribution.Verdict:
    """What can be said without paying: by the domains, the pool, and what a model has said before; else `ask`."""
    verdict = attribution.judge(lead, await _counts(run, lead), run.parts.settings.same_domains)
    if verdict.answer != "ask":
        return verdict
    return await _answered(run, lead) or verdict


def concluded(lead: Lead, verdict: attribution.Verdict, cost: Mapping[str, Value]) -> Change:
    """What a verdict means for the lead, on its identity as it is now; `cost` is the patch of its Cost USD."""
    evidence = f"tier {verdict.tier}: {verdict.why}"
    patch: dict[str, Value] = {**cost, "attribution": f"{verdict.answer} ({evidence})"}
    on = basis.identity(lead)
    if verdict.answer == "same":
        return Change(now=Stage.VERIFIED, why=evidence, patch=patch, basis=on)
    if verdict.answer == "other":
        return Change(now=Stage.MISMATCHED, why=evidence, patch={**patch, "waiting_for": ""}, basis=on)
    why = asking(f"unclear whether the person works there ({evidence})", Objection.ATTRIBUTION)
    patch["waiting_for"] = why
    return Change(now=Stage.REVIEW, why=why, patch=patch, objection=Objection.ATTRIBUTION, basis=on)


async def _counts(run: JobRun, lead: Lead) -> PairCounts:
    return await run.parts.world.ledger.pair_counts(domains.company_of(lead), domains.mail_domain(lead))


async def _answered(run: JobRun, lead: Lead) -> attribution.Verdict | None:
    """What the model has said of this company and email domain lately."""
    for kind, kept in KEPT.items():
        since = run.parts.world.clock.now() - kept
        known = await run.parts.world.ledger.cached(kind, attribution.question_key(lead), since)
        if known is not None:
            return attribution.parse(known)
    return None


async def _ask(run: JobRun, lead: Lead, budget: Budget | None) -> attribution.Verdict:
    """Tier 3, once per company and email domain: whoever asks the same meanwhile waits for the answer."""
    key = attribution.question_key(lead)
    async with run.parts.turns.of(f"attribution {key}"):
        known = await _answered(run, lead)
        if known is not None:
            return known
        question = attribution.question(lead, await _counts(run, lead))
        answer = await run.parts.purse.judge(lead, question, budget)
        writer = run.parts.world.writer
        try:
            verdict = attribution.parse(answer.text)
        except ValueError as error:
            raise Refused(writer.name, "attribution answer cannot be read") from error
        if writer.is_model:  # a template's "unclear" is no finding: a model may come and tell
            kind = UNCLEAR if verdict.answer == "unclear" else SURE
            await run.parts.world.ledger.cache(kind, key, answer.text, run.parts.world.clock.now())
        return verdict

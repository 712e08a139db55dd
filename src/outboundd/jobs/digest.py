"""Digest: what happened yesterday, and does anything need the operator? Once a day."""

from datetime import date
from zoneinfo import ZoneInfo

from outboundd.engine.outbox import Left
from outboundd.engine.parts import Parts
from outboundd.engine.run_job import Job, JobRun
from outboundd.model.facts import MAILER
from outboundd.model.mail import AttemptState
from outboundd.ports import Failure
from outboundd.rules import summary
from outboundd.steps.catch_up import catch_up
from outboundd.steps.credits import look_at_credits
from outboundd.steps.figures import gather
from outboundd.steps.model_age import look_at_model_age


async def digest(run: JobRun) -> None:
    """Mail the day's digest to everybody in digest_to, when it is due and was not written yet."""
    parts, campaign = run.parts, run.parts.settings.campaign
    await look_at_model_age(parts)
    await look_at_credits(parts)
    if not campaign.digest_to:
        run.done["no digest_to configured"] = 1
        return
    last_date = await parts.world.ledger.get(summary.WRITTEN)
    day = _today(run) if run.by_hand else summary.due(parts.world.clock.now(), campaign, last_date)
    if day is None:
        return
    if last_date >= day.isoformat():
        run.done["written already today"] = 1
        return
    await _hear(parts)
    await _write(run, day)


async def _hear(parts: Parts) -> None:
    """A digest that left before a crash shows in the mailer's events: not written twice. The store may be away."""
    if parts.heard:
        return
    try:
        await catch_up(parts)
    except Failure:
        if not parts.heard:
            raise


def _today(run: JobRun) -> date:
    zone = ZoneInfo(run.parts.settings.campaign.timezone)
    return run.parts.world.clock.now().astimezone(zone).date()


async def _write(run: JobRun, day: date) -> None:
    parts = run.parts
    figures = await gather(parts, parts.world.clock.now(), weekly=summary.is_weekly(day))
    for number, to in enumerate(parts.settings.campaign.digest_to, start=1):
        name = day.isoformat() if number == 1 else f"{day.isoformat()}-{number}"
        left = await parts.outbox.send_own(
            "digest", name, to, summary.subject(figures), summary.text(figures), summary.html(figures)
        )
        if left is not None:
            _raise_refusal(left)
            run.done["digest"] += 1
    if not await parts.world.ledger.attempts(lead="-digest", states=[AttemptState.UNKNOWN], limit=1):
        # One in doubt is looked at again when it is settled.
        await parts.world.ledger.put(summary.WRITTEN, day.isoformat())


def _raise_refusal(left: Left) -> None:
    """Nothing left: the day has no digest yet, the next look tries again."""
    if left.failure is not None and left.attempt.state is AttemptState.REFUSED:
        raise left.failure


DIGEST = Job(
    name="digest",
    cron="0 * * * *",
    run=digest,
    needs=frozenset({MAILER}),
    doc="mail yesterday's figures and what needs a human to digest_to, once a day",
)

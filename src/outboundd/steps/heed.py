"""What does a job do with a lead that must wait or stop?"""

from outboundd.engine.run_job import JobRun
from outboundd.model.decision import Hold, Stop
from outboundd.model.lead import Lead
from outboundd.rules.conclude import conclude


async def heed(run: JobRun, lead: Lead, decision: Hold | Stop) -> None:
    """Record the Stop, or remember until when the lead is held and why."""
    change = conclude(lead, decision) if isinstance(decision, Stop) else None
    if change is None:
        run.hold(lead, decision)
        run.parts.rows.note(lead, decision)
        return
    run.done[f"to {change.now}"] += 1
    await run.parts.recorder.record(lead, change)

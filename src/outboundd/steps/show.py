"""When does the lead store learn of what a run did?"""

from collections.abc import Sequence

from outboundd.engine.run_job import JobRun
from outboundd.model.lead import Lead


async def show(run: JobRun, leads: Sequence[Lead]) -> None:
    """What is due by now, of these leads first; by hand, everything that waits. Then what these leads are held for."""
    recorder = run.parts.recorder
    await (recorder.push() if run.by_hand else recorder.push_due([lead.id for lead in leads]))
    await run.parts.rows.write_notes(leads)

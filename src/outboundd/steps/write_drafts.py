"""How are the drafts of many leads written at once, without waiting for the slowest of a batch?

A lead begins when another ends, as many at once as the vendors' own limits could keep busy. Rows are read a hundred at
a time, just before they are needed, and what came of those before is shown to the store meanwhile.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

from outboundd.engine.run_job import JobRun
from outboundd.model.lead import Lead, Stage
from outboundd.steps.show import show

# A research of 8 s and a draft of 3 s at 50 researches a minute (Perplexity's lowest tier) keep nine busy; the others
# wait at the limiter, so that no turn there is missed.
AT_ONCE = 24
READ_AT_ONCE = 100


async def write_drafts(run: JobRun, ids: Sequence[str], wanted: int, story: Callable[[Lead], Awaitable[None]]) -> None:
    """The story of each lead on its row as it is now, until `wanted` are drafted (counted in `run.done`).

    What is paid for is shown, however the run ends. Raises what ends a run.
    """
    rows = _Rows(run, ids, wanted)
    try:
        async with aclosing(rows.read()) as leads:
            await run.several(leads, story, AT_ONCE, lambda: run.done["drafted"] >= wanted)
    finally:
        await show(run, rows.not_shown)


async def counted(run: JobRun, write: Callable[[], Awaitable[Stage]]) -> None:
    """Count a draft before it is begun, so that several at once keep the bound; take it back when none came of it."""
    run.done["drafted"] += 1
    try:
        stage = await write()
    except BaseException:
        run.done["drafted"] -= 1
        raise
    if stage is not Stage.DRAFTED:
        run.done["drafted"] -= 1
        run.done[f"to {stage}"] += 1


class _Rows:
    """The rows in the order of the ids; `not_shown` are those whose outcome the store has not been shown."""

    def __init__(self, run: JobRun, ids: Sequence[str], wanted: int) -> None:
        self._run = run
        self._ids = ids
        self._wanted = wanted
        self.not_shown: list[Lead] = []

    async def read(self) -> AsyncGenerator[Lead, None]:
        """A hundred more when the last of those before has begun."""
        names: tuple[str, ...] = ()
        for start in range(0, len(self._ids), READ_AT_ONCE):
            leads = await self._run.parts.rows.fresh(self._ids[start : start + READ_AT_ONCE])
            before, names = names, tuple(name for lead in leads for name in (lead.contact, lead.company) if name)
            self._run.names = (*before, *names)  # of those before, some are still being written
            for lead in leads:
                yield lead
            begun, self.not_shown = self.not_shown, leads  # of those, the last are still being written
            await show(self._run, begun)
            self._tell(start)

    def _tell(self, start: int) -> None:
        """By hand with a number, progress is counted in drafts; else in leads that were looked at."""
        if self._wanted < len(self._ids):
            self._run.progress(min(self._run.done["drafted"], self._wanted), self._wanted)
        else:
            self._run.progress(min(start + READ_AT_ONCE, len(self._ids)), len(self._ids))

"""How are rows of the store written, ten at a time, through outages, refusals and rows that are gone?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from outboundd.engine.halts import Halts
from outboundd.engine.journal import Log
from outboundd.model.lead import Value
from outboundd.ports import Broken, Exhausted, Failure, LeadStore, Ledger, Refused

Patch = Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Written:
    """What came of one batch.

    `rows` show their patch now. `refused` are there and do not take it, with what the store said. `away`: it did not
    answer, so it should not be asked for more just now.
    """

    rows: frozenset[str] = frozenset()
    refused: Mapping[str, Failure] = field(default_factory=dict)
    away: bool = False


class Patches:
    """The writing side of the lead store."""

    def __init__(self, *, store: LeadStore, ledger: Ledger, halts: Halts, log: Log) -> None:
        self._store = store
        self._ledger = ledger
        self._halts = halts
        self._log = log

    async def write(self, patches: Mapping[str, Patch]) -> Written:
        """At most ten rows in one request, or one by one when the store refuses them together.

        Raises no failure of the store: what was not written is the caller's to try again. A store whose quota or key is
        gone is halted. A row that is gone leaves the queue.
        """
        if not patches:
            return Written()
        try:
            await self._store.apply(patches)
        except Refused:
            return await self._one_by_one(patches)
        except Failure as failure:
            return await self._not_written(failure)
        return Written(rows=frozenset(patches))

    async def _one_by_one(self, patches: Mapping[str, Patch]) -> Written:
        rows, refused = set[str](), dict[str, Failure]()
        for lead, patch in patches.items():
            try:
                await self._store.apply({lead: patch})
            except (Refused, Broken) as failure:
                self._log.write("store.away", vendor=failure.vendor, lead=lead, reason=failure.cause)
                refused[lead] = failure
            except Failure as failure:
                return await self._not_written(failure, frozenset(rows))
            else:
                rows.add(lead)
        return await self._look_for(refused, frozenset(rows))

    async def _look_for(self, refused: Mapping[str, Failure], rows: frozenset[str]) -> Written:
        """Which of the refused rows are gone? Those are not written to until they are seen again."""
        if not refused:
            return Written(rows=rows)
        try:
            there = await self._store.read(list(refused), in_view=False)
        except Failure as failure:
            return await self._not_written(failure, rows)
        await self._ledger.unsee([lead for lead in refused if lead not in there])
        return Written(rows=rows, refused={lead: refused[lead] for lead in there})

    async def _not_written(self, failure: Failure, rows: frozenset[str] = frozenset()) -> Written:
        self._log.write("store.away", vendor=failure.vendor, reason=failure.cause)
        if isinstance(failure, Exhausted):
            await self._halts.vendor(failure)
        return Written(rows=rows, away=not isinstance(failure, Broken))

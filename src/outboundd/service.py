"""What does the service manager hear while the daemon works: how it stands, and that it gets on?"""

from collections.abc import Mapping

import anyio

from outboundd.adapters.systemd import Systemd
from outboundd.commands.desk import Desk
from outboundd.engine.pulse import Pulse
from outboundd.ports import Failure
from outboundd.rules import progress
from outboundd.steps.status import status

# After these the status line may read differently. What else changes it (an hour that goes by) waits for the next run.
CHANGES = frozenset({"job.finished", "job.failed", "job.skipped", "halt.set", "halt.lifted", "vendor.halted"})
FEEDS_A_PERIOD = 2  # as systemd advises
ALIVE = "alive_at"


class Service:
    """The service manager, and the desk and the schedule it hears about."""

    def __init__(self, manager: Systemd, desk: Desk, pulse: Pulse) -> None:
        self._manager = manager
        self._desk = desk
        self._pulse = pulse
        self._changed = anyio.Event()

    async def line(self) -> str:
        """How the daemon stands; when the ledger cannot be read, that."""
        now = self._desk.parts.world.clock.now()
        try:
            return await status(self._desk.parts, self._pulse.next_slot("send", now))
        except Failure as failure:
            return f"the ledger cannot be read: {failure.cause}"

    async def keep_status(self) -> None:
        """Bring the line up to date whenever something has ended, until cancelled."""
        log = self._desk.parts.log
        log.listeners.append(self._hear)
        try:
            while self._manager.listens:
                await self._changed.wait()
                self._changed = anyio.Event()
                self._manager.status(await self.line())
        finally:
            log.listeners.remove(self._hear)

    async def keep_watch(self) -> None:
        """Feed the watchdog while the daemon gets on, and say what stands still when it does not, until cancelled."""
        every_s = self.every_s
        while every_s is not None:
            await anyio.sleep(every_s)
            still = await self._still(every_s)
            if still:
                self._desk.parts.log.write("daemon.stuck", reason="; ".join(still))
            else:
                self._manager.alive()

    @property
    def every_s(self) -> float | None:
        """How often the watchdog is fed and the scheduler is to tick; None when nobody watches."""
        period_s = self._manager.watchdog_s
        return None if period_s is None else period_s / FEEDS_A_PERIOD

    async def _still(self, every_s: float) -> tuple[str, ...]:
        return progress.stuck(
            self._pulse.jobs(),
            tick_s=self._pulse.tick_s(),
            tick_every_s=every_s,
            ledger_writes=await self._ledger_writes(),
        )

    async def _ledger_writes(self) -> bool:
        world = self._desk.parts.world
        try:
            await world.ledger.put(ALIVE, world.clock.now().isoformat())
        except Failure:
            return False
        return True

    def _hear(self, event: str, _fields: Mapping[str, str | int | float]) -> None:
        if event in CHANGES:
            self._changed.set()

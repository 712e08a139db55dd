"""How does the program die once, and what is wrong after each restart?"""

import random
import shutil
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, count
from pathlib import Path
from queue import SimpleQueue
from statistics import median
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal

from kill import truth
from kill.scenario import Command
from kill.wire import scenario
from kill.wire.scenario import LATE, PLANS, PROMPT, Plan
from kill.wire.vendors import SEND, Moment, Vendors, answering
from kill.zygote import Zygote

AT_ONCE = 2
COUNTED = 5
SIDES = {"before": "before", "effect": "after the effect of", "reply": "after the reply to"}


class WireZygote(Zygote):
    """A zygote whose processes talk to the vendors of their installation."""

    program = "kill.wire.child"

    def carry_out(
        self,
        vendors: Vendors,
        place: Path,
        command: Command,
        moment: Moment | None = None,
        kill_after_s: float | None = None,
    ) -> dict[str, Any]:
        """Carry out a command, killed at a request or after a time if so told. Tells how the process ended."""
        process = self.ask("start", place, command=command.arguments())
        vendors.watch(command.at, process, moment)
        end: dict[str, Any] = self.ask("end", place, kill_after_s=kill_after_s)
        return end


@dataclass(frozen=True, kw_only=True)
class Death:
    """When the process dies: at a request, or `share` of an unharmed run's time after it began."""

    lag: timedelta
    moment: Moment | None = None
    share: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Unharmed:
    """A run that nobody kills: its requests, and how long it takes."""

    requests: Sequence[str]
    took_s: float


class Killing:
    """A prepared installation, and programs to die on copies of it."""

    def __init__(self, place: Path, portal: BlockingPortal, zygotes: SimpleQueue[WireZygote]) -> None:
        self._place = place
        self._portal = portal
        self._zygotes = zygotes
        self._prepared = place / "prepared"
        self._prepare()
        self.unharmed = {lag: self._count_as_busy(lag) for lag in (PROMPT, LATE)}

    def positions(self, lag: timedelta) -> list[Death]:
        """Every request of the run, on every side of it."""
        return [
            Death(lag=lag, moment=Moment(request=number, side=side))
            for number in range(1, len(self.unharmed[lag].requests) + 1)
            for side in SIDES
        ]

    def at_random(self, count: int, seed: int) -> list[Death]:
        """So many deaths for each lag, at points drawn evenly from the time that an unharmed run takes."""
        chance = random.Random(seed)
        return [Death(lag=lag, share=chance.random()) for _ in range(count) for lag in self.unharmed]

    def all(self, deaths: Sequence[Death]) -> "Found":
        """Die all these deaths, some at once, and restart each by the plans that have its lag."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return Found(list(chain.from_iterable(pool.map(self._die, count(), deaths))))

    def _die(self, number: int, death: Death) -> list["After"]:
        place = self._place / f"death-{number}"
        shutil.copytree(self._prepared, place)
        kill_after_s = None if death.moment else death.share * self.unharmed[death.lag].took_s
        with self._zygote() as zygote, answering(self._portal, place, death.lag) as vendors:
            end = zygote.carry_out(vendors, place, scenario.KILLED, death.moment, kill_after_s)
            where = _where(death, vendors.requests)
        if end.get("signal") != signal.SIGKILL:
            # The last reply, or the last share of its time: it was done before it could be killed.
            assert end.get("code") == 0, f"{where}: {end}"
        found = [
            After(where=where, killed="signal" in end, plan=plan, faults=self._restart(place, plan))
            for plan in PLANS
            if plan.lag == death.lag
        ]
        shutil.rmtree(place)
        return found

    def _restart(self, place: Path, plan: Plan) -> truth.Faults:
        copy = place.with_name(f"{place.name}-{PLANS.index(plan)}")
        shutil.copytree(place, copy)
        if plan.deleted:
            shutil.rmtree(copy / "state", ignore_errors=True)
        with self._zygote() as zygote, answering(self._portal, copy, plan.lag) as vendors:
            ends = [zygote.carry_out(vendors, copy, command) for command in plan.restart]
        faults = truth.compare(copy, vendors.mails(), vendors.rows(), scenario.SLACK_S)
        if codes := [end.get("code") for end in ends if end.get("code") != 0]:
            faults["human"].append(f"exit codes after the restart: {codes}")
        if not any(faults.values()):
            shutil.rmtree(copy)
        return faults

    def _prepare(self) -> None:
        self._prepared.mkdir(parents=True)
        for command in scenario.until_today():
            moment = self._before_its_record(command) if command.killed_before else None
            with self._zygote() as zygote, answering(self._portal, self._prepared, PROMPT) as vendors:
                end = zygote.carry_out(vendors, self._prepared, command, moment)
            assert ("signal" in end) if moment else end.get("code") == 0, f"{command}: {end}"

    def _before_its_record(self, command: Command) -> Moment:
        """The moment when a mail has left and the lead table is about to hear of it."""
        requests = self._count(0, command, PROMPT).requests
        sent = requests.index(SEND) + 1
        write = next(n for n, request in enumerate(requests[sent:], sent + 1) if request.startswith("PATCH "))
        return Moment(request=write, side="before")

    def _count_as_busy(self, lag: timedelta) -> Unharmed:
        """While as many run at once as will when they are killed: alone it would be faster, and never killed late."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            runs = list(pool.map(lambda number: self._count(number, scenario.KILLED, lag), range(COUNTED)))
        return Unharmed(requests=runs[0].requests, took_s=median(run.took_s for run in runs))

    def _count(self, number: int, command: Command, lag: timedelta) -> Unharmed:
        place = self._place / f"counted-{number}"
        shutil.copytree(self._prepared, place)
        with self._zygote() as zygote, answering(self._portal, place, lag) as vendors:
            end = zygote.carry_out(vendors, place, command)
        assert end.get("code") == 0, f"{command}: {end}"
        shutil.rmtree(place)
        return Unharmed(requests=vendors.requests, took_s=end["took_s"])

    @contextmanager
    def _zygote(self) -> Iterator[WireZygote]:
        """One that is free."""
        zygote = self._zygotes.get()
        try:
            yield zygote
        finally:
            self._zygotes.put(zygote)


@dataclass(frozen=True, kw_only=True)
class After:
    """What was wrong after one death and one restart. `killed`: or had the run ended before?"""

    where: str
    killed: bool
    plan: Plan
    faults: truth.Faults


class Found:
    """What all of them have brought."""

    def __init__(self, afters: Sequence[After]) -> None:
        self.afters = afters

    def table(self) -> str:
        """The counts, a line for each plan."""
        killed = [after for after in self.afters if after.killed]
        rows = {
            plan.words: [after.faults for after in killed if after.plan == plan]
            for plan in PLANS
            if any(after.plan == plan for after in killed)
        }
        late = len(self.afters) - len(killed)
        return truth.table(rows) + (f"\n{late} more had ended before the kill" if late else "")

    def faulty(self) -> list[str]:
        """Every fault, with where the process was killed and how it came back."""
        return [
            f"{after.where}, {after.plan.words}\n    {kind}: {fault}"
            for after in self.afters
            for kind in truth.KINDS
            for fault in after.faults[kind]
        ]


@contextmanager
def killing(place: Path) -> Iterator[Killing]:
    """An installation about to send ten mails, in this folder, and all that is needed to kill it."""
    zygotes: SimpleQueue[WireZygote] = SimpleQueue()
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        for _ in range(AT_ONCE):
            zygotes.put(stack.enter_context(WireZygote()))
        yield Killing(place, portal, zygotes)


def _where(death: Death, requests: Sequence[str]) -> str:
    if death.moment is None:
        last = requests[-1] if requests else "none"
        return f"killed at {death.share:.4f} of its time, {len(requests)} requests, the last {last}"
    number = death.moment.request
    return f"killed {SIDES[death.moment.side]} request {number} ({requests[number - 1]})"

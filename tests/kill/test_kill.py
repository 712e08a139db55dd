"""Is a mail sent at most once, and nothing lost, when the process is killed? Real processes, SIGKILL, files on a disk.

Every write of `once send` to the ledger, the lead table, the mailer and the disk is a numbered effect. For each of them
the process is killed before it, after it, and after the next record; then it is restarted and the books are compared
with what really left. SIGKILL cannot show what a power cut would: that a commit has reached the disk.
"""

import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import pytest

from kill import scenario, truth
from kill.zygote import Zygote

AT_ONCE = 6
SIDES = ("before", "after", "record")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One death."""

    mode: str
    number: int
    side: str
    effect: str

    def __str__(self) -> str:
        return f"{scenario.MODES[self.mode]}, killed {self.side} effect {self.number} ({self.effect})"


Found = dict[Case, truth.Faults]


@pytest.fixture(scope="module")
def zygotes() -> Iterator[SimpleQueue[Zygote]]:
    """Programs to fork from, as many as cases run at once."""
    free: SimpleQueue[Zygote] = SimpleQueue()
    with ExitStack() as stack:
        for _ in range(AT_ONCE):
            free.put(stack.enter_context(Zygote()))
        yield free


@pytest.fixture(scope="module")
def prepared(zygotes: SimpleQueue[Zygote], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten leads about to be written to, and yesterday's copy of the state directory."""
    place = tmp_path_factory.mktemp("kill") / "prepared"
    with using(zygotes) as zygote:
        scenario.prepare(place, lambda command: zygote.run(place, command))
    return place


@pytest.fixture(scope="module")
def effects(zygotes: SimpleQueue[Zygote], prepared: Path) -> list[str]:
    """The effects of the run, counted by one that nobody kills and that leaves nothing to mend."""
    place = prepared.with_name("counted")
    shutil.copytree(prepared, place)
    with using(zygotes) as zygote:
        told = zygote.run(place, scenario.KILLED)
        for command in scenario.RESTART:
            assert zygote.run(place, command)["code"] == 0
    assert not any(truth.find(place).values())
    names: list[str] = told["effects"]
    return names


@contextmanager
def using(zygotes: SimpleQueue[Zygote]) -> Iterator[Zygote]:
    """A zygote that is free."""
    zygote = zygotes.get()
    try:
        yield zygote
    finally:
        zygotes.put(zygote)


def die_and_restart(case: Case, prepared: Path, zygotes: SimpleQueue[Zygote]) -> truth.Faults:
    """Kill the run at the case's effect, lose what the case loses, restart, and look."""
    place = prepared.with_name(f"{case.mode}-{case.number}-{case.side}")
    with using(zygotes) as zygote:
        told = zygote.die_and_restart(prepared, place, case.mode, case.number, case.side)
    assert told["ended"] == [{"signal": signal.SIGKILL}], f"{case}: {told['ended']}"
    faults: truth.Faults = told["faults"]
    return faults


def cases(effects: list[str]) -> list[Case]:
    """Every effect, every side, every loss. The record of a write to the ledger is that write itself."""
    last_record = max(n for n, effect in enumerate(effects, 1) if effect.startswith("ledger."))
    return [
        Case(mode=mode, number=number, side=side, effect=effect)
        for mode in scenario.MODES
        for number, effect in enumerate(effects, 1)
        for side in SIDES
        if side != "record" or (number < last_record and not effect.startswith("ledger."))
    ]


def table(found: Found) -> str:
    """The counts, a line for each loss."""
    kinds = {"doubled": 9, "lost": 7, "unrecorded": 12, "human": 7}
    lines = [f"{'':28}{'kills':>7}" + "".join(f"{kind:>{width}}" for kind, width in kinds.items())]
    for mode, words in scenario.MODES.items():
        those = [faults for case, faults in found.items() if case.mode == mode]
        counts = "".join(f"{sum(len(faults[kind]) for faults in those):>{width}}" for kind, width in kinds.items())
        lines.append(f"{words:28}{len(those):>7}{counts}")
    return "\n".join(lines)


def test_a_kill_at_any_effect_doubles_loses_and_hides_nothing_and_bothers_nobody(
    zygotes: SimpleQueue[Zygote], prepared: Path, effects: list[str]
) -> None:
    """0 doubled, 0 lost, 0 unrecorded, 0 for a human: whenever it dies, and whatever became of the state directory."""
    deaths = cases(effects)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(deaths, pool.map(lambda case: die_and_restart(case, prepared, zygotes), deaths), strict=True))
    counts = f"ten leads, {len(effects)} effects\n{table(found)}"
    print(f"\n{counts}")
    faulty = [
        f"{case}\n    {kind}: {fault}" for case, faults in found.items() for kind in faults for fault in faults[kind]
    ]
    assert not faulty, "\n".join([counts, *faulty[:40]])

"""Is a mail sent at most once, and nothing lost, when the process is killed? Real processes, SIGKILL, files on a disk.

Every write of `once send` to the ledger, the lead table, the mailer and the disk is a numbered effect. For each of them
the process is killed before it, after it, and after the next record; then it is restarted and the books are compared
with what really left. SIGKILL cannot show what a power cut would: that a commit has reached the disk.
"""

import shutil
import signal
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import pytest

from kill import scenario, truth
from kill.zygote import Zygote

AT_ONCE = 2
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


@pytest.fixture(scope="module")
def zygotes() -> Iterator[SimpleQueue[Zygote]]:
    """Programs to fork from, as many as cases run at once."""
    free: SimpleQueue[Zygote] = SimpleQueue()
    started = [Zygote() for _ in range(AT_ONCE)]
    for zygote in started:
        free.put(zygote.__enter__())
    yield free
    for zygote in started:
        zygote.__exit__(None, None, None)


@pytest.fixture(scope="module")
def prepared(zygotes: SimpleQueue[Zygote], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten leads about to be written to, and yesterday's copy of the state directory."""
    place = tmp_path_factory.mktemp("kill") / "prepared"
    zygote = zygotes.get()
    scenario.lay_out(place)
    codes = [zygote.run(place, command)["code"] for command in scenario.UNTIL_YESTERDAY]
    scenario.keep_yesterday(place)
    codes += [zygote.run(place, command)["code"] for command in scenario.UNTIL_TODAY]
    zygotes.put(zygote)
    assert not any(codes)
    return place


@pytest.fixture(scope="module")
def effects(zygotes: SimpleQueue[Zygote], prepared: Path) -> list[str]:
    """The effects of the run, counted by one that nobody kills and that leaves nothing to mend."""
    place = prepared.with_name("counted")
    shutil.copytree(prepared, place)
    zygote = zygotes.get()
    told = zygote.run(place, scenario.KILLED)
    for command in scenario.RESTART:
        assert zygote.run(place, command)["code"] == 0
    zygotes.put(zygote)
    assert truth.find(place).all() == []
    return told["effects"]


def die_and_restart(case: Case, prepared: Path, zygotes: SimpleQueue[Zygote]) -> truth.Found:
    """Kill the run at the case's effect, lose what the case loses, restart, and look."""
    place = prepared.with_name(f"{case.mode}-{case.number}-{case.side}")
    shutil.copytree(prepared, place)
    zygote = zygotes.get()
    try:
        ended = zygote.run(place, scenario.KILLED, kill_at=case.number, side=case.side)
        assert ended == {"signal": signal.SIGKILL}, f"{case}: {ended}"
        scenario.lose(place, case.mode)
        codes = [zygote.run(place, command)["code"] for command in scenario.RESTART]
    finally:
        zygotes.put(zygote)
    found = truth.find(place)
    if any(codes):
        found.human.append(f"exit codes after the restart: {codes}")
    if not found.all():
        shutil.rmtree(place)
    return found


def cases(effects: list[str]) -> list[Case]:
    """Every effect, every side, every loss. After the last record there is no other to die after."""
    last_record = max(n for n, effect in enumerate(effects, 1) if effect.startswith("ledger."))
    return [
        Case(mode=mode, number=number, side=side, effect=effect)
        for mode in scenario.MODES
        for number, effect in enumerate(effects, 1)
        for side in SIDES
        if side != "record" or (number < last_record and not effect.startswith("ledger."))
    ]


def table(found: dict[Case, truth.Found]) -> str:
    """The counts, a line for each loss."""
    by_mode: dict[str, list[truth.Found]] = defaultdict(list)
    for case, one in found.items():
        by_mode[case.mode].append(one)
    head = f"{'':28}{'kills':>7}{'doubled':>9}{'lost':>7}{'unrecorded':>12}{'for a human':>13}"
    lines = [
        f"{words:28}{len(by_mode[mode]):>7}{sum(len(one.doubled) for one in by_mode[mode]):>9}"
        f"{sum(len(one.lost) for one in by_mode[mode]):>7}{sum(len(one.unrecorded) for one in by_mode[mode]):>12}"
        f"{sum(len(one.human) for one in by_mode[mode]):>13}"
        for mode, words in scenario.MODES.items()
    ]
    return "\n".join([head, *lines])


def test_a_kill_at_any_effect_doubles_loses_and_hides_nothing_and_bothers_nobody(
    zygotes: SimpleQueue[Zygote], prepared: Path, effects: list[str]
) -> None:
    """0 doubled, 0 lost, 0 unrecorded, 0 for a human: whenever it dies, and whatever became of the state directory."""
    deaths = cases(effects)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(deaths, pool.map(lambda case: die_and_restart(case, prepared, zygotes), deaths), strict=True))
    counts = f"ten leads, {len(effects)} effects\n{table(found)}"
    print(f"\n{counts}")
    faults = [f"{case}\n    {fault}" for case, one in found.items() for fault in one.all()]
    assert not faults, "\n".join([counts, *faults[:40]])

"""Is a mail sent at most once, and nothing lost, when the process is killed? Real processes, SIGKILL, files on a disk.

Every write of `once send` to the ledger, the lead table, the mailer and the disk is a numbered effect. For each of them
the process is killed before it, after it, and after the next record; then it is restarted, as it was and with the state
directory lost, and the books are compared with what really left. A SIGKILL leaves to the kernel what was written: it
cannot show what a power cut would, that a commit has reached the disk.
"""

import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Lock

import pytest

from kill import scenario, truth
from kill.zygote import Zygote

AT_ONCE = 4
SIDES = {"before": "before", "after": "after", "record": "after the record that follows"}


@dataclass(frozen=True, kw_only=True)
class Death:
    """Where the process dies."""

    number: int
    effect: str
    side: str

    def __str__(self) -> str:
        return f"killed {SIDES[self.side]} effect {self.number} ({self.effect})"


Found = dict[tuple[Death, int], truth.Faults]  # by death and number of the loss


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


class Restarts:
    """What is wrong after each death and loss; a disk that was left as another one was is not restarted again."""

    def __init__(self, zygotes: SimpleQueue[Zygote], prepared: Path) -> None:
        self.found: Found = {}
        self.of_disk: dict[tuple[str, int], truth.Faults] = {}
        self._zygotes = zygotes
        self._prepared = prepared
        self._lock = Lock()

    def die(self, death: Death) -> None:
        """Kill the run at this effect, and restart it after each loss."""
        place = self._prepared.with_name(f"{death.number}-{death.side}")
        with using(self._zygotes) as zygote:
            told = zygote.die(self._prepared, place, death.number, death.side)
            assert told["ended"] == [{"signal": signal.SIGKILL}], f"{death}: {told['ended']}"
            for number, loss in enumerate(scenario.LOSSES):
                left = place.with_name(f"{place.name}-{loss.state}")
                self.found[death, number] = self._faults(zygote, left, told["left"][loss.state], number)
        for left in (place, *(place.with_name(f"{place.name}-{state}") for state in scenario.STATES)):
            shutil.rmtree(left)

    def _faults(self, zygote: Zygote, place: Path, bytes_of_it: str, number: int) -> truth.Faults:
        with self._lock:
            is_new = (bytes_of_it, number) not in self.of_disk
            faults = self.of_disk.setdefault((bytes_of_it, number), {})
        if is_new:
            faults |= zygote.restart(place, number)
        return faults


def deaths(effects: list[str]) -> list[Death]:
    """Every effect, every side. The record after a write to the ledger is that write itself."""
    last_record = max(n for n, effect in enumerate(effects, 1) if effect.startswith("ledger."))
    return [
        Death(number=number, effect=effect, side=side)
        for number, effect in enumerate(effects, 1)
        for side in SIDES
        if side != "record" or (number < last_record and not effect.startswith("ledger."))
    ]


def table(found: Found) -> str:
    """The counts, a line for each loss."""
    lines = [f"{'':32}{'kills':>7}{'doubled':>9}{'lost':>7}{'unrecorded':>12}{'for a human':>13}"]
    for number, loss in enumerate(scenario.LOSSES):
        those = [faults for (_, lost), faults in found.items() if lost == number]
        count = {kind: sum(len(faults[kind]) for faults in those) for kind in truth.KINDS}
        counts = f"{count['doubled']:>9}{count['lost']:>7}{count['unrecorded']:>12}{count['human']:>13}"
        lines.append(f"{loss.words:32}{len(those):>7}{counts}")
    return "\n".join(lines)


def test_a_kill_at_any_effect_doubles_loses_and_hides_nothing_and_bothers_nobody(
    zygotes: SimpleQueue[Zygote], prepared: Path, effects: list[str]
) -> None:
    """0 doubled, 0 lost, 0 unrecorded, 0 for a human: whenever it dies, and whatever became of the state directory."""
    restarts = Restarts(zygotes, prepared)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(restarts.die, deaths(effects)))
    disks = f"{len(restarts.of_disk)} restarts of what was left"
    counts = f"ten leads, {len(effects)} effects, {disks}\n{table(restarts.found)}"
    print(f"\n{counts}")
    faulty = [
        f"{death}, {scenario.LOSSES[number].words}\n    {kind}: {fault}"
        for (death, number), faults in restarts.found.items()
        for kind in truth.KINDS
        for fault in faults[kind]
    ]
    assert not faulty, "\n".join([counts, *faulty[:40]])

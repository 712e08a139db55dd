"""Is a mail sent at most once, and nothing lost, when the process is killed? Real processes, SIGKILL, files on a disk.

Every write of `once send` to the ledger, the lead table, the mailer and the disk is a numbered effect. For each of them
the process is killed before it, after it, and after the next record; then it is restarted, as it was and with the state
directory lost, and the books are compared with what really left. A SIGKILL leaves to the kernel what was written: it
cannot show what a power cut would, that a commit has reached the disk.
"""

import shutil
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    prepared: Path
    command: scenario.Command

    def __str__(self) -> str:
        where = f"killed {SIDES[self.side]} effect {self.number} ({self.effect})"
        return f"{self.prepared.name}: {self.command.job} {where}"


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


def effects_of(command: scenario.Command, prepared: Path, zygotes: SimpleQueue[Zygote]) -> list[str]:
    """The effects of a command, counted by one that nobody kills and that leaves nothing to mend."""
    place = prepared.with_name(f"{prepared.name}-counted")
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(prepared, place)
    with using(zygotes) as zygote:
        told = zygote.run(place, command)
        for step in scenario.RESTART:
            assert zygote.run(place, step)["code"] == 0
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

    def __init__(self, zygotes: SimpleQueue[Zygote], losses: Sequence[int]) -> None:
        self.found: Found = {}
        self.of_disk: dict[tuple[str, int], truth.Faults] = {}
        self._zygotes = zygotes
        self._losses = losses
        self._states = {scenario.LOSSES[number].state for number in losses}
        self._lock = Lock()

    def all(self, deaths: Sequence[Death]) -> None:
        """Die all these deaths, several at once."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._die, deaths))

    def _die(self, death: Death) -> None:
        place = death.prepared.with_name(f"{death.prepared.name}-{death.number}-{death.side}")
        with using(self._zygotes) as zygote:
            at = death.number, death.side
            told = zygote.die(death.prepared, place, death.command, at, sorted(self._states))
            assert told["ended"] == [{"signal": signal.SIGKILL}], f"{death}: {told['ended']}"
            for number in self._losses:
                state = scenario.LOSSES[number].state
                left = place.with_name(f"{place.name}-{state}")
                self.found[death, number] = self._faults(zygote, left, told["left"][state], number)
        for left in (place, *(place.with_name(f"{place.name}-{state}") for state in self._states)):
            shutil.rmtree(left)

    def _faults(self, zygote: Zygote, place: Path, bytes_of_it: str, number: int) -> truth.Faults:
        with self._lock:
            is_new = (bytes_of_it, number) not in self.of_disk
            faults = self.of_disk.setdefault((bytes_of_it, number), {})
        if is_new:
            faults |= zygote.restart(place, number)
        return faults

    def promise(self, rows: Mapping[str, list[truth.Faults]]) -> None:
        """Print the counts, and fail with them and the first faults unless all are zero."""
        counts = f"{truth.table(rows)}\n{len(self.of_disk)} restarts of what was left"
        print(f"\n{counts}")
        faulty = [
            f"{death}, {scenario.LOSSES[number].words}\n    {kind}: {fault}"
            for (death, number), faults in self.found.items()
            for kind in truth.KINDS
            for fault in faults[kind]
        ]
        assert not faulty, "\n".join([counts, *faulty[:40]])


def deaths_in(command: scenario.Command, prepared: Path, effects: list[str], sides: Iterable[str]) -> list[Death]:
    """Every effect, every side. The record after a write to the ledger is that write itself."""
    last_record = max(n for n, effect in enumerate(effects, 1) if effect.startswith("ledger."))
    return [
        Death(number=number, effect=effect, side=side, prepared=prepared, command=command)
        for number, effect in enumerate(effects, 1)
        for side in sides
        if side != "record" or (number < last_record and not effect.startswith("ledger."))
    ]


def test_a_kill_at_any_effect_doubles_loses_and_hides_nothing_and_bothers_nobody(
    zygotes: SimpleQueue[Zygote], prepared: Path
) -> None:
    """0 doubled, 0 lost, 0 unrecorded, 0 for a human: whenever it dies, and whatever became of the state directory."""
    effects = effects_of(scenario.KILLED, prepared, zygotes)
    restarts = Restarts(zygotes, range(len(scenario.LOSSES)))
    restarts.all(deaths_in(scenario.KILLED, prepared, effects, SIDES))
    restarts.promise(
        {
            loss.words: [faults for (_, lost), faults in restarts.found.items() if lost == number]
            for number, loss in enumerate(scenario.LOSSES)
        }
    )


def test_a_second_kill_in_the_recovery_from_the_first_changes_nothing_of_that(
    zygotes: SimpleQueue[Zygote], prepared: Path
) -> None:
    """Killed in the middle of the run, and again at any effect of the reconcile that mends it: all zero as well."""
    effects = effects_of(scenario.KILLED, prepared, zygotes)
    half_way = [number for number, effect in enumerate(effects, 1) if effect == "mailer.send"][4]
    first = prepared.with_name("half way")
    with using(zygotes) as zygote:
        zygote.die(prepared, first, scenario.KILLED, (half_way, "after"), scenario.STATES)
    restarts, recovery = Restarts(zygotes, [0]), scenario.RESTART[0]
    lost = {state: first.with_name(f"{first.name}-{state}") for state in scenario.STATES}
    for left in lost.values():
        restarts.all(deaths_in(recovery, left, effects_of(recovery, left, zygotes), ["before"]))
    restarts.promise(
        {
            f"killed half way and again, {state}": [
                faults for (death, _), faults in restarts.found.items() if death.prepared == left
            ]
            for state, left in lost.items()
        }
    )

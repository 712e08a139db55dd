"""What do the five vendors share: the time, chance, and the faults that are switched on?"""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(kw_only=True)
class Fault:
    """One thing that goes wrong at one vendor: the next `times` requests it fits (0: all, until it is switched off).

    `value` is what the fault needs (a status, seconds, a number of calls); `path` and `method` narrow it down. `skip`
    lets so many fitting requests pass first.
    """

    vendor: str
    name: str
    times: int = 1
    value: Any = None
    path: str = ""
    method: str = ""
    skip: int = 0


class Faults:
    """All that is switched on."""

    def __init__(self) -> None:
        self._on: list[Fault] = []

    def switch_on(self, vendor: str, name: str, **how: Any) -> None:  # noqa: ANN401 (the fields of Fault)
        """Switch a fault on; several wait in their order."""
        self._on.append(Fault(vendor=vendor, name=name, **how))

    def switch_off(self, vendor: str = "", name: str = "") -> None:
        """Switch off those of this vendor and name; left out, all."""
        self._on = [one for one in self._on if (vendor and one.vendor != vendor) or (name and one.name != name)]

    def take(self, vendor: str, name: str, method: str = "", path: str = "") -> Fault | None:
        """The fault of this name that strikes this request, counted; None when there is none."""
        for fault in self._on:
            if (fault.vendor, fault.name) != (vendor, name) or not _fits(fault, method, path):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.times == 1:
                self._on.remove(fault)
            elif fault.times:
                fault.times -= 1
            return fault
        return None

    def on(self, vendor: str, name: str) -> Fault | None:
        """Is it switched on? Asked without counting, for what is a state and no event."""
        return next((one for one in self._on if (one.vendor, one.name) == (vendor, name)), None)

    def listed(self) -> list[Mapping[str, Any]]:
        """What is on, as JSON can carry it."""
        return [vars(one) for one in self._on]


def _fits(fault: Fault, method: str, path: str) -> bool:
    return fault.path in path and fault.method in ("", method)


@dataclass(frozen=True, kw_only=True)
class World:
    """What a vendor is given. `now` is aware and UTC; `sleep` waits on the same clock."""

    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    rng: random.Random
    faults: Faults = field(default_factory=Faults)

"""What is one line of the table?"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measurement. `holds` is None where there is no target."""

    what: str
    at: str
    measured: str
    target: str = ""
    holds: bool | None = None


def tell(measure: Callable[[], Sequence[Figure]]) -> None:
    """Measure, and print: for a human, or with --json for the table."""
    figures = measure()
    if "--json" in sys.argv:
        print(json.dumps([asdict(figure) for figure in figures]))
        return
    for figure in figures:
        verdict = {True: "holds", False: "DOES NOT HOLD", None: "no target"}[figure.holds]
        print(f"{figure.what}, at {figure.at}: {figure.measured} (target: {figure.target or 'none'}: {verdict})")

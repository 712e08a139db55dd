"""What does it cost? All measurements, each in a process of its own, as one table: `make bench`."""

import json
import subprocess
import sys
import time
from pathlib import Path

from figure import Figure
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
FILES = (
    "idle.py",
    "attribution_share.py",
    "airtable_requests.py",
    "large_pool.py",
    "event_requests.py",
    "event_memory.py",
    "draft_run.py",
    "own_cpu.py",
)
VERDICTS = {True: "holds", False: "does not hold", None: ""}


def main() -> int:
    """Measure one after the other, so that none disturbs another; 1 when one of them broke."""
    began, broke = time.perf_counter(), False
    table = Table("what", "at", "measured", "target", "holds?", show_lines=True)
    for file in FILES:
        print(f"{file} ...", file=sys.stderr)
        done = subprocess.run([sys.executable, HERE / file, "--json"], stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            broke = True
            table.add_row(file, "", "broke: run it alone", "", "")
            continue
        for figure in (Figure(**one) for one in json.loads(done.stdout)):
            table.add_row(figure.what, figure.at, figure.measured, figure.target, VERDICTS[figure.holds])
    Console().print(table)
    print(f"in {time.perf_counter() - began:.0f} s")
    return int(broke)


if __name__ == "__main__":
    sys.exit(main())

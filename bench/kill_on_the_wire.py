"""How many mails are doubled or lost when the process is killed between Airtable and Brevo?

Usage: python bench/kill_on_the_wire.py [N]. Kills `once send` at every request of its run, before and after its effect
and after the reply, and at N points drawn evenly from its time (200); restarts it in each way that the test knows, and
counts. Ends with 1 unless all counts are zero.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from kill.wire.deaths import Found, killing

SEED = 2026


def main() -> int:
    """Print the counts; the exit code."""
    at_random = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as place, killing(Path(place) / "installations") as program:
        for lag, unharmed in program.unharmed.items():
            told = f"{len(unharmed.requests)} requests in {unharmed.took_s * 1000:.0f} ms"
            print(f"an unharmed run, Brevo {lag.total_seconds() / 60:.0f} min late: {told}")
        positions = [death for lag in program.unharmed for death in program.positions(lag)]
        faulty = show("at every request, on every side of it", program.all(positions))
        faulty += show(f"at {at_random} random points", program.all(program.at_random(at_random, SEED)))
    print(f"\n{time.perf_counter() - began:.0f} s in all")
    return 1 if faulty else 0


def show(where: str, found: Found) -> int:
    """Print what was found; how many faults."""
    print(f"\nkilled {where}\n{found.table()}")
    for fault in found.faulty()[:40]:
        print(fault)
    sys.stdout.flush()
    return len(found.faulty())


if __name__ == "__main__":
    sys.exit(main())

"""How does one command run in a process of its own that talks to the sandbox, and may be killed from outside?

Run as a program it is a zygote as `kill.child` is one. A command is begun in two lines: `start` forks a process, which
stops before it has done anything, and tells its id; `end` lets it go, kills it after a time if so told, and tells how
it ended. Its clock is virtual: it stands while a request is on its way, and jumps where the program waits.
"""

import json
import os
import select
import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

# Imported before the fork, so that no process pays for it.
import outboundd.adapters.airtable
import outboundd.adapters.brevo  # noqa: F401
from kill import child
from outboundd import virtual
from outboundd.config import load
from outboundd.sandbox.five import KEYS


def run(place: Path, told: dict[str, Any]) -> list[dict[str, Any]]:
    """Carry out one command from its instant on, as soon as somebody lets this process go on."""
    os.kill(os.getpid(), signal.SIGSTOP)
    at = datetime.fromisoformat(told["at"])
    config = load(place / "config.toml", KEYS, loaded_at=at, prompts=child.PROMPTS)
    code = virtual.run(lambda: child.carry_out(config, told, lambda world: world), at)
    return [{"code": code}]


def start(place: Path, told: dict[str, Any]) -> tuple[int, int]:
    """A process that stands still, and the pipe on which it will tell how it ended."""
    process, reading = child.forked(lambda: run(place, told))
    os.waitpid(process, os.WUNTRACED)
    return process, reading


def end(process: int, reading: int, kill_after_s: float | None) -> dict[str, Any]:
    """Let it go, and wait for its end. `took_s`: how long it lived."""
    began = time.perf_counter()
    os.kill(process, signal.SIGCONT)
    told, _, _ = select.select([reading], [], [], kill_after_s)
    if not told:
        os.kill(process, signal.SIGKILL)
    (ended,) = child.ended(process, reading)
    return {**ended, "took_s": time.perf_counter() - began}


def main() -> None:
    """Answer each line until the input ends."""
    child.warm_up()
    started = (0, 0)
    for line in sys.stdin:
        told = json.loads(line)
        if told["what"] == "start":
            started = start(Path(told["place"]), told["command"])
            answer: Any = started[0]
        else:
            answer = end(*started, told["kill_after_s"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

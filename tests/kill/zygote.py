"""How does a test have commands carried out in processes of their own?"""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from kill.scenario import Command

TESTS = Path(__file__).parents[1]


class Zygote:
    """A program that has imported everything and forks for each command."""

    def __enter__(self) -> "Zygote":
        path = os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)])
        self._program = subprocess.Popen(
            [sys.executable, "-m", "kill.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._program.communicate()

    def run(self, place: Path, command: Command, *, kill_at: int | None = None, side: str = "") -> dict[str, Any]:
        """Carry out a command on an installation, or die at an effect of it. Tells how the process ended."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        told = {**command.arguments(), "place": str(place), "kill_at": kill_at, "side": side}
        self._program.stdin.write(json.dumps(told) + "\n")
        self._program.stdin.flush()
        return json.loads(self._program.stdout.readline())

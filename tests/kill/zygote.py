"""How does a test have commands carried out in processes of their own?"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from kill.scenario import Command
from kill.truth import Faults

TESTS = Path(__file__).parents[1]


class Zygote:
    """A program that has imported everything and forks for each command."""

    program = "kill.child"

    def __enter__(self) -> "Zygote":
        path = os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)])
        self._program = subprocess.Popen(
            [sys.executable, "-m", self.program],
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

    def run(self, place: Path, command: Command) -> dict[str, Any]:
        """Carry out a command on an installation. Tells how the process ended."""
        (end,) = self.ask("run", place, commands=[command.arguments()])
        return cast(dict[str, Any], end)

    def die(
        self, prepared: Path, place: Path, command: Command, at: tuple[int, str], states: Sequence[str]
    ) -> dict[str, Any]:
        """Die at an effect of a command on a copy of `prepared`. Tells how, and what each loss leaves of it."""
        dying = {**command.arguments(), "kill_at": at[0], "side": at[1]}
        told = self.ask("die", place, prepared=str(prepared), command=dying, states=list(states))
        return cast(dict[str, Any], told)

    def restart(self, place: Path, number: int) -> Faults:
        """Restart what the loss of this number has left. Tells what is wrong afterwards."""
        return cast(Faults, self.ask("restart", place, number=number))

    def ask(self, what: str, place: Path, **told: Any) -> Any:
        """One line to the program, one line back."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(json.dumps({"what": what, "place": str(place), **told}) + "\n")
        self._program.stdin.flush()
        return json.loads(self._program.stdout.readline())

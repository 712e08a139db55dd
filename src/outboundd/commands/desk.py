"""What does a command have at hand, and what does it say?"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from outboundd.engine.parts import Parts
from outboundd.engine.run_job import Job


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing a command says: a text for a human, a value for `--json`, or how far it has come.

    `file` is a (suffix, content) that the asking side writes beside the file it gave (rejected rows of an import).
    `choices` are what may be said next, as buttons in a chat: (label, the command without its slash).
    """

    text: str = ""
    data: Any = None
    progress: tuple[int, int] | None = None
    file: tuple[str, str] | None = None
    choices: tuple[tuple[str, str], ...] = ()


class Refusal(Exception):
    """The command was not carried out. `code` is the exit code: 1 failed, 2 usage, 3 halted, 4 locked."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of `check`: 'green', 'yellow' or 'red', what was looked at, what was found and the remedy."""

    light: str
    what: str
    found: str
    remedy: str = ""


@dataclass(kw_only=True)
class Desk:
    """The running program as commands see it: its parts, its jobs with their cron lines (UTC), and what it is wired to.

    `findings` are those of the configuration and the machine, which only the composition root knows. `by_schedule` is
    True in a daemon, whose jobs run by themselves. A `dry` desk works on a copy of the ledger and writes nothing.
    """

    parts: Parts
    jobs: Mapping[str, Job]
    schedule: Mapping[str, str] = field(default_factory=dict)
    connected: Sequence[str] = ()
    findings: Callable[[], Sequence[Finding]] = lambda: ()
    by_schedule: bool = False
    dry: bool = False


@dataclass(frozen=True, kw_only=True)
class Command:
    """One thing the operator can say. `run(desk, **arguments)` yields lines; `reads_only` needs no process lock.

    `may_repeat`: done twice it is as done once, so a restart in its midst does it again.
    """

    name: str
    doc: str
    run: Callable[..., AsyncGenerator[Line, None]]
    reads_only: bool = False
    may_repeat: bool = False

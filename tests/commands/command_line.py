"""How does a test type a command: the real program in a process of its own, with a configuration in a folder?"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
CONFIG = """
state_dir = "state"
suppression = "suppression.db"
[campaign]
sender = { name = "Ada Park", email = "ada@mail.acme.example" }
[store.sqlite]
path = "leads.db"
[mailer.maildir]
path = "mail"
"""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How it ended and what it said."""

    code: int
    out: str
    err: str


def outboundd(folder: Path, *words: str, before: Callable[[], None] | None = None) -> Ended:
    """Type `outboundd WORDS` in a folder. `before` runs in the new process, to take powers from it."""
    config = folder / "config.toml"
    if not config.exists():
        config.write_text(CONFIG, encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if name not in ("RUNTIME_DIRECTORY", "STATE_DIRECTORY")}
    done = subprocess.run(
        [sys.executable, "-m", "outboundd", *words],
        cwd=folder,
        env={**env, "PYTHONPATH": str(SOURCE), "COLUMNS": "200"},
        preexec_fn=before,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ended(code=done.returncode, out=done.stdout, err=done.stderr)

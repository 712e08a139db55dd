"""A bot client that builds its models late hears and says what it would have heard and said."""

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("lean_bot.py")


def test_every_call_of_a_control_bot_works_and_what_nobody_uses_is_not_built() -> None:
    """Over HTTP, in a process of its own; a type that is used later is built then."""
    run = [sys.executable, "-W", "error", str(PROGRAM)]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "me": "sandbox_bot",
        "heard": ["/stats", 7],
        "sent": ["figures", "more", "a chart"],
        "pressed": ["r", 7],
        "refused": "TelegramBadRequest",
        "unused": False,
        "late": 3,
    }

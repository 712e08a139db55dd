"""How does a chat get a chart without the daemon growing by a plotting library? A child process draws it and is gone.

What it takes in memory goes back to the system with it. The child is given the figures and a folder that is thrown away
after it, nothing of our environment (where keys stand), and neither a home nor a place to write that lasts.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio

from outboundd.motion import MOTION

LIMIT_S = 30.0  # a small server under load takes three; nobody waits longer for a picture
LARGEST_BYTES = 10_000_000  # of a photo in Telegram (Bot API 10.3, 2026-11-24)
PNG = b"\x89PNG\r\n\x1a\n"
PICTURE = Path(__file__).with_name("chart_picture.py")


async def draw(days: Sequence[Mapping[str, str | int]]) -> bytes | None:
    """A PNG of {"day": "2026-11-24", "sent", "delivered", "bounced", …} each, oldest first; None when that fails.

    1,200 by 800 pixels. The child is killed when it is not done within `LIMIT_S`, and when this call is cancelled.
    """
    try:
        with MOTION.moving(), tempfile.TemporaryDirectory(prefix="chart-") as place, anyio.fail_after(LIMIT_S):
            done = await anyio.run_process(
                [sys.executable, "-I", str(PICTURE)],
                input=json.dumps(list(days)).encode(),
                check=True,
                stderr=subprocess.DEVNULL,
                cwd=place,
                env=_environment(place),
            )
    except Exception:  # noqa: BLE001 (whatever it is: figures without a picture are an answer all the same)
        return None
    return done.stdout if done.stdout.startswith(PNG) and len(done.stdout) < LARGEST_BYTES else None


def _environment(place: str) -> dict[str, str]:
    """All that the child knows of the machine. Its font is its library's own; one thread is enough."""
    return {
        "HOME": place,
        "LC_ALL": "C.UTF-8",
        "MPLCONFIGDIR": place,
        "MPL_IGNORE_SYSTEM_FONTS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TMPDIR": place,
    }

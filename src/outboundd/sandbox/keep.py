"""How does the sandbox's state survive the end of its process? One JSON file, written whole or not at all."""

import json
import os
from pathlib import Path
from typing import Any

from outboundd.sandbox.server import Sandbox


def load(sandbox: Sandbox, file: Path) -> bool:
    """Take up the state in the file; False when there is none. Raises ValueError for one that cannot be read."""
    if not file.exists():
        return False
    try:
        text = file.read_text("utf-8")
        kept: dict[str, Any] = json.loads(text)
        for name, vendor in sandbox.vendors.items():
            vendor.load(kept[name])
        # The same chance as before would give out the same ids again, and a new row would take the place of an old one.
        sandbox.world.rng.seed(f"{sandbox.world.rng.random()} {text}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file}: holds no state of a sandbox ({type(error).__name__}); name another file") from error
    return True


def save(sandbox: Sandbox, file: Path) -> None:
    """Write the state of every vendor. Raises ValueError for a place that cannot be written."""
    kept = {name: vendor.dump() for name, vendor in sandbox.vendors.items()}
    aside = file.with_name(file.name + ".new")
    try:
        aside.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
        os.replace(aside, file)  # noqa: PTH105 (both names stand above)
    except OSError as error:
        raise ValueError(f"{file}: cannot be written ({error.strerror}); name another file") from error

"""Did two deaths leave the same on the disk? Then one restart answers for both: a restart sees nothing else."""

import hashlib
import re
import shutil
import sqlite3
import tempfile
from pathlib import Path

_SLOT_BY_HAND = re.compile(r"by-hand-[0-9a-f]{32}")


def print_of(place: Path) -> str:
    """A hash over every row of every database, and the name and bytes of every other file.

    Taken from a copy: to open a database that a killed process left is to recover it.
    """
    told = hashlib.sha256()
    with tempfile.TemporaryDirectory() as aside:
        copy = Path(aside) / "copy"
        shutil.copytree(place, copy)
        for file in sorted(copy.rglob("*")):
            if not file.is_file() or file.name.endswith(("-wal", "-shm")):
                continue
            told.update(str(file.relative_to(copy)).encode())
            told.update(_rows(file).encode() if file.suffix == ".db" else file.read_bytes())
    return told.hexdigest()


def _rows(file: Path) -> str:
    database = sqlite3.connect(file)
    try:
        return _SLOT_BY_HAND.sub("by-hand", "\n".join(database.iterdump()))
    finally:
        database.close()

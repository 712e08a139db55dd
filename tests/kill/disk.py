"""Did two deaths leave the same on the disk? Then one restart answers for both: a restart sees nothing else."""

import hashlib
import re
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

_SLOT_BY_HAND = re.compile(r"by-hand-[0-9a-f]{8}")
_PARTS = ("-wal", "-shm")


def print_of(place: Path) -> str:
    """A hash over every row of every database, and the name and bytes of every other file."""
    told = hashlib.sha256()
    for file in sorted(place.rglob("*")):
        if file.is_file() and not file.name.endswith(_PARTS):
            told.update(str(file.relative_to(place)).encode())
            told.update(_rows(file).encode() if file.suffix == ".db" else file.read_bytes())
    return told.hexdigest()


def _rows(file: Path) -> str:
    """All rows, read from a copy: to open a database that a killed process left is to recover it."""
    with tempfile.TemporaryDirectory() as aside:
        for part in ("", *_PARTS):
            left = file.with_name(file.name + part)
            if left.exists():
                shutil.copy(left, Path(aside) / left.name)
        with closing(sqlite3.connect(Path(aside) / file.name)) as database:
            return _SLOT_BY_HAND.sub("by-hand", "\n".join(database.iterdump()))

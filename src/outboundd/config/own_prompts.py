"""Which prompts has the operator put beside the shipped ones, and may the program start with them?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from outboundd.config.sentences import Fault, Place, fault
from outboundd.rules import prompt_text

PLACE: Place = ("writer", "prompts_dir")
# Beside it the model is told 32 KB of data at most, and takes 64 KB.
TEXT_MAX_BYTES = 16_000
FILES_MAX = 100
ENDING = ".md"


@dataclass(frozen=True, kw_only=True)
class Own:
    """The operator's texts by name (file name without `.md`), and every mistake in the others."""

    texts: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def read(written: str, beside: Path) -> Own:
    """The texts in the directory as it is `written` in the file, relative to the folder of that file; "" is none."""
    if not written:
        return Own()
    try:
        files = _files(beside / written)
    except ValueError as wrong:
        return Own(faults=(fault(PLACE, written, str(wrong)),))
    texts: dict[str, str] = {}
    faults: list[Fault] = []
    for file in files:
        name = file.name.removesuffix(ENDING)
        text, wrong_with_it = _read(file)
        wrong_with_it = wrong_with_it or prompt_text.fault(name, text)
        if wrong_with_it:
            faults.append(fault(PLACE, written, f"{file.name} {wrong_with_it}"))
        else:
            texts[name] = text
    return Own(texts=texts, faults=tuple(faults))


def _files(directory: Path) -> list[Path]:
    """Its prompt files; what an editor or a system hides is none. Raises ValueError when it cannot be read."""
    try:
        found = list(directory.iterdir())
    except FileNotFoundError as wrong:
        raise ValueError(
            "there is no such directory; make it, beside this file or where the path says, or take the key away"
        ) from wrong
    except NotADirectoryError as wrong:
        raise ValueError("is a file; name the directory in which it lies") from wrong
    except OSError as wrong:
        raise ValueError(f"cannot be read ({wrong.strerror}); check its permissions") from wrong
    files = sorted(one for one in found if one.name.endswith(ENDING) and not one.name.startswith("."))
    if len(files) > FILES_MAX:
        raise ValueError(f"holds {len(files)} files {ENDING}, more than {FILES_MAX}; give prompts a place of their own")
    return files


def _read(file: Path) -> tuple[str, str]:
    """Its text, and what is wrong with it as a file ("" for nothing). A pipe would never end: only a file is opened."""
    try:
        if not file.is_file():
            return "", "is no file; take it away"
        with file.open("rb") as opened:
            raw = opened.read(TEXT_MAX_BYTES + 1)
    except OSError as wrong:
        return "", f"cannot be read ({wrong.strerror}); check its permissions"
    if len(raw) > TEXT_MAX_BYTES:
        return "", f"is longer than {TEXT_MAX_BYTES:,} bytes; shorten it"
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n"), ""
    except UnicodeDecodeError as wrong:
        row = raw[: wrong.start].count(b"\n") + 1
        return "", f"is not UTF-8 in line {row}; save it as UTF-8"

"""Does a new user come from an empty Airtable base to a first dry run by the README alone?"""

import json
import os
import re
import shlex
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SECTION = re.compile(r"^## With Airtable.*?(?=^## )", re.MULTILINE | re.DOTALL)
TABLE, KEY = re.compile(r"\[([\w.]+)\]"), re.compile(r"(\w+) = (.*)")
PATIENCE_S = 60


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What `outboundd sandbox` prints: where it is, the lines for config.toml, the keys to export."""

    url: str
    lines: str
    keys: Mapping[str, str]


def typed() -> list[str]:
    """The commands of the README's section, as they stand there."""
    section = SECTION.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert section is not None
    return [line.strip() for line in section[0].splitlines() if line.startswith("    ")]


def a_clone(folder: Path) -> Path:
    """What the README's reader has before him after `make install`."""
    (folder / "src").symlink_to(ROOT / "src")
    (folder / "config.toml").write_bytes((ROOT / "config.toml").read_bytes())
    program = folder / ".venv" / "bin" / "outboundd"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m outboundd "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return folder


def environment(keys: Mapping[str, str]) -> dict[str, str]:
    """An empty home, and these keys."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "src"),
        "COLUMNS": "200",
        "HOME": "/nonexistent",
        **keys,
    }


@contextmanager
def sandbox(folder: Path, line: str) -> Iterator[Printed]:
    """The README's first command, on a port that is free."""
    said = f"exec {line.replace(' sandbox', ' sandbox --port 0', 1)}"
    process = subprocess.Popen(["sh", "-c", said], cwd=folder, env=environment({}), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process:
        try:
            yield printed(process.stdout)
        finally:
            process.terminate()


def printed(out: Iterable[str]) -> Printed:
    """Read up to the keys, which are the last that it prints."""
    lines: list[str] = []
    for line in out:
        lines.append(line)
        if line.startswith("export "):
            break
    url = re.search(r"http://127\.0\.0\.1:\d+", lines[0])
    assert url is not None, lines
    keys = dict(word.split("=", 1) for word in lines[-1].split()[1:])
    return Printed(url=url[0], lines="".join(lines[:-1]), keys=keys)


def change(config: Path, lines: str) -> None:
    """Change each printed key where it stands in the file; one that does not stand there cannot be changed."""
    wanted = dict(keyed(lines))
    text = config.read_text(encoding="utf-8")
    changed = [
        f"{place[1]} = {wanted.pop(place)}" if place in wanted else line
        for (place, _), line in zip(places(text), text.splitlines(), strict=True)
    ]
    assert wanted == {}
    config.write_text("\n".join(changed) + "\n", encoding="utf-8")


def places(text: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Of each line the table it stands in and its key ("" where it has none), and its value."""
    table = ""
    for line in text.splitlines():
        if named := TABLE.fullmatch(line):
            table = named[1]
        found = KEY.fullmatch(line)
        yield ((table, found[1]), found[2]) if found else ((table, ""), "")


def keyed(text: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Those lines that have a key."""
    return ((place, value) for place, value in places(text) if place[1])


def state(url: str) -> dict[str, Any]:
    """All that the vendors know, but for the number of requests: to look is no change."""
    with urllib.request.urlopen(f"{url}/_sandbox/state", timeout=PATIENCE_S) as answer:
        known: dict[str, Any] = json.load(answer)
    del known["airtable"]["calls_this_month"]
    return known


def test_the_readmes_commands_lead_from_an_empty_base_to_a_dry_run_that_changes_nothing(tmp_path: Path) -> None:
    """Each command as it is written there, in its order, over real HTTP: none fails, dry runs leave no trace."""
    folder = a_clone(tmp_path)
    first, *others = typed()
    assert [line for line in others if "--dry-run" in line] != []
    with sandbox(folder, first) as stands:
        change(folder / "config.toml", stands.lines)
        for line in others:
            before = state(stands.url)
            done = subprocess.run(
                ["sh", "-c", line],
                cwd=folder,
                env=environment(stands.keys),
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            if "--dry-run" in line:
                assert "dry run, nothing was written" in done.stdout
                assert state(stands.url) == before, line
        known = state(stands.url)
    leads = next(table for table in known["airtable"]["tables"] if table["name"] == "Leads")
    assert len(leads["rows"]) > 100
    assert (known["openai"]["calls"], known["perplexity"]["calls"], known["brevo"]["ledger"]) == ([], [], [])

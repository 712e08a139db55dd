"""What is not configured is not loaded: seen in real processes, by the interpreter's own list of imports."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from outboundd.sandbox.five import CHAT_KEYS, KEYS, chat_lines, config_lines

SHIPPED = Path(__file__).parent.parent / "config.toml"
PATIENCE_S = 60
NOBODY = "http://127.0.0.1:9"
STORE = {"pyairtable", "requests"}
MODELS = {"openai", "httpx"}
CHAT = {"aiogram"}
SCHEDULER = {"apscheduler.schedulers"}
NEVER = {
    "matplotlib",
    "numpy",
    "time_machine",
    "pytest",
    "dns.resolver",
    "outboundd.demo",
    "outboundd.sandbox",
    "outboundd.virtual",
}
HEAVY = STORE | MODELS | CHAT | NEVER | {"aiohttp"}  # which openai loads when it is there


def loaded(*words: str | Path, until: str = "", keys: Mapping[str, str] | None = None) -> set[str]:
    """What a real process has imported: a command's until it ends, a daemon's until it logs this event."""
    command = [sys.executable, "-X", "importtime", "-m", "outboundd", *words]
    own = {name: value for name, value in os.environ.items() if not name.endswith("_DIRECTORY")}
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={**own, **(keys or {})}
    )
    assert process.stderr is not None
    lines, came = [], not until
    try:
        for line in process.stderr:
            lines.append(line)
            if until and until in line:
                came = True
                break
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE_S)
    assert came, "".join(line for line in lines if not line.startswith("import time:"))
    return {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """The shipped configuration, in a folder of its own."""
    return Path(shutil.copy(SHIPPED, tmp_path))


@pytest.fixture
def all_vendors(tmp_path: Path) -> Path:
    """A configuration of every vendor's adapter, at an address where nobody answers."""
    head = SHIPPED.read_text(encoding="utf-8").partition("[store]")[0]
    (tmp_path / "config.toml").write_text(head + config_lines(NOBODY), encoding="utf-8")
    return tmp_path / "config.toml"


def test_a_daemon_on_embedded_parts_loads_no_vendors_library(shipped: Path) -> None:
    """After its first reconcile: no store's, no model's, no chat's, no picture's, nothing of the demo or for tests."""
    modules = loaded("run", "--config", shipped, until="job.finished")
    assert modules & HEAVY == set()
    assert modules >= SCHEDULER, "the list of imports is that of a daemon"


def test_a_daemon_loads_what_its_configuration_names_and_no_more(all_vendors: Path) -> None:
    """Airtable, Brevo, OpenAI and Perplexity are there; no chat, which is off, no picture, for which nobody asked."""
    modules = loaded("run", "--config", all_vendors, until="daemon.started", keys=KEYS)
    assert modules >= STORE | MODELS | {"outboundd.adapters.brevo", "outboundd.adapters.perplexity"}
    assert modules & (CHAT | NEVER) == set()


def test_a_daemon_with_a_chat_loads_its_client(all_vendors: Path) -> None:
    """And still no picture: another process draws it."""
    with all_vendors.open("a", encoding="utf-8") as config:
        config.write(chat_lines(NOBODY))
    modules = loaded("run", "--config", all_vendors, until="daemon.started", keys={**KEYS, **CHAT_KEYS})
    assert modules >= CHAT | {"outboundd.adapters.lean_aiogram"}
    assert modules & NEVER == set()


@pytest.mark.parametrize("words", [("stats",), ("stats", "--help")])
def test_a_single_command_loads_no_scheduler_either(shipped: Path, words: tuple[str, ...]) -> None:
    """Only a daemon has a schedule."""
    modules = loaded(*words, "--config", shipped)
    assert modules & (HEAVY | SCHEDULER) == set()
    assert "outboundd.commands" in modules, "the list of imports is that of a command"


def test_a_single_command_loads_the_chats_client_only_for_something_to_tell(shipped: Path) -> None:
    """It takes seconds, and `stats` tells the operator nothing; `check` asks whether the bot is there."""
    text = shipped.read_text(encoding="utf-8")
    before, after = text.split("[telegram]")[0], text.split("[alerts]")[1]
    shipped.write_text(f"{before}{chat_lines(NOBODY)}[alerts]{after}", encoding="utf-8")
    assert loaded("stats", "--config", shipped, keys=CHAT_KEYS) & (HEAVY | SCHEDULER) == set()
    modules = loaded("check", "--config", shipped, keys=CHAT_KEYS)
    assert modules >= CHAT
    assert modules & NEVER == set()

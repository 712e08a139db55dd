"""Do the walls stand? Layers, pure rules, one way out for mail, closed lists, and a question for every file."""

import ast
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from outboundd.commands import COMMANDS
from outboundd.commands.desk import Command
from outboundd.engine.journal import EVENTS, FIELDS
from outboundd.engine.run_job import Job
from outboundd.jobs import JOBS

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "outboundd"
TESTS = ROOT / "tests"
SOURCES = sorted(SRC.rglob("*.py"))
PURE = [file for file in SOURCES if file.relative_to(SRC).parts[0] in ("model", "rules")]
IMPURE_MODULES = frozenset(
    {
        "anyio",
        "asyncio",
        "concurrent",
        "httpx",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "random",
        "secrets",
        "select",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "ssl",
        "structlog",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "uuid",
    }
)
IMPURE_CALLS = frozenset({"open", "print", "input", "eval", "exec", "compile", "globals", "__import__", "breakpoint"})
CLOCKS = frozenset({"now", "utcnow", "today", "time_ns", "monotonic", "perf_counter", "getenv"})


def tree(file: Path) -> ast.Module:
    """The file as a syntax tree."""
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def named(file: Path) -> str:
    """The file as a test's name shows it."""
    return str(file.relative_to(ROOT))


def imported(module: ast.Module) -> Iterator[str]:
    """The top-level names of what a file imports."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0]


def calls(module: ast.AST) -> Iterator[tuple[str, str]]:
    """(what is called on, what is called) of every call; the first is '' for a plain function."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            yield "", node.func.id
        elif isinstance(node.func, ast.Attribute):
            on = node.func.value
            yield getattr(on, "attr", getattr(on, "id", "?")), node.func.attr


def texts(module: ast.AST) -> Iterator[str]:
    """Every string of a file."""
    return (node.value for node in ast.walk(module) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def impurities(module: ast.Module) -> list[str]:
    """Whatever a pure file must not do."""
    waits = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Global)
    return [
        *(f"imports {name}" for name in imported(module) if name in IMPURE_MODULES),
        *(f"line {node.lineno}: {type(node).__name__}" for node in ast.walk(module) if isinstance(node, waits)),
        *(f"calls {name}" for on, name in calls(module) if not on and name in IMPURE_CALLS),
        *(f"asks {on}.{name}" for on, name in calls(module) if on and name in CLOCKS and on != "self"),
        *(
            f"reads {node.attr}"
            for node in ast.walk(module)
            if isinstance(node, ast.Attribute) and node.attr == "environ"
        ),
    ]


def mailers_asked_to_send(module: ast.Module) -> list[str]:
    """Calls of `send` on something called a mailer."""
    return [f"{on}.{name}" for on, name in calls(module) if name == "send" and on.lstrip("_") in ("mailer", "inner")]


def paid_calls(module: ast.Module) -> list[str]:
    """Calls of a writer or researcher that cost money. `attribution.judge` is a rule, the purse pays."""
    return [
        f"{on}.{name}"
        for on, name in calls(module)
        if (name in ("judge", "research") and on not in ("attribution", "purse"))
        or (name == "write" and on.lstrip("_") == "writer")
    ]


class TestLayers:
    """Who may import whom."""

    def test_every_import_goes_downwards(self):
        """The contracts of pyproject.toml are kept: layers, adapters without rules, jobs without one another."""
        # PYTHONPATH, so that the sources beside this test are looked at, whatever is installed.
        checked = subprocess.run(
            [
                sys.executable,
                "-c",
                "import sys, importlinter.cli as c; sys.exit(c.lint_imports(no_cache=True, no_logo=True))",
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(SRC.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr

    @pytest.mark.parametrize("file", PURE, ids=named)
    def test_rules_and_values_are_pure(self, file: Path):
        """No waiting, clock, chance, log, file or environment: what is given in is all that counts."""
        assert impurities(tree(file)) == []

    @pytest.mark.parametrize(
        "impure",
        [
            "import random",
            "from os import environ",
            "import sqlite3 as s",
            "async def rule(lead): ...",
            "at = datetime.now(UTC)",
            "at = date.today()",
            "print(lead)",
            "text = open(name).read()",
            "key = os.environ['KEY']",
        ],
    )
    def test_an_impure_line_would_be_noticed(self, impure: str):
        """This wall can fall."""
        assert impurities(ast.parse(impure)) != []


class TestTheOnlyWayOut:
    """For mail."""

    @pytest.mark.parametrize("file", [file for file in SOURCES if file.name != "outbox.py"], ids=named)
    def test_nothing_but_the_outbox_asks_a_mailer_to_send(self, file: Path):
        """So nothing can leave without an attempt, a gate and a cap."""
        assert mailers_asked_to_send(tree(file)) == []

    def test_the_outbox_asks_once(self):
        """One place to look at, and a second would be noticed."""
        assert mailers_asked_to_send(tree(SRC / "engine" / "outbox.py")) == ["_mailer.send"]
        assert mailers_asked_to_send(ast.parse("await parts.world.mailer.send(letter)")) == ["mailer.send"]


class TestTheOnlyWayToAPaidCall:
    """For money."""

    @pytest.mark.parametrize("file", [file for file in SOURCES if file.name != "spend.py"], ids=named)
    def test_nothing_but_the_purse_asks_a_writer_or_researcher(self, file: Path):
        """So nothing is spent beyond the day's limit, or without a line in the ledger."""
        assert paid_calls(tree(file)) == []

    def test_the_purse_asks_each_once(self):
        """Three places to look at, and a fourth would be noticed."""
        assert paid_calls(tree(SRC / "engine" / "spend.py")) == ["writer.write", "writer.judge", "researcher.research"]
        assert paid_calls(ast.parse("await run.parts.world.writer.judge(text)")) == ["writer.judge"]


class TestRegistries:
    """What is not in the list does not exist."""

    def test_every_job_file_is_a_job(self):
        """A sixth job is one new file and one line."""
        files = {file.stem for file in (SRC / "jobs").glob("*.py")} - {"__init__"}
        assert files == set(JOBS)
        assert all(name == job.name and job.doc for name, job in JOBS.items())

    def test_every_job_and_command_that_is_made_is_registered(self):
        """Nothing is built and then forgotten."""
        made: list[object] = []
        for folder in ("jobs", "commands"):
            for file in (SRC / folder).glob("*.py"):
                made += vars(importlib.import_module(f"outboundd.{folder}.{file.stem}")).values()
        jobs = {one.name for one in made if isinstance(one, Job)}
        commands = {one.name for one in made if isinstance(one, Command)}
        assert (jobs, commands) == (set(JOBS), set(COMMANDS))

    def test_every_command_can_be_typed(self):
        """One function of the command line carries it out, and it says what it does."""
        typed = {
            node.args[0].value
            for node in ast.walk(tree(SRC / "cli.py"))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "_carry"
            and isinstance(node.args[0], ast.Constant)
        }
        assert typed == set(COMMANDS)
        assert all(command.doc for command in COMMANDS.values())

    def test_every_line_of_the_log_has_a_name_from_the_list(self):
        """A closed list, so that the log can be searched."""
        written = {
            node.args[0].value
            for file in SOURCES
            for node in ast.walk(tree(file))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "write"
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and re.fullmatch(r"[a-z]+\.[a-z_]+", str(node.args[0].value))
        }
        assert written
        assert written <= set(EVENTS)

    def test_every_field_of_a_line_has_a_name_from_the_list(self):
        """So `journalctl LEAD=` finds every line about a lead, however it came to be written."""
        named = {
            keyword.arg
            for file in SOURCES
            for node in ast.walk(tree(file))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "write"
            and getattr(node.func.value, "attr", getattr(node.func.value, "id", "")).lstrip("_") == "log"
            for keyword in node.keywords
            if keyword.arg
        }
        assert named | {"run"} == set(FIELDS)
        assert all(FIELDS.values())

    def test_every_name_of_the_list_is_used(self):
        """What cannot happen is not promised."""
        elsewhere = {text for file in SOURCES if file.name != "journal.py" for text in texts(tree(file))}
        assert set(EVENTS) - elsewhere == set()
        assert all(meaning for _, meaning in EVENTS.values())


class TestEveryFileSaysWhatItIsFor:
    """So that a stranger finds their way."""

    @pytest.mark.parametrize("file", SOURCES, ids=named)
    def test_a_module_opens_with_the_question_it_answers(self, file: Path):
        """One sentence, ending in a question mark or a full stop."""
        doc = ast.get_docstring(tree(file)) or ""
        first = " ".join(doc.split("\n\n")[0].split())
        assert re.search(r"[.?]$", first), f"{first!r} is no sentence"

    @pytest.mark.parametrize("file", sorted(TESTS.rglob("test_*.py")), ids=named)
    def test_a_test_states_its_promise(self, file: Path):
        """Its name is a sentence, its docstring the promise."""
        silent = [
            node.name
            for node in ast.walk(tree(file))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name.startswith("test_")
            and not ast.get_docstring(node)
        ]
        assert silent == []

    def test_no_file_has_the_subject_of_another(self):
        """Two modules that answer the same question are one module."""
        questions = [(ast.get_docstring(tree(file)) or "").split("\n")[0] for file in SOURCES]
        assert sorted({one for one in questions if questions.count(one) > 1}) == []

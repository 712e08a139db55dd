"""Do the documents say what the code does? Each rule with incident, function and test; the drawing of the stages."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from outboundd.engine.journal import EVENTS, FIELDS
from outboundd.rules import lifecycle

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "outboundd"
RULES = (ROOT / "docs" / "RULES.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "OPERATING.md").read_text(encoding="utf-8")
HEADING = ("Rule", "Incident behind it", "Function", "Test")
ROWS = [
    cells
    for line in RULES.splitlines()
    if line.startswith("| ") and (cells := tuple(cell.strip() for cell in line.strip("|").split("|"))) != HEADING
]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
RULE_MODULES = {file.stem for file in (ROOT / "src/outboundd/rules").glob("*.py")} - {"__init__"}


def named_tests(file: Path) -> set[str]:
    """The tests of a file as pytest names them, without parameters."""
    found: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{one.name}" for one in node.body if isinstance(one, FUNCTIONS)}
        elif isinstance(node, FUNCTIONS):
            found.add(node.name)
    return found


def faults(row: tuple[str, ...]) -> list[str]:
    """What is missing of the four."""
    if len(row) != len(HEADING):
        return [f"{len(row)} cells"]
    rule, incident, function, test = row
    missing = [name for name, cell in (("rule", rule), ("incident", incident)) if len(cell.split()) < 3]
    module, _, name = function.strip("`").partition(".")
    if module not in RULE_MODULES or not hasattr(importlib.import_module(f"outboundd.rules.{module}"), name):
        missing.append(f"function {function}")
    file, _, name = test.strip("`").partition("::")
    if not (ROOT / file).is_file() or name not in named_tests(ROOT / file):
        missing.append(f"test {test}")
    return missing


@pytest.mark.parametrize("row", ROWS, ids=lambda row: re.sub(r"\W+", "_", row[0])[:60])
def test_every_rule_has_an_incident_a_function_and_a_test(row: tuple[str, ...]) -> None:
    """All four, and the latter two exist."""
    assert faults(row) == []


@pytest.mark.parametrize(
    "row",
    [
        ("", *ROWS[0][1:]),
        (ROWS[0][0], "—", *ROWS[0][2:]),
        (*ROWS[0][:2], "`send_window.holds`", ROWS[0][3]),
        (*ROWS[0][:3], "`tests/rules/test_send_window.py::test_nothing`"),
        ROWS[0][:3],
    ],
)
def test_a_row_that_lacks_one_of_the_four_would_be_noticed(row: tuple[str, ...]) -> None:
    """This test can fail."""
    assert faults(row) != []


def test_every_module_of_the_rules_has_a_row() -> None:
    """A rule nobody can find is a rule nobody keeps."""
    named = {row[2].strip("`").partition(".")[0] for row in ROWS}
    assert named == RULE_MODULES


def test_all_five_incidents_have_a_rule_and_a_test() -> None:
    """Each story is told by a file of tests that a rule names."""
    stories = {file.name for file in (ROOT / "tests/incidents").glob("test_*.py")}
    assert len(stories) == 5
    assert {story for story in stories if story in RULES} == stories
    assert {number for number in "12345" if any(row[1].startswith(f"{number}:") for row in ROWS)} == set("12345")


def test_the_drawing_of_the_stages_is_the_table() -> None:
    """`docs/ARCHITECTURE.md` holds exactly what `lifecycle.drawing` draws."""
    assert f"```mermaid\n{lifecycle.drawing()}```" in ARCHITECTURE


def test_every_file_and_folder_has_its_place_in_the_table() -> None:
    """Who looks for a subject finds where it is: the folders, what stands beside them, and each part of the engine."""
    table = ARCHITECTURE.partition("## Where things are")[2].partition("\n## ")[0]
    beside = {f"`{path.name}`" for path in SOURCE.glob("[!_]*.py")}
    folders = {f"`{path.parent.name}/`" for path in SOURCE.glob("*/__init__.py")}
    engine = {f"`{path.stem}`" for path in (SOURCE / "engine").glob("[!_]*.py")}
    assert len(beside) > 5
    assert {name for name in beside | folders | engine if name not in table} == set()


def test_the_manual_lists_what_the_log_can_say() -> None:
    """Each event with its level and meaning, each field, in their order and no other: it is printed from the code."""
    events = [f"| `{name}` | {level} | {meaning} |" for name, (level, meaning) in EVENTS.items()]
    fields = [f"| `{name.upper()}` | {meaning} |" for name, meaning in FIELDS.items()]
    for heading, rows in (
        ("| event | level | meaning |\n|---|---|---|", events),
        ("| field | what it is |\n|---|---|", fields),
    ):
        assert "\n".join(["", heading, *rows, "", ""]) in OPERATING


def test_everything_that_the_gate_asks_has_a_row():
    """A rule that `decide` calls cannot lose its row unnoticed."""
    tree = ast.parse((ROOT / "src/outboundd/rules/decide.py").read_text(encoding="utf-8"))
    modules = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "outboundd.rules"
        for alias in node.names
    }
    asked = {
        f"{node.func.value.id}.{node.func.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in modules
    }
    verdicts = {name for name in asked if re.search("Hold|Stop", str(_function(name).__annotations__.get("return")))}
    assert len(verdicts) > 8
    assert {name for name in verdicts if f"`{name}`" not in RULES} == set()


def _function(name: str):
    module, _, function = name.partition(".")
    return getattr(importlib.import_module(f"outboundd.rules.{module}"), function)

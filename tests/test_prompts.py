"""Are the shipped texts complete, and what becomes of the operator's own while the program runs?"""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outboundd import wiring
from outboundd.prompts import load
from outboundd.reload import NotTaken, read_anew
from outboundd.rules.prompt_text import fault

CONFIG = """
[campaign]
sender = { name = "Ada Park", email = "ada@mail.acme.example" }
[writer]
prompts_dir = "mine"
"""


def test_every_shipped_prompt_has_a_text_for_each_kind_of_step() -> None:
    """First mail, follow-up and last mail, for both prompts and for the templates."""
    kinds = ("first", "follow_up", "last")
    assert sorted(load()) == sorted(
        f"{name}.{k}" for name in ("carnegie", "direct", "template", "template.direct") for k in kinds
    )
    assert all(text.strip() for text in load().values())


def test_every_shipped_text_is_one_that_an_operator_could_put_in_its_place() -> None:
    """What is asked of the operator's own, the shipped ones keep."""
    assert {name: fault(name, text) for name, text in load().items() if fault(name, text)} == {}


def test_a_prompts_directory_that_vanishes_is_refused_at_a_reload_and_the_old_texts_stay(tmp_path: Path) -> None:
    """The daemon goes on with what it has read; what the alert is told names the key and nothing of the machine."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "carnegie.first.md").write_text("Write like me.", "utf-8")
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    config = wiring.read_config(tmp_path / "config.toml", datetime(2026, 11, 24, tzinfo=UTC))
    assert read_anew(config).settings == config.settings
    shutil.rmtree(mine)
    with pytest.raises(NotTaken) as not_taken:
        read_anew(config)
    assert str(not_taken.value) == "it has mistakes (outboundd check tells them): writer.prompts_dir"
    assert config.settings.prompts["carnegie.first"] == "Write like me."


def test_check_tells_of_own_texts_and_of_those_that_changed_on_the_disk(tmp_path: Path) -> None:
    """How many, which one stands in the place of a shipped one, and that a reload would take what is there now."""
    mine = tmp_path / "mine"
    mine.mkdir()
    for name in ("carnegie.first", "plain.first"):
        (mine / f"{name}.md").write_text("Write like me.", "utf-8")
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    config = wiring.read_config(tmp_path / "config.toml", datetime(2026, 11, 24, tzinfo=UTC))
    config.state_dir.mkdir(parents=True)
    found = {finding.what: finding for finding in wiring.findings(config)}
    assert found["prompts"].light == "green"
    assert found["prompts"].found.endswith("; 2 of your own, in place of the shipped carnegie.first")
    (mine / "plain.first.md").write_text("Write like her.", "utf-8")
    found = {finding.what: finding for finding in wiring.findings(config)}
    assert (found["config"].light, found["prompts"].light) == ("green", "yellow")
    assert "changed on the disk since" in found["prompts"].found
    (mine / "plain.first.md").write_text("", "utf-8")
    found = {finding.what: finding for finding in wiring.findings(config)}
    assert found["config"].light == "red"
    assert "plain.first.md is empty" in found["config"].remedy

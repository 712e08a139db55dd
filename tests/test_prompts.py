"""Are the shipped texts complete, and do the operator's own take their place?"""

from pathlib import Path

import pytest

from outboundd.prompts import load


def test_every_shipped_prompt_has_a_text_for_each_kind_of_step() -> None:
    """First mail, follow-up and last mail, for both prompts and for the templates."""
    kinds = ("first", "follow_up", "last")
    assert sorted(load()) == sorted(
        f"{name}.{k}" for name in ("carnegie", "direct", "template", "template.direct") for k in kinds
    )
    assert all(text.strip() for text in load().values())


def test_the_operators_own_texts_stand_beside_and_before_the_shipped_ones(tmp_path: Path) -> None:
    """A file of the same name replaces a shipped text, a new one is added, anything else is left alone."""
    (tmp_path / "carnegie.first.md").write_text("mine", "utf-8")
    (tmp_path / "plain.first.md").write_text("new", "utf-8")
    (tmp_path / "notes.txt").write_text("no prompt", "utf-8")
    texts = load(tmp_path)
    assert (texts["carnegie.first"], texts["plain.first"]) == ("mine", "new")
    assert "notes" not in texts
    assert texts["direct.last"] == load()["direct.last"]


def test_a_text_in_another_encoding_is_named(tmp_path: Path) -> None:
    """A file that is not UTF-8 stops the start with its name and the remedy."""
    (tmp_path / "own.first.md").write_bytes("schön".encode("latin-1"))
    with pytest.raises(ValueError, match=r"own\.first\.md is not UTF-8: save it as UTF-8"):
        load(tmp_path)

"""Can any value in any place bring the loader down, or is it always taken or told?"""

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.config import ConfigError, load
from outboundd.config.sentences import keys

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEXTS = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
LEAVES = TEXTS | NUMBERS | st.booleans() | st.sampled_from(["brevo", "0 9 * * 1-5", "2026-12-24..x", "sk-1"])
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=2))
PLACES = st.sampled_from(
    [
        *(key for key in keys() if "sender" not in key),
        "limits",
        "variants",
        "sequence.follow_ups",
        "campaign",
        "telegram",
        "limits.x",
    ]
)


def toml(value: object) -> str:
    """The value as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value).replace("\x7f", "\\u007f")


@given(place=PLACES, value=VALUES)
def test_whatever_stands_in_a_place_is_taken_or_told_in_whole_sentences(place: str, value: object):
    """No value makes the start end in a traceback, and no sentence carries a line break into the log."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_text(f"{place} = {toml(value)}\n", encoding="utf-8")
        # the sender is missing, so that every file is refused
        with pytest.raises(ConfigError) as refusal:
            load(path, {}, loaded_at=NOW)

    assert [one for one in refusal.value.sentences if not one.isprintable() or one[-1] not in ".?"] == []

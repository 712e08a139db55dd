"""Does every wrong file stop the start, with exactly the sentences that its first lines expect?"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from outboundd.config import ConfigError, load

FILES = sorted((Path(__file__).parent / "bad_configs").glob("*.toml"))
EXPECT = "# expect: "
KINDS = {
    "store": ("sqlite", "airtable"),
    "mailer": ("maildir", "brevo"),
    "writer": ("template", "openai"),
    "researcher": ("none", "perplexity"),
}
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROMPTS = dict.fromkeys(("carnegie.first", "carnegie.follow_up", "carnegie.last", "half.first"), "Write.")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_wrong_config_is_refused_with_the_sentences_that_say_what_to_do(path: Path):
    """Every mistake of a file is told at once, sorted by place, one sentence each."""
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [line.removeprefix(EXPECT) for line in lines if line.startswith(EXPECT)]
    assert expected

    with pytest.raises(ConfigError) as refusal:
        load(path, {}, loaded_at=NOW, prompts=PROMPTS, kinds=KINDS, priced=("gpt-6-luna", "gpt-4o"))

    assert refusal.value.sentences == expected


@pytest.mark.parametrize("path", [path for path in FILES if "secret" in path.stem], ids=lambda path: path.stem)
def test_a_secret_in_the_file_is_never_repeated(path: Path):
    """The sentences go to logs and alerts, so a secret that was written by mistake is not in them."""
    with pytest.raises(ConfigError) as refusal:
        load(path, {}, loaded_at=NOW)

    assert "canary-7711" in path.read_text(encoding="utf-8")
    assert "canary-7711" not in str(refusal.value)

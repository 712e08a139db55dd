"""Is the shipped config.toml whole, safe and in plain words?"""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from outboundd.config import load
from outboundd.config.sentences import keys
from outboundd.model.settings import Campaign, Sequence, Settings

SHIPPED = Path(__file__).parents[2] / "config.toml"
TEXT = SHIPPED.read_text(encoding="utf-8")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def flat(table: dict[str, Any], below: str = "") -> Iterator[str]:
    """Every key that is written, with its tables, dotted."""
    for key, value in table.items():
        entries = [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
        inner = [value] if value and isinstance(value, dict) else entries
        if not inner:
            yield f"{below}{key}"
        for entry in inner:
            yield from flat(entry, f"{below}{key}.")


def test_every_key_that_is_built_stands_in_the_shipped_file_and_no_other():
    """An operator finds every key in the file and has to look nowhere else; a new job's schedule may be left out."""
    written, built = set(flat(tomllib.loads(TEXT))), set(keys())
    assert written <= built
    assert {key for key in built - written if not key.startswith("jobs.")} == set()


def test_every_key_of_the_shipped_file_is_explained_on_the_line_above():
    """No key stands there without a word on what it does."""
    lines = TEXT.splitlines()
    written = [row for row, line in enumerate(lines) if re.match(r"[a-z_]+ = ", line)]

    assert len(written) > 40
    assert [lines[row] for row in written if not lines[row - 1].startswith("# ")] == []


def test_what_the_shipped_file_says_is_the_default_unless_its_comment_names_another():
    """Leaving a key out changes nothing, or the comment on it says what then holds."""
    shipped = load(SHIPPED, {}, loaded_at=NOW)
    settings = shipped.settings
    sender_only = Settings(campaign=Campaign(sender=settings.campaign.sender))
    other = {match[1] for match in re.finditer(r"# .*\(default: .*\)\n(?:\[\[sequence\.)?([a-z_]+)", TEXT)}

    differing = {key for key, value in vars(settings.campaign).items() if value != vars(sender_only.campaign)[key]}
    assert differing | {"follow_ups"} == other
    assert settings.sequence == Sequence(follow_ups=settings.sequence.follow_ups)
    for part in (
        "hours",
        "limits",
        "variants",
        "same_domains",
        "consent_settled",
        "legal_basis",
        "privacy_url",
        "keep_days",
    ):
        assert getattr(settings, part) == getattr(sender_only, part), part


def test_parts_and_jobs_of_the_shipped_file_are_the_defaults(tmp_path: Path):
    """The kinds, paths and schedules that hold when they are left out are the shipped ones."""
    bare = tmp_path / "config.toml"
    bare.write_text('[campaign]\nsender = { name = "Ada Park", email = "ada@mail.acme.example" }\n', encoding="utf-8")
    shipped, default = (load(path, {"STATE_DIRECTORY": "/srv"}, loaded_at=NOW) for path in (SHIPPED, bare))

    for part in ("state_dir", "suppression", "store", "mailer", "writer", "researcher", "jobs"):
        assert getattr(shipped, part) == getattr(default, part), part


def test_the_shipped_file_reaches_nobody():
    """No mail can leave the machine and no prior consent is taken as settled before the operator says so."""
    config = load(SHIPPED, {}, loaded_at=NOW)

    assert (config.mailer.kind, config.writer.kind, config.researcher.kind) == ("maildir", "template", "none")
    assert config.settings.consent_settled == frozenset()
    assert config.settings.campaign.sender.email.endswith(".example")
    assert [step.name for step in config.settings.sequence.follow_ups] == ["bump", "breakup"]

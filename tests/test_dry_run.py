"""A dry run says what would be done and changes nothing: not the store, not the ledger, not the mail."""

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from outboundd import carry_out, prompts
from outboundd.config import Config, load

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
LEADS = "Email,Name,Company,Website,Country\n" + "".join(
    f"rosa.{place}@{place}.example,Rosa Kova,{place.title()} Works,{place}.example,GB\n"
    for place in ("harbour", "lumen", "quarry", "fjord")
)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The shipped configuration in a folder of its own, without waits between two mails."""
    shipped = Path(__file__).parent.parent.joinpath("config.toml").read_text(encoding="utf-8")
    (tmp_path / "config.toml").write_text(shipped.replace("gap_s = [1, 5]", "gap_s = [0, 0]"), encoding="utf-8")
    return load(tmp_path / "config.toml", {}, loaded_at=TUESDAY, prompts=prompts.load())


async def said(config: Config, command: str, *, dry: bool = False, **arguments: object) -> str:
    """What a command says, with its exit code."""
    told = [say async for say in carry_out.alone(config, command, arguments, dry=dry)]
    return " ".join(str(say.get("text", say.get("exit", ""))) for say in told)


def everything(config: Config) -> dict[str, str]:
    """Hashes of all files that hold data."""
    root = config.path.parent / "var"
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


async def test_every_job_may_be_tried_without_a_trace(config: Config) -> None:
    """Drafts, mails, follow-ups, events and the digest: foretold, and not one byte is changed."""
    with time_machine.travel(TUESDAY, tick=False):
        content = base64.b64encode(LEADS.encode()).decode()
        assert "4 new" in await said(config, "import", name="leads.csv", content=content, mapping=[], source="test")
        assert "2 drafted" in await said(config, "once", job="draft", limit=2)
        before = everything(config)
        assert "it would be: 2 drafted" in await said(config, "once", job="draft", limit=9, dry=True)
        assert "it would be: 2 sent" in await said(config, "once", job="send", dry=True)
        assert "nothing was due" in await said(config, "once", job="follow_up", dry=True)
        assert "nothing was due" in await said(config, "once", job="reconcile", dry=True)
        assert "it would be: 1 digest" in await said(config, "once", job="digest", dry=True)
        assert everything(config) == before


async def test_a_dry_run_foretells_what_the_run_then_does(config: Config) -> None:
    """The mails of a dry run count against its caps, as real ones do."""
    content = base64.b64encode(LEADS.replace("lumen", "harbour").replace("rosa.harbour@", "tom.harbour@", 1).encode())
    with time_machine.travel(TUESDAY, tick=False):
        await said(config, "import", name="leads.csv", content=content.decode(), mapping=[], source="test")
        await said(config, "once", job="draft")
        foretold = await said(config, "once", job="send", dry=True)
        done = await said(config, "once", job="send")
    assert "3 sent, 1 held" in foretold
    assert "3 sent, 1 held" in done

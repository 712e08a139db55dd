"""Does the show keep its promises through the vendors' adapters, against the sandbox?"""

import contextlib
import io
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import anyio
import pytest

from outboundd import demo, virtual
from outboundd.demo.on_the_wire import Inbox
from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.brevo_office import Reply

DAYS, SEED = 3, 7


def played(place: Path) -> tuple[int, str, dict[str, Any]]:
    """Exit code, what was shown, and what the vendors know afterwards."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = demo.play(days=DAYS, seed=SEED, directory=place, sandbox=True)
    return code, said.getvalue(), json.loads((place / "sandbox.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, dict[str, Any]]:
    """A few days on the wire."""
    return played(tmp_path_factory.mktemp("wire") / "show")


def mails(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Mails to leads that truly left, by Brevo's own ledger."""
    return [mail for mail in state["brevo"]["ledger"] if ".-" not in mail["tag"]]


def rows(state: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of Airtable's table, by column name."""
    table = next(one for one in state["airtable"]["tables"] if one["name"] == "Leads")
    names = {column["id"]: column["name"] for column in table["fields"]}
    return [{names[key]: value for key, value in row["cells"].items()} for row in table["rows"]]


def test_the_show_ends_well_and_mails_leave(show: tuple[int, str, dict[str, Any]]) -> None:
    """No job fails on the way through four vendors."""
    code, said, state = show
    assert code == 0, said
    assert len(mails(state)) > 20


def test_no_step_leaves_twice(show: tuple[int, str, dict[str, Any]]) -> None:
    """By the ledger of the one who sends, not by our own."""
    left = Counter((mail["recipient"], mail["tag"].split(".")[2]) for mail in mails(show[2]))
    assert set(left.values()) == {1}


def test_every_mail_stands_in_the_trail_of_its_row_with_its_text(show: tuple[int, str, dict[str, Any]]) -> None:
    """'Why did you write to me, when, with what?' is answered from Airtable alone."""
    trails = {row["Email"]: row.get("Trail", "") for row in rows(show[2]) if "Email" in row}
    for mail in mails(show[2]):
        told = trails[mail["recipient"]]
        assert mail["tag"] in told
        assert all(line.strip() in told for line in mail["text"].splitlines())


def test_every_mail_carries_what_the_law_asks_for(show: tuple[int, str, dict[str, Any]]) -> None:
    """A way out, and where the sender is."""
    for mail in mails(show[2]):
        assert "no thanks" in mail["text"]
        assert "12 Harbour Street" in mail["text"]
        assert any(name.lower() == "list-unsubscribe" for name in mail["headers"])


def test_the_same_seed_plays_the_same_show(show: tuple[int, str, dict[str, Any]], tmp_path: Path) -> None:
    """Time stands still while a request is on its way: the same mails in the same order, at most one look apart."""
    again = played(tmp_path / "again")[2]
    assert [(mail["recipient"], mail["text"]) for mail in mails(again)] == [
        (mail["recipient"], mail["text"]) for mail in mails(show[2])
    ]
    gaps = [
        abs((datetime.fromisoformat(one["at"]) - datetime.fromisoformat(other["at"])).total_seconds())
        for one, other in zip(mails(again), mails(show[2]), strict=True)
    ]
    # What falls on the edge of a look is seen by it or by the next one: the clock moves by microseconds meanwhile.
    assert max(gaps) < 16 * 60


def test_who_answers_a_digest_is_no_lead() -> None:
    """Somebody may answer the daily digest as any mail: the operator is told of the leads' answers only."""
    at = datetime(2026, 11, 30, 9, tzinfo=UTC)
    tags = ("demo.-digest.2026-11-30", "demo.rec1.0")
    letters = [Reply(at=at, recipient="ops@acme.example", tag=tag) for tag in tags]
    answered: list[str] = []

    async def an_hour() -> None:
        with anyio.move_on_after(3600):
            await Inbox(cast("Brevo", SimpleNamespace(replies=letters)), answered.append).live()

    virtual.run(an_hour, at)
    assert answered == ["rec1"]

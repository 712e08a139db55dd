"""Is nothing left of a person who asked to be forgotten: in no file, free page or log of ours, and for good?

One word stands in every text of one person and nowhere else. The real files, adapters and jobs run on the virtual
clock; afterwards the bytes of every file are searched, while they are open and when they are closed.
"""

import base64
import csv
import io
import json
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import anyio
import pytest

from outboundd import prompts, virtual, wiring
from outboundd.adapters.memory_operator import MemoryOperator
from outboundd.adapters.scripted import ScriptedResearcher, ScriptedWriter
from outboundd.commands import COMMANDS
from outboundd.commands.desk import Desk, Refusal
from outboundd.config import load
from outboundd.engine.journal import Log
from outboundd.engine.parts import World
from outboundd.model.chat import Order
from outboundd.model.lead import OPERATOR_COLUMNS
from outboundd.model.mail import Brief

CANARY, COLLEAGUE = "quokka", "wombat"
DOMAIN = "harbour.example"
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)  # office hours in London
LIST = 'UPDATE lead SET {} = ? WHERE "Key" = ?'
ONE = f"{CANARY}@{DOMAIN}"


def exported() -> str:
    """The person, and somebody elsewhere, as a file to import."""
    written = io.StringIO()
    file = csv.DictWriter(written, OPERATOR_COLUMNS.values())
    file.writeheader()
    for name, domain in ((CANARY, DOMAIN), (COLLEAGUE, "quarry.example")):
        cells = {
            key: f"{name} {key}" for key in OPERATOR_COLUMNS if key not in ("do_not_contact", "override", "timezone")
        }
        known = {"email": f"{name}@{domain}", "website": f"https://{domain}", "country": "GB", "region": ""}
        file.writerow(
            {OPERATOR_COLUMNS[key]: cell for key, cell in {**cells, **known, "contact": name.title()}.items()}
        )
    return base64.b64encode(written.getvalue().encode()).decode()


def write(brief: Brief) -> str:
    """A mail that names them, longer than a page of the database."""
    name = CANARY if CANARY in brief.fields["company"].lower() else COLLEAGUE
    body = f"Hello {name},\n\n" + "\n\n".join(
        f"We keep track of hand tools for {name}, so that crews stop buying the same drill twice." for _ in range(2)
    )
    return json.dumps({"subject": f"Drills at {name}", "body": body})


def research(company: str) -> str:
    """Names them, too."""
    return f"{company} is led by {CANARY if CANARY in company.lower() else COLLEAGUE}. " * 300


@asynccontextmanager
async def a_desk(place: Path) -> AsyncIterator[Desk]:
    """The program on the files of this place, with models that say what they are told to."""
    shipped = files("outboundd.demo").joinpath("config.toml").read_text("utf-8")
    path = place / "config.toml"
    path.write_text(shipped, encoding="utf-8")
    config = load(path, {}, loaded_at=TUESDAY, prompts=prompts.load())
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)

    def wrap(world: World) -> World:
        return replace(
            world,
            writer=ScriptedWriter(write, lambda _: '{"verdict": "same", "evidence": "they write so"}'),
            researcher=ScriptedResearcher(research),
        )

    around = wiring.Outside(
        log=Log(quiet=True),
        operator=MemoryOperator(),
        rng=random.Random(1),
        entropy=random.Random(1).randbytes,
        wrap=wrap,
    )
    async with wiring.desk_of(config, around) as desk:
        yield desk


async def say(desk: Desk, command: str, **arguments: object) -> str:
    """What a command answers."""
    return "\n".join([line.text async for line in COMMANDS[command].run(desk, **arguments) if line.text])


async def a_life(desk: Desk, place: Path) -> None:
    """Imported, drafted, mailed, delivered, edited by hand, asked about; and an older ledger's copy lies beside."""
    await say(desk, "import", name="fair.csv", content=exported(), mapping=[], source="")
    for job in ("draft", "send", "reconcile"):
        await say(desk, "once", job=job)
        await anyio.sleep(600)
    with closing(sqlite3.connect(place / "var/leads.db")) as db, db:
        db.execute(LIST.format('"Trail"'), (f"called {CANARY} on Monday", ONE))
        db.execute(LIST.format('"Override"'), (f"{CANARY} is away", ONE))
    await anyio.sleep(7200)
    await say(desk, "once", job="reconcile")
    await say(desk, "once", job="follow_up")
    state = place / "var/state"
    with closing(sqlite3.connect(state / "ledger.db")) as now, closing(sqlite3.connect(state / "ledger.db.v2")) as copy:
        now.backup(copy)
        copy.execute("DROP TABLE uncounted")  # as one of the first version lacks it


def holding(place: Path, word: str = CANARY) -> list[str]:
    """The files in whose bytes the word stands, in whatever case."""
    found = (file for file in place.rglob("*") if file.is_file())
    return sorted(str(file.relative_to(place)) for file in found if word.encode() in file.read_bytes().lower())


def mails(place: Path) -> list[Path]:
    """The mails that were ever written to a lead."""
    return [file for file in (place / "var/mail").rglob("*") if file.is_file() and b"@harbour" in file.read_bytes()]


def play(scene: Callable[[], Awaitable[None]], start: datetime = TUESDAY) -> None:
    """One scene on the virtual clock."""

    async def main() -> None:
        await scene()

    virtual.run(main, start)


@pytest.mark.parametrize("who", [f"{CANARY.upper()}@Harbour.example", f"@{DOMAIN}"])
def test_nothing_of_them_is_in_any_file(tmp_path: Path, who: str) -> None:
    """Store, ledger, its older copy, write-ahead logs, free pages, maildir: not a byte; others lose nothing."""
    answers: list[str] = []

    async def scene() -> None:
        async with a_desk(tmp_path) as desk:
            await a_life(desk, tmp_path)
            now = datetime.now(UTC)
            await desk.parts.world.ledger.hear(Order(id="1:1", who=7, text=f"/why {ONE}", at=now), now)
            for file in ("var/leads.db", "var/state/ledger.db-wal", "var/state/ledger.db.v2", "var/mail/"):
                assert any(name.startswith(file) for name in holding(tmp_path)), file
            answers.append(await say(desk, "forget", who=who))
            assert holding(tmp_path) == []
            await say(desk, "once", job="reconcile")
            await say(desk, "once", job="digest")

    play(scene)
    assert holding(tmp_path) == []
    assert any("mail/" in name for name in holding(tmp_path, COLLEAGUE))
    assert {"var/leads.db", "var/state/ledger.db"} <= set(holding(tmp_path, COLLEAGUE))
    (told,) = answers
    for part in ("1 row in the lead store (sqlite)", "1 mail at the mailer (maildir)", "older copy ledger.db.v2"):
        assert part in told
    for part in ("entries in the ledger", "research on 1 company", "1 order of the chat", "not reached from here"):
        assert part in told


def test_an_old_copy_of_the_lead_store_and_a_lost_ledger_write_to_nobody_again(tmp_path: Path) -> None:
    """The row is back, trail and all, and the state directory is gone: the list beside them still says never."""
    told: list[str] = []

    async def before() -> None:
        async with a_desk(tmp_path) as desk:
            await a_life(desk, tmp_path)
        shutil.copy(tmp_path / "var/leads.db", tmp_path / "leads.bak")
        async with a_desk(tmp_path) as desk:
            await say(desk, "forget", who=ONE)
        shutil.rmtree(tmp_path / "var/state")
        shutil.move(tmp_path / "leads.bak", tmp_path / "var/leads.db")

    async def after() -> None:
        async with a_desk(tmp_path) as desk:
            for _ in range(30):
                for job in ("reconcile", "draft", "follow_up", "send"):
                    await say(desk, "once", job=job)
                await anyio.sleep(86_400)
            told.append(await say(desk, "why", who=ONE, letter=True))
            await say(desk, "import", name="fair.csv", content=exported(), mapping=[], source="")
            await say(desk, "forget", who=ONE)

    play(before)
    play(after, datetime(2026, 11, 25, 10, 0, tzinfo=UTC))
    assert mails(tmp_path) == []
    assert "erased on 24 November 2026" in told[0]
    assert "outboundd forget it again" in told[0]
    assert holding(tmp_path) == []


def test_an_old_copy_of_the_ledger_loses_their_words_again(tmp_path: Path) -> None:
    """Put back, it is cleaned at the next look of the day."""

    async def scene() -> None:
        async with a_desk(tmp_path) as desk:
            await a_life(desk, tmp_path)
        shutil.copy(tmp_path / "var/state/ledger.db", tmp_path / "ledger.bak")
        async with a_desk(tmp_path) as desk:
            await say(desk, "forget", who=ONE)
        shutil.move(tmp_path / "ledger.bak", tmp_path / "var/state/ledger.db")
        assert holding(tmp_path) != []
        async with a_desk(tmp_path) as desk:
            await anyio.sleep(86_400)
            await say(desk, "once", job="reconcile")
            await say(desk, "once", job="send")

    play(scene)
    assert holding(tmp_path) == []
    assert mails(tmp_path) == []


def test_in_mid_send_it_waits_with_a_sentence_and_nothing_is_lost(tmp_path: Path) -> None:
    """The mail in the POST is recorded as sent on the lead, nothing more follows, and said again it is all erased."""
    sentences: list[str] = []

    async def scene() -> None:
        async with a_desk(tmp_path) as desk:
            await say(desk, "import", name="fair.csv", content=exported(), mapping=[], source="")
            await say(desk, "once", job="draft")
            mailer = desk.parts.world.mailer
            sending = mailer.send

            async def slow(letter: object) -> str:
                await anyio.sleep(5)
                return await sending(letter)  # type: ignore[arg-type]

            mailer.send = slow  # type: ignore[method-assign]
            async with anyio.create_task_group() as group:
                group.start_soon(lambda: say(desk, "once", job="send"))
                await anyio.sleep(2)
                for who in (ONE, f"{COLLEAGUE}@quarry.example"):
                    try:
                        await say(desk, "forget", who=who)
                    except Refusal as refusal:
                        sentences.append(refusal.sentence)
            sent = [one for one in await desk.parts.world.ledger.attempts() if one.to_lead]
            assert [one.state for one in sent] == ["sent"]
            assert sent[0].text
            await anyio.sleep(120)
            await say(desk, "once", job="reconcile")
            for who in (ONE, f"{COLLEAGUE}@quarry.example"):
                await say(desk, "forget", who=who)

    play(scene)
    (sentence,) = sentences
    assert "nothing more is sent" in sentence
    assert "from 2026-11-24 10:" in sentence
    assert "then forget again" in sentence
    assert holding(tmp_path) == []
    assert holding(tmp_path, COLLEAGUE) == []

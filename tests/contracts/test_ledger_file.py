"""Is the ledger's file private, durable, refused when it is not ours, and loud when it cannot be written?"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.ledger_values import HOUR, LEAVE, NOW, attempt, event, permitted, seen, transition
from outboundd.adapters.ledger import FileRefused, SqliteLedger
from outboundd.adapters.ledger.schema import LEDGER
from outboundd.adapters.sqlite_file import open_database
from outboundd.model.chat import Order
from outboundd.model.lead import Stage
from outboundd.ports import Broken


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a ledger will lie, in a directory that is not there yet."""
    return tmp_path / "state" / "ledger.db"


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A directory of a user whom file permissions bind, also where the tests run as root."""
    home = Path(tempfile.mkdtemp())
    was = os.geteuid()
    if was == 0:
        os.chown(home, 65534, 65534)
        os.seteuid(65534)
    yield home
    home.chmod(0o700)
    if was == 0:
        os.seteuid(0)
    shutil.rmtree(home)


def opened(path: Path | None, campaign: str = "spring", fingerprint: str = "key-1") -> SqliteLedger:
    """A ledger of the spring campaign."""
    return SqliteLedger.open(path, campaign, fingerprint)


async def test_a_ledger_opened_again_remembers(path: Path) -> None:
    """What was committed is there after the program ended, and the ledger no longer calls itself empty."""
    with closing(opened(path)) as ledger:
        assert ledger.empty_at_start
        assert ledger.path == path
        await ledger.begin(attempt(), permitted, 90)
        await ledger.commit([transition()])
    with closing(opened(path)) as ledger:
        assert not ledger.empty_at_start
        assert await ledger.attempt("spring.ada.0.1") == attempt()
        assert await ledger.head("ada") == transition()


async def test_a_queue_alone_does_not_make_a_ledger_that_remembers(path: Path) -> None:
    """Rows seen in the store are no history: the ledger is still empty."""
    with closing(opened(path)) as ledger:
        await ledger.see([seen()], NOW)
    with closing(opened(path)) as ledger:
        assert ledger.empty_at_start


async def test_an_attempt_is_on_disk_when_begin_returns(path: Path) -> None:
    """Another reader of the file sees it at once, and every commit is synced in full."""
    with closing(opened(path)) as ledger, closing(sqlite3.connect(path)) as other:
        await ledger.begin(attempt(), permitted, 90)
        assert other.execute("SELECT tag FROM attempt").fetchall() == [("spring.ada.0.1",)]
        assert ledger._db.rows("PRAGMA synchronous")[0][0] == 2
        assert ledger._db.rows("PRAGMA journal_mode")[0][0] == "wal"


def test_only_its_owner_may_read_the_ledger(path: Path) -> None:
    """The directory made for it is 0700 and each of its files 0600, also one restored with a wider mode."""
    opened(path).close()
    path.chmod(0o644)
    with closing(opened(path)):
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert modes == {"ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_an_empty_file_left_by_a_kill_at_the_first_start_becomes_a_ledger(path: Path) -> None:
    """A start that died before its first commit left nothing to repair by hand."""
    path.parent.mkdir()
    path.touch()
    opened(path).close()
    opened(path).close()


def test_another_campaign_is_refused(path: Path) -> None:
    """One campaign per state directory, even while nothing was sent."""
    opened(path).close()
    with pytest.raises(FileRefused, match="belongs to campaign 'spring', not to 'autumn': set that"):
        opened(path, campaign="autumn")


@pytest.mark.parametrize("held", ["attempt", "transition", "queue row", "event"])
async def test_another_key_beside_a_ledger_that_knows_somebody_is_refused(path: Path, held: str) -> None:
    """Under another key every person would be a stranger and could be written to again."""
    with closing(opened(path)) as ledger:
        if held == "attempt":
            await ledger.begin(attempt(), permitted, 90)
        elif held == "transition":
            await ledger.commit([transition()])
        elif held == "queue row":
            await ledger.see([seen()], NOW)
        else:
            await ledger.add_events([(event("k1"), "hash-ada")], NOW)
    with pytest.raises(FileRefused, match="key key-1, this one has key-2: put the suppression list"):
        opened(path, fingerprint="key-2")
    opened(path).close()


def test_another_key_beside_an_empty_ledger_becomes_its_key(path: Path) -> None:
    """Nobody is known yet, so nobody can be mistaken; from then on the new key is the one."""
    opened(path).close()
    opened(path, fingerprint="key-2").close()
    opened(path, fingerprint="key-2").close()


def test_a_ledger_of_a_newer_program_is_refused(path: Path) -> None:
    """An older program never writes to what it does not understand."""
    opened(path).close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE meta SET value = '4' WHERE key = 'schema_version'")
    with pytest.raises(FileRefused, match="schema version 4, this program knows 3 at most: start the newer"):
        opened(path)


async def of_version_1(path: Path) -> None:
    """A ledger as the first version left it, with one lead that was verified."""
    with closing(opened(path)) as ledger:
        await ledger.see([seen(stage=Stage.NEW)], NOW)
        await ledger.commit([transition(), transition(seq=2)])
    with closing(sqlite3.connect(path)) as other, other:
        for column in ("seq", "opens", "clicks", "last_event_at"):
            other.execute(f"ALTER TABLE lead DROP COLUMN {column}")
        for column in ("title", "text", "told_at", "last_at", "end_told_at", "note"):
            other.execute(f"ALTER TABLE incident DROP COLUMN {column}")
        for what, closed in (("away.brevo.send", None), ("clock", None), ("clock", 6)):
            other.execute("INSERT INTO incident (what, opened, closed, times) VALUES (?, 5, ?, 2)", (what, closed))
        other.execute("DROP TABLE uncounted")
        other.execute("ALTER TABLE event DROP COLUMN by_machine")
        other.execute("DROP INDEX transition_replied")
        for table in ("command", "bare", "calls", "cap"):
            other.execute(f"DROP TABLE {table}")
        other.execute("UPDATE meta SET value = '1' WHERE key = 'schema_version'")


async def test_a_ledger_of_an_older_program_is_brought_up_to_date_after_a_copy(path: Path) -> None:
    """It knows what it knew, the copy is private and as it was, and the next start has nothing left to do."""
    await of_version_1(path)
    for _ in range(2):
        with closing(opened(path)) as ledger:
            assert await ledger.queue() == [seen(seq=2)]
            assert await ledger.uncounted() == []
            assert [one.what for one in await ledger.incidents(open_only=True)] == ["clock"]
            assert await ledger.untold_incidents() == []
            assert [one.note for one in await ledger.incidents(open_only=False)] == ["", "", ""]
            assert await ledger.calls("airtable", NOW.date()) == {}
            assert await ledger.caps(NOW.date()) == {}
            assert await ledger.replies(NOW, NOW + HOUR) == []
            assert await ledger.reactions(NOW, NOW + HOUR) == []
    copy = path.with_name("ledger.db.v1")
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as older:
        assert older.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone() == ("1",)
        assert older.execute("SELECT id, stage FROM lead").fetchall() == [("ada", "verified")]


async def test_a_ledger_brought_up_to_date_has_all_that_a_fresh_one_has(path: Path) -> None:
    """Every table, column and index: what is missing would be slow, or fail on the day it is needed."""
    await of_version_1(path)
    opened(path).close()
    opened(path.with_name("fresh.db")).close()
    assert layout(path) == layout(path.with_name("fresh.db"))


def layout(path: Path) -> dict[str, list[str]]:
    """The columns of each table and index, in their order."""
    with closing(sqlite3.connect(path)) as file:
        names = file.execute("SELECT type, name FROM sqlite_master WHERE type IN ('table', 'index')").fetchall()
        told = {name: (kind, file.execute(f"PRAGMA {kind}_info('{name}')").fetchall()) for kind, name in names}
    return {name: [row[-1 if kind == "index" else 1] or "" for row in rows] for name, (kind, rows) in told.items()}


async def test_a_ledger_that_cannot_be_brought_up_to_date_stays_as_it_was(path: Path) -> None:
    """All or none: the older program can still start with it."""
    await of_version_1(path)
    statements = (*LEDGER.migrations[1], "no statement")
    with pytest.raises(FileRefused):
        open_database(path, replace(LEDGER, migrations={**LEDGER.migrations, 1: statements}))
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone() == ("1",)
        assert "seq" not in [column[1] for column in other.execute("PRAGMA table_info(lead)")]


async def test_without_a_copy_nothing_is_changed(path: Path) -> None:
    """What stands in the copy's place is not written over, and the ledger waits for it to be moved."""
    await of_version_1(path)
    path.with_name("ledger.db.v1").mkdir()
    with pytest.raises(FileRefused, match="cannot be used"):
        opened(path)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone() == ("1",)


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    """One sentence names the file, and the file is left as it was."""
    path.parent.mkdir()
    path.write_text("Dear Ada, this is a letter and no database. " * 50)
    with pytest.raises(FileRefused, match=r"ledger\.db is not a database: point to another file"):
        opened(path)
    assert path.read_text().startswith("Dear Ada")


def test_another_programs_database_is_refused(path: Path) -> None:
    """A lead store given as the ledger is not written to."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE lead (id TEXT)")
    with pytest.raises(FileRefused, match="is a database, but not a ledger of outboundd"):
        opened(path)


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.parent.rmdir() or path.parent.touch()])
def test_a_path_that_cannot_be_a_file_is_refused(path: Path, make: Callable[[Path], None]) -> None:
    """A directory in its place, or a file in its directory's place, is named in one sentence."""
    path.parent.mkdir()
    make(path)
    with pytest.raises(FileRefused, match=r"ledger\.db cannot be used \(not a file\): point to another file"):
        opened(path)


def test_a_read_only_directory_is_refused(unprivileged: Path) -> None:
    """A start that could not write says so at once, naming the file, before any mail."""
    unprivileged.chmod(0o500)
    with pytest.raises(FileRefused, match=r"ledger\.db cannot be used \(read-only\): make the file"):
        opened(unprivileged / "ledger.db")


def test_a_directory_that_became_read_only_is_refused(unprivileged: Path) -> None:
    """A ledger that is there but beside which nothing can be written is no ledger to send with."""
    opened(unprivileged / "ledger.db").close()
    unprivileged.chmod(0o500)
    with pytest.raises(FileRefused, match="make the file and its directory writable"):
        opened(unprivileged / "ledger.db")


def test_a_read_only_file_is_refused(unprivileged: Path) -> None:
    """SQLite would open it without a word; we do not."""
    opened(unprivileged / "ledger.db").close()
    (unprivileged / "ledger.db").chmod(0o400)
    with pytest.raises(FileRefused, match=r"cannot be used \(read-only\)"):
        opened(unprivileged / "ledger.db")


def test_a_full_disk_at_the_first_start_is_told_apart(path: Path) -> None:
    """It is no fault of the configuration: the cause says so, and once there is room the same start works."""
    full = replace(LEDGER, schema=("PRAGMA max_page_count = 3", *LEDGER.schema))
    with pytest.raises(FileRefused, match=r"cannot be used \(disk full\): make room on that disk") as refused:
        open_database(path, full)
    assert refused.value.cause == "disk full"
    opened(path).close()


async def test_when_the_disk_is_full_nothing_begins(path: Path) -> None:
    """The attempt is not there, so no POST may follow; the failure is loud, and the ledger works once there is room."""
    with closing(opened(path)) as ledger:
        pages = ledger._db.rows("PRAGMA page_count")[0][0]
        ledger._db.rows(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(Broken, match="ledger: disk full"):
            await ledger.begin(attempt(text="x" * 100_000), permitted, 90)
        assert await ledger.attempts() == []
        ledger._db.rows("PRAGMA max_page_count = 100000")
        assert await ledger.begin(attempt(), permitted, 90) == LEAVE


async def test_when_the_ledger_became_read_only_every_write_is_loud(path: Path) -> None:
    """Nothing is sent with a ledger that cannot be written."""
    with closing(opened(path)) as ledger:
        ledger._db.rows("PRAGMA query_only = 1")
        for write in (ledger.begin(attempt(), permitted, 90), ledger.commit([transition()]), ledger.put("a", "b")):
            with pytest.raises(Broken, match="ledger: read-only"):
                await write


async def test_a_ledger_held_by_another_program_is_loud_and_waits_briefly_only(path: Path) -> None:
    """Somebody's open transaction on the file does not hang the daemon."""
    with closing(opened(path)) as ledger, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Broken, match="locked by another process"):
            await ledger.begin(attempt(), permitted, 90)


async def test_a_damaged_table_is_our_own_bug_and_says_so(path: Path) -> None:
    """A question that cannot be asked fails loudly, with SQLite's words about tables only."""
    with closing(opened(path)) as ledger:
        ledger._db.rows("DROP TABLE spend")
        with pytest.raises(Broken, match=r"ledger: query failed \(no such table: spend\)"):
            await ledger.spent(NOW, NOW + HOUR)


async def test_a_wrong_type_is_our_own_bug_and_no_conflict(path: Path) -> None:
    """A conflict is decided again; a value that can never be written must not be, for ever."""
    with closing(opened(path)) as ledger:
        with pytest.raises(Broken):
            await ledger.begin(attempt(step="first"), permitted, 90)
        with pytest.raises(Broken):
            await ledger.see([seen(step="first")], NOW)


async def test_a_dry_run_works_on_a_copy(path: Path) -> None:
    """The copy knows what the ledger knows, and what is written to it never reaches the file."""
    with closing(opened(path)) as ledger:
        await ledger.begin(attempt(), permitted, 90)
        with closing(ledger.copy_to_memory()) as copy:
            assert copy.path is None
            assert not copy.empty_at_start
            assert await copy.attempt("spring.ada.0.1") == attempt()
            await copy.begin(attempt("bea"), permitted, 90)
            await copy.halts(NOW + HOUR)
        assert [made.lead for made in await ledger.attempts()] == ["ada"]


async def test_what_was_forgotten_is_not_in_the_files_any_more(path: Path) -> None:
    """Neither the database nor its log holds the words of an erased mail."""
    with closing(opened(path)) as ledger:
        await ledger.begin(attempt(text="Dear Ada Fictional " * 400), permitted, 90)
        await ledger.commit([transition(text="Dear Ada Fictional", patch={"subject": "For Ada Fictional"})])
        await ledger.add_events([(event("k1", subject="For Ada Fictional"), "hash-ada")], NOW)
        await ledger.forget("ada", "hash-ada")
        assert all(b"Ada Fictional" not in file.read_bytes() for file in path.parent.iterdir())


async def test_no_address_of_an_event_is_in_the_files(path: Path) -> None:
    """The ledger knows persons by their hash alone."""
    with closing(opened(path)) as ledger:
        await ledger.add_events([(event("k1", email="ada@acme.example"), "hash-ada")], NOW)
        assert all(b"ada@" not in file.read_bytes() for file in path.parent.iterdir())


async def test_the_facts_of_a_gate_are_looked_up_never_searched_for(path: Path) -> None:
    """Asked for each lead of each run: no look goes through the whole of attempts, transitions or leads."""
    plans: list[str] = []
    with closing(opened(path)) as ledger:
        asked: list[str] = []
        ledger._db.connection.set_trace_callback(asked.append)
        await ledger.traffic(NOW)
        await ledger.history("ada", "hash-ada", "acme.example", NOW, 90)
        await ledger.unpushed()
        await ledger.unfolded(10)
        ledger._db.connection.set_trace_callback(None)
        for sql in asked:
            plans += [row["detail"] for row in ledger._db.rows(f"EXPLAIN QUERY PLAN {sql}")]
    assert len(asked) > 8
    short = ("transition_unpushed", "event_unfolded")
    tables = tuple(f"SCAN {table}" for table in ("attempt", "transition", "lead", "event"))
    assert [plan for plan in plans if plan.startswith(tables) and not plan.endswith(short)] == []


async def test_what_was_said_in_a_chat_is_erased_when_it_is_done(path: Path) -> None:
    """It may name a person; that it was heard is kept."""
    with closing(opened(path)) as ledger:
        await ledger.hear(Order(id="42:1", who=7, text="/stop rosa@harbour.example", at=NOW), NOW)
        await ledger.end_order("42:1")
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT id, state, text FROM command").fetchall() == [("42:1", "done", "")]


async def test_older_copies_forget_too_whatever_tables_they_have(path: Path) -> None:
    """Each is named with what went; another file beside is not touched; said again, there is nothing left."""
    await of_version_1(path)
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("""UPDATE "transition" SET text = 'Dear Ada Fictional'""")
    path.with_name("ledger.db.version").write_text("not a copy")
    with closing(opened(path)) as ledger:
        assert b"Ada Fictional" in path.with_name("ledger.db.v1").read_bytes()
        await ledger.forget("ada", "hash-ada")
        assert await ledger.forget_in_copies("ada", "hash-ada") == {"ledger.db.v1": 3}
        assert await ledger.forget_in_copies("ada", "hash-ada") == {}
        assert all(b"Ada Fictional" not in file.read_bytes() for file in path.parent.iterdir())


async def test_a_copy_that_cannot_be_written_is_named(path: Path) -> None:
    """Not everything was erased, and which file it was is said."""
    with closing(opened(path)) as ledger:
        path.with_name("ledger.db.v2").write_text("Dear Ada, this is a letter and no database. " * 50)
        with pytest.raises(Broken, match=r"ledger\.db\.v2"):
            await ledger.forget_in_copies("ada", "hash-ada")


async def test_a_ledger_in_memory_has_no_copies() -> None:
    """A dry run touches no file."""
    with closing(opened(None)) as ledger:
        assert await ledger.forget_in_copies("ada", "hash-ada") == {}

"""Is the lead table a file that an operator may open, edit and break, without breaking us?"""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outboundd.adapters.manual_clock import ManualClock
from outboundd.adapters.sqlite_store import SqliteStore, StoreRefused
from outboundd.model.lead import COLUMNS, Stage
from outboundd.ports import Broken, Refused, Transient

ADA = "ada@north.example"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def lead_id(address: str) -> str:
    """The same id for the same address, as the daemon makes it."""
    return f"id-{address}"


def damage(path: Path) -> None:
    """Overwrite the second half of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2].ljust(len(content), b"\xff"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the leads lie; the directory is made by the store."""
    return tmp_path / "var" / "leads.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """An empty store whose clock stands at noon."""
    store = SqliteStore(path, lead_id, ManualClock(NOON))
    yield store
    store.close()


@pytest.fixture
def browser(store: SqliteStore, path: Path) -> Iterator[sqlite3.Connection]:
    """The operator's SQLite browser on the same file."""
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


async def test_the_table_has_the_columns_the_operator_knows(store: SqliteStore, browser: sqlite3.Connection) -> None:
    """One table `lead`: id, the titles of the lead record in their order, created_at."""
    titles = [title for _, title, *_ in browser.execute("PRAGMA table_info(lead)")]

    assert titles == ["id", *COLUMNS.values(), "created_at"]


async def test_cells_are_written_as_a_human_reads_them(store: SqliteStore, browser: sqlite3.Connection) -> None:
    """Instants as ISO 8601 in UTC, lists as lines, ticks as 1, formulas and numbers in texts as the texts they are."""
    await store.upsert([{"key": ADA, "email": ADA, "company": "=1+1", "city": "007", "do_not_contact": True}])
    sent = datetime(2026, 11, 24, 14, 2, 11, tzinfo=UTC)
    await store.apply({lead_id(ADA): {"last_sent_at": sent, "message_ids": ("<a>", "<b>"), "stage": Stage.SENT}})

    cells = browser.execute(
        'SELECT "Last sent at", "Message IDs", "Stage", "Do not contact", "Company", "City", created_at FROM lead'
    ).fetchone()
    assert cells[:4] == ("2026-11-24T14:02:11+00:00", "<a>\n<b>", "sent", 1)
    assert cells[4:] == ("=1+1", "007", NOON.isoformat())


async def test_a_row_pasted_without_an_id_gets_one_for_life(
    store: SqliteStore, browser: sqlite3.Connection, path: Path
) -> None:
    """Its id comes from its address, is written down, and outlives a change of the address and a restart."""
    browser.execute('INSERT INTO lead ("Email", "Contact") VALUES (?, ?)', (f" {ADA.title()}\n", "Ada Park"))

    (lead,) = await store.new_rows()
    assert (lead.id, lead.created_at, lead.stage) == (lead_id(ADA), NOON, None)

    browser.execute('UPDATE lead SET "Email" = ?', ("cy@west.example",))
    again = SqliteStore(path, lead_id)
    assert [found.id for found in await again.new_rows()] == [lead_id(ADA)]
    again.close()


async def test_two_pasted_rows_of_one_address_and_an_empty_one_are_three_rows(
    store: SqliteStore, browser: sqlite3.Connection
) -> None:
    """Ids never clash, whatever was pasted; who of them is written to is not the store's question."""
    browser.executemany('INSERT INTO lead (id, "Email") VALUES (?, ?)', [(None, ADA), ("", ADA), (None, None)])

    first = {lead.id async for page in store.pages() for lead in page}

    assert len(first) == 3
    assert {lead.id for lead in await store.new_rows()} == first
    assert len(await store.find(ADA)) == 2


async def test_an_import_completes_a_pasted_row_that_was_never_listed(
    store: SqliteStore, browser: sqlite3.Connection
) -> None:
    """The address in Email is enough to know the person."""
    browser.execute('INSERT INTO lead ("Email") VALUES (?)', (ADA.upper(),))

    upserted = await store.upsert([{"key": ADA, "city": "Oslo"}])

    assert (upserted.created, upserted.updated) == ((), (lead_id(ADA),))


async def test_an_address_is_compared_as_the_id_compares_it(path: Path) -> None:
    """An id function that knows more spellings of one address (IDNA) makes them one row."""
    spellings = {"ada@zürich.example": "ada@xn--zrich-kva.example"}
    store = SqliteStore(path, lambda address: lead_id(spellings.get(address, address)))
    key = "ada@xn--zrich-kva.example"
    await store.upsert([{"key": key, "email": "ada@zürich.example"}])

    assert (await store.upsert([{"key": key, "city": "Zürich"}])).updated == (lead_id(key),)
    store.close()


@pytest.mark.parametrize("typed", ["New", " new ", "", "  ", None])
async def test_new_typed_by_hand_is_new(store: SqliteStore, browser: sqlite3.Connection, typed: str | None) -> None:
    """Case and blanks do not matter."""
    browser.execute('INSERT INTO lead ("Email", "Stage") VALUES (?, ?)', (ADA, typed))

    (lead,) = await store.new_rows()
    assert lead.stands is Stage.NEW


async def test_a_stage_that_is_no_stage_goes_to_review_and_stops_no_other_row(
    store: SqliteStore, browser: sqlite3.Connection
) -> None:
    """Read as empty it would be mailed again; read as an error it would stop everybody."""
    browser.execute('INSERT INTO lead ("Email", "Stage") VALUES (?, ?)', (ADA, "sennt"))
    browser.execute('INSERT INTO lead ("Email", "Stage") VALUES (?, ?)', ("bo@south.example", "Do not contact"))

    stages = {lead.email: lead for page in [page async for page in store.pages()] for lead in page}

    assert stages[ADA].stage is Stage.REVIEW
    assert "Override" in stages[ADA].waiting_for
    assert stages["bo@south.example"].stage is Stage.DO_NOT_CONTACT
    assert list(await store.new_rows()) == []


async def test_a_row_without_stage_whose_send_date_is_unreadable_is_not_new(
    store: SqliteStore, browser: sqlite3.Connection
) -> None:
    """An older system mailed it: it is for a human, never for a first mail."""
    browser.execute('INSERT INTO lead ("Email", "First sent at") VALUES (?, ?)', (ADA, "last week"))

    (lead,) = await store.new_rows()
    assert lead.stage is Stage.REVIEW
    assert lead.waiting_for


async def test_nonsense_in_other_cells_is_read_as_empty(store: SqliteStore, browser: sqlite3.Connection) -> None:
    """Dates that are no dates, counts in words, endless numbers: the row is still read, and so is the next."""
    browser.execute(
        'INSERT INTO lead ("Email", "Stage", "Next at", "First sent at", "Step", "Opens", "Clicks", "Cost USD", '
        "created_at) VALUES (?, 'sent', '31.12.2026', '0001-01-01T00:00:00+14:00', 'two', 2.5, 9e999, 'nan', 'then')",
        (ADA,),
    )

    (lead,) = [lead async for page in store.pages() for lead in page]

    assert (lead.stage, lead.next_at, lead.first_sent_at, lead.created_at) == (Stage.SENT, None, None, None)
    assert (lead.step, lead.opens, lead.clicks, lead.cost_usd) == (0, 0, 0, 0.0)


async def test_dates_and_numbers_typed_by_hand_are_understood(store: SqliteStore, browser: sqlite3.Connection) -> None:
    """A bare date is its midnight in UTC, another zone is converted, a number may stand in a text."""
    browser.execute(
        'INSERT INTO lead ("Email", "Next at", "Last sent at", "Step", "Company", "Delivered at") '
        "VALUES (?, '2026-11-24', '2026-11-24T15:00:00+01:00', '2.0', 42, ' ')",
        (ADA,),
    )

    (lead,) = await store.new_rows()

    assert lead.next_at == datetime(2026, 11, 24, tzinfo=UTC)
    assert lead.last_sent_at == datetime(2026, 11, 24, 14, tzinfo=UTC)
    assert (lead.step, lead.company, lead.delivered_at) == (2, "42", None)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("yes", True), ("x", True), (1, True), ("please", True), (0, False), ("no", False), ("FALSE", False), ("", False)],
)
async def test_do_not_contact_is_a_yes_unless_it_is_a_clear_no(
    store: SqliteStore, browser: sqlite3.Connection, typed: str | int, meant: bool
) -> None:
    """In doubt nobody is written to."""
    browser.execute('INSERT INTO lead ("Email", "Do not contact") VALUES (?, ?)', (ADA, typed))

    (lead,) = await store.new_rows()
    assert lead.do_not_contact is meant


async def test_bytes_that_are_no_text_do_not_make_the_table_unreadable(
    store: SqliteStore, browser: sqlite3.Connection
) -> None:
    """Another program's Latin-1 or a blob: the row is read, the bytes are marked."""
    browser.execute(
        """INSERT INTO lead ("Email", "Contact", "Title") VALUES (?, CAST(x'5A6FEB' AS TEXT), x'00FF')""", (ADA,)
    )

    (lead,) = await store.new_rows()
    assert (lead.contact, lead.title) == ("Zo\N{REPLACEMENT CHARACTER}", "\0\N{REPLACEMENT CHARACTER}")


async def test_a_write_is_seen_by_another_connection_at_once(store: SqliteStore, browser: sqlite3.Connection) -> None:
    """Committed and durable when the call returns: write-ahead log, fully synchronous."""
    await store.upsert([{"key": ADA}])
    await store.apply({lead_id(ADA): {"step": 2}})

    assert browser.execute('SELECT "Step" FROM lead').fetchone() == (2,)
    assert browser.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)


async def test_a_file_locked_by_another_program_is_a_matter_of_time(
    store: SqliteStore, browser: sqlite3.Connection
) -> None:
    """A browser with an unsaved edit: nothing is written, reading goes on, and later it works."""
    await store.upsert([{"key": ADA}])
    browser.execute("BEGIN IMMEDIATE")

    with pytest.raises(Transient, match="locked"):
        await store.apply({lead_id(ADA): {"step": 2}})
    assert (await store.read([lead_id(ADA)]))[lead_id(ADA)].step == 0

    browser.execute("ROLLBACK")
    await store.apply({lead_id(ADA): {"step": 2}})


async def test_a_full_disk_writes_nothing_and_says_so(store: SqliteStore) -> None:
    """Full is no loss: the patch is undone and may be tried again."""
    await store.upsert([{"key": ADA}])
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages}").fetchall()

    with pytest.raises(Transient, match="cannot be written"):
        await store.apply({lead_id(ADA): {"step": 2, "trail": "x" * 100_000}})

    assert (await store.read([lead_id(ADA)]))[lead_id(ADA)].step == 0
    await store.apply({lead_id(ADA): {"step": 2}})


async def test_a_cell_longer_than_sqlite_stores_is_refused(store: SqliteStore) -> None:
    """Trying again would not help."""
    await store.upsert([{"key": ADA}])
    store._db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10_000)

    with pytest.raises(Refused, match="bad value"):
        await store.apply({lead_id(ADA): {"step": 2, "trail": "x" * 10_001}})

    assert (await store.read([lead_id(ADA)]))[lead_id(ADA)].step == 0


async def test_a_corrupt_file_is_said_to_be_corrupt(store: SqliteStore, path: Path) -> None:
    """A damaged page is never an empty table."""
    rows = [{"key": f"p{number}@north.example", "owner_notes": "x" * 3_000} for number in range(100)]
    await store.upsert(rows)
    store.close()
    damage(path)
    damaged = SqliteStore(path, lead_id)

    with pytest.raises(Broken, match="corrupt"):
        [page async for page in damaged.pages()]
    damaged.close()


async def test_a_table_that_was_dropped_is_never_an_empty_one(store: SqliteStore, browser: sqlite3.Connection) -> None:
    """Complete, or an error."""
    browser.execute("DROP TABLE lead")

    with pytest.raises(Broken):
        await store.new_rows()


async def test_an_erased_person_is_in_no_file(store: SqliteStore, path: Path) -> None:
    """Not in the table, not in a freed page, not in the write-ahead log."""
    await store.upsert([{"key": ADA, "email": ADA, "contact": "Ada Park", "owner_notes": "Ada Park " * 2_000}])
    await store.upsert([{"key": ADA, "owner_notes": "shorter"}])

    await store.erase([lead_id(ADA)])

    left = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert ADA.encode() not in left
    assert b"Ada Park" not in left


async def test_the_file_of_an_older_version_gets_the_columns_it_lacks(path: Path) -> None:
    """A column that is new, or that the operator dropped, is added; his own columns stay."""
    path.parent.mkdir()
    old = sqlite3.connect(path)
    old.execute('CREATE TABLE lead (id TEXT PRIMARY KEY, "Email" TEXT, "Golf" TEXT)')
    old.execute("INSERT INTO lead VALUES ('rec1', ?, 'Tuesdays')", (ADA,))
    old.commit()
    old.close()

    store = SqliteStore(path, lead_id)
    await store.apply({"rec1": {"step": 1}})

    (lead,) = await store.new_rows()
    assert (lead.email, lead.step) == (ADA, 1)
    assert store._db.execute('SELECT "Golf" FROM lead').fetchone() == ("Tuesdays",)
    store.close()


@pytest.mark.parametrize("problem", ["a directory", "another kind of file", "below a file"])
def test_a_path_that_cannot_be_a_store_is_refused_in_one_sentence(tmp_path: Path, problem: str) -> None:
    """The sentence names the key, the path and the remedy."""
    path = tmp_path / "leads.db"
    if problem == "a directory":
        path.mkdir()
    else:
        path.write_text("Email,Contact\nada@north.example,Ada Park\n" * 100)
    if problem == "below a file":
        path /= "leads.db"

    with pytest.raises(StoreRefused) as refused:
        SqliteStore(path, lead_id)

    sentence = str(refused.value)
    assert "[store.sqlite] path" in sentence
    assert str(path) in sentence
    assert "make the file" in sentence
    assert "\n" not in sentence

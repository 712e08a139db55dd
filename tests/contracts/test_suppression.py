"""Does every suppression list know persons by a keyed hash alone, and never forget whom we must not write to?"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from outboundd.adapters.suppression import FileRefused, SuppressionFile
from outboundd.model.facts import Suppressed
from outboundd.ports import SuppressionList

NOW = datetime(2027, 3, 10, 12, 0, 0, 123456, tzinfo=UTC)


def ones(count: int) -> bytes:
    """The same key every time."""
    return b"\x01" * count


def twos(count: int) -> bytes:
    """Another key."""
    return b"\x02" * count


@pytest.fixture(params=["file", "memory"])
def suppression(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SuppressionList]:
    """The list in a file, and in memory: the shipped fake."""
    made = SuppressionFile(tmp_path / "suppression.db" if request.param == "file" else None, ones)
    yield made
    made.close()


async def test_a_person_on_the_list_is_matched_with_reason_and_instant(suppression: SuppressionList) -> None:
    """Why and since when, to the microsecond; nobody else is matched."""
    ada, bea = suppression.person("ada@acme.example"), suppression.person("bea@acme.example")
    assert await suppression.suppress(ada, "Unsubscribed.", NOW)
    assert await suppression.match(ada, ["acme.example"]) == Suppressed(why="Unsubscribed.", since=NOW)
    assert await suppression.match(bea, ["acme.example"]) is None


async def test_the_first_reason_stands(suppression: SuppressionList) -> None:
    """Added again, an entry is not new and keeps its reason and instant."""
    ada = suppression.person("ada@acme.example")
    await suppression.suppress(ada, "Complained.", NOW)
    assert not await suppression.suppress(ada, "Unsubscribed.", NOW + timedelta(days=1))
    assert await suppression.match(ada, []) == Suppressed(why="Complained.", since=NOW)
    assert await suppression.suppress_domain("acme.example", "A customer.", NOW)
    assert not await suppression.suppress_domain("acme.example", "A competitor.", NOW)
    assert await suppression.match("", ["acme.example"]) == Suppressed(why="A customer.", since=NOW)


async def test_another_reason_gives_way_where_that_is_asked_for(suppression: SuppressionList) -> None:
    """Reason and instant are the new ones; the same reason said again keeps its first instant."""
    ada = suppression.person("ada@acme.example")
    await suppression.suppress(ada, "Unsubscribed.", NOW)
    await suppression.suppress_domain("acme.example", "A customer.", NOW)
    for days in (1, 2):
        at = NOW + timedelta(days=days)
        assert not await suppression.suppress(ada, "Erased.", at, instead=True)
        assert not await suppression.suppress_domain("acme.example", "Erased.", at, instead=True)
    erased = Suppressed(why="Erased.", since=NOW + timedelta(days=1))
    assert await suppression.match(ada, []) == erased
    assert await suppression.match("", ["acme.example"]) == erased


async def test_persons_are_listed_by_their_reason(suppression: SuppressionList) -> None:
    """Hashes alone, those of that reason alone."""
    ada, bea = suppression.person("ada@acme.example"), suppression.person("bea@acme.example")
    await suppression.suppress(ada, "Erased.", NOW)
    await suppression.suppress(bea, "Unsubscribed.", NOW)
    assert await suppression.persons("Erased.") == [ada]


@pytest.mark.parametrize(
    ("domains", "matched"),
    [
        (["acme.example"], True),
        (["a.b.acme.example"], True),
        (["other.example", "mail.acme.example"], True),
        (["notacme.example"], False),
        (["example"], False),
        (["acme.example.org"], False),
        ([""], False),
        ([], False),
    ],
)
async def test_a_domain_covers_all_that_lies_below_it(
    suppression: SuppressionList, domains: list[str], matched: bool
) -> None:
    """Sub-domains are matched, look-alikes and the domains above are not, whichever of a lead's domains it is."""
    await suppression.suppress_domain("acme.example", "A customer.", NOW)
    assert (await suppression.match("hash", domains) is not None) is matched


async def test_the_person_is_told_before_the_domain_and_the_nearer_domain_before_the_farther(
    suppression: SuppressionList,
) -> None:
    """The operator reads the most particular reason."""
    await suppression.suppress_domain("acme.example", "far", NOW)
    await suppression.suppress_domain("lab.acme.example", "near", NOW)
    assert await suppression.match("hash", ["x.lab.acme.example"]) == Suppressed(why="near", since=NOW)
    await suppression.suppress("hash", "person", NOW)
    assert await suppression.match("hash", ["x.lab.acme.example"]) == Suppressed(why="person", since=NOW)


async def test_size_counts_persons_and_domains(suppression: SuppressionList) -> None:
    """Each entry once."""
    assert await suppression.size() == (0, 0)
    await suppression.suppress("p", "x", NOW)
    await suppression.suppress("p", "x", NOW)
    await suppression.suppress("q", "x", NOW)
    await suppression.suppress_domain("acme.example", "x", NOW)
    assert await suppression.size() == (2, 1)


def test_a_person_is_a_keyed_hash_of_fixed_length() -> None:
    """Same key and address, same hash; another key or address, another; the address cannot be read in it."""
    with closing(SuppressionFile(None, ones)) as one, closing(SuppressionFile(None, twos)) as two:
        ada = one.person("ada@acme.example")
        assert ada == one.person("ada@acme.example")
        assert ada not in (one.person("bea@acme.example"), two.person("ada@acme.example"))
        assert len(ada) == 32
        assert int(ada, 16)
        assert one.fingerprint != two.fingerprint


def test_a_leads_id_does_not_tell_its_person_hash() -> None:
    """Both come from the address under one key, and neither is a part of the other."""
    with closing(SuppressionFile(None, ones)) as suppression:
        lead = suppression.lead_id("ada@acme.example")
        assert lead == suppression.lead_id("ada@acme.example")
        assert lead.startswith("ld")
        assert len(lead) == 18
        assert lead[2:] not in suppression.person("ada@acme.example")


def test_every_list_made_anew_has_a_key_of_its_own() -> None:
    """Without a word about chance, the system's own secret source makes the key."""
    with closing(SuppressionFile(None)) as one, closing(SuppressionFile(None)) as two:
        assert one.fingerprint != two.fingerprint


class TestFile:
    async def test_the_list_and_its_key_outlive_the_program(self, tmp_path: Path) -> None:
        """Opened again it is not fresh, has the same key whatever chance would say now, and the same entries."""
        path = tmp_path / "beside" / "suppression.db"
        with closing(SuppressionFile(path, ones)) as first:
            assert first.fresh
            ada = first.person("ada@acme.example")
            await first.suppress(ada, "Unsubscribed.", NOW)
        with closing(SuppressionFile(path, twos)) as again:
            assert not again.fresh
            assert again.path == path
            assert again.fingerprint == first.fingerprint
            assert again.person("ada@acme.example") == ada
            assert await again.match(ada, []) == Suppressed(why="Unsubscribed.", since=NOW)

    async def test_an_entry_is_on_disk_at_once_and_names_nobody(self, tmp_path: Path) -> None:
        """Another reader sees it when suppress returns; no address is in the files, which only the owner may read."""
        path = tmp_path / "suppression.db"
        with closing(SuppressionFile(path, ones)) as suppression, closing(sqlite3.connect(path)) as other:
            await suppression.suppress(suppression.person("ada@acme.example"), "Unsubscribed.", NOW)
            assert other.execute("SELECT count(*) FROM person").fetchall() == [(1,)]
            files = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))]
            assert all(b"ada@" not in file.read_bytes() for file in files)
            assert {file.stat().st_mode & 0o777 for file in files} == {0o600}

    def test_a_kill_before_the_key_was_kept_leaves_a_fresh_list(self, tmp_path: Path) -> None:
        """Tables without a key are a list that nobody was ever put on: its key is made now, and it says so."""
        path = tmp_path / "suppression.db"
        SuppressionFile(path, ones).close()
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("DELETE FROM meta WHERE key = 'key'")
        with closing(SuppressionFile(path, twos)) as again:
            assert again.fresh

    def test_a_file_that_is_not_ours_is_refused(self, tmp_path: Path) -> None:
        """One sentence names the file and the remedy."""
        path = tmp_path / "suppression.db"
        path.write_text("ada@acme.example\n" * 100)
        with pytest.raises(FileRefused, match=r"The suppression list .*suppression\.db is not a database: point to"):
            SuppressionFile(path)

    def test_a_list_of_a_newer_program_is_refused(self, tmp_path: Path) -> None:
        """An older program never writes to what it does not understand."""
        path = tmp_path / "suppression.db"
        SuppressionFile(path).close()
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("UPDATE meta SET value = '2' WHERE key = 'schema_version'")
        with pytest.raises(FileRefused, match="has schema version 2, this program knows 1"):
            SuppressionFile(path)

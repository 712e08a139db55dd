"""Does bad input end in one clear sentence and the promised exit code, with nothing lost and nothing half-written?

The real program in a process of its own, for it is exit codes that scripts look at.
"""

import ctypes
import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from commands.command_line import SOURCE, Ended, outboundd

GOOD = "Email,Contact,Company,Website,Country\nrosa@harbour.example,Rosa Diaz,Harbour,harbour.example,GB\n"
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1


def without_root_powers() -> None:
    """In the child, before the program: permissions count for root as well."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE)


def as_on_a_full_disk() -> None:
    """In the child, before the program: no file may grow beyond 300 KiB. The error is not the one of a full disk
    (SQLite calls it an I/O error), its place is: in the midst of a commit."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (300 * 1024, 300 * 1024))


def a_file(folder: Path, text: str | bytes, name: str = "leads.csv") -> str:
    """A file in the folder, by its name."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def leads_in(folder: Path) -> list[tuple[str, ...]]:
    """Address and stage of the rows of the store."""
    db = sqlite3.connect(folder / "leads.db")
    rows = db.execute('SELECT "Email", coalesce("Stage", \'\') FROM lead ORDER BY "Email"').fetchall()
    db.close()
    return rows


def one_sentence(ended: Ended) -> str:
    """What went wrong, which must be one sentence of ours and no traceback."""
    assert "Traceback" not in ended.err, ended.err
    (sentence,) = [line for line in ended.err.splitlines() if line.startswith("outboundd: ")]
    return sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "leads.csv: the file is empty"),
        (b"Email\n", "leads.csv: the file has a header line and no rows"),
        (b"Company,Country\nHarbour,GB\n", "leads.csv: no column looks like an email address"),
        (b"Email,Company,Email\nr@h.example,H,x@y.example\n", 'leads.csv: the column "Email" is there twice'),
        (b'Email,Notes\nr@h.example,"never closed\n', "leads.csv: line 2: a quotation mark is opened and never closed"),
        (b"PK\x03\x04\x14\x00", "leads.csv: the file is a spreadsheet workbook"),
        (b"\xff\xfeE\x00m", "leads.csv: the file begins as UTF-16 and is damaged"),
        (b"Em\x00ail\nr@h.example\n", "leads.csv: the header line holds NUL bytes"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(tmp_path: Path, text: bytes, said: str) -> None:
    """Exit 2, one sentence with the file and the remedy, and no row is written."""
    ended = outboundd(tmp_path, "import", a_file(tmp_path, text))
    assert ended.code == 2
    assert one_sentence(ended).startswith(f"outboundd: {said}")
    assert leads_in(tmp_path) == []


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Exit 2 and the path as typed."""
    ended = outboundd(tmp_path, "import", "leeds.csv")
    assert (ended.code, "leeds.csv: cannot be read" in one_sentence(ended)) == (2, True)


def test_rows_that_cannot_be_leads_are_counted_and_handed_back(tmp_path: Path) -> None:
    """Exit 0: the good rows are in, each bad one is in FILE.rejects.csv with its reason and its line."""
    rows = [
        ",No Address,Harbour,,GB",
        "not-an-address,Nobody,Harbour,,GB",
        "rosa@HARBOUR.example ,Rosa again,Harbour,,GB",
        "omar@quay.example,=HYPERLINK(1),Quay,,GB",
        "nul@pier.example,Nu\x00l,Pier,,GB",
        "long@pier.example," + "x" * 10_000_000 + ",Pier,,GB",
        "ines@pier.example,Ines Sol,+Pier,,GB,,",
    ]
    ended = outboundd(tmp_path, "import", a_file(tmp_path, GOOD + "\n".join(rows) + "\n"))
    assert (ended.code, "Traceback" in ended.err) == (0, False)
    assert "imported: 2 new, 0 there already and completed, 1 duplicate in the file merged, 5 rejected" in ended.out
    assert [email for email, _ in leads_in(tmp_path)] == ["ines@pier.example", "rosa@harbour.example"]
    rejects = (tmp_path / "leads.rejects.csv").read_text(encoding="utf-8")
    for reason in ("the address is missing", "has no @", "is a formula", "holds NUL bytes", "longer than 20,000"):
        assert rejects.count(reason) == 1, reason
    assert "\n=HYPERLINK" not in rejects
    assert ",=HYPERLINK" not in rejects
    assert len(rejects) < 100_000


def test_what_a_spreadsheet_would_run_is_not_passed_on(tmp_path: Path) -> None:
    """Notes keep their words behind an apostrophe, a name loses its sign."""
    text = 'Email,Contact,Owner notes\nrosa@harbour.example,@Rosa,"=cmd|calc"\n'
    outboundd(tmp_path, "import", a_file(tmp_path, text))
    db = sqlite3.connect(tmp_path / "leads.db")
    assert db.execute('SELECT "Contact", "Owner notes" FROM lead').fetchall() == [("Rosa", "'=cmd|calc")]
    db.close()


def test_an_unknown_country_comes_in_and_waits_for_a_human(tmp_path: Path) -> None:
    """It is no reason to reject a row, and none to write to somebody at three in the morning."""
    outboundd(tmp_path, "import", a_file(tmp_path, GOOD.replace("GB", "Atlantis")))
    outboundd(tmp_path, "once", "draft")
    assert leads_in(tmp_path) == [("rosa@harbour.example", "review")]


def test_a_row_with_send_dates_and_no_stage_is_left_alone(tmp_path: Path) -> None:
    """It comes from an older system: neither verified nor drafted, and never taken for new."""
    outboundd(tmp_path, "import", a_file(tmp_path, GOOD))
    db = sqlite3.connect(tmp_path / "leads.db")
    with db:
        db.execute("""UPDATE lead SET "First sent at" = '2026-01-05T09:00:00+00:00'""")
    db.close()
    assert outboundd(tmp_path, "once", "draft").code == 0
    assert outboundd(tmp_path, "verify").code == 0
    assert leads_in(tmp_path) == [("rosa@harbour.example", "")]


def test_a_ledger_of_a_newer_version_is_refused_and_untouched(tmp_path: Path) -> None:
    """Exit 2: an older program must not write into what it does not understand."""
    outboundd(tmp_path, "import", a_file(tmp_path, GOOD))
    ledger = sqlite3.connect(tmp_path / "state" / "ledger.db")
    with ledger:
        ledger.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    before = list(ledger.iterdump())
    ended = outboundd(tmp_path, "once", "reconcile")
    assert (ended.code, "schema version 99" in one_sentence(ended)) == (2, True)
    assert list(ledger.iterdump()) == before
    ledger.close()


@pytest.mark.parametrize("which", ["state", "."])
def test_a_read_only_directory_is_refused(tmp_path: Path, which: str) -> None:
    """Exit 2 and the place that must be made writable, whether the directory is there or would have to be made."""
    folder = tmp_path / which
    folder.mkdir(exist_ok=True)
    name = a_file(tmp_path, GOOD)
    outboundd(tmp_path, "--help")  # makes the configuration
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        ended = outboundd(tmp_path, "import", name, before=without_root_powers)
    finally:
        folder.chmod(stat.S_IRWXU)
    assert ended.code == 2
    assert str(tmp_path) in one_sentence(ended)
    assert "writable" in one_sentence(ended)


def test_a_read_only_lead_table_is_refused(tmp_path: Path) -> None:
    """Exit 2 before anything is written anywhere."""
    name = a_file(tmp_path, GOOD)
    outboundd(tmp_path, "import", name)
    place = tmp_path / "table"
    place.mkdir()
    for part in tmp_path.glob("leads.db*"):
        part.rename(place / part.name)
    config = tmp_path / "config.toml"
    config.write_text(config.read_text().replace('"leads.db"', '"table/leads.db"'))
    (place / "leads.db").chmod(stat.S_IRUSR)
    ended = outboundd(tmp_path, "import", name, before=without_root_powers)
    assert (ended.code, "leads.db" in one_sentence(ended), "writable" in one_sentence(ended)) == (2, True, True)


def test_a_disk_that_is_full_ends_the_import_and_loses_nothing(tmp_path: Path) -> None:
    """Exit 1: the sentence says how many rows are in; with room again the same import completes, nobody twice."""
    rows = "".join(f"p{n}@firm{n}.example,Person {n},Firm {n},firm{n}.example,GB\n" for n in range(3_000))
    name = a_file(tmp_path, GOOD + rows)
    ended = outboundd(tmp_path, "import", name, before=as_on_a_full_disk)
    assert ended.code == 1
    assert "run the same import again" in one_sentence(ended)
    assert len(leads_in(tmp_path)) < 3_001
    again = outboundd(tmp_path, "import", name)
    assert again.code == 0
    emails = [email for email, _ in leads_in(tmp_path)]
    assert (len(emails), len(set(emails))) == (3_001, 3_001)


def test_a_disk_that_is_full_from_the_start_is_told(tmp_path: Path) -> None:
    """Exit 1 and one sentence when not even the ledger can be made."""

    def no_room_at_all() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))

    ended = outboundd(tmp_path, "import", a_file(tmp_path, GOOD), before=no_room_at_all)
    assert ended.code == 1
    assert one_sentence(ended)


def test_a_state_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """Exit 2 with its path."""
    a_file(tmp_path, "", "state")
    ended = outboundd(tmp_path, "import", a_file(tmp_path, GOOD))
    assert (ended.code, "state" in one_sentence(ended)) == (2, True)


def test_the_daemon_too_refuses_with_a_sentence(tmp_path: Path) -> None:
    """`run` ends with exit 2 and no traceback: a place that cannot be written, then a ledger of a newer version."""
    a_file(tmp_path, "", "state")
    ended = outboundd(tmp_path, "run")
    assert (ended.code, "state" in one_sentence(ended)) == (2, True)
    (tmp_path / "state").unlink()
    outboundd(tmp_path, "once", "reconcile")
    ledger = sqlite3.connect(tmp_path / "state" / "ledger.db")
    with ledger:
        ledger.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    ledger.close()
    ended = outboundd(tmp_path, "run")
    assert (ended.code, "schema version 99" in one_sentence(ended)) == (2, True)


def test_a_terminal_without_our_characters_is_shown_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LANG=C on an old machine: question marks instead of an error."""
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    ended = outboundd(tmp_path, "stats")
    assert (ended.code, ended.out.startswith("default ? times in UTC")) == (0, True)


def test_ctrl_c_is_heard_in_the_midst_and_what_was_done_is_kept(tmp_path: Path) -> None:
    """Embedded parts never wait, the import still ends at once: exit 130, a sentence, and the same import completes."""
    rows = "".join(f"p{n}@firm{n}.example,Person {n},Firm {n},firm{n}.example,GB\n" for n in range(20_000))
    name = a_file(tmp_path, GOOD + rows)
    outboundd(tmp_path, "stats")
    words = [sys.executable, "-m", "outboundd", "import", name]
    env = {**os.environ, "PYTHONPATH": str(SOURCE)}
    with subprocess.Popen(words, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True) as typed:
        while not leads_in(tmp_path):
            assert typed.poll() is None
        typed.send_signal(signal.SIGINT)
        _, err = typed.communicate(timeout=60)
    assert (typed.returncode, "Traceback" in err) == (130, False)
    assert "stopped; what was done is kept" in err
    assert len(leads_in(tmp_path)) < 20_001

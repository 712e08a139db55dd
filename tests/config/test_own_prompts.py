"""Do the operator's own prompts take their place, and is what no writer could use refused before it is used?"""

import os
from pathlib import Path

import pytest

from outboundd.config import own_prompts

WRITTEN = "mine"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The directory that the configuration names."""
    (tmp_path / WRITTEN).mkdir()
    return tmp_path / WRITTEN


def sentences(beside: Path) -> list[str]:
    """What is said of the directory."""
    return [fault.sentence for fault in own_prompts.read(WRITTEN, beside).faults]


def test_its_texts_are_known_by_their_names(mine: Path) -> None:
    """With or without a byte order mark or CRLF; what has another ending, or is hidden, is no prompt."""
    (mine / "plain.first.md").write_bytes(b"\xef\xbb\xbfWrite.\r\nWell.")
    (mine / "template.plain.last.md").write_text("Subject: Bye\n\n{greeting}", "utf-8")
    (mine / "notes.txt").write_text("{nothing}", "utf-8")
    (mine / ".#plain.first.md").symlink_to("nowhere")
    own = own_prompts.read(WRITTEN, mine.parent)
    assert own.texts == {"plain.first": "Write.\nWell.", "template.plain.last": "Subject: Bye\n\n{greeting}"}
    assert own.faults == ()


def test_without_the_key_there_are_none(tmp_path: Path) -> None:
    """And nothing is looked for."""
    assert own_prompts.read("", tmp_path / "not-there") == own_prompts.Own()


@pytest.mark.parametrize(
    ("name", "raw", "says"),
    [
        ("own.first", b"", "is empty; write it, or take the file away."),
        ("own.first", b" \n\n", "is empty; write it, or take the file away."),
        ("own.first", b"x" * 16_001, "is longer than 16,000 bytes; shorten it."),
        ("own.first", "Be\nschön".encode("latin-1"), "is not UTF-8 in line 2; save it as UTF-8."),
        ("own.first", b"Write to {first_name}.", "holds the placeholder {first_name}, which nobody fills: "),
        ("template.first", b"Subject: Hi\n\n{surname}", "holds the unknown placeholder {surname}; use {first_name}, "),
        ("own.frist", b"Write.", "is no name of a prompt; call it NAME.first.md, "),
        ("README", b"Read.", "is no name of a prompt; call it NAME.first.md, "),
    ],
)
def test_a_text_that_no_writer_could_use_is_refused_with_its_name_and_the_remedy(
    mine: Path, name: str, raw: bytes, says: str
) -> None:
    """Key, file, what is wrong, what to do; the other texts are read all the same."""
    (mine / f"{name}.md").write_bytes(raw)
    (mine / "plain.last.md").write_text("Write.", "utf-8")
    (said,) = sentences(mine.parent)
    assert said.startswith(f'writer.prompts_dir = "mine": {name}.md {says}')
    assert own_prompts.read(WRITTEN, mine.parent).texts == {"plain.last": "Write."}


def test_every_mistake_is_told_at_once(mine: Path) -> None:
    """One sentence a file."""
    for name in ("a.first", "b.first"):
        (mine / f"{name}.md").touch()
    assert [said.partition(": ")[2].partition(" ")[0] for said in sentences(mine.parent)] == [
        "a.first.md",
        "b.first.md",
    ]


def test_a_pipe_or_a_directory_is_not_waited_for(mine: Path) -> None:
    """What never ends would keep the daemon from starting."""
    os.mkfifo(mine / "pipe.first.md")
    (mine / "folder.first.md").mkdir()
    (mine / "gone.first.md").symlink_to("nowhere")
    told = [said.partition('"mine": ')[2] for said in sentences(mine.parent)]
    assert told == [f"{name}.first.md is no file; take it away." for name in ("folder", "gone", "pipe")]


def test_a_name_that_could_not_be_printed_breaks_no_line(mine: Path) -> None:
    """Names of files reach a terminal and a log."""
    (mine / "a\n\x1b[2J.first.md").write_text("Write.", "utf-8")
    (said,) = sentences(mine.parent)
    assert "a\\n\\x1b[2J.first.md is no name of a prompt" in said


def test_a_directory_of_something_else_is_told_in_one_sentence(mine: Path) -> None:
    """A folder full of notes is not read file by file."""
    for number in range(101):
        (mine / f"note-{number}.md").touch()
    says = 'writer.prompts_dir = "mine": holds 101 files .md, more than 100; give prompts a place of their own.'
    assert sentences(mine.parent) == [says]


def test_what_may_not_be_read_is_said(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory, or one file in it."""
    (mine / "own.first.md").write_text("Write.", "utf-8")

    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", forbidden)
        assert "own.first.md cannot be read (Permission denied); check its permissions." in sentences(mine.parent)[0]
    monkeypatch.setattr(Path, "iterdir", forbidden)
    assert sentences(mine.parent) == [
        'writer.prompts_dir = "mine": cannot be read (Permission denied); check its permissions.'
    ]

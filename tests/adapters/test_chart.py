"""A chart is drawn in a child process: a picture Telegram takes, or none; and no process is left of it."""

import os
import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from outboundd import virtual
from outboundd.adapters import chart

WIDTH_AND_HEIGHT = 10_000  # of a photo in Telegram, together; and no side is twenty times the other


def days(number: int, *, sent: int = 40) -> list[dict[str, str | int]]:
    """So many days until 2026-11-24, all alike."""
    first = date(2026, 11, 25) - timedelta(days=number)
    each = {"sent": sent, "delivered": sent * 9 // 10, "bounced": sent // 20, "opened": sent // 4}
    return [{"day": (first + timedelta(days=n)).isoformat(), **each} for n in range(number)]


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], object]:
    """Writes the program that runs in place of the picture."""
    program = tmp_path / "child.py"
    monkeypatch.setattr(chart, "PICTURE", program)
    return program.write_text


@pytest.mark.parametrize(
    "series",
    [days(14), days(14, sent=0), days(1), days(14, sent=1_000_000), []],
    ids=["a fortnight", "without mail", "one day", "a million a day", "no day"],
)
async def test_the_picture_is_one_that_telegram_takes(series: list[dict[str, str | int]]) -> None:
    """A whole PNG, below 10 MB, its sides below 10,000 together; also when there is nothing to draw."""
    png = await chart.draw(series)
    assert png is not None
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert png.endswith(b"IEND\xaeB`\x82")
    assert len(png) < 10_000_000
    assert struct.unpack(">II", png[16:24]) == (1200, 800)


async def test_other_figures_make_another_picture() -> None:
    """It shows what it was given."""
    assert await chart.draw(days(3)) != await chart.draw(days(3, sent=20))


@pytest.mark.parametrize(
    "program",
    [
        "raise SystemExit(1)",
        "",
        "print('no picture')",
        "import sys; sys.stdout.buffer.write(b'\\x89PNG\\r\\n\\x1a\\n'); sys.exit(1)",
        "import sys; sys.stdout.buffer.write(b'\\x89PNG\\r\\n\\x1a\\n' + bytes(10_000_000))",
        "import os; os.kill(os.getpid(), 9)",
        "import sys; sys.stdin.close(); import no_such_library",
    ],
    ids=[
        "it fails",
        "it says nothing",
        "it says something else",
        "it fails half-way",
        "it is too large",
        "it is killed",
        "it lacks a library",
    ],
)
async def test_a_child_that_breaks_is_no_picture_and_no_error(child: Callable[[str], object], program: str) -> None:
    """The answer goes out without it."""
    child(program)
    assert await chart.draw(days(14)) is None


async def test_no_child_at_all_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without room for one more process, or without a place for temporary files."""
    monkeypatch.setattr(chart.sys, "executable", "/nonexistent")
    assert await chart.draw(days(14)) is None
    monkeypatch.undo()
    monkeypatch.setattr(chart.tempfile, "tempdir", "/nonexistent")
    assert await chart.draw(days(14)) is None


async def test_figures_that_are_none_are_no_picture() -> None:
    """What the child cannot read, or what is no JSON, ends as quietly."""
    assert await chart.draw([{"day": "tomorrow"}]) is None
    assert await chart.draw([{"day": date(2026, 11, 24)}]) is None  # type: ignore[dict-item]


def hanging(place: Path) -> str:
    """A child that tells its number and never ends by itself."""
    os.mkfifo(place)
    return f"import os; open({str(place)!r}, 'w').write(str(os.getpid()));\nwhile True: os.read(os.pipe()[0], 1)"


def is_there(pid: int) -> bool:
    """Does a process of this number exist, be it only one that nobody has asked for its end?"""
    return Path(f"/proc/{pid}").exists()


async def test_a_child_that_hangs_is_killed_when_its_time_is_over(
    child: Callable[[str], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call ends without a picture and the process is gone."""
    child(hanging(tmp_path / "pid"))
    monkeypatch.setattr(chart, "LIMIT_S", 0.3)
    told = os.open(tmp_path / "pid", os.O_RDONLY | os.O_NONBLOCK)
    assert await chart.draw(days(14)) is None
    pid = os.read(told, 20)
    os.close(told)
    assert not pid or not is_there(int(pid))


async def test_a_call_that_is_cancelled_leaves_no_process(child: Callable[[str], object], tmp_path: Path) -> None:
    """A daemon that stops in the midst of a drawing takes the child along."""
    child(hanging(tmp_path / "pid"))
    async with anyio.create_task_group() as group:
        group.start_soon(chart.draw, days(14))
        pid = int(await anyio.to_thread.run_sync((tmp_path / "pid").read_text))
        assert is_there(pid)
        group.cancel_scope.cancel()
    assert not is_there(pid)


async def test_the_child_is_told_no_secret_and_leaves_no_file(
    child: Callable[[str], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the daemon's environment reaches it, and its folder goes with it."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/outboundd.service")
    told = tmp_path / "told"
    child(f"import os; open({str(told)!r}, 'w').write(repr((dict(os.environ), os.getcwd())))")
    await chart.draw(days(14))
    environment, folder = eval(told.read_text())
    assert set(environment) == {
        "HOME",
        "LC_ALL",
        "MPLCONFIGDIR",
        "MPL_IGNORE_SYSTEM_FONTS",
        "OPENBLAS_NUM_THREADS",
        "TMPDIR",
    }
    assert environment["HOME"] == folder
    assert not os.access(folder, os.F_OK)


def test_a_virtual_clock_waits_for_the_child() -> None:
    """Three weeks may pass in seconds, but the child's second is a real one: no time passes while it draws."""

    async def main() -> tuple[bytes | None, float]:
        began = anyio.current_time()
        return await chart.draw(days(14)), anyio.current_time() - began

    png, took_s = virtual.run(main, datetime(2026, 11, 24, tzinfo=UTC))
    assert png is not None
    assert took_s < 1

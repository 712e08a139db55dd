"""What is said of what libraries log, and of errors that nobody caught?"""

import asyncio
import gc
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from outboundd.engine import library_lines
from outboundd.engine.journal import Log

SECRET = "https://api.telegram.example/bot42:token/getUpdates"
Lines = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """What a log says that has taken over; everything is put back behind it."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(root, "level", root.level)
    for place, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(place, name, getattr(place, name))
    log, lines = Log(quiet=True), Lines()
    log.listeners.append(lambda event, fields: lines.append((event, dict(fields))))
    library_lines.take_over(log)
    library_lines.take_over_errors(log)
    try:
        yield lines
    finally:
        logging.captureWarnings(capture=False)


def fail(value: str) -> None:
    """An error that quotes what it was about."""
    raise KeyError(value)


def test_a_library_s_warning_is_named_by_its_line_and_never_by_its_words(heard: Lines) -> None:
    """Where it was said is enough to find the words in the library; they may hold a URL, and that a token."""
    logging.getLogger("httpx").warning("gave up on %s", SECRET)
    ((event, fields),) = heard
    assert event == "library.said"
    assert fields["library"] == "httpx"
    assert fields["reason"].startswith("warning at test_library_lines.py:")
    assert "token" not in str(heard)


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
async def test_what_is_no_warning_is_not_said_even_with_every_level_on(level: int, heard: Lines) -> None:
    """HTTP clients log each URL: with the loggers turned up, still nothing of it reaches our log."""
    loggers = [logging.getLogger(name) for name in ("httpx", "httpcore", "openai", "aiogram", "urllib3")]
    before = [(logger, logger.level) for logger in (*loggers, logging.getLogger())]
    try:
        for logger, _ in before:
            logger.setLevel(logging.DEBUG)
            logger.log(level, "POST %s", SECRET)
        async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client:
            await client.get(SECRET)
    finally:
        for logger, was in before:
            logger.setLevel(was)
    assert heard == []


def test_an_error_that_a_library_caught_is_told_by_class_and_place(heard: Lines) -> None:
    """Not by its message, which quotes what it was about."""
    try:
        fail(SECRET)
    except KeyError:
        logging.getLogger("apscheduler.executors.default").exception("job broke on %s", SECRET)
    ((event, fields),) = heard
    assert event == "library.said"
    assert fields["reason"].startswith("error at test_library_lines.py:")
    assert "KeyError at test_library_lines.py:" in fields["reason"]
    assert "token" not in str(heard)


def test_a_python_warning_is_said_without_its_words(heard: Lines) -> None:
    """A library may quote a value in one."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn(f"odd value {SECRET}", UserWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    assert [(event, fields["library"]) for event, fields in heard] == [("library.said", "py.warnings")]
    assert "token" not in str(heard)


async def test_an_exception_of_a_task_that_nobody_waited_for_is_told_by_class_and_place(heard: Lines) -> None:
    """asyncio knows of it only when the task is gone."""

    async def task() -> None:
        fail(SECRET)

    forgotten = asyncio.create_task(task())
    await asyncio.wait([forgotten])
    del forgotten
    gc.collect()
    assert [event for event, _ in heard] == ["exception.uncaught"]
    assert "KeyError at test_library_lines.py:" in heard[0][1]["reason"]
    assert "token" not in str(heard)


def test_an_exception_that_ends_the_program_is_told_by_class_and_place(
    heard: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python would print its values; a task group wraps it, and what is inside is told."""
    try:
        fail(SECRET)
    except KeyError as error:
        sys.excepthook(ExceptionGroup, ExceptionGroup("of a task group", [error]), None)
    assert "KeyError at test_library_lines.py:" in heard[0][1]["reason"]
    assert "token" not in str(heard) + capsys.readouterr().err


def test_an_exception_of_a_thread_or_a_finalizer_is_told_by_class_and_place(
    heard: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python has a way of its own for each."""

    class Closed:
        def __del__(self) -> None:
            fail(SECRET)

    thread = threading.Thread(target=fail, args=(SECRET,))
    thread.start()
    thread.join()
    Closed()
    gc.collect()
    assert [event for event, _ in heard] == ["exception.uncaught"] * 2
    assert "token" not in str(heard) + capsys.readouterr().err


def test_an_interrupt_without_an_error_says_nothing(heard: Lines) -> None:
    """Python may call its hook without an exception, when it could not be made."""
    sys.unraisablehook(type("Nothing", (), {"exc_value": None})())
    assert heard == []

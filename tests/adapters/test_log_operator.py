"""Does an alert go into a journal as a line of the log, and never as plain words beside it?"""

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from outboundd import wiring
from outboundd.ports import Alert

ALERT = Alert(id="7", title="Mailer halted", text="Credit is gone.\nBuy more.")


@pytest.mark.parametrize(("is_over", "event"), [(False, "alert.raised"), (True, "alert.over")])
async def test_where_the_error_output_is_the_journal_an_alert_is_one_line_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_over: bool, event: str
) -> None:
    """With its own event; its last lines of the log stand there already."""
    heard: list[tuple[str, Mapping[str, Any]]] = []
    with tmp_path.joinpath("journal").open("w+") as journal:
        found = os.fstat(journal.fileno())
        monkeypatch.setattr(sys, "stderr", journal)
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        around = wiring.outside()
        around.log.listeners.append(lambda event, fields: heard.append((event, fields)))
        with structlog.testing.capture_logs():
            await around.operator.alert(replace(ALERT, is_over=is_over))
        assert tmp_path.joinpath("journal").read_text() == ""
    assert heard == [(event, {"reason": "Mailer halted: Credit is gone. Buy more."})]
    assert not around.operator.arrives


def test_elsewhere_an_alert_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal is read by somebody."""
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    assert wiring.outside().operator.name == "console"

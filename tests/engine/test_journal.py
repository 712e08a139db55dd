"""What can the log say, and who hears it?"""

from collections.abc import Mapping

import pytest
import structlog

from outboundd.engine.journal import TAIL_LINES, Log


def test_a_word_that_is_not_in_the_list_is_our_bug() -> None:
    """The log can be searched because its words are a closed list."""
    with pytest.raises(ValueError, match="no event of the log"):
        Log(quiet=True).write("something.happened")


def test_a_line_is_printed_kept_for_alerts_and_told_to_listeners() -> None:
    """One line per thing that happened, to everybody who listens."""
    log, heard = Log(), list[tuple[str, Mapping[str, str | int | float]]]()
    log.listeners.append(lambda event, fields: heard.append((event, fields)))
    with structlog.testing.capture_logs() as printed:
        log.write("clock.off", reason="300 s apart")
    assert printed == [{"event": "clock.off", "log_level": "info", "reason": "300 s apart"}]
    assert list(log.tail) == ["clock.off reason=300 s apart"]
    assert heard == [("clock.off", {"reason": "300 s apart"})]


def test_a_quiet_log_prints_nothing_and_an_alert_gets_the_last_lines_only() -> None:
    """The demo prints its own lines; an alert is no log file."""
    log = Log(quiet=True)
    with structlog.testing.capture_logs() as printed:
        for number in range(TAIL_LINES + 5):
            log.write("job.started", job="send", run=number)
    assert printed == []
    assert len(log.tail) == TAIL_LINES

"""What can the log say, and who hears it?"""

import asyncio
from collections.abc import Mapping

import anyio
import pytest
import structlog

from outboundd.engine.journal import EVENTS, TAIL_LINES, Log

Fields = Mapping[str, str | int | float]


def test_a_word_that_is_not_in_the_list_is_our_bug() -> None:
    """The log can be searched because its words are a closed list."""
    with pytest.raises(ValueError, match="no event of the log"):
        Log(quiet=True).write("something.happened")


def test_a_field_that_is_not_in_the_list_is_our_bug() -> None:
    """So no line carries an address under a new name."""
    with pytest.raises(ValueError, match="no fields of the log"):
        Log(quiet=True).write("mail.sent", email="rosa@harbour.example")


def test_a_line_is_printed_kept_for_alerts_and_told_to_listeners() -> None:
    """One line per thing that happened, to everybody who listens."""
    log, heard = Log(), list[tuple[str, Fields]]()
    log.listeners.append(lambda event, fields: heard.append((event, fields)))
    with structlog.testing.capture_logs() as printed:
        log.write("clock.off", reason="300 s apart")
    assert printed == [{"event": "clock.off", "log_level": "warning", "reason": "300 s apart"}]
    assert list(log.tail) == ["clock.off reason=300 s apart"]
    assert heard == [("clock.off", {"reason": "300 s apart"})]


def test_a_quiet_log_prints_nothing_and_an_alert_gets_the_last_lines_only() -> None:
    """The demo prints its own lines; an alert is no log file."""
    log = Log(quiet=True)
    with structlog.testing.capture_logs() as printed:
        for number in range(TAIL_LINES + 5):
            log.write("job.started", job="send", reason=number)
    assert printed == []
    assert len(log.tail) == TAIL_LINES


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_is_logged_at_its_own_level(event: str) -> None:
    """`journalctl -p warning` shows what to look at, and the level of a name never changes."""
    with structlog.testing.capture_logs() as printed:
        Log().write(event)
    level, meaning = EVENTS[event]
    assert [line["log_level"] for line in printed] == [level]
    assert meaning


def test_an_alert_that_nobody_could_be_told_of_is_critical() -> None:
    """The journal is the last place where it can be noticed."""
    assert EVENTS["operator.untold"][0] == "critical"


async def test_each_line_of_a_run_carries_it_and_an_alert_gets_the_lines_of_its_own() -> None:
    """Two runs at once, each with tasks of its own: neither line lacks its run, and no tail holds the other's."""
    log, heard = Log(quiet=True), list[Fields]()
    log.listeners.append(lambda _, fields: heard.append(fields))
    tails: dict[str, list[str]] = {}

    async def lead(name: str) -> None:
        await asyncio.sleep(0)
        log.write("lead.held", lead=name, reason="later")

    async def one(job: str) -> None:
        with log.run(job, f"{job}-slot"):
            log.write("job.started")
            async with anyio.create_task_group() as group:
                group.start_soon(lead, f"{job}1")
                group.start_soon(lead, f"{job}2")
            tails[job] = list(log.tail)

    async with anyio.create_task_group() as group:
        group.start_soon(one, "send")
        group.start_soon(one, "draft")
    log.write("daemon.stopped")
    assert [fields.get("run") for fields in heard].count("send-slot") == 3
    assert tails["send"] == [
        "job.started job=send run=send-slot",
        "lead.held lead=send1 reason=later job=send run=send-slot",
        "lead.held lead=send2 reason=later job=send run=send-slot",
    ]
    assert heard[-1] == {}
    assert len(log.tail) == 7


def test_a_run_that_says_little_keeps_its_tail_beside_one_that_says_much() -> None:
    """What failed is told with its own lines, not with those of the busiest."""
    log = Log(quiet=True)
    with log.run("reconcile", "1"):
        log.write("job.started")
        with log.run("draft", "2"):
            for _ in range(3 * TAIL_LINES):
                log.write("lead.drafted", lead="ld1")
        assert list(log.tail) == ["job.started job=reconcile run=1"]

"""Does any word that is said to the bot, or its token, reach the log, whatever Telegram answers?

Every logger of the process at DEBUG, while the bot is refused in every way and told in it whatever it had said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import pytest

from outboundd.engine.journal import Log
from outboundd.sandbox.five import TELEGRAM_TOKEN
from wire.seat import STRANGER, Seat, play
from wire.test_canary_on_the_wire import CANARY, every_level_on, leaks

WAYS: tuple[tuple[str, Any], ...] = (
    *(("echo", status) for status in (400, 401, 403, 404, 409, 413, 429, 500, 502)),
    *((fault, None) for fault in ("html", "garbage", "drop", "lost_reply", "unauthorized", "conflict", "entities")),
    ("flood", 3),
)
SAID = (
    f"/why rosa.{CANARY}@{CANARY}.example",
    f"/stop @{CANARY}.example",
    f"/replied rosa.{CANARY}@{CANARY}.example",
    f"/pause source:{CANARY}",
    f"/{CANARY} {CANARY}",
    f"a word on {CANARY}s",
)
A_WHILE_S = 120.0


@dataclass(frozen=True, kw_only=True)
class Told:
    """`lines` are of the log, `kept` is what incidents and orders hold, `raw` what libraries said."""

    lines: list[tuple[str, Mapping[str, Any]]]
    kept: list[str]
    raw: list[str]


async def refused_in_every_way(seat: Seat) -> list[str]:
    """Say everything in each kind of trouble, by who may and by a stranger; what the ledger holds of it."""
    async with seat.living():
        for fault, value in WAYS:
            seat.faults.switch_on("telegram", fault, value=value, times=4)
            for text in SAID:
                seat.say(text)
                seat.say(text, who=STRANGER)
            await anyio.sleep(A_WHILE_S)
            seat.faults.switch_off("telegram")
            await anyio.sleep(A_WHILE_S)
        await anyio.sleep(3600)
        return [repr(one) for one in [*await seat.ledger.incidents(open_only=False), *await seat.open_orders()]]


@pytest.fixture(scope="module")
def told() -> Told:
    """The day, told once for all tests."""
    seats: list[Seat] = []

    async def story(seat: Seat) -> list[str]:
        seats.append(seat)
        return await refused_in_every_way(seat)

    log = Log(quiet=True)
    lines: list[tuple[str, Mapping[str, Any]]] = []
    log.listeners.append(lambda event, fields: lines.append((event, fields)))
    with every_level_on(log) as heard:
        kept = play(story)
    return Told(lines=[*seats[0].log, *lines], kept=kept, raw=heard.words)


def test_neither_the_token_nor_a_word_that_was_said_stands_in_any_line_or_incident(told: Told) -> None:
    """The token is part of every URL, and whoever holds it is the bot."""
    texts = [f"{event} {dict(fields)}" for event, fields in told.lines]
    assert leaks([*texts, *told.kept], {CANARY, TELEGRAM_TOKEN}) == []


def test_each_trouble_was_met(told: Told) -> None:
    """What nobody notices leaks nothing: the orders were heard, and the refusals stand in the log."""
    events = [event for event, _ in told.lines]
    assert events.count("command.heard") >= len(SAID) * len(WAYS)
    assert {"command.stranger", "operator.away", "operator.back"} <= set(events)
    assert len({fields["reason"] for event, fields in told.lines if event == "operator.away"}) > 3
    assert told.raw

"""Does the operator hear in time, and once each time, that the writer's model will be shut down?"""

from datetime import date, timedelta

import pytest

from office import TUESDAY, Office, an_office
from outboundd.adapters.scripted import ScriptedWriter
from outboundd.ports import Failure, Transient

DAY = TUESDAY.date()


def with_model(retires: date | Failure | None) -> Office:
    """An office whose writer's model is shut down then."""
    office = an_office()
    office.parts.world.writer = ScriptedWriter([], name="openai", retires=retires)
    return office


async def told_over(office: Office, days: int) -> list[int]:
    """On which days, counted from now, the operator was told."""
    told = []
    for day in range(days):
        before = len(office.operator.alerts)
        for _ in range(3):
            await office.run("digest", by_hand=False)
        told += [day] * (len(office.operator.alerts) - before)
        office.advance(days=1)
    return told


async def test_each_threshold_is_told_once() -> None:
    """At 60, 30, 14, 7 and 1 days and on the day itself, though it is looked at hourly."""
    office = with_model(DAY + timedelta(days=62))
    assert await told_over(office, 70) == [2, 32, 48, 55, 61, 62]
    alert = office.operator.alerts[0]
    assert alert.text.startswith("The model of openai is shut down on 2027-01-25.")
    assert len(await office.ledger.incidents(open_only=True)) == 1


async def test_another_model_ends_the_incident_and_has_warnings_of_its_own() -> None:
    """Set in time, the matter is over; the next model's own day is another matter."""
    office = with_model(DAY + timedelta(days=20))
    assert await told_over(office, 1) == [0]
    office.parts.world.writer = ScriptedWriter([], name="openai")
    assert await told_over(office, 1) == []
    assert await office.ledger.incidents(open_only=True) == []
    office.parts.world.writer = ScriptedWriter([], name="openai", retires=DAY + timedelta(days=25))
    assert await told_over(office, 1) == [0]


@pytest.mark.parametrize("retires", [None, DAY + timedelta(days=200)])
async def test_where_there_is_time_nothing_is_said(retires: date | None) -> None:
    """No model, a vendor that does not say, or a day far away."""
    assert await told_over(with_model(retires), 3) == []


async def test_a_look_that_fails_is_logged_and_costs_no_digest() -> None:
    """It is asked again the next day."""
    office = with_model(Transient("openai", "overloaded"))
    assert (await office.run("digest", by_hand=False)).done["digest"] == 1
    assert any(line.startswith("model.unknown") for line in office.parts.log.tail)
    assert office.operator.alerts == []
    office.parts.world.writer = ScriptedWriter([], name="openai", retires=DAY + timedelta(days=9))
    assert await told_over(office, 2) == [1]

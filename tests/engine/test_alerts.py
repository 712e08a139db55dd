"""Is the operator told, once per cause?"""

from office import an_office
from outboundd.ports import Transient


async def test_a_cause_is_told_once_until_it_has_ended() -> None:
    """A hundred failures of one cause are one message; when it comes back after its end, it is told again."""
    office = an_office()
    for _ in range(3):
        await office.parts.alerts.tell("vendor.memory", "memory is halted", "no credit")
    await office.parts.alerts.over("vendor.memory")
    await office.parts.alerts.tell("vendor.memory", "memory is halted", "no credit")
    assert [alert.title for alert in office.operator.alerts] == ["memory is halted"] * 2


async def test_different_causes_are_told_apart() -> None:
    """One incident hides no other."""
    office = an_office()
    await office.parts.alerts.tell("a", "A", "")
    await office.parts.alerts.tell("b", "B", "")
    assert [alert.id for alert in office.operator.alerts] == ["a", "b"]


async def test_an_operator_who_cannot_be_told_stops_no_job_and_the_log_keeps_it() -> None:
    """A failure of telling is no failure of the run."""
    office = an_office()
    office.operator.fail_next = [Transient("telegram", "no connection")]
    await office.parts.alerts.tell("a", "Something", "text")
    assert office.operator.alerts == []
    assert office.parts.log.tail[-1] == "operator.untold reason=Something: no connection"


async def test_an_alert_carries_the_last_lines_of_the_log() -> None:
    """What led to it can be read in the message."""
    office = an_office()
    office.parts.log.write("clock.off", reason="300 s apart")
    await office.parts.alerts.tell("a", "A", "")
    assert office.operator.alerts[0].tail == ("clock.off reason=300 s apart",)

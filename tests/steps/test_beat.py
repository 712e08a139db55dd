"""Does the heart beat with each complete reconcile, and hurt no run when nobody hears it?"""

from office import TUESDAY, Office, an_office
from outboundd.ports import Refused, Transient


class Monitor:
    """Somebody elsewhere who counts (port Heartbeat)."""

    name = "heartbeat"

    def __init__(self) -> None:
        self.beats = 0
        self.is_deaf = False

    async def beat(self) -> None:
        if self.is_deaf:
            raise Refused("heartbeat", "HTTP 404")
        self.beats += 1

    async def aclose(self) -> None: ...


def monitored() -> tuple[Office, Monitor]:
    """An office with somebody who listens."""
    office, monitor = an_office(at=TUESDAY), Monitor()
    office.parts.world.heartbeat = monitor
    return office, monitor


async def test_it_beats_with_each_complete_reconcile_and_with_no_other() -> None:
    """Who cannot read what the mailer reports is not well."""
    office, monitor = monitored()
    await office.run("reconcile")
    assert monitor.beats == 1
    office.mailer.fail_read_next = [Transient("memory", "503")]
    await office.run("reconcile")
    assert monitor.beats == 1


async def test_not_to_be_heard_hurts_no_run_is_told_once_and_is_over_when_it_is_heard() -> None:
    """The reconcile is complete all the same."""
    office, monitor = monitored()
    monitor.is_deaf = True
    for _ in range(3):
        assert (await office.run("reconcile")).code == 0
    monitor.is_deaf = False
    await office.run("reconcile")
    office.advance(minutes=61)
    await office.run("watch")
    titles = [alert.title for alert in office.operator.alerts]
    assert titles == ["The heartbeat is not heard", "The heartbeat is heard again"]
    assert any(line.startswith("heartbeat.unheard reason=HTTP 404") for line in office.parts.log.tail)


async def test_without_a_monitor_nothing_is_asked_of_anybody() -> None:
    """As shipped."""
    office = an_office(at=TUESDAY)
    assert (await office.run("reconcile")).code == 0
    assert office.operator.alerts == []

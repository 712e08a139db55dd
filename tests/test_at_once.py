"""Two command lines, the bot and the schedule at the same moment: does anything overlap, get lost, or leave twice?

On the virtual clock, with the real job table, jobs and commands; each example is another order of what is said when.
"""

from collections import Counter
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import anyio.lowlevel
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from commands.saying import content
from office import SETTINGS, TUESDAY, Office, an_office, lead
from outboundd import carry_out, timetable, virtual
from outboundd.adapters.memory_mailer import MemoryMailer
from outboundd.adapters.system_clock import SystemClock
from outboundd.engine.run_job import JobRun
from outboundd.model.mail import AttemptState, Letter
from outboundd.ports import Clock

LEADS = 12
LATER = TUESDAY + timedelta(hours=3)
NEW = content("Email,Contact,Company,Website,Country,City\nbo@quarry.example,Bo Lind,Quarry,quarry.example,GB,London\n")
SAID: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "send": ("once", {"job": "send"}),
    "send 2": ("once", {"job": "send", "limit": 2}),
    "draft": ("once", {"job": "draft"}),
    "reconcile": ("once", {"job": "reconcile"}),
    "verify": ("verify", {}),
    "import": ("import", {"name": "leads.csv", "content": NEW}),
    "pause": ("pause", {}),
    "resume": ("resume", {}),
    "jobs": ("jobs", {}),
}


@dataclass(frozen=True, kw_only=True)
class Order:
    """Somebody says something, and perhaps hangs up before it is done; both in seconds."""

    at_s: int
    says: str
    hangs_up_after_s: float | None


class SlowMailer(MemoryMailer):
    """Takes three seconds a mail, and never two at once."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._in_hand = 0

    async def send(self, letter: Letter) -> str:
        self._in_hand += 1
        assert self._in_hand == 1, "two mails at once"
        try:
            await anyio.sleep(3)
            return await super().send(letter)
        finally:
            self._in_hand -= 1


@dataclass(kw_only=True)
class Hour:
    """An hour of the daemon. `most` is how many runs of a job went on at once, `ends` the exit codes of each order."""

    office: Office
    most: Counter[str] = field(default_factory=Counter)
    ends: dict[int, list[int]] = field(default_factory=dict)

    def watch(self) -> None:
        """Count the runs that go on at once."""
        going_on: Counter[str] = Counter()

        def watched(name: str) -> Any:
            job = self.office.desk.jobs[name]

            async def story(run: JobRun) -> None:
                going_on[name] += 1
                self.most[name] = max(self.most[name], going_on[name])
                try:
                    await job.run(run)
                finally:
                    going_on[name] -= 1

            return replace(job, run=story)

        self.office.desk.jobs = {name: watched(name) for name in self.office.desk.jobs}

    async def carry_out(self, number: int, order: Order) -> None:
        """As the socket and the bot do it."""
        await anyio.sleep(order.at_s)
        name, arguments = SAID[order.says]
        desk, ends = self.office.desk, self.ends.setdefault(number, [])
        with anyio.move_on_after(order.hangs_up_after_s):
            told = carry_out.said(name, arguments, desk, None, None)  # type: ignore[arg-type]
            async with aclosing(told):
                async for say in told:
                    ends += [say["exit"]] if "exit" in say else []
                    await anyio.lowlevel.checkpoint()  # whoever listens is slow now and then


ORDERS = st.lists(
    st.builds(
        Order,
        at_s=st.one_of(st.sampled_from([600, 1200, 1800]), st.integers(0, 1900)),
        says=st.sampled_from(sorted(SAID)),
        hangs_up_after_s=st.one_of(st.none(), st.none(), st.floats(0, 40)),
    ),
    min_size=3,
    max_size=12,
)


async def an_hour(orders: list[Order]) -> Hour:
    """The job table and these orders, from ten o'clock on; then all is lifted and the rest of the hour passes."""
    clock = SystemClock()
    limits = replace(SETTINGS.limits, gap_s=(1.0, 5.0))
    mailer = SlowMailer(clock)
    leads = (lead(number) for number in range(1, LEADS + 1))
    office = an_office(*leads, settings=replace(SETTINGS, limits=limits), mailer=mailer, clock=clock)
    hour = Hour(office=office)
    hour.watch()
    stop = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(timetable.job_table, office.desk, stop)
        async with anyio.create_task_group() as operators:
            for number, order in enumerate(orders):
                operators.start_soon(hour.carry_out, number, order)
        await hour.carry_out(len(orders), Order(at_s=0, says="resume", hangs_up_after_s=None))
        await anyio.sleep((LATER - datetime.now(UTC)).total_seconds())
        stop.set()
    assert await office.ledger.attempts(states=[AttemptState.OPEN, AttemptState.UNKNOWN]) == []
    return hour


@settings(max_examples=25, phases=(Phase.generate,))  # an hour is too slow to be made smaller
@given(orders=ORDERS)
def test_nothing_overlaps_no_order_is_lost_and_each_mail_leaves_once(orders: list[Order]) -> None:
    """Whatever is said when, and whoever hangs up: each order that is waited for is answered once, nothing is left."""
    hour = virtual.run(lambda: an_hour(orders), TUESDAY)
    assert max(hour.most.values()) == 1
    for number, order in enumerate(orders):
        codes = hour.ends.get(number, [])
        assert codes in ([[0], [3]] if order.hangs_up_after_s is None else [[0], [3], []]), order
    office = hour.office
    mails = Counter((letter.to_email, letter.tag.split(".")[2]) for _, letter in office.mailer.letters)
    assert set(mails.values()) == {1}
    assert {f"rosa.diaz@harbourworks{number}.example" for number in range(1, LEADS + 1)} <= {who for who, _ in mails}
    runs = office.parts.runs
    assert not runs.now
    assert not any(runs.waiting.values())
    assert not any(map(runs.taken, office.desk.jobs))
    assert office.operator.alerts == []

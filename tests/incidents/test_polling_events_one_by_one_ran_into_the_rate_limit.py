"""Incident: each mail was asked about by itself, the rate limit came, and half an answer was taken for a whole.

One bulk question a period now, and nothing negative is concluded from a read that broke off.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from office import SETTINGS, Office, an_office, lead
from outboundd.model.lead import Stage
from outboundd.model.mail import AttemptState, EventKind, EventPage
from outboundd.model.settings import Limits, Warmup
from outboundd.ports import Ambiguous, Transient

MAILS = 200
PLENTY = Limits(per_hour=1000, per_day=1000, gap_s=(0.0, 0.0), warmup=Warmup(start_per_day=1000))


@dataclass
class Asked:
    """The questions that the mailer was asked, while its answers may break off after so many pages."""

    office: Office
    bulk: int = 0
    single: int = 0
    breaks_after: int | None = None
    pages: list[EventPage] = field(default_factory=list)

    def __post_init__(self) -> None:
        mailer = self.office.mailer
        events, log = mailer.events, mailer.log

        async def counted_events(since: datetime, until: datetime) -> AsyncIterator[EventPage]:
            self.bulk += 1
            told = 0
            async for page in events(since, until):
                for event in page.events:
                    if told == self.breaks_after:
                        raise Transient("memory", "rate limit")
                    told += 1
                    yield replace(page, events=(event,))
            if self.breaks_after is not None and told <= self.breaks_after:
                raise Transient("memory", "rate limit")

        async def counted_log(email: str) -> object:
            self.single += 1
            return await log(email)

        mailer.events = counted_events  # type: ignore[method-assign]
        mailer.log = counted_log  # type: ignore[method-assign, assignment]


async def test_two_hundred_mails_are_reconciled_by_one_question() -> None:
    """Never one question a mail."""
    office = an_office(*(lead(number) for number in range(1, MAILS + 1)), settings=replace(SETTINGS, limits=PLENTY))
    await office.run("draft")
    await office.run("send")
    assert len(office.mailer.letters) == MAILS
    office.deliver()
    asked = Asked(office)
    await office.run("reconcile")
    assert (asked.bulk, asked.single) == (1, 0)
    stages = [(await office.row(f"ld{number:04}")).stands for number in range(1, MAILS + 1)]
    assert set(stages) == {Stage.DELIVERED}


@pytest.mark.parametrize("breaks_after", [0, 1])
async def test_a_read_that_broke_off_concludes_nothing(breaks_after: int) -> None:
    """A mail in doubt stays in doubt, the watermark stays where it was, and nobody is written to meanwhile."""
    office = an_office(lead(1), lead(2))
    await office.run("draft")
    office.mailer.fail_next.append(Ambiguous("memory", "no answer"))
    await office.run("send")
    before = (await office.ledger.traffic(office.clock.now())).reconciled_at
    office.mailer.report("default.ld0001.0.1", EventKind.DEFERRED)
    office.advance(hours=1)
    asked = Asked(office, breaks_after=breaks_after)
    assert (await office.run("reconcile")).code == 1
    assert (await office.run("send")).code == 1
    attempt = await office.ledger.attempt("default.ld0001.0.1")
    assert attempt is not None
    assert attempt.state is AttemptState.UNKNOWN
    assert (await office.ledger.traffic(office.clock.now())).reconciled_at == before
    assert len(office.mailer.posts) == 1
    asked.breaks_after = None
    assert (await office.run("reconcile")).code == 0
    settled = await office.ledger.attempt("default.ld0001.0.1")
    assert settled is not None
    assert settled.state is AttemptState.SENT


async def test_only_a_complete_read_says_that_a_mail_did_not_leave() -> None:
    """Then, and not before, the step is tried again."""
    office = an_office(lead(1))
    await office.run("draft")
    office.mailer.fail_next.append(Ambiguous("memory", "no answer"))
    await office.run("send")
    asked = Asked(office, breaks_after=0)
    for _ in range(3):
        await office.run("send")
    assert len(office.mailer.posts) == 1
    asked.breaks_after = None
    await office.run("send")
    assert [letter.tag for letter in office.mailer.posts] == ["default.ld0001.0.1", "default.ld0001.0.2"]

"""Does the operator see who gets what when, and who does not and why?"""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from office import SETTINGS, TUESDAY, an_office, lead
from outboundd.commands.desk import Refusal
from outboundd.model.facts import Halt
from outboundd.model.mail import EventKind
from outboundd.ports import Ambiguous


def days_of(data: list[dict]) -> Counter:
    """Planned mails by day and step."""
    return Counter((mail["when"][:10], mail["step"]) for mail in data if mail["when"])


async def test_the_days_cap_spreads_new_leads_over_the_coming_days():
    """The warm-up allows 20 on the first day, 30 on the second: so the plan says, before anything is drafted."""
    office = an_office(*(lead(number) for number in range(60)))
    told = await office.read("queue", days=1)
    assert "Tue 24 Nov          20     ·        ·   20  10:10" in told
    assert "Wed 25 Nov          30     ·        ·   30  09:00" in told
    assert "10  new: the caps leave no room in these days: others come first" in told


async def test_the_plan_is_what_then_happens():
    """The schedule is played for three days: the mails leave on the day and in the number that was foretold."""
    office = an_office(*(lead(number) for number in range(40)))
    foretold = days_of(await office.data("queue", days=2))
    end = TUESDAY + timedelta(days=2, hours=12)
    while office.clock.now() < end:
        office.advance(minutes=5)
        minute = office.clock.now().minute
        if minute == 5:
            await office.run("draft", by_hand=False)
        if minute == 20:
            await office.run("follow_up", by_hand=False)
        if minute % 10 == 0:
            await office.run("send", by_hand=False)
    left = Counter((at.date().isoformat(), 0) for at, _ in office.mailer.letters)
    assert left == foretold


async def test_follow_ups_stand_in_the_plan_on_the_day_they_may_leave():
    """A bump due on Sunday leaves on Monday; the breakup follows with its gap."""
    office = an_office(lead(1), at=TUESDAY.replace(day=23))
    await office.mail_out()
    assert list(days_of(await office.data("queue", days=21))) == [("2026-11-30", 1), ("2026-12-07", 2)]


async def test_a_mail_that_has_not_arrived_yet_is_taken_to_arrive():
    """Sent and not delivered: its bump is in the plan all the same."""
    office = an_office(lead(1))
    await office.run("draft")
    await office.run("send")
    assert (await office.row("ld0001")).stage == "sent"
    assert list(days_of(await office.data("queue", days=7))) == [("2026-11-30", 1)]


async def test_the_last_mail_on_its_way_asks_for_nothing_more():
    """No step follows: the lead waits for delivery, and that is what is said."""
    office = an_office(lead(1), settings=replace(SETTINGS, sequence=replace(SETTINGS.sequence, follow_ups=())))
    await office.run("draft")
    await office.run("send")
    (entry,) = await office.data("queue", days=7)
    assert entry["why"] == "sent: waiting for delivery of first mail"


async def test_colleagues_get_their_mails_on_different_days():
    """One mail a day to a company: the second person waits for the next day."""
    same = {"company": "Quarry & Sons", "website": "https://quarry.example"}
    office = an_office(lead(1, email="a@quarry.example", **same), lead(2, email="b@quarry.example", **same))
    planned = await office.data("queue", days=3)
    assert [mail["when"][:10] for mail in planned] == ["2026-11-24", "2026-11-25"]


async def test_who_gets_nothing_is_counted_by_reason_with_examples():
    """Consent, an unknown zone, a step not due: each reason once, with its number and some ids."""
    germans = [lead(number, country="DE", city="Berlin") for number in range(10, 15)]
    office = an_office(lead(1), lead(2, country="Atlantis"), *germans)
    await office.mail_out()
    told = await office.read("queue", days=2)
    assert "No mail in these days: 7 leads" in told
    assert "5  review: DE asks for prior consent" in told
    assert "ld0010, ld0011, ld0012, …" in told
    assert '1  review: country "Atlantis" is not known; correct Country\n         ld0002' in told
    assert "1  delivered: bump is not due yet\n         ld0001" in told
    assert max(map(len, told.split("\n"))) <= 100


async def test_the_first_mails_are_named_so_that_their_drafts_can_be_read():
    """Who gets what when: an id for `why`, the step, and whether the text is there."""
    office = an_office(lead(1))
    assert "Tue 10:10  ld0001  first mail  not written yet" in await office.read("queue", days=1)
    await office.run("draft")
    assert "Tue 10:00  ld0001  first mail  the draft can be read" in await office.read("queue", days=1)


async def test_the_next_run_says_what_it_will_send():
    """Twelve drafts are due: a run takes its share of the hour, ten."""
    office = an_office(*(lead(number) for number in range(12)))
    await office.run("draft")
    office.desk.by_schedule = True
    assert "The next run of send, 10:00: 10 × first mail." in await office.read("queue", days=1)


async def test_at_night_the_next_run_sends_nothing_and_the_first_mail_has_its_time():
    """Outside office hours everybody waits until nine."""
    office = an_office(lead(1), at=TUESDAY.replace(hour=20))
    assert "20:00: nothing; the first mail leaves Wed 25 Nov at 09:00." in await office.read("queue", days=1)


async def test_what_is_switched_off_comes_first_with_the_word_that_lifts_it():
    """Paused: the plan shows what would be, below what to type."""
    office = an_office(lead(1))
    await office.ledger.halt(Halt(what="mail", since=TUESDAY, until=None, why="Christmas party"))
    told = await office.read("queue", days=1)
    assert told.index("mail to leads is off") < told.index("Tue 24 Nov")
    assert "Christmas party; until you type: outboundd resume" in " ".join(told.split())
    assert "What follows holds once that is lifted." in told


async def test_a_pause_with_an_end_moves_the_plan_behind_it():
    """Paused until Thursday: nothing is planned before."""
    office = an_office(lead(1))
    end = TUESDAY + timedelta(days=2)
    await office.ledger.halt(Halt(what="mail", since=TUESDAY, until=end, why="moving house"))
    (mail,) = await office.data("queue", days=3)
    assert datetime.fromisoformat(mail["when"]) >= end


async def test_nothing_to_do_is_said_plainly():
    """An empty pool has no mail."""
    assert "No mail leaves in these days." in await an_office().read("queue", days=3)


async def test_a_row_out_of_view_is_not_planned():
    """The operator's view rules the queue."""
    office = an_office(lead(1))
    await office.run("reconcile")
    office.store.hidden.add("ld0001")
    (entry,) = await office.data("queue", days=3)
    assert (entry["when"], entry["why"]) == (None, "not in the operator's view")


async def test_a_mail_in_doubt_is_not_planned():
    """Nobody knows whether it left: it is not promised for a time."""
    office = an_office(lead(1))
    await office.run("draft")
    office.mailer.settle_s = 3600
    office.mailer.lose_reply_next.append(Ambiguous("memory", "no answer"))
    await office.run("send")
    (entry,) = await office.data("queue", days=2)
    assert entry["why"] == "drafted: a mail of this step may have left"


async def test_looking_ahead_changes_nothing():
    """No row, no transition and no run comes of it."""
    office = an_office(lead(1))
    before = dict(office.store.rows["ld0001"])
    await office.read("queue", days=21)
    assert office.store.rows["ld0001"] == before
    assert await office.ledger.queue() == []


async def test_bounced_leads_are_no_longer_in_the_queue():
    """Who has left the pipeline is not listed."""
    office = an_office(lead(1))
    await office.run("draft")
    await office.run("send")
    office.mailer.report(office.mailer.letters[0][1].tag, EventKind.HARD_BOUNCE)
    await office.run("reconcile")
    assert await office.data("queue", days=3) == []


@pytest.mark.parametrize("days", [0, 61])
async def test_a_senseless_number_of_days_is_refused(days):
    """One sentence with the bounds."""
    with pytest.raises(Refusal, match="from 1 to 60") as refused:
        await an_office().say("queue", days=days)
    assert refused.value.code == 2

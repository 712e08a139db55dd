"""Does the operator hear every morning what happened, once, whatever restarts?"""

from dataclasses import replace

from office import SETTINGS, TUESDAY, Office, an_office, lead
from outboundd.adapters.memory_mailer import MemoryMailer
from outboundd.engine.run_job import JobEnd
from outboundd.model.facts import Halt
from outboundd.ports import Ambiguous, Transient
from outboundd.steps.credits import Credits, known_credits


class SilentOnCredits(MemoryMailer):
    """Does not say how many mails it takes."""

    async def credits(self) -> int | None:
        raise Transient("memory", "503")


async def look(office: Office) -> JobEnd:
    """One scheduled look."""
    return await office.run("digest", by_hand=False)


def digests(office: Office) -> list[str]:
    """To whom digests left, in order."""
    return [letter.to_email for _, letter in office.mailer.letters if ".-digest." in letter.tag]


async def test_it_leaves_once_a_day_from_the_digest_hour_on():
    """Looked at hourly: not at seven, at eight, and not again that day."""
    office = an_office(at=TUESDAY.replace(hour=7))
    sent = []
    for _ in range(30):
        await look(office)
        sent.append(len(digests(office)))
        office.advance(hours=1)
    assert sent[:3] == [0, 1, 1]
    assert sent[24:26] == [1, 2]
    assert sent[-1] == 2


async def test_on_mondays_it_covers_the_week():
    """By variant, source and country, of the seven days that ended on Sunday; on the other days it does not."""
    office = an_office(lead(1), lead(2, source="list"), at=TUESDAY)
    await office.mail_out()
    await look(office)
    office.advance(days=6)
    await look(office)
    tuesdays, mondays = (letter for _, letter in office.mailer.letters if ".-digest." in letter.tag)
    assert "The week by" not in tuesdays.text
    assert mondays.subject.startswith("default: the week, 2 sent, 2 delivered")
    for what, name in (("variant", "A"), ("source", "fair"), ("source", "list"), ("country", "GB")):
        assert f"sent, {name}:" in mondays.text.partition(f"The week by {what}")[2]


async def test_credits_are_asked_for_and_a_mailer_that_does_not_answer_costs_no_digest():
    """What it said last stays; where it names no number, none is shown."""
    office = an_office(at=TUESDAY)
    office.mailer.credits_left = 500
    await look(office)
    assert (await known_credits(office.ledger)) == Credits(left=500, at=TUESDAY)
    office.parts.world.mailer = SilentOnCredits(office.clock)
    office.advance(days=1)
    assert (await look(office)).code == 0
    assert (await known_credits(office.ledger)) == Credits(left=500, at=TUESDAY)
    assert any(line.startswith("credits.unknown") for line in office.parts.log.tail)
    office.parts.world.mailer = office.mailer
    office.mailer.credits_left = None
    await look(office)
    assert await known_credits(office.ledger) is None


async def test_its_hour_is_the_operators():
    """Eight in New York is thirteen in UTC."""
    campaign = replace(SETTINGS.campaign, timezone="America/New_York")
    office = an_office(at=TUESDAY.replace(hour=12), settings=replace(SETTINGS, campaign=campaign))
    await look(office)
    assert digests(office) == []
    office.advance(hours=1)
    await look(office)
    assert digests(office) == ["ops@acme.example"]


async def test_a_restart_writes_no_second_one():
    """A new process, and even a lost memory of the day: the mailer's own events say that it left."""
    office = an_office(at=TUESDAY)
    await look(office)
    await office.ledger.put("digest_date", "")
    office.parts.caught_up = False
    await look(office)
    assert digests(office) == ["ops@acme.example"]


async def test_a_lost_state_directory_writes_no_second_one():
    """The digest waits for the first complete reconcile, which brings the tag back."""
    office = an_office(at=TUESDAY)
    await look(office)
    after = an_office(at=TUESDAY, mailer=office.mailer)
    assert (await look(after)).code == 0
    assert len(after.mailer.posts) == 1


async def test_while_the_mailer_cannot_be_read_none_is_written():
    """Better an hour late than twice."""
    office = an_office(at=TUESDAY)
    office.mailer.fail_read_next.append(Transient("memory", "no answer"))
    assert (await look(office)).code == 1
    assert digests(office) == []
    await look(office)
    assert digests(office) == ["ops@acme.example"]


async def test_everybody_in_digest_to_gets_it_once():
    """Two recipients, two tags; a refusal of the second does not repeat the first."""
    campaign = replace(SETTINGS.campaign, digest_to=("ops@acme.example", "boss@acme.example"))
    office = an_office(at=TUESDAY, settings=replace(SETTINGS, campaign=campaign))
    await office.run("reconcile")
    assert (await look(office)).words == "2 digest"
    assert digests(office) == ["ops@acme.example", "boss@acme.example"]
    assert [letter.tag for _, letter in office.mailer.letters] == [
        "default.-digest.2026-11-24",
        "default.-digest.2026-11-24-2",
    ]


async def test_a_refused_one_is_tried_again_at_the_next_look():
    """Nothing left: the day has no digest yet."""
    office = an_office(at=TUESDAY)
    office.mailer.fail_next.append(Transient("memory", "no connection"))
    assert (await look(office)).code == 1
    assert digests(office) == []
    office.advance(hours=1)
    await look(office)
    assert digests(office) == ["ops@acme.example"]


async def test_one_in_doubt_is_not_written_again():
    """The reply was lost: it may have left, so that day is done."""
    office = an_office(at=TUESDAY)
    office.mailer.lose_reply_next.append(Ambiguous("memory", "no answer"))
    await look(office)
    office.advance(hours=1)
    await look(office)
    assert digests(office) == ["ops@acme.example"]


async def test_one_in_doubt_that_did_not_leave_is_written_once_that_is_certain():
    """The mailer was away when it was handed over; after the settling time its events and log show nothing."""
    office = an_office(at=TUESDAY)
    office.mailer.fail_next.append(Ambiguous("memory", "no answer"))
    await look(office)
    office.advance(hours=2)
    await office.run("reconcile")
    await look(office)
    await look(office)
    assert digests(office) == ["ops@acme.example"]


async def test_by_hand_it_comes_before_its_hour_and_says_when_it_is_written():
    """At six in the morning, on request; the second time it says so."""
    office = an_office(at=TUESDAY.replace(hour=6))
    assert (await office.run("digest")).words == "1 digest"
    assert (await office.run("digest")).words == "1 written already today"
    office.advance(hours=3)
    await look(office)
    assert digests(office) == ["ops@acme.example"]


async def test_nobody_to_write_to_is_said():
    """No digest_to in the configuration."""
    campaign = replace(SETTINGS.campaign, digest_to=())
    office = an_office(at=TUESDAY, settings=replace(SETTINGS, campaign=campaign))
    assert (await office.run("digest")).words == "1 no digest_to configured"


async def test_it_tells_what_happened_in_text_and_in_html():
    """Figures of yesterday, for a mail reader and for a terminal."""
    office = an_office(lead(1), at=TUESDAY)
    await office.mail_out()
    office.advance(days=1)
    await look(office)
    letter = office.mailer.letters[-1][1]
    assert letter.subject == "default: 1 sent, 1 delivered"
    assert "1 mail left yesterday, 1 arrived." in letter.text
    assert "1 mail left yesterday, 1 arrived." in letter.html
    assert letter.to_lead is False


async def test_a_pause_of_mail_to_leads_does_not_stop_it():
    """The operator is told all the more."""
    office = an_office(at=TUESDAY)
    await office.ledger.halt(Halt(what="mail", since=TUESDAY, until=None, why="paused"))
    await look(office)
    assert digests(office) == ["ops@acme.example"]
    assert "paused" in office.mailer.letters[0][1].text


async def test_a_halted_store_does_not_stop_it_whatever_restarts():
    """It is written from our own memory; only the mailer's events are read before, so that none is written twice."""
    office = an_office(at=TUESDAY)
    office.store.name = "airtable"
    await office.ledger.halt(Halt(what="airtable", since=TUESDAY, until=None, why="the month is used up"))
    assert (await look(office)).code == 0
    await office.ledger.put("digest_date", "")
    office.parts.caught_up = office.parts.heard = False
    assert (await look(office)).code == 0
    assert digests(office) == ["ops@acme.example"]

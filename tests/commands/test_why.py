"""Can the operator answer: why did you email me, when, with what, and what happens next?"""

from dataclasses import replace
from datetime import datetime

import pytest

from office import TUESDAY, Office, an_office, lead
from outboundd.commands.desk import Refusal
from outboundd.model.facts import Halt
from outboundd.model.lead import Stage
from outboundd.model.mail import EventKind
from outboundd.ports import Transient

ROSA = "rosa.diaz@harbourworks1.example"


async def a_mailed_lead() -> Office:
    """One lead in New York, mailed on Tuesday at 10:00 of its own clock, opened twice."""
    office = an_office(lead(1, country="US", region="NY", city="New York", attribution=""), at=TUESDAY.replace(hour=15))
    await office.mail_out()
    tag = office.mailer.letters[0][1].tag
    office.advance(minutes=5)
    office.mailer.report(tag, EventKind.OPENED)
    office.advance(minutes=5)
    office.mailer.report(tag, EventKind.OPENED)
    await office.run("reconcile")
    return office


async def test_a_mailed_lead_tells_what_left_when_and_with_which_text():
    """Step, both clocks, variant, tag, subject and the full text stand there, word for word as they left."""
    office = await a_mailed_lead()
    told = await office.read("why", who=ROSA)
    letter = office.mailer.letters[0][1]
    assert "first mail, Tue 2026-11-24 15:00 UTC (10:00 in America/New_York), variant A" in told
    assert letter.tag in told
    assert f"Subject: {letter.subject}" in told
    quoted = " ".join(line.strip().removeprefix("|").strip() for line in told.split("\n"))
    for paragraph in letter.text.split("\n\n"):
        assert " ".join(paragraph.split()) in " ".join(quoted.split())


async def test_what_came_back_stands_below_the_mail_with_its_instants():
    """Delivered once, opened twice: the first and the last instant."""
    told = await (await a_mailed_lead()).read("why", who=ROSA)
    assert "delivered     Tue 2026-11-24 15:00 UTC" in told
    assert "opened        Tue 2026-11-24 15:05 UTC, 2 times, the last Tue 2026-11-24 15:10 UTC" in told


async def test_an_id_does_as_well_as_an_address_in_any_spelling():
    """The address is normalised: the same person is found by id, in capitals and with blanks around."""
    office = await a_mailed_lead()
    by_id = await office.data("why", who="ld0001")
    assert by_id == await office.data("why", who=" Rosa.DIAZ@HarbourWorks1.example ")
    assert by_id["id"] == "ld0001"


async def test_json_holds_the_whole_story_under_stable_names():
    """Mails with text and events, transitions, and what is next with its instant."""
    data = await (await a_mailed_lead()).data("why", who=ROSA)
    assert (data["stage"], data["step"], data["variant"]) == ("delivered", 0, "A")
    (mail,) = data["mails"]
    assert [event["kind"] for event in mail["events"]] == ["request", "delivered", "opened", "opened"]
    assert mail["local"] == "2026-11-24T10:00:00-05:00"
    assert mail["text"].endswith("Exampletown")
    assert [entry["now"] for entry in data["transitions"]] == ["verified", "drafted", "sent", "delivered"]
    assert data["next"]["decision"] == "hold"
    assert data["next"]["name"] == "bump"
    assert datetime.fromisoformat(data["next"]["until"]) == TUESDAY.replace(hour=15, day=30)


async def test_a_hold_says_when_it_ends_on_both_clocks():
    """A draft before the recipient's office hours waits until nine of theirs."""
    office = an_office(lead(1, country="US", region="NY", city="New York"))
    await office.run("draft")
    told = await office.read("why", who="ld0001")
    assert "first mail, not now: before office hours at the recipient (05:00 in America/New_York)." in told
    assert "That ends Tue 2026-11-24 14:00 UTC (09:00 in America/New_York)." in told
    assert "Draft of first mail, not sent" in told


async def test_several_holds_in_a_row_end_with_the_last():
    """A bump that falls due on a Sunday may leave on Monday: both instants are said."""
    office = an_office(lead(1), at=TUESDAY.replace(day=23))
    await office.mail_out()
    told = await office.read("why", who="ld0001")
    assert "bump, not now: bump is not due yet." in told
    assert "That ends Sun 2026-11-29 10:00 UTC (10:00 in Europe/London)." in told
    assert "As things stand, the earliest is Mon 2026-11-30 09:00 UTC (09:00 in Europe/London)." in told


@pytest.mark.parametrize(("what", "typed"), [("mail", "outboundd resume"), ("guard", "outboundd resume guard")])
async def test_a_halt_says_what_to_type(what, typed):
    """Held by a switch: the reason, and the very command that lifts it."""
    office = an_office(lead(1))
    await office.run("draft")
    await office.ledger.halt(Halt(what=what, since=office.clock.now(), until=None, why="looked odd"))
    told = await office.read("why", who="ld0001")
    assert "looked odd" in told
    assert f"To lift it: {typed}" in told.split("\n")[-1]
    assert (await office.data("why", who="ld0001"))["next"]["remedy"] == typed


async def test_a_halt_of_another_part_is_mentioned():
    """A halted job is no reason of the gate, but the operator must know of it."""
    office = an_office(lead(1))
    await office.ledger.halt(Halt(what="draft", since=office.clock.now(), until=None, why="five in a row"))
    told = await office.read("why", who="ld0001")
    assert "nothing is in the way" in told
    assert "Also: draft is off" in told
    assert "outboundd resume draft" in told


async def test_review_says_what_a_human_may_do():
    """Consent is asked for: the law, and how to approve or mend."""
    office = an_office(lead(1, country="DE", city="Berlin"))
    await office.run("draft")
    told = await office.read("why", who="ld0001")
    assert "not before a human has looked: DE asks for prior consent" in told
    assert "outboundd override ld0001 approve" in told


async def test_what_only_a_mended_row_can_lift_is_said_so():
    """An unknown country is never waived."""
    office = an_office(lead(1, country="Atlantis"))
    await office.run("draft")
    assert "To lift it: mend the row" in await office.read("why", who="ld0001")


async def test_a_replied_lead_gets_nothing_more():
    """The end of a thread is told as such."""
    office = an_office(lead(1, stage=Stage.NEW))
    await office.mail_out()
    office.store.rows["ld0001"]["Override"] = "replied"
    assert "'replied' is obeyed at the next look" in await office.read("why", who="ld0001")
    await office.run("reconcile")
    await office.run("send")
    assert "Nothing more: the person has replied." in await office.read("why", who="ld0001")


async def test_a_row_that_falls_out_of_the_pipeline_says_where_it_goes():
    """Do not contact is ticked: the next look takes it out."""
    office = an_office(lead(1, do_not_contact=True))
    assert "At the next look it goes to do_not_contact" in await office.read("why", who="ld0001")


async def test_a_row_out_of_view_is_said_to_be_so():
    """The operator filtered it out: nothing is sent while that is so."""
    office = an_office(lead(1))
    office.store.hidden.add("ld0001")
    assert "not in the operator's view" in await office.read("why", who="ld0001")
    assert (await office.data("why", who="ld0001"))["in_view"] is False


async def test_what_the_store_does_not_show_yet_is_told_all_the_same():
    """The store cannot be written: the draft waits in the ledger, and stands in the story."""
    office = an_office(lead(1))

    async def away(_: object) -> None:
        raise Transient("memory", "no answer")

    office.store.apply = away
    await office.run("draft")
    assert (await office.row("ld0001")).stage is None
    assert (await office.data("why", who="ld0001"))["stage"] == "drafted"


async def test_looking_changes_nothing():
    """Neither row nor ledger differ after why, and no word in Override is obeyed by it."""
    office = an_office(lead(1, override="stop"))
    before = dict(office.store.rows["ld0001"])
    await office.read("why", who="ld0001")
    assert office.store.rows["ld0001"] == before
    assert await office.ledger.transitions("ld0001") == []


async def test_a_person_on_the_suppression_list_without_a_row_was_never_written_to():
    """The list answers: never written to, since when and why."""
    office = an_office()
    person = office.suppression.person("tom@quarry.example")
    await office.suppression.suppress(person, "asked by telephone", TUESDAY)
    told = await office.read("why", who="tom@quarry.example")
    assert told == "no row; never written to; on the suppression list since 2026-11-24: asked by telephone"


async def test_an_erased_person_who_was_mailed_is_not_called_never_written_to():
    """The row is gone, the keyed hash remembers that a mail left and when."""
    office = await a_mailed_lead()
    await office.store.erase(["ld0001"])
    await office.ledger.forget("ld0001", office.suppression.person(ROSA))
    told = await office.read("why", who=ROSA)
    assert told == "no row any more; 1 mail sent, the last on Tue 2026-11-24 15:00 UTC"


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("nobody@nowhere.example", "no row, no mail, and not on the suppression list"),
        ("ld9999", "no lead has the id ld9999"),
        ("rosa@", "give a whole address"),
    ],
)
async def test_somebody_unknown_is_refused_with_a_sentence(who, sentence):
    """Exit code 2 and what was looked for."""
    with pytest.raises(Refusal, match=sentence) as refused:
        await an_office(lead(1)).say("why", who=who)
    assert refused.value.code == 2


async def test_two_rows_of_one_person_are_both_told():
    """Which of them is the lead, and why the other is finished."""
    office = an_office(lead(1), replace(lead(2, email=ROSA), key=ROSA, created_at=TUESDAY))
    await office.mail_out()
    told = await office.read("why", who=ROSA)
    assert "Row 1 of 2 with this address" in told
    assert "same person as row ld0001" in told

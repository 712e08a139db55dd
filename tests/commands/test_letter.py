"""Does a person who asks get a whole and honest answer, in their words and without our internals?"""

from dataclasses import replace

import pytest

from commands.saying import refused
from office import SETTINGS, TUESDAY, Office, an_office, lead
from outboundd.commands import COMMANDS
from outboundd.commands.chat import Asked, Reply, understood
from outboundd.model.facts import Halt
from outboundd.model.mail import EventKind
from outboundd.model.settings import Settings
from outboundd.ports import Ambiguous

ROSA = "rosa.diaz@harbourworks1.example"
ORIGIN = {"source": "Trade fair Leeds", "source_date": "2026-10-02", "consent_note": "gave us her card on 2 October"}
SETTLED = replace(
    SETTINGS, legal_basis="legitimate interest", privacy_url="https://acme.example/privacy", keep_days=200
)


async def a_mailed_person(settings: Settings = SETTLED) -> Office:
    """Rosa in New York, mailed once at 10:00 of her own clock, who opened it."""
    there = {"country": "US", "region": "NY", "city": "New York"}
    office = an_office(lead(1, **ORIGIN, **there), at=TUESDAY.replace(hour=15), settings=settings)
    await office.mail_out()
    office.advance(minutes=5)
    office.mailer.report(office.mailer.letters[0][1].tag, EventKind.OPENED)
    await office.run("reconcile")
    return office


async def letter(office: Office, who: str = ROSA) -> str:
    """The letter alone, without what stands below it."""
    return (await office.data("why", who=who, letter=True))["letter"]


@pytest.mark.parametrize(
    "said",
    [
        "Hello Rosa Diaz,",
        "Source    Trade fair Leeds",
        "Date      2026-10-02",
        "Consent   gave us her card on 2 October",
        "Email     rosa.diaz@harbourworks1.example",
        "Purpose: to offer Harbour Works 1",
        "Acme Tools keeps track of the hand tools on building sites.",
        "Legal basis: legitimate interest",
        "https://acme.example/privacy",
        "Tuesday 24 November 2026, 10:00 (America/New_York)",
        "opened Tuesday 24 November 2026, 10:05 (America/New_York)",
        "are erased 200 days after our last mail",
        "You may object at any time",
        "write one line to ada@acme.example",
        "Acme Tools Ltd, 12 Harbour Street, Exampletown",
    ],
)
async def test_it_answers_where_from_why_on_what_basis_when_how_long_and_how_to_object(said: str) -> None:
    """Each of the questions has its sentence, on the clock of the person who asks."""
    assert said in await letter(await a_mailed_person())


async def test_every_text_stands_there_word_for_word() -> None:
    """Subject and the whole text as they left."""
    office = await a_mailed_person()
    told = (await letter(office)).replace("\n> ", "\n").replace("\n>\n", "\n\n")
    (_, left) = office.mailer.letters[0]
    assert f"Subject: {left.subject}\n\n{left.text}" in told


async def test_nothing_of_how_we_work_inside_stands_there() -> None:
    """No stage, variant, id, hash or tag; the operator's own `why` has them."""
    office = await a_mailed_person()
    told, (attempt,) = await letter(office), await office.ledger.attempts(lead="ld0001")
    inside = ["ld0001", attempt.tag, attempt.text_hash, attempt.message_id, "variant", "stage", "attribution", "#1"]
    assert [word for word in inside if word in told] == []
    assert attempt.tag in await office.read("why", who=ROSA)


async def test_what_is_missing_is_said_to_the_operator_and_not_in_the_letter() -> None:
    """Source, legal basis and page: what cannot be answered has to be settled first."""
    office = await a_mailed_person(SETTINGS)
    await office.store.apply({"ld0001": {"source": "", "owner_notes": "met her at the fair"}})
    data = await office.data("why", who=ROSA, letter=True)
    assert [gap.split(":")[0].split(" is ")[0] for gap in data["to_settle"]] == [
        "Source",
        "[compliance] legal_basis",
        "[compliance] privacy_url",
        "Owner notes are not in the letter",
    ]
    assert "legal_basis" not in data["letter"]
    assert "met her" not in data["letter"]
    assert "Before you send this" in await office.read("why", who=ROSA, letter=True)


async def test_who_was_never_written_to_is_told_so() -> None:
    """A row without a mail, and an address that nobody here knows."""
    office = an_office(lead(1))
    assert "We have never written to you." in await letter(office)
    nobody = await office.data("why", who="omar@quarry.example", letter=True)
    assert "We have never written to you." in nobody["letter"]
    assert "we hold no entry about you" in nobody["letter"]
    assert nobody["never_written_to"] is True


async def test_who_was_erased_is_told_the_day() -> None:
    """On the operator's calendar, whatever had been on the suppression list before."""
    office = await a_mailed_person(replace(SETTLED, campaign=replace(SETTLED.campaign, timezone="Asia/Tokyo")))
    await office.say("stop", who=ROSA)
    office.advance(days=3, hours=1)
    await office.say("forget", who=ROSA)
    office.advance(days=30)
    told = await letter(office)
    assert "Your data were erased on 28 November 2026." in told  # the 27th in UTC, past midnight in Tokyo
    assert "Hello,\n" in told
    assert "Trade fair" not in told


async def test_forgetting_again_keeps_the_first_day() -> None:
    """Said twice, they were erased when they were."""
    office = await a_mailed_person()
    await office.say("forget", who=ROSA)
    office.advance(days=30)
    await office.say("forget", who=ROSA)
    assert "erased on 24 November 2026" in await letter(office)


async def test_who_was_erased_with_their_domain_is_told_the_day_too() -> None:
    """Also somebody there who had an entry of another reason."""
    office = an_office(lead(1))
    await office.say("stop", who="omar@harbourworks1.example")
    await office.say("forget", who="@harbourworks1.example")
    assert "erased on 24 November 2026" in await letter(office, "omar@harbourworks1.example")


async def test_a_mail_whose_row_the_operator_deleted_is_told_all_the_same() -> None:
    """The ledger knows the person by a hash of the address."""
    office = await a_mailed_person()
    await office.store.erase(["ld0001"])
    told = await letter(office)
    assert "We sent you one mail:" in told
    assert "Tuesday 24 November 2026, 15:00 UTC" in told


async def test_a_mail_in_doubt_is_told_as_one() -> None:
    """Neither hidden nor claimed."""
    office = an_office(lead(1))
    await office.run("draft")
    office.mailer.lose_reply_next.append(Ambiguous("memory", "no answer"))
    await office.run("send")
    assert "whether it left is not certain yet" in await letter(office)


async def test_who_is_on_the_suppression_list_is_told_so() -> None:
    """Nothing is asked of somebody who has objected already."""
    office = await a_mailed_person()
    await office.say("stop", who=ROSA)
    assert "We will not write to you again." in await letter(office)
    assert "You may object" not in await letter(office)


async def test_a_mistyped_id_is_refused() -> None:
    """No letter to nobody."""
    assert (await refused(an_office(lead(1)), "why", who="ld9999", letter=True))[0] == 2


async def test_a_halt_is_nobodys_business() -> None:
    """What holds the next mail is inside."""
    office = await a_mailed_person()
    await office.ledger.halt(Halt(what="mail", since=office.clock.now(), until=None, why="a pause of ours"))
    assert "pause" not in await letter(office)


async def test_the_letter_is_no_word_of_the_chat() -> None:
    """/why tells the operator, with everything inside; a letter is written at a terminal."""
    asked = understood(f"/why {ROSA}", COMMANDS)
    assert isinstance(asked, Asked)
    assert asked.arguments == {"who": ROSA}
    assert isinstance(understood(f"/why {ROSA} --letter", COMMANDS), Reply)

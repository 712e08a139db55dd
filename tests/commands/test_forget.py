"""Is a person erased who asks for it, and never written to again?"""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import anyio
import pytest

from commands.saying import content, refused
from office import TUESDAY, Office, an_office, lead
from outboundd.model.decision import Change
from outboundd.model.facts import Suppressed
from outboundd.model.lead import Stage
from outboundd.model.mail import Event, EventKind
from outboundd.ports import Ambiguous, Conflict, Transient

ROSA = "rosa.diaz@harbourworks1.example"


def left_of_rosa(office: Office) -> list[str]:
    """Words of hers that the ledger or the suppression list still holds. (The company's domain stays, for its cap.)"""
    connections: list[sqlite3.Connection] = [office.ledger._db.connection, office.suppression._db.connection]
    told = "\n".join("\n".join(connection.iterdump()) for connection in connections).lower()
    return [word for word in ("rosa", "diaz", "@harbourworks1", "harbour works 1", "site manager") if word in told]


async def test_a_person_is_erased_from_store_ledger_and_mailer() -> None:
    """Row, texts, subjects and mails are gone; no name and no address is left anywhere."""
    omar = lead(2, contact="Omar Haddad", title="Owner", email="omar@harbourworks2.example")
    office = an_office(lead(1), omar)
    await office.mail_out()
    told = await office.read("forget", who=ROSA)
    assert "erased: 1 row" in told
    assert "1 mail at the mailer" in told
    assert list(office.store.rows) == ["ld0002"]
    assert [letter.to_email for _, letter in office.mailer.letters] == ["omar@harbourworks2.example"]
    assert not left_of_rosa(office)


async def test_what_a_reason_quoted_of_them_goes_too() -> None:
    """A reason may quote a cell or words typed into the trail; erased, it keeps only what we said ourselves."""
    office = an_office(lead(1))
    await office.mail_out()
    await office.store.apply({"ld0001": {"trail": "called Rosa Diaz on Monday"}})
    await office.parts.rows.fresh(["ld0001"])
    assert left_of_rosa(office)
    await office.say("forget", who=ROSA)
    assert not left_of_rosa(office)
    reasons = [told.why for told in await office.ledger.transitions("ld0001")]
    assert any(why.endswith("words written into it: …") for why in reasons)


async def test_the_others_lose_nothing() -> None:
    """A colleague's row, trail and mail stand as before."""
    office = an_office(lead(1), lead(2))
    await office.mail_out()
    before = await office.row("ld0002")
    await office.say("forget", who=ROSA)
    await office.run("reconcile")
    assert await office.row("ld0002") == before
    assert len(await office.ledger.attempts(lead="ld0002")) == 1


async def test_an_import_does_not_bring_them_back() -> None:
    """The keyed hash stays: the row of a later list is rejected."""
    office = an_office(lead(1))
    await office.say("forget", who=ROSA)
    data = await office.data("import", name="a.csv", content=content(f"Email\n{ROSA.upper()}\n"), mapping=[], source="")
    assert (data["created"], data["reasons"]) == (0, {"on the suppression list: erased on request": 1})


async def test_the_caps_still_count_the_mail_of_somebody_forgotten() -> None:
    """What left has used the hour and the day, whoever it went to."""
    office = an_office(lead(1))
    await office.mail_out()
    await office.say("forget", who=ROSA)
    assert len((await office.ledger.traffic(office.clock.now())).posts) == 1


async def test_everybody_at_a_domain_is_erased_and_the_domain_closed() -> None:
    """@domain means all rows there, and those that a later list would bring."""
    office = an_office(lead(1), lead(3, email="omar@harbourworks1.example"), lead(2))
    await office.say("forget", who="@harbourworks1.example")
    assert list(office.store.rows) == ["ld0002"]
    data = await office.data(
        "import", name="a.csv", content=content("Email\nnew@harbourworks1.example\n"), mapping=[], source=""
    )
    assert data["created"] == 0


async def test_a_mail_in_doubt_is_settled_first() -> None:
    """Only the row's address lets us ask the mailer: nothing is sent, and it says when to ask again."""
    office = an_office(lead(1))
    await office.run("draft")
    office.mailer.lose_reply_next.append(Ambiguous("memory", "no answer"))
    await office.run("send")
    code, sentence = await refused(office, "forget", who=ROSA)
    assert (code, "outboundd once reconcile, then forget again" in sentence) == (1, True)
    assert (await office.row("ld0001")).stage is Stage.DO_NOT_CONTACT
    assert len(office.mailer.letters) == 1  # what could settle the doubt is still there
    await office.run("reconcile")
    await office.say("forget", who=ROSA)
    assert not office.store.rows
    assert not left_of_rosa(office)


async def test_what_broke_off_is_completed_by_saying_it_again() -> None:
    """A mailer that is away: the person is suppressed already, and the second try erases."""
    office = an_office(lead(1))
    await office.mail_out()
    erase = office.mailer.erase

    async def away(_: object) -> int:
        raise Transient("memory", "away")

    office.mailer.erase = away  # type: ignore[method-assign]
    code, sentence = await refused(office, "forget", who=ROSA)
    assert (code, "say forget again" in sentence) == (1, True)
    assert await office.suppression.size() == (1, 0)
    office.mailer.erase = erase  # type: ignore[method-assign]
    await office.say("forget", who=ROSA)
    assert not office.store.rows
    assert not left_of_rosa(office)


async def test_somebody_without_a_row_is_erased_from_what_the_mailer_keeps() -> None:
    """The operator deleted the row long ago; the mails are still there."""
    office = an_office(lead(1))
    await office.mail_out()
    await office.store.erase(["ld0001"])
    told = await office.read("forget", who=ROSA)
    assert "erased: 0 rows" in told
    assert not office.mailer.letters
    assert not left_of_rosa(office)


async def test_research_on_their_company_goes_too() -> None:
    """It may name them; for a colleague it is asked for anew."""
    office = an_office(lead(1))
    kept = '{"text": "Rosa Diaz leads the works.", "sources": []}'
    await office.ledger.cache("research", "harbourworks1.example", kept, office.clock.now())
    told = await office.read("forget", who=ROSA)
    assert "research on 1 company" in told
    assert not left_of_rosa(office)


async def test_a_job_that_still_holds_the_lead_gives_way() -> None:
    """A lead that a job read before the person was erased is not sent, and no text of it comes back."""
    office = an_office(lead(1))
    await office.run("draft")
    (held,) = await office.parts.rows.fresh(["ld0001"])
    await office.say("forget", who=ROSA)
    with pytest.raises(Conflict):
        await office.parts.outbox.send(held)
    with pytest.raises(Conflict):
        await office.parts.recorder.record(held, Change(now=Stage.DRAFTED, why="edited", patch={"body": "Dear Rosa"}))
    assert not office.mailer.posts
    assert not left_of_rosa(office)


async def test_nobody_of_that_id_is_refused() -> None:
    """A mistyped id erases nothing."""
    assert (await refused(an_office(lead(1)), "forget", who="ld9999"))[0] == 2


async def test_what_the_mailer_tells_of_them_later_brings_no_word_back() -> None:
    """Opened after the erasure, perhaps by a ledger that knows nothing of the mail: counted, its subject not kept."""
    office = an_office(lead(1))
    await office.mail_out()
    known = office.mailer.letters[0][1].tag
    await office.say("forget", who=ROSA)
    for tag in (known, "default.ld0001.1.1"):
        opened = Event(key=f"late-{tag}", kind=EventKind.OPENED, at=TUESDAY + timedelta(hours=2), tag=tag, email=ROSA)
        office.mailer.inject(replace(opened, subject="For Rosa Diaz"))
    office.advance(hours=3)
    await office.run("reconcile")
    assert (await office.ledger.attempt("default.ld0001.1.1")).subject == ""
    assert not left_of_rosa(office)


async def test_a_reason_from_before_gives_way() -> None:
    """That somebody had unsubscribed is a word about them, too; when they were erased is what is told."""
    office = an_office(lead(1))
    await office.say("stop", who=ROSA)
    await office.say("stop", who="@harbourworks1.example")
    office.advance(days=2)
    await office.say("forget", who=ROSA)
    entry = await office.suppression.match(office.suppression.person(ROSA), [])
    assert entry == Suppressed(why="erased on request", since=office.clock.now())
    await office.say("forget", who="@harbourworks1.example")
    assert (await office.suppression.match("", ["harbourworks1.example"])).why == "erased on request"


async def test_research_that_is_just_asked_for_is_waited_for_and_goes_too() -> None:
    """What a job writes down a second later would stay."""
    office = an_office(lead(1))
    async with anyio.create_task_group() as group, office.parts.turns.of("research harbourworks1.example"):
        group.start_soon(lambda: office.say("forget", who=ROSA))
        await anyio.wait_all_tasks_blocked()
        assert office.store.rows
        kept = '{"text": "Rosa Diaz leads the works.", "sources": []}'
        await office.ledger.cache("research", "harbourworks1.example", kept, office.clock.now())
    assert not office.store.rows
    assert not left_of_rosa(office)

"""Is nobody written to again whom the operator said stop about?"""

from collections.abc import Sequence

from commands.saying import refused
from office import an_office, lead
from outboundd.model.decision import Transition
from outboundd.model.lead import Stage
from outboundd.ports import Conflict


async def test_a_person_is_stopped_in_every_row() -> None:
    """The list, and all rows of the person, whatever the spelling."""
    office = an_office(lead(1), lead(2, email="Rosa.Diaz@HARBOURWORKS1.example"), lead(3))
    await office.run("draft")
    told = await office.read("stop", who="rosa.diaz@harbourworks1.example")
    assert "this person is on the suppression list now" in told
    assert [(await office.row(row)).stage for row in ("ld0001", "ld0002")] == [Stage.DO_NOT_CONTACT] * 2
    assert (await office.row("ld0003")).stage is Stage.DRAFTED
    assert "the operator said stop" in (await office.row("ld0001")).trail


async def test_a_drafted_mail_does_not_leave_after_stop() -> None:
    """What was ready to go stays here."""
    office = an_office(lead(1))
    await office.run("draft")
    await office.say("stop", who="ld0001")
    await office.run("send")
    assert not office.mailer.posts


async def test_somebody_who_is_no_lead_is_stopped_too() -> None:
    """Said before an import, it keeps them out of it."""
    office = an_office()
    told = await office.read("stop", who="Rosa@Harbour.example")
    assert "an import of them will be rejected" in told
    assert await office.suppression.size() == (1, 0)


async def test_a_whole_domain_is_stopped_by_address_and_website_with_what_lies_below() -> None:
    """Everybody at @domain: colleagues, subdomains, and the one who writes from a mail provider."""
    office = an_office(
        lead(1),
        lead(2, email="omar@mail.harbourworks1.example", website=""),
        lead(3, email="ines@gmail.com", website="https://harbourworks1.example/team"),
        lead(4, email="x@notharbourworks1.example", website=""),
    )
    told = await office.read("stop", who="@harbourworks1.example")
    stages = [(await office.row(f"ld000{number}")).stage for number in (1, 2, 3, 4)]
    assert stages == [Stage.DO_NOT_CONTACT] * 3 + [None]
    assert "3 of 3 rows moved to do_not_contact" in told


async def test_stop_said_twice_does_no_harm() -> None:
    """The row keeps its first reason, the answer says that it had ended."""
    office = an_office(lead(1))
    await office.say("stop", who="ld0001")
    before = await office.row("ld0001")
    told = await office.read("stop", who="ld0001")
    assert "on the suppression list already" in told
    assert "1 had ended before" in told
    assert await office.row("ld0001") == before


async def test_a_job_that_writes_the_same_lead_at_the_same_moment_does_not_win() -> None:
    """The row is read again and stopped all the same."""
    office = an_office(lead(1))
    commit, tries = office.ledger.commit, []

    async def somebody_was_first(transitions: Sequence[Transition]) -> None:
        tries.append(transitions)
        if len(tries) == 1:
            raise Conflict("ld0001")
        await commit(transitions)

    office.ledger.commit = somebody_was_first  # type: ignore[method-assign]
    await office.say("stop", who="ld0001")
    assert ((await office.row("ld0001")).stage, len(tries)) == (Stage.DO_NOT_CONTACT, 2)


async def test_a_domain_of_strangers_is_refused() -> None:
    """@gmail.com or @co.uk would mean half the world; a thing without @ that is no id means nobody."""
    office = an_office()
    for wrong in ("@gmail.com", "@co.uk", "@no domain", "nobody", "a@b@c"):
        code, sentence = await refused(office, "stop", who=wrong)
        assert (code, wrong in sentence) == (2, True), sentence
    assert await office.suppression.size() == (0, 0)

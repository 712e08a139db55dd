"""Is the operator's word on one lead carried out at once, and a word that cannot be obeyed refused untouched?"""

from commands.saying import refused
from office import an_office, lead
from outboundd.model.lead import Stage
from outboundd.ports import Transient


async def test_a_word_is_obeyed_at_once_and_the_cell_left_empty() -> None:
    """The stage before and after is told, the trail names Override, nothing waits in the inbox."""
    office = an_office(lead(1))
    await office.mail_out()
    told = await office.read("override", who="rosa.diaz@harbourworks1.example", value="Replied")
    row = await office.row("ld0001")
    assert told == "replied: lead ld0001 was delivered, is now replied"
    assert (row.stage, row.override, "Override: replied" in row.trail) == (Stage.REPLIED, "", True)


async def test_an_unknown_word_is_refused_with_the_words_there_are() -> None:
    """A typing mistake never reaches the row."""
    office = an_office(lead(1))
    code, sentence = await refused(office, "override", who="ld0001", value="aprove")
    assert (code, "approve" in sentence, "not sent" in sentence) == (2, True, True)
    assert (await office.row("ld0001")).override == ""


async def test_a_word_that_cannot_be_obeyed_is_refused_with_the_reason() -> None:
    """Nothing is written, and nothing is left in the cell to be tried again every hour."""
    office = an_office(lead(1))
    await office.mail_out()
    before = await office.row("ld0001")
    code, sentence = await refused(office, "override", who="ld0001", value="recheck")
    assert (code, "already written to" in sentence) == (2, True)
    assert await office.row("ld0001") == before


async def test_not_sent_may_be_written_with_an_underscore() -> None:
    """As one types it on a command line."""
    code, sentence = await refused(an_office(lead(1)), "override", who="ld0001", value="not_sent")
    assert (code, sentence) == (2, "Override not sent: no mail of this lead is in doubt")


async def test_a_word_that_changes_nothing_says_so() -> None:
    """Approve on a lead that nobody objects to."""
    told = await an_office(lead(1)).read("override", who="ld0001", value="approve")
    assert told == "approve: nothing to change, lead ld0001 stays new"


async def test_nobody_of_that_address_is_refused() -> None:
    """A mistyped address is told, not ignored."""
    office = an_office(lead(1))
    assert await refused(office, "override", who="nobody@there.example", value="stop") == (
        2,
        "no lead has the address nobody@there.example",
    )
    assert (await refused(office, "override", who="no-at-sign", value="stop"))[0] == 2


async def test_of_two_rows_of_one_person_the_operator_names_one() -> None:
    """The word would mean another thing on each."""
    office = an_office(lead(1), lead(2, email="Rosa.Diaz@harbourworks1.example"))
    code, sentence = await refused(office, "override", who="rosa.diaz@harbourworks1.example", value="redraft")
    assert (code, "ld0001, ld0002" in sentence) == (2, True)


async def test_a_row_without_a_good_address_can_be_stopped() -> None:
    """Its person cannot be put on a list, its row can end all the same."""
    office = an_office(lead(1))
    office.store.rows["ld0001"]["Email"] = "no address"
    await office.say("override", who="ld0001", value="stop")
    assert (await office.row("ld0001")).stage is Stage.DO_NOT_CONTACT


async def test_a_store_that_is_away_is_told_and_nothing_is_half_done() -> None:
    """The word is to be said again."""
    office = an_office(lead(1))
    apply = office.store.apply

    async def away(_: object) -> None:
        raise Transient("memory", "away")

    office.store.apply = away  # type: ignore[method-assign]
    code, sentence = await refused(office, "override", who="ld0001", value="stop")
    office.store.apply = apply  # type: ignore[method-assign]
    assert (code, "say it again later" in sentence) == (1, True)
    assert (await office.row("ld0001")).stage is None

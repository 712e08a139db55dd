"""Does a list of people and domains never to write to come in, and does it end those who are leads already?"""

from commands.saying import content, file_of, refused
from office import an_office, lead
from outboundd.model.lead import Stage

LIST = "Email\ncustomer@here.example\n@competitor.example\nharbourworks2.example\nno thing\n"


async def test_a_list_of_people_and_domains_comes_in_whole() -> None:
    """Addresses and domains, bare or behind an @; what is neither is handed back with its line."""
    office = an_office()
    lines = await office.say("suppress", name="no.csv", content=content(LIST))
    data = next(line.data for line in lines if line.data)
    assert (data["addresses"], data["domains"], data["new"], data["rejected"]) == (1, 2, 3, 1)
    assert await office.suppression.size() == (1, 2)
    assert "no thing" in file_of(lines)


async def test_leads_on_the_list_end_at_once() -> None:
    """Nobody has to wait for the next look: the row says do_not_contact and why; the others go on."""
    office = an_office(lead(1), lead(2))
    await office.run("draft")
    told = await office.read("suppress", name="no.csv", content=content(LIST))
    assert "1 row moved to do_not_contact" in told
    assert (await office.row("ld0002")).stage is Stage.DO_NOT_CONTACT
    assert 'list "no.csv"' in (await office.row("ld0002")).trail
    assert (await office.row("ld0001")).stage is Stage.DRAFTED


async def test_the_same_list_again_adds_nothing() -> None:
    """Run again after an interruption, it completes and doubles nothing."""
    office = an_office(lead(2))
    await office.say("suppress", name="no.csv", content=content(LIST))
    data = await office.data("suppress", name="no.csv", content=content(LIST))
    assert (data["new"], data["known"], data["rows_ended"]) == (0, 3, 0)


async def test_a_file_that_lists_nobody_is_refused() -> None:
    """An empty file, a workbook or a list without entries is a mistake, not a list of nobody."""
    office = an_office()
    for text in ("", "PK\x03\x04 a workbook", "no entries here\n"):
        code, sentence = await refused(office, "suppress", name="no.csv", content=content(text))
        assert (code, sentence.startswith("no.csv: ")) == (2, True)


async def test_a_list_from_another_machine_is_read_too() -> None:
    """UTF-16 as spreadsheets write it."""
    office = an_office()
    await office.say("suppress", name="no.csv", content=content("customer@here.example\r\n", "utf-16"))
    assert await office.suppression.size() == (1, 0)

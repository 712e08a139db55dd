"""Does the list show who stands where and what they wait for, and nobody else?"""

import csv
import io

import pytest

from commands.saying import refused
from office import Office, an_office, lead

SICK = "=1+1\nmore"


async def some() -> Office:
    """One in review for the country, one whose bump is days away, one not looked at yet."""
    office = an_office(lead(1, country="Atlantis"), lead(2, source="webinar"))
    await office.mail_out()
    await office.run("follow_up")
    await office.run("reconcile")
    office.store.rows |= an_office(lead(3)).store.rows
    await office.parts.rows.fresh(["ld0003"])
    return office


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, {"ld0001", "ld0002", "ld0003"}),
        ({"stage": "review"}, {"ld0001"}),
        ({"stage": "Delivered"}, {"ld0002"}),
        ({"waiting": True}, {"ld0001", "ld0002"}),
        ({"source": "webinar"}, {"ld0002"}),
        ({"source": "fair", "waiting": True}, {"ld0001"}),
        ({"stage": "bounced"}, set()),
    ],
)
async def test_it_shows_those_that_are_asked_for(asked: dict[str, object], shown: set[str]) -> None:
    """Each of the three narrows."""
    assert {one["id"] for one in await (await some()).data("leads", **asked)} == shown


async def test_each_says_what_it_waits_for() -> None:
    """What a human must do, and what time will bring."""
    told = await (await some()).read("leads")
    assert 'country "Atlantis" is not known; correct Country' in told
    assert "bump is not due yet" in told
    assert told.endswith("3 leads: 1 review, 1 delivered, 1 new")


async def test_nobody_is_told_in_a_line() -> None:
    """An empty list is no error, and no silence."""
    assert await an_office().read("leads", waiting=True) == "0 leads"


async def test_a_wrong_stage_or_source_is_refused_with_those_there_are() -> None:
    """An empty list would look as if they were gone."""
    office = await some()
    code, sentence = await refused(office, "leads", stage="lost")
    assert (code, sentence.startswith("--stage lost: no such stage; give one of: new, mismatched, review")) == (2, True)
    code, sentence = await refused(office, "leads", source="Webinar")
    assert (code, sentence) == (2, "--source Webinar: no lead comes from there; give one of: fair, webinar")
    assert (await refused(an_office(), "leads", source="x"))[1].endswith("no lead names one")


async def test_the_spreadsheet_runs_nothing() -> None:
    """A company that begins like a formula is text there, on one row."""
    office = an_office(lead(1, company=SICK), lead(2))
    await office.run("draft")
    rows = list(csv.reader(io.StringIO(await office.read("leads", as_csv=True))))
    assert rows[0][:3] == ["id", "email", "contact"]
    assert {row[3] for row in rows[1:]} == {f"'{SICK}", "Harbour Works 2"}
    assert "=1+1 more" in (await office.read("leads")).split("\n")[0]


async def test_a_row_that_is_gone_is_not_listed() -> None:
    """The store is the truth."""
    office = await some()
    del office.store.rows["ld0002"]
    assert {one["id"] for one in await office.data("leads")} == {"ld0001", "ld0003"}

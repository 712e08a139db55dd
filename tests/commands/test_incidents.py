"""Can the operator see what went wrong, when it was told, and whether it is over?"""

from datetime import timedelta

import pytest

from office import TUESDAY, Office, an_office
from outboundd.commands.desk import Refusal
from outboundd.ports import Transient


async def troubled() -> Office:
    """One that is over, one that is open and not told yet."""
    office = an_office(at=TUESDAY)
    for _ in range(3):
        await office.parts.alerts.tell("away.brevo", "brevo is away: 503", "send ended early")
    office.advance(hours=2, minutes=10)
    await office.parts.alerts.over("away.brevo")
    office.operator.fail_next = [Transient("telegram", "away")]
    await office.parts.alerts.tell("vendor.openai", "openai is halted: insufficient_quota", "")
    return office


async def test_they_are_listed_newest_first_with_what_to_do_about_those_that_are_open() -> None:
    """Number, title, when, how often, told when, over after how long."""
    office = await troubled()
    told = await office.read("incidents")
    assert told.splitlines() == [
        "#2    openai is halted: insufficient_quota: open",
        "      Tue 2026-11-24 12:10 UTC, 1 time, not told yet",
        "      Settle it at openai, then: outboundd resume openai. Nothing is to be done where it goes on by",
        "      itself.",
        "#1    brevo is away: 503: over after 2 h 10 min",
        "      Tue 2026-11-24 10:00 UTC, 3 times, told Tue 2026-11-24 10:00 UTC",
    ]


async def test_only_what_is_open_is_listed_where_that_is_asked() -> None:
    """And that nothing is, where nothing is."""
    office = await troubled()
    assert "brevo" not in await office.read("incidents", open_only=True)
    assert [one["number"] for one in await office.data("incidents", open_only=True)] == [2]
    fresh = an_office()
    assert await fresh.read("incidents", open_only=True) == "Nothing is wrong."
    assert await fresh.read("incidents") == "Nothing went wrong so far."


async def test_the_rule_that_now_prevents_it_is_kept_with_an_incident() -> None:
    """Shown with it from then on, on one line; said again, the last one stays."""
    office = await troubled()
    await office.say("note", number=1, text="first thought")
    told = await office.read("note", number=1, text=" waits longer,\n and asks  once ")
    assert told == "#1    noted. Now prevented by: waits longer, and asks once"
    assert "      now prevented by: waits longer, and asks once" in await office.read("incidents")
    assert [one["note"] for one in await office.data("incidents")] == ["", "waits longer, and asks once"]


@pytest.mark.parametrize(
    ("number", "text", "sentence"),
    [(9, "a rule", "9: there is no such incident"), (1, " \n", "of 0 characters"), (1, "x" * 501, "of 501 characters")],
)
async def test_a_note_that_cannot_be_kept_is_refused(number: int, text: str, sentence: str) -> None:
    """Without the incident, without words, with too many of them."""
    office = await troubled()
    with pytest.raises(Refusal, match=sentence):
        await office.say("note", number=number, text=text)
    assert [one["note"] for one in await office.data("incidents")] == ["", ""]


async def test_the_value_holds_every_instant() -> None:
    """For other programs: stable keys, ISO 8601."""
    office = await troubled()
    _, first = await office.data("incidents")
    assert first == {
        "number": 1,
        "what": "away.brevo",
        "title": "brevo is away: 503",
        "text": "send ended early",
        "opened": TUESDAY.isoformat(),
        "told": TUESDAY.isoformat(),
        "last": TUESDAY.isoformat(),
        "closed": (TUESDAY + timedelta(hours=2, minutes=10)).isoformat(),
        "times": 3,
        "note": "",
    }


async def test_a_long_list_is_cut_for_a_human_and_whole_for_a_program() -> None:
    """Thirty are enough to read."""
    office = an_office()
    for number in range(33):
        await office.ledger.open_incident(f"extra.{number}", "A step left twice", "", TUESDAY)
    told = await office.read("incidents")
    assert told.splitlines()[-1] == "and 3 before; all of them: outboundd incidents --json"
    assert len(await office.data("incidents")) == 33

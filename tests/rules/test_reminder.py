"""Is the operator reminded of what is off, once a day, and of nothing else?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from outboundd.model.facts import Halt
from outboundd.model.settings import Campaign, Sender
from outboundd.rules import reminder
from outboundd.rules.reminder import Stock

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
CAMPAIGN = Campaign(sender=Sender(name="Ada Park", email="ada@mail.acme.example"))
DAY = timedelta(days=1)
STOCK = Stock(drafts=212, follow_ups_due=12, per_hour=60, of_source={"Fair 2026": 40})


def off(what: str, *, why: str = "401", hours: int = 24, until: datetime | None = None) -> Halt:
    """Something switched off so long ago."""
    return Halt(what=what, since=NOW - timedelta(hours=hours), until=until, why=why)


@pytest.mark.parametrize(
    ("hour", "timezone", "last", "due"),
    [
        (7, "UTC", "2026-11-23", ""),
        (8, "UTC", "2026-11-23", "2026-11-24"),
        (8, "UTC", "", "2026-11-24"),
        (20, "UTC", "2026-11-24", ""),
        (12, "America/New_York", "", ""),
        (13, "America/New_York", "", "2026-11-24"),
    ],
)
def test_it_is_due_once_a_day_from_the_digests_hour_on(hour: int, timezone: str, last: str, due: str) -> None:
    """On the operator's clock."""
    assert reminder.due(NOW.replace(hour=hour), replace(CAMPAIGN, timezone=timezone), last) == due


@pytest.mark.parametrize(
    ("halt", "told"),
    [
        (off("brevo"), True),
        (off("brevo", hours=11), False),
        (off("mail", why="paused by the operator"), True),
        (off("mail", why="paused by the operator until 2026-12-01", until=NOW + 7 * DAY), False),
        (off("airtable", why="the month is used up", until=NOW + 7 * DAY), True),
    ],
)
def test_what_was_told_just_now_and_a_pause_with_an_end_are_left_alone(halt: Halt, told: bool) -> None:
    """The operator knows of both."""
    assert bool(reminder.worth_it([halt], NOW)) is told


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("mail", "no mail leaves; 212 drafts wait, follow-ups due: 12, and drafts are written on"),
        ("mailer", "no mail leaves"),
        ("writer", "no first mail is written; 212 drafts left = 4 hours at 60 an hour; follow-ups due: 12"),
        ("store", "nothing is drafted or sent"),
        ("source:Fair 2026", "its 40 leads are held"),
        ("source:Other", "its 0 leads are held"),
        ("digest", "no digest is written"),
        ("anything", "the rest goes on"),
    ],
)
def test_it_says_what_goes_on_meanwhile(part: str, told: str) -> None:
    """In numbers, where there are any."""
    assert told in reminder.meanwhile(part, STOCK)


def test_one_draft_is_one_hour() -> None:
    """Words agree with their numbers."""
    told = reminder.meanwhile("draft", Stock(drafts=1, per_hour=60))
    assert "1 draft left = 1 hour at 60 an hour" in told


def test_one_message_tells_of_all_that_is_off_with_a_button_for_each() -> None:
    """Since when, why, how it ends; the name of a source is a cell of a row and is left out."""
    halts = [off("openai", why='quota, says "no"'), off("mail", why="a new state directory"), off("source:Fair 2026")]
    halts.append(off("airtable", until=NOW + DAY))
    words = reminder.words(halts, {"openai": "writer", "airtable": "store"}, STOCK, NOW)
    assert words.title == 'Still off: openai, mail to leads, source:"…", airtable'
    first, second, third, fourth = words.text.splitlines()
    assert first == (
        'openai: off since 2026-11-23 08:00 UTC (1 day): quota, says "…"; it does not end by itself. '
        "Meanwhile no first mail is written; 212 drafts left = 4 hours at 60 an hour; follow-ups due: 12. "
        "To go on: outboundd resume openai"
    )
    assert second.endswith("To go on: outboundd resume")
    assert "Fair" not in third
    assert "it goes on by itself at 2026-11-25 08:00 UTC" in fourth
    assert words.choices == (
        ("Resume openai", "resume openai"),
        ("Resume mail", "resume mail"),
        ("Resume airtable", "resume airtable"),
        ("Jobs", "jobs"),
    )

"""`systemctl status` says in one line what an operator wants to know first."""

from datetime import UTC, datetime, timedelta
from typing import Any

from outboundd.model.facts import Halt
from outboundd.rules.status_line import status_line

NOW = datetime(2026, 11, 24, 14, 31, tzinfo=UTC)


def line(**how: Any) -> str:
    """The line of a good day, but for what is given."""
    given = {"posted": 212, "cap": 500, "held": 14, "next_send": NOW + timedelta(minutes=9), "halts": (), "now": NOW}
    return status_line(**{**given, **how})


def halt(what: str, since: datetime, until: datetime | None = None) -> Halt:
    """Something switched off for a reason that quotes."""
    return Halt(what=what, since=since, until=until, why='"the vendor\'s own words"')


def test_a_good_day_says_how_much_of_the_cap_is_used_who_waits_and_when_the_next_look_is() -> None:
    """All that is usual, in one breath."""
    assert line() == "212 of 500 mails in 24 h, 14 held; next send 14:40 UTC"


def test_what_is_halted_is_said_with_its_hour_and_never_with_its_reason() -> None:
    """A reason may quote; here it is enough to know that something is off."""
    halts = (halt("openai", NOW.replace(hour=9, minute=12)), halt("mail", NOW.replace(hour=10, minute=0)))
    assert line(held=0, halts=halts) == (
        "212 of 500 mails in 24 h; next send 14:40 UTC; "
        "openai halted since 09:12 UTC; mail to leads paused since 10:00 UTC"
    )


def test_another_days_instant_carries_its_date() -> None:
    """An hour alone would be read as today's."""
    halts = (halt("airtable", NOW - timedelta(days=3), NOW + timedelta(days=6)),)
    assert line(posted=0, held=0, next_send=None, halts=halts) == (
        "0 of 500 mails in 24 h; airtable halted since 2026-11-21 14:31 UTC until 2026-11-30 14:31 UTC"
    )

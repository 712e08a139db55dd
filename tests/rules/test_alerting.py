"""Does each alert say what it means, what is off and what to do, and is the operator's table the same?"""

import ast
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from outboundd.model.incident import Incident
from outboundd.rules import alerting

ROOT = Path(__file__).parents[2]
SILENCE = ast.parse((ROOT / "src/outboundd/rules/silence.py").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
INCIDENT = Incident(
    number=3, what="vendor.brevo", title="brevo is halted: 401", text='it said "no"', opened=NOW, last_at=NOW
)
HOUR = timedelta(hours=1)


def beginning(cause: ast.expr, module: ast.Module) -> str:
    """How a cause begins, as far as the source says it: a name stands for what is assigned to it."""
    if isinstance(cause, ast.Constant):
        return str(cause.value)
    if isinstance(cause, ast.JoinedStr):
        return beginning(cause.values[0], module) + "." * (len(cause.values) > 1)
    if isinstance(cause, ast.FormattedValue):
        return beginning(cause.value, module)
    name = cause.attr if isinstance(cause, ast.Attribute) else ast.unparse(cause)
    for node in ast.walk(SILENCE if isinstance(cause, ast.Attribute) else module):
        if isinstance(node, ast.Assign) and name in map(ast.unparse, node.targets):
            return beginning(node.value, module)
    return name


def causes() -> set[str]:
    """How every cause begins that is told anywhere in the program."""
    modules = [ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "src/outboundd").rglob("*.py")]
    return {
        beginning(node.args[0], module)
        for module in modules
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and re.search(r"\balerts\.tell(_outside_a_run)?$", ast.unparse(node.func).replace("_alerts", "alerts"))
    }


def test_every_cause_that_is_told_has_a_kind() -> None:
    """No alert without a remedy."""
    found = causes()
    assert len(found) > 10
    assert {cause for cause in found if not alerting.kind_of(cause).cause} == set()
    assert alerting.kind_of("of no kind").cause == ""


def test_every_kind_is_told_of_by_something() -> None:
    """No row in the operator's book for what cannot happen."""
    own_ways = {"ledger.unwritable"}  # no incident can be opened for it
    told = {alerting.kind_of(cause).cause for cause in causes()} | own_ways | {"chat.broken"}
    assert {kind.cause for kind in alerting.KINDS} == told


def test_a_cause_without_a_kind_is_told_all_the_same() -> None:
    """It points to the log."""
    words = alerting.alarm(replace(INCIDENT, what="new.thing"), NOW, "UTC")
    assert "log" in words.text


@pytest.mark.parametrize("kind", alerting.KINDS, ids=lambda kind: kind.cause)
def test_every_kind_has_an_end(kind: alerting.Kind) -> None:
    """Something of the program ends it, or it fades: no incident stays open for ever."""
    ended = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "src/outboundd").rglob("*.py"))
    ends = {
        "vendor": 'f"vendor.{',
        "guard": 'what, f"vendor.{what}", f"halt.{what}", f"{what}.warned"',
        "guard.warned": 'over("guard.warned")',
        "pool": 'what, f"vendor.{what}", f"halt.{what}"',
        "halt": 'f"halt.{what}"',
        "clock": 'over("clock")',
        "ledger.behind": 'over("ledger.behind")',
        "ledger.unwritable": "over(missed.what)",
        "away": 'over(f"{AWAY}.{away}")',
        "job": 'startswith(f"job.{job.name}.")',
        "row": 'startswith(f"{REFUSED}.")',
        "model.retires": 'startswith(f"{CAUSE}.")',
        "silence": "silence.is_heard(",
    }
    assert kind.fades or ends[kind.cause] in ended


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        ("vendor.brevo", "vendor"),
        ("guard", "guard"),
        ("guard.warned", "guard.warned"),
        ("guards", ""),
        ("chat.conflict", "chat"),
        ("chat.broken", "chat.broken"),
        ("job.draft.no answer", "job"),
        ("model.retires.2027-01-25.30", "model.retires"),
        ("ledger.behind", "ledger.behind"),
    ],
)
def test_the_longest_beginning_tells_the_kind(cause: str, kind: str) -> None:
    """A complaint is not a paused guard."""
    assert alerting.kind_of(cause).cause == kind


def test_an_alarm_says_what_happened_what_is_off_and_what_to_do() -> None:
    """Told at once it needs no time; what was quoted of a vendor is left out."""
    words = alerting.alarm(INCIDENT, NOW, "UTC")
    assert words.title == "brevo is halted: 401"
    assert words.text.splitlines() == [
        'it said "…".',
        "Every job that needs brevo is off, also after a restart; the others go on.",
        "Settle it at brevo, then: outboundd resume brevo. Nothing is to be done where it goes on by itself.",
    ]
    assert words.choices == (("Resume brevo", "resume brevo"), ("Jobs", "jobs"), ("Incidents", "incidents"))


def test_where_nothing_can_be_resumed_no_button_offers_it() -> None:
    """A thumb is not offered what would be refused."""
    words = alerting.alarm(replace(INCIDENT, what="away.brevo", text=""), NOW, "UTC")
    assert words.choices == (("Jobs", "jobs"), ("Incidents", "incidents"))
    assert words.text.startswith("A run that needs brevo ends early")


def test_an_alarm_told_late_says_when_it_was_on_the_operators_clock() -> None:
    """And how often it has struck by now."""
    words = alerting.alarm(replace(INCIDENT, times=14), NOW + HOUR, "Europe/Berlin")
    assert "Noticed Tue 24 Nov 11:00, 14 times by now." in words.text


def test_one_that_is_over_when_it_is_told_is_no_alarm() -> None:
    """From when, how long, and that it is over; nothing to do."""
    words = alerting.alarm(replace(INCIDENT, times=2, closed=NOW + 2 * HOUR), NOW + 9 * HOUR, "UTC")
    assert words.title == "brevo is halted: 401 (over)"
    assert words.text.splitlines() == ['it said "…".', "From Tue 24 Nov 10:00, 2 h, 2 times. It is over."]
    assert words.choices == (("Incidents", "incidents"),)


@pytest.mark.parametrize(
    ("cause", "title"),
    [
        ("vendor.brevo", "brevo is on again"),
        ("away.brevo", "brevo answers again"),
        ("job.send.deadline", "send runs through again"),
        ("silence.send", "Over: brevo is halted: 401"),
    ],
)
def test_a_recovery_says_what_is_well_again_and_what_it_was(cause: str, title: str) -> None:
    """With how long it took and how often it struck."""
    ended = replace(INCIDENT, what=cause, times=14, closed=NOW + timedelta(hours=2, minutes=10))
    words = alerting.recovery(ended, "UTC")
    assert (words.title, words.text) == (title, "It lasted 2 h 10 min, until Tue 24 Nov 12:10, and struck 14 times.")


@pytest.mark.parametrize(
    ("cause", "minutes", "told", "returns"),
    [
        ("away.brevo", 59, True, True),
        ("away.brevo", 60, True, False),
        ("away.brevo", 59, False, False),
        ("silence.send", 0, True, False),
        ("config.refused.1", 0, True, False),
    ],
)
def test_the_end_of_what_comes_and_goes_is_believed_after_an_hour(
    cause: str, minutes: int, told: bool, returns: bool
) -> None:
    """What was never told is told whole as soon as it can be; what somebody ended themselves is over at once."""
    ended = replace(INCIDENT, what=cause, closed=NOW, told_at=NOW if told else None)
    now = NOW + timedelta(minutes=minutes)
    assert alerting.may_return(ended, now) is returns
    assert not alerting.may_return(replace(ended, closed=None), now)
    assert (alerting.returns_since(cause, now) < now) is (cause == "away.brevo")


@pytest.mark.parametrize(
    ("time", "told"),
    [
        (timedelta(seconds=20), "less than a minute"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(hours=2, minutes=10, seconds=50), "2 h 10 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=1, hours=4, minutes=5), "1 day 4 h"),
        (timedelta(days=12, minutes=5), "12 days 5 min"),
        (timedelta(hours=-1), "less than a minute"),
    ],
)
def test_how_long_is_told_in_two_units(time: timedelta, told: str) -> None:
    """Nobody reads seconds of days; a clock that was put back makes no negative hours."""
    assert alerting.lasted(time) == told


@pytest.mark.parametrize(
    ("cause", "hours", "faded"),
    [("broken.KeyError", 24, True), ("broken.KeyError", 23, False), ("vendor.brevo", 900, False)],
)
def test_what_nothing_else_ends_fades_a_day_after_its_last_strike(cause: str, hours: int, faded: bool) -> None:
    """A halt never does."""
    assert alerting.has_faded(replace(INCIDENT, what=cause), NOW + hours * HOUR) is faded


def test_the_table_of_the_operators_book_is_made_from_the_kinds() -> None:
    """`docs/OPERATING.md` holds exactly what `alerting.table` draws."""
    assert alerting.table() in (ROOT / "docs" / "OPERATING.md").read_text(encoding="utf-8")


def test_what_is_urgent_is_a_halt_a_mail_too_many_or_a_program_in_trouble() -> None:
    """Everything else waits for the morning."""
    urgent = {kind.cause for kind in alerting.KINDS if kind.urgent}
    halts = {"vendor", "guard", "pool", "halt"}
    assert urgent == halts | {"extra", "clock", "ledger.behind", "ledger.unwritable", "config"}

"""Are a machine's opens and clicks told from a person's, as far as they can be?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.model.mail import Event, EventKind
from outboundd.rules.machines import machine_only

ARRIVED = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
OPENED, CLICKED = EventKind.OPENED, EventKind.CLICKED


def event(kind: EventKind, after_s: float, *, by_machine: bool = False) -> Event:
    """Something that happened so long after the mail arrived."""
    at = ARRIVED + timedelta(seconds=after_s)
    return Event(key=f"{kind} {after_s}", kind=kind, at=at, by_machine=by_machine)


DELIVERED = event(EventKind.DELIVERED, 0)


@pytest.mark.parametrize(
    ("events", "of_machines"),
    [
        ([], set()),
        ([event(OPENED, 60)], set()),
        ([event(OPENED, 10)], {OPENED}),
        ([event(OPENED, 10.1)], set()),
        ([event(OPENED, -2)], {OPENED}),  # dated before the delivery: fetched while it was taken in
        ([event(OPENED, 3), event(OPENED, 3600)], set()),  # a person may have opened what a scanner had opened before
        ([event(OPENED, 3600, by_machine=True)], {OPENED}),
        ([event(OPENED, 3600, by_machine=True), event(OPENED, 4000)], set()),
        ([event(OPENED, 60), event(CLICKED, 4)], {CLICKED}),
        ([event(CLICKED, 300), event(CLICKED, 300.5)], set()),  # a double click
        ([event(CLICKED, 300), event(CLICKED, 301), event(CLICKED, 303)], {CLICKED}),
        ([event(CLICKED, 300), event(CLICKED, 301), event(CLICKED, 303.1)], set()),
        ([event(OPENED, 299), event(CLICKED, 300), event(CLICKED, 301), event(CLICKED, 302)], {OPENED, CLICKED}),
        ([event(OPENED, 200), event(CLICKED, 300), event(CLICKED, 301), event(CLICKED, 302)], {CLICKED}),
    ],
)
def test_what_only_machines_did_is_told_apart(events: list[Event], of_machines: set[EventKind]) -> None:
    """By its haste, by many clicks at once, and by the mailer's own word; one act of a person is enough."""
    assert machine_only([DELIVERED, *events]) == of_machines


def test_without_the_delivery_the_clicks_and_the_mailers_word_still_tell() -> None:
    """Its event may come late; haste cannot be told meanwhile."""
    assert machine_only([event(OPENED, 1)]) == set()
    assert machine_only([event(OPENED, 1, by_machine=True)]) == {OPENED}
    assert machine_only([event(CLICKED, n) for n in range(3)]) == {CLICKED}


@given(st.permutations([DELIVERED, *(event(CLICKED, 300 + n) for n in range(3)), event(OPENED, 298), event(OPENED, 5)]))
def test_the_order_in_which_events_come_does_not_matter(events: list[Event]) -> None:
    """Pages come in any order."""
    assert machine_only(events) == {OPENED, CLICKED}

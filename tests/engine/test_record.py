"""Does every conclusion become durable once, and does the store learn of it, whole and in order?"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import pytest

from office import TUESDAY, Office, an_office, lead
from outboundd.model.decision import Change
from outboundd.model.lead import Lead, Stage, Value
from outboundd.ports import Broken, Conflict, Exhausted, Refused, Transient

Patches = list[Mapping[str, Mapping[str, Value]]]
MONTH = timedelta(days=30)
LINE = Change(now=Stage.NEW, why="a line")


async def an_office_that_has_seen(*numbers: int) -> Office:
    """An office whose leads are new and known."""
    office = an_office(*(lead(number) for number in numbers))
    await office.parts.rows.feed()
    return office


async def fresh(office: Office, row: str = "ld0001") -> Lead:
    """The lead as a job reads it."""
    (found,) = await office.parts.rows.fresh([row])
    return found


def watched(office: Office, meanwhile: Callable[[], Awaitable[object]] | None = None) -> Patches:
    """All patches that the store is given; `meanwhile` happens while the first one is under way."""
    patches: Patches = []
    apply = office.store.apply

    async def watch(asked: Mapping[str, Mapping[str, Value]]) -> None:
        patches.append(asked)
        if meanwhile is not None and len(patches) == 1:
            await meanwhile()
        await apply(asked)

    office.store.apply = watch  # type: ignore[method-assign]
    return patches


async def verify(office: Office, *rows: str) -> None:
    """These leads are verified, in the ledger."""
    for row in rows:
        await office.parts.recorder.record(await fresh(office, row), Change(now=Stage.VERIFIED, why="tier 1"))


async def test_of_two_writers_of_one_lead_the_second_must_read_and_decide_again() -> None:
    """The ledger is the compare-and-set: what was decided on an older version is not recorded."""
    office = await an_office_that_has_seen(1)
    one = await fresh(office)
    await office.parts.recorder.record(one, Change(now=Stage.VERIFIED, why="tier 1"))
    with pytest.raises(Conflict):
        await office.parts.recorder.record(one, Change(now=Stage.MISMATCHED, why="tier 1"))
    assert [entry.now for entry in await office.ledger.transitions("ld0001")] == [Stage.VERIFIED]


async def test_fields_and_trail_arrive_in_one_patch() -> None:
    """The row never shows a stage without its line, nor a line without its stage."""
    office = await an_office_that_has_seen(1)
    patches = watched(office)
    await verify(office, "ld0001")
    assert await office.parts.recorder.push()
    ((patch,),) = [list(asked.values()) for asked in patches]
    assert patch["stage"] == "verified"
    assert "new → verified: tier 1" in str(patch["trail"])
    assert await office.ledger.unpushed() == []


async def test_a_row_that_is_gone_keeps_no_other_row_waiting() -> None:
    """A refused batch is repeated row by row; what cannot be shown waits in the ledger."""
    office = await an_office_that_has_seen(1, 2, 3)
    await verify(office, "ld0001", "ld0002", "ld0003")
    del office.store.rows["ld0002"]
    assert not await office.parts.recorder.push()
    assert (await office.row("ld0001")).stage is Stage.VERIFIED
    assert (await office.row("ld0003")).stage is Stage.VERIFIED
    assert [entry.lead for entry in await office.ledger.unpushed()] == ["ld0002"]
    assert await office.ledger.seen("ld0002") is None


async def test_what_an_outage_keeps_back_is_shown_when_the_store_is_there_again() -> None:
    """Nothing is lost and nothing is decided twice while the store is away."""
    office = await an_office_that_has_seen(1)
    await verify(office, "ld0001")
    office.store.fail_next = [Transient("memory", "503")]
    assert not await office.parts.recorder.push()
    assert (await office.row("ld0001")).stage is None
    assert (await fresh(office)).stands is Stage.VERIFIED
    assert await office.parts.recorder.push()
    assert (await office.row("ld0001")).stage is Stage.VERIFIED


async def test_a_store_whose_quota_is_gone_is_halted_by_the_first_push_that_hears_of_it() -> None:
    """Off at once and told once; what was concluded waits in the ledger and is shown after `resume`."""
    office = await an_office_that_has_seen(*range(1, 13))
    await verify(office, *(f"ld{number:04}" for number in range(1, 13)))
    patches = watched(office)
    for _ in range(2):
        office.store.fail_next = [Exhausted("memory", "PUBLIC_API_BILLING_LIMIT_EXCEEDED", until=TUESDAY + MONTH)]
        assert not await office.parts.recorder.push()
    assert len(patches) == 2
    (halt,) = await office.ledger.halts(office.clock.now())
    assert (halt.what, halt.until) == ("memory", TUESDAY + MONTH)
    title = "memory is halted: PUBLIC_API_BILLING_LIMIT_EXCEEDED"
    assert [alert.title for alert in office.operator.alerts] == [title]
    assert await office.parts.recorder.push()
    assert (await office.row("ld0012")).stage is Stage.VERIFIED


async def test_an_outage_while_refused_rows_are_tried_alone_ends_the_push() -> None:
    """What was written before it is known to be shown; the rest waits."""
    office = await an_office_that_has_seen(1, 2, 3)
    await verify(office, "ld0001", "ld0002", "ld0003")
    apply, calls = office.store.apply, [0]

    async def flicker(patches: Mapping[str, Mapping[str, Value]]) -> None:
        calls[0] += 1
        if calls[0] == 1:
            raise Refused("memory", "bad value")
        if calls[0] > 2:
            raise Transient("memory", "503")
        await apply(patches)

    office.store.apply = flicker  # type: ignore[method-assign]
    assert not await office.parts.recorder.push()
    assert calls == [3]
    assert [entry.lead for entry in await office.ledger.unpushed()] == ["ld0002", "ld0003"]


async def test_rows_that_are_refused_together_only_are_all_shown() -> None:
    """Nobody is at fault alone: nothing waits, and no row is looked for."""
    office = await an_office_that_has_seen(1, 2)
    await verify(office, "ld0001", "ld0002")
    office.store.fail_next = [Refused("memory", "too large")]
    assert await office.parts.recorder.push()
    assert await office.ledger.unpushed() == []


async def test_a_refused_row_is_not_taken_for_gone_while_the_store_is_away() -> None:
    """Only a read that was answered says what is gone."""
    office = await an_office_that_has_seen(1)
    await verify(office, "ld0001")
    office.store.fail_next = [*[Refused("memory", "bad value")] * 2, Transient("memory", "503")]
    assert not await office.parts.recorder.push()
    assert await office.ledger.seen("ld0001") is not None
    assert await office.parts.recorder.push()


async def test_our_own_bug_in_one_batch_keeps_no_other_waiting() -> None:
    """A broken contract is no outage: the rows after it are shown."""
    office = await an_office_that_has_seen(*range(1, 13))
    await verify(office, *(f"ld{number:04}" for number in range(1, 13)))
    office.store.fail_next = [Broken("memory", "no such column")]
    assert not await office.parts.recorder.push()
    assert (await office.row("ld0012")).stage is Stage.VERIFIED


async def test_only_the_leads_asked_for_are_shown() -> None:
    """What is pushed at once for one lead leaves the others gathering."""
    office = await an_office_that_has_seen(1, 2)
    await verify(office, "ld0001", "ld0002")
    await office.parts.recorder.push(["ld0002"])
    assert [entry.lead for entry in await office.ledger.unpushed()] == ["ld0001"]


async def test_at_most_ten_rows_go_into_one_patch() -> None:
    """More than the store takes at once are shown in several."""
    office = await an_office_that_has_seen(*range(1, 13))
    patches = watched(office)
    await verify(office, *(f"ld{number:04}" for number in range(1, 13)))
    assert await office.parts.recorder.push()
    assert [len(asked) for asked in patches] == [10, 2]


async def test_what_is_recorded_while_the_store_is_written_is_shown_by_the_next_push_with_its_fields() -> None:
    """The trail of a patch never names what its fields do not show: a row read in between is not taken for edited."""
    office = await an_office_that_has_seen(*range(1, 12))
    await verify(office, *(f"ld{number:04}" for number in range(1, 12)))

    async def meanwhile() -> None:
        one = await fresh(office, "ld0011")
        await office.parts.recorder.record(one, Change(now=Stage.REVIEW, why="a human must look"))

    watched(office, meanwhile)
    await office.parts.recorder.push()
    row = await office.row("ld0011")
    assert (row.stage, "a human must look" in row.trail) == (Stage.VERIFIED, False)
    assert (await fresh(office, "ld0011")).stands is Stage.REVIEW
    await office.parts.recorder.push()
    row = await office.row("ld0011")
    assert (row.stage, "a human must look" in row.trail) == (Stage.REVIEW, True)
    assert len(await office.ledger.transitions("ld0011")) == 2


async def test_a_refusal_without_any_row_at_fault_keeps_all_of_them_waiting() -> None:
    """A batch that the store refuses, and then each row of it, is tried again later."""
    office = await an_office_that_has_seen(1)
    await verify(office, "ld0001")
    office.store.fail_next = [Refused("memory", "bad value"), Transient("memory", "503")]
    assert not await office.parts.recorder.push()
    assert [entry.lead for entry in await office.ledger.unpushed()] == ["ld0001"]


async def test_an_illegal_move_is_our_bug_and_is_not_recorded() -> None:
    """Only the moves of the table ever occur."""
    office = await an_office_that_has_seen(1)
    with pytest.raises(Broken):
        await office.parts.recorder.record(await fresh(office), Change(now=Stage.DELIVERED, why="no"))
    assert await office.ledger.transitions("ld0001") == []


async def test_whoever_leaves_for_good_is_on_the_suppression_list_before_the_stage_says_so() -> None:
    """Other rows of the person follow; a kill in between leaves the stop, not the hole."""
    office = await an_office_that_has_seen(1)
    one = await fresh(office)
    person = office.parts.fact_book.person(one)
    commit = office.ledger.commit
    listed: list[bool] = []

    async def look(transitions: object) -> None:
        listed.append(await office.suppression.match(person, ()) is not None)
        await commit(transitions)  # type: ignore[arg-type]

    office.ledger.commit = look  # type: ignore[method-assign]
    await office.parts.recorder.record(one, Change(now=Stage.DO_NOT_CONTACT, why="Override: stop"))
    assert listed == [True]


async def test_a_row_without_an_address_can_be_stopped_too() -> None:
    """Nobody who could be written to stands behind it, so nobody is put on the list."""
    office = an_office(lead(1, email="", key="x"))
    await office.parts.rows.feed()
    await office.parts.recorder.record(await fresh(office), Change(now=Stage.DO_NOT_CONTACT, why="Override: stop"))
    assert await office.suppression.size() == (0, 0)


async def test_a_mere_line_changes_no_stage_and_is_told_to_nobody_as_a_move() -> None:
    """A line in the trail leaves what the row waits for as it is."""
    office = await an_office_that_has_seen(1)
    patches = watched(office)
    await office.parts.recorder.record(await fresh(office), LINE)
    await office.parts.recorder.push()
    (patch,) = patches[0].values()
    assert set(patch) == {"stage", "trail"}


async def test_a_halt_that_lifts_itself_says_when_and_the_next_one_is_told_again() -> None:
    """No hand is needed: the alert does not ask for one. The month after is another cause."""
    office = await an_office_that_has_seen(1)
    for _ in range(2):
        await verify_or_look(office)
        office.store.fail_next = [Exhausted("memory", "month used up", until=office.clock.now() + MONTH)]
        assert not await office.parts.recorder.push()
        office.advance(days=31)
    first, second = [alert.text for alert in office.operator.alerts]
    assert first.splitlines()[0] == "It goes on by itself at 2026-12-24 10:00 UTC."
    assert second.splitlines()[0] == "It goes on by itself at 2027-01-24 10:00 UTC."


async def verify_or_look(office: Office) -> None:
    """Something new that the store has to show."""
    now = Stage.REVIEW if (await fresh(office)).stands is Stage.VERIFIED else Stage.VERIFIED
    await office.parts.recorder.record(await fresh(office), Change(now=now, why="news"))

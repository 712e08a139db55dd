"""What do the rows say right now, and what did somebody do to them by hand?"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from office import SETTINGS, TUESDAY, Office, an_office, lead
from outboundd.adapters.ledger import SqliteLedger
from outboundd.engine.rows import Rows
from outboundd.model.decision import Change, Hold, HoldKind, Stop
from outboundd.model.lead import Lead, Stage, Value
from outboundd.model.mail import AttemptState
from outboundd.ports import Ambiguous, Conflict, Transient

FIRST = "default.ld0001.0.1"


async def drafted(*numbers: int) -> Office:
    """An office with leads whose first mails are drafted."""
    office = an_office(*(lead(number) for number in numbers or (1,)))
    await office.run("draft")
    return office


async def fresh(office: Office, row: str = "ld0001") -> Lead:
    """The lead as a job reads it."""
    (found,) = await office.parts.rows.fresh([row])
    return found


def restarted(office: Office) -> Rows:
    """The reading side of a new process over the same files."""
    parts = office.parts
    return Rows(
        store=office.store,
        ledger=office.ledger,
        fact_book=parts.fact_book,
        recorder=parts.recorder,
        patches=parts.rows._patches,
        alerts=parts.alerts,
        clock=office.clock,
        log=parts.log,
        settings=parts.settings,
        settle_s=office.mailer.settle_s,
    )


def patches_of(office: Office) -> list[Mapping[str, Mapping[str, Value]]]:
    """All patches that the store is given from now on."""
    patches: list[Mapping[str, Mapping[str, Value]]] = []
    apply = office.store.apply

    async def watch(asked: Mapping[str, Mapping[str, Value]]) -> None:
        patches.append(asked)
        await apply(asked)

    office.store.apply = watch  # type: ignore[method-assign]
    return patches


def put(office: Office, column: str, value: str, row: str = "ld0001") -> None:
    """Somebody types into a cell."""
    office.store.rows[row][column] = value


async def test_a_word_in_override_is_obeyed_told_and_taken_out_of_the_cell() -> None:
    """The operator's word is carried out once, with its line in the trail."""
    office = await drafted()
    put(office, "Override", "Stop")
    await office.parts.rows.feed(anew=True)
    row = await office.row("ld0001")
    assert (row.stage, row.override) == (Stage.DO_NOT_CONTACT, "")
    assert "Override: stop" in row.trail


async def test_a_word_without_meaning_stays_and_is_answered_once() -> None:
    """What cannot be obeyed is explained in Waiting for, and not written again and again."""
    office = await drafted()
    put(office, "Override", "sned")
    patches = patches_of(office)
    for _ in range(3):
        await office.parts.rows.feed(anew=True)
    row = await office.row("ld0001")
    assert row.override == "sned"
    assert "is no word of ours" in row.waiting_for
    assert len(patches) == 1


async def test_a_word_on_a_mail_in_doubt_does_not_wait_for_a_later_doubt() -> None:
    """Said while nothing is in doubt it is answered and taken out, or it would settle another mail, unseen."""
    office = await drafted()
    put(office, "Override", "not sent")
    await office.parts.rows.feed(anew=True)
    row = await office.row("ld0001")
    assert (row.override, row.stage) == ("", Stage.DRAFTED)
    assert "no mail of this lead is in doubt" in row.waiting_for


async def test_a_word_with_nothing_left_to_do_is_taken_out() -> None:
    """A word that was obeyed before a kill does no harm a second time."""
    office = await drafted()
    put(office, "Override", "approve")
    await office.parts.rows.feed(anew=True)
    assert (await office.row("ld0001")).override == ""
    assert (await fresh(office)).stands is Stage.DRAFTED


@pytest.mark.parametrize(
    ("word", "state", "stage"),
    [("sent", AttemptState.SENT, Stage.SENT), ("not sent", AttemptState.ABSENT, Stage.DRAFTED)],
)
async def test_the_operator_may_settle_a_doubt(word: str, state: AttemptState, stage: Stage) -> None:
    """Who knows what became of a mail says so, and attempt and lead follow in one transaction."""
    office = await drafted()
    office.mailer.settle_s = 3600
    office.mailer.fail_next = [Ambiguous("memory", "reset")]
    await office.run("send")
    put(office, "Override", word)
    await office.parts.rows.feed(anew=True)
    attempt = await office.ledger.attempt(FIRST)
    assert attempt is not None
    assert attempt.state is state
    assert (await office.row("ld0001")).stage is stage
    assert f"Override: {word}" in (await office.row("ld0001")).trail


async def test_a_stage_set_by_hand_that_stops_is_honoured() -> None:
    """Whoever sets a row to do_not_contact means it."""
    office = await drafted()
    put(office, "Stage", "do_not_contact")
    assert (await fresh(office)).stands is Stage.DO_NOT_CONTACT
    assert "by hand: honoured" in (await office.row("ld0001")).trail


async def test_any_other_stage_set_by_hand_is_put_back_with_a_line_that_names_override() -> None:
    """Nobody becomes sent or verified by an edit of a cell."""
    office = await drafted()
    put(office, "Stage", "sent")
    assert (await fresh(office)).stands is Stage.DRAFTED
    row = await office.row("ld0001")
    assert row.stage is Stage.DRAFTED
    assert "put back; to speak to the machine, use Override" in row.trail


async def test_a_trail_edited_by_hand_is_restored_and_what_was_done_to_it_is_named() -> None:
    """Our lines cannot be rewritten, and somebody's notes in it are not lost."""
    office = await drafted()
    was = str(office.store.rows["ld0001"]["Trail"])
    put(office, "Trail", was.replace("verified", "mismatched", 1) + "\ncalled him on Tuesday")
    await fresh(office)
    row = await office.row("ld0001")
    assert row.trail.startswith(was)
    assert "Trail was edited by hand and restored" in row.trail
    assert "called him on Tuesday" in row.trail


async def test_a_race_while_a_row_is_put_right_is_left_to_the_next_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another writer was first: nothing is put right on an older view."""
    office = await drafted()
    put(office, "Stage", "sent")

    async def lost(*_: object) -> None:
        raise Conflict("ld0001")

    monkeypatch.setattr(office.parts.recorder, "record", lost)
    assert (await fresh(office)).stands is Stage.DRAFTED


async def test_a_row_that_cannot_be_understood_or_lost_a_race_delays_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """One poisonous row is told and left out; the rest is served."""
    office = await drafted(1, 2, 3)
    understand = office.parts.rows.understand

    async def sometimes(row: Lead) -> Lead:
        if row.id == "ld0001":
            raise KeyError("poison")
        if row.id == "ld0002":
            raise Conflict(row.id)
        return await understand(row)

    monkeypatch.setattr(office.parts.rows, "understand", sometimes)
    assert [row.id for row in await office.parts.rows.fresh(["ld0001", "ld0002", "ld0003"])] == ["ld0003"]
    assert [alert.title for alert in office.operator.alerts] == ["A row could not be understood"]


async def test_a_store_that_fails_while_rows_are_read_is_no_row_at_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage ends the run instead of accusing a row."""
    office = await drafted()

    async def away(_: Lead) -> Lead:
        raise Transient("memory", "503")

    monkeypatch.setattr(office.parts.rows, "understand", away)
    with pytest.raises(Transient):
        await office.parts.rows.fresh(["ld0001"])


async def test_a_row_that_was_read_before_another_job_moved_its_lead_does_not_put_it_back_in_the_queue() -> None:
    """The store is slow: read, stopped by another job, then seen."""
    office = await drafted()
    understand = office.parts.rows.understand

    async def overtaken(row: Lead) -> Lead:
        lead = await understand(row)
        await office.parts.recorder.record(lead, Change(now=Stage.DO_NOT_CONTACT, why="stop"))
        return lead

    office.parts.rows.understand = overtaken  # type: ignore[method-assign]
    assert (await fresh(office)).stands is Stage.DRAFTED
    assert await office.ledger.due([Stage.DRAFTED], office.clock.now(), 10) == []


async def test_a_row_filtered_out_of_the_view_is_left_alone_and_stays_known() -> None:
    """Out of the view is not mailed, and not forgotten either."""
    office = await drafted(1, 2)
    office.store.hidden = {"ld0001"}
    assert [row.id for row in await office.parts.rows.fresh(["ld0001", "ld0002"])] == ["ld0002"]
    assert await office.ledger.seen("ld0001") is not None
    assert "lead.held lead=ld0001 reason=not in view" in office.parts.log.tail


async def test_a_row_that_is_gone_leaves_the_queue() -> None:
    """A deleted row is not looked for again."""
    office = await drafted(1, 2)
    del office.store.rows["ld0001"]
    await office.parts.rows.fresh(["ld0001", "ld0002"])
    assert await office.ledger.seen("ld0001") is None


async def test_a_store_that_suddenly_shows_none_of_what_is_due_is_a_halt() -> None:
    """A wrong view or a wrong base is noticed before anything is concluded from it, and told once."""
    numbers = range(1, 21)
    office = await drafted(*numbers)
    ids = list(office.store.rows)
    office.store.hidden = set(ids)
    for _ in range(2):
        assert await office.parts.rows.fresh(ids) == []
    assert [halt.what for halt in await office.ledger.halts(office.clock.now())] == ["pool"]
    assert [alert.id for alert in office.operator.alerts] == ["pool"]


async def test_far_more_new_rows_than_a_day_can_serve_are_a_halt() -> None:
    """Ten days of rows at once are a mistake until the operator says otherwise; the first listing does not count."""
    few = replace(SETTINGS, limits=replace(SETTINGS.limits, per_day=1))
    office = an_office(*(lead(number) for number in range(1, 20)), settings=few)
    await office.parts.rows.feed()
    assert await office.ledger.halts(office.clock.now()) == []
    for number in range(20, 31):
        office.store.put(lead(number))
    await office.parts.rows.feed(anew=True)
    assert [halt.what for halt in await office.ledger.halts(office.clock.now())] == ["pool"]


async def test_the_store_is_asked_once_an_hour_for_what_is_new() -> None:
    """Between two looks only a run by hand asks."""
    office = an_office()
    await office.parts.rows.feed()
    office.store.put(lead(1))
    await office.parts.rows.feed()
    assert await office.ledger.queue() == []
    office.advance(hours=1)
    await office.parts.rows.feed()
    assert [seen.id for seen in await office.ledger.queue()] == ["ld0001"]


async def test_the_whole_store_is_listed_every_thirty_days_and_what_is_gone_leaves_the_queue() -> None:
    """A row deleted unseen does not stay in the queue for ever."""
    office = await drafted(1, 2)
    del office.store.rows["ld0001"]
    for _ in range(30 * 12):
        await office.parts.rows.feed(anew=True)
        office.advance(hours=2)
    assert await office.ledger.seen("ld0001") is not None
    await office.parts.rows.feed(anew=True)
    assert await office.ledger.seen("ld0001") is None


async def test_what_a_row_already_shows_is_not_pushed_again() -> None:
    """Killed between the patch and its mark: the line is there, so the mark is made and nothing is written."""
    office = await drafted()
    await office.parts.recorder.record(await fresh(office), Change(now=Stage.REVIEW, why="look"))
    pushed = office.ledger.pushed

    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    office.ledger.pushed = killed  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        await office.parts.recorder.push()
    office.ledger.pushed = pushed  # type: ignore[method-assign]
    patches = patches_of(office)
    await restarted(office).feed()
    assert await office.ledger.unpushed() == []
    assert patches == []


async def test_a_copy_of_the_ledger_put_back_does_not_undo_what_the_row_shows() -> None:
    """What the copy believes unpushed was pushed long ago, and more since: the row is read first, and believed."""
    office = await drafted()
    await office.parts.recorder.record(await fresh(office), Change(now=Stage.REVIEW, why="look"))
    copy = office.ledger.copy_to_memory()
    await office.parts.recorder.push()
    await office.parts.recorder.record(await fresh(office), Change(now=Stage.FINISHED, why="enough"))
    await office.parts.recorder.push()
    row = await office.row("ld0001")
    again = an_office(lead(1))
    again.store.rows = office.store.rows
    later = replace_ledger(again, copy)
    await later.parts.rows.feed()
    await later.parts.recorder.push()
    assert await later.row("ld0001") == row
    assert (await fresh(later)).stands is Stage.FINISHED
    assert [alert.title for alert in later.operator.alerts] == ["The ledger was behind"]


def replace_ledger(office: Office, ledger: SqliteLedger) -> Office:
    """The same office over another ledger."""
    parts = office.parts
    for part in (parts.rows, parts.recorder, parts.fact_book, parts.outbox, parts.alerts):
        part._ledger = ledger  # type: ignore[union-attr]
    parts.world.ledger = ledger
    office.ledger = ledger
    return office


async def test_a_ledger_that_has_slept_lists_the_store_for_it_may_be_yesterdays() -> None:
    """Rows that were drafted since the copy was made are found again, not only those that the copy knows."""
    office = an_office()
    await office.parts.rows.feed()
    row = lead(1, stage=Stage.DRAFTED, subject="Tools", body="Hi Rosa")
    office.store.put(row)
    office.advance(hours=2)
    await office.parts.rows.feed()
    assert await office.ledger.queue() == []
    office.advance(hours=4)
    await office.parts.rows.feed()
    assert [seen.id for seen in await office.ledger.queue()] == ["ld0001"]


async def test_a_loss_is_waited_for_once_and_a_second_sender_anew() -> None:
    """What happened before the wait began is part of it; what happens after it began is another sender's."""
    office = an_office()
    rows = restarted(office)
    rows._settle_s = 3600
    await rows.behind(TUESDAY - timedelta(hours=3), "the mailer knows a mail")
    office.advance(minutes=30)
    await rows.behind(TUESDAY - timedelta(hours=2), "the mailer knows a mail")
    traffic = await office.ledger.traffic(office.clock.now())
    assert traffic.quiet_until == TUESDAY + timedelta(hours=1)
    await rows.behind(TUESDAY + timedelta(minutes=20), "the mailer knows a mail")
    traffic = await office.ledger.traffic(office.clock.now())
    assert traffic.quiet_until == TUESDAY + timedelta(hours=1, minutes=30)
    assert [alert.id for alert in office.operator.alerts] == ["ledger.behind"]


async def test_a_new_ledger_waits_anyway_and_is_not_told_to_be_behind() -> None:
    """An empty ledger knows that it is empty."""
    office = an_office()
    await office.ledger.put("quiet_open", "1")
    await office.parts.rows.behind(TUESDAY, "a row tells more")
    assert office.operator.alerts == []


def held(office: Office, **until: float) -> Hold:
    """A hold that ends so much later."""
    return Hold(until=office.clock.now() + timedelta(**until), why="a holiday", kind=HoldKind.TIME)


async def test_a_lead_held_for_long_says_until_when_and_a_very_long_one_why() -> None:
    """The row says what takes days; a hold until the morning is the queue's alone, for not every evening is news."""
    office = await drafted(1, 2, 3, 4)
    rows = office.parts.rows
    leads = await rows.fresh(["ld0001", "ld0002", "ld0003", "ld0004"])
    rows.note(leads[0], held(office, minutes=30))
    rows.note(leads[1], held(office, hours=5))
    rows.note(leads[2], held(office, days=2))
    rows.note(leads[3], Stop(stage=Stage.DRAFTED, why="left alone"))
    await rows.write_notes(leads)
    told = [(row.next_at, row.waiting_for) for row in [await office.row(one.id) for one in leads]]
    now = office.clock.now()
    assert told == [
        (None, ""),
        (None, ""),
        (now + timedelta(days=2), "a holiday"),
        (now + timedelta(days=1), "left alone"),
    ]
    looks = [None, now + timedelta(hours=5), now + timedelta(days=2), now + timedelta(days=1)]
    assert [seen.next_at for seen in await office.ledger.queue()] == looks


async def test_what_is_everybodys_leaves_no_trace_in_a_row_and_what_stands_there_is_not_written_again() -> None:
    """Caps and pauses are not the lead's, and a note that changes nothing costs no patch."""
    office = await drafted()
    rows, patches = office.parts.rows, patches_of(office)
    one = await fresh(office)
    rows.note(one, replace(held(office, hours=5), kind=HoldKind.CAP))
    rows.note(one, Hold(until=None, why="no end", kind=HoldKind.SOURCE))
    await rows.write_notes([one])
    assert patches == []
    hold = held(office, days=2)
    for _ in range(2):
        one = await fresh(office)
        rows.note(one, hold)
        await rows.write_notes([one])
    assert len(patches) == 1


async def test_a_note_of_a_lead_that_another_job_has_moved_meanwhile_is_dropped():
    """Two jobs had it in hand: the queue keeps the later stage, the row its Next at, and it is decided anew."""
    office = an_office(lead(1))
    await office.run("draft", limit=1)
    rows, old = office.parts.rows, await fresh(office)
    rows.note(old, held(office, hours=5))
    await office.parts.recorder.record(old, Change(now=Stage.VERIFIED, why="redraft"))
    await rows.write_notes([old])
    seen = await office.ledger.seen("ld0001")
    assert seen is not None
    assert (seen.stage, seen.next_at) == (Stage.VERIFIED, None)


async def test_a_note_is_written_with_the_lead_it_was_taken_of():
    """Whoever writes it may have read the lead before it moved: the queue does not go back to that."""
    office = an_office(lead(1))
    await office.parts.rows.feed()
    before = await fresh(office)
    await office.run("draft", limit=1)
    office.parts.rows.note(await fresh(office), held(office, hours=5))
    await office.parts.rows.write_notes([before])
    seen = await office.ledger.seen("ld0001")
    assert seen is not None
    assert (seen.stage, seen.next_at) == (Stage.DRAFTED, TUESDAY + timedelta(hours=5))


async def test_a_row_that_a_listing_missed_stays_in_the_queue_and_one_that_is_gone_leaves_it() -> None:
    """A row that moves while its table is read page by page may be on none of them: it is asked for by id."""
    office = await drafted(1, 2, 3)
    del office.store.rows["ld0003"]
    pages = office.store.pages

    async def without_the_first() -> AsyncIterator[list[Lead]]:
        async for page in pages():
            yield [row for row in page if row.id != "ld0001"]

    office.store.pages = without_the_first  # type: ignore[method-assign, assignment]
    await office.parts.rows.list_all()
    assert [seen.id for seen in await office.ledger.queue()] == ["ld0001", "ld0002"]

"""Does a row that the store refuses, or that comes and goes, keep others waiting, or make a mail leave twice?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from office import TUESDAY, Office, an_office, lead
from outboundd.model.decision import Hold, HoldKind
from outboundd.model.lead import Stage, Value
from outboundd.model.mail import AttemptState, EventKind
from outboundd.ports import Ambiguous, Exhausted, Refused, Transient

FIRST = "default.ld0001.0.1"


def refuses(office: Office, row: str) -> None:
    """The store takes no patch of this row from now on."""
    apply = office.store.apply

    async def stubborn(patches: Mapping[str, Mapping[str, Value]]) -> None:
        if row in patches:
            raise Refused("memory", "bad value")
        await apply(patches)

    office.store.apply = stubborn  # type: ignore[method-assign]


async def held(office: Office, *rows: str) -> None:
    """Notes that these leads wait for two days."""
    hold = Hold(until=office.clock.now() + timedelta(days=2), why="holiday", kind=HoldKind.TIME)
    leads = await office.parts.rows.fresh(rows)
    for one in leads:
        office.parts.rows.note(one, hold)
    await office.parts.rows.write_notes(leads)


async def test_a_note_that_the_store_refuses_does_not_keep_the_others_from_theirs():
    """Ten rows are patched together; refused, each is written alone, and nobody's run ends early."""
    office = an_office(lead(1), lead(2), lead(3))
    await office.run("draft")
    refuses(office, "ld0002")
    await held(office, "ld0001", "ld0002", "ld0003")
    waiting = [(await office.row(f"ld000{number}")).waiting_for for number in (1, 2, 3)]
    assert waiting == ["holiday", "", "holiday"]


async def test_a_store_that_goes_away_at_the_notes_hides_no_exhausted_mailer():
    """The mailer's credit is gone and the store is away in the same breath: the mailer is halted all the same."""
    office = an_office(lead(1), lead(2))
    await office.run("draft")
    (waits,) = await office.parts.rows.fresh(["ld0002"])
    office.parts.rows.note(waits, Hold(until=TUESDAY + timedelta(days=2), why="holiday", kind=HoldKind.TIME))
    office.mailer.fail_next = [Exhausted("memory", "not_enough_credits")]
    apply = office.store.apply

    async def away(patches: Mapping[str, Mapping[str, Value]]) -> None:
        if any("next_at" in patch and "stage" not in patch for patch in patches.values()):
            raise Transient("memory", "away")
        await apply(patches)

    office.store.apply = away  # type: ignore[method-assign]
    end = await office.run("send")
    assert end.code == 3
    assert [halt.what for halt in await office.ledger.halts(office.clock.now())] == ["memory"]


async def test_a_note_gives_way_to_what_was_recorded_meanwhile():
    """A hold that was noted before the lead moved on is not written over what the lead waits for now."""
    office = an_office(lead(1))
    await office.run("draft")
    (read,) = await office.parts.rows.fresh(["ld0001"])
    hold = Hold(until=office.clock.now() + timedelta(days=2), why="holiday", kind=HoldKind.TIME)
    office.parts.rows.note(read, hold)
    await office.say("override", who="ld0001", value="stop")
    await office.parts.rows.write_notes([read])
    assert (await office.row("ld0001")).waiting_for == ""
    seen = await office.ledger.seen("ld0001")
    assert seen is not None
    assert seen.stage is Stage.DO_NOT_CONTACT


async def test_a_row_whose_word_cannot_be_obeyed_delays_no_other():
    """The store refuses to empty one Override cell: the other lead's word is obeyed, and its mail leaves."""
    office = an_office(lead(1), lead(2))
    await office.run("draft")
    refuses(office, "ld0001")
    for row in ("ld0001", "ld0002"):
        office.store.rows[row]["Override"] = "redraft"
    assert (await office.run("draft")).code == 0
    assert office.store.rows["ld0002"]["Override"] == ""


async def test_counters_that_the_store_refuses_keep_no_reconcile_from_its_end():
    """An opened mail of a row that takes no patch: everything else is folded, and the reconcile is complete."""
    office = an_office(lead(1), lead(2))
    await office.mail_out()
    refuses(office, "ld0001")
    office.advance(minutes=30)
    office.mailer.report(FIRST, EventKind.OPENED)
    office.mailer.report("default.ld0002.0.1", EventKind.OPENED)
    assert (await office.run("reconcile")).code == 0
    assert (await office.row("ld0002")).opens == 1


async def test_a_store_that_shows_nothing_any_more_is_looked_at_by_a_human():
    """A listing without one of the twenty leads that we know is a halt; rows that are back later are seen again."""
    office = an_office(*(lead(number) for number in range(1, 25)))
    await office.run("draft")
    rows, office.store.rows = office.store.rows, {}
    office.advance(hours=4)
    await office.run("draft")
    assert [halt.what for halt in await office.ledger.halts(office.clock.now())] == ["pool"]
    office.store.rows = rows
    await office.say("resume", what="pool")
    await office.run("draft")
    assert len(await office.ledger.queue()) == 24


async def test_a_mail_that_had_left_does_not_leave_again_when_its_row_comes_back():
    """Reported while its row is deleted: the attempt, held for absent, is sent, and the restored row is not mailed."""
    office = an_office(lead(1))
    await office.run("draft")
    office.mailer.lose_reply_next = [Ambiguous("memory", "timeout")]
    await office.run("send")
    await office.ledger.mark(FIRST, AttemptState.ABSENT)
    row = office.store.rows.pop("ld0001")
    await office.run("reconcile")
    known = await office.ledger.attempt(FIRST)
    assert known is not None
    assert known.state is AttemptState.SENT
    office.store.rows["ld0001"] = row
    office.advance(hours=3)
    await office.run("send")
    assert len(office.mailer.letters) == 1


async def test_a_new_row_of_somebody_already_written_to_is_finished_though_the_old_row_is_gone():
    """The operator deletes a row and pastes the person anew: no second first mail, and no draft that never leaves."""
    office = an_office(lead(1))
    await office.mail_out()
    del office.store.rows["ld0001"]
    office.store.put(replace(lead(1), id="ld0009"))
    office.advance(hours=4)
    await office.run("draft")
    after = await office.row("ld0009")
    assert (after.stage, "same person as row ld0001" in after.trail) == (Stage.FINISHED, True)


async def test_a_mail_in_doubt_is_settled_once_by_two_reconciles_at_once():
    """While one reconcile reads the row, another has settled the mail: the trail tells of it once."""
    office = an_office(lead(1))
    await office.run("draft")
    office.mailer.lose_reply_next = [Ambiguous("memory", "timeout")]
    await office.run("send")
    read, nested = office.store.read, [True]

    async def slowly(ids, *, in_view=True):  # type: ignore[no-untyped-def]
        found = await read(ids, in_view=in_view)
        if nested and not in_view:
            nested.clear()
            await office.run("send")  # reconciles first, for a mail is in doubt
        return found

    office.store.read = slowly  # type: ignore[method-assign]
    office.advance(minutes=5)
    await office.run("reconcile")
    told = [entry for entry in await office.ledger.transitions("ld0001") if entry.tag == FIRST and entry.text_hash]
    assert len(told) == 1


async def test_not_sent_obeyed_while_the_store_flickers_is_not_obeyed_again_for_the_next_mail():
    """The cell could not be emptied after the word was obeyed: the next look empties it, and settles nothing more."""
    office = an_office(lead(1))
    await office.run("draft")
    office.mailer.fail_next = [Ambiguous("memory", "timeout")]
    await office.run("send")
    office.store.rows["ld0001"]["Override"] = "not sent"
    apply = office.store.apply

    async def flicker(patches: Mapping[str, Mapping[str, Value]]) -> None:
        if any("override" in patch for patch in patches.values()):
            raise Transient("memory", "away")
        await apply(patches)

    office.store.apply = flicker  # type: ignore[method-assign]
    await office.run("send")
    office.store.apply = apply  # type: ignore[method-assign]
    await office.parts.rows.fresh(["ld0001"])
    assert (office.store.rows["ld0001"]["Override"], (await office.row("ld0001")).waiting_for) == ("", "")


async def test_whoever_unsubscribes_in_an_event_without_a_tag_is_not_written_to():
    """The mailer lost the tag; the address is known all the same."""
    office = an_office(lead(1))
    await office.mail_out()
    event = office.mailer.report(FIRST, EventKind.OPENED)
    office.mailer.inject(replace(event, key="lost", kind=EventKind.UNSUBSCRIBED, tag=""))
    office.advance(minutes=30)
    await office.run("reconcile")
    office.advance(days=7)
    await office.run("follow_up")
    assert (await office.row("ld0001")).stage is Stage.DO_NOT_CONTACT


async def test_a_stage_read_back_from_a_trail_holds_when_the_row_is_put_back():
    """The ledger was lost, the trail read back, then the operator restores the row of a week ago: still delivered."""
    office = an_office(lead(1))
    await office.run("draft")
    earlier = dict(office.store.rows["ld0001"])
    await office.run("send")
    office.deliver()
    await office.run("reconcile")
    again = an_office(mailer=office.mailer)
    again.store.rows["ld0001"] = dict(office.store.rows["ld0001"])
    await again.parts.rows.list_all()
    again.store.rows["ld0001"] = earlier
    (found,) = await again.parts.rows.fresh(["ld0001"])
    assert found.stands is Stage.DELIVERED


async def test_a_mailer_log_that_refuses_an_address_leaves_no_mail_in_doubt_for_ever():
    """Its events, by tag, are asked alone then; the reconcile goes on."""
    office = an_office(lead(1))
    await office.run("draft")
    office.mailer.fail_next = [Ambiguous("memory", "timeout")]
    await office.run("send")

    async def refuse(email: str) -> list[object]:
        raise Refused("memory", "no such address")

    office.mailer.log = refuse  # type: ignore[method-assign, assignment]
    office.advance(minutes=5)
    assert (await office.run("reconcile")).code == 0
    known = await office.ledger.attempt(FIRST)
    assert known is not None
    assert known.state is AttemptState.ABSENT


async def test_a_row_that_takes_nothing_any_more_is_told_once_until_it_does():
    """Its trail may have grown past what a cell holds: what is concluded waits in the ledger, and somebody knows."""
    office = an_office(lead(1), lead(2))
    apply = office.store.apply
    refuses(office, "ld0002")
    await office.run("draft")
    for _ in range(3):
        office.advance(hours=2)
        await office.parts.recorder.push_due()
    (alert,) = office.operator.alerts
    assert alert.title == "A row does not take what is written"
    assert "ld0002" in alert.text
    office.store.apply = apply  # type: ignore[method-assign]
    office.advance(hours=2)
    await office.parts.recorder.push_due()
    assert (await office.row("ld0002")).stage is Stage.DRAFTED
    assert await office.ledger.incidents(open_only=True) == []

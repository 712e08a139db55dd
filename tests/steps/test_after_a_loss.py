"""What does a daemon that goes on running do after its ledger was found to be behind?"""

from office import Office, an_office, lead
from outboundd.model.lead import Stage
from outboundd.model.mail import AttemptState, EventKind

STRANGER = "default.ld0002.0.1"


async def an_office_with_a_late_mailer() -> Office:
    """A draft that may leave now, and a mailer that may report an hour late."""
    office = an_office(lead(1), lead(2))
    await office.run("draft", limit=1)
    await office.run("reconcile")
    office.mailer.settle_s = 3600
    office.parts.rows._settle_s = 3600
    return office


async def test_mail_waits_for_the_settling_time_and_for_a_read_of_the_mailer_begun_after_it() -> None:
    """What left just before the loss may be reported at the very end of the wait: a read before it does not do."""
    office = await an_office_with_a_late_mailer()
    office.mailer.report(STRANGER, EventKind.REQUEST)
    office.advance(seconds=1)
    await office.run("reconcile")
    office.advance(minutes=55)
    await office.run("reconcile")
    await office.run("send")
    assert office.mailer.letters == []
    office.advance(minutes=6)
    events, read = office.mailer.events, []

    def watched(since, until):
        read.append(until)
        return events(since, until)

    office.mailer.events = watched
    await office.run("send")
    assert read == [office.clock.now()]
    assert len(office.mailer.letters) == 1


async def test_a_mail_the_ledger_did_not_know_becomes_an_attempt_with_its_text_and_counts() -> None:
    """The caps are whole again, and the attempt has the text of the row that still holds it."""
    office = await an_office_with_a_late_mailer()
    (one,) = await office.parts.rows.fresh(["ld0001"])
    office.mailer.report("default.ld0001.0.1", EventKind.REQUEST)
    await office.run("reconcile")
    attempt = await office.ledger.attempt("default.ld0001.0.1")
    assert attempt is not None
    assert attempt.state is AttemptState.SENT
    assert attempt.text.startswith(one.body)
    assert (await office.ledger.traffic(office.clock.now())).posts == (attempt.posted_at,)


async def test_the_operator_is_told_again_of_the_next_loss() -> None:
    """The incident ends with the first read after the wait."""
    office = await an_office_with_a_late_mailer()
    for n in (1, 2):
        office.mailer.report(f"default.ld0002.0.{n}", EventKind.REQUEST)
        office.advance(seconds=1)
        await office.run("reconcile")
        office.advance(minutes=61)
        await office.run("reconcile")
    told = [alert.is_over for alert in office.operator.alerts if alert.id == "ledger.behind"]
    assert told == [False, True, False, True]


async def test_a_mail_that_the_table_does_not_show_yet_is_known_after_a_loss() -> None:
    """It left by schedule, its row waits for the delivery, and the state directory is deleted: it leaves once."""
    before = an_office(lead(1))
    await before.run("draft")
    await before.run("send", by_hand=False)
    (text,) = [letter.text for _, letter in before.mailer.letters]
    assert (await before.row("ld0001")).stage is Stage.DRAFTED
    after = an_office(mailer=before.mailer)
    after.store.rows = before.store.rows
    for minutes in (1, 61, 61):
        after.advance(minutes=minutes)
        await after.run("reconcile", by_hand=False)
        await after.run("send", by_hand=False)
    assert len(after.mailer.letters) == 1
    (attempt,) = await after.ledger.attempts()
    assert (attempt.state, attempt.text) == (AttemptState.SENT, text)
    assert (await after.row("ld0001")).stage is Stage.SENT

"""Do research and texts of leads that are over go after their time, while the trail holds and nothing is sent twice?"""

from dataclasses import replace

from office import SETTINGS, Office, an_office, lead
from outboundd.model.lead import Stage
from outboundd.ports import Transient
from outboundd.rules import trail
from outboundd.steps import retention

KEPT = 60
SHORT = replace(SETTINGS, keep_days=KEPT)


async def an_old_thread(*numbers: int, days: int = KEPT + 1) -> Office:
    """Leads that were mailed once and answered, days ago, with research in their rows."""
    office = an_office(*(lead(n) for n in numbers), settings=SHORT)
    await office.mail_out()
    for n in numbers:
        await office.say("override", who=f"ld{n:04}", value="replied")
        await office.store.apply({f"ld{n:04}": {"research": "Rosa Diaz leads the works"}})
    office.advance(days=days)
    return office


def words_in(office: Office) -> list[str]:
    """Words of the mail or the research that the ledger or the rows still hold."""
    told = "\n".join(office.ledger._db.connection.iterdump()) + repr(office.store.rows)
    return [word for word in ("Hi Rosa", "Subject: ", "leads the works", "From outside") if word in told]


async def test_the_words_go_and_a_line_says_so():
    """Row, trail and ledger: no subject, text or research; what happened when stands there as before."""
    office = await an_old_thread(1)
    before = await office.ledger.transitions("ld0001")
    assert words_in(office)
    await office.run("reconcile")
    assert (await office.ledger.runs("reconcile", 1))[0].told["erased"] == 1
    assert not words_in(office)
    row = await office.row("ld0001")
    assert (row.stage, row.subject, row.body, row.research) == (Stage.REPLIED, "", "", "")
    assert "replied: research and texts erased after 60 days" in row.trail
    after = await office.ledger.transitions("ld0001")
    assert [one.id for one in after[:-1]] == [one.id for one in before]


async def test_the_trail_still_holds_and_says_it_once():
    """Compared with the ledger it is whole, byte for byte; no later look finds anything to mend or to erase."""
    office = await an_old_thread(1)
    await office.run("reconcile")
    row, told = await office.row("ld0001"), await office.ledger.transitions("ld0001")
    assert trail.verify(row.trail, told) == trail.Mended()
    for _ in range(2):
        office.advance(days=KEPT + 1)
        await office.run("reconcile")
    assert await office.ledger.transitions("ld0001") == told
    assert (await office.row("ld0001")).trail == row.trail


async def test_a_day_too_early_everything_is_there():
    """The last step counts, not the first mail."""
    office = await an_old_thread(1, days=KEPT - 1)
    held = words_in(office)
    await office.run("reconcile")
    assert words_in(office) == held


async def test_a_thread_that_goes_on_keeps_its_words_however_old():
    """Follow-ups are written with what was written before."""
    office = an_office(lead(1), settings=SHORT)
    await office.mail_out()
    office.advance(days=KEPT + 1)
    assert await retention.keep_no_longer(office.parts) == 0
    assert (await office.ledger.attempts(lead="ld0001"))[0].text


async def test_one_run_takes_a_bounded_number_and_the_next_goes_on(monkeypatch):
    """Many leads are over on one day: each is taken once, and the store is read a little at a time."""
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    office = await an_old_thread(1, 2, 3, 4, 5)
    assert [await retention.keep_no_longer(office.parts) for _ in range(4)] == [2, 2, 1, 0]
    assert not words_in(office)


async def test_it_is_looked_at_once_a_day():
    """Not at every quarter of an hour."""
    office = await an_old_thread(1, days=1)
    await office.run("reconcile")
    office.advance(hours=1)
    office.ledger.wordy = None  # type: ignore[assignment]
    assert await retention.keep_no_longer(office.parts) == 0


async def test_a_lost_ledger_heals_from_the_trail_and_mails_nobody_again():
    """Entries without their text are intact: stages come back, and what is over stays over."""
    office = await an_old_thread(1, days=100)  # no mailer tells of it any more
    await office.run("reconcile")
    before = await office.row("ld0001")
    later = an_office(settings=SHORT, at=office.clock.now(), mailer=office.mailer)
    later.store.rows.update(office.store.rows)
    for _ in range(3):
        await later.run("reconcile")
        await later.run("draft")
        await later.run("send")
        later.advance(days=1)
    assert (await later.row("ld0001")).trail == before.trail
    assert [one.id for one in await later.ledger.transitions("ld0001")] == [
        one.id for one in await office.ledger.transitions("ld0001")
    ]
    assert len(office.mailer.letters) == 1


async def test_a_lost_ledger_erases_what_the_rows_still_show():
    """It knows the entries from the trail alone; the words in the row go all the same."""
    office = await an_old_thread(1)
    later = an_office(settings=SHORT, at=office.clock.now(), mailer=office.mailer)
    later.store.rows.update(office.store.rows)
    await later.run("reconcile")
    later.advance(days=1)
    await later.run("reconcile")
    assert not words_in(later)


async def test_a_row_that_is_gone_loses_its_words_in_the_ledger():
    """The operator deleted it; nothing is shown anywhere, and nothing is kept."""
    office = await an_old_thread(1)
    await office.store.erase(["ld0001"])
    await office.run("reconcile")
    assert not words_in(office)


async def test_research_on_a_company_goes_after_the_same_time():
    """It lies in the ledger for all leads of the company."""
    office = an_office(settings=SHORT)
    await office.ledger.cache("research", "acme.example", "Rosa leads the works", office.clock.now())
    office.advance(days=KEPT - 1)
    await office.run("reconcile")
    assert words_in(office)
    office.advance(days=2)
    await office.run("reconcile")
    assert not words_in(office)


async def test_a_store_that_is_away_is_tried_again():
    """The words go with the next look that reaches it, and only then the row tells of it."""
    office = await an_old_thread(1)
    apply = office.store.apply

    async def away(_: object) -> None:
        raise Transient("memory", "away")

    office.store.apply = away  # type: ignore[method-assign]
    await office.run("reconcile")
    office.store.apply = apply  # type: ignore[method-assign]
    await office.run("reconcile")
    assert not words_in(office)
    assert "erased after 60 days" in (await office.row("ld0001")).trail

"""Does the store on Airtable keep the vendor's limits, survive its bad days, and say what does not fit?"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pyairtable
import pytest

from adapters.airtable_world import connected, ready, vendor
from outboundd import virtual
from outboundd.adapters.airtable import AirtableStore
from outboundd.adapters.airtable_http import CALLS_PER_S
from outboundd.model.lead import COLUMNS, Stage
from outboundd.ports import Broken, Exhausted, Failure, Refused, Transient
from outboundd.sandbox.airtable import Airtable
from outboundd.sandbox.airtable_listing import Iterators

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
ADA = "ada@north.example"
BO = "bo@south.example"


async def add(store: AirtableStore, address: str = ADA, **fields: Any) -> str:
    """A row made by an import, then patched."""
    (lead,) = (await store.upsert([{"email": address, "key": address}])).created
    if fields:
        await store.apply({lead: fields})
    return lead


def on(airtable: Airtable, fault: str, **how: Any) -> None:
    """Switch a fault of this vendor on."""
    airtable.world.faults.switch_on("airtable", fault, **how)


def asked_at(airtable: Airtable) -> list[float]:
    """When each request came in, in seconds since the start, rounded."""
    return [round((at - START).total_seconds(), 1) for at in airtable.calls.at]


def played(scene: Callable[[AirtableStore, Airtable], Awaitable[None]], **how: Any) -> None:
    """A scene on the virtual clock before a strict vendor, with our own rate."""

    async def main() -> None:
        airtable = vendor(strict_rate=True)
        async with ready(airtable, calls_per_s=CALLS_PER_S, **how) as store:
            await store.new_rows()
            await anyio.sleep(2)
            airtable.calls.at.clear()
            await scene(store, airtable)

    virtual.run(main, START)


# The limit


def test_twelve_callers_at_once_leave_four_a_second():
    """The vendor takes five: it never refuses one, and a human's automation has room."""

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        await asyncio.gather(*(store.new_rows() for _ in range(12)))
        begun = asked_at(airtable)[0]
        assert [at - begun for at in asked_at(airtable)] == [0] * 4 + [1] * 4 + [2] * 4

    played(scene)


def test_pages_and_chunks_of_the_library_take_their_turns_too():
    """The limiter sits where requests leave: an import of fifty rows is one look and five writes."""

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        before = store.requests
        await store.upsert([{"key": f"{n}@x.example", "email": f"{n}@x.example"} for n in range(50)])
        begun = asked_at(airtable)[0]
        assert [at - begun for at in asked_at(airtable)] == [0] * 4 + [1] * 2
        assert store.requests - before == 6

    played(scene)


def test_every_request_that_leaves_is_counted_where_it_leaves():
    """Those of a page, of a chunk and of a repeat: the month's allowance knows no others."""
    counted = []

    async def count() -> None:
        counted.append(1)

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        before = len(counted)
        await store.upsert([{"key": f"{n}@x.example", "email": f"{n}@x.example"} for n in range(50)])
        on(airtable, "refuse_503", times=1)
        with suppress(Transient):
            await store.new_rows()
        await store.new_rows()
        assert len(counted) - before == len(airtable.calls.at) >= 8

    played(scene, counted=count)


@pytest.mark.parametrize("shape", ["object", "list", "word"])
def test_after_a_429_nobody_asks_for_thirty_seconds_and_nothing_is_lost(shape: str):
    """Two callers, one is refused: both wait, and both are served."""

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        await add(store)
        airtable.calls.at.clear()
        on(airtable, "rate", value=shape)
        found = await asyncio.gather(store.new_rows(), store.find(ADA))
        assert [len(leads) for leads in found] == [1, 1]
        first, *others = asked_at(airtable)
        assert [at - first for at in others] == [31, 31]

    played(scene)


def test_a_base_that_somebody_else_fills_up_is_asked_less():
    """Three unexpected refusals within ten minutes: two requests a second from then on, and the probe says so."""

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        assert "repeatedly" not in await store.probe()
        on(airtable, "rate", times=3)
        await store.new_rows()
        await anyio.sleep(2)
        airtable.calls.at.clear()
        await asyncio.gather(*(store.new_rows() for _ in range(4)))
        begun = asked_at(airtable)[0]
        assert [at - begun for at in asked_at(airtable)] == [0, 0, 1, 1]
        assert "repeatedly" in await store.probe()

    played(scene)


def test_refusals_now_and_then_change_nothing():
    """Three within an hour are no sign of anything."""

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        for _ in range(3):
            on(airtable, "rate")
            await store.new_rows()
            await anyio.sleep(1200)
        assert "repeatedly" not in await store.probe()

    played(scene)


def test_a_used_up_month_halts_and_is_not_waited_for():
    """Until the first of the next month; asked once, and the gate stays open."""

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        on(airtable, "billing")
        with pytest.raises(Exhausted, match="monthly") as halted:
            await store.new_rows()
        assert halted.value.until == datetime(2026, 12, 1, tzinfo=UTC)
        assert len(airtable.calls.at) == 1
        airtable.world.faults.switch_off("airtable")
        await store.new_rows()
        assert datetime.now(UTC) - START < timedelta(seconds=10)

    played(scene)


def test_an_outage_is_waited_out_and_then_told():
    """Four tries, then the run ends: the next one tries again."""

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        on(airtable, "status", value=502, times=2)
        assert await store.new_rows() == []
        on(airtable, "down", times=0)
        with pytest.raises(Transient, match="no answer"):
            await store.new_rows()

    played(scene)


@pytest.mark.parametrize("fault", ["html", "garbage"])
def test_an_answer_without_sense_is_asked_for_again_and_then_a_broken_vendor(fault: str):
    """Once is a hiccup, four times are none."""

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        on(airtable, fault)
        assert await store.new_rows() == []
        on(airtable, fault, times=0)
        with pytest.raises(Broken, match="makes no sense"):
            await store.new_rows()

    played(scene)


def test_a_cancelled_write_ends_when_it_has_been_answered():
    """What was sent is never left behind unknown: the row is written when the call ends."""

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        lead = await add(store)
        on(airtable, "slow", value=20.0, method="PATCH")
        with anyio.move_on_after(5) as scope:
            await store.apply({lead: {"step": 2}})
        assert scope.cancel_called
        assert datetime.now(UTC) - START >= timedelta(seconds=20)
        assert airtable.row("Leads", lead)["fields"]["Step"] == 2

    played(scene)


def test_a_write_cancelled_before_its_turn_was_never_sent():
    """Whoever waits at the gate leaves at once."""

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        lead = await add(store)
        on(airtable, "rate")
        with anyio.move_on_after(1):
            await store.new_rows()
        airtable.calls.at.clear()
        with anyio.move_on_after(5) as scope:
            await store.apply({lead: {"step": 2}})
        assert scope.cancelled_caught
        assert datetime.now(UTC) - START < timedelta(seconds=20)
        assert airtable.calls.at == []
        assert len(await store.new_rows()) == 1

    played(scene)


# Writing


def test_an_answer_lost_after_an_import_makes_no_second_row():
    """Upsert on Key: asked again it finds its own rows, and they count as made."""

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        on(airtable, "lost_reply", method="PATCH")
        upserted = await store.upsert([{"key": ADA, "email": ADA}, {"key": BO, "email": BO}])
        assert len(upserted.created) == 2
        assert len(airtable.rows("Leads")) == 2
        assert airtable.calls["create"] == 0

    played(scene)


def test_an_answer_lost_after_a_patch_is_asked_for_again():
    """Absolute values by id: twice is once."""

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        lead = await add(store)
        on(airtable, "lost_reply", method="PATCH")
        await store.apply({lead: {"step": 2}})
        assert airtable.row("Leads", lead)["fields"]["Step"] == 2
        assert airtable.calls["update"] == 2

    played(scene)


async def test_cells_are_written_as_airtable_has_them():
    """Instants with milliseconds and Z, ticks as true, lists as lines, and an emptied cell is gone."""
    airtable = vendor()
    at = datetime(2026, 2, 3, 8, 0, 0, 250_900, tzinfo=UTC)
    async with ready(airtable) as store:
        lead = await add(store, next_at=at, do_not_contact=True, message_ids=("<a>", "<b>"), stage=Stage.SENT)
        await store.apply({lead: {"stage": None, "override": ""}})

    fields = airtable.row("Leads", lead)["fields"]
    assert fields["Next at"] == "2026-02-03T08:00:00.250Z"
    assert fields["Do not contact"] is True
    assert fields["Message IDs"] == "<a>\n<b>"
    assert "Stage" not in fields
    assert "Override" not in fields


async def test_instants_leave_with_their_zone(monkeypatch):
    """Without one Airtable takes them for the column's own zone."""
    sent: list[Any] = []
    async with ready(vendor()) as store:
        lead = await add(store)
        monkeypatch.setattr(pyairtable.Table, "batch_update", lambda _, rows: sent.extend(rows))
        await store.apply({lead: {"next_at": datetime.fromisoformat("2026-02-03T08:00:00+01:00")}})

    assert [row["fields"] for row in sent] == [{"Next at": "2026-02-03T07:00:00.000Z"}]


async def test_a_text_longer_than_a_cell_is_refused_and_nothing_is_cut_off():
    """The words name the column, the length and the limit."""
    async with ready(vendor()) as store:
        lead = await add(store)
        with pytest.raises(Refused, match=r"column Trail .* 100,001 characters"):
            await store.apply({lead: {"trail": "x" * 100_001, "step": 2}})
        assert (await store.read([lead]))[lead].step == 0


@pytest.mark.parametrize("told_as", [422, 403, 404])
async def test_a_row_deleted_between_read_and_write_refuses_the_batch(told_as: int):
    """However the vendor tells it: its row, not the whole store, is at fault."""
    airtable = vendor()
    async with ready(airtable) as store:
        ada, bo = await add(store), await add(store, BO)
        on(airtable, "human", method="PATCH", value={"table": "Leads", "id": bo, "fields": None})
        if told_as != 422:
            airtable.delete("Leads", bo)
            airtable.world.faults.switch_off()
            on(airtable, "status", method="PATCH", value=told_as)
        with pytest.raises(Refused, match="row is gone"):
            await store.apply({ada: {"step": 2}, bo: {"step": 2}})
        assert (await store.read([ada]))[ada].step == 0


def test_a_row_somebody_deletes_first_is_erased_all_the_same():
    """And so is one whose deletion was never answered; the others of the batch go, too."""

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        ada, bo, cy = await add(store), await add(store, BO), await add(store, "cy@west.example")
        on(airtable, "human", method="DELETE", value={"table": "Leads", "id": bo, "fields": None})
        await store.erase([ada, bo])
        on(airtable, "lost_reply", method="DELETE")
        await store.erase([cy])
        assert airtable.rows("Leads") == []

    played(scene)


async def test_an_erasure_that_is_not_permitted_is_never_taken_for_done():
    """The row is still there, so somebody must know."""
    airtable = vendor()
    async with ready(airtable) as store:
        lead = await add(store)
        airtable.revoke_scope("data.records:write")
        with pytest.raises(Exhausted, match=r"data\.records:write"):
            await store.erase([lead])


async def test_ids_of_another_store_name_no_row_here():
    """A ledger that was moved from another store, or a typo: nobody is asked, nothing is injected."""
    airtable = vendor()
    async with ready(airtable) as store:
        await add(store)
        before = airtable.calls.total
        assert await store.read(["id-1", "x')=1,1=1"], in_view=False) == {}
        await store.erase(["id-1"])
        assert airtable.calls.total == before


# Listing


async def fill(store: AirtableStore, number: int) -> None:
    """So many rows."""
    for start in range(0, number, 100):
        numbers = range(start, min(start + 100, number))
        await store.upsert([{"key": f"{n}@x.example", "email": f"{n}@x.example"} for n in numbers])


async def listed(store: AirtableStore) -> list[str]:
    """The keys of the whole table."""
    return [lead.key for page in [page async for page in store.pages()] for lead in page]


async def test_a_listing_that_expires_is_begun_again_and_never_accepted_in_part():
    """Three times; then the run ends without a listing."""
    airtable = vendor()
    async with ready(airtable) as store:
        await fill(store, 201)
        on(airtable, "iterator", skip=1)
        assert len(set(await listed(store))) == len(await listed(store)) == 201
        on(airtable, "iterator", times=3)
        with pytest.raises(Transient, match="listing expired"):
            await listed(store)


async def test_a_short_page_is_not_the_last_one():
    """Only the missing offset is."""
    airtable = vendor()
    async with ready(airtable) as store:
        await fill(store, 20)
        on(airtable, "short_page", value=3, times=4)
        assert len(await listed(store)) == 20


async def test_a_row_that_moves_while_we_read_is_listed_once(monkeypatch):
    """Whether a listing is a snapshot is not documented: a row may come on two pages."""
    airtable = vendor()
    async with ready(airtable) as store:
        await fill(store, 101)
        page, pages = Iterators.page, []

        def moving(self: Iterators, *args: Any) -> dict[str, Any]:
            pages.append(page(self, *args))
            return {**pages[-1], "records": pages[0]["records"][:1] + pages[-1]["records"]}

        monkeypatch.setattr(Iterators, "page", moving)
        assert len(await listed(store)) == 101


def test_a_page_that_is_lost_is_asked_for_again_not_the_whole_listing():
    """A pool of 24,000 is 240 requests."""

    async def scene(store: AirtableStore, airtable: Airtable) -> None:
        await fill(store, 201)
        before = airtable.calls["list"]
        on(airtable, "lost_reply", skip=1)
        assert len(await listed(store)) == 201
        assert airtable.calls["list"] - before == 4

    played(scene)


async def test_the_listing_is_complete_before_anybody_gets_to_work():
    """Somebody who takes his time between two pages does not let it expire."""
    airtable = vendor()
    async with ready(airtable) as store:
        await fill(store, 101)
        pages = store.pages()
        await anext(pages)
        airtable.restart()
        assert len([page async for page in pages]) == 1


async def test_the_view_narrows_and_never_widens():
    """New rows and fresh reads go through it; the inbox, the listing and a search do not."""
    airtable = vendor()
    async with ready(airtable) as whole:
        shown, hidden = await add(whole, city="Oslo"), await add(whole, BO, city="Bergen", override="stop")
        airtable.add_view("Leads", "Queue", "{City}='Oslo'")
        async with connected(airtable, view="Queue") as store:
            assert [lead.id for lead in await store.new_rows()] == [shown]
            assert (await store.read([shown, hidden])).keys() == {shown}
            assert (await store.read([shown, hidden], in_view=False)).keys() == {shown, hidden}
            assert [lead.id for lead in await store.with_override()] == [hidden]
            assert [lead.id for lead in await store.find(BO)] == [hidden]
            assert sorted(await listed(store)) == [ADA, BO]


async def test_what_is_news_is_one_request_however_many_leads_wait():
    """The rows made since and those with a word in Override; what waits since longer is not listed again."""
    airtable = vendor()
    async with ready(airtable) as store:
        old = await add(store)
        for row in airtable.table("Leads").rows.values():
            row.created = airtable.world.now() - timedelta(days=400)
        word, new = await add(store, "cy@west.example", stage=Stage.DELIVERED, override="stop"), await add(store, BO)
        before = store.requests
        assert [lead.id for lead in await store.news(airtable.world.now() - timedelta(days=2))] == [word, new]
        assert store.requests - before == 1
        assert old in [lead.id for lead in await store.new_rows()]


async def test_half_a_character_in_a_cell_is_left_out():
    """JSON carries a lone surrogate; no mailer and no model can be given one, and a mail with it would be in doubt."""
    airtable = vendor()
    async with ready(airtable) as store:
        lead = await add(store)
        airtable.edit("Leads", lead, {"Contact": "Rosa\ud83d Diaz"})
        assert (await store.read([lead]))[lead].contact == "Rosa Diaz"


async def test_a_stage_typed_by_a_human_is_read_as_it_was_meant():
    """' New ' is new, in a column of plain text; what is no stage is for review and never new."""
    airtable = vendor()
    kinds = dict.fromkeys(COLUMNS.values(), "singleLineText")
    async with ready(airtable) as made:
        texts = {one.name: one.type for one in airtable.table("Leads").fields} | {"Stage": kinds["Stage"]}
        airtable.add_table("Typed", texts)
        rows = [{"Email": ADA, "Stage": " New "}, {"Email": BO, "Stage": "hm"}, {"Email": "cy@west.example"}]
        new, odd, empty = airtable.add_rows("Typed", rows)
        async with connected(airtable, table="Typed") as store:
            assert sorted(lead.id for lead in await store.new_rows()) == sorted([new, empty])
            assert (await store.read([odd]))[odd].stage is Stage.REVIEW
    assert made.requests


# What does not fit


async def kinds_of(store: AirtableStore) -> list[tuple[str, str]]:
    """The gaps as (kind, name)."""
    return [(gap.kind, gap.name) for gap in await store.missing()]


async def test_an_empty_base_gets_its_table_and_says_which_view_to_add():
    """What the API cannot do is a sentence for the human; then everything fits."""
    airtable = vendor()
    async with connected(airtable, view="Queue") as store:
        assert await kinds_of(store) == [("table", "Leads"), ("view", "Queue")]
        (sentence,) = await store.create(await store.missing())
        assert "view Queue" in sentence
        assert "add it in Airtable" in sentence
        airtable.add_view("Leads", "Queue")
        assert await kinds_of(store) == []
        assert await store.new_rows() == []


async def test_a_table_of_the_operators_own_gets_the_columns_it_lacks():
    """Under its own titles, beside whatever else is there; a second setup changes nothing."""
    titles = {**COLUMNS, "email": "E-mail {work}", "contact": "Ansprechpartner", "stage": "Outbound stage"}
    airtable = vendor()
    airtable.add_table("Kunden", {"E-mail {work}": "email", "Ansprechpartner": "singleLineText", "Umsatz": "number"})
    async with connected(airtable, table="Kunden", titles=titles) as store:
        lacking = await store.missing()
        assert {gap.kind for gap in lacking} == {"column"}
        assert {gap.name for gap in lacking} == {*titles.values()} - {"E-mail {work}", "Ansprechpartner"}
        assert await store.create(lacking) == []
        assert await store.create(await store.missing()) == []
        lead = await add(store, stage=Stage.DRAFTED)
        assert [one.id for one in await store.find(ADA)] == [lead]

    fields = airtable.row("Kunden", lead)["fields"]
    assert (fields["E-mail {work}"], fields["Outbound stage"]) == (ADA, "drafted")


async def test_types_and_options_are_for_the_human_to_change():
    """Named with the remedy; the API changes neither."""
    airtable = vendor()
    async with ready(airtable) as made:
        wrong = {one.name: one.type for one in airtable.table("Leads").fields}
        wrong |= {"Next at": "date", "Key": "email", "Stage": [stage for stage in Stage if stage != "verified"]}
        airtable.add_table("Wrong", wrong)
        async with connected(airtable, table="Wrong") as store:
            lacking = await store.missing()
            assert {(gap.kind, gap.name) for gap in lacking} == {
                ("type", "Next at"),
                ("type", "Key"),
                ("option", "verified"),
            }
            told = " ".join(await store.create(lacking))
    for words in ("column Next at is of type date", "to dateTime", "column Stage has no option verified"):
        assert words in told
    assert made.requests


async def test_nothing_is_read_or_written_before_the_table_fits():
    """Each call of a store whose column is missing says so; mended, it goes on, and is compared no more."""
    airtable = vendor()
    async with ready(airtable) as store:
        airtable.rename_column("Leads", "Do not contact", "Do not mail")
        calls = (
            store.new_rows(),
            store.with_override(),
            store.read(["rec00000000000000"]),
            store.apply({"rec00000000000000": {"step": 1}}),
            store.upsert([{"key": ADA}]),
            store.find(ADA),
            store.erase(["rec00000000000000"]),
            store.probe(),
            listed(store),
        )
        for call in calls:
            with pytest.raises(Exhausted, match="column Do not contact is missing"):
                await call
        assert airtable.calls["list"] + airtable.calls["upsert"] + airtable.calls["update"] == 0
        airtable.rename_column("Leads", "Do not mail", "Do not contact")
        await store.new_rows()
        before = airtable.calls["meta"]
        await store.new_rows()
        assert airtable.calls["meta"] == before


@pytest.mark.parametrize("column", ["Stage", "Do not contact", "Key", "Trail", "Last sent at"])
async def test_a_column_renamed_while_we_run_is_never_read_as_an_empty_one(column: str):
    """It concerns every row: the store halts with the column's name, and goes on when it is back."""
    airtable = vendor()
    async with ready(airtable) as store:
        lead = await add(store, stage=Stage.SENT)
        airtable.rename_column("Leads", column, "Something else")
        for call in (store.read([lead]), store.new_rows(), store.with_override(), store.apply({lead: {"trail": ""}})):
            with pytest.raises(Exhausted, match=f"column {column} is missing"):
                await call
        airtable.rename_column("Leads", "Something else", column)
        assert (await store.read([lead]))[lead].stage is Stage.SENT


async def test_after_a_halt_the_table_is_compared_anew():
    """The operator made the column again, but of another type: said before anything is read from it."""
    airtable = vendor()
    async with ready(airtable) as store:
        lead = await add(store)
        airtable.rename_column("Leads", "Last sent at", "Old")
        with pytest.raises(Exhausted, match="column Last sent at is missing"):
            await store.read([lead])
        airtable.add_column("Leads", "Last sent at", "date")
        with pytest.raises(Exhausted, match="column Last sent at is of type date"):
            await store.read([lead])


async def test_an_option_removed_while_we_run_is_named():
    """The row is refused, nothing of it is written, and no option is invented."""
    airtable = vendor()
    async with ready(airtable) as store:
        lead = await add(store)
        airtable.remove_option("Leads", "Stage", "verified")
        with pytest.raises(Refused, match="select option verified is missing"):
            await store.apply({lead: {"stage": Stage.VERIFIED, "step": 2}})
        assert (await store.read([lead]))[lead].step == 0


async def test_a_view_deleted_while_we_run_halts_the_store_and_is_named():
    """Never the whole table in its place."""
    airtable = vendor()
    async with ready(airtable) as made:
        await add(made)
        airtable.add_view("Leads", "Queue")
        async with connected(airtable, view="Queue") as store:
            assert len(await store.new_rows()) == 1
            airtable.remove_view("Leads", "Queue")
            for _ in range(2):
                with pytest.raises(Exhausted, match="view Queue is missing"):
                    await store.new_rows()


@pytest.mark.parametrize("scope", ["data.records:read", "data.records:write", "schema.bases:read"])
async def test_a_token_without_a_scope_is_told_which(scope: str):
    """Whichever call needs it first."""
    airtable = vendor()
    async with ready(airtable) as store:
        lead = await add(store)
    airtable.revoke_scope(scope)
    async with connected(airtable) as store:
        call = store.apply({lead: {"step": 1}}) if scope == "data.records:write" else store.read([lead])
        with pytest.raises(Exhausted, match=scope):
            await call


async def test_setup_without_its_scope_is_told_which():
    """The daemon's own token need not have it."""
    airtable = vendor()
    airtable.revoke_scope("schema.bases:write")
    async with connected(airtable) as store:
        with pytest.raises(Exhausted, match=r"schema\.bases:write"):
            await store.create(await store.missing())


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"token": "patWrong"}, "token is refused"),
        ({"base": "appElsewhere00000"}, "no access to base appElsewhere00000"),
        ({"table": "Nowhere"}, "table Nowhere is missing in base appSandbox0000000"),
        ({"view": "Nowhere"}, "view Nowhere is missing in Leads"),
    ],
)
async def test_what_the_configuration_gets_wrong_is_named(how: dict[str, str], words: str):
    """One sentence, in the operator's own words."""
    airtable = vendor()
    async with ready(airtable), connected(airtable, **how) as store:
        with pytest.raises(Failure, match=words) as halted:
            await store.probe()
    assert type(halted.value) is Exhausted


async def test_the_probe_compares_the_table_anew_and_reads_one_page():
    """A pool of thousands is not counted: 'more than'."""
    airtable = vendor()
    async with ready(airtable) as store:
        await fill(store, 101)
        before = airtable.calls.total
        assert await store.probe() == "more than 100 leads in table Leads of base appSandbox0000000"
        assert airtable.calls.total - before == 2

"""Does every lead store keep what the port LeadStore promises?"""

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outboundd.model.lead import COLUMNS, Lead, Stage
from outboundd.ports import Broken, LeadStore, Refused

ADA = "ada@north.example"
BO = "bo@south.example"
NOON = datetime(2026, 11, 24, 14, 2, 11, tzinfo=UTC)
LONGEST_CELL = {"airtable": 100_000}
OVER_PAGES = {"airtable": 300}
NAMES_ROWS_ITSELF = {"airtable"}


async def add(store: LeadStore, address: str = ADA, **fields) -> str:
    """A row made by an import, then patched with whatever a human or the machine wrote since."""
    upserted = await store.upsert([{"email": address, "key": address}])
    (lead,) = (*upserted.created, *upserted.updated)
    if fields:
        await store.apply({lead: fields})
    return lead


async def row(store: LeadStore, lead: str) -> Lead:
    """The row as it stands now."""
    return (await store.read([lead]))[lead]


async def listing(store: LeadStore) -> list[Lead]:
    """The whole table."""
    return [lead async for page in store.pages() for lead in page]


async def test_an_imported_row_is_new_and_reads_as_it_was_written(store: LeadStore) -> None:
    """Import makes a row with the fields given, empty ones at their defaults, and lists it as new."""
    (lead,) = (await store.upsert([{"email": ADA, "key": ADA, "contact": "Ada Park", "do_not_contact": True}])).created

    assert [new.id for new in await store.new_rows()] == [lead]
    found = await row(store, lead)
    assert found.created_at is not None
    assert found.created_at.tzinfo is not None
    blank = Lead(id=lead, created_at=found.created_at)
    assert found == blank.with_fields({"email": ADA, "key": ADA, "contact": "Ada Park", "do_not_contact": True})


async def test_rows_with_a_stage_beyond_new_are_not_listed_as_new(store: LeadStore) -> None:
    """A stage that says more than 'new' ends the listing; 'new' in words is new."""
    await add(store, ADA, stage=Stage.VERIFIED)
    bo = await add(store, BO, stage=Stage.NEW)

    assert [lead.id for lead in await store.new_rows()] == [bo]


async def test_what_is_new_or_holds_a_word_in_override_is_news(store: LeadStore) -> None:
    """One look is enough for both."""
    new, word = await add(store, ADA), await add(store, BO, stage=Stage.DELIVERED, override="stop")
    await add(store, "cy@west.example", stage=Stage.VERIFIED)

    assert sorted(lead.id for lead in await store.news(datetime(2026, 1, 1, tzinfo=UTC))) == sorted([new, word])


async def test_every_field_of_a_lead_survives_a_patch(store: LeadStore) -> None:
    """Whatever a field can hold comes back equal: instants in UTC, lists, numbers, flags, texts."""
    samples = {str: "Zoë's 🧊 cold store", int: 3, float: 0.0421, bool: True, tuple: ("<a@x.example>", "<b@x.example>")}
    lead = await add(store)
    patch = {}
    for field in COLUMNS:
        default = getattr(Lead(id=""), field)
        patch[field] = samples.get(type(default), NOON)
    patch |= {"stage": Stage.DELIVERED, "next_at": NOON.replace(microsecond=250_000)}

    await store.apply({lead: patch})

    found = await row(store, lead)
    assert {field: getattr(found, field) for field in COLUMNS} == patch


async def test_none_empties_a_cell(store: LeadStore) -> None:
    """A patch of None brings the field's default back."""
    lead = await add(store, override="stop", next_at=NOON, stage=Stage.DRAFTED)

    await store.apply({lead: {"override": None, "next_at": None, "stage": None}})

    found = await row(store, lead)
    assert (found.override, found.next_at, found.stage) == ("", None, None)


async def test_a_patch_leaves_all_other_cells_alone(store: LeadStore) -> None:
    """Only the fields of the patch are written."""
    lead = await add(store, subject="Cold stores", step=1)
    await store.apply({lead: {"step": 2}})
    await store.apply({lead: {}})

    found = await row(store, lead)
    assert (found.subject, found.step, found.email) == ("Cold stores", 2, ADA)


async def test_a_patch_of_a_row_that_is_gone_writes_nothing_at_all(store: LeadStore) -> None:
    """All rows of a patch or none."""
    lead = await add(store)

    with pytest.raises(Refused, match="row is gone"):
        await store.apply({lead: {"step": 2}, "nobody": {"step": 2}})

    assert (await row(store, lead)).step == 0


@pytest.mark.parametrize(
    "bad",
    [
        {"next_at": "tomorrow"},
        {"next_at": datetime(2026, 11, 24)},  # noqa: DTZ001 - naive on purpose
        {"subject": 3},
        {"subject": "half a pair: \ud800"},
        {"step": "2"},
        {"step": 1 << 70},
        {"stage": "somewhere"},
        {"do_not_contact": "yes"},
        {"cost_usd": float("nan")},
        {"message_ids": ("one\ntwo",)},
    ],
    ids=str,
)
async def test_a_value_that_its_field_cannot_hold_is_refused_and_nothing_is_written(store: LeadStore, bad) -> None:
    """A bad value refuses the whole patch, and the words name the column, never the value."""
    ada, bo = await add(store), await add(store, BO)

    with pytest.raises(Refused, match="column") as refused:
        await store.apply({ada: {"clicks": 2}, bo: bad})

    assert str(*bad.values()) not in str(refused.value)
    assert (await row(store, ada)).clicks == 0


async def test_a_field_without_a_column_is_our_own_bug(store: LeadStore) -> None:
    """Ids and instants of creation are nobody's to patch."""
    lead = await add(store)
    for field in ("id", "created_at", "seq", "colour"):
        with pytest.raises(Broken, match="no such column"):
            await store.apply({lead: {field: "1"}})


async def test_more_rows_than_the_port_allows_are_our_own_bug(store: LeadStore) -> None:
    """Ten rows a patch, a hundred an import: what one store would refuse, every store does."""
    with pytest.raises(Broken, match="too many rows"):
        await store.apply({str(number): {"step": 1} for number in range(11)})
    with pytest.raises(Broken, match="too many rows"):
        await store.upsert([{"key": f"{number}@x.example"} for number in range(101)])


async def test_rows_with_a_word_in_override_are_found_whatever_their_stage(store: LeadStore) -> None:
    """Override is an inbox: a word is found on any row, blanks are no word."""
    ada = await add(store, ADA, override="stop", stage=Stage.FINISHED)
    await add(store, BO, override="  ")

    assert [lead.id for lead in await store.with_override()] == [ada]


async def test_reading_by_ids_leaves_out_what_is_not_there(store: LeadStore) -> None:
    """A gone row is missing from the answer, not an error."""
    ada = await add(store)

    assert (await store.read([ada, "nobody"])).keys() == {ada}
    assert (await store.read([ada, "nobody"], in_view=False)).keys() == {ada}
    assert await store.read([]) == {}


async def test_a_listing_shows_every_row_exactly_once(store: LeadStore) -> None:
    """Over several pages nothing is lost and nothing is doubled."""
    made, number = set(), OVER_PAGES.get(store.name, 1_200)
    for start in range(0, number, 100):
        rows = [{"email": f"p{n}@north.example", "key": f"p{n}@north.example"} for n in range(start, start + 100)]
        made |= set((await store.upsert(rows)).created)

    found = [lead.id for lead in await listing(store)]

    assert len(made) == number
    assert sorted(found) == sorted(made)


async def test_an_empty_table_lists_nothing(store: LeadStore) -> None:
    """No rows, no error."""
    assert await listing(store) == []
    assert list(await store.new_rows()) == []


async def test_texts_come_back_composed_and_with_plain_line_ends(store: LeadStore) -> None:
    """NFC and LF, however they were typed."""
    lead = await add(store, body=unicodedata.normalize("NFD", "Zoë") + "\r\none\rtwo")

    assert (await row(store, lead)).body == unicodedata.normalize("NFC", "Zoë") + "\none\ntwo"


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(text=TEXTS)
async def test_any_text_survives(store: LeadStore, text: str) -> None:
    """Emoji, NUL bytes, quotes, formulas: a text is a text."""
    lead = await add(store)
    await store.apply({lead: {"body": text}})

    wanted = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    assert (await row(store, lead)).body == wanted


@pytest.mark.parametrize("text", ["=1+1", "007", "1e3", "true", "2026-11-24", "';DROP TABLE lead;--", "a\0b"])
async def test_what_looks_like_something_else_stays_the_text_it_is(store: LeadStore, text: str) -> None:
    """No cell is computed, counted or run."""
    lead = await add(store, company=text)

    assert (await row(store, lead)).company == text


async def test_a_long_cell_survives(store: LeadStore) -> None:
    """A trail may grow to ten megabytes, or to what the vendor keeps of a cell."""
    trail = "a line of the trail\n" * (LONGEST_CELL.get(store.name, 10_485_760) // 20)
    lead = await add(store, trail=trail)

    assert (await row(store, lead)).trail == trail


async def test_an_import_completes_a_row_and_blanks_nothing(store: LeadStore) -> None:
    """Merged by Key: filled values are written, empty ones leave what is there, and so does a missing tick."""
    lead = await add(store, contact="Ada Park", do_not_contact=True, stage=Stage.DRAFTED)

    upserted = await store.upsert([{"key": ADA, "contact": "", "do_not_contact": False, "city": "Oslo", "title": None}])

    assert (upserted.created, upserted.updated) == ((), (lead,))
    found = await row(store, lead)
    assert (found.contact, found.do_not_contact, found.city, found.stage) == ("Ada Park", True, "Oslo", Stage.DRAFTED)


async def test_importing_the_same_file_twice_changes_nothing(store: LeadStore) -> None:
    """Run it again to complete what broke off."""
    rows = [{"email": email, "key": email, "city": "Oslo"} for email in (ADA, BO)]
    first = await store.upsert(rows)
    before = await listing(store)

    again = await store.upsert(rows)

    assert (again.created, sorted(again.updated)) == ((), sorted(first.created))
    assert await listing(store) == before


async def test_one_address_twice_in_an_import_is_one_row(store: LeadStore) -> None:
    """The second line completes what the first began."""
    upserted = await store.upsert([{"key": ADA, "email": ADA}, {"key": ADA, "city": "Oslo"}])

    assert len(upserted.created) == 1
    assert upserted.updated == ()
    assert (await row(store, upserted.created[0])).city == "Oslo"


async def test_an_import_of_a_row_typed_by_hand_completes_it(store: LeadStore) -> None:
    """A row that has an Email and no Key yet is the same person."""
    lead = await add(store, ADA, key=None, email=" Ada@North.example")

    upserted = await store.upsert([{"key": ADA, "email": ADA, "city": "Oslo"}])

    assert upserted.updated == (lead,)
    assert (await row(store, lead)).key == ADA


async def test_an_import_never_lands_in_a_row_that_is_another_persons_by_now(store: LeadStore) -> None:
    """The id belongs to the first address for life: who had it is not overwritten, and nobody gets it anew.

    Where ids are not made from addresses, whoever comes again is a new row.
    """
    lead = await add(store, ADA)
    await store.apply({lead: {"email": BO, "key": BO}})
    before = await listing(store)

    if store.name in NAMES_ROWS_ITSELF:
        (new,) = (await store.upsert([{"key": ADA, "email": ADA}])).created
        assert [one for one in await listing(store) if one.id != new] == before
        return
    with pytest.raises(Refused, match="address changed") as refused:
        await store.upsert([{"key": "cy@west.example"}, {"key": ADA, "email": ADA}])

    assert BO not in str(refused.value)
    assert await listing(store) == before


async def test_an_edited_address_is_found_under_its_new_key_before_the_machine_has_seen_it(store: LeadStore) -> None:
    """The operator corrected Email, Key still holds the old address: neither is imported into the other."""
    lead = await add(store, ADA, email=BO)

    with pytest.raises(Refused, match="address changed"):
        await store.upsert([{"key": ADA, "email": ADA}])
    assert (await store.upsert([{"key": BO, "email": BO}])).updated == (lead,)


async def test_an_import_cannot_write_what_the_machine_alone_writes(store: LeadStore) -> None:
    """One writer a column: a stage in an import, or a row without a key, is our own bug."""
    for bad in ({"key": ADA, "stage": Stage.SENT}, {"email": ADA}, {"key": ""}):
        with pytest.raises(Broken, match="bad import"):
            await store.upsert([bad])


async def test_a_person_is_found_by_key_or_by_email_as_typed(store: LeadStore) -> None:
    """All rows of an address, in whichever of the two columns it stands."""
    by_key = await add(store, ADA)
    by_email = await add(store, BO, email=" ADA@north.example ", key="")
    await add(store, "cy@west.example")

    assert sorted(lead.id for lead in await store.find(ADA)) == sorted([by_key, by_email])
    assert list(await store.find("nobody@north.example")) == []


async def test_erased_rows_are_gone_and_erasing_again_is_no_error(store: LeadStore) -> None:
    """A request to be forgotten may be repeated."""
    ada, bo = await add(store, ADA), await add(store, BO)

    await store.erase([ada, "nobody"])
    await store.erase([ada])

    assert [lead.id for lead in await listing(store)] == [bo]
    assert list(await store.find(ADA)) == []


async def test_the_probe_says_how_many_leads_there_are(store: LeadStore) -> None:
    """One line for `check`."""
    await add(store)

    assert "1 lead" in await store.probe()
    assert "\n" not in await store.probe()

"""Does the sandbox's Airtable behave as the vendor's documentation and its users' reports say?"""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import httpx
import pyairtable
import pytest
import requests
from pyairtable import formulas

from outboundd.sandbox.airtable import Airtable
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.world import World

BASE = "appSandbox0000000"
TOKEN = "patSandbox0000000.sandbox"
LEADS = f"/v0/{BASE}/Leads"
META = f"/v0/meta/bases/{BASE}/tables"
COLUMNS = {
    "Key": "singleLineText",
    "Email": "email",
    "Stage": ["New", "Queued", "Sent"],
    "Step": "number",
    "Paused": "checkbox",
    "Notes": "multilineText",
    "Source date": "date",
    "Next at": "dateTime",
    "Tags": "multipleSelects",
    "Created": "createdTime",
    "Modified": "lastModifiedTime",
}


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 8, 15, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    """The vendor's."""
    return Clock()


@pytest.fixture
def airtable(clock: Clock) -> Airtable:
    """A base with an empty table Leads; the rate is kept by the tests that are about it."""
    world = World(now=clock.now, sleep=clock.sleep, rng=random.Random(1))
    vendor = Airtable(world, strict_rate=False)
    vendor.add_table("Leads", COLUMNS, {"Queue": "{Stage}='Queued'"})
    return vendor


@pytest.fixture
async def url(airtable: Airtable) -> AsyncIterator[str]:
    """Where it is served."""
    async with serving(Sandbox(airtable.world, [airtable])) as address:
        yield address


@asynccontextmanager
async def talking(vendor: Airtable) -> AsyncIterator[httpx.AsyncClient]:
    """Bare HTTP, for what the official client hides."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        serving(Sandbox(vendor.world, [vendor])) as url,
        httpx.AsyncClient(base_url=url + "/airtable", headers=headers, trust_env=False) as client,
    ):
        yield client


@pytest.fixture
async def raw(airtable: Airtable) -> AsyncIterator[httpx.AsyncClient]:
    """The same with the base above."""
    async with talking(airtable) as client:
        yield client


async def official(url: str, work: Callable[[pyairtable.Table], Any]) -> Any:
    """Run this with pyairtable's table Leads, in a thread as the library is synchronous."""

    def run() -> Any:
        api = pyairtable.Api(TOKEN, endpoint_url=url + "/airtable", retry_strategy=None, timeout=(5, 10))
        api.session.trust_env = False
        try:
            return work(api.table(BASE, "Leads"))
        finally:
            api.session.close()

    return await anyio.to_thread.run_sync(run)


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and type of an error in the object form."""
    return answer.status_code, answer.json()["error"]["type"]


def add(airtable: Airtable, *rows: dict[str, object]) -> list[str]:
    """Rows that somebody typed in; their ids."""
    return airtable.add_rows("Leads", rows)


def keys(records: list[dict[str, Any]]) -> list[str]:
    """Which rows these are."""
    return [one["fields"]["Key"] for one in records]


async def listed(raw: httpx.AsyncClient, **params: Any) -> list[str]:
    """The keys a listing returns."""
    answer = await raw.get(LEADS, params=params)
    assert answer.status_code == 200, answer.text
    return keys(answer.json()["records"])


async def patched(raw: httpx.AsyncClient, *records: dict[str, Any], **more: Any) -> httpx.Response:
    """PATCH of some records in one request."""
    return await raw.patch(LEADS, json={"records": list(records), **more})


# The official client


async def test_the_official_client_creates_reads_updates_and_deletes(airtable: Airtable, url: str):
    """Unmodified, over HTTP; what it wrote is what people see in the base."""

    def work(table: pyairtable.Table) -> None:
        made = table.create({"Key": "ines", "Stage": "New", "Step": 2, "Paused": True})
        assert made["createdTime"] == "2026-11-24T08:15:30.000Z"
        assert table.get(made["id"])["fields"]["Step"] == 2
        changed = table.update(made["id"], {"Stage": "Sent", "Paused": False})
        assert (changed["fields"]["Stage"], changed["fields"]["Key"]) == ("Sent", "ines")
        assert keys(airtable.rows("Leads")) == ["ines"]
        assert table.delete(made["id"]) == {"id": made["id"], "deleted": True}

    await official(url, work)
    assert airtable.rows("Leads") == []


async def test_the_official_client_works_in_batches_of_ten(airtable: Airtable, url: str):
    """Twenty-five rows are three requests, whatever the batch does."""

    def work(table: pyairtable.Table) -> None:
        made = table.batch_create([{"Key": f"k{n}"} for n in range(25)])
        table.batch_update([{"id": one["id"], "fields": {"Step": 1}} for one in made])
        result = table.batch_upsert([{"fields": {"Key": f"k{n}", "Step": 2}} for n in range(24, 26)], ["Key"])
        assert (len(result["createdRecords"]), len(result["updatedRecords"])) == (1, 1)
        table.batch_delete([one["id"] for one in made])

    await official(url, work)
    assert dict(airtable.calls.kinds) == {"create": 3, "update": 3, "upsert": 1, "delete": 3}
    assert airtable.calls.total == 10
    assert keys(airtable.rows("Leads")) == ["k25"]


async def test_the_official_client_pages_through_view_formula_sort_and_fields(airtable: Airtable, url: str):
    """250 rows in three pages; view and formula both apply."""
    add(airtable, *({"Key": f"k{n:03}", "Stage": "Queued" if n % 2 else "New", "Step": n} for n in range(250)))

    def work(table: pyairtable.Table) -> None:
        assert len(table.all()) == 250
        found = table.all(view="Queue", formula="{Step}<9", sort=["-Step"], fields=["Key"])
        assert [one["fields"] for one in found] == [{"Key": f"k00{n}"} for n in (7, 5, 3, 1)]
        assert len(table.all(max_records=120)) == 120
        assert len(table.first(use_field_ids=True, count_comments=True)["fields"]) == 5
        assert keys(table.all(formula=formulas.match({"Key": "k007"}))) == ["k007"]

    await official(url, work)
    assert airtable.calls["list"] == 3 + 1 + 2 + 1 + 1


async def test_the_official_client_falls_back_to_post_when_the_formula_is_long(airtable: Airtable, url: str):
    """A GET from 16,000 characters on is refused, its POST form is answered."""
    ids = add(airtable, *({"Key": f"k{n}"} for n in range(600)))
    formula = "OR(" + ",".join(f"RECORD_ID()='{one}'" for one in ids) + ")"
    assert len(await official(url, lambda table: table.all(formula=formula))) == 600
    assert airtable.calls["list"] == 6


async def test_the_official_client_builds_a_table_in_an_empty_base(airtable: Airtable, url: str):
    """Tables and columns can be made, renamed and described; then they hold records."""

    def work(table: pyairtable.Table) -> None:
        base = table.base
        made = base.create_table("People", [{"name": "Key", "type": "singleLineText"}], description="who")
        made.create_field("Stage", "singleSelect", options={"choices": [{"name": "New"}]})
        made.create_field("Seen", "checkbox", options={"icon": "check", "color": "greenBright"})
        moment = {"timeZone": "utc", "dateFormat": {"name": "iso"}, "timeFormat": {"name": "24hour"}}
        made.create_field("At", "dateTime", options=moment)
        schema = base.schema(force=True).table("People")
        assert [(one.name, one.type) for one in schema.fields] == [
            ("Key", "singleLineText"),
            ("Stage", "singleSelect"),
            ("Seen", "checkbox"),
            ("At", "dateTime"),
        ]
        stage = schema.field("Stage")
        stage.name = "State"
        stage.save()
        assert made.create({"Key": "a", "State": "New"})["fields"] == {"Key": "a", "State": "New"}
        assert [one.name for one in base.schema(force=True).table("Leads").views] == ["Grid view", "Queue"]
        assert table.api.whoami() == {"id": "usrSandbox0000000"}
        assert [one.id for one in table.api.bases()] == [BASE]

    await official(url, work)


async def test_the_official_client_sees_each_refusal_with_its_body(airtable: Airtable, url: str):
    """The type is the last argument of its exception."""

    def work(table: pyairtable.Table) -> None:
        with pytest.raises(requests.HTTPError, match="UNKNOWN_FIELD_NAME"):
            table.create({"Stgae": "New"})

    await official(url, work)


# Auth


@pytest.mark.parametrize("header", [{"Authorization": ""}, {"Authorization": "Bearer patWrong"}])
async def test_a_wrong_token_is_a_401(raw: httpx.AsyncClient, header: dict[str, str]):
    """Missing or unknown."""
    assert refused(await raw.get(LEADS, headers=header)) == (401, "AUTHENTICATION_REQUIRED")


async def test_a_missing_scope_is_a_403_for_its_routes_only(airtable: Airtable, raw: httpx.AsyncClient):
    """A token may read records and not the schema."""
    airtable.revoke_scope("schema.bases:read")
    assert refused(await raw.get(META)) == (403, "INVALID_PERMISSIONS")
    assert (await raw.get(LEADS)).status_code == 200


async def test_an_unknown_base_or_table_is_a_403_too(raw: httpx.AsyncClient):
    """No access and not there are not told apart."""
    for path in ("/v0/appOther000000000/Leads", f"/v0/{BASE}/Nope", f"/v0/meta/bases/{BASE}/tables/tblNo/fields/x"):
        method = "PATCH" if "meta" in path else "GET"
        answer = await raw.request(method, path, json={} if method == "PATCH" else None)
        assert refused(answer) == (403, "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND")


async def test_an_unknown_route_is_a_404_in_the_short_form(raw: httpx.AsyncClient):
    """And there is none that makes a view."""
    for method, path in (("GET", "/v1/x"), ("POST", META.replace("/tables", "/views")), ("PUT", META)):
        answer = await raw.request(method, path)
        assert (answer.status_code, answer.json()) == (404, {"error": "NOT_FOUND"})


@pytest.mark.parametrize("status", [404, 403])
async def test_a_record_that_is_gone_is_a_404_or_a_403(clock: Clock, status: int):
    """Sources disagree: a test can have both."""
    world = World(now=clock.now, sleep=clock.sleep, rng=random.Random(1))
    vendor = Airtable(world, gone_status=status)
    async with talking(vendor) as client:
        answer = await client.get(f"/v0/{BASE}/Table%201/recGone0000000000")
        assert answer.status_code == status


async def test_a_table_is_found_by_its_encoded_name_and_by_its_id(airtable: Airtable, raw: httpx.AsyncClient):
    """A slash in the name and all."""
    made = airtable.add_table("Leads / 2026", {"Key": "singleLineText"})
    for name in ("Leads%20%2F%202026", made.id):
        assert (await raw.get(f"/v0/{BASE}/{name}")).json() == {"records": []}


# Limits


async def test_the_sixth_call_in_a_second_closes_the_base_for_thirty(clock: Clock):
    """Twelve rapid calls: five answers, then 429; after 29 s still, after 30 s no more."""
    world = World(now=clock.now, sleep=clock.sleep, rng=random.Random(1))
    vendor = Airtable(world)
    async with talking(vendor) as client:

        async def ask() -> httpx.Response:
            return await client.get(f"/v0/{BASE}/Table%201")

        answers = [await ask() for _ in range(12)]
        assert [one.status_code for one in answers] == [200] * 5 + [429] * 7
        assert refused(answers[5]) == (429, "RATE_LIMIT_REACHED")
        assert "retry-after" not in answers[5].headers
        clock.at += timedelta(seconds=29)
        assert (await ask()).status_code == 429
        clock.at += timedelta(seconds=1)
        assert [(await ask()).status_code for _ in range(5)] == [200] * 5
        clock.at += timedelta(seconds=1)
        assert (await ask()).status_code == 200
    assert vendor.calls.total == 19


async def test_a_token_has_fifty_calls_a_second(clock: Clock):
    """Over all it asks for, bases or not."""
    async with talking(Airtable(World(now=clock.now, sleep=clock.sleep, rng=random.Random(1)))) as client:
        answers = [await client.get("/v0/meta/whoami") for _ in range(51)]
        assert [one.status_code for one in answers] == [200] * 50 + [429]


async def test_a_429_from_outside_closes_the_base_too(clock: Clock):
    """Somebody else used the base up: it stays shut for thirty seconds, the schema with it."""
    world = World(now=clock.now, sleep=clock.sleep, rng=random.Random(1))
    world.faults.switch_on("airtable", "rate")
    async with talking(Airtable(world)) as client:
        assert [(await client.get(META)).status_code for _ in range(2)] == [429, 429]
        clock.at += timedelta(seconds=30)
        assert (await client.get(META)).status_code == 200


@pytest.mark.parametrize(
    ("shape", "where"), [("object", ["error", "type"]), ("list", ["errors", 0, "error"]), ("word", ["error"])]
)
async def test_a_429_comes_in_three_shapes(
    airtable: Airtable, raw: httpx.AsyncClient, shape: str, where: list[str | int]
):
    """And strikes once."""
    airtable.world.faults.switch_on("airtable", "rate", value=shape)
    answer = await raw.get(LEADS)
    found = answer.json()
    for step in where:
        found = found[step]
    assert (answer.status_code, found) == (429, "RATE_LIMIT_REACHED")
    assert (await raw.get(LEADS)).status_code == 200


async def test_a_used_up_month_blocks_the_data_and_not_the_schema(airtable: Airtable, raw: httpx.AsyncClient):
    """In the list form, until it is switched off."""
    airtable.world.faults.switch_on("airtable", "billing")
    for _ in range(2):
        answer = await raw.get(LEADS)
        assert answer.status_code == 429
        assert answer.json()["errors"][0]["error"] == "PUBLIC_API_BILLING_LIMIT_EXCEEDED"
    assert (await raw.get(META)).status_code == 200
    airtable.world.faults.switch_off("airtable", "billing")
    assert (await raw.get(LEADS)).status_code == 200


async def test_the_month_is_counted_and_begins_anew(clock: Clock):
    """The fourth call of a plan of three is refused, the first of the next month is not."""
    world = World(now=clock.now, sleep=clock.sleep, rng=random.Random(1))
    vendor = Airtable(world, monthly_calls=3)
    async with talking(vendor) as client:
        path = f"/v0/{BASE}/Table%201"
        assert [(await client.get(path)).status_code for _ in range(4)] == [200, 200, 200, 429]
        clock.at += timedelta(days=7)
        assert (await client.get(path)).status_code == 200


async def test_a_slowed_month_takes_two_requests_a_second(clock: Clock):
    """The other report."""
    world = World(now=clock.now, sleep=clock.sleep, rng=random.Random(1))
    world.faults.switch_on("airtable", "billing", value="slow")
    async with talking(Airtable(world)) as client:
        answers = [await client.get(f"/v0/{BASE}/Table%201") for _ in range(3)]
        assert [one.status_code for one in answers] == [200, 200, 429]
        assert refused(answers[2]) == (429, "RATE_LIMIT_REACHED")


# Listing


async def test_a_page_has_a_hundred_records_and_the_last_one_no_offset(airtable: Airtable, raw: httpx.AsyncClient):
    """The offset is an iterator and a record."""
    add(airtable, *({"Key": f"k{n}"} for n in range(200)))
    first = (await raw.get(LEADS)).json()
    assert len(first["records"]) == 100
    iterator, record_id = first["offset"].split("/")
    assert (iterator[:3], len(iterator), record_id[:3]) == ("itr", 17, "rec")
    second = (await raw.get(LEADS, params={"offset": first["offset"]})).json()
    assert "offset" not in second
    assert len({*keys(first["records"]), *keys(second["records"])}) == 200


async def test_an_idle_iterator_expires(airtable: Airtable, raw: httpx.AsyncClient, clock: Clock):
    """After 300 s without a call: 422, and no message."""
    add(airtable, *({"Key": f"k{n}"} for n in range(3)))
    offset = (await raw.get(LEADS, params={"pageSize": 1})).json()["offset"]
    clock.at += timedelta(seconds=300)
    offset = (await raw.get(LEADS, params={"pageSize": 1, "offset": offset})).json()["offset"]
    clock.at += timedelta(seconds=301)
    answer = await raw.get(LEADS, params={"pageSize": 1, "offset": offset})
    assert answer.status_code == 422
    assert answer.json() == {"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"}}


@pytest.mark.parametrize("how", ["restart", "fault"])
async def test_an_iterator_can_be_lost(airtable: Airtable, raw: httpx.AsyncClient, how: str):
    """By a restart of the server, or by the fault of that name, which leaves first pages alone."""
    add(airtable, {"Key": "a"}, {"Key": "b"})
    if how == "fault":
        airtable.world.faults.switch_on("airtable", "iterator")
    offset = (await raw.get(LEADS, params={"pageSize": 1})).json()["offset"]
    if how == "restart":
        airtable.restart()
    answer = await raw.get(LEADS, params={"pageSize": 1, "offset": offset})
    assert refused(answer) == (422, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE")


async def test_an_offset_is_good_for_its_own_query_only(airtable: Airtable, raw: httpx.AsyncClient):
    """Who forgets the formula on the second page is told so."""
    add(airtable, {"Key": "a"}, {"Key": "b"}, {"Key": "c"})
    query = {"pageSize": 1, "filterByFormula": "{Key}!='c'"}
    offset = (await raw.get(LEADS, params=query)).json()["offset"]
    assert refused(await raw.get(LEADS, params={"pageSize": 1, "offset": offset})) == (422, "INVALID_OFFSET_VALUE")
    assert len((await raw.get(LEADS, params={**query, "offset": offset})).json()["records"]) == 1


async def test_a_page_asked_for_twice_is_the_same(airtable: Airtable, raw: httpx.AsyncClient):
    """A reader whose answer was lost may ask again."""
    add(airtable, *({"Key": f"k{n}"} for n in range(3)))
    offset = (await raw.get(LEADS, params={"pageSize": 1})).json()["offset"]
    query = {"pageSize": 1, "offset": offset}
    assert (await raw.get(LEADS, params=query)).json() == (await raw.get(LEADS, params=query)).json()


async def test_a_short_page_is_not_the_last_one(airtable: Airtable, url: str):
    """Only a missing offset ends a listing; the official client knows."""
    add(airtable, *({"Key": f"k{n}"} for n in range(90)))
    airtable.world.faults.switch_on("airtable", "short_page", value=3)
    assert len(await official(url, lambda table: table.all())) == 90
    assert airtable.calls["list"] == 2


async def test_rows_change_between_pages(airtable: Airtable, raw: httpx.AsyncClient):
    """Edited ones come as they are now, deleted ones do not come, new ones are not seen."""
    ids = add(airtable, *({"Key": f"k{n}", "Step": n} for n in range(4)))
    query = {"pageSize": 1, "sort[0][field]": "Step"}
    offset = (await raw.get(LEADS, params=query)).json()["offset"]
    airtable.delete("Leads", ids[1])
    airtable.edit("Leads", ids[2], {"Key": "edited"})
    add(airtable, {"Key": "new", "Step": 9})
    assert await listed(raw, **query, offset=offset) == ["edited"]


async def test_without_sort_and_view_the_order_is_arbitrary(airtable: Airtable, raw: httpx.AsyncClient):
    """A view gives its own order, a sort another; empty cells come first."""
    made = [f"k{n:02}" for n in range(20)]
    add(airtable, *({"Key": one} for one in made))
    airtable.add_view("Leads", "Backwards", order=[("Key", "desc")])
    assert await listed(raw) != made
    assert await listed(raw, view="Grid view") == made
    assert await listed(raw, view="Backwards") == made[::-1]
    airtable.edit("Leads", airtable.rows("Leads")[7]["id"], {"Stage": "New"})
    airtable.edit("Leads", airtable.rows("Leads")[3]["id"], {"Stage": "Sent"})
    order = {"sort[0][field]": "Stage", "sort[0][direction]": "desc", "sort[1][field]": "Key"}
    assert await listed(raw, view="Backwards", **order) == ["k03", "k07", *[k for k in made if k not in ("k03", "k07")]]


async def test_a_url_of_16000_characters_is_refused(raw: httpx.AsyncClient):
    """One less is answered."""
    empty = len(str(raw.build_request("GET", LEADS, params={"filterByFormula": ""}).url))
    for length, status in ((15_999, 200), (16_000, 414)):
        formula = "1" * (length - empty)
        answer = await raw.get(LEADS, params={"filterByFormula": formula})
        assert answer.status_code == status


async def test_the_post_form_takes_lists_and_leaves_the_locale_in_the_query(airtable: Airtable, raw: httpx.AsyncClient):
    """The same records; a parameter in the wrong place is refused."""
    add(airtable, {"Key": "a", "Step": 1}, {"Key": "b", "Step": 2})
    body = {"fields": ["Key"], "sort": [{"field": "Step", "direction": "desc"}], "pageSize": 1}
    answer = await raw.post(f"{LEADS}/listRecords", json=body, params={"timeZone": "utc", "userLocale": "de"})
    assert keys(answer.json()["records"]) == ["b"]
    again = await raw.post(f"{LEADS}/listRecords", json={**body, "offset": answer.json()["offset"]})
    assert [one["fields"] for one in again.json()["records"]] == [{"Key": "a"}]
    for wrong in ({"json": {"timeZone": "utc"}}, {"json": {}, "params": {"pageSize": 1}}):
        assert refused(await raw.post(f"{LEADS}/listRecords", **wrong)) == (422, "INVALID_REQUEST_UNKNOWN")


@pytest.mark.parametrize(
    ("params", "kind"),
    [
        ({"pageSize": 101}, "INVALID_REQUEST_UNKNOWN"),
        ({"pageSize": "many"}, "INVALID_REQUEST_UNKNOWN"),
        ({"maxRecords": 0}, "INVALID_REQUEST_UNKNOWN"),
        ({"page_size": 1}, "INVALID_REQUEST_UNKNOWN"),
        ({"cellFormat": "string"}, "INVALID_REQUEST_UNKNOWN"),
        ({"view": "Nope"}, "VIEW_NAME_NOT_FOUND"),
        ({"fields[]": "Nope"}, "UNKNOWN_FIELD_NAME"),
        ({"sort[0][field]": "Nope"}, "UNKNOWN_FIELD_NAME"),
        ({"offset": "itrNope0000000000/recNope0000000000"}, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"),
    ],
)
async def test_a_parameter_that_is_none_is_a_422(raw: httpx.AsyncClient, params: dict[str, Any], kind: str):
    """Never ignored."""
    assert refused(await raw.get(LEADS, params=params)) == (422, kind)


async def test_fields_can_be_asked_for_and_answered_by_id(airtable: Airtable, raw: httpx.AsyncClient):
    """Ids wherever names are taken."""
    add(airtable, {"Key": "a", "Step": 1})
    key, step = (airtable.table("Leads").known(name).id for name in ("Key", "Step"))
    query = {"fields[]": [key, "Step"], "returnFieldsByFieldId": "true", "filterByFormula": f"{{{key}}}='a'"}
    assert (await raw.get(LEADS, params=query)).json()["records"][0]["fields"] == {key: "a", step: 1}


async def test_a_listing_of_many_pages_settles_its_rows_once(airtable: Airtable, raw: httpx.AsyncClient):
    """The formula is asked for the first page; a row that it would no longer keep still comes on a later one."""
    ids = add(airtable, *({"Key": f"k{n}", "Stage": "Queued"} for n in range(3)))
    query = {"view": "Queue", "pageSize": 1}
    offset = (await raw.get(LEADS, params=query)).json()["offset"]
    airtable.edit("Leads", ids[1], {"Stage": "Sent"})
    assert await listed(raw, **query, offset=offset) == ["k1"]


# Cells


@pytest.mark.parametrize(
    ("column", "full", "empty"),
    [
        ("Notes", "hello", ""),
        ("Notes", "hello", None),
        ("Paused", True, False),
        ("Paused", True, None),
        ("Step", 7, None),
        ("Stage", "New", None),
        ("Source date", "2026-02-03", None),
        ("Next at", "2026-02-03T07:00:00.000Z", None),
    ],
)
async def test_an_empty_cell_is_left_out(
    airtable: Airtable, raw: httpx.AsyncClient, column: str, full: object, empty: object
):
    """An empty column looks like one that is not there."""
    [record_id] = add(airtable, {"Key": "a"})
    filled = (await patched(raw, {"id": record_id, "fields": {column: full}})).json()
    assert filled["records"][0]["fields"][column] == full
    emptied = (await patched(raw, {"id": record_id, "fields": {column: empty}})).json()
    assert column not in emptied["records"][0]["fields"]


async def test_an_empty_list_is_left_out_and_zero_is_not(airtable: Airtable, raw: httpx.AsyncClient):
    """0 is a number."""
    [record_id] = add(airtable, {"Key": "a", "Tags": ["x", "y"]})
    fields = (await patched(raw, {"id": record_id, "fields": {"Tags": [], "Step": 0}})).json()["records"][0]["fields"]
    assert "Tags" not in fields
    assert fields["Step"] == 0


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-02-03T07:00:00Z", "2026-02-03T07:00:00.000Z"),
        ("2026-02-03T09:00:00.4+02:00", "2026-02-03T07:00:00.400Z"),
        ("2026-02-03T07:00:00", "2026-02-03T07:00:00.000Z"),
    ],
)
async def test_a_moment_is_read_in_utc_with_milliseconds(raw: httpx.AsyncClient, written: str, read: str):
    """Whatever offset it was written with."""
    answer = await raw.post(LEADS, json={"fields": {"Next at": written}})
    assert answer.json()["fields"]["Next at"] == read


async def test_a_moment_without_offset_is_read_in_the_zone_of_its_column(airtable: Airtable, raw: httpx.AsyncClient):
    """Always send Z."""
    options = {"timeZone": "Europe/Berlin", "dateFormat": {"name": "iso"}, "timeFormat": {"name": "24hour"}}
    airtable.add_column("Leads", "There", {"type": "dateTime", "options": options})
    answer = await raw.post(LEADS, json={"fields": {"There": "2026-02-03T07:00:00"}})
    assert answer.json()["fields"]["There"] == "2026-02-03T06:00:00.000Z"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"Stgae": "New", "Nope": 1}, "UNKNOWN_FIELD_NAME"),
        ({"Step": "2"}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Step": True}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Key": 5}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Notes": "x" * 100_001}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Paused": "true"}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Source date": "3.2.2026"}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Next at": "soon"}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Created": "2026-02-03T07:00:00Z"}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Modified": None}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Stage": "Gone"}, "INVALID_MULTIPLE_CHOICE_OPTIONS"),
        ({"Stage": ""}, "INVALID_MULTIPLE_CHOICE_OPTIONS"),
        ({"Tags": ["x"]}, "INVALID_MULTIPLE_CHOICE_OPTIONS"),
    ],
)
async def test_one_bad_record_of_a_batch_and_nothing_is_written(
    airtable: Airtable, raw: httpx.AsyncClient, fields: dict[str, object], kind: str
):
    """On create, update and upsert alike."""
    one, other = add(airtable, {"Key": "a", "Step": 1}, {"Key": "b", "Step": 1})
    before = airtable.dump()["tables"]
    good = {"Key": "a", "Step": 2}
    answers = [
        await raw.post(LEADS, json={"records": [{"fields": good}, {"fields": fields}]}),
        await patched(raw, {"id": one, "fields": good}, {"id": other, "fields": fields}),
        await patched(
            raw, {"fields": good}, {"fields": {"Key": "c", **fields}}, performUpsert={"fieldsToMergeOn": ["Key"]}
        ),
    ]
    assert [refused(answer) for answer in answers] == [(422, kind)] * 3
    assert airtable.dump()["tables"] == before


async def test_an_unknown_field_is_named_and_only_the_first(raw: httpx.AsyncClient):
    """Whatever else is wrong."""
    answer = await raw.post(LEADS, json={"fields": {"Stgae": "New", "Nope": 1}})
    assert answer.json()["error"]["message"] == 'Unknown field name: "Stgae"'


async def test_typecast_makes_options_and_numbers(airtable: Airtable, raw: httpx.AsyncClient):
    """A typo becomes a stage: the daemon keeps it off."""
    answer = await raw.post(LEADS, json={"fields": {"Stage": "Qeued", "Step": "2"}, "typecast": True})
    assert answer.json()["fields"]["Stage"] == "Qeued"
    assert answer.json()["fields"]["Step"] == 2
    schema = (await raw.get(META)).json()["tables"][1]["fields"][2]
    assert [one["name"] for one in schema["options"]["choices"]] == ["New", "Queued", "Sent", "Qeued"]


# Writing


async def test_patch_merges_and_put_clears(airtable: Airtable, raw: httpx.AsyncClient):
    """Both answer with the whole record."""
    [record_id] = add(airtable, {"Key": "a", "Step": 1})
    one = {"id": record_id, "fields": {"Notes": "n"}}
    seen = []
    for method in ("PATCH", "PUT"):
        answer = await raw.request(method, LEADS, json={"records": [one]})
        fields = answer.json()["records"][0]["fields"]
        seen.append({name: fields[name] for name in fields if name not in ("Created", "Modified")})
    assert seen == [{"Key": "a", "Step": 1, "Notes": "n"}, {"Notes": "n"}]


async def test_more_than_ten_records_are_refused(airtable: Airtable, raw: httpx.AsyncClient):
    """Whatever is to be done with them."""
    ids = add(airtable, *({"Key": f"k{n}"} for n in range(11)))
    updates = [{"id": one, "fields": {}} for one in ids]
    merge = {"fieldsToMergeOn": ["Key"]}
    for answer in (
        await raw.post(LEADS, json={"records": [{"fields": {}}] * 11}),
        await patched(raw, *updates),
        await patched(raw, *updates, performUpsert=merge),
        await raw.delete(LEADS, params={"records[]": ids}),
    ):
        assert refused(answer) == (422, "INVALID_RECORDS")
    assert len(airtable.rows("Leads")) == 11


async def test_a_row_that_is_gone_fails_its_whole_batch(airtable: Airtable, raw: httpx.AsyncClient):
    """Its id is named."""
    one, gone = add(airtable, {"Key": "a"}, {"Key": "b"})
    airtable.delete("Leads", gone)
    for answer in (
        await patched(raw, {"id": one, "fields": {"Key": "x"}}, {"id": gone, "fields": {"Key": "x"}}),
        await raw.patch(f"{LEADS}/{gone}", json={"fields": {"Key": "x"}}),
        await raw.delete(LEADS, params={"records[]": [one, gone]}),
        await raw.delete(f"{LEADS}/{gone}"),
    ):
        assert refused(answer) == (422, "ROW_DOES_NOT_EXIST")
        assert answer.json()["error"]["message"] == f"Record ID {gone} does not exist in this table"
    assert keys(airtable.rows("Leads")) == ["a"]


async def test_a_record_cannot_be_written_twice_in_one_request(airtable: Airtable, raw: httpx.AsyncClient):
    """By id, or by a key that two new records share."""
    [one] = add(airtable, {"Key": "a"})
    twice = [{"id": one, "fields": {"Step": 1}}] * 2
    assert refused(await patched(raw, *twice)) == (422, "INVALID_RECORDS")
    new = [{"fields": {"Key": "new"}}] * 2
    assert (await patched(raw, *new, performUpsert={"fieldsToMergeOn": ["Key"]})).status_code == 422
    assert keys(airtable.rows("Leads")) == ["a"]


async def test_a_body_that_is_no_json_is_a_400(raw: httpx.AsyncClient):
    """And one of another type, or without its parts, a 422."""
    json_type = {"Content-Type": "application/json"}
    assert (await raw.post(LEADS, content=b"{", headers=json_type)).status_code == 400
    assert (await raw.post(LEADS, content=b'{"fields":{}}')).status_code == 422
    assert refused(await raw.post(LEADS, json={})) == (422, "INVALID_REQUEST_MISSING_FIELDS")
    for body in ({"records": []}, {"records": {}}, {"records": [{"fields": {}}], "typcast": True}, {"fields": []}):
        assert refused(await raw.post(LEADS, json=body)) == (422, "INVALID_REQUEST_UNKNOWN")


async def test_an_upsert_creates_updates_or_fails(airtable: Airtable, raw: httpx.AsyncClient):
    """None matches: created; one: updated; more: nothing is written."""
    [one] = add(airtable, {"Key": "a", "Step": 1, "Notes": "kept"})
    merge = {"fieldsToMergeOn": ["Key"]}
    answer = await patched(raw, {"fields": {"Key": "a", "Step": 2}}, {"fields": {"Key": "b"}}, performUpsert=merge)
    body = answer.json()
    assert body["updatedRecords"] == [one]
    assert body["createdRecords"] == [airtable.rows("Leads")[1]["id"]]
    assert body["records"][0]["fields"]["Notes"] == "kept"
    add(airtable, {"Key": "b"})
    answer = await patched(raw, {"fields": {"Key": "a", "Step": 3}}, {"fields": {"Key": "b"}}, performUpsert=merge)
    assert answer.status_code == 422
    assert airtable.row("Leads", one)["fields"]["Step"] == 2


async def test_an_upsert_finds_what_was_edited_and_not_what_is_gone(airtable: Airtable, raw: httpx.AsyncClient):
    """Merging follows the rows, case and all."""
    merge = {"fieldsToMergeOn": ["Key", "Step"]}

    async def written(key: str, step: int) -> list[str]:
        answer = await patched(raw, {"fields": {"Key": key, "Step": step}}, performUpsert=merge)
        return answer.json()["createdRecords"]

    [first] = await written("a", 1)
    assert await written("a", 1) == []
    assert len(await written("A", 1)) == 1
    airtable.edit("Leads", first, {"Step": 2})
    assert await written("a", 2) == []
    airtable.delete("Leads", first)
    assert len(await written("a", 2)) == 1


async def test_in_an_upsert_an_id_wins(airtable: Airtable, raw: httpx.AsyncClient):
    """Over the merge fields; an unknown one is not created."""
    one, _ = add(airtable, {"Key": "a"}, {"Key": "b"})
    merge = {"fieldsToMergeOn": ["Key"]}
    answer = await patched(raw, {"id": one, "fields": {"Key": "b"}}, performUpsert=merge)
    assert answer.json()["updatedRecords"] == [one]
    answer = await patched(raw, {"id": "recGone0000000000", "fields": {"Key": "z"}}, performUpsert=merge)
    assert refused(answer) == (422, "ROW_DOES_NOT_EXIST")


@pytest.mark.parametrize(
    "names", [["Email"], ["Next at"], ["Created"], ["Paused"], [], ["Key", "Step", "Stage", "Notes"]]
)
async def test_an_upsert_merges_on_one_to_three_plain_fields(raw: httpx.AsyncClient, names: list[str]):
    """email and dateTime are not in the list, computed ones neither."""
    fields = {"Key": "a", "Email": "a@firma.example", "Next at": None, "Paused": True}
    answer = await patched(raw, {"fields": fields}, performUpsert={"fieldsToMergeOn": names})
    assert refused(answer) == (422, "INVALID_REQUEST_UNKNOWN")


async def test_an_upserted_record_carries_its_merge_field(airtable: Airtable, raw: httpx.AsyncClient):
    """Or nothing happens."""
    answer = await patched(raw, {"fields": {"Step": 1}}, performUpsert={"fieldsToMergeOn": ["Key"]})
    assert answer.status_code == 422
    assert airtable.rows("Leads") == []


# Formulas


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("{Key}='a'", ["a"]),
        ('{Key}="a"', ["a"]),
        ("{Key}='A'", []),
        ("LOWER({Email})='ines@firma.example'", ["a"]),
        ("{Key}!='a'", ["b", "c'\\"]),
        (r"{Key}='c\'\\'", ["c'\\"]),
        (r"""{Key}="c'\\" """, ["c'\\"]),
        ("{Step}=2", ["b"]),
        ("{Step}>=1", ["a", "b"]),
        ("{Paused}", ["b"]),
        ("NOT({Paused})", ["a", "c'\\"]),
        ("{Paused}=TRUE()", ["b"]),
        ("{Email}=BLANK()", ["b", "c'\\"]),
        ("{Email}&''=''", ["b", "c'\\"]),
        ("AND({Step}<3, OR({Key}='b', {Key}='x'))", ["b"]),
        ("({Key}&'-')&{Step}='a-1'", ["a"]),
        ("TRIM({Notes})='hello'", ["a"]),
        ("LEN({Notes})=9", ["a"]),
        ("{Next at}<=DATETIME_PARSE('2026-02-03T07:00:00.000Z')", ["a"]),
        ("AND({Next at}, IS_AFTER({Next at}, '2026'))", []),
        ("CREATED_TIME()<DATETIME_PARSE('2027-01-01')", ["a", "b", "c'\\"]),
        ("FALSE()", []),
        ("0", []),
        ("''", []),
        ("'x'", ["a", "b", "c'\\"]),
    ],
)
async def test_a_formula_keeps_what_it_says(
    airtable: Airtable, raw: httpx.AsyncClient, formula: str, expected: list[str]
):
    """A result of 0, false or nothing keeps no row, an error in a cell neither."""
    add(
        airtable,
        {"Key": "a", "Email": "Ines@Firma.example", "Step": 1, "Notes": "  hello  ", "Next at": "2026-02-03T07:00Z"},
        {"Key": "b", "Step": 2, "Paused": True, "Next at": "2026-02-03T07:01Z"},
        {"Key": "c'\\"},
    )
    assert await listed(raw, view="Grid view", filterByFormula=formula) == expected


@pytest.mark.parametrize(
    "formula",
    [
        "{Nope}='a'",
        "{Key}='a",
        "{Key}='it's'",
        r"{Key}='\x'",
        "{Key}='a\nb'",
        "Key='a'",
        "{Key}=='a'",
        "{Key}='a' {Step}",
        "AND()",
        "NOT()",
        "LOWER({Key},{Key})",
        "FIND('a',{Key})",
        "IF({Key},1,0)",
        "{Step}+1",
        "({Key}",
        "RECORD_ID",
        "{}",
        r"{a\}b\}c}='a'",
        " ",
    ],
)
async def test_what_is_no_formula_here_matches_nothing(airtable: Airtable, raw: httpx.AsyncClient, formula: str):
    """It is refused, and never taken for "all"."""
    add(airtable, {"Key": "a"})
    answer = await raw.get(LEADS, params={"filterByFormula": formula})
    assert refused(answer) == (422, "INVALID_FILTER_BY_FORMULA")
    assert answer.json()["error"]["message"].startswith("The formula for filtering records is invalid: ")


async def test_a_formula_sees_a_name_with_a_brace_as_the_official_client_writes_it(
    airtable: Airtable, raw: httpx.AsyncClient
):
    """One closing brace, with a backslash before it."""
    airtable.add_column("Leads", "odd} name", "singleLineText")
    add(airtable, {"Key": "a", "odd} name": "x"}, {"Key": "b"})
    assert await listed(raw, filterByFormula=str(formulas.match({"odd} name": "x"}))) == ["a"]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("OR(RECORD_ID()='%s', '%s'=RECORD_ID(), RECORD_ID()='recGone0000000000')", ["k1", "k2"]),
        ("AND(RECORD_ID()='%s', {Step}=1, RECORD_ID()!='%s')", ["k1"]),
        ("OR(RECORD_ID()='%s', {Step}=0, RECORD_ID()='%s')", ["k0", "k1", "k2"]),
        ("NOT(OR(RECORD_ID()='%s', RECORD_ID()='%s'))", ["k0"]),
        ("AND(OR(RECORD_ID()='%s', {Step}=0), RECORD_ID()='%s')", []),
    ],
)
async def test_records_are_asked_for_by_their_ids(
    airtable: Airtable, raw: httpx.AsyncClient, formula: str, expected: list[str]
):
    """The shortcut that spares the other rows changes no result."""
    ids = add(airtable, *({"Key": f"k{n}", "Step": n} for n in range(3)))
    assert await listed(raw, view="Grid view", filterByFormula=formula % (ids[1], ids[2])) == expected


# People


async def test_a_renamed_column_is_unknown_and_views_go_on(airtable: Airtable, raw: httpx.AsyncClient):
    """Its cells come under the new name: the old one looks empty."""
    [one] = add(airtable, {"Key": "a", "Stage": "Queued"})
    airtable.rename_column("Leads", "Stage", "State")
    answer = (await raw.get(LEADS, params={"view": "Queue"})).json()
    assert answer["records"][0]["fields"]["State"] == "Queued"
    assert refused(await patched(raw, {"id": one, "fields": {"Stage": "Sent"}})) == (422, "UNKNOWN_FIELD_NAME")
    assert refused(await raw.get(LEADS, params={"filterByFormula": "{Stage}=''"})) == (422, "INVALID_FILTER_BY_FORMULA")


async def test_an_option_can_be_added_and_taken_away(airtable: Airtable, raw: httpx.AsyncClient):
    """With it goes what the cells held."""
    [one] = add(airtable, {"Key": "a", "Stage": "Queued", "Tags": ["x", "y"]})
    airtable.add_option("Leads", "Stage", "Paused")
    airtable.remove_option("Leads", "Stage", "Queued")
    airtable.remove_option("Leads", "Tags", "x")
    fields = airtable.row("Leads", one)["fields"]
    assert "Stage" not in fields
    assert fields["Tags"] == ["y"]
    assert (await patched(raw, {"id": one, "fields": {"Stage": "Paused"}})).status_code == 200
    assert (await patched(raw, {"id": one, "fields": {"Stage": "Queued"}})).status_code == 422


async def test_a_view_can_be_taken_away(airtable: Airtable, raw: httpx.AsyncClient):
    """From the schema and from listings."""
    airtable.remove_view("Leads", "Queue")
    assert [one["name"] for one in (await raw.get(META)).json()["tables"][1]["views"]] == ["Grid view"]
    assert refused(await raw.get(LEADS, params={"view": "Queue"})) == (422, "VIEW_NAME_NOT_FOUND")


async def test_somebody_edits_between_the_read_and_the_write(airtable: Airtable, raw: httpx.AsyncClient):
    """Just before the write takes effect: the last writer wins, cell by cell; or the row is gone."""
    [one] = add(airtable, {"Key": "a", "Step": 1})
    human = {"table": "Leads", "id": one, "fields": {"Step": 5, "Notes": "mine"}}
    airtable.world.faults.switch_on("airtable", "human", method="PATCH", value=human)
    await raw.get(LEADS)
    fields = (await patched(raw, {"id": one, "fields": {"Step": 2}})).json()["records"][0]["fields"]
    assert (fields["Step"], fields["Notes"]) == (2, "mine")
    airtable.world.faults.switch_on("airtable", "human", value=lambda: airtable.delete("Leads", one))
    assert refused(await patched(raw, {"id": one, "fields": {}})) == (422, "ROW_DOES_NOT_EXIST")


async def test_who_edits_leaves_a_time(airtable: Airtable, raw: httpx.AsyncClient, clock: Clock):
    """The record's own createdTime stays."""
    [one] = add(airtable, {"Key": "a"})
    clock.at += timedelta(hours=1)
    airtable.edit("Leads", one, {"Key": "b"})
    record = (await raw.get(f"{LEADS}/{one}")).json()
    assert record["createdTime"] == record["fields"]["Created"] == "2026-11-24T08:15:30.000Z"
    assert record["fields"]["Modified"] == "2026-11-24T09:15:30.000Z"
    assert await listed(raw, filterByFormula="LAST_MODIFIED_TIME()>DATETIME_PARSE('2026-11-24T09:00:00Z')") == ["b"]


# Schema


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"name": "At", "type": "lastModifiedTime"}, "UNSUPPORTED_FIELD_TYPE_FOR_CREATE"),
        ({"name": "F", "type": "formula"}, "UNSUPPORTED_FIELD_TYPE_FOR_CREATE"),
        ({"name": "X", "type": "nonsense"}, "INVALID_REQUEST_UNKNOWN"),
        ({"type": "singleLineText"}, "INVALID_REQUEST_UNKNOWN"),
        ({"name": "email", "type": "singleLineText"}, "DUPLICATE_OR_EMPTY_FIELD_NAME"),
        ({"name": "X", "type": "singleLineText", "options": {"a": 1}}, "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE"),
        ({"name": "X", "type": "number"}, "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE"),
        ({"name": "X", "type": "number", "options": {"precision": 9}}, "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE"),
        (
            {"name": "X", "type": "checkbox", "options": {"icon": "star", "color": "redBright"}},
            "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE",
        ),
        (
            {"name": "X", "type": "dateTime", "options": {"timeZone": "utc", "dateFormat": {"name": "iso"}}},
            "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE",
        ),
        (
            {"name": "X", "type": "date", "options": {"dateFormat": {"name": "german"}}},
            "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE",
        ),
        (
            {"name": "X", "type": "singleSelect", "options": {"choices": [{"name": "a"}, {"name": "a"}]}},
            "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE",
        ),
    ],
)
async def test_a_column_that_cannot_be_made_is_refused(
    airtable: Airtable, raw: httpx.AsyncClient, body: dict[str, Any], kind: str
):
    """Alone, and as part of a new table, which is then not made either."""
    leads = airtable.table("Leads")
    assert refused(await raw.post(f"{META}/{leads.id}/fields", json=body)) == (422, kind)
    fields = [{"name": "Email", "type": "email"}, body]
    assert refused(await raw.post(META, json={"name": "New", "fields": fields})) == (422, kind)
    assert [one.name for one in airtable.tables] == ["Table 1", "Leads"]
    assert len(leads.fields) == len(COLUMNS)


async def test_only_names_and_descriptions_can_be_changed(airtable: Airtable, raw: httpx.AsyncClient):
    """At least one of them; never type or options."""
    leads = airtable.table("Leads")
    stage = f"{META}/{leads.id}/fields/{leads.known('Stage').id}"
    assert (await raw.patch(stage, json={"description": "where it is"})).json()["description"] == "where it is"
    for body in ({}, {"type": "singleLineText"}, {"options": {"choices": []}}, {"description": "x" * 20_001}):
        assert (await raw.patch(stage, json=body)).status_code == 422
    assert (await raw.patch(f"{META}/{leads.id}", json={"name": "People"})).json()["name"] == "People"
    assert (await raw.get(LEADS)).status_code == 403
    assert (await raw.get(f"/v0/{BASE}/People")).status_code == 200
    assert (await raw.patch(f"{META}/{leads.id}", json={"name": "Table 1"})).status_code == 422


# State


async def test_a_base_can_be_put_away_and_taken_out_again(airtable: Airtable, clock: Clock, url: str):
    """Rows, views, options and times; through /_sandbox/state too."""
    add(airtable, {"Key": "a", "Stage": "Queued", "Tags": ["x"], "Next at": "2026-02-03T07:00Z"}, {"Key": "b"})
    airtable.revoke_scope("schema.bases:write")
    async with httpx.AsyncClient(trust_env=False) as client:
        state = (await client.get(f"{url}/_sandbox/state")).json()["airtable"]
    other = Airtable(World(now=clock.now, sleep=clock.sleep, rng=random.Random(2)), strict_rate=False)
    other.load(state)
    assert other.dump() == airtable.dump()
    other.add_rows("Leads", [{"Key": "c"}])
    assert keys(other.rows("Leads")) == ["a", "b", "c"]
    assert keys(airtable.rows("Leads")) == ["a", "b"]


async def test_an_effect_can_outlive_its_answer(airtable: Airtable, raw: httpx.AsyncClient):
    """The case that makes duplicates: written, and the connection dropped."""
    airtable.world.faults.switch_on("airtable", "lost_reply", method="POST")
    with pytest.raises(httpx.RemoteProtocolError):
        await raw.post(LEADS, json={"fields": {"Key": "a"}})
    assert keys(airtable.rows("Leads")) == ["a"]

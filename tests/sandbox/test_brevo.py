"""Does the sandbox's Brevo keep to what Brevo does: one mail a key, events that come late, and no that is no?"""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import brevo as official
import httpx
import pytest

from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.recipients import REPLY, Reaction, Recipients, bounce
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.world import World

START = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
INES = "ines@firma.example"


class Clock:
    """A time that only a test moves."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


class Client:
    """One account over HTTP, and the world behind it."""

    def __init__(self, clock: Clock, brevo: Brevo, http: httpx.AsyncClient) -> None:
        self.clock = clock
        self.brevo = brevo
        self.http = http

    async def send(self, tag: str = "a-1", **changed: object) -> httpx.Response:
        return await self.http.post("smtp/email", json=mail(tag) | changed)

    async def sent(self, tag: str = "a-1", **changed: object) -> str:
        answer = await self.send(tag, **changed)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["messageId"])

    async def get(self, path: str, **query: str | int) -> httpx.Response:
        return await self.http.get(path, params=query)

    async def events(self, **query: str | int) -> list[dict[str, str]]:
        answer = await self.get("smtp/statistics/events", sort="asc", **query)
        assert answer.status_code == 200, answer.text
        return list(answer.json().get("events", []))

    async def names(self, **query: str | int) -> list[str]:
        return [one["event"] for one in await self.events(**query)]

    def fault(self, name: str, **how: object) -> None:
        self.brevo.world.faults.switch_on("brevo", name, **how)


def mail(tag: str = "a-1") -> dict[str, object]:
    """What our program sends: both parts, one recipient, one tag, a key."""
    return {
        "sender": {"email": "ana@studio.example", "name": "Ana Reis"},
        "to": [{"email": INES, "name": "Ines"}],
        "subject": "Short question",
        "htmlContent": "<p>Hello</p>",
        "textContent": "Hello",
        "tags": [tag],
        "headers": {"idempotencyKey": f"key of {tag}"},
    }


def world(clock: Clock) -> World:
    return World(now=lambda: clock.now, sleep=asyncio.sleep, rng=random.Random(1))


@asynccontextmanager
async def account(now: datetime = START, **settings: object) -> AsyncIterator[Client]:
    clock = Clock(now)
    brevo = Brevo(world(clock), **settings)
    async with (
        serving(Sandbox(brevo.world, [brevo])) as url,
        httpx.AsyncClient(base_url=f"{url}/brevo/v3/", headers={"api-key": "xkeysib-sandbox"}) as http,
    ):
        yield Client(clock, brevo, http)


def no(answer: httpx.Response, status: int, code: str) -> str:
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    return str(answer.json()["message"])


# The official client, unmodified.


async def test_the_official_client_sends_and_reads_back():
    """brevo-python 5.1.0: send, events, log, content, block list, account, domains."""
    async with account() as client:
        sdk = official.AsyncBrevo(
            api_key="xkeysib-sandbox",
            base_url=str(client.http.base_url).rstrip("/"),
            max_retries=0,
            httpx_client=client.http,
        )
        emails = sdk.transactional_emails
        sent = await emails.send_transac_email(**sdk_mail())
        client.clock.pass_by(seconds=5)
        events = (await emails.get_email_event_report(message_id=sent.message_id, sort="asc")).events
        assert [(one.event, one.tag) for one in events] == [("requests", "a-1"), ("delivered", "a-1")]
        (row,) = (await emails.get_transac_emails_list(email=INES)).transactional_emails
        assert (row.message_id, row.tags) == (sent.message_id, ["a-1"])
        content = await emails.get_transac_email_content(row.uuid_)
        assert [one.name for one in content.events] == ["sent", "delivered"]
        client.brevo.block("gone@firma.example", code="hardBounce")
        (blocked,) = (await emails.get_transac_blocked_contacts()).contacts
        assert (blocked.email, blocked.reason.code) == ("gone@firma.example", "hardBounce")
        assert (await sdk.account.get_account()).plan[0].credits == 1_000_000
        assert (await sdk.domains.get_domains()).domains[0].authenticated
        assert (await sdk.domains.get_domain_configuration("studio.example")).dns_records.dkim_record.status
        assert (await sdk.senders.get_senders()).senders[0].email == "ana@studio.example"


async def test_the_official_client_finds_an_empty_report():
    """`{}`: no list at all."""
    async with account() as client:
        sdk = official.AsyncBrevo(
            api_key="xkeysib-sandbox", base_url=str(client.http.base_url).rstrip("/"), httpx_client=client.http
        )
        assert (await sdk.transactional_emails.get_email_event_report()).events is None
        assert (await client.get("smtp/statistics/events")).json() == {}


def sdk_mail() -> dict[str, object]:
    names = {"htmlContent": "html_content", "textContent": "text_content"}
    return {names.get(name, name): value for name, value in mail().items()}


# One key, one mail.


async def test_a_key_sends_once_and_its_repeat_names_no_message():
    """400 duplicate_parameter, without the first message's id."""
    async with account() as client:
        await client.sent()
        again = await client.send()
        assert no(again, 400, "duplicate_parameter") == "Email for the idempotency key has already been processed"
        assert "messageId" not in again.json()
        assert len(client.brevo.ledger) == 1


async def test_a_key_counts_although_the_first_reply_was_lost():
    """The mail left, nobody heard of it, and the repeat says so."""
    async with account() as client:
        client.fault("lost_reply")
        with pytest.raises(httpx.HTTPError):
            await client.send()
        no(await client.send(), 400, "duplicate_parameter")
        assert [one.key for one in client.brevo.ledger] == ["key of a-1"]


@pytest.mark.parametrize(("lifetime_s", "minutes", "mails"), [(900, 14, 1), (900, 16, 2), (1800, 29, 1), (1800, 31, 2)])
async def test_after_its_lifetime_a_key_is_free_and_sends_a_second_mail(lifetime_s: int, minutes: int, mails: int):
    """Fifteen minutes by the changelog, thirty by the docs."""
    async with account(key_lifetime_s=lifetime_s) as client:
        await client.sent()
        client.clock.pass_by(minutes=minutes)
        await client.send()
        assert [one.recipient for one in client.brevo.ledger] == [INES] * mails


@pytest.mark.parametrize("spelling", ["IdempotencyKey", "Idempotency-Key", "idempotencykey"])
async def test_only_the_exact_spelling_of_the_key_counts(spelling: str):
    """Any other sends twice."""
    async with account() as client:
        for _ in range(2):
            await client.sent(headers={spelling: "one"})
        assert len(client.brevo.ledger) == 2


async def test_a_key_as_an_http_header_does_not_count():
    """Measured: two 201s, two mails."""
    async with account() as client:
        for _ in range(2):
            body = mail() | {"headers": {}}
            await client.http.post("smtp/email", json=body, headers={"idempotencyKey": "one"})
        assert len(client.brevo.ledger) == 2


@pytest.mark.parametrize(("refused_keys_count", "status"), [(False, 201), (True, 400)])
async def test_the_key_of_a_refused_send_may_count_or_not(refused_keys_count: bool, status: int):
    """Nobody knows, so both can be tried."""
    async with account(refused_keys_count=refused_keys_count) as client:
        no(await client.send(subject=""), 400, "missing_parameter")
        assert (await client.send()).status_code == status


async def test_two_at_the_same_moment_may_both_pass():
    """Nobody knows, so it can be tried."""
    async with account(key_seen_after_s=1) as client:
        for _ in range(2):
            await client.sent()
        client.clock.pass_by(seconds=2)
        no(await client.send(), 400, "duplicate_parameter")


# What leaves.


async def test_what_left_stands_in_the_ledger_with_key_tag_and_recipient():
    """And in the state that another process reads."""
    async with account() as client:
        message_id = await client.sent()
        (left,) = client.brevo.ledger
        assert (left.at, left.key, left.tag, left.recipient) == (START, "key of a-1", "a-1", INES)
        assert (left.text, left.html) == ("Hello", "<p>Hello</p>")
        assert message_id == left.message_id
        assert message_id.startswith("<202601151030.")
        assert message_id.endswith("@smtp-relay.mailin.fr>")
        state = (await client.http.get(str(client.http.base_url.copy_with(path="/_sandbox/state")))).json()
        assert [(one["recipient"], one["tag"]) for one in state["brevo"]["ledger"]] == [(INES, "a-1")]


async def test_a_text_alone_leaves_as_html_alone():
    """Silently (anymail/django-anymail#483)."""
    async with account() as client:
        await client.sent(htmlContent=None, textContent="a < b")
        (left,) = client.brevo.ledger
        assert left.text == ""
        assert "a &lt; b" in left.html


async def test_header_names_leave_in_title_case_and_the_key_stays():
    """X-Mailin-custom becomes X-Mailin-Custom."""
    async with account() as client:
        await client.sent(headers={"X-Mailin-custom": "mine", "idempotencyKey": "k"})
        assert client.brevo.ledger[0].headers == {"X-Mailin-Custom": "mine"}


async def test_sandbox_mode_leaves_no_trace():
    """Validated, a 201 with an id, and nothing anywhere."""
    async with account(credits=1) as client:
        no(await client.send(headers={"X-Sib-Sandbox": "drop"}, to=[{"email": "no"}]), 400, "invalid_parameter")
        message_id = await client.sent(headers={"X-Sib-Sandbox": "drop", "idempotencyKey": "k"})
        client.clock.pass_by(days=1)
        assert not client.brevo.ledger
        assert await client.events() == []
        assert (await client.get("smtp/emails", messageId=message_id)).json()["count"] == 0
        await client.sent(headers={"idempotencyKey": "k"})


async def test_several_addresses_share_an_id_and_each_has_its_uuid():
    """In one `to`; versions have an id each, in their order."""
    async with account() as client:
        message_id = await client.sent(to=[{"email": INES}, {"email": "jo@firma.example"}])
        assert [one.message_id for one in client.brevo.ledger] == [message_id] * 2
        assert len({one.uuid for one in client.brevo.ledger}) == 2
        versions = [{"to": [{"email": f"{name}@firma.example"}]} for name in ("kim", "lou")]
        answer = await client.send("a-2", messageVersions=versions)
        assert answer.json() == {"messageIds": [one.message_id for one in client.brevo.ledger[2:]]}
        assert [one.recipient for one in client.brevo.ledger[2:]] == ["kim@firma.example", "lou@firma.example"]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"sender": None}, 400, "missing_parameter"),
        ({"sender": {"id": 1, "email": "ana@studio.example"}}, 400, "missing_parameter"),
        ({"to": []}, 400, "missing_parameter"),
        ({"to": [{"email": "not an address"}]}, 400, "invalid_parameter"),
        ({"to": [{"email": INES, "name": "n" * 71}]}, 400, "invalid_parameter"),
        ({"subject": None}, 400, "missing_parameter"),
        ({"htmlContent": "", "textContent": ""}, 400, "missing_parameter"),
        ({"headers": {"X-Number": 1}}, 400, "invalid_parameter"),
        ({"tags": "a-1"}, 400, "invalid_parameter"),
        ({"replyTo": {"email": "no"}}, 400, "invalid_parameter"),
        ({"attachment": [{"name": "a.pdf"}]}, 400, "invalid_parameter"),
        ({"templateId": 7}, 404, "document_not_found"),
        ({"messageVersions": [{"to": [{"email": INES}] * 100}]}, 400, "invalid_parameter"),
        ({"messageVersions": [{"to": [{"email": INES}], "params": {"x": "y" * 100_000}}]}, 400, "out_of_range"),
    ],
)
async def test_a_bad_order_is_refused_by_its_code(changed: dict[str, object], status: int, code: str):
    """And nothing leaves."""
    async with account() as client:
        no(await client.send(**changed), status, code)
        assert not client.brevo.ledger


# The account says no.


@pytest.mark.parametrize(
    ("fault", "value", "status", "code"),
    [
        ("no_credits", 400, 400, "not_enough_credits"),
        ("no_credits", 402, 402, "not_enough_credits"),
        ("under_validation", None, 402, "account_under_validation"),
        ("forbidden", None, 403, "permission_denied"),
        ("ip", None, 401, "unauthorized"),
        ("unknown_code", None, 400, "moon_phase_unsuitable"),
    ],
)
async def test_a_fault_refuses_one_send_and_nothing_leaves(fault: str, value: object, status: int, code: str):
    """Then all is well again."""
    async with account() as client:
        client.fault(fault, value=value)
        no(await client.send(), status, code)
        assert not client.brevo.ledger
        await client.sent()


@pytest.mark.parametrize("headers", [{"api-key": "other"}, {"api-key": ""}])
async def test_a_wrong_or_missing_key_is_not_found(headers: dict[str, str]):
    """401 on every route."""
    async with account() as client:
        assert no(await client.http.get("account", headers=headers), 401, "unauthorized") == "Key not found"


async def test_credits_run_out():
    """Counted down by recipient, and seen in the account."""
    async with account(credits=3) as client:
        await client.sent(to=[{"email": INES}, {"email": "jo@firma.example"}])
        assert (await client.get("account")).json()["plan"][0]["credits"] == 1
        await client.sent("a-2")
        no(await client.send("a-3"), 402, "not_enough_credits")


async def test_the_free_plans_day_ends_at_the_accounts_midnight():
    """Half past eleven at night in Paris is another day than half past twelve."""
    async with account(datetime(2026, 1, 15, 22, 30, tzinfo=UTC), daily_cap=1) as client:
        await client.sent("a-1")
        no(await client.send("a-2"), 400, "max_emails_per_day_exceeded")
        client.clock.pass_by(hours=1)
        await client.sent("a-3")


@pytest.mark.parametrize(
    ("path", "calls", "reset_s"),
    [("smtp/emails?email=x@y.example", 2, 1), ("smtp/statistics/events", 300, 1800), ("account", 100, 1800)],
)
async def test_a_route_has_its_rate(path: str, calls: int, reset_s: int):
    """All three headers on every answer, the reset in seconds left; free again after it."""
    async with account() as client:
        for left in reversed(range(calls)):
            answer = await client.http.get(path)
            assert (answer.status_code, answer.headers["x-sib-ratelimit-remaining"]) == (200, str(left))
        refused = await client.http.get(path)
        assert refused.status_code == 429
        assert refused.headers["x-sib-ratelimit-limit"] == str(calls)
        assert refused.headers["x-sib-ratelimit-reset"] == str(reset_s)
        assert "retry-after" not in refused.headers
        client.clock.pass_by(seconds=reset_s)
        assert (await client.http.get(path)).status_code == 200


async def test_a_429_can_be_switched_on():
    """With the seconds that the fault names; nothing leaves."""
    async with account() as client:
        client.fault("rate", value=40)
        answer = await client.send()
        assert (answer.status_code, answer.headers["x-sib-ratelimit-reset"]) == (429, "40")
        assert not client.brevo.ledger


# What is reported, and when.


async def test_nothing_is_seen_before_its_lag():
    """Events and log lag apart from one another."""
    async with account(event_lag_s=600, log_lag_s=60) as client:
        message_id = await client.sent()
        client.clock.pass_by(seconds=59)
        assert (await client.get("smtp/emails", messageId=message_id)).json()["count"] == 0
        client.clock.pass_by(seconds=2)
        assert (await client.get("smtp/emails", messageId=message_id)).json()["count"] == 1
        assert await client.names() == []
        client.clock.pass_by(seconds=541)
        assert await client.names() == ["requests", "delivered"]


async def test_a_late_event_lands_among_those_already_read():
    """Sorted by date, whenever it came to be seen."""
    lags = iter([100.0, 0.0])
    async with account(event_lag_s=lambda _: next(lags)) as client:
        await client.sent()
        client.clock.pass_by(seconds=5)
        assert await client.names() == ["delivered"]
        client.clock.pass_by(seconds=100)
        assert await client.names() == ["requests", "delivered"]


async def test_an_unvalidated_sender_is_taken_and_then_an_error():
    """201, no mail, one event; authenticated meanwhile, the next one leaves."""
    async with account(sender_domains=["studio.example"]) as client:
        client.brevo.domains["studio.example"].authenticated = False
        assert not (await client.get("senders/domains/studio.example")).json()["authenticated"]
        await client.sent()
        client.clock.pass_by(seconds=5)
        (event,) = await client.events()
        assert event["event"] == "error"
        assert "sender you used ana@studio.example is not valid" in event["reason"]
        assert not client.brevo.ledger
        client.brevo.domains["studio.example"].authenticated = True
        await client.sent("a-2")
        assert len(client.brevo.ledger) == 1
        no(await client.get("senders/domains/other.example"), 404, "document_not_found")


@pytest.mark.parametrize(("fault", "events"), [("silent", []), ("error_event", ["error"])])
async def test_a_201_is_no_mail(fault: str, events: list[str]):
    """A suspended account says yes and does nothing."""
    async with account() as client:
        client.fault(fault)
        await client.sent()
        client.clock.pass_by(days=2)
        assert await client.names() == events
        assert not client.brevo.ledger


@pytest.mark.parametrize(
    ("event", "code", "other_sender"),
    [("hardBounces", "hardBounce", "blocked"), ("spam", "contactFlaggedAsSpam", "delivered")],
)
async def test_a_bounce_blocks_for_every_sender_and_a_complaint_for_one(event: str, code: str, other_sender: str):
    """What is blocked is accepted, requested, and never leaves."""
    async with account() as client:
        first = await client.sent()
        client.clock.pass_by(days=2)
        client.brevo.happen(first, event)
        (contact,) = (await client.get("smtp/blockedContacts")).json()["contacts"]
        assert (contact["email"], contact["reason"]["code"]) == (INES, code)
        second = await client.sent("a-2")
        third = await client.sent("a-3", sender={"email": "bea@studio.example"})
        client.clock.pass_by(seconds=5)
        assert await client.names(messageId=first) == ["requests", "delivered", event]
        assert await client.names(messageId=second) == ["requests", "blocked"]
        assert await client.names(messageId=third) == ["requests", other_sender]
        assert [one.tag for one in client.brevo.ledger] == ["a-1", *["a-3"] * (other_sender == "delivered")]


async def test_dates_carry_the_accounts_offset_across_a_change_of_clocks():
    """Documented as UTC, in truth local, with milliseconds: +01:00 one night, +02:00 the next."""
    async with account(datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)) as client:
        client.brevo.tell(INES, Reaction(after_s=2.25, event="delivered"))
        await client.sent()
        client.clock.pass_by(seconds=3)
        assert [one["date"] for one in await client.events()] == [
            "2026-03-29T01:59:59.000+01:00",
            "2026-03-29T03:00:01.250+02:00",
        ]


async def test_a_day_is_cut_at_the_accounts_midnight():
    """23:30 in UTC is the next day in Paris; the answer to that day has it."""
    async with account(datetime(2026, 1, 15, 23, 30, tzinfo=UTC)) as client:
        await client.sent()
        client.clock.pass_by(seconds=5)
        assert await client.names(startDate="2026-01-15", endDate="2026-01-15") == []
        assert len(await client.names(startDate="2026-01-16", endDate="2026-01-16")) == 2
        assert len(await client.names(days=1)) == 2


async def test_pages_shift_under_a_list_that_grows():
    """Newest first: what was on the first page is on the second after a new event."""
    async with account() as client:
        await client.sent("a-1")
        client.clock.pass_by(seconds=5)
        first = (await client.get("smtp/statistics/events", limit=1)).json()["events"]
        client.brevo.happen(client.brevo.ledger[0].message_id, "opened")
        second = (await client.get("smtp/statistics/events", limit=1, offset=1)).json()["events"]
        assert first == second


@pytest.mark.parametrize(
    "query",
    [
        "days=91",
        "days=2&startDate=2026-01-01&endDate=2026-01-02",
        "startDate=2026-01-01",
        "startDate=2025-10-01&endDate=2026-01-01",
        "limit=5001",
        "event=hard_bounce",
        "sort=up",
        "offset=-1",
    ],
)
async def test_a_question_out_of_range_is_refused(query: str):
    """400, and no half of an answer."""
    async with account() as client:
        assert (await client.http.get(f"smtp/statistics/events?{query}")).status_code == 400


async def test_events_are_found_by_each_filter():
    """Address in any case, message, kind, and tags as a JSON array."""
    async with account() as client:
        one = await client.sent("a-1")
        await client.sent("a-2", to=[{"email": "jo@firma.example"}])
        client.clock.pass_by(seconds=5)
        asked = [{"email": INES.upper()}, {"messageId": one}, {"tags": json.dumps(["a-1"])}]
        for query in asked:
            assert {event["tag"] for event in await client.events(**query)} == {"a-1"}
        assert await client.names(event="requests") == ["requests"] * 2
        assert await client.names(event="bounces") == []


async def test_without_tags_the_tag_is_empty():
    """One string, never absent."""
    async with account() as client:
        await client.sent(tags=[])
        assert [one["tag"] for one in await client.events()] == [""]


async def test_duplicates_are_identical_to_the_byte():
    """There is no event id to tell them apart."""
    async with account() as client:
        client.fault("duplicates")
        await client.sent()
        client.clock.pass_by(seconds=5)
        first, second, *rest = await client.events()
        assert first == second
        assert len(rest) == 2


async def test_dates_can_be_out_of_order():
    """`delivered` before `requests`."""
    async with account() as client:
        client.fault("disorder")
        await client.sent()
        client.clock.pass_by(seconds=5)
        assert await client.names() == ["delivered", "requests"]


async def test_an_answer_by_message_can_hold_a_strangers_event():
    """One more than was asked for."""
    async with account() as client:
        await client.sent("a-1")
        mine = await client.sent("a-2")
        client.fault("foreign")
        assert [one["tag"] for one in await client.events(messageId=mine)] == ["a-1", "a-2"]


@pytest.mark.parametrize("value", ["html", None])
async def test_the_report_fails_now_and_then(value: str | None):
    """500, with JSON or without, the rate headers all the same."""
    async with account() as client:
        client.fault("events_500", value=value)
        answer = await client.get("smtp/statistics/events")
        assert (answer.status_code, answer.text.startswith("<html>")) == (500, value == "html")
        assert "x-sib-ratelimit-reset" in answer.headers
        assert (await client.get("smtp/statistics/events")).status_code == 200


async def test_a_bench_gets_its_million_events_in_pages():
    """Each once, in either order, without a million objects."""
    async with account(strict_rate=False) as client:
        client.brevo.fill(1_000_000, START - timedelta(days=10))
        first = await client.events(limit=2500, offset=0)
        middle = await client.events(limit=2500, offset=500_000)
        last = await client.events(limit=2500, offset=997_500)
        assert len({(one["messageId"], one["event"]) for one in (*first, *middle, *last)}) == 7500
        newest = (await client.get("smtp/statistics/events", limit=2500)).json()["events"]
        assert newest[::-1] == last
        assert await client.events(limit=2500, offset=1_000_000) == []


# The log, the block list, a restart.


async def test_the_log_wants_a_filter_and_no_more_than_a_month():
    """400 otherwise."""
    async with account() as client:
        no(await client.get("smtp/emails"), 400, "missing_parameter")
        client.clock.pass_by(seconds=1)
        answer = await client.get("smtp/emails", email=INES, startDate="2025-11-01", endDate="2026-01-01")
        no(answer, 400, "out_of_range")
        no(await client.get("smtp/emails/0b1c9d5e-77aa-4a52-9f0e-3f7d0f1b2c3d"), 404, "document_not_found")


async def test_a_log_that_was_deleted_is_gone_and_the_mail_is_not_unsent():
    """The ledger keeps it."""
    async with account() as client:
        message_id = await client.sent()
        assert (await client.http.delete(f"smtp/log/{message_id}")).status_code == 204
        assert await client.events() == []
        assert (await client.get("smtp/emails", email=INES)).json()["count"] == 0
        assert len(client.brevo.ledger) == 1
        no(await client.http.delete(f"smtp/log/{message_id}"), 404, "document_not_found")


async def test_the_block_list_comes_in_pages_newest_first():
    """Fifty unless asked otherwise, a hundred at most, by sender if wanted."""
    async with account() as client:
        for number in range(120):
            client.clock.pass_by(seconds=1)
            client.brevo.block(f"p{number}@firma.example", sender=f"s{number % 2}@studio.example", code="hardBounce")
        page = (await client.get("smtp/blockedContacts")).json()
        assert (page["count"], len(page["contacts"])) == (120, 50)
        assert page["contacts"][0]["email"] == "p119@firma.example"
        assert (await client.get("smtp/blockedContacts", senders="s1@studio.example")).json()["count"] == 60
        no(await client.get("smtp/blockedContacts", limit=101), 400, "out_of_range")
        tomorrow = {"startDate": "2026-01-15", "endDate": "2026-01-16"}
        no(await client.get("smtp/blockedContacts", **tomorrow), 400, "invalid_parameter")


async def test_a_restart_forgets_nothing():
    """Ledger, keys, what is still to come, block list and credits, through JSON."""
    async with account(credits=5) as client:
        client.brevo.tell(INES, bounce(3600))
        await client.sent()
        kept = json.loads(json.dumps(client.brevo.dump()))
        client.brevo.load({})
        assert not client.brevo.ledger
        client.brevo.load(kept)
        no(await client.send(), 400, "duplicate_parameter")
        assert (await client.get("account")).json()["plan"][0]["credits"] == 4
        client.clock.pass_by(hours=2)
        assert await client.names() == ["requests", "hardBounces"]
        assert (await client.get("smtp/blockedContacts")).json()["count"] == 1
        assert [one.tag for one in client.brevo.ledger] == ["a-1"]


# Those who get the mails.


def test_the_same_seed_plays_the_same_people():
    """What somebody does follows from seed, address and tag alone."""
    play = [[Recipients(seed).react(f"p{n}@firma.example", "t") for n in range(500)] for seed in (1, 1, 2)]
    assert play[0] == play[1] != play[2]


def test_the_people_are_plausible():
    """Of 20,000 mails: about as many delivered, bounced, answered as in a small B2B list."""
    lives = [{one.event for one in Recipients(7).react(f"p{n}@firma.example", "t")} for n in range(20_000)]
    share = {name: sum(name in one for one in lives) / len(lives) for name in set().union(*lives)}
    assert share["delivered"] > 0.96
    assert share["hardBounces"] == pytest.approx(0.008, abs=0.003)
    assert share[REPLY] == pytest.approx(0.04, abs=0.006)
    assert share["unsubscribed"] == pytest.approx(0.004, abs=0.002)
    assert 0.40 < share["opened"] < 0.50


def test_a_share_that_nobody_knows_is_refused():
    """A typing error is no silent zero."""
    with pytest.raises(ValueError, match="oppen"):
        Recipients(1, {"oppen": 1.0})


async def test_an_answer_reaches_the_operator_and_never_brevo():
    """`replies` has it once its time has come; the report never."""
    everybody = {"hard_bounce": 0, "soft_only": 0, "human_open": 1, "reply": 1, "late_bounce": 0}
    async with account(recipients=Recipients(1, everybody)) as client:
        await client.sent()
        assert list(client.brevo.replies) == []
        client.clock.pass_by(days=20)
        (reply,) = client.brevo.replies
        assert (reply.recipient, reply.tag) == (INES, "a-1")
        assert REPLY not in await client.names()

"""Does a mail leave by Brevo once at most, is every refusal understood, and is all that is reported read?"""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import anyio
import pytest
from aiohttp import web

from outboundd import virtual
from outboundd.adapters.brevo import PAGE_SIZE, BrevoMailer
from outboundd.adapters.manual_clock import ManualClock
from outboundd.adapters.system_clock import SystemClock
from outboundd.model.mail import Event, EventKind, EventPage, Letter
from outboundd.motion import MOTION
from outboundd.ports import Ambiguous, Broken, Exhausted, Failure, Refused, Transient
from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.recipients import Reaction
from outboundd.sandbox.server import Sandbox, Vendor, serving
from outboundd.sandbox.world import World

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = "xkeysib-test"
DOMAIN = "studio.example"
LETTER = Letter(
    tag="default.lead1.0.1",
    idempotency_key="4f9c3a52-4c6e-5d3b-9d0b-000000000001",
    to_email="ines@firma.example",
    to_name="Ines Kurz",
    from_email="ana@studio.example",
    from_name="Ana Reis",
    reply_to="ana@studio.example",
    subject="Kühlräume 🧊",
    text="Hello Ines,\nwe keep things <cold>.\n",
    html="<p>Hello Ines</p>",
)
LINE = {
    "email": "ines@firma.example",
    "date": "2026-11-24T08:59:13.104+01:00",
    "subject": "Kühlräume",
    "messageId": "<202611240759.1@smtp-relay.mailin.fr>",
    "event": "delivered",
    "tag": LETTER.tag,
    "ip": "203.0.113.7",
    "from": "ana@studio.example",
}
Scene = Callable[[BrevoMailer, Any], Awaitable[None]]


def answer(status: int, body: object = None, *, text: str = "", **headers: str) -> Callable[[], web.Response]:
    """One answer of a scripted Brevo: JSON, or a text as it is."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is None:
        return lambda: web.Response(status=status, text=text, headers=named)
    return lambda: web.json_response(body, status=status, headers=named)


def error(status: int, code: str, message: str = "", **headers: str) -> Callable[[], web.Response]:
    """A refusal in Brevo's form."""
    return answer(status, {"code": code, "message": message}, **headers)


SENT_IT = answer(201, {"messageId": "<202611240800.1@smtp-relay.mailin.fr>"})


class Scripted:
    """A Brevo that says what it was told to say, the last answer again and again, and remembers what it was asked."""

    name = "brevo"

    def __init__(self, *answers: Callable[[], web.Response]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, Mapping[str, str], Any]] = []
        self.headers: list[Mapping[str, str]] = []

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        async def say(request: web.Request) -> web.Response:
            body = await request.json() if request.can_read_body else None
            self.asked.append((request.method, request.raw_path.partition("?")[0], dict(request.query), body))
            self.headers.append(request.headers)
            return (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])()

        return [web.route("*", "/v3/{what:.*}", say)]

    def dump(self) -> Mapping[str, Any]:
        return {}

    def load(self, state: Mapping[str, Any]) -> None: ...


async def sleep(seconds: float) -> None:
    """Wait on the virtual clock, which the request that is being answered must not hold."""
    with MOTION.resting():
        await anyio.sleep(seconds)


def a_world() -> World:
    """The virtual clock's."""
    return World(now=lambda: datetime.now(UTC), sleep=sleep, rng=random.Random(1))


def played(vendor: Vendor, scene: Scene, world: World | None = None, **settings: str) -> None:
    """Play a scene between the mailer and this Brevo, on the virtual clock."""

    async def main() -> None:
        async with serving(Sandbox(world or a_world(), [vendor])) as url:
            mailer = BrevoMailer(
                key=KEY, sender_domain=DOMAIN, clock=SystemClock(), api_url=f"{url}/brevo/v3", **settings
            )
            try:
                await scene(mailer, vendor)
            finally:
                await mailer.aclose()

    virtual.run(main, START)


def seconds() -> int:
    """Full ones since the scene began."""
    return int((datetime.now(UTC) - START).total_seconds())


async def read(mailer: BrevoMailer, before: timedelta = DAY) -> list[EventPage]:
    """The pages of the time before now, a minute of what is still to come included."""
    now = datetime.now(UTC)
    return [page async for page in mailer.events(now - before, now + timedelta(minutes=1))]


async def told(mailer: BrevoMailer, before: timedelta = DAY) -> list[Event]:
    """The events on them."""
    return [event for page in await read(mailer, before) for event in page.events]


def posted(letter: Letter, **settings: str) -> Mapping[str, Any]:
    """The body that this letter is POSTed as."""
    vendor = Scripted(SENT_IT)

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        await mailer.send(letter)

    played(vendor, scene, **settings)
    ((method, path, _, body),) = vendor.asked
    assert (method, path) == ("POST", "/brevo/v3/smtp/email")
    assert vendor.headers[0]["api-key"] == KEY
    assert isinstance(body, dict)
    return body


# what leaves


def test_a_letter_is_one_post_for_one_recipient_with_both_parts_one_tag_and_its_key():
    """The key stands in the JSON headers in the only spelling that is proven; the reply address has no name."""
    body = posted(LETTER)

    assert body["headers"]["idempotencyKey"] == LETTER.idempotency_key
    assert body["tags"] == [LETTER.tag]
    assert body["to"] == [{"email": "ines@firma.example", "name": "Ines Kurz"}]
    assert body["sender"] == {"email": "ana@studio.example", "name": "Ana Reis"}
    assert body["replyTo"] == {"email": "ana@studio.example"}
    assert (body["subject"], body["textContent"], body["htmlContent"]) == (LETTER.subject, LETTER.text, LETTER.html)


def test_a_letter_without_html_gets_some():
    """A text alone would leave as HTML alone."""
    body = posted(replace(LETTER, html=""))

    assert body["textContent"] == LETTER.text
    assert body["htmlContent"] == "<p>Hello Ines,<br>\nwe keep things &lt;cold&gt;.</p>"


def test_a_follow_up_names_the_mails_before_it():
    """The last one as what it replies to; an id that is not ASCII would break the header and is left out."""
    headers = posted(replace(LETTER, references=("<1@a.example>", "<ü@a.example>", "<2@a.example>")))["headers"]

    assert headers["In-Reply-To"] == "<2@a.example>"
    assert headers["References"] == "<1@a.example> <2@a.example>"
    assert "References" not in posted(LETTER)["headers"]


def test_every_header_is_an_ascii_string():
    """Anything else leaves as raw 8-bit text."""
    letter = replace(LETTER, tag="kälte.lead1.0.1", reply_to="jürgen@studio.example", references=("<ü@a.example>",))

    for value in posted(letter, unsubscribe="https://studio.example/stop/")["headers"].values():
        assert isinstance(value, str)
        assert value.isascii()


def test_a_lead_can_unsubscribe_from_the_header():
    """By a mail that names the tag; by one click too where an https address is known, and only then."""
    mailto = "<mailto:ana@studio.example?subject=unsubscribe%20default.lead1.0.1>"
    plain = posted(LETTER)["headers"]
    clicked = posted(LETTER, unsubscribe="https://studio.example/stop?tag=")["headers"]

    assert plain["List-Unsubscribe"] == mailto
    assert "List-Unsubscribe-Post" not in plain
    assert clicked["List-Unsubscribe"] == f"<https://studio.example/stop?tag=default.lead1.0.1>, {mailto}"
    assert clicked["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_operators_own_mail_cannot_be_unsubscribed_from():
    """It says instead that a machine wrote it."""
    headers = posted(replace(LETTER, to_lead=False), unsubscribe="https://studio.example/stop/")["headers"]

    assert "List-Unsubscribe" not in headers
    assert headers["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Kurz, Ines", "Kurz, Ines"),
        ("Kürz, Inés (Dr.)", "Kürz Inés Dr"),
        ("  Ines   Kurz ", "Ines Kurz"),
        ("Jürgen", "Jürgen"),
        ("x" * 80, "x" * 70),
        ("", None),
        ("ü,", "ü"),
        ("()é", "é"),
    ],
)
def test_a_display_name_is_one_that_brevo_keeps(name: str, shown: str | None):
    """With non-ASCII and a special in it a name would be dropped; one of over 70 characters is refused."""
    assert posted(replace(LETTER, to_name=name))["to"][0].get("name") == shown


@pytest.mark.parametrize(
    "letter",
    [
        replace(LETTER, subject="one\r\nBcc: x@y.example"),
        replace(LETTER, to_email="ines@firma.example\n"),
        replace(LETTER, to_name="Ines\x00"),
        replace(LETTER, references=("<1@a.example>\r\nX: y",)),
    ],
)
def test_what_no_header_can_hold_is_refused_before_it_is_sent(letter: Letter):
    """Nothing is asked of Brevo."""

    async def scene(mailer: BrevoMailer, vendor: Scripted) -> None:
        with pytest.raises(Refused, match="bad header"):
            await mailer.send(letter)
        assert vendor.asked == []

    played(Scripted(SENT_IT), scene)


# what an answer to a mail means

HTML = "<html><body>502 Bad Gateway</body></html>"
IP_WORDS = "We have detected you are using an unrecognised IP address 203.0.113.9."


@pytest.mark.parametrize(
    ("said", "kind", "cause"),
    [
        (error(400, "missing_parameter"), Refused, "missing_parameter"),
        (error(400, "invalid_parameter"), Refused, "invalid_parameter"),
        (error(400, "out_of_range"), Refused, "out_of_range"),
        (error(400, "bad_request"), Refused, "bad_request"),
        (error(404, "document_not_found"), Refused, "document_not_found"),
        (error(400, "moon_phase_unsuitable"), Refused, "moon_phase_unsuitable"),
        (error(400, "Ines <ines@firma.example>"), Refused, "refused"),
        (answer(400, {"code": 7, "message": ["?"]}), Refused, "refused"),
        (answer(400, ["?"]), Refused, "refused"),
        (answer(404, text=HTML), Refused, "refused"),
        (error(422, "invalid_parameter"), Refused, "invalid_parameter"),
        (error(400, "duplicate_parameter"), Ambiguous, "idempotency key seen"),
        (error(409, "duplicate_request"), Ambiguous, "idempotency key seen"),
        (error(400, "not_enough_credits"), Exhausted, "no credits left"),
        (error(402, "not_enough_credits"), Exhausted, "no credits left"),
        (answer(402), Exhausted, "no credits left"),
        (error(429, "not_enough_credits"), Exhausted, "no credits left"),
        (error(400, "account_under_validation"), Exhausted, "account under validation"),
        (error(402, "account_under_validation"), Exhausted, "account under validation"),
        (error(403, "permission_denied"), Exhausted, "permission denied"),
        (error(400, "permission_denied"), Exhausted, "permission denied"),
        (answer(403, text=HTML), Exhausted, "permission denied"),
        (error(401, "unauthorized", "Key not found"), Exhausted, "key not accepted"),
        (error(401, "unauthorized", IP_WORDS), Exhausted, "IP address not authorised"),
        (answer(401), Exhausted, "key not accepted"),
        (error(400, "max_emails_per_day_exceeded"), Exhausted, "mails of the day used up"),
        (error(405, "method_not_allowed"), Broken, "method_not_allowed"),
        (error(406, "not_acceptable"), Broken, "not_acceptable"),
        (error(422, "unprocessable_entity"), Broken, "unprocessable_entity"),
        (answer(405, text=HTML), Broken, "method_not_allowed"),
        (answer(302, location="https://elsewhere.example/"), Broken, "unexpected status"),
        (error(429, "too_many_requests"), Transient, "rate limit"),
        (answer(429), Transient, "rate limit"),
        (answer(408), Ambiguous, "vendor fault"),
        (error(500, "internal_error"), Ambiguous, "vendor fault"),
        (error(503, "not_enough_credits"), Ambiguous, "vendor fault"),
        (answer(502, text=HTML), Ambiguous, "vendor fault"),
        (answer(504), Ambiguous, "vendor fault"),
        (answer(201), Ambiguous, "no message id"),
        (answer(200, text=HTML), Ambiguous, "no message id"),
        (answer(201, text='{"messageId": '), Ambiguous, "no message id"),
        (answer(201, text="[" * 100_000), Ambiguous, "no message id"),
        (answer(201, {}), Ambiguous, "no message id"),
        (answer(201, []), Ambiguous, "no message id"),
        (answer(201, {"messageId": ""}), Ambiguous, "no message id"),
        (answer(201, {"messageId": 12}), Ambiguous, "no message id"),
        (answer(204), Ambiguous, "no message id"),
    ],
)
def test_a_refusal_is_understood_by_its_code_before_its_status_and_never_repeated(
    said: Callable[[], web.Response], kind: type[Failure], cause: str
):
    """Brevo was asked once, whatever it said."""

    async def scene(mailer: BrevoMailer, vendor: Scripted) -> None:
        with pytest.raises(kind) as failed:
            await mailer.send(LETTER)
        assert (failed.value.vendor, failed.value.cause) == ("brevo", cause)
        assert len(vendor.asked) == 1

    played(Scripted(said), scene)


def test_brevos_own_words_stand_in_quotation_marks_in_the_detail_alone():
    """They may name an address: a log takes out what is quoted, so nothing of them may stand outside."""
    said = error(400, "invalid_parameter", 'email "ines@firma.example"\nis not valid\x00')

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        with pytest.raises(Refused) as failed:
            await mailer.send(LETTER)
        assert failed.value.detail == "status 400 \"email 'ines@firma.example' is not valid\""

    played(Scripted(said), scene)


def test_a_full_day_is_over_at_midnight():
    """The free plan's mails of a day come back by themselves."""

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        with pytest.raises(Exhausted) as failed:
            await mailer.send(LETTER)
        assert failed.value.until == datetime(2026, 11, 25, tzinfo=UTC)

    played(Scripted(error(400, "max_emails_per_day_exceeded")), scene)


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"x_sib_ratelimit_reset": "42"}, 42),
        ({"x_sib_ratelimit_reset": "0.5"}, 0.5),
        ({"x_sib_ratelimit_reset": "-3"}, 0),
        ({"x_sib_ratelimit_reset": "1795507200"}, 3600),
        ({"x_sib_ratelimit_reset": "soon"}, 30),
        ({"x_sib_ratelimit_reset": "nan"}, 30),
        ({}, 30),
        ({"retry_after": "7"}, 30),
    ],
)
def test_a_429_says_how_long_to_wait_or_half_a_minute_is_waited(headers: dict[str, str], wait_s: float):
    """Seconds left, not a clock time, and never more than the hour of the longest bucket."""

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        with pytest.raises(Transient) as failed:
            await mailer.send(LETTER)
        assert failed.value.retry_after_s == wait_s

    played(Scripted(answer(429, **headers)), scene)


def test_behind_a_closed_gate_a_mail_is_not_begun():
    """It comes back at once as one that did not leave; waiting, the outbox would give up and call it unknown."""

    async def scene(mailer: BrevoMailer, vendor: Scripted) -> None:
        with pytest.raises(Transient):
            await mailer.send(LETTER)
        with pytest.raises(Transient) as closed:
            await mailer.send(LETTER)
        assert closed.value.retry_after_s == pytest.approx(42, abs=0.01)
        assert (len(vendor.asked), seconds()) == (1, 0)
        await anyio.sleep(41.5)
        assert await mailer.send(LETTER)

    played(Scripted(answer(429, x_sib_ratelimit_reset="42"), SENT_IT), scene)


@pytest.mark.parametrize(("fault", "value", "left"), [("lost_reply", None, 1), ("hang", 60, 1), ("drop", None, 0)])
def test_a_lost_answer_leaves_it_open_whether_the_mail_left(fault: str, value: object, left: int):
    """Before the effect or after it: nobody can tell, so it is Ambiguous within the outbox's 12 s, and asked once."""
    world = a_world()
    world.faults.switch_on("brevo", fault, value=value)

    async def scene(mailer: BrevoMailer, brevo: Brevo) -> None:
        with pytest.raises(Ambiguous, match="no answer"):
            await mailer.send(LETTER)
        assert seconds() < 12
        assert len(brevo.ledger) == left
        await mailer.send(replace(LETTER, idempotency_key="another"))
        assert len(brevo.ledger) == left + 1

    played(Brevo(world, key=KEY), scene, world)


def test_where_no_connection_is_made_nothing_has_left():
    """Nobody listens: Transient."""

    async def main() -> None:
        mailer = BrevoMailer(key=KEY, sender_domain=DOMAIN, clock=SystemClock(), api_url="http://127.0.0.1:9/v3")
        with pytest.raises(Transient, match="no connection"):
            await mailer.send(LETTER)
        await mailer.aclose()

    virtual.run(main, START)


@pytest.mark.parametrize(
    ("fault", "value", "cause"),
    [
        ("no_credits", 400, "no credits left"),
        ("no_credits", 402, "no credits left"),
        ("under_validation", 402, "account under validation"),
        ("forbidden", None, "permission denied"),
        ("ip", None, "IP address not authorised"),
    ],
)
def test_an_account_that_may_not_send_halts_the_mailer(fault: str, value: object, cause: str):
    """As the sandbox says it, word for word after the vendor."""
    world = a_world()
    world.faults.switch_on("brevo", fault, value=value)

    async def scene(mailer: BrevoMailer, brevo: Brevo) -> None:
        with pytest.raises(Exhausted) as failed:
            await mailer.send(LETTER)
        assert failed.value.cause == cause
        assert brevo.ledger == []

    played(Brevo(world, key=KEY), scene, world)


# what is reported


@pytest.mark.parametrize(
    ("named", "kind"),
    [
        ("requests", EventKind.REQUEST),
        ("delivered", EventKind.DELIVERED),
        ("opened", EventKind.OPENED),
        ("loadedByProxy", EventKind.OPENED),
        ("clicks", EventKind.CLICKED),
        ("softBounces", EventKind.SOFT_BOUNCE),
        ("deferred", EventKind.DEFERRED),
        ("hardBounces", EventKind.HARD_BOUNCE),
        ("blocked", EventKind.BLOCKED),
        ("invalid", EventKind.INVALID),
        ("unsubscribed", EventKind.UNSUBSCRIBED),
        ("spam", EventKind.COMPLAINT),
        ("error", EventKind.ERROR),
    ],
)
def test_each_event_is_what_the_field_calls_it(named: str, kind: EventKind):
    """With instant, tag, recipient, subject and message id; what it calls a proxy's is a machine's."""

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        (event,) = await told(mailer)
        assert event.by_machine is (named == "loadedByProxy")
        assert (event.kind, event.tag, event.email) == (kind, LETTER.tag, "ines@firma.example")
        assert (event.subject, event.message_id) == ("Kühlräume", LINE["messageId"])
        assert event.at == datetime(2026, 11, 24, 7, 59, 13, 104_000, tzinfo=UTC)

    played(reporting([{**LINE, "event": named}]), scene)


def reporting(*pages: Sequence[object]) -> Scripted:
    """A Brevo whose report has these pages."""
    return Scripted(*(answer(200, {"events": list(page)}) for page in pages), answer(200, {}))


def test_a_kind_of_event_that_nobody_knows_is_passed_over():
    """The rest of the page counts."""

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        assert [event.kind for event in await told(mailer)] == [EventKind.DELIVERED]

    played(reporting([{**LINE, "event": "teleported"}, {**LINE, "event": None}, LINE]), scene)


@pytest.mark.parametrize(
    ("shown", "at"),
    [
        ("2026-10-25T02:30:00.000+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25T02:30:00.000+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-10-24T20:30:00.250-05:00", datetime(2026, 10, 25, 1, 30, 0, 250_000, tzinfo=UTC)),
        ("2026-10-25T01:30:00.000Z", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-10-25T01:30:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_date_is_read_with_its_offset(shown: str, at: datetime):
    """The account's zone, on both sides of a change to winter time; without one it is UTC, as documented."""

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        (event,) = await told(mailer, 40 * DAY)
        assert event.at == at
        assert event.at.utcoffset() == timedelta(0)

    played(reporting([{**LINE, "date": shown}]), scene)


@pytest.mark.parametrize(
    ("shown", "tag"),
    [
        ("", ""),
        (None, ""),
        ("a.b.0.1", "a.b.0.1"),
        ('["a.b.0.1"]', "a.b.0.1"),
        ("[]", ""),
        ("[half", "[half"),
        (["a.b.0.1"], "a.b.0.1"),
        ([], ""),
        (7, ""),
    ],
)
def test_a_tag_is_read_in_every_form_it_may_have(shown: object, tag: str):
    """A string, nothing, a list, or a list written as a string."""

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        (event,) = await told(mailer)
        assert event.tag == tag

    played(reporting([{**LINE, "tag": shown}]), scene)


def test_a_repeat_has_the_same_key_and_anything_else_another():
    """The same instant in another zone and the address in other letters are the same event."""
    same = [LINE, {**LINE, "date": "2026-11-24T07:59:13.104Z"}, {**LINE, "email": "Ines@Firma.example"}]
    others = [
        {**LINE, "date": "2026-11-24T08:59:13.105+01:00"},
        {**LINE, "event": "opened"},
        {**LINE, "event": "loadedByProxy"},
        {**LINE, "link": "https://studio.example/"},
        {**LINE, "email": "otto@firma.example"},
        {**LINE, "messageId": "<2@smtp-relay.mailin.fr>"},
    ]

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        keys = [event.key for event in await told(mailer)]
        assert len(set(keys[:3])) == 1
        assert len(set(keys)) == 1 + len(others)

    played(reporting([*same, *others]), scene)


@pytest.mark.parametrize("fault", ["duplicates", "disorder"])
def test_events_that_come_twice_or_out_of_order_are_the_same_two_events(fault: str):
    """Told by their keys; `delivered` may be dated before `requests`."""
    world = a_world()
    world.faults.switch_on("brevo", fault)

    async def scene(mailer: BrevoMailer, _: Brevo) -> None:
        await mailer.send(LETTER)
        await anyio.sleep(60)
        events = await told(mailer)
        assert len({event.key for event in events}) == 2
        assert {event.kind for event in events} == {EventKind.REQUEST, EventKind.DELIVERED}

    played(Brevo(world, key=KEY), scene, world)


def test_an_empty_report_is_complete_and_tells_the_time():
    """`events` may be absent; Brevo's clock is compared with ours all the same."""

    async def scene(mailer: BrevoMailer, vendor: Scripted) -> None:
        (page,) = await read(mailer)
        assert page == EventPage(events=(), server_time=datetime(2026, 11, 24, 7, 58, 1, tzinfo=UTC))
        assert len(vendor.asked) == 1

    played(Scripted(answer(200, {}, date="Tue, 24 Nov 2026 07:58:01 GMT")), scene)


def test_a_day_more_is_asked_for_on_each_side_in_whole_days_oldest_first():
    """In which zone Brevo cuts its days is not documented. What lies outside of the period is left out again."""

    async def scene(mailer: BrevoMailer, vendor: Scripted) -> None:
        pages = [page async for page in mailer.events(START - DAY, START - timedelta(seconds=1))]
        assert [event.at for page in pages for event in page.events] == [datetime(2026, 11, 24, 7, 59, 59, tzinfo=UTC)]
        method, path, query, _ = vendor.asked[0]
        assert (method, path) == ("GET", "/brevo/v3/smtp/statistics/events")
        assert query == {
            "startDate": "2026-11-22",
            "endDate": "2026-11-25",
            "sort": "asc",
            "limit": "2500",
            "offset": "0",
        }

    dates = ("2026-11-23T07:59:59Z", "2026-11-24T07:59:59Z", "2026-11-24T08:00:00Z")
    played(reporting([{**LINE, "date": shown} for shown in dates]), scene)


def test_a_long_period_is_asked_for_in_pieces_of_at_most_ninety_days():
    """No day falls between two pieces."""

    async def scene(mailer: BrevoMailer, vendor: Scripted) -> None:
        await read(mailer, 200 * DAY)
        spans = [
            (date.fromisoformat(query["startDate"]), date.fromisoformat(query["endDate"]))
            for _, _, query, _ in vendor.asked
        ]
        assert all(last - first < 90 * DAY for first, last in spans)
        assert spans[0][0] <= (START - 201 * DAY).date()
        assert spans[-1][1] >= (START + DAY).date()
        assert all(later[0] <= earlier[1] for earlier, later in pairwise(spans))

    played(reporting(), scene)


def test_a_page_is_given_on_before_the_next_is_asked_for():
    """Memory stays flat. A short page is not the end: Brevo may give less than it is asked for."""
    numbers = iter(range(5))
    pages = [[{**LINE, "messageId": f"<{next(numbers)}>"} for _ in range(size)] for size in (2, 1, 2)]

    async def scene(mailer: BrevoMailer, vendor: Scripted) -> None:
        asked = []
        ids = []
        async for page in mailer.events(START - DAY, START):
            asked.append(len(vendor.asked))
            ids += [event.message_id for event in page.events]
        assert asked == [1, 2, 3, 4]
        assert [query["offset"] for _, _, query, _ in vendor.asked] == ["0", "2", "3", "5"]
        assert ids == ["<0>", "<1>", "<2>", "<3>", "<4>"]

    played(reporting(*pages), scene)


def test_what_is_asked_does_not_grow_with_the_number_of_mails():
    """6,000 events are three pages and the empty one, never a request for a mail."""
    world = a_world()
    brevo = Brevo(world, key=KEY)
    sandbox = Sandbox(world, [brevo])

    async def main() -> None:
        brevo.fill(6000, START - DAY)
        async with serving(sandbox) as url:
            mailer = BrevoMailer(key=KEY, sender_domain=DOMAIN, clock=ManualClock(START), api_url=f"{url}/brevo/v3")
            events = await told(mailer, 2 * DAY)
            await mailer.aclose()
        assert len({event.key for event in events}) == len(events) == 6000
        assert sandbox.arrivals["brevo"] == 6000 // PAGE_SIZE + 2

    virtual.run(main, START)


def test_what_comes_late_is_there_at_the_next_look():
    """An event shown an hour later stands among days that were read already."""
    world = a_world()

    async def scene(mailer: BrevoMailer, brevo: Brevo) -> None:
        brevo.tell(LETTER.to_email, Reaction(after_s=1, event="hardBounces"))
        await mailer.send(LETTER)
        assert await told(mailer) == []
        await anyio.sleep(3700)
        assert [event.kind for event in await told(mailer)] == [EventKind.REQUEST, EventKind.HARD_BOUNCE]

    played(Brevo(world, key=KEY, event_lag_s=3600), scene, world)


@pytest.mark.parametrize(
    "said", [error(500, "internal_error"), answer(502, text=HTML), answer(200, text=HTML), answer(200)]
)
def test_the_report_is_asked_for_again_when_it_fails_now_and_then(said: Callable[[], web.Response]):
    """A question may be put twice; four times in vain, and the reader is told."""

    async def once(mailer: BrevoMailer, vendor: Scripted) -> None:
        assert len(await told(mailer)) == 1
        assert len(vendor.asked) == 3

    async def always(mailer: BrevoMailer, vendor: Scripted) -> None:
        with pytest.raises(Transient):
            await told(mailer)
        assert len(vendor.asked) == 4

    played(Scripted(said, answer(200, {"events": [LINE]}), answer(200, {})), once)
    played(Scripted(said), always)


@pytest.mark.parametrize(
    "body",
    [
        [],
        "text",
        {"events": {"0": LINE}},
        {"events": [LINE, "line"]},
        {"events": [{**LINE, "date": None}]},
        {"events": [{**LINE, "date": "yesterday"}]},
        {"events": [{**LINE, "date": "0001-01-01T00:00:00+02:00"}]},
    ],
)
def test_a_report_of_another_shape_is_never_taken_for_an_empty_one(body: object):
    """What cannot be read might be the event that somebody is waiting for."""

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        with pytest.raises(Broken):
            await told(mailer)

    played(Scripted(answer(200, body)), scene)


def test_a_reader_waits_out_a_short_429_and_reports_a_long_one():
    """Twelve seconds are waited on the spot; ten minutes are the next run's, and nobody is asked meanwhile."""

    async def scene(mailer: BrevoMailer, vendor: Scripted) -> None:
        await read(mailer)
        assert (len(vendor.asked), seconds()) == (2, 12)
        for _ in range(2):
            with pytest.raises(Transient) as failed:
                await read(mailer)
            assert failed.value.retry_after_s == pytest.approx(600, abs=0.01)
        assert (len(vendor.asked), seconds()) == (3, 12)

    short, long = answer(429, x_sib_ratelimit_reset="12"), answer(429, x_sib_ratelimit_reset="600")
    played(Scripted(short, answer(200, {}), long, answer(200, {})), scene)


def test_a_429_on_the_report_does_not_keep_a_mail_from_leaving():
    """Each of Brevo's buckets is closed by itself."""

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        with pytest.raises(Transient):
            await read(mailer)
        assert await mailer.send(LETTER)

    played(Scripted(answer(429, x_sib_ratelimit_reset="600"), SENT_IT), scene)


# the log, and what is taken out of it

ROW = {
    "email": "Ines@firma.example",
    "subject": "Kühlräume",
    "messageId": "<202611240759.1@smtp-relay.mailin.fr>",
    "uuid": "0b1c9d5e-77aa-4a52-9f0e-3f7d0f1b2c3d",
    "date": "2026-11-24T08:59:12.482+01:00",
    "from": "ana@studio.example",
    "tags": [LETTER.tag],
}


def test_the_log_tells_the_mails_of_one_recipient():
    """Tags come as a list or not at all; a line about somebody else is not believed."""
    rows = [ROW, {key: value for key, value in ROW.items() if key != "tags"}, {**ROW, "email": "otto@firma.example"}]

    async def scene(mailer: BrevoMailer, vendor: Scripted) -> None:
        first, second = await mailer.log("ines@firma.example")
        assert (first.tag, second.tag) == (LETTER.tag, "")
        assert (first.subject, first.message_id) == ("Kühlräume", ROW["messageId"])
        assert first.at == datetime(2026, 11, 24, 7, 59, 12, 482_000, tzinfo=UTC)
        assert list(await mailer.log("nobody+else@firma.example")) == []
        assert [query["email"] for _, _, query, _ in vendor.asked] == [
            "ines@firma.example",
            "nobody+else@firma.example",
        ]

    played(Scripted(answer(200, {"count": 3, "transactionalEmails": rows}), answer(200, {})), scene)


@pytest.mark.parametrize("said", [error(400, "invalid_parameter"), error(404, "document_not_found")])
def test_a_log_that_refuses_the_address_says_so(said: Callable[[], web.Response]):
    """The caller then asks the events alone."""

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        with pytest.raises(Refused):
            await mailer.log("ines@firma.example")

    played(Scripted(said), scene)


@pytest.mark.parametrize(
    ("ask", "times", "passed_s"),
    [
        (lambda mailer: mailer.log("ines@firma.example"), 5, 2),
        (read, 301, 3600),
        (lambda mailer: mailer.probe(), 51, 3600),
        (lambda mailer: mailer.send(LETTER), 501, 1),
    ],
    ids=["log", "events", "probe", "send"],
)
def test_brevo_is_never_asked_more_often_than_its_documentation_allows(
    ask: Callable[[BrevoMailer], Awaitable[object]], times: int, passed_s: int
):
    """Two questions to the log a second, 300 to the report and 100 others an hour; of 1,000 mails a second, half."""

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        for _ in range(times):
            await ask(mailer)
        assert seconds() == passed_s

    played(Scripted(answer(200, {"authenticated": True, "messageId": "<1@smtp-relay.mailin.fr>"})), scene)


def test_a_person_is_taken_out_of_the_log_and_stays_on_the_block_list():
    """In either spelling of the address; one that is not there is no error."""
    vendor = Scripted(
        answer(200, {"transactionalEmails": [ROW]}), answer(204), error(404, "document_not_found"), answer(204)
    )

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        assert await mailer.erase(["Ines/A@firma.example"]) == 0

    played(vendor, scene)
    deleted = {path for method, path, _, _ in vendor.asked if method == "DELETE"}
    assert deleted == {"/brevo/v3/smtp/log/Ines%2FA%40firma.example", "/brevo/v3/smtp/log/ines%2Fa%40firma.example"}


def test_a_person_that_cannot_be_taken_out_now_is_told():
    """A refusal other than 'not there' never passes for done."""

    async def scene(mailer: BrevoMailer, _: Scripted) -> None:
        with pytest.raises(Exhausted):
            await mailer.erase(["ines@firma.example"])

    played(Scripted(answer(200, {}), error(403, "permission_denied")), scene)


# what `check` is told


def test_the_probe_tells_what_is_left_and_that_the_domain_is_authenticated():
    """One line."""
    world = a_world()

    async def scene(mailer: BrevoMailer, brevo: Brevo) -> None:
        line = await mailer.probe()
        assert line == (
            "mails leave by Brevo from studio.example, which is authenticated; plan payAsYouGo, 240 mails left"
        )
        brevo.domains[DOMAIN].authenticated = False
        with pytest.raises(Refused, match="sender domain not authenticated") as failed:
            await mailer.probe()
        assert "dkim_record, dmarc_record" in failed.value.detail

    played(Brevo(world, key=KEY, credits=240, sender_domains=[DOMAIN]), scene, world)


def test_the_mails_left_are_those_of_the_plans_with_a_limit():
    """240, as the probe says."""
    world = a_world()

    async def scene(mailer: BrevoMailer, _: Brevo) -> None:
        assert await mailer.credits() == 240

    played(Brevo(world, key=KEY, credits=240, sender_domains=[DOMAIN]), scene, world)


def test_the_probe_names_a_domain_that_brevo_does_not_know():
    """Every mail from it would be accepted and then not sent."""
    world = a_world()

    async def scene(mailer: BrevoMailer, _: Brevo) -> None:
        with pytest.raises(Refused, match="sender domain unknown"):
            await mailer.probe()

    played(Brevo(world, key=KEY, sender_domains=["other.example"]), scene, world)


def test_the_probe_finds_a_wrong_key():
    """Before anything is sent."""
    world = a_world()

    async def scene(mailer: BrevoMailer, _: Brevo) -> None:
        with pytest.raises(Exhausted, match="key not accepted"):
            await mailer.probe()

    played(Brevo(world, key="another"), scene, world)

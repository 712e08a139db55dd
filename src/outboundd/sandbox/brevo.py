"""How does Brevo answer? Its transactional half on loopback, below `/brevo/v3`.

A stand-in for https://api.brevo.com/v3 after Brevo's docs, its official SDKs and what users report (2026-08). Without
templates, scheduled mails, webhooks and the rewriting of links.

Faults by name, besides the common ones of `server.py`. On a send: `no_credits` (value 400 or 402),
`under_validation` (402; value 400 or 402), `forbidden` (403), `unknown_code`, `silent` (a suspended account: 201, and
then nothing at all), `error_event` (201, and then nothing but the event `error`), `disorder` (`delivered` is dated
before `requests`), `duplicates` (each event of the mail stands twice, byte by byte). On any request: `ip` (401, an
unrecognised address), `rate` (429, value: seconds until the reset). On the events: `events_500` (value "html": without
JSON), `foreign` (an answer by messageId begins with somebody else's event).
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from outboundd.sandbox import brevo_query as asked
from outboundd.sandbox import brevo_rates as rates
from outboundd.sandbox.brevo_events import CONTENT_NAMES, NAMES, Asked, Event, filled
from outboundd.sandbox.brevo_mail import Mail, Order, idempotency_key, read
from outboundd.sandbox.brevo_office import RELAY_IP, Block, Domain, Lag, Logged, Odd, Office, People, Reply
from outboundd.sandbox.brevo_refusal import Refusal, absent, invalid, missing
from outboundd.sandbox.recipients import Reaction
from outboundd.sandbox.world import World

Answer = tuple[int, Mapping[str, Any] | str | None]  # a status; a body of JSON, of HTML, or none
Handler = Callable[[web.Request], Awaitable[Answer]]

SEEN = "Email for the idempotency key has already been processed"  # measured 2026-08, getbrevo/brevo-node#94
UNKNOWN_IP = (
    "We have detected you are using an unrecognised IP address 203.0.113.9. If you performed this action make sure to "
    "add the new IP address in this link: https://app.brevo.com/security/authorised_ips"
)
ERROR_PAGE = "<html><head><title>500</title></head><body><h1>Internal Server Error</h1></body></html>"
LONGEST_EVENTS, LONGEST_LOG = 90, 31  # days; "at most one month" for the log
UNLIMITED = 1_000_000  # the credits that an account shows which is never to run out


class Brevo:
    """One Brevo account. What tests and the demo look at stands first."""

    name = "brevo"

    def __init__(
        self,
        world: World,
        *,
        key: str = "xkeysib-sandbox",
        zone: str = "Europe/Paris",
        key_lifetime_s: float = 900,
        key_seen_after_s: float = 0.0,
        refused_keys_count: bool = False,
        event_lag_s: Lag = 0.0,
        log_lag_s: Lag = 0.0,
        credits: int | None = None,  # noqa: A002 (Brevo's own word)
        daily_cap: int | None = None,
        page_cap: int = 5000,
        strict_rate: bool = True,
        sender_domains: Sequence[str] | None = None,
        recipients: People | None = None,
    ) -> None:
        """Set the account up.

        `zone` is the account's, for dates and where a day is cut. Lags in seconds, or drawn anew each time.
        `sender_domains` are authenticated, others are unknown; None: any will do. `credits`, `daily_cap`: None, no end.
        Unknown about the real one, so both ways can be tried: `key_seen_after_s` (a repeat sooner than that is
        accepted, the race of two), `refused_keys_count` (the key of a refused send counts as seen).
        """
        self.world = world
        self._key = key
        self._zone = ZoneInfo(zone)
        self._key_lifetime = timedelta(seconds=key_lifetime_s)
        self._key_seen_after = timedelta(seconds=key_seen_after_s)
        self._refused_keys_count = refused_keys_count
        self._daily_cap = daily_cap
        self._page_cap = page_cap
        self._rates = rates.Rates(strict=strict_rate)
        any_domain = sender_domains is None
        self._office = Office(
            world, event_lag_s=event_lag_s, log_lag_s=log_lag_s, any_domain=any_domain, people=recipients
        )
        self._office.state.credits = credits
        self._office.state.domains = {name.lower(): Domain() for name in sender_domains or ()}

    @property
    def ledger(self) -> Sequence[Mail]:
        """Every mail that would really have left, in its order."""
        return self._office.state.ledger

    @property
    def replies(self) -> Sequence[Reply]:
        """Who has answered by now, where Brevo does not see it."""
        self._office.settle()
        return self._office.state.replies

    @property
    def domains(self) -> Mapping[str, Domain]:
        """The sender domains, whose flags may be flipped."""
        return self._office.state.domains

    def tell(self, recipient: str, *reactions: Reaction) -> None:
        """From now on this, and only this, follows a mail to this recipient."""
        self._office.state.told[recipient.lower()] = reactions

    def happen(self, message_id: str, event: str, *, after_s: float = 0.0, reason: str = "", link: str = "") -> None:
        """Let an event happen to a mail of the log, so many seconds from now. KeyError when nobody knows it."""
        rows = [one for one in self._office.state.log if one.mail.message_id == message_id]
        if not rows:
            raise KeyError(message_id)
        at = self.world.now() + timedelta(seconds=after_s)
        for row in rows:
            mail = row.mail
            happened = Event(
                at=at,
                email=mail.recipient,
                event=event,
                message_id=message_id,
                subject=mail.subject,
                tags=row.tags,
                sender=mail.sender,
                ip=RELAY_IP,
                link=link,
                reason=reason,
            )
            self._office.plan(happened, at)

    def block(self, email: str, *, sender: str = "", code: str = "adminBlocked") -> None:
        """Put an address on the block list."""
        self._office.block(email, sender=sender, code=code, at=self.world.now())

    def fill(self, n_events: int, since: datetime, whose: Callable[[int], tuple[str, str]] | None = None) -> None:
        """For a bench: so many events from `since` (aware) until now, made when they are read.

        They answer every question without a filter, in place of what really happened. Four to a mail; `whose` gives
        tag and address of the nth mail.
        """
        self._office.events.filled = filled(n_events, since, self.world.now(), whose)

    def dump(self) -> Mapping[str, Any]:
        return self._office.dump()

    def load(self, state: Mapping[str, Any]) -> None:
        self._office.load(state)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [
            web.post("/v3/smtp/email", self._answering(rates.SEND, self._send)),
            web.get("/v3/smtp/emails", self._answering(rates.LOG, self._emails)),
            web.get("/v3/smtp/emails/{uuid}", self._answering(rates.SMTP, self._content)),
            web.get("/v3/smtp/statistics/events", self._answering(rates.SMTP, self._events)),
            web.get("/v3/smtp/blockedContacts", self._answering(rates.BLOCKED, self._blocked)),
            web.delete("/v3/smtp/log/{whose}", self._answering(rates.SMTP, self._forget)),
            web.get("/v3/account", self._answering(rates.REST, self._account)),
            web.get("/v3/senders", self._answering(rates.REST, self._senders)),
            web.get("/v3/senders/domains", self._answering(rates.REST, self._domains)),
            web.get("/v3/senders/domains/{name}", self._answering(rates.REST, self._domain)),
        ]

    def _answering(self, bucket: str, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            standing = self._rates.count(bucket, self.world.now())
            if (fault := self._fault("rate", request)) is not None:
                standing = rates.Standing(limit=standing.limit, remaining=0, reset_s=int(fault.value), refused=True)
            try:
                self._admit(request, standing)
                self._office.settle()
                status, body = await handler(request)
            except Refusal as refusal:
                status, body = refusal.status, {"code": refusal.code, "message": refusal.message}
            if body is None or isinstance(body, str):
                return web.Response(status=status, text=body, content_type="text/html", headers=standing.headers())
            return web.json_response(body, status=status, headers=standing.headers())

        return answer

    def _admit(self, request: web.Request, standing: rates.Standing) -> None:
        """Key, address, rate."""
        if request.headers.get("api-key") != self._key:
            raise Refusal(401, "unauthorized", "Key not found")
        if self._fault("ip", request) is not None:
            raise Refusal(401, "unauthorized", UNKNOWN_IP)
        if standing.refused:
            raise Refusal(429, "too_many_requests", "The expected rate limit is exceeded.")

    def _fault(self, name: str, request: web.Request) -> Any:  # noqa: ANN401 (a Fault with any value)
        return self.world.faults.take(self.name, name, request.method, request.path)

    async def _send(self, request: web.Request) -> Answer:
        body = _json(await request.text())
        key = idempotency_key(body)
        self._check_key(key)
        try:
            order = self._checked(request, body)
        except Refusal:
            if self._refused_keys_count:
                self._remember(key)
            raise
        if not order.dropped:
            self._remember(key)
        odd = Odd(
            nothing_happens=self._fault("silent", request) is not None,
            sender_refused=self._fault("error_event", request) is not None,
            disorder=self._fault("disorder", request) is not None,
            twice=self._fault("duplicates", request) is not None,
        )
        ids = self._office.take(order, key, odd)
        return 201, {"messageIds": ids} if order.batch else {"messageId": ids[0]}

    def _checked(self, request: web.Request, body: Mapping[str, Any]) -> Order:
        """The order, paid for. Refusal when the account may not send, or not this."""
        self._check_account(request)
        order = read(body)
        if not order.dropped:
            self._pay(sum(len(one.recipients) for one in order.versions))
        return order

    def _check_account(self, request: web.Request) -> None:
        if (fault := self._fault("no_credits", request)) is not None:
            raise _no_credits(int(fault.value or 402))
        if (fault := self._fault("under_validation", request)) is not None:
            message = "Your account is under validation. Contact us to activate it"
            raise Refusal(int(fault.value or 402), "account_under_validation", message)
        if self._fault("forbidden", request) is not None:
            raise Refusal(403, "permission_denied", "Your account does not have permission to send emails")
        if self._fault("unknown_code", request) is not None:
            raise Refusal(400, "moon_phase_unsuitable", "A code that no client knows")

    def _pay(self, mails: int) -> None:
        state = self._office.state
        if self._daily_cap is not None and self._sent_today() + mails > self._daily_cap:
            raise Refusal(400, "max_emails_per_day_exceeded", "The daily limit of your plan is reached")
        if state.credits is None:
            return
        if state.credits < mails:
            raise _no_credits(402)
        state.credits -= mails

    def _sent_today(self) -> int:
        today = self._today()
        return sum(1 for one in self.ledger if one.at.astimezone(self._zone).date() == today)

    def _check_key(self, key: str) -> None:
        seen = self._office.state.keys.get(key)
        if seen is None:
            return
        age = self.world.now() - seen
        if self._key_seen_after <= age < self._key_lifetime:
            raise Refusal(400, "duplicate_parameter", SEEN)

    def _remember(self, key: str) -> None:
        if key:
            self._office.state.keys[key] = self.world.now()

    async def _events(self, request: web.Request) -> Answer:
        if (fault := self._fault("events_500", request)) is not None:
            if fault.value == "html":
                return 500, ERROR_PAGE
            raise Refusal(500, "internal_error", "Something went wrong")
        query = request.query
        which = asked.page(query, default=min(2500, self._page_cap), most=self._page_cap)
        log = self._office.events
        found = list(
            log.page(self._asked(query), offset=which.offset, limit=which.limit, newest_first=which.newest_first)
        )
        if query.get("messageId") and self._fault("foreign", request) is not None:
            found = [*[one for one in log if one.message_id != query["messageId"]][:1], *found]
        # Measured: an empty report has no list at all (the SDK marks it optional).
        return 200, {"events": [one.shown(self._zone) for one in found]} if found else {}

    def _asked(self, query: Mapping[str, str]) -> Asked:
        event = query.get("event", "")
        if event and event not in NAMES:
            raise invalid("event is not valid")
        period = asked.days(query, zone=self._zone, today=self._today(), longest=LONGEST_EVENTS)
        return Asked(
            begin=period.begin,
            end=period.end,
            email=query.get("email", "").lower(),
            message_id=query.get("messageId", ""),
            event=event,
            tags=asked.tags(query),
        )

    async def _emails(self, request: web.Request) -> Answer:
        query = request.query
        if not any(query.get(name) for name in ("email", "templateId", "messageId")):
            raise missing("At least one of email, templateId or messageId is mandatory")
        which = asked.page(query, default=500, most=1000)
        period = asked.days(query, zone=self._zone, today=self._today(), longest=LONGEST_LOG)
        rows = [
            one for one in self._office.logged() if _wanted(one, query) and period.begin <= one.mail.at < period.end
        ]
        return 200, {
            "count": len(rows),
            "transactionalEmails": [self._row(one) for one in _piece(rows, which)],
        }

    def _row(self, one: Logged) -> Mapping[str, Any]:
        mail = one.mail
        row = {
            "email": mail.recipient,
            "subject": mail.subject,
            "messageId": mail.message_id,
            "uuid": mail.uuid,
            "date": self._date(mail.at),
            "from": mail.sender,
        }
        return row | ({"tags": list(one.tags)} if one.tags else {})

    async def _content(self, request: web.Request) -> Answer:
        row = next((one for one in self._office.logged() if one.mail.uuid == request.match_info["uuid"]), None)
        if row is None:
            raise absent("Email does not exist")
        mail = row.mail
        events = [one for one in self._office.events.of_message(mail.message_id) if one.email == mail.recipient]
        return 200, {
            "email": mail.recipient,
            "subject": mail.subject,
            "date": self._date(mail.at),
            "events": [{"name": CONTENT_NAMES.get(one.event, one.event), "time": self._date(one.at)} for one in events],
            "body": mail.html,
            "attachmentCount": row.attachments,
        }

    async def _forget(self, request: web.Request) -> Answer:
        if not self._office.forget(request.match_info["whose"].lower()):
            raise absent("No log of this message or address")
        return 204, None

    async def _blocked(self, request: web.Request) -> Answer:
        query = request.query
        which = asked.page(query, default=50, most=100)
        period = asked.any_days(query, zone=self._zone, today=self._today())
        senders = {one.strip().lower() for one in query.get("senders", "").split(",") if one.strip()}
        found = [
            one
            for one in self._office.state.blocks
            if (period is None or period.begin <= one.at < period.end) and (not senders or one.sender in senders)
        ]
        return 200, {"count": len(found), "contacts": [self._contact(one) for one in _piece(found, which)]}

    def _contact(self, one: Block) -> Mapping[str, Any]:
        reason = {"code": one.code, "message": BLOCK_WORDS.get(one.code, "")}
        return {"email": one.email, "senderEmail": one.sender, "blockedAt": self._date(one.at), "reason": reason}

    async def _account(self, _: web.Request) -> Answer:
        left = self._office.state.credits
        kind = "free" if self._daily_cap is not None else "payAsYouGo"
        login = "owner@studio.example"
        return 200, {
            "organization_id": "0a1b2c3d",
            "user_id": 1,
            "enterprise": False,
            "email": login,
            "firstName": "Ana",
            "lastName": "Reis",
            "companyName": "Studio",
            "address": {"street": "1 Rue", "city": "Paris", "zipCode": "75000", "country": "France"},
            "plan": [{"type": kind, "credits": UNLIMITED if left is None else left, "creditsType": "sendLimit"}],
            "relay": {"enabled": True, "data": {"userName": login, "relay": "smtp-relay.brevo.com", "port": 587}},
        }

    async def _senders(self, _: web.Request) -> Answer:
        """One for each domain. `active` does not mean that it is verified (user report)."""
        return 200, {
            "senders": [
                {"id": number, "name": "Ana Reis", "email": f"ana@{name}", "active": True, "ips": []}
                for number, name in enumerate(self.domains, start=1)
            ]
        }

    async def _domains(self, _: web.Request) -> Answer:
        creator = {"id": "1", "email": "owner@studio.example", "creationDate": "2026-01-02T09:00:00.000+01:00"}
        listed = [
            {
                "id": str(number),
                "domain_name": name,
                "authenticated": one.authenticated,
                "verified": one.verified,
                "ip": None,
                "provider": "",
                "creator": creator,
            }
            for number, (name, one) in enumerate(self.domains.items(), start=1)
        ]
        return 200, {"count": len(listed), "current_page": 1, "total_pages": 1, "domains": listed}

    async def _domain(self, request: web.Request) -> Answer:
        name = request.match_info["name"]
        one = self._office.domain(name)
        if one is None:
            raise absent("Domain does not exist")
        return 200, {
            "domain": name,
            "verified": one.verified,
            "authenticated": one.authenticated,
            "dns_records": {
                "dkim_record": _record(f"mail._domainkey.{name}", "k=rsa;p=MIG", works=one.authenticated),
                "brevo_code": _record(name, "brevo-code:0a1b2c3d", works=one.verified),
                "dmarc_record": _record(f"_dmarc.{name}", "v=DMARC1; p=none", works=one.authenticated),
            },
        }

    def _today(self) -> date:
        return self.world.now().astimezone(self._zone).date()

    def _date(self, at: datetime) -> str:
        return at.astimezone(self._zone).isoformat(timespec="milliseconds")


BLOCK_WORDS: Mapping[str, str] = {
    "hardBounce": "Hard bounced",
    "contactFlaggedAsSpam": "Contact flagged as spam",
    "unsubscribedViaEmail": "Unsubscribed via email",
    "unsubscribedViaMA": "Unsubscribed via marketing automation",
    "unsubscribedViaApi": "Unsubscribed via api",
    "adminBlocked": "Admin blocked",
}


def _json(text: str) -> Mapping[str, Any]:
    try:
        body = json.loads(text)
    except ValueError as error:
        raise Refusal(400, "bad_request", "Input must be a valid JSON object") from error
    if not isinstance(body, dict):
        raise Refusal(400, "bad_request", "Input must be a valid JSON object")
    return body


def _no_credits(status: int) -> Refusal:
    return Refusal(status, "not_enough_credits", "Not enough credits")


def _wanted(one: Logged, query: Mapping[str, str]) -> bool:
    return (
        query.get("email", "").lower() in ("", one.mail.recipient.lower())
        and query.get("messageId", "") in ("", one.mail.message_id)
        and not query.get("templateId")
    )


def _piece(rows: Sequence[Any], which: asked.Page) -> Iterable[Any]:
    ordered = rows[::-1] if which.newest_first else rows
    return ordered[which.offset : which.offset + which.limit]


def _record(host: str, value: str, *, works: bool) -> Mapping[str, Any]:
    return {"type": "TXT", "value": value, "host_name": host, "status": works}

"""How does a mail leave by Brevo, and what became of it?

Brevo's documentation of 2026-08, its SDKs and what users report; each quirk stands where it is met.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx

from outboundd.adapters import brevo_letter, http
from outboundd.adapters.brevo_events import event_of, logged_of, periods
from outboundd.adapters.brevo_refusals import NAME, closed_for_s, failure, parsed
from outboundd.adapters.retry import LONGEST_WAIT_S, patiently
from outboundd.limits import SlidingWindow
from outboundd.model.mail import EventPage, Letter, LoggedMail
from outboundd.ports import Ambiguous, Broken, Clock, Refused, Transient

API_URL = "https://api.brevo.com/v3"
PAGE_SIZE = 2500  # 5,000 are documented, and one team reports that no more than these come (2026-08)
_LOG_SIZE = 500
_READ_TIMEOUT_S = 30.0
# The outbox waits 12 s for everything; a mail must not wait longer than a second for a gate that a 429 has closed.
_POST_TIMEOUT = httpx.Timeout(11.0, connect=http.CONNECT_TIMEOUT_S)
_POST_PATIENCE_S = 1.0
_HOUR_S = 3600.0


class BrevoMailer:
    """Sends through one Brevo account (port Mailer).

    201 means queued: what became of a mail is told by its events alone. The idempotency key counts for 15 minutes, so
    that a mail is never POSTed twice is the outbox's doing; a repeat that Brevo recognises is Ambiguous.
    """

    name = NAME

    def __init__(
        self,
        *,
        key: str,
        sender_domain: str,
        clock: Clock,
        api_url: str = API_URL,
        settle_s: int = 3600,
        unsubscribe: str = "",
    ) -> None:
        """`sender_domain` is what `probe` looks at.

        `unsubscribe` is an https address which, followed by the tag of a mail, takes the one-click POST of RFC 8058;
        without one the header names the reply address alone.
        """
        self.settle_s = settle_s
        self._sender_domain = sender_domain
        self._clock = clock
        self._unsubscribe = unsubscribe
        self._buckets = _Buckets()
        account = http.Account(vendor=NAME, windows=self._buckets.of, closed_for_s=closed_for_s)
        headers = {"api-key": key, "accept": "application/json"}
        self._client = http.client(account, api_url, timeout_s=_READ_TIMEOUT_S, headers=headers)

    async def send(self, letter: Letter) -> str:
        try:
            body = brevo_letter.body(letter, self._unsubscribe)
        except ValueError as error:
            raise Refused(NAME, "bad header", "an address, name or subject that no header can hold") from error
        answer = await self._ask(
            "POST", "smtp/email", _POST_PATIENCE_S, repeatable=False, json=body, timeout=_POST_TIMEOUT
        )
        if not answer.is_success:
            raise failure(answer, self._clock.now(), repeatable=False)
        told = parsed(answer)
        message_id = told.get("messageId") if isinstance(told, dict) else None
        if not isinstance(message_id, str) or not message_id:
            raise Ambiguous(NAME, "no message id", f"status {answer.status_code}")
        return message_id

    async def events(self, since: datetime, until: datetime) -> AsyncIterator[EventPage]:
        """Oldest first, so that what comes in meanwhile is appended, or moves what is still to come further back.

        A page may be empty. A period ends with an empty answer, not with a short one: should Brevo ever give less than
        it is asked for, nothing is missed.
        """
        for first, last in periods(since, until):
            offset, lines = 0, 1
            while lines:
                told = await self._page(first.isoformat(), last.isoformat(), offset)
                rows = told.rows("events")
                events = [event for event in map(event_of, rows) if event and since <= event.at <= until]
                yield EventPage(events=tuple(events), server_time=told.at)
                lines = len(rows)
                offset += lines

    async def log(self, email: str) -> Sequence[LoggedMail]:
        """Newest first. Without dates Brevo tells the last 30 days, in whatever zone it cuts them (SDK)."""
        told = await self._get("smtp/emails", {"email": email, "sort": "desc", "limit": _LOG_SIZE})
        rows = told.rows("transactionalEmails")
        return [logged_of(row) for row in rows if str(row.get("email", "")).lower() == email.lower()]

    async def erase(self, emails: Sequence[str]) -> int:
        """Takes them out of Brevo's log; what stands on Brevo's block list stays there, or we could write again."""
        erased = 0
        for email in emails:
            erased += len(await self.log(email))
            # Whether an address is told apart by its case is not documented.
            for spelling in {email, email.lower()}:
                await patiently(partial(self._delete, f"smtp/log/{quote(spelling, safe='')}"))
        return erased

    async def credits(self) -> int | None:
        """The mails left of all plans that have a sending limit (SDK, 2026-08)."""
        account = await self._get("account", {})
        left = [plan["credits"] for plan in _limited(account.body) if isinstance(plan.get("credits"), (int, float))]
        return int(sum(left)) if left else None

    async def probe(self) -> str:
        """Raises Refused when the domain is not authenticated: every mail would be accepted and then not sent."""
        account = await self._get("account", {})
        domain = await self._domain()
        if domain.body.get("authenticated") is not True:
            raise Refused(NAME, "sender domain not authenticated", _remedy(domain.body))
        return f"mails leave by Brevo from {self._sender_domain}, which is authenticated; {_credits(account.body)}"

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _page(self, first: str, last: str, offset: int) -> "_Told":
        days = {"startDate": first, "endDate": last}
        return await self._get("smtp/statistics/events", {**days, "sort": "asc", "limit": PAGE_SIZE, "offset": offset})

    async def _domain(self) -> "_Told":
        try:
            return await self._get(f"senders/domains/{quote(self._sender_domain, safe='')}", {})
        except Refused as refused:
            if refused.cause != "document_not_found":
                raise
            remedy = "add it at Brevo under Senders, Domains and IPs, and authenticate it there"
            raise Refused(NAME, "sender domain unknown", remedy) from refused

    async def _get(self, path: str, query: Mapping[str, str | int]) -> "_Told":
        """An answer that is JSON; asked for again where one was lost (the report answers 500 now and then, 2026-08)."""
        return await patiently(partial(self._get_once, path, query))

    async def _get_once(self, path: str, query: Mapping[str, str | int]) -> "_Told":
        answer = await self._ask("GET", path, LONGEST_WAIT_S, repeatable=True, params=query)
        if not answer.is_success:
            raise failure(answer, self._clock.now(), repeatable=True)
        body = parsed(answer)
        if body is None:
            raise Transient(NAME, "unreadable answer", f"status {answer.status_code}")
        if not isinstance(body, dict):
            raise Broken(NAME, "unexpected answer", "no object")
        return _Told(body=body, at=_server_time(answer))

    async def _delete(self, path: str) -> None:
        answer = await self._ask("DELETE", path, LONGEST_WAIT_S, repeatable=True)
        if not answer.is_success and answer.status_code != 404:
            raise failure(answer, self._clock.now(), repeatable=True)

    async def _ask(
        self,
        method: str,
        path: str,
        patience_s: float,
        *,
        repeatable: bool,
        **content: Any,  # noqa: ANN401 (httpx's own keywords)
    ) -> httpx.Response:
        """One request. Raises Transient at once where a 429 keeps the gate closed for longer than is waited for."""
        shut_s = max(window.closed_for_s() for window in self._buckets.of(method, path))
        if shut_s > patience_s:
            raise Transient(NAME, "rate limit", "the gate is closed", retry_after_s=shut_s)
        return await http.request(self._client, NAME, method, path, repeatable=repeatable, **content)


@dataclass(frozen=True, kw_only=True)
class _Told:
    """An answer: what it says, and when by Brevo's clock."""

    body: Mapping[str, Any]
    at: datetime | None

    def rows(self, name: str) -> Sequence[Mapping[str, Any]]:
        """The objects of a list that is left out when it is empty (SDK: optional)."""
        rows = self.body.get(name) or []
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Broken(NAME, "unexpected answer", name)
        return rows


class _Buckets:
    """The account's limits (Brevo docs, Rate limits, General tier, 2026-08).

    Of the 1,000 sends a second half are taken. Whether all other smtp calls share their 300 an hour is not said: they
    do here.
    """

    def __init__(self) -> None:
        self._send = [SlidingWindow(500, 1.0)]
        self._log = [SlidingWindow(2, 1.0), SlidingWindow(7200, _HOUR_S)]
        self._smtp = [SlidingWindow(300, _HOUR_S)]
        self._rest = [SlidingWindow(100, _HOUR_S)]

    def of(self, method: str, path: str) -> Sequence[SlidingWindow]:
        """The windows that a request counts against."""
        if method == "POST" and path.endswith("smtp/email"):
            return self._send
        if method == "GET" and path.endswith("smtp/emails"):
            return self._log
        return self._smtp if "smtp/" in path else self._rest


def _server_time(answer: httpx.Response) -> datetime | None:
    try:
        at = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _credits(account: Mapping[str, Any]) -> str:
    """What the account may still send: one plan or several, in Brevo's words."""
    told = [f"plan {plan.get('type')}, {plan.get('credits')} mails left" for plan in _limited(account)]
    return "; ".join(told) or "no plan with a sending limit"


def _limited(account: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The plans that say how much may still be sent."""
    plans = account.get("plan")
    return [
        plan
        for plan in (plans if isinstance(plans, list) else [])
        if isinstance(plan, dict) and plan.get("creditsType") == "sendLimit"
    ]


def _remedy(domain: Mapping[str, Any]) -> str:
    records = domain.get("dns_records")
    wrong = [
        name
        for name, record in (records.items() if isinstance(records, dict) else ())
        if isinstance(record, dict) and record.get("status") is not True
    ]
    found = f"Brevo does not find {', '.join(wrong)}; " if wrong else ""
    return f"{found}set the DNS records that Brevo shows under Senders, Domains and IPs, and authenticate it there"

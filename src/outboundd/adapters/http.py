"""How does a request leave this machine by HTTP? One client, one limiter per vendor account, one meaning of no answer.

The limiter sits in the transport: no retry, no page and no vendor's SDK can go around it. Nothing retries here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import anyio
import httpx

from outboundd.limits import SlidingWindow
from outboundd.motion import MOTION
from outboundd.ports import Ambiguous, Transient

CONNECT_TIMEOUT_S = 5.0
# An idle connection is given up long before a vendor's own timeout: a reused one that was closed loses a POST's answer.
KEEPALIVE_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account at one vendor, whoever asks in its name.

    `windows` are the limits that a request (method, path) counts against. `closed_for_s` reads from an answer for how
    long the vendor wants to hear nothing more (None: it does not say so).
    """

    vendor: str
    windows: Callable[[str, str], Sequence[SlidingWindow]]
    closed_for_s: Callable[[httpx.Response], float | None]


class LimitedTransport(httpx.AsyncBaseTransport):
    """Where real requests leave: each takes its turn, and a 429 closes the gate for everybody.

    `deadline_s` is for a whole answer, from the moment its request leaves: who waits for a turn has sent nothing.
    """

    def __init__(
        self, account: Account, inner: httpx.AsyncBaseTransport | None = None, *, deadline_s: float | None = None
    ) -> None:
        self._account = account
        self._deadline_s = deadline_s
        limits = httpx.Limits(keepalive_expiry=KEEPALIVE_S)
        self._inner = inner or httpx.AsyncHTTPTransport(retries=0, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for the turn, send, and read the whole answer."""
        windows = self._account.windows(request.method, request.url.path)
        for window in windows:
            await window.acquire()
        try:
            with MOTION.moving(), anyio.fail_after(self._deadline_s):
                response = await self._inner.handle_async_request(request)
                await response.aread()
        except TimeoutError as error:
            raise httpx.ReadTimeout("no whole answer within the deadline", request=request) from error
        closed_for_s = self._account.closed_for_s(response)
        for window in windows if closed_for_s is not None else ():
            window.penalise(closed_for_s or 0.0)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def client(
    account: Account, base_url: str, *, timeout_s: float, headers: dict[str, str], deadline_s: float | None = None
) -> httpx.AsyncClient:
    """A client of this account. It trusts no environment: a netrc entry or a proxy variable must not change a request.

    `timeout_s` is per read, `deadline_s` for a whole answer; how long a caller waits for its turn is its own affair.
    """
    return httpx.AsyncClient(
        transport=LimitedTransport(account, deadline_s=deadline_s),
        base_url=base_url,
        headers=headers,
        timeout=httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S),
        follow_redirects=False,
        trust_env=False,
    )


async def request(
    client: httpx.AsyncClient,
    vendor: str,
    method: str,
    path: str,
    *,
    repeatable: bool,
    **content: Any,  # noqa: ANN401 (httpx's own keywords: json, params)
) -> httpx.Response:
    """The vendor's answer, whatever its status.

    Raises Transient when no connection was made, and when the answer to a `repeatable` request was lost; Ambiguous when
    that of any other was: it may have happened.
    """
    try:
        return await client.request(method, path, **content)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Transient(vendor, "no connection", type(error).__name__) from error
    except httpx.HTTPError as error:
        if repeatable:
            raise Transient(vendor, "no answer", type(error).__name__) from error
        raise Ambiguous(vendor, "no answer", type(error).__name__) from error

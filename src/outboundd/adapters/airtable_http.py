"""How does a request reach Airtable? One thread, one limiter of the base where real requests leave, no retry."""

import concurrent.futures
from collections import deque
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeVar

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
import pyairtable
import pydantic
import requests
from requests.adapters import HTTPAdapter

# The import silences urllib3, requests and pyairtable, which log whole URLs.
from outboundd.adapters import http
from outboundd.adapters.airtable_errors import (
    LOCKED_OUT_S,
    MONTH_USED_UP,
    VENDOR,
    Place,
    no_answer,
    raise_for,
    word_of,
)
from outboundd.limits import SlidingWindow
from outboundd.motion import MOTION
from outboundd.ports import Clock, Transient

T = TypeVar("T")

# A base takes five a second, whoever asks (Airtable docs, "Rate limits"): one is left to a human's automations.
CALLS_PER_S = 4
READ_TIMEOUT_S = 30
# One second more than the vendor's: its clock and ours do not start at the same moment.
CLOSED_S = LOCKED_OUT_S + 1
# Sources disagree on what a used up month brings: a 429 of its own, or two requests a second. In the second case we see
# ordinary 429s that our own limiter should have prevented. Contract of 2026-08.
SLOWED_PER_S = 2
UNEXPECTED, WITHIN_S = 3, 600.0


class Line:
    """The one way to one base. `requests` counts those that left; `counted` is told of each, before it leaves.

    One thread: an answer takes about 0.2 s, so that one after the other nearly fills four a second; one `Api` is never
    used by two threads (neither pyairtable nor requests promises that), and writes arrive in the order they were made.
    """

    def __init__(
        self,
        *,
        token: str,
        api_url: str,
        place: Place,
        clock: Clock,
        calls_per_s: int,
        counted: Callable[[], Awaitable[None]],
    ) -> None:
        self.requests = 0
        self._counted = counted
        self._place = place
        self._clock = clock
        self._windows = [SlidingWindow(calls_per_s, 1.0)]
        self._refusals: deque[float] = deque(maxlen=UNEXPECTED)
        self._thread = anyio.CapacityLimiter(1)
        timeout = (int(http.CONNECT_TIMEOUT_S), READ_TIMEOUT_S)
        self._api = pyairtable.Api(token, endpoint_url=api_url, timeout=timeout, retry_strategy=None)
        # A netrc entry would replace the token; a proxy variable applies even to loopback.
        self._api.session.trust_env = False
        for scheme in ("https://", "http://"):
            self._api.session.mount(scheme, _Seat(self))

    @property
    def slowed(self) -> bool:
        """Has the vendor refused so often that we ask less? Until the next start."""
        return len(self._windows) > 1

    async def call(self, work: Callable[[pyairtable.Api], T]) -> T:
        """The result of `work`, one request of the library, run in the thread. Raises the five failures, ListingLost.

        A cancelled call ends when its request has been answered: what was sent is never left behind unknown.
        """
        async with self._thread:
            with MOTION.moving():
                try:
                    return await anyio.to_thread.run_sync(work, self._api)
                except (
                    requests.RequestException,
                    pydantic.ValidationError,
                    UnicodeError,
                    TypeError,
                    KeyError,
                ) as error:
                    raise no_answer(error) from error
                except concurrent.futures.CancelledError:
                    # Cancelled while it waited for its turn: nothing was sent.
                    await anyio.lowlevel.checkpoint()
                    raise Transient(VENDOR, "interrupted") from None

    def close(self) -> None:
        """Give back the connections."""
        self._api.session.close()

    def checked(self, response: requests.Response) -> requests.Response:
        """In the thread: the answer, or the failure that it means; a 429 closes the gate for everybody."""
        too_many = response.status_code == HTTPStatus.TOO_MANY_REQUESTS
        if too_many and word_of(response) != MONTH_USED_UP:
            anyio.from_thread.run_sync(self._locked_out)
        raise_for(response, self._place, self._clock.now())
        return response

    async def turn(self) -> None:
        """On the loop: wait until one more request may leave. Who waits here waits on the clock."""
        with MOTION.resting():
            for window in self._windows:
                await window.acquire()
        self.requests += 1
        await self._counted()

    def _locked_out(self) -> None:
        now = anyio.current_time()
        self._refusals.append(now)
        if not self.slowed and len(self._refusals) == UNEXPECTED and now - self._refusals[0] < WITHIN_S:
            self._windows.append(SlidingWindow(SLOWED_PER_S, 1.0))
        for window in self._windows:
            window.penalise(CLOSED_S)


class _Seat(HTTPAdapter):
    """Where real requests leave: no page, chunk or redirect of the library gets around it."""

    def __init__(self, line: Line) -> None:
        super().__init__(max_retries=0)
        self._line = line

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:  # noqa: ANN401
        """One request in its turn. pyairtable's own reading of errors fails on some shapes, so it never sees one."""
        anyio.from_thread.run(self._line.turn)
        return self._line.checked(super().send(request, *args, **options))

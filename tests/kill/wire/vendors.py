"""How do Airtable and Brevo see the program die? They answer over HTTP, and kill it at a request of the test's choice.

They run on a loop of their own in the test's process, their clock stands where the test has set it, and their state
lies in a file beside the installation, so that a copy of the folder is a copy of the whole world.
"""

import json
import os
import random
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from anyio.from_thread import BlockingPortal

from kill import truth
from kill.wire import scenario
from outboundd.adapters.airtable_schema import columns
from outboundd.model.lead import COLUMNS
from outboundd.sandbox import keep
from outboundd.sandbox.airtable import Airtable
from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.five import BASE, KEYS
from outboundd.sandbox.server import Handler, Sandbox, dropped, serving
from outboundd.sandbox.world import World

TABLE = "Leads"
STATE = "vendors.json"
SEND = "POST /brevo/v3/smtp/email"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """At which request of its run the program is killed, counted from one.

    `side`: "before" the effect of the request, after the "effect" and before the reply, or after the "reply".
    """

    request: int
    side: str


class Vendors(Sandbox):
    """The two accounts. `at` is their time; `requests` are those since `watch`."""

    def __init__(self, place: Path, lag: timedelta) -> None:
        """`lag`: so long after they happened Brevo's events and log lines can be seen."""
        self.at = scenario.NEW
        self.requests: list[str] = []
        self._place = place
        self._process = 0
        self._moment: Moment | None = None
        world = World(now=lambda: self.at, sleep=_never, rng=random.Random(1))
        # Their clock stands while the program's goes on: five requests in one of their seconds are not too many.
        self.airtable = Airtable(world, token=KEYS["AIRTABLE_TOKEN"], base=BASE, strict_rate=False)
        lag_s = lag.total_seconds()
        key = KEYS["BREVO_API_KEY"]
        self.brevo = Brevo(world, key=key, event_lag_s=lag_s, log_lag_s=lag_s, strict_rate=False)
        super().__init__(world, (self.airtable, self.brevo))
        if not keep.load(self, place / STATE):
            self.airtable.add_table(TABLE, {one["name"]: one for one in columns(COLUMNS)})

    def watch(self, at: datetime, process: int, moment: Moment | None) -> None:
        """The next requests are those of this process, begun at this instant and killed at this moment."""
        self.at, self._process, self._moment, self.requests = at, process, moment, []

    def application(self) -> web.Application:
        application = super().application()
        application.middlewares.append(self._seen())
        return application

    def _seen(self) -> Any:
        @web.middleware
        async def see(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.requests.append(f"{request.method} {request.path}")
            number = len(self.requests)
            if self.requests[-1] == SEND:
                truth.witness(self._place, json.loads(await request.text())["tags"][0])
            if self._dies(number, "before"):
                return dropped(request)
            answer = await handler(request)
            if self._dies(number, "effect"):
                return dropped(request)
            if self._moment == Moment(request=number, side="reply"):
                await answer.prepare(request)
                await answer.write_eof()
                self._dies(number, "reply")
            return answer

        return see

    def _dies(self, number: int, side: str) -> bool:
        if self._moment != Moment(request=number, side=side):
            return False
        with suppress(ProcessLookupError):  # it had its last reply and is gone already
            os.kill(self._process, signal.SIGKILL)
        return True

    def mails(self) -> Sequence[truth.Mail]:
        """What really left to leads, as Brevo delivers it."""
        return [
            truth.Mail(
                tag=mail.tag,
                micros=round(mail.at.timestamp() * 1e6),
                to=mail.recipient,
                step=int(mail.tag.split(".")[2]),
                told=f"Subject: {mail.subject}\n\n" + mail.text.strip("\n"),
            )
            for mail in self.brevo.ledger
        ]

    def rows(self) -> list[dict[str, Any]]:
        """The lead table as a human sees it."""
        return [row["fields"] for row in self.airtable.rows(TABLE)]


@contextmanager
def answering(portal: BlockingPortal, place: Path, lag: timedelta) -> Iterator[Vendors]:
    """The vendors of this installation on a port of their own, named in its configuration; kept when they end."""
    vendors = Vendors(place, lag)
    with portal.wrap_async_context_manager(serving(vendors)) as url:
        (place / "config.toml").write_text(scenario.config(url), "utf-8")
        yield vendors
    keep.save(vendors, place / STATE)


async def _never(_: float) -> None:
    raise AssertionError("no fault that waits is switched on")

"""How do the five vendors come to stand on one port? One aiohttp application, a prefix for each, and the common faults.

Faults that every vendor knows, by name: `down` (the connection is closed at once), `status` (value: status; the body
is HTML from 502 on, JSON below), `hang` (value: seconds, after the effect), `lost_reply` (the effect, then the
connection is dropped), `drop` (dropped before any effect), `slow` (value: seconds for the body), `html` (200 with
an HTML page), `garbage` (200 with broken JSON), `echo` (value: status; refused with all that was said, the key too).
A vendor's own faults stand in its file.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields
from email.utils import format_datetime
from typing import Any, Protocol

from aiohttp import web

from outboundd.sandbox.world import Fault, World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class Vendor(Protocol):
    """One vendor: its name is its prefix. `dump` and `load` carry its whole state as JSON values."""

    name: str

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """What it answers, below its prefix."""
        ...

    def dump(self) -> Mapping[str, Any]: ...

    def load(self, state: Mapping[str, Any]) -> None: ...


class Sandbox:
    """Some vendors in one world. `arrivals` counts every request that came in, by vendor.

    `controls` are more paths below `/_sandbox`, for what people do at a vendor that has no API for it.
    """

    def __init__(self, world: World, vendors: Sequence[Vendor], controls: Sequence[web.AbstractRouteDef] = ()) -> None:
        self.world = world
        self.vendors = {vendor.name: vendor for vendor in vendors}
        self._controls = controls
        self.arrivals: dict[str, int] = dict.fromkeys(self.vendors, 0)

    def application(self) -> web.Application:
        """One application that answers for all of them, and `/_sandbox` for who plays with them."""
        application = web.Application(client_max_size=32 * 1024 * 1024)
        for vendor in self.vendors.values():
            part = web.Application(middlewares=[self._faulty(vendor.name)])
            part.add_routes(vendor.routes())
            application.add_subapp(f"/{vendor.name}", part)
        application.add_routes(
            [
                web.get("/_sandbox/state", self._state),
                web.get("/_sandbox/faults", self._faults),
                web.post("/_sandbox/faults", self._switch_on),
                web.delete("/_sandbox/faults", self._switch_off),
                *self._controls,
            ]
        )
        return application

    def _faulty(self, vendor: str) -> Any:  # noqa: ANN401 (aiohttp's middleware type)
        @web.middleware
        async def strike(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.arrivals[vendor] += 1
            early = await self._before(vendor, request)
            answer = self._dated(early if early is not None else await handler(request))
            return answer if early is not None else await self._after(vendor, request, answer)

        return strike

    def _dated(self, answer: web.StreamResponse) -> web.StreamResponse:
        """Every answer tells the world's time; aiohttp would tell the machine's."""
        answer.headers.setdefault("Date", format_datetime(self.world.now(), usegmt=True))
        return answer

    async def _before(self, vendor: str, request: web.Request) -> web.StreamResponse | None:
        """What happens instead of an effect."""
        take = self._taker(vendor, request)
        if take("down") or take("drop"):
            return dropped(request)
        if (fault := take("echo")) is not None:
            return await _echo(request, int(fault.value))
        if (fault := take("status")) is not None:
            status = int(fault.value)
            if status >= 502:
                return web.Response(status=status, text=HTML, content_type="text/html")
            return web.json_response({"error": {"type": "SANDBOX", "message": "switched on"}}, status=status)
        return None

    async def _after(self, vendor: str, request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
        """What happens after the effect."""
        take = self._taker(vendor, request)
        if take("lost_reply"):
            return dropped(request)
        if (fault := take("hang")) is not None:
            await self.world.sleep(float(fault.value))
        if take("html"):
            return web.Response(text=HTML, content_type="text/html")
        if take("garbage"):
            return web.Response(text='{"half": ', content_type="application/json")
        if (fault := take("slow")) is not None and isinstance(answer, web.Response):
            return await self._dribbled(request, answer, float(fault.value))
        return answer

    def _taker(self, vendor: str, request: web.Request) -> Callable[[str], Any]:
        return lambda name: self.world.faults.take(vendor, name, request.method, request.path)

    async def _dribbled(self, request: web.Request, answer: web.Response, seconds: float) -> web.StreamResponse:
        """The same answer, its body in ten pieces over so many seconds."""
        body = answer.body if isinstance(answer.body, bytes) else b""
        slow = web.StreamResponse(
            status=answer.status, headers={name: answer.headers[name] for name in ("Content-Type", "Date")}
        )
        await slow.prepare(request)
        piece = max(1, len(body) // 10)
        for start in range(0, len(body), piece):
            await self.world.sleep(seconds / 10)
            await slow.write(body[start : start + piece])
        await slow.write_eof()
        return slow

    async def _state(self, _: web.Request) -> web.Response:
        return web.json_response({name: vendor.dump() for name, vendor in self.vendors.items()})

    async def _faults(self, _: web.Request) -> web.Response:
        return web.json_response(self.world.faults.listed())

    async def _switch_on(self, request: web.Request) -> web.Response:
        try:
            fault = Fault(**json.loads(await request.text()))
        except (ValueError, TypeError):
            fault = None
        if fault is None or fault.vendor not in self.vendors:
            wanted = ", ".join(field.name for field in fields(Fault))
            told = f"wanted: a JSON object of {wanted}; vendor is one of {', '.join(self.vendors)}\n"
            return web.Response(status=400, text=told)
        self.world.faults.switch_on(**vars(fault))
        return await self._faults(request)

    async def _switch_off(self, request: web.Request) -> web.Response:
        self.world.faults.switch_off(request.query.get("vendor", ""), request.query.get("name", ""))
        return await self._faults(request)


async def _echo(request: web.Request, status: int) -> web.Response:
    """A refusal that repeats all it was told, the key too, in the shape that any of the five vendors gives its own."""
    key = request.headers.get("Authorization") or request.headers.get("api-key", "")
    said = {"type": "SANDBOX", "message": f"{key} said {await request.text()} to {request.path_qs}"}
    return web.json_response(
        {
            "ok": False,
            "error_code": status,
            "code": "SANDBOX",
            "description": said["message"],
            **said,
            "error": said,
            "detail": said,
        },
        status=status,
    )


def dropped(request: web.Request) -> web.Response:
    """The connection is closed without a word."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@asynccontextmanager
async def serving(sandbox: Sandbox, port: int = 0) -> AsyncIterator[str]:
    """The sandbox on 127.0.0.1 until the block ends; yields its address, as in http://127.0.0.1:8640."""
    # A client that has given up ends its handler: one that still waited on the clock would hold it for ever.
    # A vendor decides itself which address is too long; aiohttp's own limit is lower than Airtable's.
    runner = web.AppRunner(
        sandbox.application(),
        access_log=None,
        shutdown_timeout=1.0,
        handler_cancellation=True,
        max_line_size=64 * 1024,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        host, bound = runner.addresses[0][:2]
        yield f"http://{host}:{bound}"
    finally:
        await runner.cleanup()

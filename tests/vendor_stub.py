"""What does a test need to let a vendor say one exact thing over HTTP? A stub on loopback, on the virtual clock."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import anyio
from aiohttp import web

from outboundd import virtual
from outboundd.motion import MOTION
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.world import World

START = datetime(2026, 11, 24, 8, tzinfo=UTC)


@dataclass(kw_only=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    at_s: float


@dataclass(kw_only=True)
class Stub:
    """A vendor that says its lines: (status, body, headers), the last one for ever. A body is JSON, or text as HTML."""

    world: World
    name: str = "stub"
    lines: list[tuple[int, Any, Mapping[str, str]]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def say(self, status: int, body: Any, **headers: str) -> None:
        """One more line; `retry_after` names the header retry-after."""
        self.lines.append((status, body, {name.replace("_", "-"): value for name, value in headers.items()}))

    def fault(self, name: str, **how: Any) -> None:
        """Switch on a fault of every vendor."""
        self.world.faults.switch_on(self.name, name, **how)

    def routes(self) -> list[web.RouteDef]:
        async def answer(request: web.Request) -> web.Response:
            body = await request.json() if request.can_read_body else None
            at_s = (self.world.now() - START).total_seconds()
            path = request.path.removeprefix(f"/{self.name}")
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.asked.append(Asked(method=request.method, path=path, headers=headers, body=body, at_s=at_s))
            status, said, more = self.lines.pop(0) if len(self.lines) > 1 else self.lines[0]
            if isinstance(said, str):
                return web.Response(status=status, text=said, content_type="text/html", headers=more)
            return web.json_response(said, status=status, headers=more)

        return [web.route("*", "/{path:.*}", answer)]

    def dump(self) -> dict[str, Any]:
        return {}

    def load(self, state: object) -> None: ...


async def _sleep(seconds: float) -> None:
    """Wait on the virtual clock, which the request that is being answered must not hold."""
    with MOTION.resting():
        await anyio.sleep(seconds)


def played(scene: Callable[[Stub, str], Awaitable[None]]) -> None:
    """Play a scene with the stub and its address, on the virtual clock."""

    async def main() -> None:
        world = World(now=lambda: datetime.now(UTC), sleep=_sleep, rng=random.Random(1))
        stub = Stub(world=world)
        async with serving(Sandbox(world, [stub])) as url:
            await scene(stub, f"{url}/{stub.name}")

    virtual.run(main, START)

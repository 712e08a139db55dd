"""Does every request take its turn, does a 429 close the gate for all, and what does no answer mean?"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import anyio
import httpx
import pytest
from aiohttp import web

from outboundd import virtual
from outboundd.adapters import http
from outboundd.adapters.retry import patiently
from outboundd.limits import SlidingWindow
from outboundd.motion import MOTION
from outboundd.ports import Ambiguous, Failure, Refused, Transient
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.world import World

START = datetime(2026, 11, 24, 8, tzinfo=UTC)


class Echo:
    """A vendor that says what time it is, or that it has had enough."""

    name = "echo"

    def __init__(self, world: World) -> None:
        self.world = world
        self.effects = 0

    def routes(self) -> list[web.RouteDef]:
        async def answer(_: web.Request) -> web.Response:
            if self.world.faults.take("echo", "enough"):
                return web.Response(status=429, headers={"x-wait": "30"})
            self.effects += 1
            return web.json_response(self.world.now().isoformat())

        return [web.post("/say", answer)]

    def dump(self) -> dict[str, int]:
        return {"effects": self.effects}

    def load(self, state: object) -> None: ...


async def sleep(seconds: float) -> None:
    """Wait on the virtual clock, which the request that is being answered must not hold."""
    with MOTION.resting():
        await anyio.sleep(seconds)


def played(scene: Callable[[httpx.AsyncClient, Echo], Awaitable[None]], *, calls: int = 5) -> None:
    """Play a scene between one client and the echo, on the virtual clock."""

    async def main() -> None:
        world = World(now=lambda: datetime.now(UTC), sleep=sleep, rng=random.Random(1))
        echo = Echo(world)
        window = SlidingWindow(calls, 1.0)
        account = http.Account(
            vendor="echo",
            windows=lambda method, path: [window],
            closed_for_s=lambda answer: float(answer.headers["x-wait"]) if answer.status_code == 429 else None,
        )
        async with (
            serving(Sandbox(world, [echo])) as url,
            http.client(account, url, timeout_s=12, headers={}) as client,
        ):
            await scene(client, echo)

    virtual.run(main, START)


async def say(client: httpx.AsyncClient, *, repeatable: bool = False) -> httpx.Response:
    """One request."""
    return await http.request(client, "echo", "POST", "/echo/say", repeatable=repeatable)


def seconds(answers: list[httpx.Response]) -> list[int]:
    """Full seconds since the start at which each was answered."""
    return [int((datetime.fromisoformat(one.json()) - START).total_seconds()) for one in answers]


def test_no_more_requests_leave_than_the_account_may_make():
    """Twelve callers at once, five a second: 5, 5, 2."""

    async def scene(client: httpx.AsyncClient, _: Echo) -> None:
        answers = await asyncio.gather(*(say(client) for _ in range(12)))
        assert sorted(seconds(list(answers))) == [0] * 5 + [1] * 5 + [2] * 2

    played(scene)


def test_a_429_closes_the_gate_for_every_caller():
    """One caller is told to wait 30 s: nobody else asks before."""

    async def scene(client: httpx.AsyncClient, echo: Echo) -> None:
        echo.world.faults.switch_on("echo", "enough")
        assert (await say(client)).status_code == 429
        answers = await asyncio.gather(say(client), say(client))
        assert seconds(list(answers)) == [30, 30]

    played(scene)


def test_a_lost_answer_to_a_post_is_ambiguous_and_the_vendor_was_asked_once():
    """The effect took place and nobody repeats it."""

    async def scene(client: httpx.AsyncClient, echo: Echo) -> None:
        echo.world.faults.switch_on("echo", "lost_reply")
        with pytest.raises(Ambiguous):
            await patiently(lambda: say(client))
        assert echo.effects == 1

    played(scene)


def test_a_lost_answer_to_a_repeatable_request_is_asked_for_again():
    """A question may be put twice."""

    async def scene(client: httpx.AsyncClient, echo: Echo) -> None:
        echo.world.faults.switch_on("echo", "lost_reply")
        answer = await patiently(lambda: say(client, repeatable=True))
        assert answer.status_code == 200
        assert echo.effects == 2

    played(scene)


def test_an_answer_that_never_comes_ends_at_the_timeout():
    """Twelve seconds, and what may have happened stays open."""

    async def scene(client: httpx.AsyncClient, echo: Echo) -> None:
        echo.world.faults.switch_on("echo", "hang", value=3600)
        with pytest.raises(Ambiguous):
            await say(client)
        assert 11 < (datetime.now(UTC) - START).total_seconds() < 13

    played(scene)


def test_where_nobody_listens_nothing_has_happened():
    """A refused connection is Transient, whatever was to be sent."""

    async def scene(client: httpx.AsyncClient, _: Echo) -> None:
        account = http.Account(vendor="echo", windows=lambda method, path: [], closed_for_s=lambda answer: None)
        async with http.client(account, "http://127.0.0.1:9", timeout_s=1, headers={}) as nowhere:
            with pytest.raises(Transient, match="no connection"):
                await say(nowhere)

    played(scene)


@pytest.mark.parametrize("failure", [Refused("echo", "no"), Ambiguous("echo", "who knows")])
def test_only_what_did_not_happen_is_asked_again(failure: Failure):
    """Every other failure reaches the caller at the first time."""
    asked = []

    async def ask() -> None:
        asked.append(1)
        raise failure

    async def main() -> None:
        with pytest.raises(type(failure)):
            await patiently(ask)

    virtual.run(main, START)
    assert len(asked) == 1


@pytest.mark.parametrize(("wait_s", "times", "passed_s"), [(None, 4, 7), (30.0, 4, 90), (61.0, 1, 0)])
def test_asking_again_is_bounded(wait_s: float | None, times: int, passed_s: int):
    """Four times, after the wait that the vendor names or after 1, 2, 4 s; a longer wait is left to the next run."""
    asked = []

    async def ask() -> None:
        asked.append(1)
        raise Transient("echo", "away", retry_after_s=wait_s)

    async def main() -> None:
        with pytest.raises(Transient):
            await patiently(ask)
        assert int((datetime.now(UTC) - START).total_seconds()) == passed_s

    virtual.run(main, START)
    assert len(asked) == times

"""The limiter keeps a vendor's strict window, whoever asks, and closes for all at once."""

from datetime import UTC, datetime

import anyio

from outboundd import virtual
from outboundd.limits import SlidingWindow

START = datetime(2026, 11, 24, 9, tzinfo=UTC)


def begun(calls: int, *, penalty_after: int = 0) -> list[float]:
    """When so many callers, all waiting at once, may begin: 5 calls a second, a penalty of 30 s after one of them."""

    async def play() -> list[float]:
        window, times = SlidingWindow(5, 1.0), []

        async def one() -> None:
            await window.acquire()
            times.append(round(anyio.current_time(), 3))
            if len(times) == penalty_after:
                window.penalise(30)

        async with anyio.create_task_group() as group:
            for _ in range(calls):
                group.start_soon(one)
        return [at - times[0] for at in times]

    return virtual.run(play, START)


def test_never_more_than_the_limit_in_any_second() -> None:
    """Five at once, then five more a second later: no bucket that refills in between."""
    assert begun(12) == [0] * 5 + [1] * 5 + [2] * 2


def test_a_penalty_closes_the_window_for_everybody() -> None:
    """After the seventh call was told to wait 30 s, nobody asks for 30 s, and then again at most five a second."""
    times = begun(13, penalty_after=7)
    assert times[:5] == [0] * 5
    assert [round(at) for at in times[5:]] == [1, 1, 31, 31, 31, 31, 31, 32]


def test_a_shorter_penalty_does_not_open_a_longer_one() -> None:
    """The last word of a vendor does not shorten what it said before."""

    async def play() -> float:
        window = SlidingWindow(5, 1.0)
        began = anyio.current_time()
        window.penalise(30)
        window.penalise(1)
        await window.acquire()
        return round(anyio.current_time() - began)

    assert virtual.run(play, START) == 30


def test_callers_are_served_in_the_order_they_came() -> None:
    """Nobody is overtaken while waiting."""

    async def play() -> list[int]:
        window, order = SlidingWindow(1, 1.0), []

        async def one(number: int) -> None:
            await window.acquire()
            order.append(number)

        async with anyio.create_task_group() as group:
            for number in range(6):
                group.start_soon(one, number)
        return order

    assert virtual.run(play, START) == list(range(6))


def test_whoever_gives_up_waiting_takes_no_share() -> None:
    """A cancelled caller leaves its place to the next."""

    async def play() -> float:
        window = SlidingWindow(1, 10.0)
        await window.acquire()
        began = anyio.current_time()
        with anyio.move_on_after(2):
            await window.acquire()
        await window.acquire()
        return round(anyio.current_time() - began)

    assert virtual.run(play, START) == 10

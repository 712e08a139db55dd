"""Does one ask while the others wait, for each key apart, with nothing left behind?"""

import anyio

from outboundd.engine.turns import Turns


async def test_one_at_a_time_for_a_key_and_other_keys_go_on():
    """Of three at one key and one at another, two are in at once."""
    turns, inside, most = Turns(), 0, 0

    async def come(key: str) -> None:
        nonlocal inside, most
        async with turns.of(key):
            inside += 1
            most = max(most, inside)
            await anyio.lowlevel.checkpoint()
            inside -= 1

    async with anyio.create_task_group() as group:
        for key in ("a", "a", "a", "b"):
            group.start_soon(come, key)
    assert most == 2


async def test_a_key_that_nobody_holds_is_forgotten():
    """Also one whose holder was broken off: a pool of 24,000 questions leaves nothing behind."""
    turns = Turns()
    with anyio.CancelScope() as scope:
        async with turns.of("a"):
            assert turns._locks
            scope.cancel()
            await anyio.lowlevel.checkpoint()
    assert not turns._locks
    assert not turns._wanted

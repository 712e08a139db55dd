"""Does the store have the columns that the program writes and reads? What is missing is made, or named."""

from collections.abc import AsyncGenerator

from outboundd.commands.desk import Command, Desk, Line


async def setup(desk: Desk) -> AsyncGenerator[Line, None]:
    """Make what the store lacks; say what only a human can add."""
    store = desk.parts.world.store
    told = await store.set_up()
    for one in told.made:
        yield Line(text=f"made: {one}")
    for one in told.by_hand:
        yield Line(text=f"by hand: {one}")
    if not told.made and not told.by_hand:
        yield Line(text=f"{store.name}: nothing is missing")
    elif not told.by_hand:
        yield Line(text="then: outboundd check")


SETUP = Command(name="setup", doc="make the columns that the store lacks; say what a human must add", run=setup)

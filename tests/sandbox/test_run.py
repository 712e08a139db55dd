"""Does `outboundd sandbox` say what it needs, and does what it knows outlive it?"""

import asyncio
import contextlib
import socket
from pathlib import Path

import aiohttp
import pytest

from outboundd.sandbox import run
from outboundd.sandbox.five import BASE, KEYS

AT_AIRTABLE = {"Authorization": f"Bearer {KEYS['AIRTABLE_TOKEN']}"}


@contextlib.asynccontextmanager
async def standing(port: int, state: Path | None):
    """The sandbox, until the block ends as Ctrl-C ends it."""
    task = asyncio.create_task(run.run(port, state, 7))
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def test_a_port_that_is_taken_is_said_with_the_option():
    """Not a word of state_dir, and nothing printed that a reader would copy."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(ValueError, match=r"port \d+ of 127\.0\.0\.1: Address already in use; .* --port$"):
            await run.run(other.getsockname()[1], None, 7)


async def test_a_place_that_cannot_be_written_is_said_before_anything_is_played(tmp_path):
    """Not when all is over and lost."""
    with pytest.raises(ValueError, match="cannot be written .* name another file"):
        await run.run(0, tmp_path / "nowhere" / "state.json", 7)


async def test_what_it_knows_is_there_again_after_a_restart(tmp_path, capsys):
    """A table made before Ctrl-C is found after it."""
    port, state = free_port(), tmp_path / "state.json"
    tables = f"http://127.0.0.1:{port}/airtable/v0/meta/bases/{BASE}/tables"
    wanted = {"name": "Leads", "fields": [{"name": "Email", "type": "email"}]}
    async with aiohttp.ClientSession(headers=AT_AIRTABLE) as client, standing(port, state) as task:
        while not capsys.readouterr().out and not task.done():
            await asyncio.sleep(0)
        async with client.post(tables, json=wanted) as answer:
            assert answer.status == 200
    async with aiohttp.ClientSession(headers=AT_AIRTABLE) as client, standing(port, state) as task:
        while not capsys.readouterr().out and not task.done():
            await asyncio.sleep(0)
        async with client.get(tables) as answer:
            assert "Leads" in [table["name"] for table in (await answer.json())["tables"]]

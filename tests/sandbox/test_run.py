"""Does `outboundd sandbox` say what it needs, and does what it knows outlive it?"""

import asyncio
import contextlib
import io
import socket
from pathlib import Path

import aiohttp
import pytest

from outboundd.sandbox import run
from outboundd.sandbox.five import BASE, KEYS

TABLES = f"/airtable/v0/meta/bases/{BASE}/tables"
AT_AIRTABLE = {"Authorization": f"Bearer {KEYS['AIRTABLE_TOKEN']}"}


@contextlib.asynccontextmanager
async def standing(state: Path):
    """The sandbox on a free port, until the block ends as Ctrl-C ends it; yields the address that it prints."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        task = asyncio.create_task(run.run(0, state, 7))
        while not told.getvalue() and not task.done():  # noqa: ASYNC110 (what it prints raises no event)
            await asyncio.sleep(0)
    try:
        yield told.getvalue().split()[4].rstrip(",")
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_port_that_is_taken_is_said_with_the_option():
    """Not a word of state_dir, and nothing printed that a reader would copy."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(ValueError, match=r"port \d+ of 127\.0\.0\.1: Address already in use; .* --port$"):
            await run.run(other.getsockname()[1], None, 7)


async def test_a_place_that_cannot_be_written_is_said_before_anything_is_played(tmp_path):
    """Not when all is over and lost."""
    with pytest.raises(ValueError, match=r"cannot be written .* name another file"):
        await run.run(0, tmp_path / "nowhere" / "state.json", 7)


async def test_what_it_knows_is_there_again_after_a_restart(tmp_path):
    """A table made before Ctrl-C is found after it."""
    state = tmp_path / "state.json"
    async with standing(state) as url, aiohttp.ClientSession(headers=AT_AIRTABLE) as client:
        wanted = {"name": "Leads", "fields": [{"name": "Email", "type": "email"}]}
        async with client.post(f"{url}{TABLES}", json=wanted) as answer:
            assert answer.status == 200
    async with standing(state) as url, aiohttp.request("GET", f"{url}{TABLES}", headers=AT_AIRTABLE) as answer:
        assert "Leads" in [table["name"] for table in (await answer.json())["tables"]]


async def test_a_fault_that_cannot_be_switched_on_is_refused_with_a_sentence(tmp_path):
    """A slip of the hand at curl is told; nothing is switched on that would never strike."""
    async with standing(tmp_path / "state.json") as url, aiohttp.ClientSession() as client:
        for slip in (
            "{half",
            '{"vendor": "nobody", "name": "x"}',
            '{"vendor": "openai", "name": "x", "time": 0}',
            "[]",
        ):
            async with client.post(f"{url}/_sandbox/faults", data=slip) as answer:
                assert (answer.status, "airtable, brevo" in await answer.text()) == (400, True)
        async with client.get(f"{url}/_sandbox/faults") as answer:
            assert await answer.json() == []

"""Does a sandbox that starts anew go on where it ended, at the world's own time?"""

from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx

from outboundd.sandbox import keep
from outboundd.sandbox.airtable import Airtable
from outboundd.sandbox.server import Sandbox, serving
from sandbox.playing import START, HandClock, world


def begun(file: Path) -> Airtable:
    """A base as a new process begins it: with the seed of always, and what the file holds."""
    airtable = Airtable(world(HandClock()))
    keep.load(Sandbox(airtable.world, [airtable]), file)
    return airtable


def test_a_row_made_after_a_restart_takes_the_place_of_no_other(tmp_path: Path) -> None:
    """The ids of a new process are new, though it begins with the same seed."""
    file = tmp_path / "sandbox.json"
    for number in range(5):
        airtable = begun(file)
        airtable.add_rows("Table 1", [{"Name": f"row {number}"}])
        keep.save(Sandbox(airtable.world, [airtable]), file)
    assert [row["fields"]["Name"] for row in begun(file).rows("Table 1")] == [f"row {n}" for n in range(5)]


async def test_every_answer_tells_the_time_of_the_world_and_not_of_the_machine() -> None:
    """A client that compares clocks compares with the vendor's."""
    airtable = Airtable(world(HandClock()))
    async with serving(Sandbox(airtable.world, [airtable])) as url, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{url}/airtable/v0/meta/whoami")
    assert parsedate_to_datetime(answer.headers["date"]) == START

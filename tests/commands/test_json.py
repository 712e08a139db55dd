"""What `--json` prints is what OPERATING promises: other programs read it."""

import base64
from pathlib import Path

import pytest

from office import an_office, lead

OPERATING = (Path(__file__).parents[2] / "docs" / "OPERATING.md").read_text(encoding="utf-8")
TABLE = OPERATING.partition("## What --json prints")[2]
PROMISED = {
    line.split("|")[1].strip(" `"): line.split("|")[2].split(":")
    for line in TABLE.splitlines()
    if line.startswith("| `")
}
LEADS = b"Email,Name,Company,Website,Country\nbo@quarry.example,Bo Lind,Quarry,quarry.example,GB\n"
ARGUMENTS = {
    "why": {"who": "ld0001"},
    "prompt": {"who": "ld0001"},
    "why --letter": {"who": "ld0001", "letter": True},
    "queue": {"days": 2},
    "recent": {"number": 5},
    "stats --by": {"by": "source"},
    "stats --warmup": {"warmup": True},
    "once": {"job": "reconcile"},
    "import": {"name": "leads.csv", "content": base64.b64encode(LEADS).decode(), "mapping": [], "source": "fair"},
    "verify": {"everyone": True},
}


@pytest.mark.parametrize("command", PROMISED)
async def test_the_keys_are_those_of_the_page(command: str) -> None:
    """None is missing and none is there that the page does not name."""
    office = an_office(lead(1), lead(2))
    await office.mail_out()
    await office.parts.alerts.tell("clock", "The clock is off", "300 s apart")
    value = await office.data(command.partition(" ")[0], **ARGUMENTS.get(command, {}))
    kind, keys = PROMISED[command]
    assert isinstance(value, {"list": list, "object": dict}[kind.strip()])
    one = value if isinstance(value, dict) else value[0]
    assert set(one) == set(keys.split())

"""How does a test hand a file to a command, or ask for the sentence of a refusal?"""

import base64
from typing import Any

import pytest

from office import Office
from outboundd.commands.desk import Line, Refusal


def content(text: str, encoding: str = "utf-8") -> str:
    """A file as the command line hands it over."""
    return base64.b64encode(text.encode(encoding)).decode()


def file_of(lines: list[Line]) -> str:
    """What a command has the asking side write beside the file; '' when nothing."""
    return next((line.file[1] for line in lines if line.file), "")


async def refused(office: Office, command: str, **arguments: Any) -> tuple[int, str]:
    """Exit code and sentence of a command that is not carried out."""
    with pytest.raises(Refusal) as refusal:
        await office.say(command, **arguments)
    return refusal.value.code, refusal.value.sentence

"""How is the operator told when there is nothing but the terminal?"""

import sys
from typing import TextIO

from outboundd.ports import Alert, Transient


class ConsoleOperator:
    """Prints alerts to the standard error output, or to the stream given (port Operator)."""

    name = "console"
    arrives = False

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    async def alert(self, alert: Alert) -> None:
        """Print title, text and the log's last lines."""
        head = "OVER" if alert.is_over else "ALERT"
        lines = [f"{head}: {alert.title}", *alert.text.splitlines(), *(f"  | {line}" for line in alert.tail)]
        stream = self._stream or sys.stderr
        try:
            stream.write("".join(f"{_printable(line)}\n" for line in lines))
            stream.flush()
        except (OSError, ValueError) as error:
            raise Transient("console", "cannot be written") from error

    async def probe(self) -> str:
        return "alerts are printed on the standard error output"

    async def aclose(self) -> None:
        """Holds nothing."""


def _printable(line: str) -> str:
    """The line without what could steer a terminal: a reason may quote a text from outside."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)

"""How is the operator told when there is nothing but the log? In lines of its own kind, so that a search finds them."""

from collections.abc import Callable

from outboundd.ports import Alert


class LogOperator:
    """Writes alerts into the log (port Operator). `say` takes whether it is over, and the words."""

    name = "log"
    arrives = False

    def __init__(self, say: Callable[[bool, str], None]) -> None:
        self._say = say

    async def alert(self, alert: Alert) -> None:
        """Title and text. The last lines of the log stand there already."""
        self._say(alert.is_over, " ".join([f"{alert.title}:", *alert.text.splitlines()]))

    async def probe(self) -> str:
        return "alerts are lines of the log"

    async def aclose(self) -> None:
        """Holds nothing."""

"""What was the operator told?"""

from outboundd.ports import Alert, Failure


class MemoryOperator:
    """Collects alerts (port Operator). A failure put into `fail_next` is raised by the next call instead."""

    name = "memory"
    arrives = True

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.fail_next: list[Failure] = []

    async def alert(self, alert: Alert) -> None:
        if self.fail_next:
            raise self.fail_next.pop(0)
        self.alerts.append(alert)

    async def probe(self) -> str:
        return "alerts are kept in memory"

    async def aclose(self) -> None:
        """Holds nothing."""

"""How is the operator told by a single command, which as a rule has nothing to tell?

A chat's client takes seconds to load (measured 2026-11), so it is built when it is asked for something.
"""

from collections.abc import Callable

from outboundd.ports import Alert, Operator


class LateOperator:
    """An operator that is built with the first thing it is asked for (port Operator)."""

    arrives = True

    def __init__(self, name: str, build: Callable[[], Operator]) -> None:
        self.name = name
        self._build = build
        self._built: Operator | None = None

    async def alert(self, alert: Alert) -> None:
        await self._operator().alert(alert)

    async def probe(self) -> str:
        return await self._operator().probe()

    async def aclose(self) -> None:
        if self._built is not None:
            await self._built.aclose()

    def _operator(self) -> Operator:
        self._built = self._built or self._build()
        return self._built

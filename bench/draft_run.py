"""How long does a draft run take, compared with the best that the vendors' documented limits allow?"""

import math
import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from figure import Figure, tell

import office
from outboundd.sandbox.five import KEYS
from outboundd.sandbox.openai import OpenAi
from outboundd.sandbox.perplexity import Perplexity
from outboundd.sandbox.server import Sandbox

LEADS = 500
RESEARCH_S, DRAFT_S, SIGMA = 8.0, 3.0, 0.4
PER_S, PER_MIN = 1, 50  # Perplexity, tier 0 (docs, Rate limits, 2026-08)
RPM = 500  # OpenAI, tier 1 (docs, Rate limits, 2026-08)
MOST = 1.10


class Latencies:
    """How long each answer takes, in the order in which they were asked for."""

    def __init__(self, seed: int, median_s: float) -> None:
        self.drawn: list[float] = []
        self._chance = random.Random(seed)
        self._median_s = median_s

    def __call__(self) -> float:
        """The next one."""
        self.drawn.append(self._chance.lognormvariate(math.log(self._median_s), SIGMA))
        return self.drawn[-1]


def measure() -> list[Figure]:
    """One run by hand for 500 leads of 500 companies."""
    research, draft = Latencies(1, RESEARCH_S), Latencies(2, DRAFT_S)
    taken_s, drafted = office.on_virtual_time(lambda: _run(research, draft))
    best_s = best(research.drawn, draft.drawn)
    return [
        Figure(
            what="wall time of a draft run, to the best possible under the vendors' limits",
            at=f"{drafted} leads of as many companies, {len(research.drawn)} + {len(draft.drawn)} requests",
            measured=f"{taken_s / best_s:.2f} ({taken_s:.0f} s to {best_s:.0f} s)",
            target=f"at most {MOST:.2f}",
            holds=drafted == LEADS and taken_s <= MOST * best_s,
        )
    ]


def best(research_s: list[float], draft_s: list[float]) -> float:
    """No schedule ends sooner: each question leaves as early as the windows let it, each mail is the quickest one."""
    begins: list[float] = []
    for n in range(len(research_s)):
        after_one = begins[n - PER_S] + 1.0 if n >= PER_S else 0.0
        after_many = begins[n - PER_MIN] + 60.0 if n >= PER_MIN else 0.0
        begins.append(max(after_one, after_many))
    return max(begin + took for begin, took in zip(begins, research_s, strict=True)) + min(draft_s)


async def _run(research: Latencies, draft: Latencies) -> tuple[float, int]:
    """Virtual seconds, and how many drafts there are then."""
    world = office.world()
    openai = OpenAi(world, key=KEYS["OPENAI_API_KEY"], latency_s=draft, rpm=RPM)
    perplexity = Perplexity(world, key=KEYS["PERPLEXITY_API_KEY"], latency_s=research, per_s=PER_S, per_min=PER_MIN)
    with tempfile.TemporaryDirectory() as place:
        async with office.standing(Path(place), Sandbox(world, [openai, perplexity]), [office.writer_lines]) as desk:
            await office.add_people(desk, LEADS)
            await office.run(desk, "reconcile")
            began = datetime.now(UTC)
            end = await office.run(desk, "draft", LEADS)
            return (datetime.now(UTC) - began).total_seconds(), end.done["drafted"]


if __name__ == "__main__":
    tell(measure)

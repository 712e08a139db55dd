"""Which implementations does each port have? All that the daemon can build, and the fakes beside them."""

import io
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import anyio
import pytest

from outboundd import prompts, wiring
from outboundd.adapters.console import ConsoleOperator
from outboundd.adapters.manual_clock import ManualClock
from outboundd.adapters.memory_mailer import MemoryMailer
from outboundd.adapters.memory_operator import MemoryOperator
from outboundd.adapters.memory_store import MemoryStore
from outboundd.adapters.openai import OpenAiWriter
from outboundd.adapters.openai_prices import PRICES
from outboundd.adapters.perplexity import PerplexityResearcher
from outboundd.adapters.scripted import ScriptedResearcher, ScriptedWriter
from outboundd.adapters.suppression import SuppressionFile
from outboundd.adapters.system_clock import SystemClock
from outboundd.config import load
from outboundd.ports import Clock, LeadStore, Mailer, Operator, Researcher, Writer
from outboundd.sandbox.openai import OpenAi
from outboundd.sandbox.perplexity import Perplexity
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.world import World


def lead_id(address: str) -> str:
    """An id as the daemon makes it: from any text, the same for the same address."""
    return f"id-{address}"


CONFIG = load(
    Path(__file__).parents[2] / "config.toml",
    {},
    loaded_at=datetime(2026, 11, 24, tzinfo=UTC),
    prompts=prompts.load(),
)


def built_store(kind: str, place: Path) -> LeadStore:
    """The store as the daemon builds it, in a folder of the test's."""
    config = replace(CONFIG, store=replace(CONFIG.store, path=place / "leads.db"))
    people = cast("SuppressionFile", SimpleNamespace(lead_id=lead_id))
    return wiring.STORES[kind](config, wiring.outside(), people)


def built_mailer(kind: str, place: Path, clock: Clock) -> Mailer:
    """The mailer as the daemon builds it, in a folder of the test's."""
    config = replace(CONFIG, mailer=replace(CONFIG.mailer, path=place / "mail"))
    return wiring.MAILERS[kind](config, clock)


STORES: Mapping[str, Callable[[Path], LeadStore]] = {
    "memory": lambda place: MemoryStore(lead_id),
    **{kind: partial(built_store, kind) for kind in wiring.STORES},
}
MAILERS: Mapping[str, Callable[[Path, Clock], Mailer]] = {
    "memory": lambda place, clock: MemoryMailer(clock),
    **{kind: partial(built_mailer, kind) for kind in wiring.MAILERS},
}
# The sandbox's own address as the last argument; the daemon's tier of Perplexity would make a test wait.
WRITERS: Mapping[str, Callable[[str], Writer]] = {
    "scripted": lambda _: ScriptedWriter(lambda brief: '{"subject": "Cold stores", "body": "Hello"}'),
    "template": lambda _: wiring.WRITERS["template"](CONFIG),
    "openai": lambda url: OpenAiWriter(key="sk-sandbox", api_url=f"{url}/openai/v1", price=PRICES["gpt-6-luna"]),
}
RESEARCHERS: Mapping[str, Callable[[str], Researcher]] = {
    "scripted": lambda _: ScriptedResearcher(lambda company: f"{company} keeps things cold."),
    "none": lambda _: wiring.RESEARCHERS["none"](CONFIG),
    "perplexity": lambda url: PerplexityResearcher(
        key="pplx-sandbox", api_url=f"{url}/perplexity", clock=SystemClock(), per_min=6_000
    ),
}
OPERATORS: Mapping[str, Callable[[], Operator]] = {
    "memory": MemoryOperator,
    "console": lambda: ConsoleOperator(io.StringIO()),
}


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at an instant with microseconds until a test moves it."""
    return ManualClock(datetime(2026, 11, 24, 14, 2, 11, 250_000, tzinfo=UTC))


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LeadStore]:
    """Each lead store in turn, empty."""
    store = STORES[request.param](tmp_path)
    yield store
    store.close()


@pytest.fixture(params=MAILERS)
def mailer(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Mailer:
    """Each mailer in turn, with nothing sent."""
    return MAILERS[request.param](tmp_path, clock)


@pytest.fixture
async def models() -> AsyncIterator[str]:
    """The address of a sandbox with the vendors of models."""
    world = World(now=SystemClock().now, sleep=anyio.sleep, rng=random.Random(1))
    async with serving(Sandbox(world, [OpenAi(world), Perplexity(world)])) as url:
        yield url


@pytest.fixture(params=WRITERS)
async def writer(request: pytest.FixtureRequest, models: str) -> AsyncIterator[Writer]:
    """Each writer in turn."""
    writer = WRITERS[request.param](models)
    yield writer
    await writer.aclose()


@pytest.fixture(params=RESEARCHERS)
async def researcher(request: pytest.FixtureRequest, models: str) -> AsyncIterator[Researcher]:
    """Each researcher in turn."""
    researcher = RESEARCHERS[request.param](models)
    yield researcher
    await researcher.aclose()


@pytest.fixture(params=OPERATORS)
def operator(request: pytest.FixtureRequest) -> Operator:
    """Each way to the operator in turn."""
    return OPERATORS[request.param]()

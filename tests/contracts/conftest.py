"""Which implementations does each port have? All that the daemon can build, and the fakes beside them."""

import io
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from adapters import airtable_world
from outboundd import prompts, wiring
from outboundd.adapters.console import ConsoleOperator
from outboundd.adapters.manual_clock import ManualClock
from outboundd.adapters.memory_mailer import MemoryMailer
from outboundd.adapters.memory_operator import MemoryOperator
from outboundd.adapters.memory_store import MemoryStore
from outboundd.adapters.scripted import ScriptedResearcher, ScriptedWriter
from outboundd.adapters.suppression import SuppressionFile
from outboundd.config import load
from outboundd.ports import Clock, LeadStore, Mailer, Operator, Researcher, Writer


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
WRITERS: Mapping[str, Callable[[], Writer]] = {
    "scripted": lambda: ScriptedWriter(lambda brief: '{"subject": "Cold stores", "body": "Hello"}'),
    **{kind: partial(wiring.WRITERS[kind], CONFIG) for kind in wiring.WRITERS},
}
RESEARCHERS: Mapping[str, Callable[[], Researcher]] = {
    "scripted": lambda: ScriptedResearcher(lambda company: f"{company} keeps things cold."),
    **{kind: partial(wiring.RESEARCHERS[kind], CONFIG) for kind in wiring.RESEARCHERS},
}
OPERATORS: Mapping[str, Callable[[], Operator]] = {
    "memory": MemoryOperator,
    "console": lambda: ConsoleOperator(io.StringIO()),
}


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at an instant with microseconds until a test moves it."""
    return ManualClock(datetime(2026, 11, 24, 14, 2, 11, 250_000, tzinfo=UTC))


@asynccontextmanager
async def local_store(kind: str, place: Path) -> AsyncIterator[LeadStore]:
    """A store that needs nobody else."""
    store = STORES[kind](place)
    yield store
    store.close()


# A store that is somebody else's server: before the sandbox, its table as `outboundd setup` makes it.
SERVED_STORES: Mapping[str, Callable[[], AbstractAsyncContextManager[LeadStore]]] = {
    "airtable": lambda: airtable_world.ready(airtable_world.vendor()),
}


@pytest.fixture(params=[*STORES, *SERVED_STORES])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[LeadStore]:
    """Each lead store in turn, empty."""
    served = SERVED_STORES.get(request.param)
    async with served() if served is not None else local_store(request.param, tmp_path) as store:
        yield store


@pytest.fixture(params=MAILERS)
def mailer(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Mailer:
    """Each mailer in turn, with nothing sent."""
    return MAILERS[request.param](tmp_path, clock)


@pytest.fixture(params=WRITERS)
def writer(request: pytest.FixtureRequest) -> Writer:
    """Each writer in turn."""
    return WRITERS[request.param]()


@pytest.fixture(params=RESEARCHERS)
def researcher(request: pytest.FixtureRequest) -> Researcher:
    """Each researcher in turn."""
    return RESEARCHERS[request.param]()


@pytest.fixture(params=OPERATORS)
def operator(request: pytest.FixtureRequest) -> Operator:
    """Each way to the operator in turn."""
    return OPERATORS[request.param]()

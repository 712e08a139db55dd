"""Which implementations does each port have? All that the daemon can build, and the fakes beside them."""

import io
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import anyio
import pytest

from adapters import airtable_world
from outboundd import prompts, wiring
from outboundd.adapters.brevo import BrevoMailer
from outboundd.adapters.console import ConsoleOperator
from outboundd.adapters.late_operator import LateOperator
from outboundd.adapters.ledger import SqliteLedger
from outboundd.adapters.log_operator import LogOperator
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
from outboundd.adapters.telegram import Telegram
from outboundd.config import load
from outboundd.config.secrets import NEEDED
from outboundd.ports import Clock, LeadStore, Mailer, Operator, Researcher, Writer
from outboundd.sandbox.brevo import Brevo
from outboundd.sandbox.openai import OpenAi
from outboundd.sandbox.perplexity import Perplexity
from outboundd.sandbox.server import Sandbox, serving
from outboundd.sandbox.telegram import Telegram as Vendor
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
    ledger = SqliteLedger.open(None, "default", "key")
    return wiring.STORES[kind](config, wiring.outside(), people, ledger)


def built_mailer(kind: str, place: Path, clock: Clock) -> Mailer:
    """The mailer as the daemon builds it, in a folder of the test's."""
    config = replace(CONFIG, mailer=replace(CONFIG.mailer, path=place / "mail"))
    return wiring.MAILERS[kind](config, clock)


@asynccontextmanager
async def brevo(clock: Clock) -> AsyncIterator[Mailer]:
    """A Brevo account on loopback whose clock is the test's."""
    world = World(now=clock.now, sleep=anyio.sleep, rng=random.Random(1))
    async with serving(Sandbox(world, [Brevo(world, key="xkeysib-test")])) as url:
        mailer = BrevoMailer(
            key="xkeysib-test", sender_domain="mail.south.example", clock=clock, api_url=f"{url}/brevo/v3"
        )
        yield mailer
        await mailer.aclose()


def embedded(kinds: Mapping[str, object]) -> list[str]:
    """Those that need no account: the others are met over the sandbox."""
    return [kind for kind in kinds if kind not in NEEDED]


STORES: Mapping[str, Callable[[Path], LeadStore]] = {
    "memory": lambda place: MemoryStore(lead_id),
    **{kind: partial(built_store, kind) for kind in embedded(wiring.STORES)},
}
MAILERS: Mapping[str, Callable[[Path, Clock], Mailer]] = {
    "memory": lambda place, clock: MemoryMailer(clock),
    **{kind: partial(built_mailer, kind) for kind in embedded(wiring.MAILERS)},
}
SANDBOXED_MAILERS: Mapping[str, Callable[[Clock], AbstractAsyncContextManager[Mailer]]] = {"brevo": brevo}
# The sandbox's own address as the last argument; the daemon's tier of Perplexity would make a test wait.
WRITERS: Mapping[str, Callable[[str], Writer]] = {
    "scripted": lambda _: ScriptedWriter(lambda brief: '{"subject": "Cold stores", "body": "Hello"}'),
    **{kind: lambda _, kind=kind: wiring.WRITERS[kind](CONFIG) for kind in embedded(wiring.WRITERS)},
    "openai": lambda url: OpenAiWriter(key="sk-sandbox", api_url=f"{url}/openai/v1", price=PRICES["gpt-6-luna"]),
}
RESEARCHERS: Mapping[str, Callable[[str], Researcher]] = {
    "scripted": lambda _: ScriptedResearcher(lambda company: f"{company} keeps things cold."),
    **{kind: lambda _, kind=kind: wiring.RESEARCHERS[kind](CONFIG) for kind in embedded(wiring.RESEARCHERS)},
    "perplexity": lambda url: PerplexityResearcher(
        key="pplx-sandbox", api_url=f"{url}/perplexity", clock=SystemClock(), per_min=6_000
    ),
}
# A kind that the daemon can build and that no suite meets would be a promise unkept: noticed here, at once.
assert set(wiring.MAILERS) <= {*MAILERS, *SANDBOXED_MAILERS}
assert set(wiring.WRITERS) <= set(WRITERS)
assert set(wiring.RESEARCHERS) <= set(RESEARCHERS)
OPERATORS: Mapping[str, Callable[[], Operator]] = {
    "memory": MemoryOperator,
    "console": lambda: ConsoleOperator(io.StringIO()),
    "log": lambda: LogOperator(lambda _over, _words: None),
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


assert set(wiring.STORES) <= {*STORES, *SERVED_STORES}


@pytest.fixture(params=[*STORES, *SERVED_STORES])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[LeadStore]:
    """Each lead store in turn, empty."""
    served = SERVED_STORES.get(request.param)
    async with served() if served is not None else local_store(request.param, tmp_path) as store:
        yield store


@pytest.fixture(params=[*MAILERS, *SANDBOXED_MAILERS])
async def mailer(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Mailer]:
    """Each mailer in turn, with nothing sent."""
    if request.param in MAILERS:
        yield MAILERS[request.param](tmp_path, clock)
        return
    async with SANDBOXED_MAILERS[request.param](clock) as mailer:
        yield mailer


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


@asynccontextmanager
async def chat() -> AsyncIterator[Operator]:
    """Telegram, before the sandbox."""
    world = World(now=SystemClock().now, sleep=anyio.sleep, rng=random.Random(1))
    async with serving(Sandbox(world, [Vendor(world)])) as url:
        yield Telegram(
            token="42:sandbox",
            api_url=f"{url}/telegram",
            allowed=(7,),
            alert_to=7,
            clock=SystemClock(),
            untold=lambda _: None,
        )


@asynccontextmanager
async def late() -> AsyncIterator[Operator]:
    """The one that is built when it is needed."""
    yield LateOperator("late", MemoryOperator)


@asynccontextmanager
async def ready(kind: str) -> AsyncIterator[Operator]:
    """One that needs nobody else."""
    yield OPERATORS[kind]()


SERVED_OPERATORS: Mapping[str, Callable[[], AbstractAsyncContextManager[Operator]]] = {"telegram": chat, "late": late}


@pytest.fixture(params=[*OPERATORS, *SERVED_OPERATORS])
async def operator(request: pytest.FixtureRequest) -> AsyncIterator[Operator]:
    """Each way to the operator in turn."""
    served = SERVED_OPERATORS.get(request.param)
    async with served() if served is not None else ready(request.param) as operator:
        yield operator
        await operator.aclose()

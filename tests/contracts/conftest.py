"""Which implementations does each port have? A new adapter is one line here, and every promise is run on it."""

import io
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outboundd import prompts
from outboundd.adapters.console import ConsoleOperator
from outboundd.adapters.maildir import MaildirMailer
from outboundd.adapters.manual_clock import ManualClock
from outboundd.adapters.memory_mailer import MemoryMailer
from outboundd.adapters.memory_operator import MemoryOperator
from outboundd.adapters.memory_store import MemoryStore
from outboundd.adapters.none import NoResearcher
from outboundd.adapters.scripted import ScriptedResearcher, ScriptedWriter
from outboundd.adapters.sqlite_store import SqliteStore
from outboundd.adapters.template import TemplateWriter
from outboundd.ports import Clock, LeadStore, Mailer, Operator, Researcher, Writer


def lead_id(address: str) -> str:
    """An id as the daemon makes it: from any text, the same for the same address."""
    return f"id-{address}"


STORES: Mapping[str, Callable[[Path], LeadStore]] = {
    "memory": lambda place: MemoryStore(lead_id),
    "sqlite": lambda place: SqliteStore(place / "leads.db", lead_id),
}
MAILERS: Mapping[str, Callable[[Path, Clock], Mailer]] = {
    "memory": lambda place, clock: MemoryMailer(clock),
    "maildir": lambda place, clock: MaildirMailer(place / "mail", clock),
}
WRITERS: Mapping[str, Callable[[], Writer]] = {
    "scripted": lambda: ScriptedWriter(lambda brief: '{"subject": "Cold stores", "body": "Hello"}'),
    "template": lambda: TemplateWriter(prompts.load()),
}
RESEARCHERS: Mapping[str, Callable[[], Researcher]] = {
    "scripted": lambda: ScriptedResearcher(lambda company: f"{company} keeps things cold."),
    "none": NoResearcher,
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
    getattr(store, "close", lambda: None)()


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

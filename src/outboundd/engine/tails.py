"""Which were the last lines of the log in the run at hand? One process runs several jobs at a time."""

from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

LINES = 12
RUNS = 20

_run: ContextVar[str] = ContextVar("run", default="")


@contextmanager
def of_run(job: str, slot: str) -> Iterator[None]:
    """What is logged within, also by tasks begun there, belongs to this run."""
    token = _run.set(f"{job} {slot}")
    try:
        yield
    finally:
        _run.reset(token)


class Tails:
    """Hears the log, and keeps the last lines of each of the last runs; what no run says is one tail of its own."""

    def __init__(self) -> None:
        self._tails: OrderedDict[str, deque[str]] = OrderedDict()

    def hear(self, event: str, fields: Mapping[str, str | int | float]) -> None:
        """A listener of the log, called where the line is written."""
        run = _run.get()
        tail = self._tails.setdefault(run, deque(maxlen=LINES))
        tail.append(" ".join([event, *(f"{name}={value}" for name, value in fields.items())]))
        self._tails.move_to_end(run)
        if len(self._tails) > RUNS:
            self._tails.popitem(last=False)

    def here(self) -> tuple[str, ...]:
        """The last lines of the run at hand."""
        return tuple(self._tails.get(_run.get(), ()))

"""What may the log say of what a library logs, and of an error that nobody caught?

That it happened, how bad it is, and at which line of code. Never its words: an HTTP client logs URLs (Telegram's hold
the token), a model's client logs whole prompts, and the message of an exception quotes what it was about.
"""

import logging
import sys
import threading
from types import TracebackType

from outboundd.engine.failures import broken
from outboundd.engine.journal import Log


class LibraryLines(logging.Handler):
    """Writes what libraries log into ours: warnings and worse, whatever level a library was set to."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """One line; asyncio's about an exception is that of a task or callback of ours that nobody waited for."""
        error = record.exc_info[1] if record.exc_info else None
        if error and record.name == "asyncio":
            self._log.write("exception.uncaught", reason=str(broken(error)))
            return
        about = f", {broken(error)}" if error else ""
        reason = f"{record.levelname.lower()} at {record.filename}:{record.lineno}{about}"
        self._log.write("library.said", library=record.name, reason=reason)


def take_over(log: Log) -> None:
    """Let nothing but `log` speak for the libraries, with Python's own warnings, from now on."""
    root = logging.getLogger()
    root.handlers[:] = [LibraryLines(log)]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def take_over_errors(log: Log) -> None:
    """Let `log` tell of errors that nobody caught, from now on, where Python would print them with all their values."""

    def uncaught(error: BaseException | None) -> None:
        if error is not None:
            log.write("exception.uncaught", reason=str(broken(error)))

    def at_the_end(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
        uncaught(error)

    sys.excepthook = at_the_end
    sys.unraisablehook = lambda unraisable: uncaught(unraisable.exc_value)
    threading.excepthook = lambda thread: uncaught(thread.exc_value)

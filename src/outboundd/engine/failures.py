"""What is an unexpected exception called, so that it can be told without what it was about?"""

import traceback
from pathlib import Path
from types import TracebackType

from outboundd.ports import Broken, Failure

OURS = Path(__file__).parents[1]


def broken(error: BaseException) -> Failure:
    """The exception as a failure that names the place, never the message: that may hold personal data.

    Of several at once it is the first. The place is the line that raised it, with the innermost of ours that led there.
    """
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, Failure):
        return error
    return Broken("outboundd", f"{type(error).__name__} at {_place(error.__traceback__)}")


def _place(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    if not frames:
        return "an unknown place"
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(OURS)]
    if not ours or ours[-1] is frames[-1]:
        return _line(frames[-1])
    return f"{_line(frames[-1])}, called at {_line(ours[-1])}"


def _line(frame: traceback.FrameSummary) -> str:
    return f"{Path(frame.filename).name}:{frame.lineno}"


def alone(error: Exception) -> Exception:
    """The error itself: a task group wraps even a single one."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error

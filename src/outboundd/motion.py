"""How many requests are on their way? A virtual clock must not jump while one is: sockets and threads are real."""

from collections.abc import Iterator
from contextlib import contextmanager


class Motion:
    """Counts requests under way. Touched on the loop's thread only."""

    def __init__(self) -> None:
        self.count = 0

    @contextmanager
    def moving(self) -> Iterator[None]:
        """While bytes travel or a thread works. Taken after a limiter: who waits there waits on the clock."""
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1

    @contextmanager
    def resting(self) -> Iterator[None]:
        """While somebody on the way (a thread at a limiter, a sandbox that dawdles) waits on the clock itself."""
        self.count -= 1
        try:
            yield
        finally:
            self.count += 1


# One for the process, as its event loop is: it carries no meaning but "now is not the time to jump".
MOTION = Motion()

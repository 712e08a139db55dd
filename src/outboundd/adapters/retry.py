"""How often is a vendor asked again? The one policy: by the class of the failure, bounded, on the loop's clock.

Only Transient is repeated: nothing happened there. What may have happened (Ambiguous), what never will (Refused), what
is used up (Exhausted) and what is broken reaches the caller at once. An adapter says what is Transient: for a POST that
must not happen twice, a lost answer is not.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from outboundd.ports import Transient

T = TypeVar("T")

TRIES = 4
FIRST_WAIT_S = 1.0
# Longer than any vendor's own penalty (Airtable's 30 s): what is away longer is left to the next run.
LONGEST_WAIT_S = 60.0


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer, asked for up to four times: after the wait the vendor named, else after 1, 2, 4 s.

    Raises the last Transient when the tries are used up, or when the vendor wants a longer wait than a run is worth.
    """
    for number in range(1, TRIES):
        try:
            return await ask()
        except Transient as failure:
            wait_s = failure.retry_after_s if failure.retry_after_s is not None else FIRST_WAIT_S * 2 ** (number - 1)
            if wait_s > LONGEST_WAIT_S:
                raise
        await anyio.sleep(wait_s)
    return await ask()

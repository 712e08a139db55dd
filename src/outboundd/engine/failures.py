"""What is an unexpected exception called, so that it can be told without what it was about?"""

import traceback
from pathlib import Path

from outboundd.ports import Broken, Failure


def broken(error: Exception) -> Failure:
    """The exception as a failure that names the place, never the message: that may hold personal data."""
    if isinstance(error, Failure):
        return error
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
    return Broken("outboundd", f"{type(error).__name__} at {place}")

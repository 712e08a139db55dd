"""What is kept of a thing that went wrong?"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Incident:
    """One cause, from when it was noticed until it was over.

    `what` is the cause's key, such as 'vendor.brevo'; `title` and `text` are how it was told, ids only. It struck
    `times`, last at `last_at`. `told_at` is None while the operator has not heard of it, `end_told_at` while its end is
    still to be told. `note` is the operator's: the rule that now prevents it.
    """

    number: int
    what: str
    title: str = ""
    text: str = ""
    opened: datetime
    last_at: datetime
    times: int = 1
    told_at: datetime | None = None
    closed: datetime | None = None
    end_told_at: datetime | None = None
    note: str = ""

"""How does the daemon stand, in the one line that `systemctl status` shows?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from outboundd.model.facts import Halt

_DAY = timedelta(hours=24)
_MAIL = "mail"


def status_line(
    *, posted: int, cap: int, held: int, next_send: datetime | None, halts: Sequence[Halt], now: datetime
) -> str:
    """'212 of 500 mails in 24 h, 14 held; next send 14:40 UTC; openai halted since 09:12 UTC'.

    `posted` counts as the day's cap does: every mail to a lead that was begun in the last 24 h. `held`: leads that the
    last look for mail to send left waiting. A halt's own reason is for `outboundd jobs`: here is what, and since when.
    """
    mails = f"{posted:,} of {cap:,} mails in 24 h" + (f", {held:,} held" if held else "")
    following = [f"next send {_at(next_send, now)}"] if next_send else []
    return "; ".join([mails, *following, *(_off(halt, now) for halt in halts)])


def _off(halt: Halt, now: datetime) -> str:
    what = "mail to leads paused" if halt.what == _MAIL else f"{halt.what} halted"
    until = f" until {_at(halt.until, now)}" if halt.until else ""
    return f"{what} since {_at(halt.since, now)}{until}"


def _at(at: datetime, now: datetime) -> str:
    """The hour alone where it cannot be another day's."""
    return f"{at:%H:%M} UTC" if abs(at - now) < _DAY else f"{at:%Y-%m-%d %H:%M} UTC"

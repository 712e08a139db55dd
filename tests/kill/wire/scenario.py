"""Which mails are about to leave when the process is killed, and how does it come back?

The two weeks of `kill.scenario`, with the leads at Airtable and the mails leaving by Brevo.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kill import scenario as embedded
from kill.scenario import FIRST, TODAY, Command
from outboundd.sandbox.five import BASE

NEW = FIRST - timedelta(hours=2)
PROMPT, LATE = timedelta(0), timedelta(minutes=30)
# The clock of the vendors stands for a command, the program's goes on by its waits before the limiters.
SLACK_S = 60.0
KILLED = embedded.KILLED


def config(url: str) -> str:
    """The configuration of the installation, its vendors at this address."""
    return f"""{embedded.CAMPAIGN_LINES}
[store]
kind = "airtable"
[store.airtable]
base = "{BASE}"
api_url = "{url}/airtable"

[mailer]
kind = "brevo"
[mailer.brevo]
api_url = "{url}/brevo/v3"
"""


def until_today() -> Iterator[Command]:
    """A new installation waits until it has looked at the mailer; no two commands run at one instant."""
    begin = (Command(at=NEW, name="resume"), Command(at=NEW, job="reconcile"))
    last = NEW - timedelta(minutes=1)
    for command in (*begin, *embedded.UNTIL_YESTERDAY, *embedded.SINCE_YESTERDAY, *embedded.UNTIL_TODAY):
        last = max(command.at, last + timedelta(minutes=1))
        yield replace(command, at=last)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What happens after the kill. `lag`: so late Brevo tells what happened, from before the kill on."""

    words: str
    lag: timedelta
    deleted: bool
    restart: Sequence[Command]


def _after(minutes: int) -> datetime:
    return TODAY + timedelta(minutes=minutes)


# No key recognises a repeat any more, and what left before the kill cannot be seen yet.
BLIND = _after(20)
# A mail in doubt, and a new state directory, wait out Brevo's 60 minutes; its idempotency keys count for 15.
PLANS: Sequence[Plan] = (
    Plan(
        words="restarted at once",
        lag=PROMPT,
        deleted=False,
        restart=(
            Command(at=_after(1), job="reconcile"),
            Command(at=_after(2), job="send"),
            Command(at=_after(64), job="reconcile"),
            Command(at=_after(65), job="send"),
            Command(at=_after(67), job="reconcile"),
        ),
    ),
    Plan(
        words="restarted at once, Brevo 30 min late",
        lag=LATE,
        deleted=False,
        restart=(
            Command(at=_after(1), job="reconcile"),
            Command(at=_after(2), job="send"),
            Command(at=BLIND, job="send"),
            Command(at=_after(64), job="reconcile"),
            Command(at=_after(65), job="send"),
            Command(at=_after(127), job="reconcile"),
        ),
    ),
    Plan(
        words="an hour later, Brevo 30 min late",
        lag=LATE,
        deleted=False,
        restart=(
            Command(at=_after(61), job="reconcile"),
            Command(at=_after(62), job="send"),
            Command(at=_after(124), job="reconcile"),
        ),
    ),
    Plan(
        words="state deleted, resume",
        lag=PROMPT,
        deleted=True,
        restart=(
            Command(at=_after(1), name="resume"),
            Command(at=_after(2), job="send"),
            Command(at=_after(64), job="reconcile"),
            Command(at=_after(65), job="send"),
            Command(at=_after(67), job="reconcile"),
        ),
    ),
    Plan(
        words="state deleted, Brevo 30 min late",
        lag=LATE,
        deleted=True,
        restart=(
            Command(at=_after(1), name="resume"),
            Command(at=_after(2), job="reconcile"),
            Command(at=BLIND, job="send"),
            Command(at=_after(64), job="reconcile"),
            Command(at=_after(65), job="send"),
            Command(at=_after(127), job="reconcile"),
        ),
    ),
)

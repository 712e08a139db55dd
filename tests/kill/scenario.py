"""Which ten leads are about to be written to when the process is killed, and how did they come to be so?

Two weeks in a few commands, each by the same parts as the command line builds: a thread at its breakup, three at their
bump, six openers, and one mail that left yesterday in a run that was killed before the lead table heard of it.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

# Tuesdays and a Monday, in the office hours of London; no holiday there.
FIRST = datetime(2026, 11, 10, 10, 0, tzinfo=UTC)
SECOND = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)
YESTERDAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
TODAY = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
AFTER_RESTART = TODAY + timedelta(seconds=2)
SETTLED = TODAY + timedelta(minutes=61)
EVENTS_LATE = timedelta(minutes=30)
SETTLE_S = 3600

CAMPAIGN = "kill"
OLDEST, OLDER, OPENERS, EARLY = ("a",), ("b", "c", "d"), ("e", "f", "g", "h", "i", "j"), ("k",)
TEN: Mapping[str, int] = {**dict.fromkeys(OLDEST, 2), **dict.fromkeys(OLDER, 1), **dict.fromkeys(OPENERS, 0)}
BEFORE: Sequence[tuple[str, int]] = (("a", 0), ("a", 1), ("b", 0), ("c", 0), ("d", 0), ("k", 0))

CAMPAIGN_LINES = f"""
state_dir = "state"
suppression = "suppression.db"

[campaign]
name = "{CAMPAIGN}"
sender = {{ name = "Ada Park", email = "ada@mail.acme.example" }}
offer = "Acme Tools keeps track of the hand tools on building sites. A pilot takes one site and two weeks."
signature = "Ada Park"
postal_address = "Acme Tools, 1 Dock Road, London E16 1AA"
opt_out_line = "Not for you? Answer no thanks and I will not write again."

[limits]
gap_s = [0, 0]

[[sequence.follow_ups]]
name = "bump"
after_days = 6

[[sequence.follow_ups]]
name = "breakup"
after_days = 14
"""
CONFIG = f"""{CAMPAIGN_LINES}
[store.sqlite]
path = "leads.db"

[mailer.maildir]
path = "mail"
"""


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command line in a process of its own: `once JOB [--limit N]`, `resume`, or an import of these leads.

    `late`: the mailer reports what left only after `EVENTS_LATE`, and may take `SETTLE_S` for it.
    """

    at: datetime
    name: str = "once"
    job: str = ""
    limit: int | None = None
    leads: tuple[str, ...] = ()
    killed_before: str = ""
    late: bool = False

    def arguments(self) -> dict[str, object]:
        """As they travel to the process that carries it out."""
        return {
            "at": self.at.isoformat(),
            "name": self.name,
            "job": self.job,
            "limit": self.limit,
            "leads": list(self.leads),
            "kill_at": self.killed_before,
            "side": "before" if self.killed_before else "",
            "late": self.late,
        }


def address(lead: str) -> str:
    """The address of a lead of the scenario."""
    return f"rosa.{lead}@harbour-{lead}.example"


def row(lead: str) -> dict[str, str]:
    """A lead in London at a company of its own, whose address lies under the company's website."""
    return {
        "key": address(lead),
        "email": address(lead),
        "contact": f"Rosa {lead.upper()}diaz",
        "company": f"Harbour {lead.upper()} Works",
        "website": f"https://www.harbour-{lead}.example",
        "country": "GB",
        "city": "London",
        "source": "fair",
    }


UNTIL_YESTERDAY: Sequence[Command] = (
    Command(at=FIRST, leads=OLDEST),
    Command(at=FIRST, job="draft"),
    Command(at=FIRST, job="send"),
    Command(at=FIRST + timedelta(hours=1), job="reconcile"),
    Command(at=SECOND, leads=OLDER),
    Command(at=SECOND, job="draft"),
    Command(at=SECOND, job="follow_up"),
    Command(at=SECOND, job="send"),
    Command(at=SECOND + timedelta(hours=1), job="reconcile"),
    Command(at=YESTERDAY, leads=EARLY),
    Command(at=YESTERDAY, job="draft"),
    Command(at=YESTERDAY, leads=OPENERS[:3]),
    Command(at=YESTERDAY, job="draft"),
    Command(at=YESTERDAY, job="send", limit=1, killed_before="store.apply"),
)
SINCE_YESTERDAY: Sequence[Command] = (Command(at=YESTERDAY, job="reconcile"),)
UNTIL_TODAY: Sequence[Command] = (
    Command(at=TODAY - timedelta(minutes=10), leads=OPENERS[3:]),
    Command(at=TODAY - timedelta(minutes=10), job="draft"),
    Command(at=TODAY - timedelta(minutes=10), job="follow_up"),
)
KILLED = Command(at=TODAY, job="send")
RESTART: Sequence[Command] = (
    Command(at=AFTER_RESTART, job="reconcile"),
    Command(at=AFTER_RESTART, job="send"),
    Command(at=AFTER_RESTART + timedelta(minutes=1), job="reconcile"),
)
RESTART_LATE: Sequence[Command] = (
    Command(at=AFTER_RESTART, job="reconcile", late=True),
    Command(at=AFTER_RESTART, job="send", late=True),
    Command(at=SETTLED, job="reconcile", late=True),
    Command(at=SETTLED, job="send", late=True),
    Command(at=SETTLED + timedelta(minutes=61), job="reconcile", late=True),
)


def prepare(place: Path, run: Callable[[Command], object]) -> None:
    """An installation with ten leads about to be written to, and yesterday's copy of its state directory."""
    place.mkdir(parents=True)
    (place / "config.toml").write_text(CONFIG, "utf-8")
    for command in UNTIL_YESTERDAY:
        run(command)
    shutil.copytree(place / "state", place / "yesterday")
    for command in (*SINCE_YESTERDAY, *UNTIL_TODAY):
        run(command)


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What happens to the state directory between the kill and the restart, and how quickly the mailer reports."""

    words: str
    state: str
    restart: Sequence[Command]


LOSSES: Sequence[Loss] = (
    Loss(words="restarted as it was", state="kept", restart=RESTART),
    Loss(words="state directory deleted", state="deleted", restart=RESTART),
    Loss(words="yesterday's state put back", state="yesterday", restart=RESTART),
    Loss(words="restarted, mailer reports late", state="kept", restart=RESTART_LATE),
    Loss(words="deleted, mailer reports late", state="deleted", restart=RESTART_LATE),
    Loss(words="yesterday's, mailer reports late", state="yesterday", restart=RESTART_LATE),
)
STATES = ("kept", "deleted", "yesterday")


def lose(place: Path, state: str) -> None:
    """What happens to the state directory of an installation."""
    if state != "kept":
        shutil.rmtree(place / "state")
    if state == "yesterday":
        shutil.copytree(place / "yesterday", place / "state")

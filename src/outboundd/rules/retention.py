"""For how long are the research and the texts of a lead kept that nothing more is sent to?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from outboundd.model.decision import Change, Transition
from outboundd.model.lead import Lead, Value
from outboundd.model.mail import Attempt
from outboundd.rules import lifecycle

# Nothing more is written to leads that stand here, and nothing more is asked about them.
OVER = lifecycle.STOPPING
WORDS = ("subject", "body", "research")


def cutoff(now: datetime, keep_days: int) -> datetime:
    """A lead that was over before this instant, and had its last mail before it, keeps no words."""
    return now - timedelta(days=keep_days)


def erasure(lead: Lead, told: Sequence[Transition], mails: Sequence[Attempt], keep_days: int) -> Change | None:
    """The line for the trail, and the cells to empty; None where nothing is left that could be erased.

    The entries of the trail stay, with their hashes; what is erased is the text that some of them show.
    """
    cells: dict[str, Value] = {name: "" for name in WORDS if getattr(lead, name)}
    if not cells and not any(one.text for one in told) and not any(one.text or one.subject for one in mails):
        return None
    return Change(now=lead.stands, why=f"research and texts erased after {keep_days} days", patch=cells)

"""When is a held lead worth another look, and what does its row say until then?"""

from datetime import datetime, timedelta

from outboundd.model.decision import EVERYBODYS, Hold, Stop
from outboundd.model.lead import Value

LOOK_AGAIN = timedelta(days=1)
SHORT = timedelta(hours=1)
LONG = timedelta(days=1)


def shown(decision: Hold | Stop | None, now: datetime) -> dict[str, Value]:
    """Next at, and for long holds Waiting for, as the row should show them; empty when it should show nothing.

    Holds of less than an hour, caps and halts leave no trace in the row: they are everybody's. In whole seconds, for
    not every store keeps the rest.
    """
    if isinstance(decision, Stop):
        until = now + LOOK_AGAIN
    elif decision is None or decision.kind in EVERYBODYS or decision.until is None:
        return {}
    else:
        until = decision.until
    if until - now < SHORT:
        return {}
    waiting_for = decision.why if until - now >= LONG else ""
    return {"next_at": until.replace(microsecond=0), "waiting_for": waiting_for}

"""Did an attempt in doubt leave or not?

Found by its tag, or by recipient and subject: sent. Absent only after the mailer's settling time, when a complete read
of its events, begun after that, and its message log both show nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from outboundd.engine.failures import broken
from outboundd.engine.parts import Parts
from outboundd.model.decision import Change
from outboundd.model.lead import Lead
from outboundd.model.mail import Attempt, AttemptState, LoggedMail
from outboundd.ports import Conflict, Failure, Refused
from outboundd.rules import outcome

CLOCKS_DIFFER_BY = timedelta(minutes=2)
_Rows = Mapping[str, Lead | None]


async def settle_unknown(parts: Parts, began: datetime) -> int:
    """Settle what can be settled after a complete read that began at `began`; returns how many were."""
    attempts = await parts.world.ledger.attempts(states=[AttemptState.UNKNOWN])
    rows = await parts.rows.now(list(dict.fromkeys(attempt.lead for attempt in attempts if attempt.to_lead)))
    return sum([await _settle_safely(parts, attempt, began, rows) for attempt in attempts])


async def _settle_safely(parts: Parts, attempt: Attempt, began: datetime, rows: _Rows) -> int:
    """An attempt that cannot be settled stays unknown, is told, and delays nobody else."""
    try:
        return await _settle(parts, attempt, began, rows)
    except Conflict:
        return 0
    except Failure:
        raise
    except Exception as error:  # noqa: BLE001 (one poisonous lead must not keep the others in doubt)
        bug = broken(error)
        await parts.alerts.tell(f"broken.{bug.cause}", "An attempt could not be settled", str(bug))
        return 0


async def _settle(parts: Parts, attempt: Attempt, began: datetime, rows: _Rows) -> int:
    if attempt.to_lead and attempt.lead not in rows:
        return 0  # its row cannot be understood just now
    found = await _found(parts, attempt, rows)
    if found is not None:
        await _conclude_or_read_again(parts, replace(attempt, state=AttemptState.SENT, message_id=found), rows)
        return 1
    if began - attempt.posted_at < timedelta(seconds=parts.world.mailer.settle_s):
        return 0
    await _conclude_or_read_again(parts, replace(attempt, state=AttemptState.ABSENT), rows)
    return 1


async def _found(parts: Parts, attempt: Attempt, rows: _Rows) -> str | None:
    """The message id of a mail that the mailer knows; None when neither its events nor its log show it."""
    ledger = parts.world.ledger
    told = await ledger.events_of(attempt.tag)
    if told:
        return next((event.message_id for event in told if event.message_id), "")
    since = attempt.posted_at - CLOCKS_DIFFER_BY
    event = await ledger.find_event(attempt.person, attempt.subject, since) if attempt.to_lead else None
    if event is not None:
        return event.message_id
    for email in _recipients(parts, attempt, rows):
        for line in await _log(parts, email):
            if line.tag == attempt.tag or (not line.tag and line.subject == attempt.subject and line.at >= since):
                return line.message_id
    return None


async def _log(parts: Parts, email: str) -> Sequence[LoggedMail]:
    """The mailer's log; none where it refuses the very address: then the events, by tag, are all there is to ask."""
    try:
        return await parts.world.mailer.log(email)
    except Refused:
        return ()


def _recipients(parts: Parts, attempt: Attempt, rows: _Rows) -> tuple[str, ...]:
    if not attempt.to_lead:
        return tuple(dict.fromkeys((*parts.settings.campaign.digest_to, *parts.settings.alerts.email_to)))
    row = rows[attempt.lead]
    return (row.email,) if row else ()


async def _conclude_or_read_again(parts: Parts, attempt: Attempt, rows: _Rows) -> None:
    try:
        await _conclude(parts, attempt, rows)
    except Conflict:  # the row was written to while the mailer was asked
        again = await parts.rows.now([attempt.lead])
        if attempt.lead not in again:
            raise
        await _conclude(parts, attempt, again)


async def _conclude(parts: Parts, attempt: Attempt, rows: _Rows) -> None:
    """The attempt is settled, and the lead with it, in one transaction; once, whoever else settles at this moment."""
    lead = rows[attempt.lead] if attempt.to_lead else None
    known = await parts.world.ledger.attempt(attempt.tag)
    if known is None or known.state is not AttemptState.UNKNOWN:
        return  # by another reconcile, or by a word in Override, while the mailer was asked
    changes: list[Change] = []
    if lead is not None and attempt.state is AttemptState.SENT and not await told_sent(parts, attempt):
        changes = [outcome.sent(lead, attempt, parts.settings.sequence)]
    numbered = await parts.recorder.number(lead, changes) if lead else []
    now = parts.world.clock.now()
    await parts.world.ledger.settle(attempt.tag, attempt.state, now, attempt.message_id, numbered)
    if lead:
        parts.recorder.after(lead, numbered)
    parts.log.write("mail.settled", lead=attempt.lead, step=attempt.step, reason=attempt.state)


async def told_sent(parts: Parts, attempt: Attempt) -> bool:
    """Does the lead's trail tell already that this mail was sent?"""
    told = await parts.world.ledger.transitions(attempt.lead)
    return any(entry.tag == attempt.tag and entry.text_hash for entry in told)

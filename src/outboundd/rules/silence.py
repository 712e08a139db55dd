"""What should have happened by now and has not, although nothing is off and nothing failed?

A schedule says when to look, so it says when something is late: `Looks` answers when a job looks next after an instant.
Silence of what was not due is no silence: at night, on holidays, over a cap, during a pause nothing is missed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from outboundd.model.decision import Decision, Do
from outboundd.model.settings import Campaign

Looks = Callable[[str, datetime], datetime | None]

RUN_LATE = timedelta(minutes=75)  # a run may take an hour
HOURS_LATE = timedelta(hours=3)
NO_MAIL_FOR = timedelta(hours=1)
GAP = timedelta(minutes=30)
SEND, RECONCILE, DIGEST = "send", "reconcile", "digest"
CAUSE = "silence"  # of an incident: CAUSE.what
MAIL, READ, WRITTEN = "mail", "complete reconcile", "daily digest"


@dataclass(frozen=True, kw_only=True)
class Found:
    """One silence: what is silent (the cause is 'silence.' and this), and how it is told."""

    what: str
    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What the watch sees. `on_since`: each job that is not off, and since when; `ran`: when its last ended run began.

    `well_since`: the same jobs, and since when none of their failures is one that the operator has heard of: whatever
    they lack meanwhile needs no second message. `last_post` is when the last mail to a lead was begun within a day,
    `digest_date` the last day that has a digest.
    """

    now: datetime
    on_since: Mapping[str, datetime]
    well_since: Mapping[str, datetime]
    ran: Mapping[str, datetime]
    reconciled_at: datetime | None = None
    last_post: datetime | None = None
    campaign: Campaign
    digest_date: str = ""

    def is_late(self, job: str, since: datetime, looks: Looks, grace: timedelta) -> bool:
        """Should the job have looked after `since`, and been done with it by now?"""
        next_look = looks(job, since)
        return next_look is not None and self.now - next_look > grace


def found(sight: Sight, looks: Looks) -> list[Found]:
    """Every silence but that of mail to leads."""
    silent = [_not_run(sight, job) for job in sight.on_since if _has_not_run(sight, job, looks)]
    dead = {one.what for one in silent}
    if RECONCILE not in dead and _is_unread(sight, looks):
        silent.append(_UNREAD)
    if DIGEST not in dead and _is_unwritten(sight, looks):
        silent.append(_UNWRITTEN)
    return silent


def has_slept(looked_at: datetime, next_look: datetime | None, now: datetime) -> bool:
    """Was there a gap in the watch's own looks: a machine that slept, a process that hung, a clock that was put?"""
    return now < looked_at or (next_look is not None and now - next_look > GAP)


def is_suspicious(sight: Sight) -> bool:
    """Has no mail to a lead been begun for so long that one may ask whether one should have been?"""
    if SEND not in sight.well_since:
        return False
    since = max(sight.well_since[SEND], sight.last_post or sight.well_since[SEND])
    return sight.now - since >= NO_MAIL_FOR


def could_leave(
    before: Mapping[str, datetime], decisions: Mapping[str, Decision], now: datetime
) -> dict[str, datetime]:
    """Which leads could be mailed at this look, and since when they could at every look."""
    return {lead: before.get(lead, now) for lead, decision in decisions.items() if isinstance(decision, Do)}


def nothing_leaves(could: Mapping[str, datetime], looks: Looks, now: datetime) -> Found | None:
    """Leads could be mailed while the send job looked twice, and none was."""
    late = [lead for lead, since in could.items() if _looked_twice(since, looks, now)]
    if not late:
        return None
    text = f"{len(late)} of the leads looked at could have been mailed since {min(could.values()):%H:%M} UTC"
    return Found(what=MAIL, title="Mail is due and none leaves", text=text)


def is_heard(what: str, noticed_at: datetime, sight: Sight, *, mail_waits: bool) -> bool:
    """Has what was silent happened since, or is there nothing left to happen?"""
    if what == MAIL:
        return not mail_waits or (sight.last_post is not None and sight.last_post > noticed_at)
    if what == READ:
        return sight.reconciled_at is not None and sight.reconciled_at > noticed_at
    if what == WRITTEN:
        day = noticed_at.astimezone(ZoneInfo(sight.campaign.timezone)).date().isoformat()
        return not sight.campaign.digest_to or sight.digest_date >= day
    return what in sight.ran and sight.ran[what] > noticed_at


def _looked_twice(since: datetime, looks: Looks, now: datetime) -> bool:
    first = looks(SEND, since)
    second = None if first is None else looks(SEND, first)
    return second is not None and now > second


def _has_not_run(sight: Sight, job: str, looks: Looks) -> bool:
    on_since = sight.on_since[job]
    return sight.is_late(job, max(on_since, sight.ran.get(job, on_since)), looks, RUN_LATE)


def _not_run(sight: Sight, job: str) -> Found:
    ran = sight.ran.get(job)
    last = f"its last run began at {ran:%Y-%m-%d %H:%M} UTC" if ran else "it has never run to its end"
    return Found(what=job, title=f"{job} has not run", text=f"By its schedule it should have; {last}")


def _is_unread(sight: Sight, looks: Looks) -> bool:
    if RECONCILE not in sight.well_since:
        return False
    well_since = sight.well_since[RECONCILE]
    return sight.is_late(RECONCILE, max(well_since, sight.reconciled_at or well_since), looks, HOURS_LATE)


def _is_unwritten(sight: Sight, looks: Looks) -> bool:
    if DIGEST not in sight.well_since or not sight.campaign.digest_to:
        return False
    zone = ZoneInfo(sight.campaign.timezone)
    today = sight.now.astimezone(zone).date()
    due = datetime.combine(today, time(sight.campaign.digest_hour), zone)
    written = sight.digest_date >= today.isoformat()
    return (
        not written
        and due <= sight.now
        and sight.is_late(DIGEST, max(due, sight.well_since[DIGEST]), looks, HOURS_LATE)
    )


_UNREAD = Found(
    what=READ,
    title="What the mailer reports has not been read for hours",
    text="The runs end, but none is complete; without a complete one no mail leaves",
)
_UNWRITTEN = Found(
    what=WRITTEN,
    title="Today's digest was not written",
    text="Its hour was hours ago, and the runs end without one",
)

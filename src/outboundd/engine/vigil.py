"""Since when has this process been watching without a gap, and what has it seen meanwhile?

Kept in memory only: a process that has just begun, or a laptop that slept, has seen nothing yet that could be missed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(kw_only=True)
class Vigil:
    """What the watch remembers from look to look.

    `off_at` is when a job was last seen switched off, `ill_at` with a failure that was told. `could_leave` are leads
    that could have been mailed at every look since the instant given; rows are not read for it before `read_again_at`.
    """

    looked_at: datetime | None = None
    awake_since: datetime | None = None
    off_at: dict[str, datetime] = field(default_factory=dict)
    ill_at: dict[str, datetime] = field(default_factory=dict)
    could_leave: Mapping[str, datetime] = field(default_factory=dict)
    read_again_at: datetime | None = None

    def look(self, now: datetime, *, has_slept: bool, off: Collection[str], ill: Collection[str]) -> datetime:
        """One look; returns since when there was no gap. After a gap, what was seen before it does not count."""
        if self.awake_since is None or has_slept:
            self.awake_since, self.could_leave, self.read_again_at = now, {}, None
        self.looked_at = now
        self.off_at |= dict.fromkeys(off, now)
        self.ill_at |= dict.fromkeys(ill, now)
        return self.awake_since

    def on_since(self, job: str, awake_since: datetime) -> datetime:
        """Since when the job could have run at every look."""
        return max(awake_since, self.off_at.get(job, awake_since))

    def well_since(self, job: str, awake_since: datetime) -> datetime:
        """Since when nothing that was told kept the job from its purpose."""
        return max(self.on_since(job, awake_since), self.ill_at.get(job, awake_since))

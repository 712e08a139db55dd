"""Which numbers and words of the configuration are the rules given?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who the mail is from."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """Who writes, about what, and who is told. `timezone` is the operator's (an IANA name).

    `language` is a tag such as de or pt-BR, or "recipient": that of the recipient's country (`rules/languages.py`).
    """

    name: str = "default"
    timezone: str = "UTC"
    sender: Sender
    reply_to: str = ""
    postal_address: str = ""
    signature: str = ""
    opt_out_line: str = ""
    digest_to: tuple[str, ...] = ()
    digest_hour: int = 8
    offer: str = ""
    language: str = "en"


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Office hours on the recipient's clock, and the operator's own closed days (first, last; both included)."""

    start: time = time(9)
    end: time = time(17)
    closed: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Warmup:
    """How the day's cap grows with the number of sending days (days on which mail left)."""

    start_per_day: int = 20
    grow_per_day: int = 10
    already_per_day: int = 0


@dataclass(frozen=True, kw_only=True)
class GuardLimits:
    """Rates (0 to 1) above which the guard may pause sending, over a sliding window of days."""

    hard_bounce_rate: float = 0.015
    unsubscribe_rate: float = 0.008
    complaint_rate: float = 0.001
    window_days: int = 7


@dataclass(frozen=True, kw_only=True)
class Spend:
    """What models may cost on one day of the operator's; 0: nothing may be spent."""

    usd_per_day: float = 20.0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much may leave. per_hour and per_day slide; per_company_per_day is a day on the recipient's calendar."""

    per_hour: int = 60
    per_day: int = 500
    per_company_per_day: int = 1
    per_person_mails: int = 3
    per_person_days: int = 90
    gap_s: tuple[float, float] = (1.0, 5.0)
    reconcile_max_age_s: int = 3600
    draft_horizon_h: int = 24
    draft_max_age_days: int = 14
    warmup: Warmup = Warmup()
    guard: GuardLimits = GuardLimits()
    spend: Spend = Spend()


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """One later step of the sequence, counted in days since the first mail."""

    name: str
    after_days: int


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """Step 0 is the first mail; step n is follow_ups[n - 1]."""

    follow_ups: tuple[FollowUp, ...] = ()
    min_gap_days: int = 5
    expire_after_days: int = 45
    delivery_wait_days: int = 5

    @property
    def last_step(self) -> int:
        """Number of the last step."""
        return len(self.follow_ups)

    def name_of(self, step: int) -> str:
        """What the operator calls this step; by its number when the configuration has lost it."""
        if step > self.last_step:
            return f"step {step}"
        return "first mail" if step == 0 else self.follow_ups[step - 1].name


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One A/B arm. weight 0: no new leads, open threads go on. `prompt` names the prompt files it is written with."""

    name: str
    weight: int = 1
    prompt: str = "carnegie"


@dataclass(frozen=True, kw_only=True)
class Alerts:
    """How the operator is told. `quiet_hours` (from, until; on the operator's clock) are empty for never."""

    email_to: tuple[str, ...] = ()
    quiet_hours: tuple[time, ...] = (time(22), time(7))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the rules are given of the configuration. `prompts` maps a prompt file's name to its text.

    `write_without_research`: while the researcher is halted, mails are written from the row alone. `keep_days`: so long
    after its last step a lead keeps its research and texts. `legal_basis` and `privacy_url` are told to who asks.
    """

    campaign: Campaign
    alerts: Alerts = Alerts()
    hours: Hours = Hours()
    limits: Limits = Limits()
    sequence: Sequence = Sequence()
    variants: tuple[Variant, ...] = (Variant(name="A"),)
    same_domains: tuple[tuple[str, str], ...] = ()
    consent_settled: frozenset[str] = frozenset()
    legal_basis: str = ""
    privacy_url: str = ""
    keep_days: int = 365
    prompts: Mapping[str, str] = field(default_factory=dict)
    write_without_research: bool = False

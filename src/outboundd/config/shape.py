"""Which keys may config.toml hold, and within which bounds? Defaults are those of the settings the rules are given."""

from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, create_model

from outboundd.config import values
from outboundd.engine.run_job import Job
from outboundd.jobs import JOBS
from outboundd.model import settings

_LIMITS = settings.Limits()
_SEQUENCE = settings.Sequence()
_HOURS = settings.Hours()

# Strict, so that "60" is told to be a mistake instead of being read as 60.
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Text = Annotated[str, Strict()]
Word = Annotated[Text, AfterValidator(values.word)]
Line = Annotated[Text, Field(max_length=200), AfterValidator(values.line)]
Block = Annotated[Text, Field(max_length=4000), AfterValidator(values.block)]
Address = Annotated[Text, AfterValidator(values.address)]
Domain = Annotated[Text, AfterValidator(values.domain)]
Place = Annotated[Text, AfterValidator(values.place)]
Cron = Annotated[Text, AfterValidator(values.cron)]
Rate = Annotated[Number, Field(ge=0, le=1)]
Price = Annotated[Number, Field(ge=0, le=1_000)]
Url = Annotated[Text, AfterValidator(values.url)]


class Table(BaseModel):
    """One table of the file: no key but these, and nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sender(Table):
    """[campaign] sender."""

    name: Annotated[Text, Field(max_length=100), AfterValidator(values.person)]
    email: Address


class Campaign(Table):
    """[campaign]."""

    name: Annotated[Text, AfterValidator(values.campaign)] = "default"
    timezone: Annotated[Text, AfterValidator(values.zone)] = "UTC"
    sender: Sender
    reply_to: Annotated[Text, AfterValidator(values.address_or_none)] = ""
    postal_address: Block = ""
    signature: Block = ""
    opt_out_line: Annotated[Line, Field(max_length=300)] = ""
    digest_to: Annotated[tuple[Address, ...], Field(max_length=20)] = ()
    digest_hour: Annotated[Whole, Field(ge=0, le=23)] = 8
    offer: Block = ""
    language: Annotated[Text, AfterValidator(values.language)] = "en"


class Sqlite(Table):
    """[store.sqlite]."""

    path: Place = "var/leads.db"


class Airtable(Table):
    """[store.airtable]."""

    base: Annotated[Text, AfterValidator(values.base_or_none)] = ""
    table: Annotated[Line, AfterValidator(values.filled)] = "Leads"
    view: Line = ""
    api_url: Url = "https://api.airtable.com"


class Store(Table):
    """[store]."""

    kind: Word = "sqlite"
    sqlite: Sqlite = Sqlite()
    airtable: Airtable = Airtable()
    fields: Annotated[dict[str, Line], AfterValidator(values.titles)] = {}


class Maildir(Table):
    """[mailer.maildir]."""

    path: Place = "var/mail"


class Brevo(Table):
    """[mailer.brevo]."""

    api_url: Url = "https://api.brevo.com/v3"
    settle_s: Annotated[Whole, Field(ge=900, le=86_400)] = 3600


class Mailer(Table):
    """[mailer]."""

    kind: Word = "maildir"
    maildir: Maildir = Maildir()
    brevo: Brevo = Brevo()


class Writer(Table):
    """[writer]."""

    kind: Word = "template"
    model: Annotated[Line, AfterValidator(values.filled)] = "gpt-6-luna"
    api_url: Url = "https://api.openai.com/v1"
    usd_per_million: Annotated[tuple[Price, ...], Field(max_length=3), AfterValidator(values.prices)] = ()
    prompts_dir: Annotated[Text, AfterValidator(values.place_or_none)] = ""


class Researcher(Table):
    """[researcher]."""

    kind: Word = "none"
    model: Annotated[Line, AfterValidator(values.filled)] = "perplexity/sonar"
    api_url: Url = "https://api.perplexity.ai"
    search_type: Literal["web", "fast"] = "fast"
    on_halt: Literal["hold", "write_without"] = "hold"


class Telegram(Table):
    """[telegram]."""

    enabled: Annotated[bool, Strict()] = False
    allowed_user_ids: Annotated[tuple[Annotated[Whole, Field(ge=1)], ...], Field(max_length=20)] = ()
    alert_chat_id: Whole = 0
    api_url: Url = "https://api.telegram.org"


class Alerts(Table):
    """[alerts]."""

    email_to: Annotated[tuple[Address, ...], Field(max_length=20)] = ()
    heartbeat_url: Annotated[Text, AfterValidator(values.url_or_none)] = ""
    quiet_hours: Annotated[tuple[time, ...], BeforeValidator(values.night)] = (time(22), time(7))


class Hours(Table):
    """[hours]."""

    start: Annotated[time, BeforeValidator(values.clock_time)] = _HOURS.start
    end: Annotated[time, BeforeValidator(values.clock_time)] = _HOURS.end
    closed: tuple[Annotated[tuple[date, date], BeforeValidator(values.closed_days)], ...] = ()


class Warmup(Table):
    """[limits.warmup]."""

    start_per_day: Annotated[Whole, Field(ge=1, le=20_000)] = _LIMITS.warmup.start_per_day
    grow_per_day: Annotated[Whole, Field(ge=0, le=1_000)] = _LIMITS.warmup.grow_per_day
    already_per_day: Annotated[Whole, Field(ge=0, le=20_000)] = _LIMITS.warmup.already_per_day


class Guard(Table):
    """[limits.guard]."""

    hard_bounce_rate: Rate = _LIMITS.guard.hard_bounce_rate
    unsubscribe_rate: Rate = _LIMITS.guard.unsubscribe_rate
    complaint_rate: Rate = _LIMITS.guard.complaint_rate
    window_days: Annotated[Whole, Field(ge=1, le=90)] = _LIMITS.guard.window_days


class Spend(Table):
    """[limits.spend]."""

    usd_per_day: Annotated[Number, Field(ge=0, le=10_000)] = _LIMITS.spend.usd_per_day


class Limits(Table):
    """[limits]."""

    per_hour: Annotated[Whole, Field(ge=1, le=3_600)] = _LIMITS.per_hour
    per_day: Annotated[Whole, Field(ge=1, le=20_000)] = _LIMITS.per_day
    per_company_per_day: Annotated[Whole, Field(ge=1, le=100)] = _LIMITS.per_company_per_day
    per_person_mails: Annotated[Whole, Field(ge=1, le=20)] = _LIMITS.per_person_mails
    per_person_days: Annotated[Whole, Field(ge=1, le=3_650)] = _LIMITS.per_person_days
    gap_s: tuple[Annotated[Number, Field(ge=0, le=600)], Annotated[Number, Field(ge=0, le=600)]] = _LIMITS.gap_s
    reconcile_max_age_s: Annotated[Whole, Field(ge=60, le=86_400)] = _LIMITS.reconcile_max_age_s
    draft_horizon_h: Annotated[Whole, Field(ge=0, le=168)] = _LIMITS.draft_horizon_h
    draft_max_age_days: Annotated[Whole, Field(ge=1, le=90)] = _LIMITS.draft_max_age_days
    warmup: Warmup = Warmup()
    guard: Guard = Guard()
    spend: Spend = Spend()


class Attribution(Table):
    """[attribution]."""

    same: tuple[tuple[Domain, Domain], ...] = ()


class Compliance(Table):
    """[compliance]."""

    consent_settled: tuple[Annotated[Text, AfterValidator(values.country)], ...] = ()
    legal_basis: Annotated[Line, Field(max_length=300)] = ""
    privacy_url: Annotated[Text, AfterValidator(values.page_or_none)] = ""


class Privacy(Table):
    """[privacy]."""

    keep_days: Annotated[Whole, Field(ge=30, le=3_650)] = settings.Settings.keep_days


class FollowUp(Table):
    """[[sequence.follow_ups]]."""

    name: Word
    after_days: Annotated[Whole, Field(ge=1, le=365)]


class Sequence(Table):
    """[sequence]."""

    min_gap_days: Annotated[Whole, Field(ge=1, le=90)] = _SEQUENCE.min_gap_days
    expire_after_days: Annotated[Whole, Field(ge=1, le=730)] = _SEQUENCE.expire_after_days
    delivery_wait_days: Annotated[Whole, Field(ge=1, le=30)] = _SEQUENCE.delivery_wait_days
    follow_ups: Annotated[tuple[FollowUp, ...], Field(max_length=10)] = ()


class Variant(Table):
    """[[variants]]."""

    name: Word
    weight: Annotated[Whole, Field(ge=0, le=1_000)] = 1
    prompt: Word = "carnegie"


def _schedule(job: Job) -> Any:  # noqa: ANN401 (a field of a model that is made here)
    table = create_model(job.name, __base__=Table, __doc__=f"[jobs.{job.name}].", cron=(Cron, job.cron))
    return table, table()


# One table per job that there is, so that a new job brings its own key.
_SCHEDULES: Any = {name: _schedule(job) for name, job in JOBS.items() if job.cron}
Jobs: Any = create_model("Jobs", __base__=Table, __doc__="[jobs].", **_SCHEDULES)


class File(Table):
    """The whole file."""

    state_dir: Place = "var/state"
    suppression: Place = "var/suppression.db"
    campaign: Campaign
    store: Store = Store()
    mailer: Mailer = Mailer()
    writer: Writer = Writer()
    researcher: Researcher = Researcher()
    telegram: Telegram = Telegram()
    alerts: Alerts = Alerts()
    hours: Hours = Hours()
    limits: Limits = Limits()
    attribution: Attribution = Attribution()
    compliance: Compliance = Compliance()
    privacy: Privacy = Privacy()
    sequence: Sequence = Sequence()
    variants: Annotated[tuple[Variant, ...], Field(max_length=26), AfterValidator(values.some)] = (Variant(name="A"),)
    jobs: Jobs = Jobs()

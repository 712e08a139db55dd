"""What does each cause of an alert mean, what is off meanwhile, what can the operator do, and can it wait?

A cause is a key such as 'vendor.brevo' or 'job.draft.deadline'; the kind with the longest matching beginning tells
about it. The table of docs/OPERATING.md is made from `KINDS`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from outboundd.model.incident import Incident
from outboundd.rules.texts import unquoted

A_DAY = timedelta(days=1)
LATE = timedelta(minutes=5)  # told so long after it was noticed, an alert says when that was
INCIDENTS, JOBS = ("Incidents", "incidents"), ("Jobs", "jobs")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What alerts of one kind have in common; `{of}` is the vendor or job that the cause names.

    `cause` is how their causes begin, `called` how the operator's table calls them. What is `urgent` is told in quiet
    hours too. `over` is what a recovery says, empty where the end is no news. `fades` is how long after its last
    strike one is over that nothing else ends.
    """

    cause: str
    called: str
    means: str
    meanwhile: str
    remedy: str
    urgent: bool = False
    resumes: str = ""
    over: str = "Over: {title}"
    fades: timedelta | None = None

    def remedy_for(self, cause: str) -> str:
        """What to do about this cause."""
        return self.remedy.format(of=_of(cause))


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the operator reads; `choices` are (label, command) for a thumb."""

    title: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()


KINDS: tuple[Kind, ...] = (
    Kind(
        cause="vendor",
        called="*VENDOR* is halted",
        means="quota, credit or key is gone, or a mail was accepted and then reported as an error",
        meanwhile="Every job that needs {of} is off, also after a restart; the others go on.",
        remedy="Settle it at {of}, then: outboundd resume {of}. Nothing is to be done where it goes on by itself.",
        urgent=True,
        resumes="{of}",
        over="{of} is on again",
    ),
    Kind(
        cause="guard",
        called="Sending is paused by the guard",
        means="bounces, unsubscribes or complaints say that the list is bad",
        meanwhile="No mail to leads; drafts are written on.",
        remedy="Look at the list (pause source:NAME holds one), then: outboundd resume guard. "
        "The day's cap is then halved for two days.",
        urgent=True,
        resumes="guard",
    ),
    Kind(
        cause="guard.warned",
        called="A complaint",
        means="a recipient marked a mail as spam",
        meanwhile="Nothing is off; one more may pause all sending.",
        remedy="Read that mail with outboundd recent and outboundd why.",
        over="",
    ),
    Kind(
        cause="pool",
        called="The pool changed suddenly",
        means="the store shows none of the leads that are due, or very many new ones",
        meanwhile="No mail to leads.",
        remedy="Look at the table and its view, then: outboundd resume pool.",
        urgent=True,
        resumes="pool",
    ),
    Kind(
        cause="halt",
        called="*JOB* is halted",
        means="five leads in a row failed with one cause; they are back where they were",
        meanwhile="{of} is off, by schedule and by hand; the other jobs go on.",
        remedy="Mend the cause, then: outboundd resume {of}.",
        urgent=True,
        resumes="{of}",
    ),
    Kind(
        cause="extra",
        called="A step left twice",
        means="the mailer reports two mails of one step to one person",
        meanwhile="Nothing is off; the second mail counts in the caps.",
        remedy="Write to the person; find the second sender on this base, and stop it.",
        urgent=True,
        over="",
        fades=A_DAY,
    ),
    Kind(
        cause="clock",
        called="The clock is off",
        means="our clock and the mailer's differ, or ours made a step",
        meanwhile="No mail to leads until they agree.",
        remedy="Mend the time synchronisation of this machine (timedatectl).",
        urgent=True,
        over="The clocks agree again",
    ),
    Kind(
        cause="ledger.behind",
        called="The ledger was behind",
        means="the state directory is a restored copy, or there is a second sender on this base",
        meanwhile="No mail to leads until the mailer has had time to report what left.",
        remedy="Make sure that only one daemon runs; pause again what you had paused.",
        urgent=True,
        over="The ledger has caught up",
    ),
    Kind(
        cause="ledger.unwritable",
        called="The ledger cannot be written",
        means="the disk of the state directory is full or broken",
        meanwhile="No run of a job begins and nothing is sent.",
        remedy="Make room on the disk; it goes on by itself.",
        urgent=True,
        over="The ledger can be written again",
    ),
    Kind(
        cause="config",
        called="The new configuration was refused",
        means="the file was read again and holds a mistake",
        meanwhile="The configuration before it stays in force.",
        remedy="Mend what is named, then reload once more.",
        urgent=True,
        over="The new configuration is in force",
        fades=A_DAY,
    ),
    Kind(
        cause="daemon",
        called="The daemon has trouble",
        means="something that no job answers for",
        meanwhile="Look at outboundd jobs for what runs.",
        remedy="Look at the log of that time; report it if it stays.",
        urgent=True,
        fades=A_DAY,
    ),
    Kind(
        cause="away",
        called="*VENDOR* is away",
        means="a vendor does not answer, or answers with a passing error; told once however many jobs it strikes",
        meanwhile="A run that needs {of} ends early; the next slot tries again, and nothing is lost.",
        remedy="Nothing, unless it stays: then look at the status page of {of}, and at this machine's network.",
        over="{of} answers again",
    ),
    Kind(
        cause="job",
        called="*JOB* ended early, took too long, broke",
        means="a request was refused, its deadline, or our own bug",
        meanwhile="Nothing is off; the next slot of {of} tries again.",
        remedy="Nothing, unless it stays: then report it, with the lines below.",
        over="{of} runs through again",
    ),
    Kind(
        cause="broken",
        called="A lead could not be handled, a row not understood, events not folded, an attempt not settled",
        means="our own bug with one lead",
        meanwhile="That lead waits; the others go on.",
        remedy="Report it, with the lines below.",
        over="",
        fades=A_DAY,
    ),
    Kind(
        cause="row",
        called="A row does not take what is written",
        means="the store refuses a row's patch: an option of a select is missing, or Trail has outgrown its cell "
        "(100,000 characters in Airtable)",
        meanwhile="What was concluded waits in the ledger, and is tried again every hour; other rows go on.",
        remedy="Add what is named to the table; for a full Trail copy the row's text elsewhere and stop the lead.",
        over="Every row takes what is written again",
    ),
    Kind(
        cause="model.retires",
        called="The writer's model is shut down soon",
        means="the vendor has named the day",
        meanwhile="Nothing is off before that day.",
        remedy="Set [writer] model to another one.",
        over="",
    ),
    Kind(
        cause="silence",
        called="*JOB* has not run, nothing leaves, no digest, no complete reconcile",
        means="something should have happened by now, nothing is off that would explain it, and nothing failed either",
        meanwhile="Nothing is halted; what should happen does not.",
        remedy="Look at outboundd jobs and at the log; a restart of the daemon harms nothing.",
    ),
    Kind(
        cause="heartbeat",
        called="The heartbeat is not heard",
        means="[alerts] heartbeat_url does not answer as it should",
        meanwhile="All jobs go on; whoever listens there may think that this machine is dead.",
        remedy="Look at that service and at the address in the configuration.",
        over="The heartbeat is heard again",
        fades=A_DAY,
    ),
    Kind(
        cause="chat",
        called="The bot cannot work",
        means="Telegram refuses the bot, or a second program uses its token",
        meanwhile="Commands from the chat are not heard; the command line works, and so do all jobs.",
        remedy="Stop the other program, or give the bot a new token.",
        over="The bot works again",
        fades=A_DAY,
    ),
)
_OTHER = Kind(
    cause="",
    called="anything else",
    means="a cause that has no kind yet",
    meanwhile="Look at outboundd jobs for what is off.",
    remedy="Look at the log of that time.",
)


def kind_of(cause: str) -> Kind:
    """The kind with the longest beginning of this cause."""
    found = [kind for kind in KINDS if cause == kind.cause or cause.startswith(f"{kind.cause}.")]
    return max(found, key=lambda kind: len(kind.cause), default=_OTHER)


def alarm(incident: Incident, now: datetime, timezone: str) -> Words:
    """What happened, what is off meanwhile, what to do; told late, when it was, and what is over by now as such."""
    kind, of = kind_of(incident.what), _of(incident.what)
    if incident.closed is not None:
        lines = [*_sentences(incident.text), f"{_span(incident, timezone)}. It is over."]
        return Words(title=f"{incident.title} (over)", text="\n".join(lines), choices=(INCIDENTS,))
    late = now - incident.opened >= LATE
    noticed = [f"Noticed {_at(incident.opened, timezone)}, {_times(incident.times)} by now."] if late else []
    lines = [*_sentences(incident.text), *noticed, kind.meanwhile.format(of=of), kind.remedy_for(incident.what)]
    resumed = kind.resumes.format(of=of)
    resume = ((f"Resume {resumed}", f"resume {resumed}"),) if resumed else ()
    return Words(title=incident.title, text="\n".join(lines), choices=(*resume, JOBS, INCIDENTS))


def recovery(incident: Incident) -> Words:
    """It is over: how long it took, and how often it struck."""
    kind = kind_of(incident.what)
    title = kind.over.format(of=_of(incident.what), title=incident.title)
    took = lasted((incident.closed or incident.last_at) - incident.opened)
    return Words(title=title, text=f"It lasted {took} and struck {_times(incident.times)}.")


def has_faded(incident: Incident, now: datetime) -> bool:
    """Is it over because it struck for the last time long enough ago, and nothing else would end it?"""
    fades = kind_of(incident.what).fades
    return fades is not None and now - incident.last_at >= fades


def lasted(time: timedelta) -> str:
    """How long, in its two coarsest units: '2 h 10 min', '3 days 4 h', 'less than a minute'."""
    minutes = time // timedelta(minutes=1)
    if minutes < 1:
        return "less than a minute"
    days, rest = divmod(minutes, 1440)
    hours, left = divmod(rest, 60)
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (left, "min")]
    return " ".join(f"{number} {unit}" for number, unit in [part for part in parts if part[0]][:2])


def table() -> str:
    """The operator's table of all kinds, as docs/OPERATING.md shows it."""
    rows = [
        f"| {kind.called} | {'at once' if kind.urgent else 'can wait'} | {kind.means} | {_in_table(kind)} |"
        for kind in KINDS
    ]
    head = ("| alert | in quiet hours | meaning | meanwhile, and what to do |", "|---|---|---|---|")
    return "\n".join([*head, *rows]) + "\n"


def _in_table(kind: Kind) -> str:
    of = "*JOB*" if "*JOB*" in kind.called else "*VENDOR*"
    return f"{kind.meanwhile.format(of=of)} {kind.remedy.format(of=of)}"


def _of(cause: str) -> str:
    """The vendor or job that a cause names."""
    return cause.removeprefix(f"{kind_of(cause).cause}.").partition(".")[0]


def _sentences(text: str) -> Sequence[str]:
    return [f"{unquoted(text)}{'' if text.endswith('.') else '.'}"] if text else []


def _span(incident: Incident, timezone: str) -> str:
    end = incident.closed or incident.last_at
    took = lasted(end - incident.opened)
    return f"From {_at(incident.opened, timezone)}, {took}, {_times(incident.times)}"


def _times(times: int) -> str:
    return "once" if times == 1 else f"{times:,} times"


def _at(when: datetime, timezone: str) -> str:
    local = when.astimezone(ZoneInfo(timezone))
    return f"{local:%a} {local.day} {local:%b %H:%M}"

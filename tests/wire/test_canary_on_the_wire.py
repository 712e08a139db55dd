"""Does any word of a lead, a mail, a model or a search, or any key, reach the log through a vendor or a library?

A week of the whole program against the sandbox, every logger of the process at DEBUG, while each vendor answers each
kind of request with each kind of refusal and repeats in it whatever it was told, its key too.
"""

import base64
import io
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import anyio
import pytest
import structlog

from outboundd.adapters import log_lines
from outboundd.engine import library_lines
from outboundd.engine.journal import Log
from outboundd.jobs import JOBS
from outboundd.sandbox.brevo_mail import Mail
from outboundd.sandbox.findings import text_about
from outboundd.sandbox.five import KEYS, TELEGRAM_TOKEN
from wire.wired import OVER, START, Wired, play, step_of

CANARY = "quokka"
PEOPLE = 60
# (fault, value) of the first day and of the second
DAYS = (
    [("echo", status) for status in (400, 401, 402, 403, 404, 413, 422)],
    [
        ("echo", 429),
        ("echo", 500),
        ("echo", 502),
        ("lost_reply", None),
        ("drop", None),
        ("html", None),
        ("garbage", None),
    ],
)
ROUND_S = 1500.0
# (vendor, method, path, the job whose requests it strikes)
STRUCK = (
    ("perplexity", "", "", "draft"),
    ("openai", "", "/chat/", "draft"),
    ("airtable", "PATCH", "", "draft"),
    ("airtable", "GET", "", "draft"),
    ("brevo", "POST", "/smtp/email", "send"),
    ("brevo", "GET", "", "reconcile"),
)
SHORT = 15  # "Ada Park" ends every mail, "Hello," may begin one
OURS = ("ada@", "ops@", "Ada Park", "Acme Tools", "12 Harbour Street")


def leads() -> str:
    """A file of leads that carry the word wherever a word can stand."""
    lines = ["Email,Contact,Title,Company,Website,Country,City,Source"]
    for number in range(PEOPLE):
        domain = f"{CANARY}{number}.example"
        lines.append(
            f"rosa.{CANARY}@{domain},Rosa {CANARY.title()},Head of {CANARY}s,{CANARY.title()} Works {number},"
            f"https://www.{domain},GB,London,fair"
        )
    return base64.b64encode("\n".join(lines).encode()).decode()


class Heard(logging.Handler):
    """What libraries say, word for word: what would stand in the log if it were let in."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(f"{record.name}: {self.format(record)}")


@contextmanager
def every_level_on(log: Log) -> Iterator[Heard]:
    """The log of the process taken over as the program does it, and then every logger turned up."""
    root, heard = logging.getLogger(), Heard()
    handlers, level, configured = list(root.handlers), root.level, structlog.get_config()
    library_lines.take_over(log)
    root.addHandler(heard)
    loggers = [root, *map(logging.getLogger, ("httpx", "httpcore", "openai", "urllib3", "pyairtable", "aiogram"))]
    loggers += [one for one in logging.Logger.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    levels = [(logger, logger.level) for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.DEBUG)
        yield heard
    finally:
        for logger, was in levels:
            logger.setLevel(was)
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(capture=False)
        structlog.configure(**configured)


async def type_everything(wired: Wired) -> None:
    """What an operator types, about a lead that is gone afterwards."""
    who = f"rosa.{CANARY}@{CANARY}7.example"
    for command, arguments in (
        ("why", {"who": who}),
        ("queue", {"days": 3}),
        ("recent", {"number": 50}),
        ("stats", {}),
        ("check", {}),
        ("override", {"who": who, "value": CANARY}),
        ("stop", {"who": who}),
        ("forget", {"who": f"rosa.{CANARY}@{CANARY}8.example"}),
    ):
        await wired.say(command, **arguments)


async def go_on(wired: Wired) -> None:
    """Whatever was halted goes on."""
    for what in await wired.halts():
        await wired.say("resume", what=what)


async def everything_goes_wrong(wired: Wired) -> None:
    """Each vendor refuses each kind of request in each way, and says in its refusal what it was told."""
    await wired.say("import", name=f"{CANARY}.csv", content=leads())
    for day, ways in enumerate(DAYS):
        await wired.schedule(START + timedelta(days=day, minutes=45))
        for fault, value in ways:
            for vendor, method, path, job in STRUCK:
                wired.faults.switch_on(vendor, fault, value=value, method=method, path=path)
                await wired.say("once", job=job, **({} if job == "reconcile" else {"limit": 1}))
                wired.faults.switch_off(vendor)
                await go_on(wired)
            await anyio.sleep(ROUND_S)


@dataclass(frozen=True, kw_only=True)
class Week:
    """`lines` are of the log, `kept` is what alerts, runs, incidents and halts say, `raw` what libraries said."""

    lines: list[str]
    kept: list[str]
    raw: list[str]
    mails: list[Mail]

    def said(self) -> list[str]:
        """Whatever a journal, a phone or a backup may come to hold."""
        return [*self.lines, *self.kept]


async def the_whole_of_it(wired: Wired) -> tuple[list[str], list[Mail]]:
    """The week; what was told besides the log, and the mails that left."""
    wired.desk.parts.log.write("daemon.started", reason="; ".join(wired.desk.connected))  # as the daemon does
    await everything_goes_wrong(wired)
    await type_everything(wired)
    await go_on(wired)
    await wired.schedule(OVER)
    ledger = wired.desk.parts.world.ledger
    kept = [
        *wired.operator.alerts,
        *[run for job in JOBS for run in await ledger.runs(job, 10_000)],
        *await ledger.incidents(open_only=False),
        *wired.desk.parts.log.tail,
    ]
    return [repr(one) for one in kept], wired.mails


@pytest.fixture(scope="module")
def week() -> Week:
    """The week, told once for all tests."""
    log, stream = Log(), io.StringIO()
    with every_level_on(log) as heard:
        log_lines.begin(stream, "")
        kept, mails = play(the_whole_of_it, log=log)
    return Week(lines=stream.getvalue().splitlines(), kept=kept, raw=heard.words, mails=mails)


def private(week: Week) -> set[str]:
    """What must not be told: the word, the keys, our own addresses and texts, each line of each mail, the research."""
    mails = {line for mail in week.mails for line in (mail.recipient, mail.subject, *mail.text.split("\n"))}
    research = set(re.split(r"\[[0-9]\]\.?", text_about(f"{CANARY.title()} Works 1")))
    return {CANARY, *KEYS.values(), TELEGRAM_TOKEN, *OURS, *(text for text in mails | research if len(text) > SHORT)}


def leaks(texts: Iterable[str], private: set[str]) -> list[str]:
    """Every text that tells what is private."""
    words = re.compile("|".join(re.escape(word) for word in private), re.IGNORECASE)
    return sorted({text[:400] for text in texts if words.search(text)})


def test_nothing_private_stands_in_any_line_alert_run_or_incident(week: Week) -> None:
    """What leaks once is in a journal, a phone and a backup for good."""
    assert leaks(week.said(), private(week)) == []


def test_the_libraries_own_words_would_have_leaked(week: Week) -> None:
    """The canary was carried past: two HTTP clients name it in URLs. One such line let in would be noticed."""
    told = leaks(week.raw, private(week))
    assert {line.partition(":")[0] for line in told} >= {"httpx", "urllib3.connectionpool"}
    assert leaks([*week.lines, told[0]], private(week)) == [told[0]]


@pytest.mark.parametrize("vendor", ["airtable", "brevo", "openai", "perplexity"])
@pytest.mark.parametrize("event", ["vendor.halted", "job.failed"])
def test_each_vendor_refused_in_a_way_that_is_told(week: Week, vendor: str, event: str) -> None:
    """A refusal that is told nowhere leaks nothing."""
    assert [line for line in week.lines if event in line and vendor in line]


def test_mails_were_written_sent_and_followed_up_all_the_same(week: Week) -> None:
    """So there was something that could leak."""
    assert {step_of(mail) for mail in week.mails} == {"0", "1"}
    assert [mail for mail in week.mails if CANARY in mail.text.lower()]

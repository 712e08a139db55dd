"""What runs when, how did it go last, and what is halted and why?"""

import re
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from typing import Any

from apscheduler.triggers.cron import CronTrigger

from outboundd.commands import words
from outboundd.commands.desk import Command, Desk, Line
from outboundd.engine.run_job import Job, vendor
from outboundd.engine.running import Running
from outboundd.model.facts import Halt
from outboundd.ports import RunRecord

BY_HAND = "by-hand-"
_HOURLY = re.compile(r"(\d{1,2}) \* \* \* \*")
_EVERY = re.compile(r"\*/(\d{1,2}) \* \* \* \*")
_DAILY = re.compile(r"(\d{1,2}) (\d{1,2}) \* \* \*")
INDENT = 12


async def jobs(desk: Desk) -> AsyncGenerator[Line, None]:
    """The job table, the last runs, and everything that is switched off."""
    now = desk.parts.world.clock.now()
    halts = await desk.parts.world.ledger.halts(now)
    table = [await _job(desk, job, halts, now) for job in desk.jobs.values()]
    told = [] if desk.by_schedule else ["No daemon answers: nothing runs by itself. To start it: outboundd run", ""]
    for entry in table:
        told += _lines(entry, now)
    for name in desk.parts.running.keys() - desk.jobs.keys():
        told.append(words.hanging(name, words.running(name, desk.parts.running[name]), INDENT))
    if halts:
        told += ["", "Switched off", *(words.indented(words.off(halt), 2) for halt in halts)]
    plain = [_plain_halt(halt) for halt in halts]
    data = {"by_schedule": desk.by_schedule, "jobs": table, "halts": plain}
    yield Line(text="\n".join(told), data=data, choices=words.lifting(halts))


async def _job(desk: Desk, job: Job, halts: Sequence[Halt], now: datetime) -> dict[str, Any]:
    cron = desk.schedule.get(job.name, "")
    stops = {job.name, *(vendor(desk.parts, role) for role in job.needs)}
    last = next(iter(await desk.parts.world.ledger.runs(job.name, 1)), None)
    return {
        "job": job.name,
        "doc": job.doc,
        "cron": cron,
        "next": words.iso(_next(cron, now)),
        "last": None if last is None else _plain_run(last),
        "running": _plain_running(desk, job.name),
        "off": [halt.what for halt in halts if halt.what in stops],
    }


def _plain_running(desk: Desk, job: str) -> dict[str, Any] | None:
    now = desk.parts.running.get(job)
    if now is None:
        return None
    waiting = len(desk.parts.runs.waiting[job])
    return {"since": words.iso(now.since), "by_hand": now.by_hand, "done": now.done, "of": now.of, "waiting": waiting}


def _next(cron: str, now: datetime) -> datetime | None:
    if not cron:
        return None
    at: datetime | None = CronTrigger.from_crontab(cron, timezone=UTC).get_next_fire_time(None, now)
    return at


def _plain_run(run: RunRecord) -> dict[str, Any]:
    return {
        "began": words.iso(run.began),
        "ended": words.iso(run.ended),
        "by_hand": run.slot.startswith(BY_HAND),
        "outcome": run.outcome,
        "told": dict(run.told or {}),
    }


def _plain_halt(halt: Halt) -> dict[str, Any]:
    return {
        "what": halt.what,
        "since": words.iso(halt.since),
        "until": words.iso(halt.until),
        "why": halt.why,
        "resume": words.resume(halt.what),
    }


def _lines(entry: dict[str, Any], now: datetime) -> list[str]:
    looks = "by hand only"
    if entry["next"]:
        following = datetime.fromisoformat(entry["next"])
        looks = f"{in_words(entry['cron'])}, next {words.utc(following)}"
    off = ", ".join(entry["off"])
    return [
        words.hanging(entry["job"], looks, INDENT),
        words.hanging("", entry["doc"], INDENT),
        words.hanging("", _runs(entry) or _last(entry["last"], now), INDENT),
        *([words.hanging("", f"OFF: {off} is halted, see below", INDENT)] if off else []),
    ]


def _runs(entry: dict[str, Any]) -> str:
    """What runs now in words; '' when nothing does."""
    run = entry["running"]
    if run is None:
        return ""
    since = datetime.fromisoformat(run["since"])
    now = Running(since=since, by_hand=run["by_hand"], done=run["done"], of=run["of"])
    waits = f"; {words.many(run['waiting'], 'run')} by hand waiting" if run["waiting"] else ""
    return f"{words.running('it', now)}{waits}"


def _last(run: dict[str, Any] | None, now: datetime) -> str:
    if run is None:
        return "has not run yet"
    began = datetime.fromisoformat(run["began"])
    how = " by hand" if run["by_hand"] else ""
    return f"last run{how} {words.utc(began)}, {words.ago(began, now)}: {run['outcome'] or 'not ended yet'}"


def in_words(cron: str) -> str:
    """The usual cron lines in words; any other as it is written."""
    if cron == "* * * * *":
        return "every minute"
    if every := _EVERY.fullmatch(cron):
        return f"every {int(every[1])} minutes"
    if hourly := _HOURLY.fullmatch(cron):
        return f"hourly at :{int(hourly[1]):02}"
    if daily := _DAILY.fullmatch(cron):
        return f"daily at {int(daily[2]):02}:{int(daily[1]):02} UTC"
    return f"cron {cron} (UTC)"


JOBS_COMMAND = Command(
    name="jobs", doc="what runs when, how it went last, what is halted and why", run=jobs, reads_only=True
)

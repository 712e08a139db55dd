"""How are the parts put together? The composition root: everything is built here and nowhere else.

config -> adapters -> engine -> desk. A new kind of store, mailer, writer or researcher is one entry below.
"""

import hashlib
import os
import random
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import cast

from outboundd import prompts
from outboundd.adapters import chart, log_lines
from outboundd.adapters.console import ConsoleOperator
from outboundd.adapters.dry import DryMailer, DryStore, DrySuppression
from outboundd.adapters.late_operator import LateOperator
from outboundd.adapters.ledger import SqliteLedger
from outboundd.adapters.log_operator import LogOperator
from outboundd.adapters.maildir import MaildirMailer
from outboundd.adapters.memory_operator import MemoryOperator
from outboundd.adapters.none import NoResearcher
from outboundd.adapters.openai_prices import PRICES, Price
from outboundd.adapters.sqlite_store import SqliteStore
from outboundd.adapters.suppression import SuppressionFile
from outboundd.adapters.system_clock import SystemClock
from outboundd.adapters.template import TemplateWriter
from outboundd.chat.inbox import Chart
from outboundd.commands import COMMANDS
from outboundd.commands.chat import as_said
from outboundd.commands.desk import Desk, Finding
from outboundd.commands.switches import MAIL, NEW_STATE
from outboundd.config import Config, ConfigError, find, load
from outboundd.config.cron import runs_per_hour
from outboundd.engine.journal import Log
from outboundd.engine.parts import Scheduled, World, assemble
from outboundd.jobs import JOBS
from outboundd.model.facts import Halt
from outboundd.ports import (
    Chat,
    Clock,
    Heartbeat,
    LeadStore,
    Ledger,
    Mailer,
    NameService,
    Operator,
    Researcher,
    Writer,
)
from outboundd.rules.texts import quoted

DISK_YELLOW_BYTES = 1_000_000_000
DISK_RED_BYTES = 100_000_000


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What a caller may put in place of the machine's own: the demo and tests bring their own.

    `entropy` makes the key of a new suppression list, and so the ids of leads. Only the demo is not `durable`: its
    files need not survive a power cut, and three weeks of commits are forty thousand waits for the disk. `chat` is
    where commands are heard, `chart` draws figures for it; None for none.
    """

    log: Log
    operator: Operator
    rng: random.Random
    entropy: Callable[[int], bytes] = secrets.token_bytes
    durable: bool = True
    chat: Chat | None = None
    chart: Chart | None = None
    wrap: Callable[[World], World] = lambda world: world


def outside() -> Outside:
    """The machine's own."""
    log = Log()
    return Outside(log=log, operator=_onlooker(log), rng=random.Random(secrets.randbits(64)))  # noqa: S311 (gaps between mails)


def _onlooker(log: Log) -> Operator:
    """Who looks at the error output: a terminal is printed to, a journal has lines of one kind."""
    if not log_lines.is_journal(sys.stderr, os.environ.get("JOURNAL_STREAM", "")):
        return ConsoleOperator()
    return LogOperator(lambda over, words: log.write("alert.over" if over else "alert.raised", reason=words))


def of_daemon(config: Config) -> Outside:
    """What a daemon uses: its operator is the chat, where there is one."""
    here = outside()
    if not config.telegram.enabled:
        return here
    chat = _telegram(config, here.log)
    return replace(here, operator=chat, chat=chat, chart=chart.draw)


def of_command(config: Config) -> Outside:
    """What a single command uses: the chat's client is loaded when there is something to tell."""
    here = outside()
    if not config.telegram.enabled:
        return here
    return replace(here, operator=LateOperator("telegram", lambda: _telegram(config, here.log)))


def _telegram(config: Config, log: Log) -> Chat:
    from outboundd.adapters import lean_aiogram

    lean_aiogram.load()
    from outboundd.adapters.telegram import Telegram  # after its library, and only when there is a chat

    place = config.telegram
    return Telegram(
        token=config.secrets["telegram"].value,
        api_url=place.api_url,
        allowed=place.allowed_user_ids,
        alert_to=place.alert_chat_id or place.allowed_user_ids[0],
        clock=SystemClock(),
        untold=lambda reason: log.write("answer.lost", reason=reason),
        as_said=lambda text: as_said(text, COMMANDS),
    )


@asynccontextmanager
async def desk_of(config: Config, around: Outside, *, dry: bool = False) -> AsyncIterator[Desk]:
    """Open everything the configuration names and wire it. Raises ValueError (a sentence) for what cannot be opened."""
    async with AsyncExitStack() as stack:
        world = await _open(config, around, stack)
        settings, log = config.settings, around.log
        if dry:
            world, log = _dry(world, stack), Log(quiet=True)
            settings = replace(settings, limits=replace(settings.limits, gap_s=(0.0, 0.0)))
        sends = runs_per_hour(config.jobs["send"])
        schedule = {job: Scheduled(cron=cron, needs=JOBS[job].needs) for job, cron in config.jobs.items()}
        parts = assemble(settings, around.wrap(world), log, around.rng, sends, schedule)
        yield Desk(
            parts=parts,
            jobs=JOBS,
            schedule=config.jobs,
            connected=connected(config),
            findings=lambda: findings(config),
            dry=dry,
        )


def _airtable(config: Config, around: Outside, people: SuppressionFile, ledger: Ledger) -> LeadStore:
    from outboundd.adapters.airtable import (
        AirtableStore,
    )  # what is not configured is not loaded: it takes half a second

    place, clock = config.store.airtable, SystemClock()
    return AirtableStore(
        token=config.secrets["airtable"].value,
        base=place.base,
        table=place.table,
        view=place.view,
        titles=config.store.titles,
        api_url=place.api_url,
        clock=clock,
        counted=lambda: ledger.called("airtable", clock.now().date()),
    )


def _brevo(config: Config, clock: Clock) -> Mailer:
    from outboundd.adapters.brevo import BrevoMailer

    sender = config.settings.campaign.sender.email
    return BrevoMailer(
        key=config.secrets["brevo"].value,
        api_url=config.mailer.brevo.api_url,
        settle_s=config.mailer.brevo.settle_s,
        sender_domain=sender.rpartition("@")[2],
        clock=clock,
    )


def _openai(config: Config) -> Writer:
    from outboundd.adapters.openai import OpenAiWriter

    given = config.writer.usd_per_million
    price = Price(input=given[0], cached=given[1], output=given[2]) if given else PRICES[config.writer.model]
    key = config.secrets["openai"].value
    return OpenAiWriter(key=key, model=config.writer.model, api_url=config.writer.api_url, price=price)


def _perplexity(config: Config) -> Researcher:
    from outboundd.adapters.perplexity import PerplexityResearcher

    return PerplexityResearcher(
        key=config.secrets["perplexity"].value,
        model=config.researcher.model,
        api_url=config.researcher.api_url,
        search_type=config.researcher.search_type,
        clock=SystemClock(),
    )


def _names() -> NameService:
    from outboundd.adapters.name_service import DnsNames  # only an import of leads asks it

    return DnsNames()


async def _heartbeat(config: Config, stack: AsyncExitStack) -> Heartbeat | None:
    if not config.heartbeat_url:
        return None
    from outboundd.adapters.heartbeat import HttpHeartbeat

    heartbeat = HttpHeartbeat(config.heartbeat_url)
    stack.push_async_callback(heartbeat.aclose)
    return heartbeat


# One entry a kind: what the configuration may name. The contract suites run on every entry.
STORES: Mapping[str, Callable[[Config, Outside, SuppressionFile, Ledger], LeadStore]] = {
    "sqlite": lambda config, around, people, _: SqliteStore(config.store.path, people.lead_id, durable=around.durable),
    "airtable": _airtable,
}
MAILERS: Mapping[str, Callable[[Config, Clock], Mailer]] = {
    "maildir": lambda config, clock: MaildirMailer(config.mailer.path, clock),
    "brevo": _brevo,
}
WRITERS: Mapping[str, Callable[[Config], Writer]] = {
    "template": lambda config: TemplateWriter(config.settings.prompts),
    "openai": _openai,
}
RESEARCHERS: Mapping[str, Callable[[Config], Researcher]] = {
    "none": lambda _: NoResearcher(),
    "perplexity": _perplexity,
}
KINDS: Mapping[str, Sequence[str]] = {
    "store": tuple(STORES),
    "mailer": tuple(MAILERS),
    "writer": tuple(WRITERS),
    "researcher": tuple(RESEARCHERS),
}


def read_config(path: Path | None, loaded_at: datetime) -> Config:
    """The configuration of this program. Raises ConfigError with one sentence per mistake."""
    return load(find(path), os.environ, loaded_at=loaded_at, prompts=prompts.load(), kinds=KINDS, priced=tuple(PRICES))


async def _open(config: Config, around: Outside, stack: AsyncExitStack) -> World:
    clock = SystemClock()
    suppression = SuppressionFile(config.suppression, around.entropy)
    stack.callback(suppression.close)
    name = config.settings.campaign.name
    ledger = SqliteLedger.open(config.state_dir / "ledger.db", name, suppression.fingerprint, durable=around.durable)
    stack.callback(ledger.close)
    store = STORES[config.store.kind](config, around, suppression, ledger)
    stack.callback(store.close)
    await _of_one_mailer(ledger, config)
    if ledger.empty_at_start:
        await _first_start(ledger, config, clock.now(), around.log)
    mailer = MAILERS[config.mailer.kind](config, clock)
    stack.push_async_callback(mailer.aclose)
    writer = WRITERS[config.writer.kind](config)
    stack.push_async_callback(writer.aclose)
    researcher = RESEARCHERS[config.researcher.kind](config)
    stack.push_async_callback(researcher.aclose)
    return World(
        store=store,
        ledger=ledger,
        suppression=suppression,
        mailer=mailer,
        writer=writer,
        researcher=researcher,
        operator=around.operator,
        clock=clock,
        names=_names,
        heartbeat=await _heartbeat(config, stack),
    )


async def _of_one_mailer(ledger: Ledger, config: Config) -> None:
    """Mails in a folder reached nobody: a ledger that counts them must not decide what a real mailer sends."""
    last = await ledger.attempts(limit=1)
    if last and last[0].mailer == "maildir" and config.mailer.kind != "maildir":
        raise ValueError(
            f'mailer.kind = "{config.mailer.kind}": the ledger in {config.state_dir} counts mails that were written to '
            "a maildir and reached nobody; give state_dir (and the leads) a new place"
        )


async def _first_start(ledger: Ledger, config: Config, now: datetime, log: Log) -> None:
    """An empty ledger looks at the mailer before it sends; and real keys never begin to mail by themselves."""
    if not await ledger.get("reconciled_at"):
        await ledger.put("quiet_open", "1")
    if config.mailer.kind == "maildir" or await ledger.get("paused_when_new"):
        return
    why = f"{NEW_STATE}, {config.state_dir}"
    await ledger.halt(Halt(what=MAIL, since=now, until=None, why=why))
    await ledger.put("paused_when_new", "1")
    log.write("halt.set", vendor=MAIL, reason=why)


def _dry(world: World, stack: AsyncExitStack) -> World:
    """The same world with every write swallowed: jobs run as they are, on a copy of the ledger, and tell nobody."""
    copy = cast("SqliteLedger", world.ledger).copy_to_memory()
    stack.callback(copy.close)
    return replace(
        world,
        store=DryStore(world.store),
        ledger=copy,
        suppression=DrySuppression(world.suppression),
        mailer=DryMailer(world.mailer),
        operator=MemoryOperator(),
        heartbeat=None,
    )


def connected(config: Config) -> tuple[str, ...]:
    """What the program is wired to, in plain words."""
    place = config.store.airtable
    view = f", view {place.view}" if place.view else ""
    stores = {"airtable": f"{place.base}, table {place.table}{view}, {place.api_url}"}
    mail = f"brevo, as {quoted(config.settings.campaign.sender.email)}, {config.mailer.brevo.api_url}"
    maildir = f"a maildir, {config.mailer.path} (nothing leaves this machine)"
    writers = {"openai": f"openai, {config.writer.model}, {config.writer.api_url}"}
    researchers = {"perplexity": f"perplexity, {config.researcher.model}, {config.researcher.api_url}"}
    people = ", ".join(map(str, config.telegram.allowed_user_ids))
    return (
        f"leads:     {config.store.kind}, {stores.get(config.store.kind, config.store.path)}",
        f"mail:      {maildir if config.mailer.kind == 'maildir' else mail}",
        f"writer:    {writers.get(config.writer.kind, 'templates (no model, no cost)')}",
        f"research:  {researchers.get(config.researcher.kind, 'none')}",
        *([f"operator:  telegram, obeys {people}, {config.telegram.api_url}"] if config.telegram.enabled else []),
        f"state:     {config.state_dir}",
    )


def findings(config: Config) -> tuple[Finding, ...]:
    """What `check` can say of the configuration and of the disk, which no other part knows."""
    return (
        *_files(config),
        Finding(light="green", what="secrets", found=_secrets(config)),
        _disk(config.state_dir),
    )


def _files(config: Config) -> tuple[Finding, Finding]:
    """Configuration and prompts in force, and whether their files have moved on since they were read."""
    read = f"{config.path}, hash {config.hash}, read {config.loaded_at:%Y-%m-%d %H:%M} UTC"
    texts = _prompts(config)
    try:
        now = read_config(config.path, config.loaded_at)
    except ConfigError as wrong:
        found = f"{read}; it has been changed since, or its prompts have, and would be refused"
        refused = Finding(light="red", what="config", found=found, remedy=" ".join(wrong.sentences))
        return refused, Finding(light="green", what="prompts", found=texts)
    return (
        _moved_on("config", read, is_same=now.hash == config.hash),
        _moved_on("prompts", texts, is_same=now.settings.prompts == config.settings.prompts),
    )


def _moved_on(what: str, read: str, *, is_same: bool) -> Finding:
    if is_same:
        return Finding(light="green", what=what, found=read)
    remedy = "systemctl reload outboundd, or SIGHUP: it is read anew"
    return Finding(light="yellow", what=what, found=f"{read}; changed on the disk since", remedy=remedy)


def _prompts(config: Config) -> str:
    """How many texts, which, and what of the operator's stands in the place of a shipped one."""
    texts, shipped = config.settings.prompts, prompts.load()
    told = hashlib.sha256("\n".join(f"{name}\n{texts[name]}" for name in sorted(texts)).encode()).hexdigest()[:12]
    found = f"{len(texts)} texts, hash {told}"
    if config.own_prompts:
        found += f"; {len(config.own_prompts)} of your own"
    instead = [name for name in config.own_prompts if name in shipped]
    return f"{found}, in place of the shipped {', '.join(instead)}" if instead else found


def _secrets(config: Config) -> str:
    found = ", ".join(f"{secret.name} from {secret.place}" for secret in config.secrets.values())
    return found or "none is needed: store, mailer and writer are embedded"


def _disk(state_dir: Path) -> Finding:
    free = shutil.disk_usage(state_dir).free
    told = f"{free / 1e9:,.1f} GB free at {state_dir}"
    if free >= DISK_YELLOW_BYTES:
        return Finding(light="green", what="disk", found=told)
    remedy = "make room: nothing is sent when the ledger cannot be written"
    return Finding(light="red" if free < DISK_RED_BYTES else "yellow", what="disk", found=told, remedy=remedy)

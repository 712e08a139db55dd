"""What does the operator type? One function per command; each asks a running daemon, or works by itself.

Exit codes: 0 done, 1 the run failed, 2 usage or configuration, 3 halted, 4 the lock is held by another process.
"""

import asyncio
import base64
import errno
import io
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, TypeVar

import anyio
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from outboundd import carry_out, daemon, wiring
from outboundd.adapters import control, log_lines
from outboundd.adapters.process_lock import Locked
from outboundd.config import Config, ConfigError
from outboundd.engine import library_lines
from outboundd.engine.failures import alone
from outboundd.engine.journal import Log
from outboundd.jobs import JOBS
from outboundd.ports import Failure

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Drafts, verifies, sends, sequences and reconciles personal B2B mail, and can say why. "
    "Every command works whether or not the daemon runs: when it does, the daemon carries the command out.",
)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration file. Default: ./config.toml, then /etc/outboundd/config.toml."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of words.")]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; write nothing, pay for nothing.")]


T = TypeVar("T")

NO_DAEMON = "no daemon answers; while one does, a member of its group needs no configuration"


class Stop(Exception):
    """The command is over; `code` is the exit code."""

    def __init__(self, code: int, sentence: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def main() -> None:
    """Run the command line; bad input ends in a sentence, never in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no such character is shown another
    _log_lines(quiet=True)
    try:
        app()
    except Stop as stop:
        if stop.sentence:
            print(f"outboundd: {stop.sentence}", file=sys.stderr)
        sys.exit(stop.code)
    except control.Barred as barred:
        print(f"outboundd: {barred}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


# --- running -----------------------------------------------------------------------------------------------------


@app.command()
def run(config: ConfigOption = None) -> None:
    """Run the daemon in the foreground, for systemd or a terminal.

    It runs the job table of the configuration and answers on a control socket, and in the chat of [telegram]. SIGHUP
    has it read the configuration anew; SIGTERM and Ctrl-C stop it cleanly. With the shipped config.toml it needs no
    account: leads in SQLite, mail into a maildir.
    """
    loaded = _config(config)
    library_lines.take_over_errors(_log_lines())
    if sys.stderr.isatty():  # a journal or a pipe takes lines of the log, and the first says what is connected
        console = Console(stderr=True)
        console.print(f"outboundd, configuration {loaded.path}", highlight=False)
        for line in wiring.connected(loaded):
            console.print(f"  {line}", highlight=False)
        console.print("Ctrl-C stops it. In another terminal: outboundd jobs, outboundd stats, outboundd why EMAIL")
    raise Stop(_guarded(lambda: anyio.run(daemon.run, loaded)))


@app.command()
def once(
    job: Annotated[str, typer.Argument(help=", ".join(JOBS))],
    limit: Annotated[
        int | None, typer.Option(help="At most so many; without it all that is due, within the caps.")
    ] = None,
    dry_run: DryOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run one job now.

    The same gate decides as in the schedule: nothing leaves outside the recipient's hours, over a cap, or while paused.
    Example: outboundd once send --limit 5 --dry-run
    """
    _carry("once", {"job": job, "limit": limit}, config, as_json=as_json, dry=dry_run)


@app.command(name="demo")
def show(
    days: Annotated[int, typer.Option(help="How many days of the schedule to play.")] = 21,
    seed: Annotated[int, typer.Option(help="The same seed plays the same show.")] = 7,
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Where mails and databases go; default a new folder.")
    ] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Through the vendors' adapters, against the sandbox.")
    ] = False,
) -> None:
    """Play three weeks of the schedule in seconds, offline.

    The clock is virtual, the people are made up: recipients open, bounce, reply and unsubscribe. With --sandbox the
    show goes through the adapters of Airtable, Brevo, OpenAI and Perplexity, against those of `outboundd sandbox`.
    """
    from outboundd import demo  # what moves the clock is loaded by who plays

    raise Stop(_guarded(lambda: demo.play(days=days, seed=seed, directory=directory, sandbox=sandbox)))


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where it listens, on 127.0.0.1; 0: any.")] = 8640,
    state: Annotated[Path | None, typer.Option(help="A file that keeps its state; default: in memory.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed makes the same people.")] = 7,
) -> None:
    """Stand in for the five vendors on this machine, until Ctrl-C.

    Airtable, Brevo, OpenAI, Perplexity and Telegram behave as theirs do, and no mail leaves. Prints the lines for
    config.toml, and the keys to export.
    """
    from outboundd.sandbox import run  # servers are loaded by who serves

    def serve() -> int:
        with suppress(KeyboardInterrupt):  # the way to end it; "what was done is kept" would be untrue of its memory
            asyncio.run(run.run(port, state, seed))
        return 0

    raise Stop(_guarded(serve))


# --- leads -------------------------------------------------------------------------------------------------------


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="An export: CSV or tab-separated text, any common encoding.")],
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help='A header of the file and our column, as in "Work Email=Email".')
    ] = None,
    source: Annotated[str, typer.Option(help="Where the list comes from; kept on each lead.")] = "",
    suppress: Annotated[
        bool, typer.Option("--suppress", help="The file lists addresses and domains never to write to.")
    ] = False,
    dry_run: DryOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take leads from an export, or whom never to write to.

    With --suppress the file lists addresses and domains (customers, competitors, old unsubscribes), else leads. The
    whole file is checked first, then written by Key (the normalised address): run it again to complete what broke off.
    Rejected rows go to FILE.rejects.csv with the reason, among them those at domains that take no mail. Header names
    are guessed, shown, and overridden by --map.
    """
    try:
        content = base64.b64encode(file.read_bytes()).decode()
    except OSError as error:
        raise Stop(2, f"{file}: cannot be read ({error.strerror}); give the path of a CSV file") from error
    arguments: dict[str, Any] = {"name": file.name, "content": content}
    if suppress:
        _carry("suppress", arguments, config, as_json=as_json, dry=dry_run, beside=file)
        return
    arguments |= {"mapping": mapping or [], "source": source}
    _carry("import", arguments, config, as_json=as_json, dry=dry_run, beside=file)


@app.command()
def verify(
    all_leads: Annotated[bool, typer.Option("--all", help="Look again at every lead not written to yet.")] = False,
    budget: Annotated[
        float | None, typer.Option(help="USD that this run may spend on questions to a model, at most.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write the evidence of each lead to this CSV file.")] = None,
    dry_run: DryOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look whether each person works at the company on record.

    Who does not is mismatched and out of the pipeline, with the evidence; what is unclear waits in review. New leads
    only, or with --all every lead that was not written to yet. What needs no model is concluded first, then the cost of
    the rest is told; with --dry-run that is all. Resumable: run it again after an interruption or a used up budget.
    Example: outboundd verify --all --budget 5
    """
    _carry("verify", {"everyone": all_leads, "budget": budget}, config, as_json=as_json, dry=dry_run, report=report)


@app.command()
def override(
    who: Annotated[str, typer.Argument(help="The lead's address or id.")],
    value: Annotated[str, typer.Argument(help="stop, replied, recheck, redraft, approve, sent or 'not sent'")],
    config: ConfigOption = None,
) -> None:
    """Say a word on one lead, as in the store's Override column.

    replied: they answered. stop: never again. recheck: look at this person again. redraft: write it anew. approve: I
    looked, it is fine (one objection). sent, 'not sent': what became of a mail in doubt.
    """
    _carry("override", {"who": who, "value": value}, config)


@app.command()
def stop(
    who: Annotated[str, typer.Argument(help="An address, an id, or @domain for everybody there.")],
    config: ConfigOption = None,
) -> None:
    """Never write to a person, or to anybody at @domain, again."""
    _carry("stop", {"who": who}, config)


@app.command()
def forget(
    who: Annotated[str, typer.Argument(help="An address, an id, or @domain for everybody there.")],
    config: ConfigOption = None,
) -> None:
    """Erase a person on request.

    A keyed hash stays on the suppression list, so that they are never written to again, whatever is imported.
    """
    _carry("forget", {"who": who}, config)


# --- looking -----------------------------------------------------------------------------------------------------


@app.command()
def why(
    who: Annotated[str, typer.Argument(help="The lead's address or id.")],
    letter: Annotated[bool, typer.Option("--letter", help="The answer to the person who asks.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell the whole story of one lead.

    What was sent, when, with which text; what came back; what happens next, and why not now. With --letter, what you
    may send to somebody who asks why you wrote: where the data came from, every text, how long it is kept.
    """
    _carry("why", {"who": who, "letter": letter}, config, as_json=as_json)


@app.command()
def prompt(
    who: Annotated[str, typer.Argument(help="The lead's address or id.")],
    step: Annotated[
        int | None, typer.Option(help="0 for the first mail, 1 for the first follow-up; default the one at hand.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the writer would be told for one lead, without telling it.

    Both messages to a model, or a template and what it is filled with; research as far as it is known. Nothing is asked
    and nothing costs.
    """
    _carry("prompt", {"who": who, "step": step}, config, as_json=as_json)


@app.command()
def queue(
    days: Annotated[int, typer.Option(help="How many days ahead.")] = 3,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say who gets what when, and who does not and why.

    The same rules as in the schedule, played ahead; nothing is changed.
    """
    _carry("queue", {"days": days}, config, as_json=as_json)


@app.command()
def leads(
    stage: Annotated[str, typer.Option(help="Only those in this stage, as the column Stage has it.")] = "",
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only those that wait: for you, or for more than a day.")
    ] = False,
    source: Annotated[str, typer.Option(help="Only those from this list.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List leads: who stands where, and what they wait for.

    Example, your work of the day: outboundd leads --stage review
    """
    arguments = {"stage": stage, "waiting": waiting, "source": source, "as_csv": as_csv}
    _carry("leads", arguments, config, as_json=as_json)


@app.command()
def stats(
    by: Annotated[str, typer.Option("--by", help="Compare: variant, source, country or prompt.")] = "",
    warmup: Annotated[bool, typer.Option("--warmup", help="One line for every day on which mail left.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the figures of the campaign.

    With --by how variants, sources, countries or prompts compare since the first mail; with --warmup the warming
    history.
    """
    _carry("stats", {"by": by, "warmup": warmup}, config, as_json=as_json)


@app.command()
def recent(
    number: Annotated[int, typer.Argument(help="How many.")] = 10,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the last mails."""
    _carry("recent", {"number": number}, config, as_json=as_json)


@app.command()
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say what is missing, with the remedy.

    Configuration, store, mailer, clock, disk: one line each, green, yellow or red.
    """
    _carry("check", {}, config, as_json=as_json)


@app.command()
def incidents(
    note: Annotated[
        list[str] | None, typer.Argument(metavar="[note N TEXT]", help="Keep with incident N what now prevents it.")
    ] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only what is not over yet.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what went wrong, newest first.

    When it was noticed and told, how often it struck, whether it is over, and what to do while it is not.
    Example: outboundd incidents note 3 "addresses are looked up at the import"
    """
    if note:
        _carry("note", _note(note), config, as_json=as_json)
        return
    _carry("incidents", {"open_only": open_only}, config, as_json=as_json)


def _note(words: list[str]) -> dict[str, Any]:
    verb, number, text = words[0], " ".join(words[1:2]), " ".join(words[2:])
    if verb != "note" or not number.isascii() or not number.isdigit() or not text:
        raise Stop(2, 'incidents takes nothing, or: note N TEXT, as in outboundd incidents note 3 "what prevents it"')
    return {"number": int(number[:9]), "text": text}


@app.command()
def setup(config: ConfigOption = None) -> None:
    """Make the table and the columns that the store lacks.

    Nothing that is there is changed. What the store's API cannot make (views, options of a column that is there) is
    said, for you to add. Airtable's token needs the scope schema.bases:write for it.
    """
    _carry("setup", {}, config)


# --- switches ----------------------------------------------------------------------------------------------------


@app.command()
def pause(
    what: Annotated[str, typer.Argument(help="Nothing for all mail to leads, a job, or source:NAME.")] = "mail",
    until: Annotated[str, typer.Option(help="A date (2026-12-27) on which it ends by itself.")] = "",
    config: ConfigOption = None,
) -> None:
    """Pause all mail to leads, one job, or one source.

    A job is off by schedule and by hand; the leads of a source (source:NAME) are held. Examples: outboundd pause,
    outboundd pause draft --until 2026-12-27, outboundd pause "source:Fair 2026"
    """
    _carry("pause", {"what": what, "until": until}, config)


@app.command()
def resume(
    what: Annotated[
        str, typer.Argument(help="A job, a vendor, guard, pool or source:NAME; nothing lifts pauses only.")
    ] = "",
    config: ConfigOption = None,
) -> None:
    """Lift a halt by its name; bare, lift pauses only."""
    _carry("resume", {"what": what}, config)


@app.command()
def jobs(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what runs when, how it went last, what is halted and why."""
    _carry("jobs", {}, config, as_json=as_json)


# --- how a command is carried out ----------------------------------------------------------------------------------


class Screen:
    """Where a command's lines go: words as they come, or one JSON value at the end; a progress bar on a terminal."""

    def __init__(self, *, as_json: bool, beside: Path | None, report: Path | None) -> None:
        self.code = 1  # until the command says how it ended: a daemon may break off
        self._as_json = as_json
        self._beside = beside
        self._report = report
        self._values: list[Any] = []
        columns = TextColumn("working"), BarColumn(), MofNCompleteColumn()
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
        self._task = self._bar.add_task("", total=None, visible=False)

    def __enter__(self) -> "Screen":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def say(self, say: control.Say) -> None:
        """Show one thing that the command says."""
        if "progress" in say:
            done, of = say["progress"]
            self._bar.update(self._task, completed=done, total=of, visible=True)
        if "data" in say:
            self._values.append(say["data"])
        if "text" in say and not self._as_json:
            print(_printable(say["text"]))
        if "note" in say:
            print(f"  {_printable(say['note'])}", file=sys.stderr)
        if "error" in say:
            print(f"outboundd: {_printable(say['error'])}", file=sys.stderr)
        if "file" in say:
            self._write(*say["file"])
        self.code = say.get("exit", self.code)

    def end(self) -> None:
        """The one JSON value, when it was asked for and there is one."""
        if self._as_json and self._values:
            value = self._values[0] if len(self._values) == 1 else self._values
            print(_escaped(json.dumps(value, ensure_ascii=False, indent=2)))

    def _write(self, suffix: str, content: str) -> None:
        beside = self._beside and self._beside.with_name(self._beside.name.removesuffix(".csv") + suffix)
        target = self._report or beside
        if target is not None:
            target.write_text(content, encoding="utf-8")
            print(f"  written to {target}", file=sys.stderr)


def _printable(text: str) -> str:
    """The text without what could steer a terminal: what a command says may quote a row, a mail or a file."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)


def _escaped(text: str) -> str:
    """JSON whose strings are kept whole, what could steer a terminal written as an escape."""
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)


def _carry(
    name: str,
    arguments: Mapping[str, Any],
    config: Path | None,
    *,
    as_json: bool = False,
    dry: bool = False,
    beside: Path | None = None,
    report: Path | None = None,
) -> None:
    """In the daemon when one answers, else in this process; prints what is said and ends with its exit code."""
    asked = {**arguments, "dry": dry, "config": str(config.resolve()) if config else ""}
    with Screen(as_json=as_json, beside=beside, report=report) as screen:
        try:
            answered, hint = _by_a_daemon(screen, name, asked, control.sockets(os.environ, None)), ""
        except control.Barred as barred:
            # Only a configuration that was named tells of another daemon. The first one at hand would begin a campaign
            # of its own, beside the one that is meant.
            if not config:
                raise
            answered, hint = False, str(barred)
        if not answered:
            loaded = _config(config, hint or NO_DAEMON)
            if not _by_a_daemon(screen, name, asked, [control.place_in(loaded.state_dir)]):
                _by_ourselves(screen, loaded, name, arguments, asked)
    screen.end()
    raise Stop(screen.code)


def _by_a_daemon(screen: Screen, name: str, asked: Mapping[str, Any], places: list[Path]) -> bool:
    """Show what a daemon says; False when none listens, or only one that runs on another configuration.

    Raises Barred when there is one that does not answer this user.
    """
    link = control.connect(places)
    if link is None:
        return False
    told = control.ask(link, name, asked)
    first = _guarded(lambda: next(told))
    if "elsewhere" in first:
        told.close()
        return False
    _guarded(lambda: _listen(screen, chain([first], told)))
    return True


def _by_ourselves(
    screen: Screen, loaded: Config, name: str, arguments: Mapping[str, Any], asked: Mapping[str, Any]
) -> None:
    """No daemon answers. One that began while we waited for the lock carries it out after all."""
    _log_lines(quiet=True)
    places = control.sockets(os.environ, loaded.state_dir)
    while True:
        here = partial(_here, screen, loaded, name, arguments, places, dry=asked["dry"])
        try:
            _guarded(lambda: asyncio.run(here()))  # noqa: B023 (called at once)
        except Locked as locked:
            there = [place for place in places if control.answers(place)]
            if any(_by_a_daemon(screen, name, asked, [place]) for place in there):
                return
            if not there:
                raise Stop(4, str(locked)) from locked
            places = [place for place in places if place not in there]  # they run on another configuration
        else:
            return


def _listen(screen: Screen, told: Iterable[control.Say]) -> int:
    for say in told:
        screen.say(say)
    return screen.code


async def _here(
    screen: Screen, config: Config, name: str, arguments: Mapping[str, Any], places: list[Path], *, dry: bool
) -> int:
    """Carry the command out in this process, showing each line when it is there."""

    def one_answers() -> bool:
        return any(map(control.answers, places))

    async with aclosing(carry_out.alone(config, name, arguments, one_answers, dry=dry)) as told:
        async for say in told:
            screen.say(say)
            await asyncio.sleep(0)  # embedded parts never wait: without this, Ctrl-C would not be heard before the end
    return screen.code


def _config(path: Path | None, hint: str = "") -> Config:
    """The configuration; `hint` is what to say besides where this user cannot use it."""
    try:
        return wiring.read_config(path, datetime.now(UTC))
    except ConfigError as error:
        barred = isinstance(error.__cause__, PermissionError)
        raise Stop(2, "\noutboundd: ".join([*error.sentences, *([hint] if hint and barred else [])])) from error


def _guarded(work: Callable[[], T]) -> T:
    """What the machine refuses (a read-only directory, a newer ledger, a full disk) is told in a sentence."""
    try:
        return work()
    except BrokenPipeError:
        raise  # whoever read our output has gone
    except KeyboardInterrupt as interrupt:
        raise Stop(130, "stopped; what was done is kept") from interrupt
    except Exception as error:
        stop = _refusal(alone(error))
        if stop is None:
            raise
        raise stop from error


def _refusal(error: Exception) -> Stop | None:
    """How the program ends for what the machine refuses; None for a bug of ours."""
    if isinstance(error, Failure):
        return Stop(1, str(error))
    if isinstance(error, ValueError):
        return Stop(1 if _disk_fails(error.__cause__) else 2, str(error))
    if not isinstance(error, OSError):
        return None
    where = f"{error.filename or 'disk'}: {error.strerror or error}"
    if _disk_fails(error):
        return Stop(1, f"{where}; make room on that disk and run it again")
    return Stop(2, f"{where}; make it writable for this user, or change state_dir")


def _disk_fails(error: BaseException | None) -> bool:
    """Is it the disk that is full or broken, and not the configuration that points to the wrong place?"""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def _log_lines(*, quiet: bool = False) -> Log:
    """The log of this process, which also speaks for the libraries; `quiet`: only what is critical."""
    log_lines.begin(sys.stderr, os.environ.get("JOURNAL_STREAM", ""), quiet=quiet)
    log = Log()
    library_lines.take_over(log)
    return log

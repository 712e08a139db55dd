"""What does somebody mean who says this in a chat: which command of the registry, with which arguments?

Nothing here acts. A word is offered when the registry has its command.
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outboundd.commands.desk import Command
from outboundd.model.chat import Choices
from outboundd.ports import GROUPS, PROMPT

ALL_MAIL = frozenset({"mail", "all", "everything"})
_TYPED = re.compile(r"\boutboundd ([a-z]+)\b")

Arguments = Mapping[str, Any]


class _Unclear(Exception):
    """The words make no command; the sentence says what is missing."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A command that was asked for. `lane`: what shares it is carried out in turn; empty for what only reads.

    `begins_mail`: mail may leave because of it, so it is not carried out long after it was said. `may_repeat`: to do it
    twice is to do it once. `said` is the command as a button says it.
    """

    command: str
    arguments: Arguments
    said: str
    lane: str
    begins_mail: bool
    may_repeat: bool


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is answered at once, with nothing carried out."""

    text: str
    choices: Choices = ()


@dataclass(frozen=True, kw_only=True)
class _Word:
    """One word of the chat. `takes` says what may follow it, `understand` makes arguments of that."""

    command: str
    doc: str
    takes: str
    understand: Callable[[Sequence[str]], Arguments]
    lane: str = ""
    begins_mail: bool = False


def understood(text: str, commands: Mapping[str, Command], *, pressed: bool = False) -> Asked | Reply:
    """What a message means; one that is `pressed` is a button's, and has no slash."""
    head, *rest = text.split() or [""]
    if not pressed and not head.startswith("/"):
        return _no_command(text, commands)
    name = head.removeprefix("/").partition("@")[0].casefold()
    if name in ("help", "start"):
        return Reply(text=help_text(commands))
    if name == "stop" and not rest:
        return Reply(
            text="Stop what? /pause holds all mail, to go on with /resume.\n"
            "/stop EMAIL or /stop @DOMAIN: never write to them again.",
            choices=(("Pause everything", "pause"), ("Show the last mails", "recent")),
        )
    word = _words(commands).get(name)
    if word is None:
        return _unknown(name, commands)
    try:
        arguments = word.understand(rest)
    except _Unclear as unclear:
        return Reply(text=f"{unclear}. Say it like this: /{name} {word.takes}")
    command = commands[word.command]
    return Asked(
        command=word.command,
        arguments=arguments,
        said=" ".join([name, *rest]),
        lane=word.lane,
        begins_mail=word.begins_mail,
        may_repeat=command.reads_only or command.may_repeat,
    )


def menu(commands: Mapping[str, Command]) -> list[tuple[str, str]]:
    """The words in the order in which they are offered, and what each does."""
    told = [(name, f"{word.takes}: {word.doc}" if word.takes else word.doc) for name, word in _words(commands).items()]
    return [*told, ("help", "all of this")]


def help_text(commands: Mapping[str, Command]) -> str:
    """Every word with what it takes and does."""
    lines = [f"/{name}{word.takes and ' ' + word.takes}: {word.doc}" for name, word in _words(commands).items()]
    return "\n".join(["What you can say:", "", *lines])


def as_said(text: str, commands: Mapping[str, Command]) -> str:
    """The text with commands to be typed at a terminal as they are said here, where they can be."""
    words = _words(commands)
    return _TYPED.sub(lambda typed: f"/{typed[1]}" if typed[1] in words else typed[0], text)


def _words(commands: Mapping[str, Command]) -> dict[str, _Word]:
    return {name: word for name, word in WORDS.items() if word.command in commands}


def _no_command(text: str, commands: Mapping[str, Command]) -> Reply:
    """A bare word is not obeyed: people talk. What it may have meant is offered."""
    meant = understood(text, commands, pressed=True) if text.split() else None
    if isinstance(meant, Asked):
        return Reply(
            text=f"A command begins with a slash. Did you mean /{meant.said}?", choices=((meant.said, meant.said),)
        )
    return Reply(text="A command begins with a slash; /help lists them.")


def _unknown(name: str, commands: Mapping[str, Command]) -> Reply:
    near = difflib.get_close_matches(name, [*_words(commands), "help"], n=1, cutoff=0.5)
    meant = f" Did you mean /{near[0]}?" if near else ""
    return Reply(text=f"There is no /{name[:32]}.{meant} /help lists what there is.")


def _nothing(rest: Sequence[str]) -> Arguments:
    if rest:
        raise _Unclear("Nothing follows this word")
    return {}


def _stats(rest: Sequence[str]) -> Arguments:
    said = [word.removeprefix("--").casefold() for word in rest]
    if said == ["warmup"]:
        return {"warmup": True}
    if len(said) == 2 and said[0] == "by" and said[1] in (*GROUPS, PROMPT):
        return {"by": said[1]}
    if said:
        raise _Unclear("Nothing follows this word, or what to compare")
    return {}


def _note(rest: Sequence[str]) -> Arguments:
    if len(rest) < 2 or not re.fullmatch(r"#?[0-9]{1,9}", rest[0]):
        raise _Unclear("The number of an incident follows this word, then what now prevents it")
    return {"number": int(rest[0].removeprefix("#")), "text": " ".join(rest[1:])}


def _number(name: str, otherwise: int | None, fixed: Arguments) -> Callable[[Sequence[str]], Arguments]:
    """A number that may be left out."""

    def understand(rest: Sequence[str]) -> Arguments:
        if not rest:
            return {**fixed, name: otherwise}
        if len(rest) > 1 or not re.fullmatch(r"[0-9]{1,6}", rest[0]) or int(rest[0]) == 0:
            raise _Unclear("One number follows this word, or nothing")
        return {**fixed, name: int(rest[0])}

    return understand


def _person(**fixed: str) -> Callable[[Sequence[str]], Arguments]:
    def understand(rest: Sequence[str]) -> Arguments:
        if len(rest) != 1:
            raise _Unclear("One address or id follows this word")
        return {"who": rest[0], **fixed}

    return understand


def _pause(rest: Sequence[str]) -> Arguments:
    """Names of sources hold blanks; a date may follow `until`."""
    what, until = list(rest), ""
    if len(what) > 1 and what[-2].casefold() in ("until", "--until"):
        until = what[-1]
        what = what[:-2]
    elif what and what[-1].casefold() in ("until", "--until"):
        raise _Unclear("A date follows the word until")
    named = " ".join(what)
    return {"what": "mail" if not named or named.casefold() in ALL_MAIL else named, "until": until}


def _resume(rest: Sequence[str]) -> Arguments:
    return {"what": " ".join(rest)}


WORDS: Mapping[str, _Word] = {
    "stats": _Word(
        command="stats",
        doc="the figures, with a chart",
        takes="by variant|source|country or warmup",
        understand=_stats,
    ),
    "send": _Word(
        command="once",
        doc="send so many drafts now; without a number all that may leave",
        takes="N",
        understand=_number("limit", None, {"job": "send"}),
        lane="send",
        begins_mail=True,
    ),
    "draft": _Word(
        command="once",
        doc="write so many drafts now; without a number all there is room for",
        takes="N",
        understand=_number("limit", None, {"job": "draft"}),
        lane="draft",
        begins_mail=True,
    ),
    "queue": _Word(
        command="queue", doc="who gets what in the coming days", takes="DAYS", understand=_number("days", 3, {})
    ),
    "recent": _Word(
        command="recent", doc="the last mails and what became of them", takes="N", understand=_number("number", 5, {})
    ),
    "why": _Word(command="why", doc="the whole story of one lead", takes="EMAIL-or-ID", understand=_person()),
    "stop": _Word(
        command="stop", doc="never write to them again", takes="EMAIL or @DOMAIN", understand=_person(), lane="leads"
    ),
    "replied": _Word(
        command="override",
        doc="they answered: no more mail to them",
        takes="EMAIL",
        understand=_person(value="replied"),
        lane="leads",
    ),
    "pause": _Word(
        command="pause",
        doc="hold all mail, a job, or source:NAME",
        takes="WHAT until DATE",
        understand=_pause,
        lane="switches",
    ),
    "resume": _Word(
        command="resume",
        doc="lift a halt by its name; bare, lift pauses",
        takes="WHAT",
        understand=_resume,
        lane="switches",
        begins_mail=True,
    ),
    "jobs": _Word(command="jobs", doc="what runs when, and what is off and why", takes="", understand=_nothing),
    "incidents": _Word(command="incidents", doc="what went wrong", takes="", understand=_nothing),
    "note": _Word(
        command="note", doc="the rule that now prevents an incident", takes="N TEXT", understand=_note, lane="notes"
    ),
}

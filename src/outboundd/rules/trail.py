"""How is a lead's life told to a human, and what does a trail say that comes back from the store?

An entry is a headline, a line of marks and, for a sent mail, its full text:

    2026-11-24 14:02:11Z  #3  drafted → sent: first mail sent
        tag default.ab12.0.1 · basis 1f2e3d4c · text 9a8b7c6d5e4f3a2b · id aa11bb22cc33
        | Subject: Hello
        |
        | Hi Rosa, …

Each id is a hash over the id before it and the entry, so whoever alters, removes or adds an entry by hand is noticed.
The hash of a text stays when the text itself has been erased.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from outboundd.model.decision import Objection, Transition
from outboundd.model.lead import Stage
from outboundd.rules.texts import normalise, one_line, text_hash

_STAGE = "|".join(Stage)
_HEADLINE = re.compile(
    r"(?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})Z  #(?P<seq>[1-9][0-9]{0,8})  "
    rf"(?P<was>{_STAGE})(?: → (?P<now>{_STAGE}))?(?:: (?P<why>.+))?"
)
_MARKS = re.compile(
    r"    (?:tag (?P<tag>\S+) · )?(?:basis (?P<basis>\S+) · )?(?:text (?P<text_hash>[0-9a-f]+) · )?"
    rf"(?:waives (?P<waives>{'|'.join(Objection)}) · )?(?:objection (?P<objection>{'|'.join(Objection)}) · )?"
    r"id (?P<id>[0-9a-f]{12})"
)
_TEXT = "    |"


@dataclass(frozen=True, kw_only=True)
class Mended:
    """What `verify` found in a trail.

    `altered` and `removed` are numbers of entries that were changed or taken away by hand. `unknown` are intact entries
    that continue ours: the ledger is behind, or a second writer lives. `foreign` are all other lines: somebody's notes.
    `equal` says that the trail is, byte for byte, what the ledger tells.
    """

    altered: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    unknown: tuple[Transition, ...] = ()
    foreign: tuple[str, ...] = ()
    equal: bool = True


def mail_text(subject: str, text: str) -> str:
    """The full mail as the entry of a sent mail shows it."""
    return normalise(f"Subject: {one_line(subject)}\n\n{normalise(text)}")


def text_of(mail: str) -> str:
    """The text of a mail in an entry: the inverse of `mail_text`, without the subject."""
    return mail.partition("\n\n")[2]


def chain(prev_id: str, transition: Transition) -> Transition:
    """The transition as it is kept: whole seconds, its words on one line, text normalised, hash and id filled in."""
    text = normalise(transition.text)
    kept = replace(
        transition,
        at=transition.at.astimezone(UTC).replace(microsecond=0),
        why=one_line(transition.why),
        text=text,
        text_hash=text_hash(text) or transition.text_hash,
    )
    return replace(kept, id=_id(prev_id, kept))


def render(transitions: Sequence[Transition]) -> str:
    """The trail that tells these chained transitions, in their order."""
    return "\n".join(_entry(transition) for transition in transitions)


def parse(trail: str, lead: str = "") -> tuple[list[Transition], list[str]]:
    """The entries of a trail, and every other line that is not empty. Nothing is verified here."""
    entries: list[Transition] = []
    texts: list[list[str]] = []
    foreign: list[str] = []
    lines = normalise(trail).split("\n")
    at = 0
    while at < len(lines):
        entry = _read(lines[at], lines[at + 1], lead) if at + 1 < len(lines) else None
        if entry:
            entries.append(entry)
            texts.append([])
            at += 2
            continue
        if lines[at].startswith(_TEXT) and entries:
            texts[-1].append(lines[at].removeprefix(_TEXT).removeprefix(" "))
        elif lines[at]:
            foreign.append(lines[at])
        at += 1
    return [replace(entry, text="\n".join(text)) for entry, text in zip(entries, texts, strict=True)], foreign


def verify(trail: str, known: Sequence[Transition]) -> Mended:
    """Compare a trail with what it should tell: all transitions of the lead that the store was given.

    With nothing known (a lost ledger) every entry that follows from the one before it is taken as true.
    """
    entries, foreign = parse(trail, known[0].lead if known else "")
    ours = {transition.seq: transition for transition in known}
    anchors = {(0, "")} | {(one.seq, one.id) for one in known or entries}
    shown: set[int] = set()
    altered: set[int] = set()
    unknown: list[Transition] = []
    for entry in sorted(entries, key=lambda entry: entry.seq):
        mine = ours.get(entry.seq)
        if mine and _same(entry, mine):
            shown.add(entry.seq)
        elif _continues(entry, anchors) and not (mine and mine.id == entry.id):
            unknown += [] if entry in unknown else [entry]
            anchors.add((entry.seq, entry.id))
        elif mine or not known:
            altered.add(entry.seq)
        else:
            foreign += _entry(entry).split("\n")
    return Mended(
        altered=tuple(sorted(altered - shown)),
        removed=tuple(sorted(ours.keys() - shown - altered)),
        unknown=tuple(unknown),
        foreign=tuple(foreign),
        equal=normalise(trail) == render(known),
    )


def _entry(transition: Transition) -> str:
    lines = [_headline(transition), f"    {_marks(transition, transition.id)}"]
    if transition.text:
        lines += [f"{_TEXT} {line}".rstrip() for line in transition.text.split("\n")]
    return "\n".join(lines)


def _headline(transition: Transition) -> str:
    at = transition.at.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    move = transition.was if transition.was is transition.now else f"{transition.was} → {transition.now}"
    why = f": {transition.why}" if transition.why else ""
    return f"{at}Z  #{transition.seq}  {move}{why}"


def _marks(transition: Transition, own_id: str) -> str:
    marks = (
        ("tag", transition.tag),
        ("basis", transition.basis),
        ("text", transition.text_hash),
        ("waives", transition.waives),
        ("objection", transition.objection),
        ("id", own_id),
    )
    return " · ".join(f"{name} {value}" for name, value in marks if value)


def _id(prev_id: str, transition: Transition) -> str:
    told = f"{prev_id}\n{_headline(transition)}\n{_marks(transition, '')}"
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _read(headline: str, marks: str, lead: str) -> Transition | None:
    head, tail = _HEADLINE.fullmatch(headline), _MARKS.fullmatch(marks)
    if not head or not tail:
        return None
    try:
        at = datetime.fromisoformat(head["at"]).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Transition(
        lead=lead,
        seq=int(head["seq"]),
        at=at,
        was=Stage(head["was"]),
        now=Stage(head["now"] or head["was"]),
        why=head["why"] or "",
        basis=tail["basis"] or "",
        tag=tail["tag"] or "",
        text_hash=tail["text_hash"] or "",
        waives=_objection(tail, "waives"),
        objection=_objection(tail, "objection"),
        id=tail["id"],
    )


def _objection(tail: re.Match[str], name: str) -> Objection | None:
    return Objection(tail[name]) if tail[name] else None


def _intact(entry: Transition) -> bool:
    """The text, where it is shown, is the one that was hashed."""
    return not entry.text or text_hash(entry.text) == entry.text_hash


def _continues(entry: Transition, anchors: set[tuple[int, str]]) -> bool:
    return _intact(entry) and any(seq == entry.seq - 1 and _id(prev, entry) == entry.id for seq, prev in anchors)


def _same(entry: Transition, mine: Transition) -> bool:
    """The entry is ours. A text that we have erased meanwhile may still be shown."""
    return _intact(entry) and _entry(replace(mine, text=mine.text or entry.text)) == _entry(entry)

"""What really left, and do the books say so? Read with nothing of ours: the files of the maildir, and plain SQL."""

import re
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

from kill import scenario

_NAME = re.compile(r"(?P<tag>[^,:/]+),T=(?P<micros>[0-9]+)")


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail that left."""

    tag: str
    micros: int
    to: str
    step: int
    told: str


KINDS = ("doubled", "lost", "unrecorded", "human")
Faults = dict[str, list[str]]


def witness(place: Path, tag: str) -> None:
    """At the moment of a POST: is its attempt in the ledger, for everybody to see? What is not is noted for `find`."""
    with closing(_open(place / "state" / "ledger.db")) as ledger:
        row = ledger.execute("SELECT state FROM attempt WHERE tag = ?", (tag,)).fetchone()
    if row != ("open",):
        with (place / "unwitnessed").open("a") as notes:
            notes.write(f"{tag}: handed over while its attempt was {row and row[0]}\n")


def find(place: Path) -> Faults:
    """Compare what left with what should have, and with ledger and lead table; empty lists are what was promised."""
    with closing(_open(place / "leads.db")) as store:
        store.row_factory = sqlite3.Row
        return compare(place, _mails(place / "mail"), [dict(row) for row in store.execute("SELECT * FROM lead")])


def compare(place: Path, mails: Sequence[Mail], rows: Sequence[Mapping[str, Any]], slack_s: float = 0.0) -> Faults:
    """The same for mails and rows of the lead table that somebody else has read, wherever they are.

    `slack_s`: by how much the clock of what the mails tell may stand behind the program's.
    """
    found: Faults = {kind: [] for kind in KINDS}
    _against_plan(mails, found)
    trails = {row["Email"]: row.get("Trail") or "" for row in rows}
    with closing(_open(place / "state" / "ledger.db")) as ledger:
        for mail in mails:
            _against_ledger(mail, ledger, slack_s, found)
            _against_trail(mail, trails[mail.to], found)
        _left_over(ledger, rows, found)
    notes = place / "unwitnessed"
    found["unrecorded"] += notes.read_text().splitlines() if notes.exists() else []
    return found


def _mails(maildir: Path) -> list[Mail]:
    mails = []
    for file in sorted([*(maildir / "new").iterdir(), *(maildir / "cur").iterdir()]):
        name = _NAME.match(file.name)
        assert name is not None, file.name
        tag = unquote(name["tag"])
        message = cast(EmailMessage, message_from_bytes(file.read_bytes(), policy=default))
        plain = message.get_body(("plain",))
        assert plain is not None
        text = plain.get_content().replace("\r\n", "\n").strip("\n")
        told = f"Subject: {message['Subject']}\n\n{text}"
        step = int(tag.split(".")[2])
        mails.append(
            Mail(tag=tag, micros=int(name["micros"]), to=message["To"].addresses[0].addr_spec, step=step, told=told)
        )
    return mails


def _against_plan(mails: Sequence[Mail], found: Faults) -> None:
    left = Counter((mail.to, mail.step) for mail in mails)
    wanted = {(scenario.address(lead), step) for lead, step in (*scenario.BEFORE, *scenario.TEN.items())}
    found["doubled"] += [f"{to} step {step} left {times} times" for (to, step), times in left.items() if times > 1]
    found["doubled"] += [f"{to} step {step} was not to leave" for to, step in left.keys() - wanted]
    found["lost"] += [f"{to} step {step} did not leave" for to, step in sorted(wanted - left.keys())]


def _against_ledger(mail: Mail, ledger: sqlite3.Connection, slack_s: float, found: Faults) -> None:
    """A sent attempt with its instant and text."""
    attempt = ledger.execute(
        "SELECT state, posted_at, subject, text FROM attempt WHERE tag = ?", (mail.tag,)
    ).fetchone()
    if attempt is None or attempt[0] != "sent":
        found["unrecorded"].append(f"{mail.tag}: attempt is {attempt and attempt[0]}")
    elif not 0 <= attempt[1] - mail.micros <= slack_s * 1e6:
        found["unrecorded"].append(f"{mail.tag}: counted in the caps at another instant")
    elif f"Subject: {attempt[2]}\n\n{attempt[3]}" != mail.told:
        found["unrecorded"].append(f"{mail.tag}: the ledger has another text than the one that left")


def _against_trail(mail: Mail, trail: str, found: Faults) -> None:
    """One entry in the row's trail with the mail's full text."""
    block = "\n".join(f"    | {line}".rstrip() for line in mail.told.split("\n"))
    sent = re.findall(rf"(?m)^.*→ sent: .*\n    tag {re.escape(mail.tag)} ·.*\n(?:    \|.*\n?)*", trail)
    if len(sent) != 1:
        found["unrecorded"].append(f"{mail.tag}: {len(sent)} entries of its sending in the trail")
    elif block not in sent[0]:
        found["unrecorded"].append(f"{mail.tag}: the trail has another text than the one that left")


def _left_over(ledger: sqlite3.Connection, rows: Sequence[Mapping[str, Any]], found: Faults) -> None:
    """What would wait for somebody: review, doubt, halts, and what the store has not been shown."""
    for row in rows:
        if row.get("Stage") not in ("delivered", "finished"):
            waits = f"stands at {row.get('Stage')}, step {row.get('Step')}: {row.get('Waiting for')}"
            found["human"].append(f"{row['Email']} {waits}")
    sql = "SELECT tag, state FROM attempt WHERE state NOT IN ('sent', 'absent', 'refused')"
    found["human"] += [f"{tag} is {state}" for tag, state in ledger.execute(sql)]
    found["human"] += [f"{what} is halted: {why}" for what, why in ledger.execute("SELECT what, why FROM halt")]
    sql = 'SELECT lead, seq FROM "transition" WHERE pushed_at IS NULL'
    found["human"] += [f"{lead} #{seq} is not in the store" for lead, seq in ledger.execute(sql)]


def table(rows: Mapping[str, list[Faults]]) -> str:
    """The counts, a line for each kind of death."""
    lines = [f"{'':36}{'kills':>7}{'doubled':>9}{'lost':>7}{'unrecorded':>12}{'for a human':>13}"]
    for words, those in rows.items():
        count = {kind: sum(len(faults[kind]) for faults in those) for kind in KINDS}
        counts = f"{count['doubled']:>9}{count['lost']:>7}{count['unrecorded']:>12}{count['human']:>13}"
        lines.append(f"{words:36}{len(those):>7}{counts}")
    return "\n".join(lines)


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True)

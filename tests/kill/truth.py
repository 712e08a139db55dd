"""What really left, and do the books say so? Read with nothing of ours: the files of the maildir, and plain SQL."""

import re
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast
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
    found: Faults = {kind: [] for kind in KINDS}
    mails = _mails(place / "mail")
    _against_plan(mails, found)
    with closing(_open(place / "state" / "ledger.db")) as ledger, closing(_open(place / "leads.db")) as store:
        for mail in mails:
            _against_books(mail, ledger, store, found)
        _left_over(ledger, store, found)
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


def _against_plan(mails: list[Mail], found: Faults) -> None:
    left = Counter((mail.to, mail.step) for mail in mails)
    wanted = {(scenario.address(lead), step) for lead, step in (*scenario.BEFORE, *scenario.TEN.items())}
    found["doubled"] += [f"{to} step {step} left {times} times" for (to, step), times in left.items() if times > 1]
    found["doubled"] += [f"{to} step {step} was not to leave" for to, step in left.keys() - wanted]
    found["lost"] += [f"{to} step {step} did not leave" for to, step in sorted(wanted - left.keys())]


def _against_books(mail: Mail, ledger: sqlite3.Connection, store: sqlite3.Connection, found: Faults) -> None:
    """A sent attempt with its instant and text, and one entry in the row's trail with the mail's full text."""
    attempt = ledger.execute(
        "SELECT state, posted_at, subject, text FROM attempt WHERE tag = ?", (mail.tag,)
    ).fetchone()
    if attempt is None or attempt[0] != "sent":
        found["unrecorded"].append(f"{mail.tag}: attempt is {attempt and attempt[0]}")
    elif attempt[1] != mail.micros:
        found["unrecorded"].append(f"{mail.tag}: counted in the caps at another instant")
    elif f"Subject: {attempt[2]}\n\n{attempt[3]}" != mail.told:
        found["unrecorded"].append(f"{mail.tag}: the ledger has another text than the one that left")
    (trail,) = store.execute('SELECT "Trail" FROM lead WHERE "Email" = ?', (mail.to,)).fetchone()
    block = "\n".join(f"    | {line}".rstrip() for line in mail.told.split("\n"))
    sent = re.findall(rf"(?m)^.*→ sent: .*\n    tag {re.escape(mail.tag)} ·.*\n(?:    \|.*\n?)*", trail or "")
    if len(sent) != 1:
        found["unrecorded"].append(f"{mail.tag}: {len(sent)} entries of its sending in the trail")
    elif block not in sent[0]:
        found["unrecorded"].append(f"{mail.tag}: the trail has another text than the one that left")


def _left_over(ledger: sqlite3.Connection, store: sqlite3.Connection, found: Faults) -> None:
    """What would wait for somebody: review, doubt, halts, and what the store has not been shown."""
    for email, stage, step, waits in store.execute('SELECT "Email", "Stage", "Step", "Waiting for" FROM lead'):
        if stage not in ("delivered", "finished"):
            found["human"].append(f"{email} stands at {stage}, step {step}: {waits}")
    sql = "SELECT tag, state FROM attempt WHERE state NOT IN ('sent', 'absent', 'refused')"
    found["human"] += [f"{tag} is {state}" for tag, state in ledger.execute(sql)]
    found["human"] += [f"{what} is halted: {why}" for what, why in ledger.execute("SELECT what, why FROM halt")]
    sql = 'SELECT lead, seq FROM "transition" WHERE pushed_at IS NULL'
    found["human"] += [f"{lead} #{seq} is not in the store" for lead, seq in ledger.execute(sql)]


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True)

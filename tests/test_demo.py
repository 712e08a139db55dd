"""Does the show keep every promise of the program, and is it the same show each time?"""

import contextlib
import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as policy
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from outboundd import demo
from outboundd.demo import recipients
from outboundd.demo.recipients import STALE_SOURCE, reactions
from outboundd.model.lead import Lead

DAYS = 11  # past the guard's pause on the second Tuesday and Thanksgiving on the second Thursday
SEED = 7
THANKSGIVING = date(2026, 11, 26)

# Zones by hand, apart from the program's own tables: by state where a country has several, else by country.
BY_STATE: Mapping[str, str] = {
    **dict.fromkeys(["Illinois", "IL", "Wisconsin", "WI", "Louisiana", "Minnesota", "Arkansas"], "America/Chicago"),
    **dict.fromkeys(["Texas", "TX"], "America/Chicago"),
    **dict.fromkeys(["New Mexico", "NM", "Colorado"], "America/Denver"),
    **dict.fromkeys(["Washington", "WA", "Oregon", "California", "CA", "Nevada"], "America/Los_Angeles"),
    **dict.fromkeys(
        [
            "New Hampshire",
            "South Carolina",
            "North Carolina",
            "New York",
            "Pennsylvania",
            "Virginia",
            "Georgia",
            "Ohio",
        ],
        "America/New_York",
    ),
    "Massachusetts": "America/New_York",
    "Kentucky": "America/Kentucky/Louisville",
    "Idaho": "America/Boise",
    "Arizona": "America/Phoenix",
    "Alaska": "America/Anchorage",
    "Hawaii": "Pacific/Honolulu",
    "Victoria": "Australia/Melbourne",
    "SP": "America/Sao_Paulo",
    "DF": "America/Sao_Paulo",
    "RS": "America/Sao_Paulo",
    "Amazonas": "America/Manaus",
    "Nuevo León": "America/Monterrey",
}
BY_COUNTRY: Mapping[str, str] = {
    **dict.fromkeys(["United Kingdom", "UK", "Great Britain"], "Europe/London"),
    **dict.fromkeys(["Ireland", "Irland"], "Europe/Dublin"),
    **dict.fromkeys(["Sweden", "Schweden"], "Europe/Stockholm"),
    **dict.fromkeys(["Finland", "Finnland"], "Europe/Helsinki"),
    **dict.fromkeys(["France", "FR", "Frankreich"], "Europe/Paris"),
    **dict.fromkeys(["United Arab Emirates", "UAE", "U.A.E."], "Asia/Dubai"),
    "Portugal": "Europe/Lisbon",
    "Croatia": "Europe/Zagreb",
    "Estonia": "Europe/Tallinn",
    "Germany": "Europe/Berlin",
    "Österreich": "Europe/Vienna",
    "Japan": "Asia/Tokyo",
    "Saudi Arabia": "Asia/Riyadh",
    "Singapore": "Asia/Singapore",
    "India": "Asia/Kolkata",
    "Argentina": "America/Argentina/Buenos_Aires",
    "Chile": "America/Santiago",
    "Malaysia": "Asia/Kuala_Lumpur",
    "Philippines": "Asia/Manila",
    "Kenya": "Africa/Nairobi",
    "Ghana": "Africa/Accra",
}
ALL_OF_THE_STATES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
STATES = {"United States", "United States of America", "USA", "US"}


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail to a lead, as it lies in the maildir."""

    tag: str
    lead: str
    step: int
    at: datetime
    message: EmailMessage


@dataclass(frozen=True, kw_only=True)
class Played:
    """What a show has left."""

    place: Path
    said: str
    code: int

    def mails(self) -> Iterator[Mail]:
        """Mails to leads, read from the folder alone."""
        for file in sorted((self.place / "var/mail/new").iterdir()):
            tag, micros = re.fullmatch(r"(.+),T=(\d+)", file.name).groups()
            _, lead, step, *_ = tag.split(".")
            message = message_from_bytes(file.read_bytes(), policy=policy)
            at = datetime.fromtimestamp(int(micros) / 1e6, UTC)
            if not lead.startswith("-"):
                yield Mail(tag=tag, lead=lead, step=int(step), at=at, message=message)

    def rows(self) -> dict[str, sqlite3.Row]:
        """The lead table by id."""
        with contextlib.closing(sqlite3.connect(self.place / "var/leads.db")) as db:
            db.row_factory = sqlite3.Row
            return {row["id"]: row for row in db.execute("SELECT * FROM lead")}

    def events(self) -> list[dict[str, str]]:
        """What the recipients did."""
        return [json.loads(line) for line in (self.place / "var/mail/events.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Eleven days, played once for all tests of this file."""
    place, said = tmp_path_factory.mktemp("demo") / "show", io.StringIO()
    with contextlib.redirect_stdout(said):
        code = demo.play(days=DAYS, seed=SEED, directory=place)
    return Played(place=place, said=said.getvalue(), code=code)


def test_every_mail_left_on_a_working_day_inside_the_recipients_office_hours(show: Played) -> None:
    """By zones computed here: Monday to Friday, from nine to before five, and no mail to the States on Thanksgiving."""
    rows, count = show.rows(), 0
    for mail in show.mails():
        for zone in _zones(rows[mail.lead]):
            there = mail.at.astimezone(ZoneInfo(zone))
            assert there.weekday() < 5, mail.tag
            assert 9 <= there.hour < 17, mail.tag
            assert there.date() != THANKSGIVING or rows[mail.lead]["Country"] not in STATES, mail.tag
            assert zone != "Asia/Riyadh" or there.weekday() < 4, mail.tag
        count += 1
    assert count > 100


def _zones(row: sqlite3.Row) -> tuple[str, ...]:
    if row["Country"] in STATES and not row["Region"]:
        return ALL_OF_THE_STATES
    if row["Country"] == "Australia" and row["Region"] == "WA":
        return ("Australia/Perth",)
    return (BY_STATE.get(row["Region"] or "") or BY_COUNTRY[row["Country"]],)


def test_nobody_gets_another_mail_who_unsubscribed_bounced_complained_or_replied(show: Played) -> None:
    """After that event, or once the operator's word was obeyed, nothing follows."""
    mails = list(show.mails())
    lead_of = {mail.tag: mail.lead for mail in mails}
    over = {
        lead_of[event["tag"]]: datetime.fromisoformat(event["at"])
        for event in show.events()
        if event["event"] in ("unsubscribed", "hard_bounce", "complaint")
    }
    assert over
    with contextlib.closing(sqlite3.connect(show.place / "var/state/ledger.db")) as ledger:
        told = ledger.execute("""SELECT lead, at FROM "transition" WHERE now = 'replied'""").fetchall()
    assert told
    over |= {lead: datetime.fromtimestamp(at / 1e6, UTC) for lead, at in told}
    assert not [mail.tag for mail in mails if mail.lead in over and mail.at > over[mail.lead]]


def test_no_step_leaves_twice(show: Played) -> None:
    """At most one mail per lead and step, and per address and step."""
    mails = list(show.mails())
    assert max(Counter((mail.lead, mail.step) for mail in mails).values()) == 1
    assert max(Counter((mail.message["To"].addresses[0].addr_spec.lower(), mail.step) for mail in mails).values()) == 1


def test_follow_ups_leave_too(show: Played) -> None:
    """The second week brings the first bumps, at least six days after the first mail."""
    mails = list(show.mails())
    first = {mail.lead: mail.at for mail in mails if mail.step == 0}
    bumps = [mail for mail in mails if mail.step == 1]
    assert len(bumps) > 20
    assert all((mail.at - first[mail.lead]).total_seconds() >= 6 * 86_400 for mail in bumps)


def test_every_mail_is_a_sound_message(show: Played) -> None:
    """Headers and body parse without a defect, and say from whom, to whom, when and how to object."""
    for mail in show.mails():
        message = mail.message
        assert not message.defects
        for header in ("From", "To", "Date", "Message-ID", "Subject", "List-Unsubscribe"):
            assert message[header], header
        text = message.get_body(("plain",)).get_content()
        assert "Ada Park" in text
        assert mail.step or "no thanks" in text


def test_all_people_and_domains_are_made_up(show: Played) -> None:
    """Nothing but reserved names in the lists and in the mails."""
    for mail in show.mails():
        for header in ("From", "To", "Reply-To"):
            assert mail.message[header].addresses[0].domain.endswith(".example")
    for name, encoding, delimiter in (("leads.csv", "utf-8-sig", ","), ("fair-2019.csv", "cp1252", ";")):
        text = files("outboundd.demo").joinpath(name).read_bytes().decode(encoding)
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            places = [
                cell.strip().lower() for cell in row if re.search(r"\w\.\w{2,}|@\w", cell) and " " not in cell.strip()
            ]
            assert all(re.search(r"\.example(/|\"|$)", place) or place == "sam@ostler" for place in places), row


def test_the_shipped_list_is_a_real_export(show: Played) -> None:
    """At least 120 rows, of which some are duplicates and some cannot be leads; the import says so."""
    told = re.search(r"(\d+) rows: (\d+) new, (\d+) duplicates, (\d+) rejected", show.said)
    rows, new, duplicates, rejected = map(int, told.groups())
    assert rows >= 120
    assert duplicates >= 5
    assert rejected >= 5
    assert new + duplicates + rejected == rows


def test_the_guard_pauses_and_the_operator_resumes(show: Played) -> None:
    """An old list bounces: all sending stops, the operator pauses that source alone, and mail goes on."""
    pause = show.said.index("PAUSE")
    assert show.said.index('pause "source:') > pause
    assert "resume guard" in show.said[pause:]
    assert "bump sent to" in show.said[pause:]


def test_what_is_notable_is_shown(show: Played) -> None:
    """Holds, mismatches, reviews, replies, bounces; then the funnel, the digest and one lead's story."""
    for word in ("weekend", "Revolution Day", "mismatch", "review", "reply", "bounce", "follow-up"):
        assert word in show.said, word
    for heading in ("From the lists to the answers", "Left out, and why", " why ", "Look for yourself"):
        assert heading in show.said, heading
    assert "FAILED" not in show.said
    assert show.code == 0


def test_what_the_show_leaves_can_be_looked_at_with_every_command(show: Played) -> None:
    """The directory holds a configuration on which `why` works."""
    row = next(row for row in show.rows().values() if row["Last sent at"])
    told = _run("why", row["Key"], "--config", str(show.place / "config.toml"))
    assert told.returncode == 0, told.stderr
    assert row["Contact"] in told.stdout


def test_the_same_seed_plays_the_same_show_anywhere(tmp_path: Path) -> None:
    """Whatever the machine's time zone and hash seed: the same lines, mails and leads; plain text in a pipe."""
    shows = []
    for number, zone in enumerate(("America/Sao_Paulo", "Asia/Tokyo")):
        place = tmp_path / f"show{number}"
        told = _run("demo", "--days", "3", "--seed", "5", "--dir", str(place), TZ=zone, PYTHONHASHSEED="random")
        assert told.returncode == 0, told.stderr
        assert not told.stderr
        assert "\x1b" not in told.stdout
        lines = [line for line in told.stdout.splitlines() if str(place) not in line and " days in " not in line]
        assert max(map(len, lines)) <= 100
        shows.append((lines, _trace(Played(place=place, said=told.stdout, code=0))))
    assert shows[0] == shows[1]


def _trace(played: Played) -> tuple[str, list[tuple[object, ...]]]:
    mails = sha256()
    for file in sorted((played.place / "var/mail/new").iterdir()):
        mails.update(file.name.encode() + file.read_bytes())
    return mails.hexdigest(), [tuple(row) for row in played.rows().values()]


def test_another_seed_plays_another_show() -> None:
    """The seed decides what people do."""
    people = [Lead(id=f"ld{n}", key=f"p{n}@acme.example") for n in range(40)]
    assert [reactions(one, 0, 1) for one in people] == [reactions(one, 0, 1) for one in people]
    assert [reactions(one, 0, 1) for one in people] != [reactions(one, 0, 2) for one in people]


def test_the_old_list_bounces_far_more_than_the_others() -> None:
    """About six of ten of its addresses are gone, and nearly none of the rest."""
    old = [Lead(id="x", key=f"p{n}@acme.example", source=STALE_SOURCE) for n in range(500)]
    new = [Lead(id="x", key=f"p{n}@acme.example") for n in range(500)]
    assert 250 < sum(_bounces(one) for one in old) < 350
    assert sum(_bounces(one) for one in new) < 10


def _bounces(lead: Lead) -> bool:
    return any(one.kind == recipients.EventKind.HARD_BOUNCE for one in reactions(lead, 0, SEED))


def test_a_directory_that_holds_something_is_refused(tmp_path: Path) -> None:
    """Nobody's files are written over; the sentence says what to do."""
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(ValueError, match="not empty; name a new directory"):
        demo.play(days=1, seed=SEED, directory=tmp_path)


def test_a_show_of_no_days_is_refused() -> None:
    """At least one day."""
    with pytest.raises(ValueError, match="give at least 1"):
        demo.play(days=0, seed=SEED, directory=None)


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    source = str(Path(demo.__file__).parents[2])
    return subprocess.run(
        [sys.executable, "-m", "outboundd", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": source, **environment},
        check=False,
    )

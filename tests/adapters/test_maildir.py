"""Is the maildir one that any mail client understands, and does it hold through crashes and full disks?"""

import json
import mailbox
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from outboundd.adapters.maildir import MaildirMailer, MaildirRefused
from outboundd.adapters.manual_clock import ManualClock
from outboundd.model.mail import Event, EventKind, Letter
from outboundd.ports import Ambiguous, Broken, Refused, Transient

NOON = datetime(2026, 11, 24, 12, 0, 0, 250_000, tzinfo=UTC)
LETTER = Letter(
    tag="default.lead1.0.1",
    idempotency_key="4f9c3a52-4c6e-5d3b-9d0b-000000000001",
    to_email="ada@north.example",
    to_name="Ada Park",
    from_email="bo@mail.south.example",
    from_name="Bo Lind",
    reply_to="bo@south.example",
    subject="Cold stores",
    text="Hello Ada,\n\nwe keep things cold.\n",
)


@pytest.fixture
def clock() -> ManualClock:
    """A clock at noon."""
    return ManualClock(NOON)


@pytest.fixture
def mailer(tmp_path: Path, clock: ManualClock) -> MaildirMailer:
    """An empty maildir."""
    return MaildirMailer(tmp_path, clock)


def only_mail(path: Path) -> EmailMessage:
    """The one mail in new/, parsed by the standard library."""
    (file,) = (path / "new").iterdir()
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def tell(path: Path, *lines: dict[str, str]) -> None:
    """Append events to events.jsonl as an outside world does."""
    with (path / "events.jsonl").open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


async def events(mailer: MaildirMailer, clock: ManualClock) -> list[Event]:
    """What is reported of the last 90 days."""
    pages = mailer.events(clock.now() - timedelta(days=90), clock.now())
    return [event async for page in pages for event in page.events]


async def test_the_mail_is_a_plain_rfc_5322_message(mailer: MaildirMailer, tmp_path: Path) -> None:
    """Who, to whom, when, what about: parsed back as it was given."""
    message_id = await mailer.send(LETTER)

    mail = only_mail(tmp_path)
    assert (mail["From"], mail["To"]) == ("Bo Lind <bo@mail.south.example>", "Ada Park <ada@north.example>")
    assert (mail["Reply-To"], mail["Subject"]) == ("bo@south.example", "Cold stores")
    assert mail["Date"] == "Tue, 24 Nov 2026 12:00:00 +0000"
    assert mail["Message-ID"] == message_id == "<default.lead1.0.1@mail.south.example>"
    assert (mail["X-Outboundd-Tag"], mail["Idempotency-Key"]) == (LETTER.tag, LETTER.idempotency_key)
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == LETTER.text
    assert "In-Reply-To" not in mail


async def test_text_and_html_are_alternatives_in_lines_that_any_relay_takes(
    mailer: MaildirMailer, tmp_path: Path
) -> None:
    """Long lines, umlauts and emoji travel quoted-printable and come back equal; every line ends in CR LF."""
    text = "Grüße 🧊 " * 200 + "\n.\nFrom here\n"
    html = "<p>" + "Grüße 🧊 " * 200 + "</p>\n"
    await mailer.send(replace(LETTER, text=text, html=html))

    mail = only_mail(tmp_path)
    assert mail.get_content_type() == "multipart/alternative"
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert plain.get_content().replace("\r\n", "\n") == text
    assert rich.get_content().replace("\r\n", "\n") == html
    (file,) = (tmp_path / "new").iterdir()
    head, body = file.read_bytes().split(b"\r\n\r\n", 1)
    assert all(len(line) <= 998 and line.isascii() and b"\n" not in line for line in head.split(b"\r\n"))
    assert all(len(line) <= 76 and line.isascii() and b"\n" not in line for line in body.split(b"\r\n"))


async def test_the_same_letter_is_the_same_bytes(tmp_path: Path, clock: ManualClock) -> None:
    """Nothing in a mail is random."""
    written = []
    for place in (tmp_path / "a", tmp_path / "b"):
        await MaildirMailer(place, clock).send(replace(LETTER, html="<p>Hello</p>"))
        (file,) = (place / "new").iterdir()
        written.append((file.name, file.read_bytes()))

    assert written[0] == written[1]


async def test_a_follow_up_stays_in_its_thread(mailer: MaildirMailer, tmp_path: Path) -> None:
    """In-Reply-To names the last mail, References all of them, also when ids are longer than a line."""
    ids = tuple(f"<default.{'x' * 80}.{step}.1@mail.south.example>" for step in range(3))
    await mailer.send(replace(LETTER, tag=f"default.{'x' * 80}.3.1", references=ids))

    mail = only_mail(tmp_path)
    assert mail["In-Reply-To"].split() == [ids[-1]]
    assert mail["References"].split() == list(ids)
    assert mail["Message-ID"].strip() == f"<default.{'x' * 80}.3.1@mail.south.example>"
    (file,) = (tmp_path / "new").iterdir()
    assert ids[0].encode() in file.read_bytes()


async def test_a_lead_can_unsubscribe_with_one_mail(mailer: MaildirMailer, tmp_path: Path) -> None:
    """RFC 2369: a mailto link with the tag. No List-Unsubscribe-Post: RFC 8058 asks for an https link with it."""
    await mailer.send(LETTER)

    mail = only_mail(tmp_path)
    assert mail["List-Unsubscribe"].split() == ["<mailto:bo@south.example?subject=unsubscribe%20default.lead1.0.1>"]
    assert "List-Unsubscribe-Post" not in mail
    assert "Auto-Submitted" not in mail


async def test_a_mail_to_the_operator_says_that_a_machine_wrote_it(mailer: MaildirMailer, tmp_path: Path) -> None:
    """No unsubscribe link in a digest, and no absence note in answer to it."""
    await mailer.send(replace(LETTER, tag="-digest.2026-11-24", to_lead=False))

    mail = only_mail(tmp_path)
    assert "List-Unsubscribe" not in mail
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("subject", ["Kälte 🧊 für Zürich", "冷蔵" * 60, "  two  blanks "])
async def test_any_subject_comes_back_in_events_and_log(
    mailer: MaildirMailer, clock: ManualClock, tmp_path: Path, subject: str
) -> None:
    """Unicode, emoji, long ones: an unknown attempt is found again by its subject."""
    await mailer.send(replace(LETTER, subject=subject))
    again = MaildirMailer(tmp_path, clock)

    assert [event.subject.strip() for event in await events(again, clock)] == [subject.strip()]
    assert [mail.subject.strip() for mail in await again.log(LETTER.to_email)] == [subject.strip()]


async def test_addresses_beyond_ascii_are_written_as_smtputf8_wants_them(mailer: MaildirMailer, tmp_path: Path) -> None:
    """An address is never turned into an encoded word, for that is another address."""
    await mailer.send(replace(LETTER, to_email="zoë@zürich.example", to_name="Zoë", from_email="bo@süd.example"))

    assert [mail.tag for mail in await mailer.log("zoë@zürich.example")] == [LETTER.tag]
    (file,) = (tmp_path / "new").iterdir()
    assert "zoë@zürich.example".encode() in file.read_bytes()
    assert b"@xn--sd-xka.example>" in file.read_bytes()


@pytest.mark.parametrize(
    "poison",
    [
        {"subject": "Hello\r\nBcc: everybody@north.example"},
        {"subject": "Hello\nBcc: everybody@north.example"},
        {"subject": "Hello\u2028Bcc: everybody@north.example"},
        {"subject": "Hello\0"},
        {"subject": "=?utf-8?q?another_subject?="},
        {"subject": "half a pair \ud800"},
        {"to_name": "Ada\r\nBcc: everybody@north.example"},
        {"from_name": "Bo\nX: y"},
        {"to_email": "ada@north.example\r\nBcc: everybody@north.example"},
        {"to_email": "no address"},
        {"reply_to": "bo@south.example\n"},
        {"references": ("<a@x>\r\nBcc: everybody@north.example",)},
        {"idempotency_key": "a\r\nb"},
        {"tag": "x" * 300},
    ],
    ids=str,
)
async def test_what_no_header_can_hold_is_refused_and_nothing_is_written(
    mailer: MaildirMailer, tmp_path: Path, poison
) -> None:
    """No header is ever injected, and the words quote nothing of it."""
    with pytest.raises(Refused) as refused:
        await mailer.send(replace(LETTER, **poison))

    assert "everybody" not in str(refused.value)
    assert list((tmp_path / "new").iterdir()) == []
    assert list((tmp_path / "tmp").iterdir()) == []


async def test_the_file_is_named_by_tag_and_instant(mailer: MaildirMailer, tmp_path: Path) -> None:
    """The name alone tells which attempt, and when: the ledger can be made anew from a listing."""
    await mailer.send(LETTER)

    (file,) = (tmp_path / "new").iterdir()
    assert file.name == f"default.lead1.0.1,T={int(NOON.timestamp())}250000"


@pytest.mark.parametrize("tag", ["../../etc.x.0.1", ".hidden.x.0.1", "a:2,S.x.0.1", "a,T=1.x.0.1", "Kälte.x.0.1"])
async def test_any_tag_makes_a_file_in_new_and_comes_back(
    mailer: MaildirMailer, clock: ManualClock, tmp_path: Path, tag: str
) -> None:
    """A campaign's name never leads out of the folder, nor out of a mail client's sight."""
    await mailer.send(replace(LETTER, tag=tag))

    (file,) = (tmp_path / "new").iterdir()
    assert not file.name.startswith(".")
    assert {event.tag for event in await events(mailer, clock)} == {tag}
    with pytest.raises(Ambiguous):
        await mailer.send(replace(LETTER, tag=tag))


async def test_a_tag_is_taken_for_good(mailer: MaildirMailer, clock: ManualClock) -> None:
    """A folder forgets nothing: the same attempt does not leave again a year later."""
    await mailer.send(LETTER)
    clock.advance(timedelta(days=365))

    with pytest.raises(Ambiguous):
        await mailer.send(LETTER)


async def test_a_mail_client_may_read_and_flag_the_mails(
    mailer: MaildirMailer, clock: ManualClock, tmp_path: Path
) -> None:
    """Moved to cur/ with flags it still counts, for events, log and uniqueness, also when it was read before."""
    await mailer.send(LETTER)
    clock.advance(timedelta(minutes=1))
    before = await events(mailer, clock)
    client = mailbox.Maildir(tmp_path, factory=None)
    ((key, message),) = client.items()
    message.set_subdir("cur")
    message.set_flags("S")
    client[key] = message
    assert [file.suffix for file in (tmp_path / "new").iterdir()] == []

    for reader in (mailer, MaildirMailer(tmp_path, clock)):
        assert await events(reader, clock) == before
        assert len(await reader.log(LETTER.to_email)) == 1
        with pytest.raises(Ambiguous):
            await reader.send(LETTER)


async def test_files_of_others_in_the_maildir_are_let_alone(
    mailer: MaildirMailer, clock: ManualClock, tmp_path: Path
) -> None:
    """A mail delivered by somebody else is neither an event of ours nor an error."""
    (tmp_path / "new" / "1700000000.M1P2.host").write_text("Subject: hello\n\nhello")
    (tmp_path / "tmp" / "1700000000.M1P2.host").write_text("Subject: hel")
    (tmp_path / "cur" / "x.y.0.1,T=99999999999999999999:2,S").write_text("no instant of this world")

    await mailer.send(LETTER)

    assert {event.tag for event in await events(mailer, clock)} == {LETTER.tag}
    assert (tmp_path / "tmp" / "1700000000.M1P2.host").exists()


async def test_a_crash_while_writing_leaves_no_mail_and_its_rest_is_swept(
    mailer: MaildirMailer, clock: ManualClock, tmp_path: Path
) -> None:
    """What lies in tmp/ was never sent: no event, no log line, and the attempt may be written anew."""
    rest = tmp_path / "tmp" / f"{LETTER.tag},T=1"
    rest.write_bytes(b"From: Bo")

    assert await events(mailer, clock) == []
    assert list(await mailer.log(LETTER.to_email)) == []
    await mailer.send(LETTER)
    assert not rest.exists()


@contextmanager
def disk_full_after(size: int) -> Iterator[None]:
    """The operating system writes no file beyond this size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_disk_that_fills_up_sends_nothing_and_keeps_nothing(mailer: MaildirMailer, tmp_path: Path) -> None:
    """Half a mail is no mail: certainly nothing left, and the half is removed."""
    with disk_full_after(100), pytest.raises(Transient, match="cannot be read or written"):
        await mailer.send(LETTER)

    assert list((tmp_path / "tmp").iterdir()) == []
    assert list((tmp_path / "new").iterdir()) == []
    await mailer.send(LETTER)


async def test_a_maildir_that_vanished_is_a_matter_of_time(
    mailer: MaildirMailer, clock: ManualClock, tmp_path: Path
) -> None:
    """An unmounted disk is never an empty mailer: every question fails."""
    (tmp_path / "new").rmdir()

    for question in (mailer.send(LETTER), events(mailer, clock), mailer.log("x@x.example"), mailer.probe()):
        with pytest.raises(Transient):
            await question


def test_a_path_that_cannot_be_a_maildir_is_refused_in_one_sentence(tmp_path: Path, clock: ManualClock) -> None:
    """The sentence names the key, the path and the remedy."""
    path = tmp_path / "mail"
    path.write_text("a file")

    with pytest.raises(MaildirRefused, match=r"\[mailer.maildir\] path .*mail cannot be used .*make it a directory"):
        MaildirMailer(path, clock)


async def test_a_mail_is_delivered_a_second_later(mailer: MaildirMailer, clock: ManualClock) -> None:
    """The file is its own requests and delivered events, the second one not before its time."""
    await mailer.send(LETTER)
    assert [event.kind for event in await events(mailer, clock)] == [EventKind.REQUEST]

    clock.advance(timedelta(seconds=1))

    assert [(event.kind, event.at) for event in await events(mailer, clock)] == [
        (EventKind.REQUEST, NOON),
        (EventKind.DELIVERED, NOON + timedelta(seconds=1)),
    ]


async def test_a_period_that_begins_between_sending_and_delivery_holds_the_delivery(
    mailer: MaildirMailer, clock: ManualClock
) -> None:
    """No event falls between two periods."""
    await mailer.send(LETTER)
    clock.advance(timedelta(minutes=1))

    pages = [page async for page in mailer.events(NOON + timedelta(milliseconds=1), clock.now())]

    assert [event.kind for page in pages for event in page.events] == [EventKind.DELIVERED]


async def test_events_come_oldest_first_wherever_they_stand(
    mailer: MaildirMailer, clock: ManualClock, tmp_path: Path
) -> None:
    """A read that breaks off between two pages has read all that is older than the page it was at."""
    await mailer.send(LETTER)
    clock.advance(timedelta(minutes=1))
    early, late = NOON - timedelta(hours=1), NOON + timedelta(seconds=30)
    tell(tmp_path, *({"tag": "other.x.0.1", "event": "opened", "at": at.isoformat()} for at in (late, early)))

    assert [event.at for event in await events(mailer, clock)] == [early, NOON, NOON + timedelta(seconds=1), late]


@pytest.mark.parametrize("kind", ["hard_bounce", "blocked", "invalid", "error"])
async def test_a_mail_that_bounced_was_not_delivered(
    mailer: MaildirMailer, clock: ManualClock, tmp_path: Path, kind: str
) -> None:
    """A line in events.jsonl takes the delivery's place, of this mail alone."""
    await mailer.send(LETTER)
    await mailer.send(replace(LETTER, tag="default.lead2.0.1"))
    clock.advance(timedelta(minutes=1))
    tell(tmp_path, {"tag": LETTER.tag, "event": kind, "at": NOON.isoformat()})

    found = await events(mailer, clock)

    assert [event.kind for event in found if event.tag == LETTER.tag] == [EventKind.REQUEST, EventKind(kind)]
    assert [event.kind for event in found if event.tag != LETTER.tag] == [EventKind.REQUEST, EventKind.DELIVERED]


async def test_opens_and_other_events_are_lines_in_any_zone(
    mailer: MaildirMailer, clock: ManualClock, tmp_path: Path
) -> None:
    """With stable keys, of unknown tags, too, and only those of the period."""
    tell(
        tmp_path,
        {"tag": "other.x.0.1", "event": "opened", "at": "2026-11-24T12:30:00+01:00", "email": "ada@north.example"},
        {"tag": "other.x.0.1", "event": "clicked", "at": "2026-11-24T13:00:00Z"},
    )

    (event,) = await events(mailer, clock)

    assert (event.kind, event.at) == (EventKind.OPENED, datetime(2026, 11, 24, 11, 30, tzinfo=UTC))
    assert (event.tag, event.email) == ("other.x.0.1", "ada@north.example")
    assert await events(MaildirMailer(tmp_path, clock), clock) == [event]


async def test_a_line_being_written_counts_once_it_is_whole(
    mailer: MaildirMailer, clock: ManualClock, tmp_path: Path
) -> None:
    """Half a line at the end is no error and no event; blank lines are neither."""
    line = json.dumps({"tag": LETTER.tag, "event": "opened", "at": NOON.isoformat()})
    file = tmp_path / "events.jsonl"
    tell(tmp_path, {"tag": LETTER.tag, "event": "clicked", "at": NOON.isoformat()})
    seen = []
    for more in ("\n", line[:20], line[20:], "\n"):
        with file.open("a") as end:
            end.write(more)
        seen.append([event.kind.value for event in await events(mailer, clock)])

    assert seen == [["clicked"], ["clicked"], ["clicked", "opened"], ["clicked", "opened"]]


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        "[]",
        '{"tag": "a", "event": "opened"}',
        '{"tag": "", "event": "opened", "at": "2026-11-24T12:00:00Z"}',
        '{"tag": "a", "event": "opened", "at": "2026-11-24T12:00:00"}',
        '{"tag": "a", "event": "teleported", "at": "2026-11-24T12:00:00Z"}',
        "[" * 100_000,
        "\ufffd\0",
    ],
    ids=lambda line: line[:40],
)
async def test_a_broken_line_is_named_by_its_number_until_it_is_corrected(
    mailer: MaildirMailer, clock: ManualClock, tmp_path: Path, line: str
) -> None:
    """An event that cannot be read may be a stop: reading is incomplete, and says where."""
    good = {"tag": LETTER.tag, "event": "opened", "at": NOON.isoformat()}
    tell(tmp_path, good)
    await events(mailer, clock)
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write(f"\n{line}\n")
    tell(tmp_path, good)

    for _ in range(2):
        with pytest.raises(Broken, match="line 3 is no event"):
            await events(mailer, clock)

    (tmp_path / "events.jsonl").write_text(json.dumps(good) + "\n\n" + json.dumps(good | {"event": "clicked"}) + "\n")
    assert [event.kind for event in await events(mailer, clock)] == [EventKind.OPENED, EventKind.CLICKED]


async def test_events_replaced_or_removed_are_read_anew(
    mailer: MaildirMailer, clock: ManualClock, tmp_path: Path
) -> None:
    """A restored or shortened file is believed as it stands."""
    at = NOON.isoformat()
    file = tmp_path / "events.jsonl"
    tell(tmp_path, *({"tag": LETTER.tag, "event": kind, "at": at} for kind in ("opened", "clicked")))
    assert len(await events(mailer, clock)) == 2

    file.write_text(json.dumps({"tag": "a", "event": "complaint", "at": at}) + "\n")
    assert [event.kind for event in await events(mailer, clock)] == [EventKind.COMPLAINT]
    file.unlink()
    assert await events(mailer, clock) == []


async def test_a_person_erased_leaves_no_file_and_no_line(
    mailer: MaildirMailer, clock: ManualClock, tmp_path: Path
) -> None:
    """Mails, lines of these mails, and lines with the address; all other lines stay byte for byte."""
    await mailer.send(LETTER)
    other = {"tag": "default.lead2.0.1", "event": "opened", "at": NOON.isoformat()}
    tell(tmp_path, {"tag": LETTER.tag, "event": "opened", "at": NOON.isoformat()})
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write(json.dumps(other, indent=None, separators=(" , ", " : ")) + "\r\n")
    tell(tmp_path, {"tag": "older.x.0.1", "event": "opened", "at": NOON.isoformat(), "email": "ADA@north.example"})
    assert len(await events(mailer, clock)) == 4

    assert await mailer.erase([LETTER.to_email]) == 1

    assert list((tmp_path / "new").iterdir()) == []
    left = (tmp_path / "events.jsonl").read_bytes()
    assert left == json.dumps(other, separators=(" , ", " : ")).encode() + b"\r\n"
    assert [event.tag for event in await events(mailer, clock)] == ["default.lead2.0.1"]
    assert await mailer.erase(["nobody@north.example"]) == 0


async def test_a_mail_deleted_by_the_operator_is_no_event_and_stops_nothing(
    mailer: MaildirMailer, clock: ManualClock, tmp_path: Path
) -> None:
    """Gone from the folder is gone from the report; the others are still told."""
    await mailer.send(LETTER)
    await mailer.send(replace(LETTER, tag="default.lead2.0.1"))
    next((tmp_path / "new").glob("default.lead1*")).unlink()

    assert [event.tag for event in await events(mailer, clock)] == ["default.lead2.0.1"]


async def test_a_mail_moved_or_deleted_while_it_is_being_read_is_followed_or_left_out(
    mailer: MaildirMailer, tmp_path: Path
) -> None:
    """A mail client may work on the folder at any moment."""
    for number in (1, 2, 3):
        await mailer.send(replace(LETTER, tag=f"default.lead{number}.0.1"))
    listed = MaildirMailer(tmp_path, ManualClock(NOON))
    mails = listed._mails()
    mails[0].place.rename(tmp_path / "cur" / f"{mails[0].base}:2,S")
    mails[1].place.unlink()

    read = listed._with_heads(mails)

    assert [mail.tag for mail, _ in read] == ["default.lead1.0.1", "default.lead3.0.1"]
    assert read[0][0].place.parent.name == "cur"


async def test_the_memory_of_headers_is_bounded(
    mailer: MaildirMailer, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Years of mails are read, not kept."""
    monkeypatch.setattr("outboundd.adapters.maildir._HEADS_KEPT", 2)
    for number in range(5):
        await mailer.send(replace(LETTER, tag=f"default.lead{number}.0.1"))

    assert len(await events(mailer, clock)) == 5
    assert len(mailer._heads) <= 2

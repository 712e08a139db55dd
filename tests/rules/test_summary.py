"""Does the digest come once a day, say what matters first, and show it safely?"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from outboundd.model.facts import EventCounts, Group, Halt
from outboundd.model.lead import Stage
from outboundd.model.settings import Campaign, Sender
from outboundd.rules.summary import MOST_GROUPS, Figures, due, html, is_weekly, stats_lines, subject, text

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
QUIET = Figures(campaign="default", day=date(2026, 11, 24))
BUSY = Figures(
    campaign="default",
    day=date(2026, 11, 24),
    timezone="Europe/Paris",
    yesterday=EventCounts(
        sent=1_042,
        delivered=1_000,
        opened=300,
        clicked=20,
        hard_bounced=8,
        unsubscribed=2,
        opened_by_machine=100,
        clicked_by_machine=5,
    ),
    week=EventCounts(sent=5_000, delivered=4_900, opened=1_470, clicked=99, hard_bounced=40, complained=1),
    drafted_yesterday=60,
    drafted_week=300,
    replies_yesterday=4,
    replies_week=21,
    replies=60,
    due_yesterday=1_100,
    by_stage={Stage.DELIVERED: 800, Stage.NEW: 1_600, Stage.DO_NOT_CONTACT: 4, Stage.REVIEW: 0},
    held={"outside office hours": 12, "weekend there": 40, "nobody": 0},
    review={"prior consent needed": 2, "unknown zone": 1},
    cap=60,
    cap_why="warm-up, day 5",
    halts=(
        Halt(what="writer", since=NOON - timedelta(days=1), until=None, why="no credit left"),
        Halt(what="mail", since=NOON, until=NOON + timedelta(hours=2), why="a pause"),
    ),
    openings=((NOON + timedelta(hours=1), 30), (NOON + timedelta(days=1), 7)),
    queue_days=12.5,
    runway=("Mailer credits: 4,000",),
    incidents_open=("writer halted",),
    incidents_resolved=3,
    events_until=NOON,
    suppressed_persons=9,
    suppressed_domains=2,
    spent_yesterday_usd=1.5,
    spent_week_usd=9.25,
    unattended_since=NOON - timedelta(days=23),
)
APART = "Opens and clicks that are likely a machine's stand apart; some are told wrongly."
NOTHING_ELSE = "clicked 0.0 %, hard bounces 0.0 %, unsubscribed 0.0 %"
GROUPS = [
    Group(name="A", leads=900, replied=1, counts=EventCounts(sent=40, delivered=40, opened=20, opened_by_machine=10)),
    Group(name="", leads=3, replied=2, counts=EventCounts(sent=4, hard_bounced=1)),
    Group(name="C", leads=7),
]
WEEKLY = replace(BUSY, day=date(2026, 11, 23), compared={"variant": GROUPS, "source": [], "country": []})
CAMPAIGN = Campaign(sender=Sender(name="Ada", email="ada@acme.example"), timezone="America/New_York", digest_hour=8)


class _Tags(HTMLParser):
    """Collects what is opened and never closed, and every attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [name for name, _ in attrs]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _parsed(page: str) -> _Tags:
    tags = _Tags()
    tags.feed(page)
    return tags


def test_a_digest_is_due_once_a_local_day_after_its_hour() -> None:
    """Before the operator's hour, and again on the same local date, it is not due; after a missed hour it still is."""
    eight = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
    today = date(2026, 11, 24)
    assert due(eight - timedelta(minutes=1), CAMPAIGN, "2026-11-23") is None
    assert due(eight, CAMPAIGN, "2026-11-23") == today
    assert due(eight, CAMPAIGN, "") == today
    assert due(eight + timedelta(hours=9), CAMPAIGN, "2026-11-24") is None
    assert due(eight + timedelta(hours=15), CAMPAIGN, "2026-11-23") == today
    assert due(eight, CAMPAIGN, "2026-11-25") is None


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_looking_every_hour_gives_one_digest_a_day_through_every_clock_change(start: datetime) -> None:
    """Over four days of hourly looks every local date has at most one digest, and none is left out."""
    last, days = "", []
    for hour in range(96):
        day = due(start + timedelta(hours=hour), CAMPAIGN, last)
        if day:
            last = day.isoformat()
            days.append(day)
    assert len(days) == len(set(days)) >= 3
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]


def test_the_subject_tells_the_day_and_what_waits_for_the_reader() -> None:
    """Sent, delivered and the number of things to look at stand in the subject."""
    assert subject(BUSY) == "default: 1,042 sent, 1,000 delivered, 6 for you"
    assert subject(QUIET) == "default: nothing was due"
    assert subject(replace(QUIET, due_yesterday=3)) == "default: nothing sent"


def test_a_day_on_which_nothing_was_due_says_so() -> None:
    """Silence is explained: nothing was due, or nothing left although there was work."""
    assert "Nothing was due yesterday, so no mail left.\nNothing needs you." in text(QUIET)
    assert "No mail left yesterday, although 1 lead could have been served." in text(replace(QUIET, due_yesterday=1))
    assert "No events read." in text(QUIET)


def test_the_plain_digest_is_a_page_that_can_be_read_at_a_glance() -> None:
    """Head, table, then what is for the reader, what is held, the pool, what comes and what is on record."""
    assert text(BUSY).splitlines() == [
        "default · Tuesday, 24 November 2026",
        "",
        "1,042 mails left yesterday, 1,000 arrived.",
        "6 things for you, below.",
        "",
        "                       yesterday            7 days",
        "drafted              60               300",
        "sent              1,042             5,000",
        "delivered         1,000   96.0 %    4,900   98.0 %",
        "opened              200   20.0 %    1,470   30.0 %",
        "machine opens       100   10.0 %        0    0.0 %",
        "clicked              15    1.5 %       99    2.0 %",
        "machine clicks        5    0.5 %        0    0.0 %",
        "hard bounces          8    0.8 %       40    0.8 %",
        "unsubscribed          2    0.2 %        0    0.0 %",
        "complaints            0    0.0 %        1    0.0 %",
        "replies known         4                21",
        "",
        "For you",
        "         2  prior consent needed",
        "         1  unknown zone",
        "       off  writer: no credit left (since Mon 23 Nov 13:00, until you say resume writer)",
        "       off  mail: a pause (since 13:00, until 15:00)",
        "      open  incident: writer halted",
        "",
        "Held, and why",
        "        40  weekend there",
        "        12  outside office hours",
        "",
        "Pool",
        "     1,600  new",
        "       800  delivered",
        "         4  do not contact",
        "",
        "Ahead",
        "        60  mails a day at most: warm-up, day 5",
        "        30  due from 14:00",
        "         7  due from Wed 25 Nov 13:00",
        "      12.5  days until the queue is empty",
        "         ·  Mailer credits: 4,000",
        "",
        "On record",
        "         3  incidents resolved",
        "        60  replies known so far",
        "     since  Sun 1 Nov 13:00 without a run by hand",
        "         9  people never to be written to again",
        "         2  domains never to be written to again",
        "      1.50  USD for models yesterday, 9.25 in 7 days, 0.002 a mail",
        "",
        f"Events complete up to 13:00. {APART} Times are Europe/Paris.",
    ]


def test_on_mondays_the_digest_covers_the_week() -> None:
    """Subject and head tell the week, then it is compared; what was not mailed is left out."""
    assert [is_weekly(date(2026, 11, day)) for day in range(22, 25)] == [False, True, False]
    assert subject(WEEKLY) == "default: the week, 5,000 sent, 4,900 delivered, 6 for you"
    assert subject(replace(WEEKLY, week=EventCounts())) == "default: the week, nothing sent, 6 for you"
    lines = text(WEEKLY).splitlines()
    assert lines[2].startswith("5,000 mails left in the week, 4,900 arrived. 1,042 mails left yesterday")
    at = lines.index("The week by variant")
    assert lines[at + 1 : at + 4] == [
        f"        40  sent, A: delivered 100.0 %, opened 25.0 %, {NOTHING_ELSE}, 1 reply",
        "         4  sent, (none, or the row is gone): delivered 0.0 %, hard bounces 25.0 %, 2 replies",
        "",
    ]
    assert "The week by source" not in lines
    assert "The week by variant" not in text(BUSY)
    assert "The week by variant" in html(WEEKLY)


def test_of_many_sources_the_weekly_digest_shows_those_with_the_most_mails() -> None:
    """Forty countries are a table to ask for, not one to be mailed."""
    many = [Group(name=f"list {n}", counts=EventCounts(sent=100 - n)) for n in range(MOST_GROUPS + 3)]
    told = text(replace(WEEKLY, compared={"source": many}))
    assert f"list {MOST_GROUPS - 1}:" in told
    assert f"list {MOST_GROUPS}:" not in told
    assert "and 3 with fewer mails" in told


def test_terminal_and_bot_show_the_same_lines_as_the_mail() -> None:
    """The figures are made once."""
    assert "\n".join(stats_lines(BUSY)) in text(BUSY)


def test_the_html_digest_is_well_formed_and_fetches_nothing() -> None:
    """Every tag is closed, and nothing refers to anything outside the mail."""
    for figures in (BUSY, QUIET):
        tags = _parsed(html(figures))
        assert tags.open == []
        assert not {"src", "href", "background", "action"} & set(tags.attributes)
        assert not re.search(r"url\(|@import|//", html(figures))


def test_both_parts_of_the_digest_say_the_same() -> None:
    """Every reason and number of the plain part stands in the HTML part too."""
    words = " ".join(" ".join(_parsed(html(BUSY)).words).split())
    for line in stats_lines(BUSY):
        for piece in re.split(r"\s{2,}", line.strip()):
            assert piece in words.replace("\xa0", " "), piece


def test_words_from_outside_are_shown_and_not_obeyed() -> None:
    """A reason that holds markup is escaped."""
    page = html(replace(BUSY, held={"<img src=x>": 1}, campaign="{a} & <b>"))
    assert "<img" not in page
    assert "&lt;img src=x&gt;" in page
    assert "{a} &amp; &lt;b&gt;" in page

"""Does what a command says read well on a telephone, with no word lost?"""

from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from outboundd.commands import phone, words
from outboundd.model.chat import Style


def told(text: str) -> list[tuple[str, str]]:
    """Style and text of each part."""
    return [(part.style, part.text) for part in phone.shown(text)]


def test_figures_stay_in_columns_no_wider_than_they_need():
    """Shares stay with their numbers, the heads above them."""
    lines = [
        "                       yesterday            7 days",
        "sent                 10                70",
        "delivered             9   90.0 %       60   85.7 %",
    ]
    assert told("\n".join(lines)) == [
        (
            Style.COLUMNS,
            "           yesterday      7 days\nsent              10          70\ndelivered  9 (90.0%)  60 (85.7%)\n",
        )
    ]


def test_columns_too_wide_for_a_telephone_become_sentences_with_their_names():
    """A line that the telephone breaks is no column; what is not there is not named."""
    lines = [
        "day         first mail  bump  breakup   all  first   last",
        "Tue 24 Nov          20     ·        ·    20  10:20  17:30",
        "Wed 25 Nov          30     2        ·    32  09:00  17:30",
    ]
    assert told("\n".join(lines)) == [
        (Style.BOLD, "Tue 24 Nov"),
        (Style.PLAIN, " · first mail 20, all 20, first 10:20, last 17:30\n"),
        (Style.BOLD, "Wed 25 Nov"),
        (Style.PLAIN, " · first mail 30, bump 2, all 32, first 09:00, last 17:30\n"),
    ]


def test_a_label_is_bold_and_its_sentences_stand_beside_it_and_below():
    """The next entry begins after a blank line, so that a message can be cut there."""
    text = "draft       hourly at :05\n            last run: 3 drafted\nsend        hourly at :10"
    assert told(text) == [
        (Style.BOLD, "draft"),
        (Style.PLAIN, " · hourly at :05\n"),
        (Style.PLAIN, "last run: 3 drafted\n"),
        (Style.PLAIN, "\n"),
        (Style.BOLD, "send"),
        (Style.PLAIN, " · hourly at :10\n"),
    ]


def test_a_mail_is_a_quotation():
    """It can be folded; the bar of the terminal is gone."""
    text = "      tag t.1\n      | Subject: Hello\n      |\n      | Hi | Rosa\nNext"
    assert told(text)[1] == (Style.QUOTE, "Subject: Hello\n\nHi | Rosa\n")


def test_a_heading_is_bold_and_a_number_stands_with_its_words():
    """As in the summary."""
    assert told("Pool\n         6  new\n     since  08:30") == [
        (Style.BOLD, "Pool\n"),
        (Style.PLAIN, "6 new\n"),
        (Style.PLAIN, "since 08:30\n"),
    ]


def test_lines_are_not_broken_for_who_reads_on_a_telephone():
    """It breaks them itself, at its own width."""
    long = "word " * 60
    before = words.hanging("label", long, 12)
    token = words.WIDTH.set(phone.UNBROKEN)
    assert words.hanging("label", long, 12).count("\n") == 0
    assert words.behind_a_bar(long, 2) == [f"  | {long.rstrip()}"]
    words.WIDTH.reset(token)
    assert words.hanging("label", long, 12) == before
    assert before.count("\n") > 1


def test_a_bar_says_how_far_it_is():
    """Also of nothing, and of more than there was."""
    assert [phone.bar("send", *how)[1].text for how in ((0, 4), (2, 4), (5, 4), (0, 0))] == [
        "░░░░░░░░░░░░ 0 of 4",
        "▓▓▓▓▓▓░░░░░░ 2 of 4",
        "▓▓▓▓▓▓▓▓▓▓▓▓ 5 of 4",
        "░░░░░░░░░░░░ 0 of 0",
    ]


@given(st.text(st.sampled_from("ab1|,% \n·"), max_size=200))
def test_no_word_is_lost(text: str):
    """Whatever the lines look like; only blanks, bars and dots between cells change. Of columns that fit."""

    def letters(what: str) -> str:
        return "".join(char for char in what if char in "ab1")

    with mock.patch.object(phone, "COLUMNS_MOST", len(text) ** 2):
        assert letters("".join(part.text for part in phone.shown(text))) == letters(text)

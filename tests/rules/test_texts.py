"""Equal texts are equal bytes, wherever they are read back from."""

from hypothesis import given
from hypothesis import strategies as st

from outboundd.rules.texts import normalise, quoted, text_hash, unquoted


def test_text_is_written_in_one_way() -> None:
    """NFC, LF, no blanks at the ends of lines, no empty lines at the end; blanks at the start stay."""
    assert normalise("  u\u0308 \r\n\tx\t\ry\n \n\n") == "  ü\n\tx\ny"


def test_a_text_hash_is_sixteen_hex_digits_of_its_sha256() -> None:
    """Trails of today are read by programs of tomorrow: the hash of a text never changes."""
    assert text_hash("abc") == "ba7816bf8f01cfea"
    assert len(text_hash("\ud800")) == 16


@given(st.text())
def test_normalising_a_text_twice_changes_nothing(text: str) -> None:
    """What was written and read back is the same text."""
    once = normalise(text)
    assert normalise(once) == once


def test_a_reason_quotes_on_one_line_and_no_more_than_it_may() -> None:
    """What was typed into a cell neither breaks a line nor fills a screen."""
    assert quoted('At"lan\ntis') == '"At\'lan tis"'
    assert quoted("x" * 200, 5) == '"xxxxx…"'


@given(st.text(), st.text())
def test_a_log_gets_the_reason_without_the_words_it_quotes(one: str, two: str) -> None:
    """Whatever a row holds, quotation marks included, none of it is left."""
    reason = f"country {quoted(one)} is not known in {quoted(two)}; correct Country"
    assert unquoted(reason) == 'country "…" is not known in "…"; correct Country'


def test_a_quotation_that_was_cut_off_is_left_out_to_the_end() -> None:
    """A store may cut a long cell; the words before the cut are a row's words all the same."""
    assert unquoted('Override "call her on Mon') == 'Override "…"'

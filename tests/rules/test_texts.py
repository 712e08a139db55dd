"""Equal texts are equal bytes, wherever they are read back from."""

from hypothesis import given
from hypothesis import strategies as st

from outboundd.rules.texts import normalise, text_hash


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

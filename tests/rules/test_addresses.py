"""One person is one address, however a list spells it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.rules import addresses


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Mei@Firm.Example", "mei@firm.example"),
        ("  mei@firm.example\u00a0", "mei@firm.example"),
        ("<mei@firm.example>", "mei@firm.example"),
        ("mailto:mei@firm.example", "mei@firm.example"),
        ("< MAILTO: mei@firm.example >", "mei@firm.example"),
        ("mei+fair@firm.example", "mei+fair@firm.example"),
        ("m.e.i@firm.example", "m.e.i@firm.example"),
        ("mei@bücher.example", "mei@xn--bcher-kva.example"),
        ("mei@XN--BCHER-KVA.example", "mei@xn--bcher-kva.example"),
        ("Ömer@firm.example", "ömer@firm.example"),
        ("O\u0308mer@firm.example", "ömer@firm.example"),
        ("mei@example.com", "mei@example.com"),
    ],
)
def test_every_spelling_of_an_address_is_one_person(written: str, normal: str) -> None:
    """Case, blanks, brackets, mailto: and Unicode forms make no second person; plus-tags and dots do."""
    assert addresses.normalise(written) == normal


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "is missing"),
        (" <> ", "is missing"),
        ("secretname.example", "has no @"),
        ("secretname@@firm.example", "more than one @"),
        ("secretname@firm.example, other@firm.example", "more than one @"),
        ("secretname\x00@firm.example", "control characters"),
        ("secretname@firm.example\r\nBcc: other", "control characters"),
        ("secretname\ud800@firm.example", "control characters"),
        ("secretname@mail.invalid", "reserved name"),
        ("secretname@TEST", "reserved name"),
        ("secretname@b", "not well formed"),
        ("secret name@firm.example", "not well formed"),
        ("secretname@firm..example", "not well formed"),
        ("secretname@xn--\u00fc.example", "not well formed"),
        ("s" * 400 + "@firm.example", "too long"),
        ("s" * 65 + "@firm.example", "not well formed"),
    ],
)
def test_a_broken_address_is_refused_with_a_reason_that_does_not_repeat_it(written: str, reason: str) -> None:
    """The sentence names fault and remedy; the address itself reaches no log by it, nor by a chained exception."""
    with pytest.raises(ValueError, match=reason) as caught:
        addresses.normalise(written)
    assert "secret" not in str(caught.value)
    assert "correct the Email cell" in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@given(st.one_of(st.text(max_size=60), st.emails(), st.builds("{}@{}.example".format, st.text(), st.text())))
def test_normalising_twice_changes_nothing(written: str) -> None:
    """The one spelling is its own spelling; whatever is not an address is refused with a ValueError."""
    try:
        once = addresses.normalise(written)
    except ValueError:
        return
    assert addresses.normalise(once) == once
    assert once == once.lower()
    assert once.partition("@")[2].isascii()

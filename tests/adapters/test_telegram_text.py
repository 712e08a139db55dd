"""Is every text cut so that Telegram takes it, between entries, with nothing lost?"""

from hypothesis import given
from hypothesis import strategies as st

from outboundd.adapters.telegram_text import clean, cut, shortened, units
from outboundd.model.chat import Part, Style

TEXTS = st.text(st.sampled_from("ab 🧊é\n"), max_size=400)
PARTS = st.lists(st.builds(Part, text=TEXTS, style=st.sampled_from(Style)), max_size=6)


def visible(text: str) -> str:
    """The text without blanks: where pages begin and end, blank lines are left out."""
    return "".join(text.split())


@given(PARTS, st.integers(min_value=8, max_value=200))
def test_no_page_is_too_long_and_no_word_is_lost(parts: list[Part], longest: int):
    """An emoji counts twice; no page is empty."""
    pages = cut(parts, longest)
    assert all(units("".join(part.text for part in page)) <= longest for page in pages)
    assert all("".join(part.text for part in page).strip() for page in pages)
    assert visible("".join(part.text for page in pages for part in page)) == visible(
        "".join(part.text for part in parts)
    )


@given(st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=30))
def test_entries_that_fit_are_never_torn(sizes: list[int]):
    """A blank line lies between two of them."""
    entries = ["\n".join(f"{number}.{line}" for line in range(size)) for number, size in enumerate(sizes)]
    pages = cut([Part(text="\n\n".join(entries))], 60)
    assert [entry for page in pages for part in page for entry in part.text.split("\n\n") if entry] == entries


def test_a_style_lasts_over_a_cut():
    """Each page has its own part of it."""
    pages = cut([Part(text="one\n\ntwo\n\nthree", style=Style.QUOTE)], 6)
    assert [[(part.text, part.style) for part in page] for page in pages] == [
        [("one", Style.QUOTE)],
        [("two", Style.QUOTE)],
        [("three", Style.QUOTE)],
    ]


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_what_is_shortened_fits(text: str, longest: int):
    """And is itself where it fits."""
    short = shortened(clean(text), longest)
    assert units(short) <= longest
    assert short == clean(text) or short.endswith("…")


@given(st.text(st.characters(codec=None)))
def test_every_text_can_be_sent(text: str):
    """Halves of characters and control characters are replaced; lines and emoji that are joined stay."""
    clean(text).encode("utf-8")
    assert clean("👩\u200d🔧\n") == "👩\u200d🔧\n"

"""How does a text of ours become messages that Telegram takes: 4,096 units at most, cut between entries?

Telegram counts UTF-16 units, in which an emoji is two. Nothing is escaped, for nothing is parsed: styles travel as
entities beside the text. Bot API 10.3, 2026-11.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from outboundd.model.chat import Part

LONGEST = 3_800  # of 4,096: room for what is counted differently there
LONGEST_CAPTION = 1_000  # of 1,024
CUT = "…"
_JOINER = "\u200d"  # holds emoji together


def units(text: str) -> int:
    """The length as Telegram counts it."""
    return len(text.encode("utf-16-le", "replace")) // 2


def clean(text: str) -> str:
    """The text without what a chat could not show: control characters and halves of characters."""
    return "".join(
        char if char.isprintable() or char in "\n" + _JOINER else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def cut(parts: Sequence[Part], longest: int = LONGEST) -> list[list[Part]]:
    """The parts in pages of at most `longest` units, cut between entries where it can be, else between lines."""
    pages: list[list[Part]] = [[]]
    room = longest
    for part in parts:
        for piece in _pieces(replace(part, text=clean(part.text)), longest):
            if units(piece.text) > room:
                pages.append([])
                room = longest
            room -= units(piece.text)
            pages[-1].append(piece)
    return [page for page in map(_trimmed, pages) if page]


def shortened(text: str, longest: int) -> str:
    """The text, what is over `longest` units left out at its end."""
    if units(text) <= longest:
        return text
    while units(text) > longest - units(CUT):
        text = text[: -max(1, (units(text) - longest) // 2)]
    return text + CUT


def _pieces(part: Part, longest: int) -> Iterator[Part]:
    """The part itself, or its entries (blank lines lie between them), or lines of an entry, or bits of a line."""
    for mark in ("", "\n\n", "\n"):
        texts = _split(part.text, mark)
        if all(units(text) <= longest for text in texts):
            break
    else:
        texts = [bit for text in texts for bit in _bits(text, longest)]
    gathered = ""
    for text in texts:
        if gathered and units(gathered + text) > longest:
            yield replace(part, text=gathered)
            gathered = ""
        gathered += text
    yield replace(part, text=gathered)


def _split(text: str, mark: str) -> list[str]:
    """The text at its marks, each piece with the mark behind it."""
    return [one for one in (text.replace(mark, mark + "\0").split("\0") if mark else [text]) if one]


def _bits(line: str, longest: int) -> list[str]:
    """A line that is too long by itself, in pieces that fit whatever its characters count."""
    step = longest // 2
    return [line[start : start + step] for start in range(0, len(line), step)]


def _trimmed(page: list[Part]) -> list[Part]:
    """A page without blank lines around it, which Telegram would take away; empty when nothing is left."""
    while page and not page[0].text.strip():
        page = page[1:]
    while page and not page[-1].text.strip():
        page = page[:-1]
    if not page:
        return []
    page = [replace(page[0], text=page[0].text.lstrip("\n")), *page[1:]]
    return [*page[:-1], replace(page[-1], text=page[-1].text.rstrip())]

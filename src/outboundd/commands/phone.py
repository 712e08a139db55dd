"""How is what a command says shown on a telephone: narrow, in a font whose letters are not of one width?

Commands speak in lines of a terminal. Here each keeps its words: columns that are figures stay columns, but narrow;
labels and their sentences stand on one line; a mail's text is a quotation that can be folded. Where columns would be
too wide, each row is a sentence that names them.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from outboundd.commands.words import columns
from outboundd.model.chat import Part, Style

UNBROKEN = 100_000  # of `words.WIDTH`: a telephone breaks lines itself
BAR_CELLS = 12
HEADING_MOST = 40
COLUMNS_MOST = 40  # characters of one width across a telephone held upright
_BAR = re.compile(r"\s*\|( |$)")
_GAP = re.compile(r"\s{2,}")
_NONE = "·"  # a cell with nothing in it
_FIGURE = re.compile(rf"[-–]?[\d.,:]+( %)?|{_NONE}")
_COUNT = re.compile(r"[\d.,:]+|since")


def bar(label: str, done: int, of: int) -> tuple[Part, ...]:
    """How far something has come."""
    full = BAR_CELLS * min(done, of) // of if of else 0
    return (
        Part(text=f"{label}\n", style=Style.BOLD),
        Part(text=f"{'▓' * full}{'░' * (BAR_CELLS - full)} {done:,} of {of:,}"),
    )


def shown(text: str) -> tuple[Part, ...]:
    """The parts of a text of lines."""
    lines = text.split("\n")
    kinds = [_kind(lines, number) for number in range(len(lines))]
    parts: list[Part] = []
    for kind, group in groupby(zip(kinds, lines, strict=True), key=lambda pair: pair[0]):
        parts += _parts(kind, [line for _, line in group])
    return tuple(parts)


def _kind(lines: Sequence[str], number: int) -> str:
    line = lines[number]
    if _BAR.match(line):
        return "quote"
    if _is_figures(line) or (_cells(line)[1:] and any(map(_is_figures, lines[number + 1 : number + 2]))):
        return "figures"
    return "heading" if _is_heading(lines, number) else "words"


def _parts(kind: str, lines: Sequence[str]) -> Iterator[Part]:
    if kind == "quote":
        quoted = "\n".join(_BAR.sub("", line, count=1) for line in lines)
        yield Part(text=f"{quoted}\n", style=Style.QUOTE)
    elif kind == "figures":
        yield from _table(_rows(lines))
    elif kind == "heading":
        yield Part(text="\n".join(lines) + "\n", style=Style.BOLD)
    else:
        for before, line in zip(["", *lines], lines, strict=False):
            if before.startswith(" ") and _is_label(line):
                yield Part(text="\n")  # the next entry
            yield from _sentence(line)


def _cells(line: str) -> list[str]:
    return _GAP.split(line.strip())


def _is_figures(line: str) -> bool:
    """A name at the edge, then two figures or more."""
    cells = _cells(line)
    return len(cells) > 2 and not line.startswith(" ") and all(map(_FIGURE.fullmatch, cells[1:]))


def _is_heading(lines: Sequence[str], number: int) -> bool:
    """One short thing at the edge, with something indented below it."""
    line, below = lines[number], lines[number + 1 : number + 2]
    alone = bool(line) and not line.startswith(" ") and len(_cells(line)) == 1 and len(line) <= HEADING_MOST
    return alone and any(one.startswith("  ") for one in below)


def _rows(lines: Sequence[str]) -> list[list[str]]:
    """The cells of each line, all of one length. Shares stay with their numbers."""
    rows: list[list[str]] = []
    for line in lines:
        cells = _cells(line)
        name = [""] if line.startswith(" ") else [cells.pop(0)]
        numbers: list[str] = []
        for cell in cells:
            if cell.endswith("%") and numbers:
                numbers[-1] += f" ({cell.replace(' ', '')})"
            else:
                numbers.append(cell)
        rows.append([*name, *numbers])
    wide = max(map(len, rows))
    return [[*row, *[""] * (wide - len(row))] for row in rows]


def _table(rows: Sequence[Sequence[str]]) -> Iterator[Part]:
    """With no more room between the columns than they need; as sentences where that is too much, if they have names."""
    lines = columns(rows, right=frozenset(range(1, len(rows[0]))))
    if max(map(len, lines)) <= COLUMNS_MOST or any(map(_FIGURE.fullmatch, rows[0][1:])):
        yield Part(text="\n".join(lines) + "\n", style=Style.COLUMNS)
        return
    titles = rows[0][1:]
    for name, *cells in rows[1:]:
        told = ", ".join(
            f"{title} {cell}" for title, cell in zip(titles, cells, strict=True) if cell not in ("", _NONE)
        )
        yield Part(text=name, style=Style.BOLD)
        yield Part(text=f" · {told}\n")


def _is_label(line: str) -> bool:
    """Something at the edge, with words beside it."""
    return bool(line) and not line.startswith(" ") and len(_cells(line)) > 1


def _sentence(line: str) -> Iterator[Part]:
    """A line of words: a label at the edge is bold, cells that stood apart are told apart by a dot."""
    cells = [cell for cell in _cells(line) if cell]
    if _is_label(line):
        yield Part(text=cells[0], style=Style.BOLD)
        yield Part(text=f" · {' · '.join(cells[1:])}\n")
        return
    if len(cells) > 1 and _COUNT.fullmatch(cells[0]):
        yield Part(text=f"{cells[0]} {' · '.join(cells[1:])}\n")
        return
    yield Part(text=" · ".join(cells) + "\n")

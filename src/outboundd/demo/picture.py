"""How does the show look? `python -m outboundd.demo.picture FILE.svg` plays it and draws its best part."""

import io
import re
import sys
import tempfile
from itertools import dropwhile, takewhile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from outboundd import virtual
from outboundd.demo import ending
from outboundd.demo.embedded import Embedded
from outboundd.demo.play import START, Show

DAYS, SEED, WIDTH = 21, 7, 100
# A picture that loads nothing: without the fonts, the reader's own fixed-width one is taken.
FONT_FROM_ELSEWHERE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
FROM, BEFORE = "Tuesday 24 November", "Saturday 28 November"


def draw(target: Path) -> None:
    """Play to nobody, then draw the days around a holiday and the funnel."""
    with tempfile.TemporaryDirectory() as directory:
        show = Show(Embedded(Path(directory), SEED, START), SEED, DAYS, Console(file=io.StringIO(), width=WIDTH))
        virtual.run(show.perform, START)
    picture = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    for line in takewhile(
        lambda line: line.plain != BEFORE, dropwhile(lambda line: line.plain != FROM, show.screen.lines)
    ):
        picture.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    ending.show_funnel(picture, show.figures)
    drawn = picture.export_svg(title="make demo", theme=MONOKAI)
    target.write_text(FONT_FROM_ELSEWHERE.sub("", drawn), encoding="utf-8")


if __name__ == "__main__":
    draw(Path(sys.argv[1]))

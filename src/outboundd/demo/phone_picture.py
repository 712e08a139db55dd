"""How does the chat look? `python -m outboundd.demo.phone_picture FILE.png` draws the best of a morning."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from pathlib import Path

from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont

from outboundd.demo.on_a_phone import Chat, play
from outboundd.sandbox.bot_messages import Said, Sent

# What stands on each of three phones: from the message with these words on, so many.
PHONES = (("/draft 8", 9), ("/stats", 3), ("/recent 2", 8))
CHANGED = "the same message, when it was done"
SCALE = 2
WIDTH, GAP, PAD, ROUND, RIM = (SCALE * points for points in (400, 16, 10, 12, 34))
SIZE, SIZE_OF_COLUMNS, SIZE_OF_REMARKS = (SCALE * points for points in (15, 13, 12))
LEADING = 1.36
PAPER, SCREEN, OF_ME, OF_BOT, BUTTON, INK, MUTED = (
    "#ffffff",
    "#d5e0e9",
    "#e2f7cb",
    "#ffffff",
    "#a9bccb",
    "#17212b",
    "#5b6b79",
)
COLORS = 256  # of the palette: a small file
FONTS = Path(get_data_path()) / "fonts" / "ttf"

Line = list[tuple[str, str]]  # (style, text)


def font(style: str) -> ImageFont.FreeTypeFont:
    """Of a style as the Bot API names it; `remark` is ours."""
    name = {"bold": "DejaVuSans-Bold", "pre": "DejaVuSansMono"}.get(style, "DejaVuSans")
    size = {"pre": SIZE_OF_COLUMNS, "remark": SIZE_OF_REMARKS}.get(style, SIZE)
    return ImageFont.truetype(FONTS / f"{name}.ttf", size)


@dataclass(frozen=True, kw_only=True)
class Bubble:
    """One message, laid out: its lines, its buttons, its photo; `mine` is what the operator wrote."""

    lines: Sequence[Line]
    mine: bool = False
    remark: bool = False
    buttons: Sequence[str] = ()
    photo: bytes = b""


def draw(target: Path) -> None:
    """Play, and draw three phones beside one another."""
    chat = play()
    screens = [_screen(_bubbles(chat, words, count)) for words, count in PHONES]
    high = max(screen.height for screen in screens)
    picture = Image.new("RGB", (len(screens) * (WIDTH + GAP) - GAP, high), PAPER)
    pen = ImageDraw.Draw(picture)
    for number, screen in enumerate(screens):
        left = number * (WIDTH + GAP)
        pen.rounded_rectangle((left, 0, left + WIDTH - 1, high - 1), 2 * ROUND, fill=SCREEN)
        seen = screen.crop((ROUND, 0, WIDTH - ROUND, screen.height - 2 * ROUND))
        picture.paste(seen, (left + ROUND, ROUND))
    picture.quantize(COLORS, Image.Quantize.FASTOCTREE).save(target, optimize=True)


def _bubbles(chat: Chat, words: str, count: int) -> list[Bubble]:
    first = next(number for number, one in enumerate(chat.messages) if words in one.text)
    found: list[Bubble] = []
    for one in chat.messages[first : first + count]:
        bar = chat.bars.get(one.message_id) if isinstance(one, Sent) else None
        if bar is not None:
            found += [_bubble(bar, b""), Bubble(lines=[[("remark", CHANGED)]], remark=True)]
        found.append(_bubble(one, chat.photos.get(one.message_id, b"")))
    return found


def _bubble(one: Said | Sent, photo: bytes) -> Bubble:
    if isinstance(one, Said):
        return Bubble(lines=_lines([("", one.text)]), mine=True)
    return Bubble(lines=_lines(_styled(one)), buttons=[label for label, _ in one.buttons], photo=photo)


def _styled(one: Sent) -> list[tuple[str, str]]:
    """The text in pieces of one style. Entities count in UTF-16 units."""
    encoded = one.text.encode("utf-16-le")
    styles = [""] * (len(encoded) // 2)
    for entity in one.entities:
        for place in range(entity["offset"], entity["offset"] + entity["length"]):
            styles[place] = entity["type"]
    pieces = groupby(range(len(styles)), key=lambda place: styles[place])
    places = [(style, list(group)) for style, group in pieces]
    return [(style, encoded[2 * group[0] : 2 * group[-1] + 2].decode("utf-16-le")) for style, group in places]


def _lines(pieces: Sequence[tuple[str, str]]) -> list[Line]:
    """Broken where a phone breaks them: between words."""
    room = WIDTH - 2 * ROUND - 4 * PAD - RIM
    lines: list[Line] = [[]]
    used = 0.0
    for style, text in pieces:
        for number, paragraph in enumerate(text.split("\n")):
            if number:
                lines.append([])
                used = 0.0
            for word in _words(paragraph):
                if used and used + font(style).getlength(word) > room:
                    lines.append([(style, word.lstrip())])
                    used = font(style).getlength(word.lstrip())
                else:
                    lines[-1].append((style, word))
                    used += font(style).getlength(word)
    return lines


def _words(text: str) -> list[str]:
    """Each with the blank before it."""
    first, *others = text.split(" ")
    return [first, *(f" {word}" for word in others)]


def _screen(bubbles: Sequence[Bubble]) -> Image.Image:
    """One phone: what the operator wrote on the right, the rest on the left."""
    screen = Image.new("RGB", (WIDTH, 6000), SCREEN)
    pen = ImageDraw.Draw(screen)
    top = PAD
    for bubble in bubbles:
        top = _put(screen, pen, bubble, top) + PAD
    return screen.crop((0, 0, WIDTH, top + 2 * ROUND))


def _put(screen: Image.Image, pen: ImageDraw.ImageDraw, bubble: Bubble, top: int) -> int:
    """Draw one message; returns where it ends."""
    photo = _photo(bubble.photo)
    wide = max(sum(font(style).getlength(word) for style, word in line) for line in bubble.lines)
    wide = int(max(wide, photo.width if photo else 0)) + 2 * PAD
    left = WIDTH - ROUND - PAD - wide if bubble.mine else ROUND + PAD
    if bubble.remark:
        left = (WIDTH - wide) // 2
    step = int((SIZE_OF_REMARKS if bubble.remark else SIZE) * LEADING)
    end = top + (photo.height + PAD if photo else 0) + step * len(bubble.lines) + 2 * PAD
    if not bubble.remark:
        pen.rounded_rectangle((left, top, left + wide, end), ROUND, fill=OF_ME if bubble.mine else OF_BOT)
    at = top + PAD
    if photo:
        screen.paste(photo, (left + PAD, at))
        at += photo.height + PAD
    for number, line in enumerate(bubble.lines):
        _write(pen, line, left + PAD, at + number * step, MUTED if bubble.remark else INK)
    return _buttons(pen, bubble.buttons, left, end, wide)


def _write(pen: ImageDraw.ImageDraw, line: Line, left: float, top: float, color: str) -> None:
    for style, word in line:
        pen.text((left, top + SIZE), word, fill=color, font=font(style), anchor="ls")
        left += font(style).getlength(word)


def _buttons(pen: ImageDraw.ImageDraw, labels: Sequence[str], left: int, top: int, wide: int) -> int:
    """Below a message, one in each row, as wide as it is."""
    high = int(2 * SIZE)
    for label in labels:
        top += SCALE * 3
        pen.rounded_rectangle((left, top, left + wide, top + high), ROUND // 2, fill=BUTTON)
        pen.text((left + wide / 2, top + high / 2), label, fill=INK, font=font(""), anchor="mm")
        top += high
    return top


def _photo(content: bytes) -> Image.Image | None:
    if not content:
        return None
    photo = Image.open(BytesIO(content)).convert("RGB")
    wide = WIDTH - 2 * ROUND - 4 * PAD
    return photo.resize((wide, photo.height * wide // photo.width), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))

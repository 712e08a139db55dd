"""How is a text written down, so that equal texts are equal bytes wherever they are read back from?"""

import hashlib
import re
import unicodedata

_QUOTED = re.compile(r'"[^"]*("|$)')


def normalise(text: str) -> str:
    """NFC, LF line ends, no blanks at line ends, no empty lines around it."""
    lines = _encodable(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(unicodedata.normalize("NFC", line).rstrip() for line in lines).strip("\n")


def one_line(text: str) -> str:
    """The text on one line: every run of blanks, line ends and control characters is one blank."""
    visible = "".join(" " if unicodedata.category(char) == "Cc" else char for char in _encodable(text))
    return unicodedata.normalize("NFC", " ".join(visible.split()))


def text_hash(text: str) -> str:
    """The short name of a normalised text: 16 hex digits of its SHA-256. Empty for no text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16] if text else ""


def quoted(text: str, longest: int = 100) -> str:
    """Words of a row or a model as a reason quotes them: on one line, at most `longest` characters.

    Every reason quotes through here and writes no other quotation marks, so that `unquoted` can take the words out.
    """
    line = one_line(text).replace('"', "'")
    return f'"{line}"' if len(line) <= longest else f'"{line[:longest]}…"'


def unquoted(reason: str) -> str:
    """The reason without the words it quotes: what a log, an alert or a run may keep."""
    return _QUOTED.sub('"…"', reason)


def many(count: int, one: str, several: str = "") -> str:
    """The number with its noun: 1 row, 2 rows; `several` where an s does not do."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def _encodable(text: str) -> str:
    """Without lone surrogates, which no store could keep."""
    return text.encode("utf-8", "ignore").decode()

"""Does a text hold what no writer of ours would say: a hidden way elsewhere, an order, a figure out of nowhere?

What a model is given may hold orders of strangers. Whatever it makes of them, these are the shapes in which the result
would reach a recipient.
"""

import re
import unicodedata
from collections.abc import Iterable

_TOPS = r"(?:com|org|net|io|co|ai|app|dev|info|biz|xyz|eu|uk|de|fr|ru|cn|example)"
_HIDDEN_LINK = re.compile(
    rf"(?i)\w\s?(?:\[\.\]|\(\.\)|\{{\.\}}|[\[({{]\s?dot\s?[\])}}])\s?\w|\bhxxps?\b|\bh(?:tt|xx)ps?\s*:|\bwww\b"
    rf"|[\w-]{{2}}\s+(?:dot|d0t|punkt)\s+{_TOPS}\b|[\w-]{{2}}\s?\.\s{_TOPS}\b|[\w-]{{2}}\s\.\s?{_TOPS}\b"
    rf"|(?<![\w.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\w.])"
)
_HIDDEN_AT = re.compile(r"(?i)[\[({]\s?at\s?[\])}]|\w\s+at\s+[\w-]{2,}\s+dot\s+\w")
_ADDRESS = re.compile(r"[^\s@<>,;:()\"']{1,64}@([\w.-]{1,253})")
_HANDLE = re.compile(r"(?<![\w.@])@\w{3,}")
# +48 22 123 45 67, 0048…, (022) 123-45-67; and after "call" whatever has seven digits.
_NUMBER = re.compile(r"(?:\+|\b00|\(0)[\d\s().\-/]{6,24}\d|\b\d{2,5}(?:[ .\-/]\d{2,4}){2,5}\b")
_CALL = re.compile(r"(?i)\b(?:call|phone|tel|mobile|whatsapp|signal|text|sms|dial)\b\D{0,20}(\d[\d\s().\-/]{5,24}\d)")
_YEARS_OR_DATE = re.compile(
    r"(?:(?:19|20)\d\d[ .\-/]?)+|(?:19|20)\d\d[.\-/]\d\d[.\-/]\d\d|\d\d[.\-/]\d\d[.\-/](?:19|20)\d\d"
)
_ORDER = re.compile(
    r"(?i)\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:instructions?|rules?|prompts?|guidelines)\b"
    r"|\bsystem prompt\b|\bas an? (?:ai|large language model|language model|assistant)\b|\bi(?:'|’)?m an ai\b"
    r"|</?\s?data\b|\blast_answer\b|\bprompt injection\b|\bbase64\b"
)
_BLOB = re.compile(r"[A-Za-z0-9+/_=-]{45,}")
_FIGURE = re.compile(
    r"(?i)(?:[$€£¥]|\b(?:usd|eur|gbp|chf)\b)\s?(\d[\d.,]*)|(\d[\d.,]*)\s?(?:%|[$€£¥]|(?:usd|eur|gbp|chf|percent|dollars|euros|pounds)\b)"
)
_LOOKALIKES = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def hides_a_link(plain: str) -> bool:
    """A domain or an address of a machine that a reader, not a mail program, would put together."""
    return bool(_HIDDEN_LINK.search(plain))


def leads_elsewhere(plain: str, our_hosts: Iterable[str], ours: str, named: str) -> bool:
    """A mailbox, a handle or a telephone number that is not among our own words `ours`.

    `our_hosts` may have mailboxes in a mail; a handle may be part of a name in `named`.
    """
    hosts = tuple(our_hosts)
    foreign = [
        host
        for host in _ADDRESS.findall(plain)
        if not any(f".{host.casefold().rstrip('.')}".endswith(f".{one}") for one in hosts)
    ]
    handles = [handle for handle in _HANDLE.findall(plain) if handle not in named]
    return bool(foreign or handles or _HIDDEN_AT.search(plain) or _foreign_number(plain, ours))


def gives_orders(plain: str) -> bool:
    """Words to a machine, or of one, that no recipient should read."""
    return bool(_ORDER.search(plain) or _BLOB.search(plain))


def unfounded_figure(plain: str, known: str) -> bool:
    """A price or a percentage that stands in nothing we know."""
    told = {figure.strip(".,") for pair in _FIGURE.findall(plain) for figure in pair if figure}
    return not told <= {figure.strip(".,") for figure in re.findall(r"\d[\d.,]*", known)}


def disguises_letters(plain: str, named: str) -> bool:
    """A word of letters that look alike in two scripts, as in "раypal"; a name that is written so is no disguise."""
    words = re.findall(r"[^\W\d_]{2,}", plain)
    return any(not word.isascii() and len(_scripts(word)) > 1 and word not in named for word in words)


def _scripts(word: str) -> set[str]:
    return {script for char in word for script in _LOOKALIKES if unicodedata.name(char, "").startswith(script)}


def _foreign_number(plain: str, ours: str) -> bool:
    own = _digits(ours)
    for number in [*_NUMBER.findall(plain), *_CALL.findall(plain)]:
        digits = _digits(number)
        if len(digits) >= 7 and digits not in own and not _YEARS_OR_DATE.fullmatch(number.strip()):
            return True
    return False


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)

"""May this text be given to a writer: is it named as it must be, whole, and without a gap that nobody fills?"""

import re
import unicodedata

KINDS = ("first", "follow_up", "last")
TEMPLATE = "template"
# What a template may be filled with; `drafting.brief` fills all of them.
GAPS = (
    *("first_name", "greeting", "contact", "title", "company", "website", "country"),
    *("offer", "sender_name", "research", "observation", "earlier_subject"),
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_GAP = re.compile(r"\{([a-z_]+)\}")
_MEANT_AS_GAP = re.compile(r"\{\{.*?\}\}|[$]?\{\s*[A-Za-z][\w .-]{0,40}\}|%[A-Z_]{2,30}%|\*\|[^|\n]{1,40}\|\*")
_BRACE = re.compile(r"\{[^{}\n]{0,40}\}?|\}")
_SHOWN_MAX = 40
_HIDDEN = ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they make a text read other than it is


def fault(name: str, text: str) -> str:
    """What is wrong with the text of this name (its file without `.md`), with the remedy; "" when it may be used."""
    if not _is_named(name):
        return (
            "is no name of a prompt; call it NAME.first.md, NAME.follow_up.md or NAME.last.md (for the template writer "
            "template.first.md or template.NAME.first.md, and so on), or give it another ending than .md"
        )
    if not text.strip():
        return "is empty; write it, or take the file away"
    if any(_is_hidden(char) for char in text):
        return "holds a control character or one that turns the direction of the text; take it out"
    return _fault_of_template(text) if name.startswith(f"{TEMPLATE}.") else _fault_of_prompt(text)


def _is_named(name: str) -> bool:
    *words, kind = name.split(".")
    expected = (1, 2) if words[:1] == [TEMPLATE] else (1,)
    return kind in KINDS and len(words) in expected and all(_NAME.fullmatch(word) for word in words)


def _is_hidden(char: str) -> bool:
    return char not in "\n\t" and (unicodedata.category(char) in _HIDDEN or char in _TURNS)


def _fault_of_prompt(text: str) -> str:
    """A model is told its lead in a message of its own: a gap in the prompt would reach it as it stands."""
    meant = _MEANT_AS_GAP.search(text)
    if meant is None:
        return ""
    return (
        f"holds the placeholder {meant[0][:_SHOWN_MAX]}, which nobody fills: what is known of the lead is told to the "
        "model beside the prompt; write it in words"
    )


def _fault_of_template(text: str) -> str:
    unknown = [gap for gap in _GAP.findall(text) if gap not in GAPS]
    left = [f"{{{gap}}}" for gap in unknown] or [brace[0] for brace in _BRACE.finditer(_GAP.sub("", text))]
    if left:
        return f"holds the unknown placeholder {left[0][:_SHOWN_MAX]}; use {', '.join(f'{{{gap}}}' for gap in GAPS)}"
    if not text.lstrip().startswith("Subject:"):
        return 'does not begin with a line "Subject: …"; write one, then an empty line, then the text'
    if not re.search(r"\S[^\S\n]*\n[^\S\n]*\n\s*\S", text):
        return "has a subject and no text; write the text below an empty line"
    return ""

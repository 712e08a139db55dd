"""What is wrong with this mail, before it may leave?

A hard fault is never waived: the mail would embarrass, deceive or break. A soft one is for a human to judge. Reasons
quote nothing of the mail, for they reach logs.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from outboundd.model.lead import Lead
from outboundd.model.mail import Draft
from outboundd.model.settings import Settings
from outboundd.rules import domains, strange_words
from outboundd.rules.drafting import SALUTATIONS, letter_text
from outboundd.rules.texts import normalise

BODY_SOFT = (40, 1500)
WHOLE_HARD = 4000
SUBJECT_SOFT = 90
SUBJECT_HARD = 200

_PLACEHOLDERS = (
    re.compile(r"\{[^{}\n]{0,60}\}|\{\{|\}\}"),  # {{x}}, {name}, ${x}
    re.compile(r"<[^\s<>][^<>\n]{0,60}>"),  # <company>, and any markup
    re.compile(r"%[A-Za-z_]{2,30}%|\*\|[^|\n]{1,40}\|\*|_{3,}"),  # %FNAME%, *|FNAME|*, ____
    re.compile(r"\b(?:X{3,}|TODO|TBD|FIXME)\b|\b(?i:lorem ipsum)\b"),
    re.compile(r"(?im)^[^\S\n]*(?:(?:hi|hello|hey)\s+|dear\s*)[,!.:]"),  # "Hi ,", "Dear,"
    re.compile(r"(?i)\b(?:hi|hello|hey|dear)\s+(?:none|null|undefined|nan|n/a|(?:first |last |your )?name)\b"),
    re.compile(r"(?i)\b(?:at|for|with|of)\s+(?:(?:null|undefined|nan|n/a)\b|[,.](?!\.))"),  # "your work at ."
)
_BRACKETS = re.compile(r"\[[^\[\]\n]{1,60}\]")

_LINK = re.compile(
    r"(?i)\b(?:[a-z][a-z0-9+.-]{0,30}://|(?:mailto|javascript|data):(?=\S))(?:[^\s/@]*@)?(?P<host>[^\s/:?#]*)\S*"
)
_DOMAIN = re.compile(r"(?<![\w-])[\w-]+(?:\.[\w-]+){0,8}\.(?:xn--[\w-]+|[^\W\d_]{2,})\b")
_OTHER_DOTS = str.maketrans(dict.fromkeys("。｡·•∙・⋅", "."))
_RESERVED = frozenset({"example", "test", "invalid", "localhost", "local", "internal", "onion"})

_GREETING = re.compile(
    r"(?i)(?:hi|hello|hey|dear|hallo|hola|bonjour|good (?:morning|afternoon))\b\s*"
    r"(?P<name>.*?)(?P<end>[,!:;–—?]| - |$)"
)
_NOBODY = frozenset({"there", "again", "all", "team", "everyone", "everybody", "folks", "and", "or", "at", "the"})
# control, format (zero width, direction overrides), lone surrogates, private use, line and paragraph separators
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "ß": "ss", "đ": "d", "æ": "ae", "œ": "oe", "’": "'"})

_NOT_FIRST = re.compile(
    r"(?i)\b(?:following up|follow(?:ing)?[ -]up on|my (?:last|previous|earlier) (?:e-?mail|mail|message|note)"
    r"|as i wrote|circling back|bump(?:ing)? this|did you (?:get|see|read) my|as (?:discussed|promised|agreed)"
    r"|(?:great|nice|good) (?:talking|speaking|meeting))\b"
)
_NOT_LATER = re.compile(
    r"(?i)\b(?:my name is|we have(?: not|n't) met|we haven’t met|first time (?:i|we|that)\b"
    r"|(?:let|allow) me (?:to )?introduce|introduce myself|i (?:just )?came across)\b"
)
_REPLY_MARK = re.compile(r"(?i)^\s*(?:re|fwd?|aw|wg|sv|vs|rv|tr|antw|odp|回复|转发|答复)\s*(?:\[\d+\])?\s*:")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong with a mail. `code` is a short stable word."""

    code: str
    hard: bool
    why: str


def faults(draft: Draft, lead: Lead, step: int, settings: Settings, others: Sequence[str] = ()) -> tuple[Fault, ...]:
    """All faults of a draft and of the letter that would be made of it, each once, the hard ones first.

    `others` are names and companies of other leads, which must not appear.
    """
    whole = letter_text(draft, settings.campaign, step)
    found = letter_faults(draft.subject, whole, lead, step, settings, others)
    # The letter normalises what it is given, so the draft's own characters are looked at here.
    return _sorted(
        [*found, *_of_body(draft.body), *_greeting(draft.body, lead), *_characters(draft.subject, draft.body)]
    )


def letter_faults(
    subject: str, text: str, lead: Lead, step: int, settings: Settings, others: Sequence[str] = ()
) -> tuple[Fault, ...]:
    """All faults of a whole letter as it would leave, signature and opt-out line included."""
    plain = unicodedata.normalize("NFKC", f"{subject}\n{text}")
    found = [
        *_subject(unicodedata.normalize("NFKC", subject), step),
        *_characters(subject, text),
        *_placeholders(plain, lead),
        *_links(plain, lead, settings),
        *_strange(plain, lead, settings),
        *_strangers(plain, lead, settings, others),
        *_wrong_step(plain, step),
        *_shouting(subject, text, lead, settings),
    ]
    if len(text) > WHOLE_HARD:
        found.append(Fault(code="too long", hard=True, why=f"the mail is longer than {WHOLE_HARD} characters"))
    line = normalise(settings.campaign.opt_out_line)
    if step == 0 and line and line not in normalise(text):
        found.append(Fault(code="opt-out", hard=True, why="the opt-out line is missing"))
    return _sorted(found)


def _sorted(found: Iterable[Fault]) -> tuple[Fault, ...]:
    once = {fault.code: fault for fault in found}
    return tuple(sorted(once.values(), key=lambda fault: (not fault.hard, fault.code)))


def _of_body(body: str) -> list[Fault]:
    length = len(_visible(body))
    if not length:
        return [Fault(code="empty body", hard=True, why="the text is empty")]
    least, most = BODY_SOFT
    if length < least:
        return [Fault(code="short", hard=False, why=f"the text is shorter than {least} characters")]
    if length > most:
        return [Fault(code="long", hard=False, why=f"the text is longer than {most} characters")]
    return []


def _subject(subject: str, step: int) -> list[Fault]:
    if not _visible(subject):
        return [Fault(code="empty subject", hard=True, why="the subject is empty")]
    found = []
    if step == 0 and _REPLY_MARK.match(subject):
        found.append(Fault(code="false reply", hard=True, why="the subject of a first mail pretends to be a reply"))
    if len(subject) > SUBJECT_HARD:
        found.append(Fault(code="subject", hard=True, why=f"the subject is longer than {SUBJECT_HARD} characters"))
    elif len(subject) > SUBJECT_SOFT:
        found.append(Fault(code="subject", hard=False, why=f"the subject is longer than {SUBJECT_SOFT} characters"))
    return found


def _characters(subject: str, text: str) -> list[Fault]:
    found = []
    if re.search(r"[\r\n\v\f\x85\u2028\u2029]", subject):
        found.append(Fault(code="header", hard=True, why="the subject holds a line end"))
    if any(unicodedata.category(char) in _INVISIBLE for char in subject + text.replace("\n", "")):
        found.append(Fault(code="characters", hard=True, why="the mail holds invisible or control characters"))
    return found


def _visible(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char) not in _INVISIBLE).strip()


def _placeholders(plain: str, lead: Lead) -> list[Fault]:
    brackets = [found for found in _BRACKETS.findall(plain) if found not in lead.company and found not in lead.title]
    if brackets or any(pattern.search(plain) for pattern in _PLACEHOLDERS):
        return [Fault(code="placeholder", hard=True, why="the mail holds a placeholder that nobody filled, or markup")]
    return []


def _links(plain: str, lead: Lead, settings: Settings) -> list[Fault]:
    """A link may lead to the sender's own domain only; the lead's own may be named, but not linked to."""
    plain = plain.translate(_OTHER_DOTS).casefold()
    ours = {_registrable(_host(address)) for address in (settings.campaign.sender.email, settings.campaign.reply_to)}
    theirs = {_registrable(_host(address)) for address in (lead.email, lead.website)}
    named = set(_DOMAIN.findall(f"{lead.company} {lead.title}".casefold()))
    strange = [link["host"] for link in _LINK.finditer(plain) if _registrable(link["host"]) not in ours]
    bare = [name for name in _DOMAIN.findall(_LINK.sub(" ", plain)) if _is_domain(name) and name not in named]
    strange += [name for name in bare if _registrable(name) not in ours | theirs]
    if strange or strange_words.hides_a_link(_without_known(plain, ours | theirs)):
        return [Fault(code="link", hard=True, why="the mail links to or names a domain that is not the sender's own")]
    return []


def _strange(plain: str, lead: Lead, settings: Settings) -> list[Fault]:
    """What somebody else may have put into the writer's mouth."""
    us, named = settings.campaign, f"{lead.contact} {lead.company} {lead.title}"
    hosts = [_registrable(_host(address)) for address in (us.sender.email, us.reply_to)]
    ours = f"{us.offer}\n{us.signature}\n{us.postal_address}\n{us.opt_out_line}"
    found = []
    if strange_words.leads_elsewhere(plain, hosts, ours, named):
        why = "the mail names a mailbox, an account or a telephone number that is not ours"
        found.append(Fault(code="contact", hard=True, why=why))
    if strange_words.gives_orders(plain):
        found.append(Fault(code="orders", hard=True, why="the mail repeats words that are meant for a machine"))
    if strange_words.disguises_letters(plain, named + ours):
        found.append(Fault(code="letters", hard=True, why="a word mixes letters of two scripts that look alike"))
    if strange_words.unfounded_figure(plain, f"{_own(lead, settings)}\n{lead.subject}\n{lead.body}"):
        why = "the mail tells a price or a percentage that stands neither in the offer nor in the research"
        found.append(Fault(code="figure", hard=False, why=why))
    return found


def _without_known(plain: str, known: set[str]) -> str:
    """The text without links, which were looked at, and without the domains that may be named."""
    return _DOMAIN.sub(lambda name: " " if _registrable(name[0]) in known else name[0], _LINK.sub(" ", plain))


def _host(address: str) -> str:
    """The host of an address or a website cell; an empty cell has none that a text could name."""
    authority = re.sub(r"^[a-z]+://", "", address.strip().casefold()).split("/")[0]
    return authority.rsplit("@", 1)[-1].split(":")[0] or "-"


def _registrable(host: str) -> str:
    return domains.registrable(host) or host


def _is_domain(name: str) -> bool:
    return name.rpartition(".")[2] in _RESERVED or domains.ends_publicly(name)


def _greeting(body: str, lead: Lead) -> list[Fault]:
    """The first line greets the lead, nobody else."""
    greeting = _GREETING.match(body.strip().split("\n")[0])
    if not greeting:
        return []
    name, end = greeting["name"], greeting["end"]
    allowed = _NOBODY | SALUTATIONS | set(_plain(f"{lead.contact} {lead.company}").split())
    strange = [word for word in name.replace(".", ". ").split() if not set(_plain(word).split()) <= allowed]
    if strange and (strange[0][0].isupper() or (end and len(name.split()) <= 3)):
        return [Fault(code="wrong person", hard=True, why="the mail greets somebody else than the lead")]
    return []


def _strangers(plain: str, lead: Lead, settings: Settings, others: Sequence[str]) -> list[Fault]:
    own = f" {_plain(_own(lead, settings))} "
    folded, written = f" {_plain(plain)} ", f" {_words(plain)} "
    for other in others:
        name = _plain(other)
        if len(name) < 3 or f" {name} " in own:
            continue
        # A name of one word may be a word of the language too, so there it must be written as the name is.
        if f" {name} " in folded if " " in name else f" {_words(other)} " in written:
            return [Fault(code="wrong person", hard=True, why="the mail names another lead or another lead's company")]
    return []


def _own(lead: Lead, settings: Settings) -> str:
    """What this mail may name: its lead, what was found out about the company, and ourselves."""
    us = settings.campaign
    ours = (us.sender.name, us.offer, us.signature, us.postal_address, us.opt_out_line)
    return "\n".join((lead.contact, lead.company, lead.title, lead.research, *ours))


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


def _plain(text: str) -> str:
    """Words only, without case, accents and apostrophes."""
    bare = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)).replace("'", "")
    return _words("".join(char for char in bare if not unicodedata.combining(char)))


def _wrong_step(plain: str, step: int) -> list[Fault]:
    if step == 0 and _NOT_FIRST.search(plain):
        return [Fault(code="wrong step", hard=False, why="a first mail speaks as if there had been one before")]
    if step > 0 and _NOT_LATER.search(plain):
        return [Fault(code="wrong step", hard=False, why="a follow-up introduces itself as if it were the first mail")]
    return []


def _shouting(subject: str, text: str, lead: Lead, settings: Settings) -> list[Fault]:
    names = set(_words(_own(lead, settings)).split())
    for part in (subject, text):
        words = [word for word in re.findall(r"[^\W\d_]{4,}", part) if word not in names]
        loud = [word for word in words if word.isupper()]
        if (len(loud) >= 2 and len(loud) * 5 > len(words)) or re.search(r"!{2,}|[!?]{3,}", part):
            return [Fault(code="shouting", hard=False, why="the mail shouts: capitals or rows of exclamation marks")]
    return []

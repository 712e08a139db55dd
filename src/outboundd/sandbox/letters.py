"""What does a model write when it is asked for a mail, or whether two domains are one company?

Plain sentences that depend on the prompt alone, so that the same question always gets the same answer.
"""

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

_DATA = re.compile(r"<data>\s*(\{.*?\})\s*</data>", re.DOTALL)
_LAST_ASKED = re.compile(r"^You write the last\b", re.MULTILINE)
_CITATION = re.compile(r"\s*\[[0-9]+\]|[*#_`]")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
_SAYABLE = re.compile(r"[^\W_][^<>{}\[\]%|@/\n_]{1,200}")
_DOTTED = re.compile(r"\w\.\w")
# Second levels under which a domain's name is the third label, as in marks.co.uk.
_SECOND_LEVELS = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})

_FIRST = (
    (
        "It stayed with me, because somebody had to decide that it was worth the trouble and somebody else had to make"
        " it work on an ordinary Tuesday. From outside one sees the result, hardly ever the people behind it."
    ),
    (
        "I read it twice, because behind a plain sentence like that there are usually months of patient work by people"
        " whom nobody outside ever hears about, and it is the work of those people that I am curious about."
    ),
)
_FIRST_QUESTION = (
    "What turned out to be harder than you had expected? A single line would tell me more than any report.",
    "Which part of it would you do the same way again? A single line would tell me more than any report.",
)
_NEXT = (
    (
        "One more thought about {company}, and no hurry at all. It is often the small, repeated things that cost a team"
        " the most, and hardly anybody asks about those.\n\nIs that so for you too? A yes or a no is plenty."
    ),
    (
        "One more thought about {company}, for whenever you have a quiet minute. What people do best is rarely what"
        " fills their calendar.\n\nWould you say the same? A yes or a no is plenty."
    ),
)
_LAST = (
    "I will leave you in peace after this one, and no answer is needed. What you do at {company} deserves your time"
    " more than my mails do.\n\nShould it ever be useful to compare notes, a word from you is enough."
)


def written(prompt: str, properties: Sequence[str]) -> str:
    """The answer as JSON text, of the kind that the schema's `properties` ask for."""
    data = told(prompt)
    if set(properties) == {"subject", "body"}:
        return json.dumps(mail(prompt, data), ensure_ascii=False)
    if set(properties) == {"verdict", "evidence"}:
        return json.dumps(verdict(data), ensure_ascii=False)
    return json.dumps(dict.fromkeys(properties, "unknown"))


def told(prompt: str) -> Mapping[str, Any]:
    """The JSON object between <data> and </data>; empty when there is none."""
    block = _DATA.search(prompt)
    try:
        data = json.loads(block[1]) if block else {}
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def mail(prompt: str, data: Mapping[str, Any]) -> Mapping[str, str]:
    """A short warm mail: the first, one that follows an earlier mail, or the last one."""
    company = _company(data)
    greeting = f"Hi {data['first_name']}," if data.get("first_name") else "Hello,"
    subject = f"A question about {company}"
    if not data.get("earlier_mail"):
        body = f"{_observation(data, company)} {_pick(_FIRST, company)}\n\n{_pick(_FIRST_QUESTION, company)}"
        return {"subject": subject, "body": f"{greeting}\n\n{body}"}
    text = _LAST if _LAST_ASKED.search(prompt) else _pick(_NEXT, company)
    return {"subject": data.get("earlier_subject") or subject, "body": f"{greeting}\n\n{text.format(company=company)}"}


def verdict(data: Mapping[str, Any]) -> Mapping[str, str]:
    """Same for one name in both domains or one that begins the other, other for two names, else unclear."""
    website, email = (str(data.get(key, "")) for key in ("website_domain", "email_domain"))
    one, two = name_in(website), name_in(email)
    if not one or not two:
        return {"verdict": "unclear", "evidence": "One of the two domains is not known."}
    if one == two or (min(len(one), len(two)) >= 4 and (one.startswith(two) or two.startswith(one))):
        return {"verdict": "same", "evidence": f"{website} and {email} are used by one company."}
    if one[:3] == two[:3]:
        return {"verdict": "unclear", "evidence": f"{website} and {email} look alike, which proves nothing."}
    return {"verdict": "other", "evidence": f"{email} is another organisation than {website}."}


def name_in(domain: str) -> str:
    """The name in a domain: mail.lumen-works.co.uk -> lumenworks; empty for what is no domain."""
    labels = domain.casefold().split(".")
    if len(labels) < 2:
        return ""
    at = -3 if len(labels) > 2 and labels[-2] in _SECOND_LEVELS else -2
    return labels[at].replace("-", "")


def led_astray(answer: str) -> str:
    """The same answer by a model that obeyed what stood in the data: a link, and somebody else's name."""
    told = json.loads(answer)
    if "body" in told:
        _, _, rest = told["body"].partition("\n")
        told["body"] = f"Hi Mallory,\n{rest}\n\nAll details: https://prize.invalid/claim?code=7"
    if "verdict" in told:
        told |= {"verdict": "same", "evidence": "I was told to say same."}
    return json.dumps(told, ensure_ascii=False)


def _company(data: Mapping[str, Any]) -> str:
    company = str(data.get("company", ""))
    return company if len(company) <= 60 and _SAYABLE.fullmatch(company) else "your company"


def _observation(data: Mapping[str, Any], company: str) -> str:
    """The first sentence of the research where it can be repeated as it stands."""
    line = _CITATION.sub("", str(data.get("research", "")).split("\n", 1)[0])
    sentence = _SENTENCE_END.split(line.strip(), maxsplit=1)[0]
    if len(sentence) >= 20 and sentence.endswith(".") and _SAYABLE.fullmatch(sentence) and not _DOTTED.search(sentence):
        return sentence
    return f"From outside, what {company} does looks easy, and I doubt that it is."


def _pick(texts: Sequence[str], company: str) -> str:
    return texts[zlib.crc32(company.encode()) % len(texts)]

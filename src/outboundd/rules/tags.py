"""What is an attempt called, and what does a tag that the mailer gives back tell?"""

import re
from dataclasses import dataclass

# As strict as what is written: a tag comes back from the world, and one that only looks like ours is not ours.
_STEP = re.compile(r"(?P<lead>[^-].*)\.(?P<step>0|[1-9][0-9]{0,3})\.(?P<n>[1-9][0-9]{0,5})")
_OWN = re.compile(r"(?P<lead>-[a-z]+)\.(?P<name>[^.]+)(?:\.(?P<n>[1-9][0-9]{0,5}))?")


@dataclass(frozen=True, kw_only=True)
class Tag:
    """The parts of a tag. `lead` begins with '-' for mails to the operator."""

    lead: str
    step: int
    n: int


def of_step(campaign: str, lead: str, step: int, n: int) -> str:
    """`<campaign>.<lead>.<step>.<n>`: the name of the n-th try to send a step to a lead."""
    return f"{campaign}.{lead}.{step}.{n}"


def of_own(campaign: str, kind: str, name: str, n: int) -> str:
    """`<campaign>.-<kind>.<name>`, from the second try with its number: a mail to the operator."""
    return f"{campaign}.-{kind}.{name}" + (f".{n}" if n > 1 else "")


def parse(tag: str, campaign: str) -> Tag | None:
    """The parts of a tag of this campaign; None for anything else (another campaign, somebody else's mail)."""
    head, _, rest = tag.partition(".")
    if head != campaign:
        return None
    if own := _OWN.fullmatch(rest):
        return Tag(lead=own["lead"], step=0, n=int(own["n"] or 1))
    if step := _STEP.fullmatch(rest):
        return Tag(lead=step["lead"], step=int(step["step"]), n=int(step["n"]))
    return None

"""What is an attempt called, and what does a tag that the mailer gives back tell?"""

from dataclasses import dataclass


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
    parts = rest.split(".")
    if head != campaign or not parts[0]:
        return None
    if parts[0].startswith("-"):
        n = int(parts[2]) if len(parts) == 3 and parts[2].isdecimal() else 1
        return Tag(lead=parts[0], step=0, n=n)
    if len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):
        return None
    return Tag(lead=parts[0], step=int(parts[1]), n=int(parts[2]))

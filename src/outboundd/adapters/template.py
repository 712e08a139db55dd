"""How is a mail written without a model, from texts with gaps?

A template is a row of blocks parted by empty lines; the first is the subject. A block may hold several wordings, parted
by a line `~`, the preferred ones first. A wording that needs a field we do not have is left out; the first of the
others and those that use the same fields compete, and the company's name chooses, so that the same lead always gets the
same text. A block without any wording left is left out.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date

from outboundd.model.mail import Answer, Brief
from outboundd.ports import Broken

_GAP = re.compile(r"\{([a-z_]+)\}")
_UNCLEAR = Answer(text=json.dumps({"verdict": "unclear", "evidence": "a template cannot judge"}))


class TemplateWriter:
    """Fills the template of the step; answers in the same shape as a model."""

    name = "template"
    is_model = False
    usd_at_most = 0.0

    def __init__(self, prompts: Mapping[str, str]) -> None:
        self._prompts = prompts

    async def write(self, brief: Brief) -> Answer:
        """The mail of a brief. Raises Broken for a missing template or a gap that no field can fill."""
        subject, *blocks = _blocks(self._template(brief))
        body = [_fill(block, brief.fields) for block in blocks]
        mail = {
            "subject": _fill(subject, brief.fields).removeprefix("Subject:").strip(),
            "body": "\n\n".join(part for part in body if part),
        }
        return Answer(text=json.dumps(mail, ensure_ascii=False))

    async def judge(self, question: str) -> Answer:
        """Always unclear: what only a model could judge goes to a human."""
        return _UNCLEAR

    async def aclose(self) -> None:
        """Holds nothing open."""

    async def retires_on(self) -> date | None:
        """Never: there is no model."""
        return None

    async def probe(self) -> str:
        """How many templates there are."""
        count = sum(name.startswith("template.") for name in self._prompts)
        return f"template writer: {count} templates, no account needed"

    def _template(self, brief: Brief) -> str:
        kind, prompt = brief.fields["kind"], brief.fields["prompt"]
        own = self._prompts.get(f"template.{prompt}.{kind}")
        template = own or self._prompts.get(f"template.{kind}", "")
        if not template.strip():
            raise Broken(self.name, "template missing", f"add a file template.{kind}.md to the prompts directory")
        return template


def _blocks(template: str) -> list[str]:
    return [block for block in re.split(r"\n[ \t]*\n", template.replace("\r\n", "\n").strip()) if block.strip()]


def _fill(block: str, fields: Mapping[str, str]) -> str:
    """The wording of a block with its gaps filled, once: what stands in a field is never filled again."""
    wordings = [wording.strip() for wording in re.split(r"(?m)^[ \t]*~[ \t]*$", block)]
    gaps = {wording: set(_GAP.findall(wording)) for wording in wordings}
    for gap in sorted(set().union(*gaps.values()) - fields.keys()):
        raise Broken(TemplateWriter.name, "unknown field", f"no lead has a field {gap}: correct the template")
    usable = [wording for wording in wordings if all(fields[gap] for gap in gaps[wording])]
    if not usable:
        return ""
    best = [wording for wording in usable if gaps[wording] == gaps[usable[0]]]
    choice = hashlib.sha256(f"{fields.get('company', '')}\n{block}".encode()).digest()[0]
    return _GAP.sub(lambda gap: fields[gap[1]], best[choice % len(best)])

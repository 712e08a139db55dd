"""What would the writer be told for this lead? Shown without telling it: no call is made, and nothing costs."""

from collections.abc import AsyncGenerator
from typing import Any

from outboundd.commands.as_it_stands import as_it_stands, facts_of
from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.commands.who import one_row
from outboundd.model.lead import Lead
from outboundd.model.mail import Research
from outboundd.rules import languages, prompt_text, written_with
from outboundd.rules.decide import step_at_hand
from outboundd.rules.texts import text_hash
from outboundd.steps.brief import brief_of, known_research, with_variant


async def prompt(desk: Desk, *, who: str, step: int | None = None) -> AsyncGenerator[Line, None]:
    """The two messages to a model, or the template and what it is filled with, for one step of this lead."""
    parts, settings = desk.parts, desk.parts.settings
    lead = with_variant(await as_it_stands(desk, await one_row(desk, who)), settings)
    step = _step(desk, lead, step)
    research = await known_research(parts, lead)
    now = parts.world.clock.now()
    facts = await facts_of(desk, lead, await parts.world.ledger.traffic(now), now)
    brief = brief_of(lead, step, research or Research(), facts.history.attempts, settings)
    is_model = parts.world.writer.is_model
    name = written_with.text_name(lead.variant, step, settings, is_model=is_model)
    data = {
        "id": lead.id,
        "step": step,
        "name": settings.sequence.name_of(step),
        "variant": lead.variant,
        "writer": parts.world.writer.name,
        "language": languages.of_mail(settings.campaign.language, lead.country) if is_model else None,
        "prompt": name,
        "hash": text_hash(settings.prompts[name]),
        "research": _known(desk, research),
        "system": brief.prompt if is_model else None,
        "user": brief.data if is_model else None,
        "template": None if is_model else settings.prompts[name],
        "fields": None if is_model else {gap: brief.fields[gap] for gap in prompt_text.GAPS},
    }
    yield Line(text="\n".join([*_head(data), "", *_messages(data)]), data=data)


def _step(desk: Desk, lead: Lead, asked: int | None) -> int:
    """The step that was asked for, else the one at hand. Refuses one that the sequence does not have."""
    last = desk.parts.settings.sequence.last_step
    if asked is not None and not 0 <= asked <= last:
        raise Refusal(2, f"--step {asked}: the sequence has the steps 0 (the first mail) to {last}")
    if asked is not None:
        return asked
    step = step_at_hand(lead)
    if not 0 <= step <= last:
        raise Refusal(2, f"no step is left for {lead.id}; give one with --step, 0 (the first mail) to {last}")
    return step


def _known(desk: Desk, research: Research | None) -> str:
    """Whether there is research to tell, in words."""
    researcher = desk.parts.world.researcher.name
    if research is None:
        return "none, nobody is asked" if researcher == "none" else f"none yet: {researcher} would be asked before"
    return "as it is known now" if research.text else "nothing is known"


def _head(data: dict[str, Any]) -> list[str]:
    language = f", in {languages.name_of(data['language'])}" if data["language"] else ""
    return [
        f"{data['id']}, {data['name']} (step {data['step']}), variant {data['variant']}{language}",
        f"prompt {data['prompt']}, hash {data['hash']}, to the writer {data['writer']}; nothing is told to it now",
        f"research: {data['research']}",
    ]


def _messages(data: dict[str, Any]) -> list[str]:
    if data["fields"] is None:
        return ["--- system ---", data["system"], "", "--- user ---", data["user"]]
    filled = [f"{{{gap}}} = {value or '(empty)'}" for gap, value in data["fields"].items()]
    return ["--- template ---", data["template"].strip(), "", "--- filled with ---", *filled]


PROMPT = Command(
    name="prompt",
    doc="what the writer would be told for one lead, without telling it",
    run=prompt,
    reads_only=True,
)

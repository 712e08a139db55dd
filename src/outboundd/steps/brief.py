"""What is the writer told of one lead: with which variant, research and earlier mail?"""

import json
from collections.abc import Sequence
from datetime import timedelta

from outboundd.engine.parts import Parts
from outboundd.model.lead import Lead
from outboundd.model.mail import Attempt, Brief, Research
from outboundd.model.settings import Settings
from outboundd.rules import domains, drafting, variants

RESEARCH_KEPT = timedelta(days=90)


def with_variant(lead: Lead, settings: Settings) -> Lead:
    """The lead with its arm, which it is given once."""
    return lead if lead.variant else lead.with_fields({"variant": variants.choose(lead.id, settings.variants)})


def brief_of(lead: Lead, step: int, research: Research, attempts: Sequence[Attempt], settings: Settings) -> Brief:
    """All that the writer is told for this step. Raises ValueError when the lead's prompt file is missing."""
    known = drafting.after(lead, step, attempts, settings.campaign)
    return drafting.brief(known, step, research.text, settings, research.sources)


async def known_research(parts: Parts, lead: Lead) -> Research | None:
    """What is kept about the company; while nobody may be asked, what the row says. None: it would be asked for.

    A follow-up, and a first mail that may do without, are written while the researcher is halted.
    """
    world, now = parts.world, parts.world.clock.now()
    known = await world.ledger.cached("research", domains.company_of(lead), now - RESEARCH_KEPT)
    if known is not None:
        kept = json.loads(known)
        return Research(text=kept["text"], sources=tuple(kept["sources"]))
    is_halted = any(halt.what == world.researcher.name for halt in await world.ledger.halts(now))
    return Research(text=lead.research) if is_halted else None

"""Which drafts that wait to be sent were written with a prompt that has been changed since?"""

from outboundd.engine.parts import Parts
from outboundd.rules import written_with


async def older_texts(parts: Parts) -> tuple[str, ...]:
    """A sentence for each such text, as in "12 drafts were written with an older text of carnegie.first"."""
    drafts = await parts.world.ledger.drafts()
    return written_with.older(drafts, parts.settings, is_model=parts.world.writer.is_model)

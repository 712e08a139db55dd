"""With which prompt was a draft written, and is that text still the one in use?

A draft's basis ends in a mark, `carnegie.first@9a8b7c6d5e4f3a2b`: the prompt and the hash of its text then. It
stands in the trail and so outlives the ledger. Once the operator has edited or mended a draft, its words are theirs: it
has none.
"""

from collections import Counter
from collections.abc import Iterable

from outboundd.model.facts import Drafted
from outboundd.model.settings import Settings
from outboundd.rules import basis, drafting
from outboundd.rules.prompt_text import TEMPLATE
from outboundd.rules.texts import text_hash


def text_name(variant: str, step: int, settings: Settings, *, is_model: bool) -> str:
    """The name of the text that a mail of this variant and step is written with now; a template may be for all."""
    prompt, kind = drafting.prompt_of(variant, settings), drafting.kind_of(step, settings)
    if is_model:
        return f"{prompt}.{kind}"
    own = f"{TEMPLATE}.{prompt}.{kind}"
    return own if settings.prompts.get(own) else f"{TEMPLATE}.{kind}"


def mark(variant: str, step: int, settings: Settings, *, is_model: bool) -> str:
    """Name and hash of that text."""
    name = text_name(variant, step, settings, is_model=is_model)
    return f"{name}@{text_hash(settings.prompts.get(name, ''))}"


def older(drafts: Iterable[Drafted], settings: Settings, *, is_model: bool) -> tuple[str, ...]:
    """A sentence for each text that drafts were written with and that is not the one in use, the most drafts first."""
    found: Counter[str] = Counter()
    for one in drafts:
        was, now = basis.mark_of(one.basis), mark(one.variant, one.step, settings, is_model=is_model)
        if was and was != now:
            found[_told(was.partition("@")[0], now.partition("@")[0])] += 1
    return tuple(
        f"{number:,} {'draft was' if number == 1 else 'drafts were'} written with {told}"
        for told, number in sorted(found.items(), key=lambda one: (-one[1], one[0]))
    )


def _told(was: str, now: str) -> str:
    return f"an older text of {was}" if was == now else f"{was}, in whose place {now} is used now"

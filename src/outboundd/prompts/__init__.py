"""Which texts are the writers given?

One file a purpose: `NAME.first.md`, `NAME.follow_up.md` and `NAME.last.md` are the prompts called NAME for a model,
`template.KIND.md` and `template.NAME.KIND.md` what the template writer fills in.
"""

from collections.abc import Mapping
from importlib.resources import files


def load() -> Mapping[str, str]:
    """The shipped texts by file name without `.md`; the operator's own are read with the configuration."""
    shipped = {one.name: one.read_text("utf-8") for one in files(__name__).iterdir() if one.name.endswith(".md")}
    return {name.removesuffix(".md"): text for name, text in sorted(shipped.items())}

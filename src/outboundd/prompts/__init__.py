"""Which texts are the writers given?

One file a purpose: `NAME.first.md`, `NAME.follow_up.md` and `NAME.last.md` are the prompts called NAME for a model,
`template.KIND.md` and `template.NAME.KIND.md` what the template writer fills in.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path


def load(directory: Path | None = None) -> Mapping[str, str]:
    """All texts by file name without `.md`: those shipped, and over them the operator's own in `directory`.

    Raises ValueError when a file there is not UTF-8, OSError when the directory cannot be read.
    """
    shipped = {one.name: one.read_text("utf-8") for one in files(__name__).iterdir() if one.name.endswith(".md")}
    own = {one.name: _own(one) for one in directory.iterdir() if one.name.endswith(".md")} if directory else {}
    return {name.removesuffix(".md"): text for name, text in sorted({**shipped, **own}.items())}


def _own(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"the prompt file {file.name} is not UTF-8: save it as UTF-8") from error

"""Which keys does the program need, and where do they come from? Never from the file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Kind of a part -> the secret it needs.
NEEDED: Mapping[str, str] = {
    "airtable": "AIRTABLE_TOKEN",
    "brevo": "BREVO_API_KEY",
    "openai": "OPENAI_API_KEY",
    "perplexity": "PERPLEXITY_API_KEY",
    "telegram": "TELEGRAM_BOT_TOKEN",
}

# What a request's header can carry: anything else would fail at each request, and not every library says before it.
_VISIBLE = re.compile(r"[!-~]+")
# A key that must also look like one: aiogram refuses another token before it asks anybody (aiogram 3.31, 2026-11).
_SHAPES: Mapping[str, re.Pattern[str]] = {"telegram": re.compile(r"[0-9]+:[!-~]+")}


@dataclass(frozen=True, kw_only=True)
class Secret:
    """One key, and where it was found. Its value is shown by no representation."""

    name: str
    value: str = field(repr=False)
    place: str


def find(kinds: list[str], env: Mapping[str, str]) -> tuple[dict[str, Secret], list[str]]:
    """The secrets that these kinds of parts need, by kind, and one sentence for each that is missing or unusable.

    A systemd credential ($CREDENTIALS_DIRECTORY/airtable_token) comes before the environment (AIRTABLE_TOKEN).
    """
    found: dict[str, Secret] = {}
    wrong: list[str] = []
    for kind in kinds:
        name = NEEDED.get(kind)
        if name is None:
            continue
        secret = _credential(name, env) or _variable(name, env)
        if secret is None:
            wrong.append(
                f'{name}: not set, and "{kind}" needs it; put it into the environment, or give systemd the credential '
                f"{name.lower()}."
            )
        elif not _VISIBLE.fullmatch(secret.value):
            wrong.append(f"{name}: holds a blank or a character that no key has; copy it anew.")
        elif kind in _SHAPES and not _SHAPES[kind].fullmatch(secret.value):
            wrong.append(f"{name}: is no token of a bot, which is digits, a colon and letters; copy it anew.")
        else:
            found[kind] = secret
    return found, wrong


def _credential(name: str, env: Mapping[str, str]) -> Secret | None:
    directory = env.get("CREDENTIALS_DIRECTORY", "")
    if not directory:
        return None
    try:
        value = (Path(directory) / name.lower()).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return Secret(name=name, value=value, place="a systemd credential") if value else None


def _variable(name: str, env: Mapping[str, str]) -> Secret | None:
    value = env.get(name, "").strip()
    return Secret(name=name, value=value, place="the environment") if value else None

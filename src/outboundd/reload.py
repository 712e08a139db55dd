"""What becomes of a configuration that was changed while the daemon runs, and what is the operator told?

The new file is read and checked before anything ends. Alerts and log lines name keys, never what stands there: values
are the operator's own words. `outboundd check` tells them in full.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from outboundd.config import Config, ConfigError, needs_restart
from outboundd.engine.parts import Parts
from outboundd.ports import Failure
from outboundd.rules.texts import text_hash
from outboundd.wiring import read_config

REFUSED = "config.refused."
TITLE = "The new configuration was refused"
MISTAKES = "it has mistakes (outboundd check tells them)"
RESTART = "it needs a restart (systemctl restart outboundd)"


class NotTaken(Exception):
    """The configuration of before stays. `why` is a clause, `places` say what it is about."""

    def __init__(self, why: str, places: Sequence[str] = ()) -> None:
        super().__init__(": ".join([why, ", ".join(places)]) if places else why)


def read_anew(config: Config) -> Config:
    """What stands in the file now. Raises NotTaken when the running program must not go on with it."""
    try:
        new = read_config(config.path, datetime.now(UTC))
    except ConfigError as wrong:
        raise NotTaken(MISTAKES, wrong.places) from wrong
    if keys := needs_restart(config, new):
        raise NotTaken(RESTART, keys)
    return new


def unopened(error: Exception) -> NotTaken:
    """What desk_of raised. A ValueError and a Failure speak our own words, an OSError the machine's."""
    ours = isinstance(error, (ValueError, Failure))
    said = str(error) if ours else getattr(error, "strerror", None) or "no reason was given"
    return NotTaken(f"what it names cannot be opened: {said}")


async def refuse(parts: Parts, config: Config, not_taken: NotTaken) -> None:
    """Tell that `config` stays in force, once per reason."""
    parts.log.write("config.refused", reason=str(not_taken))
    text = f"{config.path.name} was read anew and not taken: {not_taken}."
    await parts.alerts.tell(f"{REFUSED}{text_hash(str(not_taken))}", TITLE, text)


async def taken(parts: Parts, config: Config) -> None:
    """Note that the new one is in force; what was refused before is over."""
    parts.log.write("config.taken", reason=f"hash {config.hash}")
    for incident in await parts.world.ledger.incidents(open_only=True):
        if incident.what.startswith(REFUSED):
            await parts.alerts.over(incident.what)

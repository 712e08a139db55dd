"""May the running program go on with this configuration, or does a change need a new start?"""

from outboundd.config.loading import Config


def needs_restart(old: Config, new: Config) -> list[str]:
    """The keys whose change only a new start can bring into effect."""
    pairs = {
        "state_dir": (old.state_dir, new.state_dir),
        "suppression": (old.suppression, new.suppression),
        "campaign.name": (old.settings.campaign.name, new.settings.campaign.name),
    }
    return [key for key, (before, after) in pairs.items() if before != after]

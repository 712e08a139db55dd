"""What did the operator write in config.toml, and may the program start with it?"""

from outboundd.config.loading import Choice, Config, ConfigError, Placed, find, load

__all__ = ["Choice", "Config", "ConfigError", "Placed", "find", "load"]

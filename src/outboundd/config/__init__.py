"""What did the operator write in config.toml, and may the program start with it?"""

from outboundd.config.loading import Config, ConfigError, find, load

__all__ = ["Config", "ConfigError", "find", "load"]

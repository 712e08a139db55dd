"""What did the operator write in config.toml, and may the program start with it?"""

from outboundd.config.loading import Config, ConfigError, find, load
from outboundd.config.reload import needs_restart

__all__ = ["Config", "ConfigError", "find", "load", "needs_restart"]

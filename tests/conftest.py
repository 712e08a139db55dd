"""What holds for every test: properties are tried on the same examples each time, and speed is no promise of a test."""

from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")

"""What does a stranger see first? Three weeks of the schedule on a virtual clock, with people who answer."""

from outboundd.demo.play import play

__all__ = ["play"]

"""How does a service tell systemd how it is? By one datagram a message to the socket that $NOTIFY_SOCKET names.

The protocol is that of sd_notify(3), systemd 252 (2026-11): newline-separated KEY=VALUE; a leading @ is an abstract
address. Nobody listens in a terminal: nothing is sent there. A message that cannot be sent is lost, never an error.
"""

import os
import socket
import time
from collections.abc import Mapping


class Systemd:
    """The service manager, as the environment of this process names it. Nothing here waits or raises."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._address = env.get("NOTIFY_SOCKET", "")
        self.watchdog_s = _watchdog_s(env) if self._address else None

    @property
    def listens(self) -> bool:
        """Is there anybody to tell?"""
        return bool(self._address)

    def ready(self, status: str) -> None:
        """The start, or the reload, is complete."""
        self._say(f"READY=1\n{_status(status)}")

    def status(self, text: str) -> None:
        """The line that `systemctl status` shows."""
        self._say(_status(text))

    def alive(self) -> None:
        """Feeds the watchdog: the process is killed when this is not said within `watchdog_s` seconds."""
        self._say("WATCHDOG=1")

    def reloading(self) -> None:
        """A reload begins; `ready` ends it. The clock's value is what systemd >= 253 asks for in the same datagram."""
        self._say(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self, status: str) -> None:
        """The stop has begun."""
        self._say(f"STOPPING=1\n{_status(status)}")

    def _say(self, message: str) -> None:
        if not self._address:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
                link.setblocking(False)
                link.sendto(message.encode("utf-8", "replace"), address)
        except (OSError, ValueError):
            return


def _status(text: str) -> str:
    return f"STATUS={' '.join(text.split())}"


def _watchdog_s(env: Mapping[str, str]) -> float | None:
    """The watchdog's period; None when there is none, or when it is meant for another process."""
    usec, pid = env.get("WATCHDOG_USEC", ""), env.get("WATCHDOG_PID", "")
    if not usec.isdecimal() or int(usec) == 0 or pid not in ("", str(os.getpid())):
        return None
    return int(usec) / 1_000_000

"""How does a line reach the journal of systemd with its fields, so that `journalctl LEAD=…` finds it?

By its native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/, read 2026-11-24, tried against systemd 252): one
datagram an entry, `NAME=value` a line; a value of several lines goes behind its length. What is too large for a
datagram goes as a sealed file in memory whose descriptor is passed.
"""

import errno
import fcntl
import os
import re
import socket
import struct
from collections.abc import Mapping
from pathlib import Path

SOCKET = Path("/run/systemd/journal/socket")
PATIENCE_S = 0.1  # for a journal whose queue is full; one that is stuck is waited for once, not at each line
LONGEST_NAME = 64
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
_TOO_LARGE = (errno.EMSGSIZE, errno.ENOBUFS)


class Journal:
    """The journal that listens on a socket: by default this machine's."""

    def __init__(self, path: Path = SOCKET) -> None:
        self._path = str(path)
        self._patience_s = PATIENCE_S
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)  # not connected: the journal may be restarted

    def send(self, fields: Mapping[str, str | int | float]) -> bool:
        """Write one entry; never raises. False when the journal is away or does not take it within PATIENCE_S."""
        try:
            self._socket.settimeout(self._patience_s)
            self._send(entry(fields))
        except OSError:
            self._patience_s = 0.0
            return False
        self._patience_s = PATIENCE_S
        return True

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def _send(self, written: bytes) -> None:
        try:
            self._socket.sendto(written, self._path)
        except OSError as error:
            if error.errno not in _TOO_LARGE:
                raise
            self._pass(written)

    def _pass(self, written: bytes) -> None:
        """The entry as a file in memory. The journal takes it only sealed: nobody can change it under its eyes."""
        file = os.memfd_create("outboundd-journal", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        with open(file, "wb", buffering=0) as memory:  # noqa: PTH123 (a descriptor, no path)
            memory.write(written)
            fcntl.fcntl(memory, fcntl.F_ADD_SEALS, _SEALS)
            passed = (socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", memory.fileno()))
            self._socket.sendmsg([b""], [passed], 0, self._path)


def entry(fields: Mapping[str, str | int | float]) -> bytes:
    """The fields as the journal reads them. A name is put into capitals; one that it would not take is left out."""
    named = ((_name(name), str(value).encode("utf-8", "replace")) for name, value in fields.items())
    return b"".join(_field(name, value) for name, value in named if name)


def _name(name: str) -> bytes:
    """A to Z, digits and underscores, not beginning with either of these, at most LONGEST_NAME long."""
    return re.sub("[^A-Z0-9_]", "_", name.upper()).lstrip("_0123456789")[:LONGEST_NAME].encode()


def _field(name: bytes, value: bytes) -> bytes:
    if b"\n" not in value:
        return name + b"=" + value + b"\n"
    return name + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"

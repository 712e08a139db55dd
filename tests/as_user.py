"""How does a test type a command as another user of this machine? Only root can: elsewhere such tests are skipped.

The interpreter may lie in a directory that is closed to others: it is reached through open descriptors.
"""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).parents[1] / "src"
PACKAGES = Path(sysconfig.get_path("purelib"))


def _is_open(path: Path) -> bool:
    """May everybody go there? A clone in a private directory is closed to other users."""
    return all(one.stat().st_mode & 0o001 for one in (path, *path.parents))


ONLY_ROOT = pytest.mark.skipif(
    os.geteuid() != 0 or not _is_open(SOURCE) or not _is_open(PACKAGES),
    reason="only root can become another user, who must be able to reach this directory",
)


@dataclass(frozen=True, kw_only=True)
class User:
    """A user by its numbers; none of them need be in /etc/passwd."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()

    def open(self, *words: str, cwd: Path, env: Mapping[str, str], **how: Any) -> "subprocess.Popen[str]":
        """Begin `outboundd WORDS` as this user, who sees nothing of our environment but `env`."""
        home, program = os.open(sys.base_prefix, os.O_RDONLY), os.open(os.path.realpath(sys.executable), os.O_RDONLY)
        there = f"/proc/self/fd/{home}"
        reached = {"PYTHONHOME": there, "LD_LIBRARY_PATH": f"{there}/lib", "PYTHONPATH": f"{SOURCE}:{PACKAGES}"}
        try:
            return subprocess.Popen(
                [f"/proc/self/fd/{program}", "-m", "outboundd", *words],
                cwd=cwd,
                env={"PATH": os.defpath, "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1", **reached, **env},
                user=self.uid,
                group=self.gid,
                extra_groups=list(self.groups),
                pass_fds=(home, program),
                text=True,
                **how,
            )
        finally:
            os.close(home)
            os.close(program)

    def say(self, *words: str, cwd: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """`outboundd WORDS` to its end."""
        said = self.open(*words, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = said.communicate(timeout=60)
        return subprocess.CompletedProcess(words, said.returncode, out, err)


def given(path: Path, user: User, mode: int) -> Path:
    """The file or directory belongs to this user and their group, with these rights."""
    os.chown(path, user.uid, user.gid)
    path.chmod(mode)
    return path

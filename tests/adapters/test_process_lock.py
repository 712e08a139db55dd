"""Which process may write to a state directory?"""

import os
from pathlib import Path

import pytest

from outboundd.adapters.process_lock import LOOK_EVERY_S, Locked, process_lock


async def test_a_state_directory_has_one_process_at_a_time(tmp_path: Path) -> None:
    """A second one is told which lock is held, by whom and since when; it never goes on beside the first."""
    async with process_lock(tmp_path, 0):
        with pytest.raises(Locked, match=rf"lock \(pid {os.getpid()}, since \d{{4}}-\d\d-\d\d \d\d:\d\d UTC\)"):
            async with process_lock(tmp_path, 0):
                pytest.fail("two processes at once")


async def test_the_lock_is_free_when_its_holder_is_gone(tmp_path: Path) -> None:
    """A lock file that was left behind holds nobody up."""
    for _ in range(2):
        async with process_lock(tmp_path, 0):
            assert (tmp_path / "lock").exists()


async def test_who_waits_for_the_lock_waits_no_longer_than_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command by hand waits for its turn, not for ever."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("outboundd.adapters.process_lock.anyio.sleep", sleep)
    async with process_lock(tmp_path, 0):
        with pytest.raises(Locked):
            async with process_lock(tmp_path, 1):
                pytest.fail("two processes at once")
    assert waited == [LOOK_EVERY_S] * 5


async def test_who_would_wait_in_vain_does_not_wait(tmp_path: Path) -> None:
    """A daemon holds it for as long as it runs: it is to be asked instead."""
    async with process_lock(tmp_path, 0):
        with pytest.raises(Locked):
            async with process_lock(tmp_path, 600, lambda: True):
                pytest.fail("two processes at once")

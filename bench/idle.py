"""What does the daemon take in memory when it has nothing to do, and how long until it answers?

A real process each time, as systemd starts it. It answers when its control socket does; it idles when its first
reconcile is over and seconds have passed. Leaves out what a busy hour adds: the peaks are measured elsewhere.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from figure import Figure, tell

import office
from outboundd.adapters import control
from outboundd.sandbox.five import KEYS, config_lines

SHIPPED = Path(__file__).parent.parent / "config.toml"
STARTS = 3
SETTLE_S = 3.0
PATIENCE_S = 120.0
EMBEDDED_MIB, ALL_MIB = 90, 220
EMBEDDED_S, ALL_S = 2.0, 6.0
RUN = "from outboundd.cli import main; main()"
# Until the adapter of Telegram is there: its library, loaded at the start as the adapter will load it.
RUN_WITH_TELEGRAM = f"from outboundd.adapters import lean_aiogram; lean_aiogram.load(); import aiogram; {RUN}"


def measure() -> list[Figure]:
    """Embedded parts, then all vendors' adapters in front of the sandbox, without Telegram and with it."""
    with tempfile.TemporaryDirectory() as folder, _sandbox() as url:
        embedded, vendors = Path(folder, "embedded.toml"), Path(folder, "vendors.toml")
        shutil.copy(SHIPPED, embedded)
        vendors.write_text(f"{office.SHIPPED}\n{config_lines(url)}", encoding="utf-8")
        _say(vendors, "setup")
        return [
            *_figures("embedded parts, Telegram off", embedded, RUN, EMBEDDED_MIB, EMBEDDED_S),
            *_figures("all vendors but Telegram", vendors, RUN, ALL_MIB, ALL_S),
            *_figures("all vendors, Telegram's library loaded", vendors, RUN_WITH_TELEGRAM, ALL_MIB, ALL_S),
        ]


def _figures(at: str, config: Path, program: str, most_mib: int, most_s: float) -> list[Figure]:
    starts = [_start(config, program) for _ in range(STARTS)]
    ready_s, rss_mib = (statistics.median(each) for each in zip(*starts, strict=True))
    return [
        Figure(
            what="idle resident memory",
            at=at,
            measured=f"{rss_mib:.0f} MiB",
            target=f"at most {most_mib} MiB",
            holds=rss_mib <= most_mib,
        ),
        Figure(
            what=f"from exec to the first answer, median of {STARTS}",
            at=at,
            measured=f"{ready_s:.1f} s",
            target=f"within {most_s:.0f} s",
            holds=ready_s <= most_s,
        ),
    ]


def _start(config: Path, program: str) -> tuple[float, float]:
    """One start: seconds until it answers, and MiB when it idles."""
    began = time.perf_counter()
    command = [sys.executable, "-c", program, "run", "--config", config]
    daemon = subprocess.Popen(command, env=_environment(), stderr=subprocess.PIPE, text=True)
    try:
        ready_s = _answered(config, daemon) - began
        for line in daemon.stderr or ():
            if "job.finished" in line:
                break
        time.sleep(SETTLE_S)
        return ready_s, _rss_mib(daemon.pid)
    finally:
        daemon.terminate()
        daemon.communicate(timeout=PATIENCE_S)


def _answered(config: Path, daemon: subprocess.Popen[str]) -> float:
    """The instant at which a command was answered."""
    places = [place / "control.sock" for place in (config.parent / "state", config.parent / "var" / "state")]
    until = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < until and daemon.poll() is None:
        link = control.connect(places)
        if link is not None and [say for say in control.ask(link, "jobs", {}) if say.get("exit") == 0]:
            return time.perf_counter()
        time.sleep(0.005)
    raise RuntimeError("the daemon did not answer")


def _rss_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return float(status.partition("VmRSS:")[2].split()[0]) / 1024


def _environment() -> Mapping[str, str]:
    """Without what systemd would set: the state lies beside the configuration."""
    own = {name: value for name, value in os.environ.items() if not name.endswith("_DIRECTORY")}
    return {**own, **KEYS}


def _say(config: Path, command: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "outboundd", command, "--config", config],
        env=_environment(),
        stdout=subprocess.DEVNULL,
        check=True,
    )


@contextmanager
def _sandbox() -> Iterator[str]:
    """The vendors in a process of their own; their address."""
    command = [sys.executable, "-m", "outboundd", "sandbox", "--port", "0"]
    sandbox = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        first = sandbox.stdout.readline() if sandbox.stdout else ""
        yield first.split(" on ")[1].split(",")[0]
    finally:
        sandbox.terminate()
        with suppress(subprocess.TimeoutExpired):
            sandbox.communicate(timeout=PATIENCE_S)


if __name__ == "__main__":
    tell(measure)

"""Are the shipped units sound, and as closed as docs/OPERATING.md says?"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path

import pytest

from outboundd.config.secrets import NEEDED
from outboundd.sandbox.five import TELEGRAM_TOKEN
from test_daemon import PATIENCE_S
from test_signals import slow_brevo

ROOT = Path(__file__).parent.parent
UNITS = ("outboundd.service", "outboundd-failed.service")
AT_MOST = 1.2
OLDEST = 252


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    """systemd-analyze as it is on this machine; the test is skipped where it is missing or older than the units."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    if int(version) < OLDEST:
        pytest.skip(f"systemd {version} is older than {OLDEST}, for which the units are written")
    command = [program, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


@pytest.fixture
def installed(tmp_path: Path) -> list[Path]:
    """The units with the paths of an installation that is there."""
    (tmp_path / "bin").mkdir()
    made = []
    for name in ("outboundd", "python3", "systemctl"):
        (tmp_path / "bin" / name).symlink_to("/bin/true")
    for name in UNITS:
        text = (ROOT / "systemd" / name).read_text(encoding="utf-8")
        # every absolute program becomes one of this folder: nothing of the machine has to be there
        text = re.sub(r"^(Exec\w+=\+?)/\S*/(\w+)", rf"\g<1>{tmp_path}/bin/\g<2>", text, flags=re.MULTILINE)
        text = re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE)
        made.append(tmp_path / name)
        made[-1].write_text(text, encoding="utf-8")
    return made


def test_systemd_finds_no_fault_with_the_units(installed: list[Path]) -> None:
    """Not even a warning: an unknown setting would be ignored, and a wall would be missing."""
    checked = analyze("verify", "--man=no", *map(str, installed))
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@pytest.mark.parametrize("name", UNITS)
def test_the_exposure_is_what_the_documentation_says(name: str) -> None:
    """Lower is safer; what keeps it from less is told in OPERATING."""
    threshold = str(int(AT_MOST * 10))
    checked = analyze("security", "--offline=yes", f"--threshold={threshold}", str(ROOT / "systemd" / name))
    assert checked.returncode == 0, checked.stdout
    level = re.search(rf"exposure level for {re.escape(name)}: ([\d.]+)", checked.stdout)
    assert level is not None
    told = (ROOT / "docs" / "OPERATING.md").read_text(encoding="utf-8")
    assert f"comes to {level[1]} for `{name}`" in " ".join(told.split())


def test_every_secret_that_the_program_knows_is_a_credential_of_the_unit() -> None:
    """A new kind of part with a key must not need the environment under systemd."""
    text = (ROOT / "systemd" / "outboundd.service").read_text(encoding="utf-8")
    given = dict(re.findall(r"^LoadCredential=(\w+):(\S+)$", text, re.MULTILINE))
    assert given == {name.lower(): f"outboundd.{name.lower()}" for name in NEEDED.values()}


def notify(place: Path, config: str) -> subprocess.CompletedProcess[str]:
    """The notifier as systemd starts it, with the bot's token as its credential."""
    (place / "config.toml").write_text(config, encoding="utf-8")
    (place / "telegram_bot_token").write_text(TELEGRAM_TOKEN, encoding="utf-8")
    command = [sys.executable, "-I", str(ROOT / "systemd" / "outboundd-failed"), str(place / "config.toml")]
    env = {"PATH": os.environ["PATH"], "CREDENTIALS_DIRECTORY": str(place)}
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, env=env, check=False)


def chat(url: str) -> str:
    """The table of a bot that lives at this address."""
    return f'[telegram]\nallowed_user_ids = [7]\nalert_chat_id = 7\napi_url = "{url}/telegram"\n'


def test_the_notifier_tells_by_telegram_with_nothing_of_ours(tmp_path: Path) -> None:
    """One message in the chat of the alerts, and the token in no line."""
    with slow_brevo(0) as (url, _):
        told = notify(tmp_path, chat(url))
        with urllib.request.urlopen(f"{url}/_sandbox/state", timeout=PATIENCE_S) as state:
            sent = json.load(state)["telegram"]["sent"]
    assert (told.returncode, told.stdout, told.stderr) == (0, "<5>told by telegram\n", "")
    assert [(one["chat_id"], "has failed and stands still" in one["text"]) for one in sent] == [(7, True)]


@pytest.mark.parametrize("config", ["", "[telegram", chat("http://127.0.0.1:1")])
def test_a_notifier_that_reaches_nobody_says_so_as_critical_and_prints_no_token(tmp_path: Path, config: str) -> None:
    """Whatever the file holds, and also when nothing answers, the journal has the sentence."""
    told = notify(tmp_path, config)
    assert told.returncode == 1
    assert "<2>outboundd on " in told.stdout
    assert TELEGRAM_TOKEN not in told.stdout + told.stderr


def test_the_shipped_configuration_is_one_that_the_notifier_understands() -> None:
    """It reads the same keys as the program."""
    shipped = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))
    assert {"alert_chat_id", "allowed_user_ids", "api_url"} <= set(shipped["telegram"])
    assert "email_to" in shipped["alerts"]

"""Who may talk to the daemon? Its group, from accounts that hold no key and see none of its files; nobody else.

Real users of this machine: the daemon runs as one, a member of its group and a stranger type commands as two others.
"""

import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from as_user import ONLY_ROOT, User, given

pytestmark = ONLY_ROOT

SERVICE = User(uid=61001, gid=62001)
MEMBER = User(uid=61002, gid=62002, groups=(62001,))
STRANGER = User(uid=61003, gid=62003)
SHIPPED = Path(__file__).parents[1] / "config.toml"
LEADS = """Email,Contact,Title,Company,Website,Country,City
rosa.diaz@harbour.example,Rosa Diaz,Site manager,Harbour Works,harbour.example,GB,London
bo.lind@quarry.example,Bo Lind,Site manager,Quarry Works,quarry.example,GB,London
no address,Nobody,,,,,
"""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A machine as systemd has prepared it: configuration, state and runtime directory of the service."""

    place: Path
    config: Path
    runtime: Path
    home: Path

    def open(self, user: User, *words: str, pipes: int | None = subprocess.PIPE) -> "subprocess.Popen[str]":
        """Begin a command where this user stands, who knows the runtime directory alone."""
        env = {"RUNTIME_DIRECTORY": str(self.runtime)}
        return user.open(*words, cwd=self.home if user is MEMBER else self.place, env=env, stdout=pipes, stderr=pipes)

    def say(self, user: User, *words: str) -> tuple[int, str, str]:
        """A command to its end: exit code, output, errors."""
        said = self.open(user, *words)
        out, err = said.communicate(timeout=60)
        return said.returncode, out, err


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The directories, with the rights that the unit asks for."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        made = {name: place / name for name in ("etc", "state", "run", "member")}
        for path in made.values():
            path.mkdir()
        given(made["etc"], SERVICE, 0o700)
        given(made["state"], SERVICE, 0o700)
        given(made["run"], SERVICE, 0o750)
        given(made["member"], MEMBER, 0o700)
        shutil.copy(SHIPPED, made["etc"])
        config = given(made["etc"] / "config.toml", SERVICE, 0o600)
        leads = made["member"] / "leads.csv"
        leads.write_text(LEADS, encoding="utf-8")
        given(leads, MEMBER, 0o600)
        yield Server(place=place, config=config, runtime=made["run"], home=made["member"])


@pytest.fixture(scope="module")
def daemon(server: Server) -> Iterator[None]:
    """The daemon as the unit starts it, its first reconcile complete."""
    env = {"RUNTIME_DIRECTORY": str(server.runtime), "STATE_DIRECTORY": str(server.place / "state")}
    words = ("run", "--config", str(server.config))
    with SERVICE.open(*words, cwd=server.place, env=env, umask=0o077, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        told = ""
        for line in process.stderr:
            told += line
            if "job.finished" in line:
                break
        else:
            pytest.fail(told)
        yield
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.usefixtures("daemon")
def test_the_socket_is_the_groups_whatever_the_units_mask(server: Server) -> None:
    """UMask=0077 and a runtime directory of mode 0750 leave the group its way in, and nobody else's."""
    there = (server.runtime / "control.sock").stat()
    assert stat.S_IMODE(there.st_mode) == 0o660
    assert (there.st_uid, there.st_gid) == (SERVICE.uid, SERVICE.gid)


@pytest.mark.usefixtures("daemon")
def test_a_member_of_the_group_says_every_command(server: Server) -> None:
    """No key, no configuration, no state: files are read and written as the member, all else in the daemon."""
    code, out, err = server.say(MEMBER, "import", "leads.csv", "--source", "Fair")
    assert (code, "imported: 2 new" in out) == (0, True), err
    rejects = server.home / "leads.rejects.csv"
    assert rejects.stat().st_uid == MEMBER.uid
    assert "no address" in rejects.read_text(encoding="utf-8")
    code, out, err = server.say(MEMBER, "verify", "--report", "report.csv")
    assert (code, "2 leads to look at" in out) == (0, True), err
    assert (server.home / "report.csv").stat().st_uid == MEMBER.uid
    told = {
        ("why", "rosa.diaz@harbour.example"): "Rosa Diaz",
        ("queue",): "",
        ("stats", "--json"): '"campaign": "default"',
        ("incidents",): "",
        ("check",): "green",
        ("setup",): "",
        ("jobs",): "hourly",
        ("once", "send"): "send: ",
        ("once", "draft", "--dry-run"): "draft: dry run",
        ("pause", "digest"): "digest is off",
        ("import", "--suppress", "leads.csv", "--dry-run"): "",
    }
    begun = {words: server.open(MEMBER, *words) for words in told}
    for words, said in begun.items():
        out, err = said.communicate(timeout=60)
        assert said.returncode == 0, (words, out, err)
        assert told[words] in out, words
    for words, part in (
        (("resume", "digest"), "digest is on again"),
        (("override", "rosa.diaz@harbour.example", "replied"), ""),
        (("stop", "@harbour.example"), ""),
        (("forget", "bo.lind@quarry.example"), ""),
    ):
        code, out, err = server.say(MEMBER, *words)
        assert (code, part in out) == (0, True), (words, out, err)


@pytest.mark.usefixtures("daemon")
def test_a_member_may_name_the_configuration_that_they_cannot_read(server: Server) -> None:
    """The daemon knows by its path that it is meant."""
    assert server.say(MEMBER, "stats", "--config", str(server.config))[0] == 0


@pytest.mark.usefixtures("daemon")
@pytest.mark.parametrize("named", [False, True])
def test_a_stranger_is_told_so_and_nothing_is_begun_in_its_stead(server: Server, *, named: bool) -> None:
    """Exit 2 and who may, not a campaign of their own on whatever configuration lies about."""
    code, out, err = server.say(STRANGER, "pause", *(["--config", str(server.config)] if named else []))
    assert (code, out) == (2, "")
    assert f"the daemon answers the members of the group {SERVICE.gid}, and you are none" in err
    assert f"sudo usermod -aG {SERVICE.gid}" in err
    assert "Traceback" not in err
    assert err.count("outboundd: ") == (2 if named else 1)
    assert not (server.place / "var").exists()


@pytest.mark.usefixtures("daemon")
def test_a_stranger_with_a_campaign_of_their_own_is_not_in_the_daemons_way(server: Server) -> None:
    """What is named with --config is meant: they work on their own files, beside a daemon that does not answer them."""
    own = server.place / "own"
    own.mkdir(exist_ok=True)
    given(own, STRANGER, 0o700)
    shutil.copy(SHIPPED, own)
    given(own / "config.toml", STRANGER, 0o600)
    code, out, err = server.say(STRANGER, "pause", "--config", str(own / "config.toml"))
    assert (code, "mail to leads is off" in out) == (0, True), err
    assert (own / "var" / "state").stat().st_uid == STRANGER.uid


def test_a_member_without_a_daemon_is_told_what_is_missing(server: Server) -> None:
    """Not their rights on the file are wrong: nobody answers."""
    env = {"RUNTIME_DIRECTORY": str(server.home)}
    said = MEMBER.say("stats", "--config", str(server.config), cwd=server.home, env=env)
    assert said.returncode == 2
    assert "cannot be read (Permission denied)" in said.stderr
    assert "no daemon answers" in said.stderr
    assert "Traceback" not in said.stderr

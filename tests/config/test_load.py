"""Does a good file become the configuration it says, and an unreadable one a sentence?"""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from outboundd.config import ConfigError, find, load, needs_restart
from outboundd.config.loading import PLACES
from outboundd.jobs import JOBS
from outboundd.model.settings import Campaign, FollowUp, Sender, Settings, Variant

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROMPTS = dict.fromkeys(("plain.first", "plain.follow_up", "plain.last"), "Write.")
SENDER = '[campaign]\nsender = { name = "Ada Park", email = "ada@mail.acme.example" }\n'


def write(folder: Path, text: str) -> Path:
    """A config file with this text."""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path) -> list[str]:
    """The sentences with which this file is refused."""
    with pytest.raises(ConfigError) as refusal:
        load(path, {}, loaded_at=NOW)
    return refusal.value.sentences


def test_a_file_that_names_only_the_sender_is_the_documented_defaults(tmp_path: Path):
    """Every key but the sender has a default, and it is the one the rules document."""
    config = load(write(tmp_path, SENDER), {}, loaded_at=NOW)

    sender = Sender(name="Ada Park", email="ada@mail.acme.example")
    assert config.settings == Settings(campaign=Campaign(sender=sender))
    assert config.loaded_at == NOW


def test_every_value_reaches_the_rules_as_it_was_written(tmp_path: Path):
    """Dates, times, lists and tables arrive as the values that the rules work with."""
    text = (
        SENDER
        + """
digest_to = ["ops@acme.example"]
[hours]
start = "08:30"
closed = ["2026-12-24..2027-01-02", "2026-05-01"]
[limits]
gap_s = [2, 2.5]
[limits.guard]
window_days = 14
[attribution]
same = [["Acme.example", "bücher.example"]]
[compliance]
consent_settled = ["DE", "*"]
[[sequence.follow_ups]]
name = "bump"
after_days = 7
[[variants]]
name = "B"
weight = 3
prompt = "plain"
[jobs.send]
cron = "*/20 * * * mon-fri"
"""
    )
    config = load(write(tmp_path, text), {}, loaded_at=NOW, prompts=PROMPTS)
    settings = config.settings

    assert settings.campaign.digest_to == ("ops@acme.example",)
    assert settings.hours.start == time(8, 30)
    assert settings.hours.closed == (
        (date(2026, 12, 24), date(2027, 1, 2)),
        (date(2026, 5, 1), date(2026, 5, 1)),
    )
    assert settings.limits.gap_s == (2, 2.5)
    assert settings.limits.guard.window_days == 14
    assert settings.same_domains == (("acme.example", "xn--bcher-kva.example"),)
    assert settings.consent_settled == {"DE", "*"}
    assert settings.sequence.follow_ups == (FollowUp(name="bump", after_days=7),)
    assert settings.variants == (Variant(name="B", weight=3, prompt="plain"),)
    assert settings.prompts == PROMPTS
    assert config.jobs["send"] == "*/20 * * * mon-fri"
    assert list(config.jobs) == list(JOBS)


def test_relative_paths_lie_beside_the_config_file(tmp_path: Path):
    """Wherever the command is called from, the same file means the same places."""
    config = load(write(tmp_path, 'state_dir = "s"\n' + SENDER), {}, loaded_at=NOW)

    assert config.state_dir == tmp_path / "s"
    assert config.suppression == tmp_path / "var/suppression.db"
    assert (config.store.kind, config.store.path) == ("sqlite", tmp_path / "var/leads.db")
    assert (config.mailer.kind, config.mailer.path) == ("maildir", tmp_path / "var/mail")


def test_under_systemd_relative_paths_lie_below_the_state_directory(tmp_path: Path):
    """A unit may write to its state directory only; an absolute path stays where it is."""
    path = write(tmp_path, 'suppression = "/srv/suppression.db"\n' + SENDER)
    config = load(path, {"STATE_DIRECTORY": "/var/lib/outboundd:/var/lib/other"}, loaded_at=NOW)

    assert config.state_dir == Path("/var/lib/outboundd/var/state").resolve()
    assert config.store.path == Path("/var/lib/outboundd/var/leads.db").resolve()
    assert config.suppression == Path("/srv/suppression.db").resolve()


def test_the_hash_tells_one_file_from_another(tmp_path: Path):
    """`check` shows which text is loaded: any change of the text is another hash."""
    first = load(write(tmp_path, SENDER), {}, loaded_at=NOW).hash
    second = load(write(tmp_path, SENDER + "# a comment\n"), {}, loaded_at=NOW).hash

    assert len(first) == 12
    assert first != second


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path: Path):
    """A byte order mark and CRLF line ends are no mistake."""
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SENDER.replace("\n", "\r\n").encode())

    assert load(path, {}, loaded_at=NOW).settings.campaign.sender.name == "Ada Park"


def test_a_missing_file_is_named(tmp_path: Path):
    """The sentence says which file was looked for and what to do."""
    path = tmp_path / "config.toml"

    assert refused(path) == [f"{path}: no such file; name another with --config."]


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path):
    """Whatever keeps the file from being read is a sentence, not a traceback."""
    assert refused(tmp_path) == [f"{tmp_path}: cannot be read (Is a directory); check its permissions."]


def test_a_file_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path):
    """An old editor's Latin-1 is found at the line where it stands."""
    path = tmp_path / "config.toml"
    path.write_bytes(b"# ok\n# caf\xe9\n")

    assert refused(path) == ["config.toml, line 2: not UTF-8; save the file as UTF-8."]


def test_variants_are_not_held_against_prompts_that_were_not_given(tmp_path: Path):
    """Without prompt files at hand the name of a prompt is taken as it is."""
    path = write(tmp_path, SENDER + '[[variants]]\nname = "A"\nprompt = "mine"\n')

    assert load(path, {}, loaded_at=NOW).settings.variants[0].prompt == "mine"


def test_the_named_file_is_used_else_the_one_in_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """--config wins; without it ./config.toml is taken."""
    write(tmp_path, SENDER)
    monkeypatch.chdir(tmp_path)

    assert find(Path("other.toml")) == Path("other.toml")
    assert find(None) == Path("config.toml")


def test_no_file_anywhere_is_told_with_the_places_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Nobody has to guess where the file belongs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("outboundd.config.loading.PLACES", (Path("config.toml"), Path("elsewhere/config.toml")))

    with pytest.raises(ConfigError) as refusal:
        find(None)

    assert refusal.value.sentences == [
        "There is no config.toml and no elsewhere/config.toml; name a file with --config."
    ]


@pytest.mark.parametrize("key", ["xkeysib-a b", "xkeysib-\u2013", "xkeysib-a\nb", "xkeysib-\x00"])
def test_a_key_that_no_request_can_carry_is_refused_and_not_repeated(tmp_path: Path, key: str):
    """A blank or a dash of a word processor got in while it was copied: every mail would be in doubt."""
    text = SENDER + 'postal_address = "x"\nopt_out_line = "x"\n[mailer]\nkind = "brevo"\n'
    with pytest.raises(ConfigError) as refusal:
        load(write(tmp_path, text), {"BREVO_API_KEY": key}, loaded_at=NOW)
    (sentence,) = refusal.value.sentences
    assert sentence.startswith("BREVO_API_KEY: holds a blank or a character that no key has")
    assert "xkeysib" not in sentence


@pytest.mark.parametrize(("closed", "found"), [((0,), 1), ((1,), 1), ((0, 1), 1)])
def test_a_folder_that_may_not_be_looked_into_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, closed: tuple[int, ...], found: int
):
    """A command typed in somebody else's home goes on to the next place; what is closed tells itself when read."""

    def exists(place: Path) -> bool:
        if PLACES.index(place) in closed:
            raise PermissionError
        return place == PLACES[1]

    monkeypatch.setattr(Path, "exists", exists)
    assert find(None) == PLACES[found]


def test_where_the_mistakes_stand_is_told_without_the_files_own_words(tmp_path: Path):
    """For logs and alerts: known keys and line numbers alone."""
    text = f'rosa = "rosa@harbour.example"\n{SENDER}[limits]\nper_hour = "rosa"\n[mailer]\nkind = "brevo"\n'
    with pytest.raises(ConfigError) as refusal:
        load(write(tmp_path, text), {}, loaded_at=NOW, kinds={"mailer": ("brevo",)})
    assert {"a key of the file", "limits.per_hour", "BREVO_API_KEY"} <= set(refusal.value.places)
    assert not any("rosa" in place for place in refusal.value.places)


def test_what_a_campaign_is_made_of_changes_with_a_restart_only(tmp_path: Path):
    """Another ledger, another list or another campaign is another program; all else may change while it runs."""
    old = load(write(tmp_path, SENDER), {}, loaded_at=NOW)
    same = load(write(tmp_path, SENDER + "[limits]\nper_hour = 7\n"), {}, loaded_at=NOW)
    assert needs_restart(old, same) == []
    other = 'state_dir = "a"\nsuppression = "b"\n' + SENDER + 'name = "other"\n'
    new = load(write(tmp_path, other), {}, loaded_at=NOW)
    assert needs_restart(old, new) == ["state_dir", "suppression", "campaign.name"]

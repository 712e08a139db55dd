"""Is each thing said in a chat understood as the one command it means, and nothing else obeyed?"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.commands import COMMANDS
from outboundd.commands.chat import WORDS, Asked, Reply, as_said, help_text, menu, understood


def asked(text: str, **how: Any) -> Asked:
    """What was understood; it must be a command."""
    meant = understood(text, COMMANDS, **how)
    assert isinstance(meant, Asked), meant
    return meant


def reply(text: str) -> Reply:
    """What is answered at once."""
    meant = understood(text, COMMANDS)
    assert isinstance(meant, Reply), meant
    return meant


@pytest.mark.parametrize(
    ("text", "command", "arguments"),
    [
        ("/draft 12", "once", {"job": "draft", "limit": 12}),
        ("/draft", "once", {"job": "draft", "limit": None}),
        ("/send 5", "once", {"job": "send", "limit": 5}),
        ("/send@sandbox_bot 5", "once", {"job": "send", "limit": 5}),
        ("/SEND\u00a05 ", "once", {"job": "send", "limit": 5}),
        ("/stats", "stats", {}),
        ("/recent", "recent", {"number": 5}),
        ("/recent 20", "recent", {"number": 20}),
        ("/queue", "queue", {"days": 3}),
        ("/queue 7", "queue", {"days": 7}),
        ("/pause", "pause", {"what": "mail", "until": ""}),
        ("/pause everything", "pause", {"what": "mail", "until": ""}),
        ("/pause draft", "pause", {"what": "draft", "until": ""}),
        ("/pause until 2026-12-27", "pause", {"what": "mail", "until": "2026-12-27"}),
        ("/pause source:Fair 2026 until 2026-12-27", "pause", {"what": "source:Fair 2026", "until": "2026-12-27"}),
        ("/pause draft --until 2026-12-27", "pause", {"what": "draft", "until": "2026-12-27"}),
        ("/resume", "resume", {"what": ""}),
        ("/resume source:Fair 2026", "resume", {"what": "source:Fair 2026"}),
        ("/jobs", "jobs", {}),
        ("/why rosa@harbour.example", "why", {"who": "rosa@harbour.example"}),
        ("/why recJWgGVjCyoTSVUu", "why", {"who": "recJWgGVjCyoTSVUu"}),
        ("/stop @harbour.example", "stop", {"who": "@harbour.example"}),
        ("/replied rosa@harbour.example", "override", {"who": "rosa@harbour.example", "value": "replied"}),
    ],
)
def test_each_word_is_a_command_with_its_arguments(text: str, command: str, arguments: dict[str, Any]):
    """As the operator knows them."""
    meant = asked(text)
    assert (meant.command, dict(meant.arguments)) == (command, arguments)


def test_a_button_says_the_same_without_a_slash():
    """What is offered can be pressed."""
    assert asked("resume brevo", pressed=True) == asked("/resume brevo")


@pytest.mark.parametrize(
    ("text", "near"), [("/sned 5", "/send"), ("/statistics", "/stats"), ("/puase", "/pause"), ("/hlep", "/help")]
)
def test_an_unknown_word_is_answered_with_the_nearest(text: str, near: str):
    """And is not obeyed."""
    assert f"Did you mean {near}?" in reply(text).text


@pytest.mark.parametrize(
    "text",
    [
        *("/send x", "/send 0", "/send -1", "/send 5 6", "/send 5.0", "/send ٥", "/recent many", "/queue 1e3"),
        *("/why", "/why a b", "/stop a@b.example c@d.example", "/replied", "/stats now", "/pause draft until"),
    ],
)
def test_what_does_not_fit_a_word_says_how_it_is_said(text: str):
    """Never a guess."""
    name = text.split()[0]
    assert f"Say it like this: {name}" in reply(text).text


def test_a_bare_stop_asks_which_is_meant():
    """In a fright, the thumb must not have to type an address to stop everything."""
    told = reply("/stop")
    assert "/pause" in told.text
    assert "/stop EMAIL" in told.text
    assert dict(told.choices)["Pause everything"] == "pause"


def test_without_a_slash_nothing_is_obeyed():
    """People talk; what may have been meant is offered."""
    assert reply("send 5").choices == (("send 5", "send 5"),)
    assert reply("stop").choices == ()
    assert reply("").choices == ()
    assert "/help" in reply("good morning").text


@pytest.mark.parametrize("text", ["/help", "/start"])
def test_help_lists_every_word(text: str):
    """The first thing that Telegram lets people say is /start."""
    assert all(f"/{name}" in reply(text).text for name, word in WORDS.items() if word.command in COMMANDS)


def test_a_word_whose_command_is_not_there_is_not_offered():
    """One registry: what it lacks cannot be said."""
    few = {name: COMMANDS[name] for name in ("stats", "jobs")}
    assert [word for word, _ in menu(few)] == ["stats", "jobs", "help"]
    assert "/send" not in help_text(few)
    assert isinstance(understood("/send 5", few), Reply)


def test_the_menu_fits_telegrams_limits():
    """A name of 32 small letters, a description of 256."""
    for word, doc in menu(COMMANDS):
        assert word.isalpha()
        assert word.islower()
        assert 1 <= len(doc) <= 100


def test_figures_can_be_compared_and_the_warm_up_told():
    """As at a terminal, with or without its dashes; anything else is said to be none."""
    assert asked("/stats").arguments == {}
    assert asked("/stats by source").arguments == asked("/stats --by source").arguments == {"by": "source"}
    assert asked("/stats warmup").arguments == {"warmup": True}
    for text in ("/stats by moon", "/stats by", "/stats 5"):
        assert "/stats by variant|source|country or warmup" in understood(text, COMMANDS).text


def test_a_note_takes_the_number_of_an_incident_and_words():
    """With or without the sign that stands before the number."""
    assert asked("/note #3 it is watched").arguments == {"number": 3, "text": "it is watched"}
    assert asked("/note 3 it").arguments == {"number": 3, "text": "it"}
    for text in ("/note", "/note 3", "/note three words"):
        assert "/note N TEXT" in understood(text, COMMANDS).text


def test_what_begins_mail_is_not_carried_out_late_and_what_ends_it_always_is():
    """Send, draft and resume may set mail going; a pause or a stop is never too late."""
    texts = ("/send 5", "/draft 5", "/resume", "/pause", "/stop a@b.example", "/replied a@b.example", "/stats")
    assert [asked(text).begins_mail for text in texts] == [True, True, True, False, False, False, False]


def test_only_what_does_no_harm_twice_is_done_again_after_a_restart():
    """A send that was cut off has sent something."""
    texts = ("/send 5", "/draft 5", "/resume", "/pause", "/stop a@b.example", "/replied a@b.example", "/stats")
    assert [asked(text).may_repeat for text in texts] == [False, False, True, True, True, True, True]


def test_a_pause_and_a_resume_keep_their_order_and_a_pause_passes_a_send():
    """What shares a lane is carried out in turn."""
    assert asked("/pause").lane == asked("/resume").lane
    assert asked("/pause").lane != asked("/send 5").lane
    assert asked("/stats").lane == asked("/why x").lane == ""


def test_what_is_typed_at_a_terminal_is_said_as_it_is_said_here():
    """Where a chat has no such word it stays."""
    text = "until you type: outboundd resume brevo; or: outboundd override ID approve, outboundd once reconcile"
    assert as_said(text, COMMANDS) == (
        "until you type: /resume brevo; or: outboundd override ID approve, outboundd once reconcile"
    )


@given(st.text(max_size=60), st.booleans())
def test_anything_may_be_said(text: str, pressed: bool):
    """It is a command or an answer, never an exception."""
    for said in (text, f"/{text}", f"/send {text}", f"/pause {text}"):
        assert isinstance(understood(said, COMMANDS, pressed=pressed), Asked | Reply)

"""Does the bot show what it must, at Telegram's pace and through its faults, and hear each thing once it is kept?"""

import logging
from collections.abc import Mapping
from typing import Any

import anyio
import pytest

from adapters.telegram_world import ME, Line, passed_s, play
from outboundd.adapters.telegram_queue import MOST_WAITING
from outboundd.model.chat import Message, Part, Said, Style, plain
from outboundd.ports import Alert, Exhausted, Refused, Transient

NASTY = "<b>&_*[x](y)`</b> ~|"
ALERT = Alert(id="a", title=f"Halted {NASTY}", text=f"Credit is gone.\n{NASTY}", tail=("mail.refused lead=rec1",))


class TestAlerts:
    """What must be known at once."""

    def test_an_alert_is_one_message_with_its_tail_and_its_choices(self):
        """Every value as it is, whatever markup it looks like."""

        async def story(at: Line) -> None:
            alert = Alert(
                id="a", title=ALERT.title, text=ALERT.text, tail=ALERT.tail, choices=(("Go on", "resume brevo"),)
            )
            await at.bot.alert(alert)
            [sent] = at.vendor.sent
            assert sent.text == f"Halted {NASTY}\nCredit is gone.\n{NASTY}\nmail.refused lead=rec1"
            assert (sent.chat_id, sent.buttons) == (ME, (("Go on", "resume brevo"),))

        play(story)

    def test_an_alert_too_long_is_cut_and_keeps_the_last_lines_of_the_log(self):
        """The newest line says most."""

        async def story(at: Line) -> None:
            tail = tuple(f"line {number} " + "x" * 200 for number in range(40))
            await at.bot.alert(Alert(id="a", title="🧊" * 3000, text="🧊" * 9000, tail=tail))
            [sent] = at.vendor.sent
            assert "line 39 " in sent.text
            assert "line 1 " not in sent.text

        play(story)

    def test_what_cannot_be_read_with_its_styles_is_shown_plain(self):
        """An alert is never lost to an entity."""

        async def story(at: Line) -> None:
            at.fault("entities", times=0)
            await at.bot.alert(ALERT)
            assert len(at.texts) == 1

        play(story)

    @pytest.mark.parametrize(
        ("fault", "how"),
        [
            ("down", {}),
            ("status", {"value": 502}),
            ("html", {}),
            ("garbage", {}),
            ("unauthorized", {}),
            ("flood", {"value": 3600}),
            ("hang", {"value": 7200}),
        ],
    )
    def test_an_alert_that_cannot_be_shown_now_is_said_so_within_a_minute(self, fault: str, how: Mapping[str, Any]):
        """So that another way is taken."""

        async def story(at: Line) -> None:
            at.fault(fault, times=0, **how)
            with pytest.raises(Transient):
                await at.bot.alert(ALERT)
            assert passed_s() <= 60

        play(story)

    def test_who_blocked_the_bot_or_never_opened_it_must_be_told_otherwise(self):
        """The alert is not shown, and that is said."""

        async def blocked(at: Line) -> None:
            at.vendor.blocked.add(ME)
            with pytest.raises(Transient):
                await at.bot.alert(ALERT)

        async def unknown(at: Line) -> None:
            with pytest.raises(Transient):
                await at.bot.alert(ALERT)

        play(blocked)
        play(unknown, people=())

    def test_one_bad_answer_costs_an_alert_nothing(self):
        """It is asked again."""

        async def story(at: Line) -> None:
            at.fault("status", value=502)
            await at.bot.alert(ALERT)
            assert len(at.vendor.sent) == 1

        play(story)

    def test_an_alert_passes_what_waits(self):
        """A long queue of answers does not hold it up."""

        async def story(at: Line) -> None:
            for number in range(30):
                at.bot.post(ME, plain(str(number)))
            await anyio.sleep(2)
            await at.bot.alert(ALERT)
            assert passed_s() < 6

        play(story, strict=True)

    def test_what_would_be_typed_at_a_terminal_is_said_as_it_is_said_here(self):
        """The remedy can be tapped."""

        async def story(at: Line) -> None:
            at.bot._as_said = lambda text: text.replace("outboundd ", "/")
            await at.bot.alert(Alert(id="a", title="Halted", text="Settle it, then: outboundd resume brevo"))
            assert at.texts == ["Halted\nSettle it, then: /resume brevo"]

        play(story)


class TestTheQueue:
    """What is shown when its turn comes."""

    def test_a_message_a_second_and_none_is_refused(self):
        """The strict sandbox refuses what comes too soon."""

        async def story(at: Line) -> None:
            for number in range(5):
                at.bot.post(ME, plain(str(number)))
            await anyio.sleep(10)
            assert at.texts == ["0", "1", "2", "3", "4"]
            assert at.arrivals() == 5
            gaps = [(b.at - a.at).total_seconds() for a, b in zip(at.vendor.sent, at.vendor.sent[1:], strict=False)]
            assert all(1 <= gap < 1.5 for gap in gaps)

        play(story, strict=True)

    def test_a_flood_is_waited_for_as_long_as_was_said(self):
        """Not a second less, and nothing else is shown meanwhile."""

        async def story(at: Line) -> None:
            at.fault("flood", value=90)
            at.bot.post(ME, plain("one"))
            await anyio.sleep(5)
            at.bot.post(ME, plain("two"))
            await anyio.sleep(84)
            assert at.texts == []
            await anyio.sleep(5)
            assert at.texts == ["one", "two"]

        play(story)

    @pytest.mark.parametrize(("fault", "how"), [("down", {}), ("status", {"value": 502}), ("unauthorized", {})])
    def test_hours_without_telegram_lose_nothing(self, fault: str, how: Mapping[str, Any]):
        """All is shown afterwards, in order, each as it stands by then."""

        async def story(at: Line) -> None:
            at.fault(fault, times=0, **how)
            first = at.bot.post(ME, plain("working"))
            at.bot.post(ME, plain("second"))
            await anyio.sleep(6 * 3600)
            first.change(plain("done"))
            at.no_fault()
            await anyio.sleep(1000)
            assert at.texts == ["done", "second"]
            assert at.untold == []

        play(story)

    def test_an_outage_keeps_a_bounded_number_and_says_what_it_left_out(self):
        """The newest are kept."""

        async def story(at: Line) -> None:
            at.fault("down", times=0)
            for number in range(MOST_WAITING + 50):
                at.bot.post(ME, plain(str(number)))
            await anyio.sleep(60)
            at.no_fault()
            await anyio.sleep(600)
            assert len(at.texts) == MOST_WAITING
            assert at.texts[-1] == str(MOST_WAITING + 49)
            assert len(at.untold) == 50

        play(story)

    def test_a_message_that_changes_often_is_shown_as_it_stands(self):
        """Changes in between are left out; the last never is."""

        async def story(at: Line) -> None:
            bar = at.bot.post(ME, plain("0"))
            for number in range(1, 100):
                await anyio.sleep(0.1)
                bar.change(plain(str(number)))
            await anyio.sleep(3)
            assert at.texts == ["99"]
            assert len(at.vendor.sent) <= 12

        play(story, strict=True)

    def test_a_message_that_was_deleted_is_shown_anew(self):
        """The answer is not lost with the bar that it replaces."""

        async def story(at: Line) -> None:
            bar = at.bot.post(ME, plain("bar"))
            await anyio.sleep(1)
            at.vendor._messages.clear()
            bar.change(plain("done"))
            await anyio.sleep(5)
            assert at.texts == ["bar", "done"]

        play(story)

    def test_the_same_again_is_no_fault(self):
        """Telegram refuses an edit that changes nothing."""

        async def story(at: Line) -> None:
            bar = at.bot.post(ME, plain("bar"))
            await anyio.sleep(1)
            bar.change(plain("bar"))
            await anyio.sleep(5)
            bar.change(plain("done"))
            await anyio.sleep(5)
            assert (at.texts, at.untold) == (["done"], [])

        play(story)

    def test_a_person_who_blocked_the_bot_holds_up_nobody_else(self):
        """It is said once why they were not told."""

        async def story(at: Line) -> None:
            at.vendor.blocked.add(8)
            at.bot.post(8, plain("lost"))
            at.bot.post(ME, plain("shown"))
            await anyio.sleep(10)
            assert (at.texts, at.untold) == (["shown"], ["blocked"])

        play(story, people=(7, 8))

    def test_a_long_text_becomes_messages_cut_between_entries_and_the_buttons_stand_below_the_last(self):
        """Within 4,096 units, which the sandbox counts; no entry is torn."""
        entries = [f"Entry {number}\n{'🧊 word ' * 30}" for number in range(60)]

        async def story(at: Line) -> None:
            text = "\n\n".join(entries)
            at.bot.post(ME, Message(parts=(Part(text=text, style=Style.QUOTE),), choices=(("Yes", "stats"),)))
            await anyio.sleep(30)
            shown = [entry.rstrip() for text in at.texts for entry in text.split("\n\n")]
            assert shown == [entry.rstrip() for entry in entries]
            assert [bool(one.buttons) for one in at.vendor.sent] == [False] * (len(at.vendor.sent) - 1) + [True]

        play(story)

    def test_a_picture_follows_with_the_first_line_below_it(self):
        """The text is whole without it."""

        async def story(at: Line) -> None:
            at.bot.post(ME, Message(parts=(Part(text="trial · UTC\nmuch more"),), photo=b"\x89PNG"))
            await anyio.sleep(5)
            assert at.texts == ["trial · UTC\nmuch more", "trial · UTC"]
            assert at.vendor.sent[1].photo_bytes == 4

        play(story)

    def test_a_button_that_would_say_too_much_is_left_out(self):
        """64 bytes are the limit; the message is shown without it."""

        async def story(at: Line) -> None:
            at.bot.post(ME, plain("which?", (("Long", "pause source:" + "ü" * 40), ("Short", "jobs"))))
            await anyio.sleep(5)
            assert at.vendor.sent[0].buttons == (("Short", "jobs"),)

        play(story)

    @pytest.mark.parametrize("text", ["", "\n\n", "\x00\x07", "a\ud800b", "\u202egnihton"])
    def test_any_text_can_be_shown(self, text: str):
        """Nothing, and what no chat could show."""

        async def story(at: Line) -> None:
            at.bot.post(ME, plain(text))
            await anyio.sleep(5)
            assert (len(at.texts), at.untold) == (1, [])

        play(story)


class TestListening:
    """What is said to the bot."""

    def test_what_is_said_is_heard_with_who_when_and_where(self):
        """A button tells what it is answered by, and no time."""

        async def story(at: Line) -> None:
            said_at = at.vendor.world.now().replace(microsecond=0)
            at.vendor.say(ME, "/stats")
            at.bot.post(ME, plain("which?", (("Jobs", "jobs"),)))
            await anyio.sleep(5)
            at.vendor.press(ME, at.vendor.sent[0].message_id, "jobs")
            await at.hear()
            written, pressed = at.heard
            assert (written.id, written.who, written.text, written.at) == ("42:1", ME, "/stats", said_at)
            assert (pressed.id, pressed.who, pressed.text, pressed.private) == ("42:2", ME, "jobs", True)
            assert (written.press, bool(pressed.press)) == ("", True)

        play(story)

    def test_what_was_not_kept_is_heard_again(self):
        """It is confirmed when whoever hears it has returned, and not before."""

        async def story(at: Line) -> None:
            async def full(said: Said) -> None:
                raise Transient("ledger", "disk full")

            at.vendor.say(ME, "/pause")
            with pytest.raises(Transient):
                await at.bot.hear(full)
            await at.hear()
            await at.hear()
            assert [said.text for said in at.heard] == ["/pause"]

        play(story)

    def test_a_poll_waits_until_something_is_said(self):
        """Not a request a second."""

        async def story(at: Line) -> None:
            await at.hear()
            assert passed_s() == pytest.approx(50, abs=1)

        play(story)

    def test_numbers_that_begin_anew_are_heard(self):
        """After a quiet week Telegram may choose lower ones."""

        async def story(at: Line) -> None:
            at.vendor._updates._count = 1000
            at.vendor.say(ME, "/one")
            for _ in range(2):
                await at.hear()
            at.vendor._updates._count = 5
            at.vendor.say(ME, "/two")
            await at.hear()
            assert [said.text for said in at.heard] == ["/one", "/two"]

        play(story)

    @pytest.mark.parametrize(
        ("fault", "how", "cause"),
        [("conflict", {}, "conflict"), ("status", {"value": 502}, "no answer"), ("down", {}, "no answer")],
    )
    def test_what_stands_in_the_way_is_one_of_the_five(self, fault: str, how: Mapping[str, Any], cause: str):
        """Transient: it may end by itself."""

        async def story(at: Line) -> None:
            at.fault(fault, **how)
            with pytest.raises(Transient) as caught:
                await at.hear()
            assert caught.value.cause == cause

        play(story)

    def test_a_token_that_is_refused_is_no_outage(self):
        """Exhausted: a human must do something."""

        async def story(at: Line) -> None:
            at.fault("unauthorized")
            with pytest.raises(Exhausted):
                await at.hear()

        play(story)

    def test_a_button_pressed_too_long_ago_cannot_be_answered(self):
        """Which tells that it waited."""

        async def story(at: Line) -> None:
            at.bot.post(ME, plain("which?", (("Jobs", "jobs"),)))
            await anyio.sleep(5)
            at.vendor.press(ME, at.vendor.sent[0].message_id, "jobs")
            await at.hear()
            await anyio.sleep(3600)
            with pytest.raises(Refused, match="too old"):
                await at.bot.answer(at.heard[0].press, "noticed")

        play(story)


def test_the_menu_is_each_persons_own():
    """Strangers see none; who never opened the bot is refused."""

    async def story(at: Line) -> None:
        await at.bot.offer(ME, [("stats", "the figures")])
        with pytest.raises(Refused, match="chat not found"):
            await at.bot.offer(99, [("stats", "the figures")])
        assert list(at.vendor.commands) == ["chat:7"]

    play(story)


def test_the_bot_says_who_it_is_and_whom_it_obeys():
    """For `check`."""

    async def story(at: Line) -> str:
        return await at.bot.probe()

    assert play(story) == "telegram, the bot @sandbox_bot; it obeys 7"


def test_the_token_stands_in_no_log_line_and_in_no_failure(caplog: pytest.LogCaptureFixture):
    """It is part of every address; each library logs all it can, while all goes wrong."""
    caplog.set_level(logging.DEBUG)
    told: list[str] = []

    async def story(at: Line) -> None:
        for fault, how in (
            ("down", {}),
            ("status", {"value": 502}),
            ("garbage", {}),
            ("hang", {"value": 99}),
            ("unauthorized", {}),
            ("flood", {"value": 99}),
        ):
            at.fault(fault, times=0, **how)
            for asked in (at.bot.alert(ALERT), at.hear(), at.bot.probe()):
                try:
                    await asked
                except (Transient, Exhausted, Refused) as failure:
                    told.append(f"{failure} {failure.__cause__!r}")
            at.no_fault()

    play(story, token="42:sandbox")
    assert len(told) > 10
    assert caplog.records
    assert "42:sandbox" not in caplog.text + "".join(told)

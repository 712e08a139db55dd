"""Is every command of the chat carried out once: said twice, out of order, by strangers, in a run, across a kill?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import anyio
import pytest

from outboundd.chat import inbox
from outboundd.commands import COMMANDS
from outboundd.commands.desk import Desk
from wire.seat import ME, OPEN, SECOND, STRANGER, Seat, play
from wire.wired import sleep_until

ROSA = "rosa.diaz@harbourworks1.example"
# What is said, and words of its answer; each on a pool of six drafts of which some were sent.
SAID = {
    "/draft 2": "draft: 2 drafted",
    "/send 2": "send: 2 sent",
    "/stats": "trial · times in UTC",
    "/recent 3": "first mail",
    "/queue 2": "times in UTC",
    "/pause": "mail to leads is off",
    "/pause draft until 2026-12-27": "draft is off until 2026-12-27",
    "/resume": "nothing is paused",
    "/jobs": "send the drafts that may leave now",
    f"/why {ROSA}": "Rosa Diaz, Site manager at Harbour Works 1",
    f"/stop {ROSA}": "this person is on the suppression list now",
    "/stop @harbourworks2.example": "everybody at harbourworks2.example is on the suppression list now",
    f"/replied {ROSA}": "is now replied",
    "/help": "What you can say",
    "/start": "What you can say",
}
ACTS = ["/draft 2", "/send 2", "/pause", "/resume", f"/stop {ROSA}", f"/replied {ROSA}"]


async def drafted(seat: Seat, drafts: int = 4) -> None:
    """London is at work, drafts were written and two mails have left."""
    await sleep_until(OPEN)
    await seat.ask(f"/draft {drafts}")
    await seat.ask("/send 2")


class TestEachCommand:
    """What the operator sees."""

    @pytest.mark.parametrize("said", SAID)
    def test_a_command_is_answered_by_one_message(self, said: str):
        """And is done: nothing is kept of what was said."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await drafted(seat)
                [answer] = await seat.ask(said)
                assert SAID[said] in answer
                assert list(await seat.open_orders()) == []

        play(story, strict=True)

    @pytest.mark.parametrize("said", ACTS)
    def test_delivered_again_it_has_no_effect_and_no_second_answer(self, said: str):
        """At least once is what Telegram promises."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await drafted(seat)
                await seat.ask(said)
                before = len(seat.five.telegram.sent), seat.mails, len(seat.events("job.started"))
                for _ in range(3):
                    seat.five.telegram.redeliver()
                    await anyio.sleep(60)
                assert (len(seat.five.telegram.sent), seat.mails, len(seat.events("job.started"))) == before

        play(story)

    @pytest.mark.parametrize("said", SAID)
    def test_said_twice_it_is_answered_twice(self, said: str):
        """Two words are two words; nothing breaks."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await drafted(seat)
                before = len(seat.five.telegram.sent)
                seat.say(said)
                seat.say(said)
                await anyio.sleep(60)
                assert len(seat.shown(before)) == 2
                assert not any("broke" in text for text in seat.shown(before))
                assert max(seat.mails.values()) == 1

        play(story)

    def test_a_stranger_is_met_with_silence(self):
        """Whatever they say; and with one line of the log each time, with the number alone."""
        everything = [*SAID, "/stop", "hello"]

        async def story(seat: Seat) -> None:
            async with seat.living():
                await drafted(seat)
                before = len(seat.five.telegram.sent), len(seat.events("job.started"))
                for said in everything:
                    seat.say(said, who=STRANGER)
                await anyio.sleep(60)
                assert (len(seat.five.telegram.sent), len(seat.events("job.started"))) == before
                assert seat.events("command.stranger") == [{"reason": f"user {STRANGER}"}] * len(everything)
                assert await seat.halts() == []

        play(story)

    def test_a_strangers_press_is_met_with_silence_too(self):
        """A message can be forwarded, its buttons with it."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await seat.ask("/stop")
                seat.press("Stop what?", "Pause everything", who=STRANGER)
                await anyio.sleep(60)
                assert await seat.halts() == []
                assert seat.five.telegram.answered == []

        play(story)

    def test_an_operator_who_speaks_in_a_group_is_not_heard(self):
        """Others would read the answer."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                seat.say("/pause")
                _, update = seat.five.telegram._updates._waiting[-1]
                update["message"]["chat"] = {"id": -100, "type": "group", "title": "us"}
                await anyio.sleep(60)
                assert await seat.halts() == []
                assert seat.shown() == []

        play(story)

    def test_each_operator_has_a_menu_and_nobody_else(self):
        """By scope."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                assert set(seat.five.telegram.commands) == {f"chat:{ME}", f"chat:{SECOND}"}
                assert {one["command"] for one in seat.five.telegram.commands[f"chat:{ME}"]} >= {"send", "stop", "why"}

        play(story)

    def test_a_name_full_of_markup_is_shown_as_it_is(self):
        """And tears nothing down."""

        async def story(seat: Seat) -> None:
            row = next(iter(seat.five.airtable.rows("Leads")))
            cells = {"Contact": "<b>&_*", "Company": "Acme [x](y)`~|</pre>"}
            seat.five.airtable.edit("Leads", row["id"], cells)
            async with seat.living():
                [answer] = await seat.ask(f"/why {row['id']}")
                assert "<b>&_*, Site manager at Acme [x](y)`~|</pre>" in answer
                assert seat.events("answer.lost") == []

        play(story)


class TestButtons:
    """Where a thumb is faster."""

    def test_a_press_is_answered_and_carried_out_as_the_command(self):
        """The bare stop offers a pause."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await seat.ask("/stop")
                seat.press("Stop what?", "Pause everything")
                await anyio.sleep(30)
                assert await seat.halts() == ["mail"]
                assert len(seat.five.telegram.answered) == 1
                assert "mail to leads is off" in seat.shown()[-1]

        play(story)

    def test_a_halt_can_be_lifted_and_a_lead_stopped_by_thumb(self):
        """From /jobs, and from /recent by way of /why."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await drafted(seat)
                await seat.ask("/pause draft")
                await seat.ask("/jobs")
                seat.press("Switched off", "resume draft")
                await anyio.sleep(30)
                assert await seat.halts() == []
                await seat.ask("/recent 1")
                label, data = seat.message("first mail").buttons[0]
                seat.press("first mail", label)
                await anyio.sleep(30)
                seat.press("Rosa Diaz, Site manager", "never again")
                await anyio.sleep(30)
                assert "on the suppression list now" in seat.shown()[-1]
                assert label.startswith("why Harbour Works")
                assert data.startswith("why rec")

        play(story)

    def test_a_press_that_telegram_calls_too_old_does_no_harm(self):
        """A pause is carried out all the same; what begins mail is asked for once more."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await drafted(seat)
                await seat.ask("send 1")
                await seat.ask("/stop")
            seat.press("Stop what?", "Pause everything")
            seat.press("Did you mean /send 1?", "send 1")
            await anyio.sleep(2 * 3600)
            before = len(seat.five.telegram.sent), seat.mails.total()
            async with seat.living():
                await anyio.sleep(30)
                assert await seat.halts() == ["mail"]
                assert seat.mails.total() == before[1]
                assert any("heard only now" in text for text in seat.shown(before[0]))

        play(story)


class TestWhileARunGoesOn:
    """The daemon is no vending machine: one hand stops what the other began."""

    def test_a_pause_stops_a_send_that_goes_on(self):
        """It is carried out at once, not after it."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await sleep_until(OPEN)
                await seat.ask("/draft 6")
                seat.faults.switch_on("brevo", "hang", times=0, value=8, path="/smtp/email")
                seat.say("/send")
                await anyio.sleep(12)
                [answer] = await seat.ask("/pause", wait_s=5)
                assert "mail to leads is off" in answer
                await anyio.sleep(300)
                assert 0 < seat.mails.total() < 6

        play(story)

    def test_a_long_run_edits_one_message_with_a_bar_and_its_end(self):
        """Never a stream: what was done, what was held and why."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await sleep_until(OPEN)
                await seat.ask("/draft 6")
                seat.faults.switch_on("brevo", "hang", times=0, value=5, path="/smtp/email")
                before = len(seat.five.telegram.sent)
                [answer] = await seat.ask("/send 6", wait_s=120)
                shown = [one.text for one in seat.five.telegram.sent[before:]]
                assert any("▓" in text and "of 6" in text for text in shown)
                assert answer.startswith("send: 6 sent")
                assert len(shown) <= 2 + 60 / 3

        play(story, strict=True)

    def test_two_sends_never_overlap(self):
        """The second begins when the first has ended, and sends what is left."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await sleep_until(OPEN)
                await seat.ask("/draft 6")
                before = len(seat.five.telegram.sent)
                seat.say("/send 2")
                seat.say("/send 2", who=SECOND)
                await anyio.sleep(120)
                assert seat.mails.total() == 4
                mine, other = seat.shown(before), seat.shown(before, SECOND)
                assert (mine, other) == (["send: 2 sent"], ["send: 2 sent"])

        play(story)

    def test_a_pause_and_a_resume_keep_their_order(self):
        """Whatever else goes on."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                for said in ("/pause", "/resume", "/pause", "/resume", "/pause"):
                    seat.say(said)
                await anyio.sleep(60)
                assert await seat.halts() == ["mail"]

        play(story)

    def test_a_command_that_is_slow_is_not_overtaken_by_the_next_of_its_kind(self, monkeypatch: pytest.MonkeyPatch):
        """A resume after a pause finds the pause."""
        pause = COMMANDS["pause"]

        async def slowly(desk: Desk, **arguments: Any) -> Any:
            await anyio.sleep(20)
            async for line in pause.run(desk, **arguments):
                yield line

        monkeypatch.setitem(COMMANDS, "pause", replace(pause, run=slowly))

        async def story(seat: Seat) -> None:
            async with seat.living():
                seat.say("/pause")
                seat.say("/resume")
                await anyio.sleep(60)
                assert "mail to leads is on again" in seat.shown()[-1]
                assert await seat.halts() == []

        play(story)

    def test_a_run_that_does_not_move_says_that_it_goes_on(self):
        """After some seconds; the same message becomes the answer."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await sleep_until(OPEN)
                seat.faults.switch_on("brevo", "hang", times=1, value=20)
                [answer] = await seat.ask("/send 1", wait_s=10)
                assert answer == "send 1: working …"
                await anyio.sleep(60)
                assert seat.shown()[-1] == "send: nothing was due"
                assert len(seat.shown()) == 1

        play(story)


class TestAcrossAKill:
    """The process ends at the worst moment."""

    @pytest.mark.parametrize("said", ACTS)
    @pytest.mark.parametrize(
        ("moment", "after"),
        [
            ("hear", False),
            ("hear", True),
            ("begin_order", False),
            ("begin_order", True),
            ("end_order", False),
            ("end_order", True),
        ],
    )
    def test_a_command_takes_effect_once_wherever_the_program_is_killed(self, said: str, moment: str, after: bool):
        """It is done, or done again where that is the same, or it is said that it was cut off."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await drafted(seat, 6)
            left, before = seat.mails.total(), len(seat.five.telegram.sent)
            async with seat.living():
                killed_at(seat, moment, after=after)
                seat.say(said)
                await anyio.sleep(60)
            async with seat.living():
                await anyio.sleep(60)
                assert list(await seat.open_orders()) == []
                last = (seat.shown(before) or ["its answer is lost: it was done, and we died before it was shown"])[-1]
                if "cut off" in last:
                    assert said in ("/send 2", "/draft 2")
                    assert (moment, after) in (("begin_order", True), ("end_order", False))
                if "cut off" in last and moment == "begin_order":
                    seat.press("was cut off", said.removeprefix("/"))
                    await anyio.sleep(60)
                assert await outcome(seat, said, left)

        play(story, leads=10)

    def test_what_was_answered_is_not_answered_again_after_a_restart(self):
        """The tail of the updates is delivered once more, for it was not confirmed."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await seat.ask("/pause", wait_s=1)
            seat.five.telegram.redeliver()
            before = len(seat.five.telegram.sent)
            async with seat.living():
                await anyio.sleep(120)
                assert seat.shown(before) == []

        play(story)

    def test_a_new_token_hears_numbers_that_the_old_one_used(self):
        """Another bot counts its updates from one as well."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await seat.ask("/stats")
            telegram = seat.five.telegram
            telegram._token, telegram._updates._count, telegram._updates._waiting = "43:other", 0, []
            async with seat.living(token="43:other"):
                [answer] = await seat.ask("/pause")
                assert "mail to leads is off" in answer
                assert await seat.halts() == ["mail"]

        play(story)

    def test_who_is_no_operator_any_more_is_not_obeyed_after_the_restart(self):
        """What they said before waits in the ledger."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                killed_at(seat, "begin_order", after=False)
                seat.say("/pause", who=SECOND)
                await anyio.sleep(60)
            text = seat.config.path.read_text()
            seat.config.path.write_text(text.replace(f"[{ME}, {SECOND}]", f"[{ME}]"))
            async with seat.living():
                await anyio.sleep(60)
                assert await seat.halts() == []
                assert list(await seat.open_orders()) == []

        play(story)


class TestSaidWhileNobodyListened:
    """Telegram keeps it for a day."""

    def test_what_begins_mail_is_not_carried_out_late_and_offered_again(self):
        """This morning's /send is not this evening's."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await drafted(seat)
            before = len(seat.five.telegram.sent), seat.mails.total()
            seat.say("/send 2")
            await anyio.sleep(3600)
            async with seat.living():
                await anyio.sleep(60)
                assert seat.mails.total() == before[1]
                [told] = seat.shown(before[0])
                assert told.startswith("You said /send 2 at Tue 2026-11-24 09:31 UTC")
                seat.press("You said /send 2", "do it now: send 2")
                await anyio.sleep(60)
                assert seat.mails.total() == before[1] + 2

        play(story)

    @pytest.mark.parametrize("said", ["/pause", f"/stop {ROSA}", f"/replied {ROSA}"])
    def test_what_ends_mail_is_carried_out_however_late(self, said: str):
        """A stop said in the night holds in the morning."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await drafted(seat)
            left, before = seat.mails.total(), len(seat.five.telegram.sent)
            seat.say(said)
            await anyio.sleep(10 * 3600)
            async with seat.living():
                await anyio.sleep(60)
                assert await outcome(seat, said, left)
                assert SAID[said] in seat.shown(before)[-1]

        play(story)

    def test_a_resume_said_hours_ago_does_not_lift_what_was_set_since(self):
        """It may begin mail."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await seat.ask("/pause")
            seat.say("/resume")
            await anyio.sleep(3600)
            async with seat.living():
                await anyio.sleep(60)
                assert await seat.halts() == ["mail"]

        play(story)


class TestTelegramAway:
    """It harms nothing else."""

    def test_hours_without_it_stop_no_job_and_lose_no_answer(self):
        """The day's mail leaves; what was asked before is answered afterwards."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await sleep_until(OPEN - timedelta(minutes=10))
                seat.say("/jobs")
                await anyio.sleep(0.01)
                seat.faults.switch_on("telegram", "down", times=0)
                await anyio.sleep(5 * 3600)
                assert seat.mails.total() == 6
                seat.faults.switch_off("telegram")
                await anyio.sleep(120)
                assert any("send the drafts" in text for text in seat.shown())
                assert len(seat.events("operator.away")) == 1
                assert len(seat.events("operator.back")) == 1
                assert seat.events("job.failed") == []

        play(story, quiet=False)

    def test_a_second_poller_is_told_once_waited_for_and_over(self):
        """Not fought: less than a request in half a minute."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                seat.faults.switch_on("telegram", "conflict", times=0)
                await anyio.sleep(3 * 3600)
                assert sum("Somebody else listens" in text for text in seat.shown()) == 1
                polls = [one for one in seat.faults.arrivals if one.path.endswith("/getUpdates")]
                assert len(polls) < 3 * 130
                assert await incidents(seat) == ["chat.conflict"]
                seat.faults.switch_off("telegram")
                await anyio.sleep(200)
                assert await incidents(seat) == []

        play(story)

    def test_one_conflict_is_a_restart_and_is_not_told(self):
        """Two lives overlap for a moment."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                seat.faults.switch_on("telegram", "conflict", times=2)
                await anyio.sleep(600)
                assert seat.shown() == []

        play(story)

    def test_a_token_that_was_revoked_is_asked_seldom_and_heard_again_when_it_is_back(self):
        """It stands in the log; mail goes on."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                await anyio.sleep(60)
                seat.faults.switch_on("telegram", "unauthorized", times=0)
                asked = len([one for one in seat.faults.arrivals if one.vendor == "telegram"])
                await anyio.sleep(6 * 3600)
                assert len([one for one in seat.faults.arrivals if one.vendor == "telegram"]) - asked < 40
                assert await incidents(seat) == ["chat.unauthorized"]
                assert len(seat.events("operator.untold")) == 1
                seat.faults.switch_off("telegram")
                await anyio.sleep(1800)
                assert await incidents(seat) == []
                assert await seat.ask("/pause")

        play(story)

    def test_a_gateways_page_of_html_is_waited_for(self):
        """502 and no JSON, to polls and messages alike."""

        async def story(seat: Seat) -> None:
            async with seat.living():
                seat.faults.switch_on("telegram", "status", times=20, value=502)
                seat.say("/pause")
                await anyio.sleep(1200)
                assert await seat.halts() == ["mail"]
                assert len(seat.shown()) == 1

        play(story)


class TestTheChart:
    """Of /stats."""

    @pytest.mark.parametrize("png", [b"\x89PNG", None])
    def test_the_figures_come_with_their_picture_or_without(self, png: bytes | None, monkeypatch: pytest.MonkeyPatch):
        """When it cannot be drawn, the figures are shown all the same."""
        days: list[Any] = []

        async def draw(told: Sequence[Any]) -> bytes | None:
            days.extend(told)
            return png

        stats = COMMANDS["stats"]

        async def with_days(desk: Desk) -> Any:
            async for line in stats.run(desk):
                yield replace(line, data={**line.data, "days": [{"day": "2026-11-24", "sent": 1}]})

        monkeypatch.setitem(COMMANDS, "stats", replace(stats, run=with_days))

        async def story(seat: Seat) -> None:
            seat.chart = draw
            async with seat.living():
                shown = await seat.ask("/stats")
                assert len(shown) == (2 if png else 1)
                assert seat.five.telegram.sent[-1].photo_bytes == len(png or b"")

        play(story)
        assert days == [{"day": "2026-11-24", "sent": 1}]


class TestABug:
    """Of ours."""

    def test_a_command_that_breaks_is_told_and_the_next_one_is_heard(self, monkeypatch: pytest.MonkeyPatch):
        """Its place is named, never its message."""

        async def broken(desk: Desk) -> Any:
            raise KeyError("rosa@harbour.example")
            yield  # pragma: no cover

        monkeypatch.setitem(COMMANDS, "jobs", replace(COMMANDS["jobs"], run=broken))

        async def story(seat: Seat) -> None:
            async with seat.living():
                [answer] = await seat.ask("/jobs")
                assert "broke" in answer
                assert "rosa" not in answer
                assert await seat.ask("/stats")

        play(story)

    def test_a_chat_that_breaks_begins_anew_and_the_daemon_lives(self, monkeypatch: pytest.MonkeyPatch):
        """Told as a failure; mail goes on meanwhile."""
        hears = inbox.Inbox.heard
        left = [2]

        async def heard(self: inbox.Inbox, said: Any) -> None:
            if left[0]:
                left[0] -= 1
                raise KeyError("a bug")
            await hears(self, said)

        monkeypatch.setattr(inbox.Inbox, "heard", heard)

        async def story(seat: Seat) -> None:
            async with seat.living():
                seat.say("/pause")
                await anyio.sleep(300)
                assert await seat.halts() == ["mail"]
                assert any("begins anew" in text for text in seat.shown())

        play(story)


def killed_at(seat: Seat, moment: str, *, after: bool) -> None:
    """The program ends as it writes this into its ledger, before or after."""
    effect = getattr(seat.ledger, moment)

    async def write(*arguments: Any) -> Any:
        if not after:
            seat.kill()
            await anyio.sleep(1)
        result = await effect(*arguments)
        seat.kill()
        await anyio.sleep(1)
        return result

    setattr(seat.ledger, moment, write)


async def outcome(seat: Seat, said: str, left: int) -> bool:
    """Is what was said the case, and that once?"""
    rows = {row["fields"]["Email"]: row["fields"].get("Stage") for row in seat.five.airtable.rows("Leads")}
    drafts = sum(stage == "drafted" for stage in rows.values())
    return {
        "/send 2": seat.mails.total() == left + 2 and max(seat.mails.values()) == 1,
        "/draft 2": drafts == 6,
        "/pause": await seat.halts() == ["mail"],
        "/resume": await seat.halts() == [],
        f"/stop {ROSA}": rows[ROSA] == "do_not_contact",
        f"/replied {ROSA}": rows[ROSA] == "replied",
    }[said]


async def incidents(seat: Seat) -> list[str]:
    """What is open."""
    return [one.what for one in await seat.ledger.incidents(open_only=True)]

"""A week with a Telegram that fails at random and an operator who goes on commanding: is everything done once?"""

import random
from collections import Counter
from datetime import timedelta

import anyio
import pytest

from outboundd.adapters import telegram_api
from outboundd.commands import words
from wire.seat import ME, OPEN, SECOND, Seat, now, play

WEEK = timedelta(days=7)
FAULTS = (
    ("down", {}),
    ("drop", {}),
    ("lost_reply", {}),
    ("status", {"value": 502}),
    ("html", {}),
    ("garbage", {}),
    ("flood", {"value": 40}),
    ("conflict", {}),
    ("entities", {}),
    ("hang", {"value": 120}),
)
EVERY_H = 2


@pytest.mark.parametrize("seed", [1, 2])
def test_no_command_is_lost_or_doubled(seed: int, monkeypatch: pytest.MonkeyPatch):
    """Also when the program is killed each day; each word has its effect once, and each has its answer."""
    monkeypatch.setattr(telegram_api, "POLL_S", 600)  # a week in fewer requests; nothing else depends on it
    rng = random.Random(seed)

    async def story(seat: Seat) -> None:
        said: list[tuple[str, str]] = []
        end = OPEN + WEEK
        while now() < end:
            async with seat.living(), anyio.create_task_group() as group:
                group.start_soon(_weather, seat, rng)
                tomorrow = min(now() + timedelta(hours=24), end)
                while now() < tomorrow:
                    said += _command(seat, rng, len(said))
                    await anyio.sleep(EVERY_H * 3600 * rng.uniform(0.5, 1.5))
                seat.faults.switch_off("telegram")
                await anyio.sleep(2 * 3600)
                group.cancel_scope.cancel()
        async with seat.living():
            await anyio.sleep(3600)
            assert list(await seat.open_orders()) == []
            obeyed = _all_is_done_once(seat, said)
            switched = [text for text in obeyed if text in ("/pause", "/resume")]
            assert ("mail" in await seat.halts()) == (switched[-1:] == ["/pause"])
            assert max(seat.mails.values(), default=0) <= 2  # an opener and a follow-up

    play(story, quiet=False)


def _command(seat: Seat, rng: random.Random, number: int) -> list[tuple[str, str]]:
    """One thing that is said, perhaps two at once, and when; each `why` is one of its own."""
    who = rng.choice((ME, SECOND))
    texts = rng.choice(
        (
            ["/pause"],
            ["/resume"],
            ["/send 1"],
            ["/draft 1"],
            [f"/why no{number}"],
            ["/pause", "/resume"],
            [f"/why on{number}"],
        )
    )
    for text in texts:
        seat.say(text, who=who)
    return [(text, words.utc(now())) for text in texts]


async def _weather(seat: Seat, rng: random.Random) -> None:
    """Something of Telegram's goes wrong every few minutes, and what was delivered comes again."""
    while True:
        await anyio.sleep(rng.uniform(60, 1800))
        fault, how = rng.choice(FAULTS)
        seat.faults.switch_on("telegram", fault, times=rng.randint(1, 6), **how)
        if rng.random() < 0.5:
            seat.five.telegram.redeliver()


def _all_is_done_once(seat: Seat, said: list[tuple[str, str]]) -> list[str]:
    """Each word was heard once and ended once; what begins mail and came late was asked about instead of done.

    Returns what was obeyed.
    """
    heard = Counter(str(one["reason"]) for one in seat.events("command.heard"))
    done = Counter(str(one["reason"]) for one in seat.events("command.done"))
    assert heard == done == Counter(_word(text) for text, _ in said)
    answers = seat.shown() + seat.shown(who=SECOND)
    late = {answer.partition(", and it is heard only now")[0] for answer in answers if "heard only now" in answer}
    obeyed = [text for text, at in said if f"You said {text} at {at}" not in late]
    assert len(obeyed) == len(said) - len(late)
    for text in obeyed:
        assert not text.startswith("/why") or any(text.split()[1] in answer for answer in answers), text
    pauses = [one for one in seat.events("halt.set") if one["reason"] == "paused by the operator"]
    runs = Counter(str(one["job"]) for one in seat.events("job.started") if str(one["run"]).startswith("by-hand"))
    effects = {"pause": len(pauses), "send": runs["send"], "draft": runs["draft"]}
    assert effects == {word: sum(_word(text) == word for text in obeyed) for word in effects}
    return obeyed


def _word(text: str) -> str:
    return text.split()[0].removeprefix("/")

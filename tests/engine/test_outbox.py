"""Does a mail leave at most once, whatever happens around its POST?"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import anyio
import pytest

from office import SETTINGS, Office, an_office, lead
from outboundd.engine.outbox import OWN_TRIES, Left
from outboundd.model.decision import Change, Do, Hold, HoldKind, Stop
from outboundd.model.facts import Halt
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import Attempt, AttemptState, EventKind, Letter
from outboundd.ports import Ambiguous, Broken, Conflict, Exhausted, Failure, Refused, Transient
from outboundd.rules.decide import decide

FIRST = "default.ld0001.0.1"
SECOND = "default.ld0001.0.2"


async def drafted(*numbers: int) -> Office:
    """An office with leads whose first mails are drafted and which may leave now."""
    office = an_office(*(lead(number) for number in numbers or (1,)))
    await office.run("draft")
    await office.run("reconcile")
    return office


async def fresh(office: Office, row: str = "ld0001") -> Lead:
    """The lead as the send job reads it."""
    (found,) = await office.parts.rows.fresh([row])
    return found


def during_the_post(office: Office, story: Callable[[], Awaitable[object]]) -> None:
    """Something happens while the mail is with the mailer, before it is accepted."""
    accept = office.mailer.send

    async def send(letter: Letter) -> str:
        await story()
        return await accept(letter)

    office.mailer.send = send  # type: ignore[method-assign]


async def state(office: Office, tag: str = FIRST) -> AttemptState:
    """The state of an attempt."""
    attempt = await office.ledger.attempt(tag)
    assert attempt is not None
    return attempt.state


async def test_the_attempt_is_in_the_ledger_before_the_mailer_is_asked_and_its_outcome_after() -> None:
    """At every POST the attempt is durable, with the text that leaves; afterwards the outcome and the lead's stage."""
    office = await drafted()
    seen: list[Attempt | None] = []

    async def look() -> None:
        seen.append(await office.ledger.attempt(FIRST))

    during_the_post(office, look)
    await office.run("send")
    (before,) = seen
    assert before is not None
    assert (before.state, before.text) == (AttemptState.OPEN, office.mailer.letters[0][1].text)
    assert await state(office) is AttemptState.SENT
    assert (await office.row("ld0001")).stage is Stage.SENT


@pytest.mark.parametrize(
    ("failure", "stage"),
    [
        (Refused("memory", "invalid address"), Stage.REVIEW),
        (Transient("memory", "no connection"), Stage.DRAFTED),
        (Exhausted("memory", "not_enough_credits"), Stage.DRAFTED),
    ],
)
async def test_what_certainly_did_not_leave_is_refused_and_may_be_tried_again(failure: Failure, stage: Stage) -> None:
    """A clear no frees the step: a later try is the attempt with the next number, never the same one again."""
    office = await drafted()
    office.mailer.fail_next = [failure]
    await office.run("send")
    assert await state(office) is AttemptState.REFUSED
    assert (await office.row("ld0001")).stage is stage
    if stage is Stage.REVIEW:
        return
    await office.ledger.resume("memory")
    await office.run("send")
    assert await state(office, SECOND) is AttemptState.SENT
    assert [letter.tag for letter in office.mailer.posts] == [FIRST, SECOND]


@pytest.mark.parametrize(
    "failure",
    [Ambiguous("memory", "reset"), Broken("memory", "answer without id"), TimeoutError(), RuntimeError("what?")],
)
async def test_what_may_have_left_is_unknown_and_never_posted_again(failure: Exception) -> None:
    """A lost reply is no reason to send again: the attempt is settled by asking, however often the job runs."""
    office = await drafted()
    office.mailer.settle_s = 3600

    async def lose_the_reply(letter: Letter) -> str:
        office.mailer.posts.append(letter)
        raise failure

    office.mailer.send = lose_the_reply  # type: ignore[method-assign]
    await office.run("send")
    assert await state(office) is AttemptState.UNKNOWN
    for _ in range(3):
        office.advance(minutes=10)
        await office.run("send")
    assert [letter.tag for letter in office.mailer.posts] == [FIRST]


async def test_a_mailer_that_does_not_answer_is_given_up_and_the_attempt_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No answer in time is an outcome that is not known."""
    office = await drafted()
    monkeypatch.setattr("outboundd.engine.outbox.POST_TIMEOUT_S", 0)
    during_the_post(office, anyio.sleep_forever)
    left = await office.parts.outbox.send(await fresh(office))
    assert isinstance(left, Left)
    assert isinstance(left.failure, Ambiguous)
    assert await state(office) is AttemptState.UNKNOWN


async def test_a_stop_during_the_post_waits_for_the_answer_and_for_its_record() -> None:
    """A deadline or a SIGTERM cannot cut a POST from its record."""
    office = await drafted()
    posting, answer = anyio.Event(), anyio.Event()

    async def slow() -> None:
        posting.set()
        await answer.wait()

    during_the_post(office, slow)
    async with anyio.create_task_group() as group:
        group.start_soon(office.parts.outbox.send, await fresh(office))
        await posting.wait()
        group.cancel_scope.cancel()
        answer.set()
    assert await state(office) is AttemptState.SENT
    head = await office.ledger.head("ld0001")
    assert head is not None
    assert head.now is Stage.SENT


async def test_a_task_killed_in_the_post_leaves_an_open_attempt_that_is_settled_and_not_repeated() -> None:
    """Whoever cancels without asking leaves a doubt, and the doubt is settled by what the mailer tells."""
    office = await drafted()
    posting = anyio.Event()
    accept = office.mailer.send

    async def accepted_without_answer(letter: Letter) -> str:
        await accept(letter)
        posting.set()
        await anyio.sleep_forever()
        return ""

    office.mailer.send = accepted_without_answer  # type: ignore[method-assign]
    task = asyncio.ensure_future(office.parts.outbox.send(await fresh(office)))
    await posting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await state(office) is AttemptState.OPEN
    office.mailer.send = accept  # type: ignore[method-assign]
    office.advance(minutes=2)
    await office.run("send")
    assert await state(office) is AttemptState.SENT
    assert (await office.row("ld0001")).stage is Stage.SENT
    assert len(office.mailer.posts) == 1


async def test_an_attempt_that_the_mailer_does_not_know_is_absent_and_the_step_is_sent_once_more() -> None:
    """Looked for everywhere and not found: it did not leave, and the next attempt has its own number."""
    office = await drafted()
    office.mailer.fail_next = [Ambiguous("memory", "reset")]
    await office.run("send")
    await office.run("send")
    assert (await state(office), await state(office, SECOND)) == (AttemptState.ABSENT, AttemptState.SENT)
    assert [letter.tag for _, letter in office.mailer.letters] == [SECOND]


async def test_a_young_open_attempt_is_left_alone_while_the_process_lives() -> None:
    """An attempt of this minute may still be in its POST; only a start makes all of them unknown."""
    office = await drafted()
    office.mailer.fail_next = [Ambiguous("memory", "reset")]
    await office.run("send")
    await office.ledger.mark(FIRST, AttemptState.OPEN)
    assert await office.parts.outbox.recover(all_open=False) == 0
    assert await office.parts.outbox.recover(all_open=True) == 1
    assert await state(office) is AttemptState.UNKNOWN


async def test_a_pause_that_comes_between_decision_and_attempt_is_obeyed() -> None:
    """The gate is asked again in the transaction that writes the attempt."""
    office = await drafted()
    one = await fresh(office)
    now = office.clock.now()
    assert isinstance(decide(one, await office.parts.fact_book.about(one, now), now), Do)
    await office.ledger.halt(Halt(what="mail", since=now, until=None, why="a look first"))
    held = await office.parts.outbox.send(one)
    assert isinstance(held, Hold)
    assert held.kind is HoldKind.PAUSE
    assert office.mailer.posts == []


async def test_a_stop_at_the_gate_is_told_as_it_is_and_nothing_leaves() -> None:
    """Somebody put on the suppression list a moment ago gets no mail."""
    office = await drafted()
    one = await fresh(office)
    await office.suppression.suppress(office.parts.fact_book.person(one), "replied", office.clock.now())
    stopped = await office.parts.outbox.send(one)
    assert isinstance(stopped, Stop)
    assert office.mailer.posts == []
    assert await office.ledger.attempts(lead="ld0001") == []


async def test_a_mail_decided_on_an_older_version_of_the_lead_is_not_sent() -> None:
    """Whatever was recorded meanwhile is decided upon first."""
    office = await drafted()
    one = await fresh(office)
    await office.parts.recorder.record(one, Change(now=Stage.REVIEW, why="a human must look"))
    with pytest.raises(Conflict):
        await office.parts.outbox.send(one)
    assert office.mailer.posts == []


async def test_a_second_attempt_of_a_person_under_another_row_is_refused_by_the_index() -> None:
    """At most once holds per person and step, whatever rows exist and whatever the rules overlooked."""
    office = await drafted(1, 2)
    one, other = await fresh(office, "ld0001"), await fresh(office, "ld0002")
    await office.parts.outbox.send(one)
    twin = other.with_fields({"email": one.email})
    with pytest.raises(Conflict):
        await office.ledger.begin(
            Attempt(
                tag="default.ld0002.0.1",
                lead="ld0002",
                step=0,
                n=1,
                mailer="memory",
                person=office.parts.fact_book.person(twin),
                company="",
                posted_at=office.clock.now(),
                subject="",
                text="",
                text_hash="",
            ),
            lambda _traffic, _history: Do(step=0),
            90,
        )


@pytest.mark.parametrize("change", [{"stage": "verified"}, {"subject": " "}, {"body": ""}])
async def test_no_mail_without_a_draft_ever_leaves(change: dict[str, str]) -> None:
    """No stage but drafted, no empty subject and no empty text passes the only way out."""
    office = await drafted()
    with pytest.raises(Broken):
        await office.parts.outbox.send((await fresh(office)).with_fields(change))
    assert office.mailer.posts == []


async def test_an_unsubscribe_during_the_post_keeps_its_stage_and_the_mail_its_line() -> None:
    """Two writers of one lead: the mail left and is told with its text, but nobody who said no becomes sent."""
    office = await drafted()

    async def unsubscribe() -> None:
        one = await fresh(office)
        await office.parts.recorder.record(one, Change(now=Stage.UNSUBSCRIBED, why="unsubscribed"))

    during_the_post(office, unsubscribe)
    await office.run("send")
    row = await office.row("ld0001")
    assert row.stage is Stage.UNSUBSCRIBED
    assert FIRST in row.trail
    assert office.mailer.letters[0][1].text.splitlines()[0] in row.trail
    assert row.message_ids != ()


async def test_a_reply_address_is_optional_and_answers_then_go_to_the_sender() -> None:
    """A campaign without reply_to sends, and its mails carry the sender as Reply-To."""
    settings = replace(SETTINGS, campaign=replace(SETTINGS.campaign, reply_to=""))
    office = an_office(lead(1), settings=settings)
    await office.run("draft")
    await office.run("send")
    await own(office)
    assert [letter.reply_to for letter in office.mailer.posts] == ["ada@mail.acme.example"] * 2


async def own(office: Office, name: str = "2026-11-24") -> Left | None:
    """A mail to the operator."""
    return await office.parts.outbox.send_own("digest", name, "ops@acme.example", "Digest", "All is well.", "")


async def test_a_mail_to_the_operator_leaves_once_and_passes_no_gate() -> None:
    """A pause of mail to leads does not silence the digest, and no digest is written twice."""
    office = await drafted()
    await office.ledger.halt(Halt(what="mail", since=office.clock.now(), until=None, why="a look first"))
    left = await own(office)
    assert left is not None
    assert left.attempt.state is AttemptState.SENT
    assert await own(office) is None
    assert [letter.to_lead for letter in office.mailer.posts] == [False]
    assert (await office.ledger.traffic(office.clock.now())).posts == ()


async def test_a_mail_to_the_operator_that_was_refused_is_tried_again_a_few_times() -> None:
    """Refused is not left: the next look tries again, but not for ever."""
    office = await drafted()
    office.mailer.fail_next = [Transient("memory", "no connection") for _ in range(OWN_TRIES)]
    for _ in range(OWN_TRIES):
        left = await own(office)
        assert left is not None
        assert left.attempt.state is AttemptState.REFUSED
    assert await own(office) is None
    assert len({letter.tag for letter in office.mailer.posts}) == OWN_TRIES


async def test_a_mail_to_the_operator_that_may_have_left_is_not_repeated_before_it_is_settled() -> None:
    """What holds for leads holds for the operator: no mail twice on a guess."""
    office = await drafted()
    office.mailer.lose_reply_next = [Ambiguous("memory", "reset")]
    await own(office)
    assert await own(office) is None
    await office.run("reconcile")
    assert await own(office) is None
    assert len(office.mailer.posts) == 1


async def test_a_mail_sent_twice_at_the_mailer_is_extra_and_told() -> None:
    """The mailer has the last word: a second mail of one step is an incident, counted in the caps."""
    office = await drafted()
    await office.run("send")
    office.mailer.report(SECOND, EventKind.REQUEST)
    await office.run("reconcile")
    assert await state(office, SECOND) is AttemptState.EXTRA
    assert [alert.title for alert in office.operator.alerts if alert.id.startswith("extra.")] == ["A step left twice"]
    assert len((await office.ledger.traffic(office.clock.now())).posts) == 2

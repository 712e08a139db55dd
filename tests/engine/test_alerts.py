"""Is the operator told, once per cause, by a way that arrives, and of its end?"""

from dataclasses import replace
from datetime import timedelta

import anyio
import anyio.lowlevel

from office import SETTINGS, TUESDAY, Office, an_office
from outboundd.adapters.console import ConsoleOperator
from outboundd.adapters.memory_operator import MemoryOperator
from outboundd.engine.alert_mail import AlertMail
from outboundd.model.facts import Halt
from outboundd.model.mail import AttemptState
from outboundd.model.settings import Alerts
from outboundd.ports import Ambiguous, Broken, Exhausted, Transient

BY_MAIL = replace(SETTINGS, alerts=Alerts(email_to=("ops@acme.example", "boss@acme.example")))
NIGHT = TUESDAY.replace(hour=23)


def told(office: Office) -> list[str]:
    """The titles that reached the operator by the quick way, in order."""
    return [alert.title for alert in office.operator.alerts]


def mailed(office: Office) -> list[tuple[str, str]]:
    """To whom alerts were mailed, and their subjects."""
    return [(letter.to_email, letter.subject) for _, letter in office.mailer.letters if ".-alert." in letter.tag]


def nobody_listens(office: Office, times: int = 100) -> None:
    """The quick way is closed."""
    office.operator.fail_next = [Transient("telegram", "no connection")] * times


def untold(office: Office) -> list[str]:
    """The log's last words on what could not be told."""
    return [line for line in office.parts.log.tail if line.startswith("operator.untold")]


async def test_a_cause_is_told_once_until_it_has_ended_and_its_end_is_told_too() -> None:
    """A hundred failures of one cause are one message; when it comes back after its end, it is told again."""
    office = an_office()
    for _ in range(3):
        await office.parts.alerts.tell("silence.send", "send has not run", "")
    office.advance(hours=2, minutes=10)
    await office.parts.alerts.over("silence.send")
    office.advance(minutes=1)
    await office.parts.alerts.tell("silence.send", "send has not run", "")
    assert told(office) == ["send has not run", "Over: send has not run", "send has not run"]
    assert office.operator.alerts[1].text == "It lasted 2 h 10 min, until Tue 24 Nov 12:10, and struck 3 times."
    assert [alert.is_over for alert in office.operator.alerts] == [False, True, False]
    assert len({alert.name for alert in office.operator.alerts}) == 3


async def test_what_comes_and_goes_all_day_is_one_alarm_and_one_end() -> None:
    """A vendor that answers every other time: told an hour after it has answered for good, with when that was."""
    office = an_office()
    for _ in range(20):
        await office.parts.alerts.tell("away.memory", "memory is away: 503", "send ended early")
        office.advance(minutes=10)
        await office.parts.alerts.over("away.memory")
        office.advance(minutes=10)
        await office.parts.alerts.tell_what_waits()
    office.advance(hours=1)
    await office.parts.alerts.tell_what_waits()
    assert told(office) == ["memory is away: 503", "memory answers again"]
    assert office.operator.alerts[1].text == "It lasted 6 h 30 min, until Tue 24 Nov 16:30, and struck 20 times."
    await office.parts.alerts.tell("away.memory", "memory is away: 503", "send ended early")
    assert told(office)[2:] == ["memory is away: 503"]


async def test_what_comes_and_goes_all_night_is_one_message_in_the_morning() -> None:
    """Not one for each time."""
    office = an_office(at=NIGHT)
    for _ in range(24):
        await office.parts.alerts.tell("away.memory", "memory is away: 503", "send ended early")
        office.advance(minutes=10)
        await office.parts.alerts.over("away.memory")
        office.advance(minutes=10)
        await office.parts.alerts.tell_what_waits()
    assert told(office) == ["memory is away: 503 (over)"]


async def test_where_nobody_watches_the_next_outage_is_told_all_the_same() -> None:
    """Single runs by cron, and no watch that would have told the end of the first."""
    office = an_office()
    for _ in range(2):
        await office.parts.alerts.tell("away.memory", "memory is away: 503", "send ended early")
        office.advance(minutes=10)
        await office.parts.alerts.over("away.memory")
        office.advance(hours=3)
    assert told(office) == ["memory is away: 503"] * 2


async def test_who_has_no_run_tells_of_a_ledger_that_takes_nothing() -> None:
    """An alert that cannot be kept ends nobody."""
    office = an_office()

    async def full(*_: object, **__: object) -> None:
        raise Transient("ledger", "the disk is full")

    office.ledger.open_incident = full  # type: ignore[method-assign, assignment]
    await office.parts.alerts.tell_outside_a_run("telegram.conflict", "Somebody else listens", "")
    assert told(office) == ["The ledger cannot be written"]


async def test_different_causes_are_told_apart() -> None:
    """One incident hides no other."""
    office = an_office()
    await office.parts.alerts.tell("a", "A", "")
    await office.parts.alerts.tell("b", "B", "")
    assert [alert.id for alert in office.operator.alerts] == ["a", "b"]


async def test_an_alert_says_what_is_off_and_what_to_do_and_offers_it() -> None:
    """Whoever reads it on a telephone needs nothing else."""
    office = an_office()
    await office.parts.halts.vendor(Exhausted("memory", "not_enough_credits"))
    (alert,) = office.operator.alerts
    assert alert.title == "memory is halted: not_enough_credits"
    assert "Every job that needs memory is off" in alert.text
    assert "outboundd resume memory" in alert.text
    assert alert.choices[0] == ("Resume memory", "resume memory")


async def test_what_the_operator_ended_is_not_told_to_them() -> None:
    """They know; the next time is told again."""
    office = an_office()
    await office.parts.halts.vendor(Exhausted("memory", "401"))
    await office.say("resume", what="memory")
    assert told(office) == ["memory is halted: 401"]
    assert await office.ledger.untold_incidents() == []
    await office.parts.halts.vendor(Exhausted("memory", "401"))
    assert told(office) == ["memory is halted: 401"] * 2


async def test_the_end_of_what_was_not_open_is_no_news() -> None:
    """Every good run asks whether something is over."""
    office = an_office()
    await office.parts.alerts.over("clock")
    assert office.operator.alerts == []


async def test_an_operator_who_cannot_be_told_stops_no_job_and_the_log_says_so_at_once() -> None:
    """A failure of telling is no failure of the run."""
    office = an_office()
    nobody_listens(office, 1)
    await office.parts.alerts.tell("a", "Something", "text")
    assert office.operator.alerts == []
    assert untold(office) == ["operator.untold reason=Something: memory: no connection"]


async def test_what_could_not_be_told_is_told_once_later_with_when_it_was() -> None:
    """The watch tries again, in silence, until a way is open."""
    office = an_office()
    nobody_listens(office, 3)
    await office.parts.alerts.tell("a", "Something", "text")
    for _ in range(4):
        office.advance(minutes=10)
        await office.parts.alerts.tell_what_waits()
    assert told(office) == ["Something"]
    assert "Noticed Tue 24 Nov 10:00, once by now." in office.operator.alerts[0].text
    assert len(untold(office)) == 1


async def test_what_waited_for_the_morning_and_cannot_be_told_then_is_in_the_log() -> None:
    """Once, however often the watch tries."""
    office = an_office(at=NIGHT)
    nobody_listens(office)
    await office.parts.alerts.tell("away.memory", "memory is away", "503")
    assert untold(office) == []
    office.advance(hours=9)
    for _ in range(3):
        await office.parts.alerts.tell_what_waits()
    assert len(untold(office)) == 1


async def test_what_is_over_before_it_could_be_told_is_told_as_such_in_one_message() -> None:
    """No alarm in the morning for what has passed in the night."""
    office = an_office()
    nobody_listens(office, 1)
    await office.parts.alerts.tell("away.memory", "memory is away", "503")
    office.advance(hours=1, minutes=5)
    await office.parts.alerts.over("away.memory")
    for _ in range(2):
        await office.parts.alerts.tell_what_waits()
    (alert,) = office.operator.alerts
    assert alert.title == "memory is away (over)"
    assert alert.is_over
    assert "From Tue 24 Nov 10:00, 1 h 5 min, once. It is over." in alert.text


async def test_an_end_that_could_not_be_told_is_told_later() -> None:
    """Whoever was alarmed hears that it is over, once."""
    office = an_office()
    await office.parts.alerts.tell("clock", "The clock is off", "300 s")
    nobody_listens(office, 2)
    await office.parts.alerts.over("clock")
    office.advance(hours=1)
    for _ in range(3):
        await office.parts.alerts.tell_what_waits()
    assert told(office) == ["The clock is off", "The clocks agree again"]
    assert await office.ledger.untold_incidents() == []


async def test_at_night_only_what_cannot_wait_is_told_and_the_rest_in_the_morning() -> None:
    """On the operator's clock, from ten to seven as shipped."""
    office = an_office(at=NIGHT)
    await office.parts.alerts.tell("away.memory", "memory is away", "503")
    await office.parts.alerts.tell("guard", "Sending is paused by the guard", "5 bounces")
    await office.parts.alerts.tell_what_waits()
    assert told(office) == ["Sending is paused by the guard"]
    office.clock.advance(TUESDAY + timedelta(days=1, hours=-3) - office.clock.now())
    await office.parts.alerts.tell_what_waits()
    assert told(office) == ["Sending is paused by the guard", "memory is away"]
    assert "Noticed Tue 24 Nov 23:00" in office.operator.alerts[1].text


async def test_the_end_of_an_alarm_can_wait_for_the_morning() -> None:
    """Good news wakes nobody, also where the alarm did."""
    office = an_office(at=NIGHT)
    await office.parts.alerts.tell("clock", "The clock is off", "300 s")
    await office.parts.alerts.over("clock")
    assert told(office) == ["The clock is off"]
    office.advance(hours=9)
    await office.parts.alerts.tell_what_waits()
    assert told(office)[1:] == ["The clocks agree again"]


async def test_the_end_of_some_things_is_no_news_at_any_time() -> None:
    """A complaint does not become undone."""
    office = an_office()
    await office.parts.alerts.tell("guard.warned", "A complaint", "one")
    await office.parts.alerts.over("guard.warned")
    await office.parts.alerts.tell_what_waits()
    assert told(office) == ["A complaint"]


async def test_when_the_quick_way_is_closed_an_alert_is_mailed_once_to_each() -> None:
    """Through the outbox, with the text and the last lines of the log, whatever the watch tries again."""
    office = an_office(settings=BY_MAIL)
    nobody_listens(office)
    office.parts.log.write("clock.off", reason="300 s apart")
    await office.parts.alerts.tell("clock", "The clock is off", "300 s apart")
    for _ in range(3):
        await office.parts.alerts.tell_what_waits()
    subject = "default: The clock is off"
    assert mailed(office) == [("ops@acme.example", subject), ("boss@acme.example", subject)]
    text = office.mailer.letters[0][1].text
    assert "timedatectl" in text
    assert "clock.off reason=300 s apart" in text
    assert await office.ledger.untold_incidents() == []


async def test_a_mail_is_not_used_while_the_quick_way_is_open() -> None:
    """One message, not two."""
    office = an_office(settings=BY_MAIL)
    await office.parts.alerts.tell("clock", "The clock is off", "300 s apart")
    assert mailed(office) == []


async def test_a_terminal_that_nobody_may_be_reading_does_not_replace_the_mail() -> None:
    """It is printed once and mailed; without anybody to mail to, the terminal has to do."""
    for settings, mails in ((BY_MAIL, 2), (SETTINGS, 0)):
        office = an_office(settings=settings)
        office.operator.arrives = False
        await office.parts.alerts.tell("clock", "The clock is off", "300 s apart")
        await office.parts.alerts.tell_what_waits()
        assert (len(told(office)), len(mailed(office))) == (1, mails)
        assert await office.ledger.untold_incidents() == []


async def test_a_terminal_is_not_written_full_while_the_mail_does_not_leave() -> None:
    """Printed once; the mail is tried again until it leaves, more than a few times."""
    office = an_office(settings=BY_MAIL)
    office.operator.arrives = False
    office.mailer.fail_next = [Transient("memory", "no connection")] * 9
    await office.parts.alerts.tell("clock", "The clock is off", "300 s apart")
    for _ in range(12):
        office.advance(minutes=10)
        await office.parts.alerts.tell_what_waits()
    assert len(told(office)) == 1
    assert len(mailed(office)) == 2
    assert await office.ledger.untold_incidents() == []


async def test_a_halted_mailer_is_not_asked_to_carry_alerts() -> None:
    """Then nobody is told, which the log says; when it is on again, the mail leaves."""
    office = an_office(settings=BY_MAIL)
    nobody_listens(office)
    await office.ledger.halt(Halt(what="memory", since=TUESDAY, until=None, why="no credit"))
    await office.parts.alerts.tell("vendor.memory", "memory is halted", "no credit")
    assert office.mailer.posts == []
    assert untold(office) == ["operator.untold reason=memory is halted: memory: no connection, mail: halted"]
    await office.ledger.resume("memory")
    await office.parts.alerts.tell_what_waits()
    assert len(mailed(office)) == 2


async def test_a_mail_in_doubt_is_told_when_it_is_settled_and_never_twice() -> None:
    """The answer was lost, the mail had left: the next look knows, and sends nothing."""
    office = an_office(settings=replace(SETTINGS, alerts=Alerts(email_to=("ops@acme.example",))))
    nobody_listens(office)
    office.mailer.lose_reply_next = [Ambiguous("memory", "no answer")]
    await office.parts.alerts.tell("clock", "The clock is off", "300 s apart")
    assert len(await office.ledger.untold_incidents()) == 1
    await office.run("reconcile")
    assert await office.ledger.attempts(lead="-alert", states=[AttemptState.UNKNOWN]) == []
    await office.parts.alerts.tell_what_waits()
    assert len(mailed(office)) == 2  # the alarm, and its end that the reconcile saw
    assert len({letter.tag for _, letter in office.mailer.letters}) == 2


async def test_a_mail_in_doubt_is_looked_for_in_the_log_of_whoever_gets_alerts() -> None:
    """Its events are late, but the mailer's log of that address shows it: it has left, and never leaves again."""
    campaign = replace(SETTINGS.campaign, digest_to=())
    night = replace(SETTINGS, campaign=campaign, alerts=Alerts(email_to=("night@acme.example",)))
    office = an_office(settings=night)
    nobody_listens(office)
    office.mailer.lose_reply_next = [Ambiguous("memory", "no answer")]
    await office.parts.alerts.tell("guard", "Sending is paused by the guard", "bounces")
    office.mailer._events.clear()
    await office.run("reconcile")
    (attempt,) = await office.ledger.attempts(lead="-alert")
    assert attempt.state is AttemptState.SENT
    await office.parts.alerts.tell_what_waits()
    assert len(office.mailer.letters) == 1


async def test_a_run_is_told_with_its_own_last_lines() -> None:
    """Two runs at a time: each alert carries the lines of its own run, and no other's."""
    office = an_office()
    begun = anyio.Event()

    async def draft() -> None:
        with office.parts.log.run("draft", "1"):
            office.parts.log.write("job.started", job="draft")
            begun.set()
            await anyio.lowlevel.checkpoint()
            await office.parts.alerts.tell("job.draft.deadline", "draft took too long", "over 3600 s")

    async def send() -> None:
        with office.parts.log.run("send", "1"):
            await begun.wait()
            office.parts.log.write("job.started", job="send")

    async with anyio.create_task_group() as group:
        group.start_soon(draft)
        group.start_soon(send)
    assert office.operator.alerts[0].tail == ("job.started job=draft run=1",)


async def test_a_ledger_that_cannot_be_written_is_told_once_and_entered_when_it_can() -> None:
    """No incident can be kept meanwhile; afterwards there is one, with how often it struck, and its end is told."""
    office = an_office()
    full = Broken("ledger", "disk full")
    for _ in range(3):
        await office.parts.alerts.unwritable(full)
        office.advance(minutes=10)
    assert told(office) == ["The ledger cannot be written"]
    assert await office.ledger.incidents(open_only=False) == []
    await office.parts.alerts.writable()
    await office.parts.alerts.writable()
    assert told(office)[1:] == ["The ledger can be written again"]
    (kept,) = await office.ledger.incidents(open_only=False)
    assert (kept.opened, kept.closed) == (TUESDAY, TUESDAY + timedelta(minutes=30))


async def test_two_who_tell_at_the_same_moment_tell_once() -> None:
    """The watch does not take for untold what is being told."""
    office = an_office()
    go_on = anyio.Event()

    class Slow(MemoryOperator):
        async def alert(self, alert: object) -> None:
            await go_on.wait()
            await super().alert(alert)  # type: ignore[arg-type]

    slow = Slow()
    office.parts.alerts._ways[:] = [slow]
    async with anyio.create_task_group() as group:
        group.start_soon(office.parts.alerts.tell, "clock", "The clock is off", "")
        await anyio.lowlevel.checkpoint()
        group.start_soon(office.parts.alerts.tell_what_waits)
        await anyio.lowlevel.checkpoint()
        go_on.set()
    assert len(slow.alerts) == 1


def test_the_console_says_that_it_may_not_be_read() -> None:
    """Under systemd it writes into the journal."""
    assert not ConsoleOperator.arrives


async def test_the_way_by_mail_says_how_many_it_reaches_and_no_address() -> None:
    """What `check` and a log may hold."""
    office = an_office(settings=BY_MAIL)
    parts = office.parts
    way = AlertMail(
        outbox=parts.outbox, ledger=office.ledger, mailer="memory", clock=office.clock, settings=parts.settings
    )
    assert await way.probe() == "alerts are mailed to 2 addresses"
    await way.aclose()
    assert mailed(office) == []


async def test_what_is_told_in_the_morning_has_the_lines_of_the_night() -> None:
    """They are those of its own run, and not of what the log says by then."""
    office = an_office(at=NIGHT)
    with office.parts.log.run("draft", "1"):
        office.parts.log.write("job.started")
        await office.parts.alerts.tell("job.draft.deadline", "draft took too long", "over 3600 s")
    office.advance(hours=9)
    office.parts.log.write("reconcile.complete")
    await office.parts.alerts.tell_what_waits()
    assert [alert.tail for alert in office.operator.alerts] == [("job.started job=draft run=1",)]

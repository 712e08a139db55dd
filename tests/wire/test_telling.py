"""Is the operator told on the wire as promised: by mail when nothing else arrives, once, and of the end?"""

from dataclasses import replace
from datetime import timedelta

from outboundd.engine.run_job import JobRun
from outboundd.ports import Transient
from wire.wired import OVER, START, Wired, play, undisturbed

OPERATOR = "night@acme.example"


def alert_mails(wired: Wired) -> list[tuple[str, str]]:
    """Alerts that left by mail: to whom, and about what."""
    return [(mail.recipient, mail.subject) for mail in wired.five.brevo.ledger if ".-alert." in mail.tag]


def test_two_hours_without_the_store_and_without_telegram_are_two_mails() -> None:
    """The alarm, and that it is over; nothing of the scenario is lost by it."""
    good, _ = undisturbed()

    async def story(wired: Wired) -> None:
        wired.operator.fail_next = [Transient("telegram", "no connection")] * 10_000
        wired.when_at_work("send", lambda: wired.strike("airtable", "down", hours=2))
        await wired.schedule(OVER)
        told = alert_mails(wired)
        assert [to for to, _ in told] == [OPERATOR] * 2
        assert [subject.partition(": ")[2].partition(":")[0] for _, subject in told] == [
            "airtable is away",
            "airtable answers again",
        ]
        assert wired.came() == good
        await wired.all_is_well()

    play(story, email_to=OPERATOR)


def test_while_the_mailer_is_away_too_nobody_is_told_and_afterwards_once() -> None:
    """Logged at once, told when a way is open: one mail that says when it was and that it is over."""

    async def story(wired: Wired) -> None:
        wired.operator.fail_next = [Transient("telegram", "no connection")] * 10_000
        wired.when_at_work("send", lambda: wired.strike("brevo", "down", hours=1))
        await wired.schedule(OVER)
        (told,) = alert_mails(wired)
        assert "brevo is away" in told[1]
        assert told[1].endswith("(over)")
        assert len(wired.events("operator.untold")) == 1
        await wired.all_is_well()

    play(story, email_to=OPERATOR)


def test_where_the_quick_way_is_open_no_alert_is_mailed() -> None:
    """One message a cause, whatever [alerts] email_to says."""

    async def story(wired: Wired) -> None:
        wired.when_at_work("send", lambda: wired.strike("airtable", "down"))
        await wired.schedule(OVER)
        assert alert_mails(wired) == []
        assert [alert.title for alert in wired.operator.alerts][1] == "airtable answers again"

    play(story, email_to=OPERATOR)


def test_a_send_job_that_has_lost_its_sense_is_noticed_the_same_day() -> None:
    """Its runs end well and send nothing: told with the first day's hours, by nobody's look."""

    async def story(wired: Wired) -> None:
        async def nothing(_: JobRun) -> None:
            """What is left of it."""

        jobs = dict(wired.desk.jobs)
        jobs["send"] = replace(jobs["send"], run=nothing)
        wired.desk.jobs = jobs
        await wired.schedule(START + timedelta(hours=5))
        assert wired.alerts == ["silence.mail"]
        assert await wired.incidents() == ["silence.mail"]

    play(story)

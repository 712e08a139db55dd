"""Events late, out of order or doubled, and answers lost after the effect: is each mail known once, as it was?"""

from typing import Any

import pytest

from wire.wired import OVER, Wired, play, undisturbed

POST = {"path": "/smtp/email", "method": "POST"}


@pytest.mark.parametrize("fault", ["disorder", "duplicates"])
def test_events_in_any_order_and_number_tell_the_same(fault: str) -> None:
    """`delivered` before `requests`, or each event twice: the lead is delivered, once."""
    good, _ = undisturbed()

    async def story(wired: Wired) -> None:
        wired.faults.switch_on("brevo", fault, times=0, **POST)
        await wired.schedule(OVER)
        assert wired.came() == good
        assert wired.alerts == []
        await wired.all_is_well()

    play(story)


def test_events_that_come_half_an_hour_late_are_waited_for() -> None:
    """The follow-up of the other day does not suffer from it."""
    good, _ = undisturbed()

    async def story(wired: Wired) -> None:
        await wired.schedule(OVER)
        assert wired.came() == good
        assert wired.alerts == []
        await wired.all_is_well()

    play(story, event_lag_s=1800.0)


@pytest.mark.parametrize("brevo", [{}, {"event_lag_s": 600.0}, {"event_lag_s": 600.0, "log_lag_s": 600.0}])
@pytest.mark.parametrize("fault", ["lost_reply", "hang"])
def test_an_answer_lost_after_the_effect_is_settled_by_what_brevo_reports(fault: str, brevo: dict[str, Any]) -> None:
    """The mail left: it is never POSTed again, whether its events come at once or within the settling time."""
    good, _ = undisturbed()

    async def story(wired: Wired) -> None:
        wired.when_at_work("send", lambda: wired.faults.switch_on("brevo", fault, skip=1, value=3600, **POST))
        await wired.schedule(OVER)
        assert [fields["reason"] for fields in wired.events("mail.settled")] == ["sent"]
        assert wired.came() == good
        assert all(mail.tag.endswith(".1") for mail in wired.mails)
        await wired.all_is_well()

    play(story, **brevo)


@pytest.mark.parametrize("lifetime_s", [0.0, 900.0])
def test_a_mail_that_certainly_did_not_leave_is_sent_again_under_a_new_key(lifetime_s: float) -> None:
    """Dropped before the effect: in doubt for the settling time, then absent, then sent, once."""
    good, _ = undisturbed()

    async def story(wired: Wired) -> None:
        wired.when_at_work("send", lambda: wired.faults.switch_on("brevo", "drop", skip=1, **POST))
        await wired.schedule(OVER)
        assert [fields["reason"] for fields in wired.events("mail.settled")] == ["absent"]
        assert wired.came() == good
        await wired.all_is_well()

    play(story, key_lifetime_s=lifetime_s)

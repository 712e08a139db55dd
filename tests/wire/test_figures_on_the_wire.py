"""Do the figures agree with what the vendors themselves counted?"""

from datetime import timedelta

from wire.wired import START, Wired, now, play


def test_the_calls_and_credits_that_are_told_are_those_the_vendors_counted() -> None:
    """A day's work: every request that came to Airtable, and the mails that Brevo still takes at the last look."""

    async def story(wired: Wired) -> None:
        await wired.schedule(START + timedelta(hours=4))
        await wired.run("digest")
        came = sum(1 for one in wired.faults.arrivals if one.vendor == "airtable")
        assert await wired.desk.parts.world.ledger.calls("airtable", START.date()) == {now().date(): came}
        left = 240 - len(wired.five.brevo.ledger)
        told = await wired.say("stats")
        assert f"mailer credits: {left} left" in told
        assert f"calls to airtable this month: {came:,}, about" in told

    play(story, credits=240)

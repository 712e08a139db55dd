"""Does every writer keep what the port Writer promises, and every researcher the port Researcher?"""

import json
from datetime import date

from outboundd import prompts
from outboundd.model.lead import Lead
from outboundd.model.settings import Campaign, FollowUp, Sender, Sequence, Settings
from outboundd.ports import Researcher, Writer
from outboundd.rules import drafting

SETTINGS = Settings(
    campaign=Campaign(sender=Sender(name="Bo", email="bo@acme.example"), offer="cold stores"),
    sequence=Sequence(follow_ups=(FollowUp(name="bump", after_days=6), FollowUp(name="breakup", after_days=14))),
    prompts=prompts.load(),
)
LEAD = Lead(id="ld1", contact="Ada North", company="North", variant="A", subject="Cold stores")


async def test_a_mail_is_a_subject_and_a_body_and_has_a_price(writer: Writer) -> None:
    """JSON text with exactly these two, both filled, for every step."""
    for step in range(3):
        answer = await writer.write(drafting.brief(LEAD, step, "", SETTINGS))

        mail = json.loads(answer.text)
        assert mail.keys() == {"subject", "body"}
        assert all(isinstance(text, str) and text for text in mail.values())
        assert answer.usd >= 0


async def test_a_verdict_is_one_of_three_words_with_evidence(writer: Writer) -> None:
    """same, other or unclear; a writer that is no model never says more than unclear."""
    answer = await writer.judge("Does ada@north.example work at North?")

    verdict = json.loads(answer.text)
    assert verdict.keys() == {"verdict", "evidence"}
    assert verdict["verdict"] in ({"same", "other", "unclear"} if writer.is_model else {"unclear"})


async def test_a_call_costs_no_more_than_its_bound(writer: Writer, researcher: Researcher) -> None:
    """The purse holds the bound back before each call, so the day's limit is kept whatever the calls cost."""
    mail = await writer.write(drafting.brief(LEAD, 0, "", SETTINGS))
    verdict = await writer.judge("Does ada@north.example work at North?")
    found = await researcher.research("North", "https://north.example")

    assert max(mail.usd, verdict.usd) <= writer.usd_at_most
    assert found.usd <= researcher.usd_at_most


async def test_only_a_model_retires(writer: Writer) -> None:
    """The day of its shutdown, or None: not said, or no model."""
    retires_on = await writer.retires_on()

    assert retires_on is None or (writer.is_model and isinstance(retires_on, date))


async def test_the_writers_probe_is_one_line(writer: Writer) -> None:
    """One line for `check`."""
    assert writer.name
    assert "\n" not in await writer.probe()


async def test_research_is_text_with_a_price(researcher: Researcher) -> None:
    """Only the researcher that is called 'none' finds nothing."""
    found = await researcher.research("North", "https://north.example")

    assert bool(found.text) == (researcher.name != "none")
    assert found.usd >= 0
    assert "\n" not in await researcher.probe()

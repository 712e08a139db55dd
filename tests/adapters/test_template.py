"""Does the writer without a model write mails that may leave, for any lead there is?"""

import json
from dataclasses import replace

import pytest

from outboundd.adapters.none import NoResearcher
from outboundd.adapters.template import TemplateWriter
from outboundd.model.lead import Lead
from outboundd.model.mail import Brief, Draft, Research
from outboundd.model.settings import Campaign, FollowUp, Sender, Sequence, Settings, Variant
from outboundd.ports import Broken, Researcher, Writer
from outboundd.prompts import load
from outboundd.rules.draft_lint import faults
from outboundd.rules.drafting import brief, parse, subject_of

PROMPTS = load()
SETTINGS = Settings(
    campaign=Campaign(
        sender=Sender(name="Ada Park", email="ada@mail.acme.example"),
        signature="Ada Park\nAcme Ledger Tools",
        opt_out_line="If you would rather not hear from me, answer stop and I will not write again.",
        postal_address="1 Acme Road, Acmeville",
        offer="We help small companies see every unpaid invoice on one page.",
    ),
    sequence=Sequence(follow_ups=(FollowUp(name="bump", after_days=6), FollowUp(name="breakup", after_days=14))),
    variants=(Variant(name="A"), Variant(name="B", prompt="direct")),
    prompts=PROMPTS,
)
RESEARCH = "Lumen Works opened a second hall in Gdynia this spring. It trains its own welders."
CONTACTS = ["Rosa Kowalski", "Quentin de-la-Cruz", "Dr. Łukasz Żak", "MEI FERNÁNDEZ", "J. Bianchi", "山田 太郎", ""]
COMPANIES = ["Lumen Works", "Fjord Studio GmbH", "ING", "Harbor & Sons, Inc.", "TUNDRA FREIGHT", "O'Neil's", "北極商店"]
TITLES = ["Founder & CEO", "Head of Operations", "VP, Sales", "Geschäftsführer", ""]


def _leads() -> list[Lead]:
    return [
        Lead(id="ab12", contact=contact, company=company, title=title, variant=variant)
        for contact in CONTACTS
        for company in COMPANIES
        for title in TITLES
        for variant in ("A", "B")
    ]


async def _write(lead: Lead, step: int, research: str, settings: Settings = SETTINGS) -> Draft:
    answer = await TemplateWriter(settings.prompts).write(brief(lead, step, research, settings))
    assert answer.usd == 0
    return parse(answer.text)


@pytest.mark.parametrize("step", [0, 1, 2])
@pytest.mark.parametrize("research", ["", RESEARCH])
async def test_every_template_passes_the_lint_for_every_kind_of_lead(step: int, research: str) -> None:
    """With or without research, name, title: no mail of a shipped template has any fault, in either variant."""
    for lead in _leads():
        draft = await _write(replace(lead, subject="A question" if step else "", research=research), step, research)
        assert faults(draft, lead, step, SETTINGS, ["Quarry Clinic", "Omar Vale"]) == (), draft


async def test_a_template_makes_do_with_an_almost_empty_row_and_no_offer() -> None:
    """Without company, research, offer or earlier subject a whole mail still comes out."""
    bare = replace(SETTINGS, campaign=replace(SETTINGS.campaign, offer=""))
    for step in (0, 1, 2):
        draft = await _write(Lead(id="ab12", variant="A"), step, "", bare)
        assert faults(draft, Lead(id="ab12"), step, bare) == (), draft


async def test_research_is_used_where_there_is_some() -> None:
    """The first thing the mail says is what was found out."""
    for company in COMPANIES:
        body = (await _write(Lead(id="ab12", contact="Rosa K", company=company), 0, RESEARCH)).body
        assert body.startswith("Hi Rosa,\n\nLumen Works opened a second hall in Gdynia this spring.")


async def test_the_same_lead_gets_the_same_text_and_different_companies_do_not_all() -> None:
    """Nothing is random, yet a list of companies does not get one and the same wording."""
    lead = Lead(id="ab12", company="Lumen Works")
    assert await _write(lead, 0, "") == await _write(lead, 0, "")
    wordings = {(await _write(Lead(id="x", company=f"Company {n}"), 0, "")).body.split("?")[0][-30:] for n in range(20)}
    assert len(wordings) == 2


async def test_a_follow_up_keeps_the_subject_of_its_thread() -> None:
    """The earlier subject comes back, ready for 'Re:'."""
    lead = Lead(id="ab12", company="Lumen Works", subject="Re: Two halls", variant="B")
    assert subject_of((await _write(lead, 1, "")).subject, 1, lead.subject) == "Re: Two halls"


async def test_what_stands_in_a_cell_is_never_filled_again() -> None:
    """A company called '{offer}' is shown as it is, and the lint holds it back."""
    lead = Lead(id="ab12", company="{offer}")
    draft = await _write(lead, 0, "")
    assert "{offer}" in draft.body
    assert "placeholder" in {fault.code for fault in faults(draft, lead, 0, SETTINGS)}


async def test_a_broken_template_is_our_own_bug_and_says_which() -> None:
    """A missing template and a gap without a field are named, with the remedy."""
    told = Brief(step=0, steps=1, prompt="", fields={"kind": "first", "prompt": "carnegie"})
    with pytest.raises(Broken, match=r"template missing \(add a file template\.first\.md"):
        await TemplateWriter({}).write(told)
    with pytest.raises(Broken, match="no lead has a field nickname"):
        await TemplateWriter({"template.first": "Subject: x\n\nHi {nickname}"}).write(told)


async def test_a_template_never_judges() -> None:
    """What only a model could judge stays unclear, and so goes to a human."""
    writer: Writer = TemplateWriter(PROMPTS)
    assert json.loads((await writer.judge("same?")).text)["verdict"] == "unclear"
    assert not writer.is_model
    assert await writer.probe() == "template writer: 6 templates, no account needed"


async def test_no_researcher_finds_nothing_for_nothing() -> None:
    """Without a researcher there is no research and no cost."""
    researcher: Researcher = NoResearcher()
    assert await researcher.research("Lumen Works", "") == Research()
    assert "no researcher" in await researcher.probe()

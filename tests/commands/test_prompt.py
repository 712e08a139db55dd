"""Does `prompt` show what the writer would be told, word for word, without telling it?"""

import json
from dataclasses import replace
from typing import Any

import pytest

from commands.saying import refused
from office import SETTINGS, Office, an_office, lead
from outboundd.adapters.scripted import ScriptedResearcher, ScriptedWriter
from outboundd.model.facts import Halt
from outboundd.model.lead import Stage
from outboundd.model.mail import EventKind, Research
from outboundd.model.settings import Campaign, Variant
from outboundd.rules.texts import text_hash

MAIL = json.dumps(
    {"subject": "Two halls", "body": "Hi Rosa,\n\nhow do you keep two halls of tools apart? I would like to know."}
)
NEW = replace(lead(1), country="AT", city="Vienna", timezone="Europe/Vienna", consent_note="asked on the fair")


def an_office_with_a_model(settings: Any = SETTINGS, **words: Any) -> tuple[Office, ScriptedWriter]:
    """One new lead, and a writer that keeps what it is told."""
    office = an_office(replace(NEW, **words), settings=settings)
    office.parts.world.writer = writer = ScriptedWriter(lambda brief: MAIL)
    return office, writer


async def told(office: Office, step: int | None = None) -> tuple[str, str]:
    """The two messages that are shown."""
    data = await office.data("prompt", who="ld0001", step=step)
    return data["system"], data["user"]


async def test_what_is_shown_is_what_the_writer_is_told_next() -> None:
    """First mail and follow-up: both messages, the earlier mail and the research with them."""
    office, writer = an_office_with_a_model()
    await office.ledger.cache("research", "harbourworks1.example", _kept("They run two halls."), office.clock.now())
    first = await told(office)
    await office.run("draft")
    assert [(brief.prompt, brief.data) for brief in writer.briefs] == [first]
    assert "They run two halls." in first[1]
    await office.run("send")
    office.deliver()
    office.advance(days=6, hours=1)
    await office.run("reconcile")
    second = await told(office)
    await office.run("follow_up")
    assert [(brief.prompt, brief.data) for brief in writer.briefs] == [first, second]
    assert "how do you keep two halls of tools apart?" in second[1]


async def test_a_draft_of_a_follow_up_is_not_taken_for_the_mail_before_it() -> None:
    """The row shows the draft by then; the mail that left is told, without what the program had added to it."""
    office, writer = an_office_with_a_model()
    await office.mail_out()
    office.advance(days=6, hours=1)
    await office.run("reconcile")
    before = await told(office)
    writer._line = lambda brief: MAIL.replace("how do you", "and how did you")  # type: ignore[assignment]
    await office.run("follow_up")
    assert (await office.row("ld0001")).stage is Stage.DRAFTED
    assert await told(office) == before
    assert SETTINGS.campaign.postal_address not in before[1]
    await office.read("override", who="ld0001", value="redraft")
    assert await told(office) == before


async def test_nothing_is_asked_nothing_is_paid_and_nothing_is_written() -> None:
    """Neither writer nor researcher hears of it; the row, the ledger and the spending stay as they are."""
    office, writer = an_office_with_a_model()
    researcher = ScriptedResearcher(lambda company: Research(text="found", usd=0.1))
    office.parts.world.researcher = researcher
    before = await office.row("ld0001")
    said = await office.read("prompt", who="rosa.diaz@harbourworks1.example")
    assert "research: none yet: scripted would be asked before" in said
    assert (writer.briefs, await office.ledger.transitions("ld0001")) == ([], [])
    assert (await office.ledger.spent_on("ld0001"), await office.row("ld0001")) == (0.0, before)


async def test_while_the_researcher_is_halted_the_row_tells_what_it_knows() -> None:
    """As the writer would be told then."""
    office, _ = an_office_with_a_model(research="They sold a hall.")
    assert "They sold a hall." not in (await told(office))[1]
    halt = Halt(what="none", since=office.clock.now(), until=None, why="credit is used up")
    await office.ledger.halt(halt)
    assert "They sold a hall." in (await told(office))[1]


async def test_the_template_writer_is_shown_with_its_template_and_what_fills_it() -> None:
    """And with no message to a model, nor a language."""
    office = an_office(lead(1))
    said = await office.read("prompt", who="ld0001")
    assert "prompt template.first, hash " in said
    assert "{greeting} = Hi Rosa," in said
    assert SETTINGS.prompts["template.first"].strip() in said
    data = await office.data("prompt", who="ld0001", step=2)
    assert (data["prompt"], data["system"], data["user"], data["language"]) == ("template.last", None, None, None)
    assert data["research"] == "none, nobody is asked"


async def test_any_step_may_be_asked_for_and_no_other() -> None:
    """By its number; one that the sequence does not have is refused, and so is none where none is left."""
    office, _ = an_office_with_a_model()
    assert (await office.data("prompt", who="ld0001", step=1))["prompt"] == "carnegie.follow_up"
    for step in (-1, 3):
        says = f"--step {step}: the sequence has the steps 0 (the first mail) to 2"
        assert await refused(office, "prompt", who="ld0001", step=step) == (2, says)
    finished, _ = an_office_with_a_model(stage=Stage.DELIVERED, step=2)
    code, sentence = await refused(finished, "prompt", who="ld0001")
    assert (code, sentence) == (2, "no step is left for ld0001; give one with --step, 0 (the first mail) to 2")
    assert (await refused(office, "prompt", who="bo@nobody.example"))[0] == 2


@pytest.mark.parametrize(
    ("language", "name"), [("recipient", "German (de)"), ("en", "English (en)"), ("fr", "French (fr)")]
)
async def test_a_model_is_asked_for_the_language(language: str, name: str) -> None:
    """Of the recipient's country, or one for all; it stands in the message and in the head."""
    campaign: Campaign = replace(SETTINGS.campaign, language=language)
    office, _ = an_office_with_a_model(replace(SETTINGS, campaign=campaign))
    assert f"Write subject and text, the greeting too, in {name}, whatever" in (await told(office))[0]
    assert f"variant A, in {name}\n" in await office.read("prompt", who="ld0001")


async def test_a_draft_keeps_with_which_prompt_it_was_written_and_a_change_is_told() -> None:
    """In the trail, so that a lost ledger knows it too; `check`, `stats` and the digest say how many."""
    office, _ = an_office_with_a_model(replace(SETTINGS, variants=(Variant(name="A", prompt="direct"),)))
    await office.run("draft")
    mark = (await office.data("prompt", who="ld0001"))["hash"]
    assert f":direct.first@{mark} · id" in (await office.row("ld0001")).trail
    assert (await office.data("stats"))["older_texts"] == []
    prompts = {**SETTINGS.prompts, "direct.first": "Write anew."}
    office.parts.settings = replace(office.parts.settings, prompts=prompts)
    says = "1 draft was written with an older text of direct.first"
    assert (await office.data("stats"))["older_texts"] == [says]
    assert says in await office.read("stats")
    assert says in await office.read("check")
    await office.run("digest")
    assert says in next(letter.text for _, letter in office.mailer.letters if "digest" in letter.tag)
    await office.run("send")
    assert (await office.data("stats"))["older_texts"] == []


async def test_a_draft_that_went_to_review_keeps_its_prompt_and_can_be_approved() -> None:
    """The mark does not make the approve another one: approved, it leaves."""
    office, writer = an_office_with_a_model()
    writer._line = lambda brief: json.dumps({"subject": "Hi", "body": "Too short."})  # type: ignore[assignment]
    await office.run("draft")
    assert (await office.row("ld0001")).stage is Stage.REVIEW
    await office.read("override", who="ld0001", value="approve")
    assert (await office.ledger.drafts())[0].basis.count(":carnegie.first@") == 1
    await office.run("send")
    assert (await office.row("ld0001")).stage is Stage.SENT


async def test_the_texts_of_a_prompt_are_compared_by_the_mails_written_with_them() -> None:
    """Before and after a change; opens and replies go to the text that met with them."""
    office, writer = an_office_with_a_model()
    await office.run("draft")
    old = (await office.data("prompt", who="ld0001"))["hash"]
    await office.run("send")
    office.deliver()
    office.mailer.report(office.mailer.letters[0][1].tag, EventKind.OPENED)
    await office.run("reconcile")
    prompts = {**SETTINGS.prompts, "carnegie.follow_up": "Write anew."}
    office.parts.settings = replace(office.parts.settings, prompts=prompts)
    office.advance(days=6, hours=1)
    await office.run("reconcile")
    writer._line = lambda brief: MAIL.replace("how do you", "and how did you")  # type: ignore[assignment]
    await office.run("follow_up")
    await office.run("send")
    office.deliver()
    await office.read("override", who="ld0001", value="replied")
    groups = {one["name"]: one for one in await office.data("stats", by="prompt")}
    first, second = f"A carnegie.first@{old[:8]}", f"A carnegie.follow_up@{text_hash('Write anew.')[:8]}"
    told = {name: (one["leads"], one["sent"], one["opened"], one["replied"]) for name, one in groups.items()}
    assert told == {first: (1, 1, 1, 0), second: (1, 1, 0, 1)}
    assert first in await office.read("stats", by="prompt")


def _kept(text: str) -> str:
    return json.dumps({"text": text, "sources": ["https://harbourworks1.example/about"]})

"""Is it known with which prompt a draft was written, and told when that is another text by now?"""

from dataclasses import replace

import pytest

from outboundd.model.decision import Objection, Waiver
from outboundd.model.facts import Drafted
from outboundd.model.lead import Lead
from outboundd.model.settings import Campaign, FollowUp, Sender, Sequence, Settings, Variant
from outboundd.rules import basis
from outboundd.rules.written_with import mark, older, text_name

SETTINGS = Settings(
    campaign=Campaign(sender=Sender(name="Ada Park", email="ada@mail.acme.example")),
    sequence=Sequence(follow_ups=(FollowUp(name="bump", after_days=6), FollowUp(name="breakup", after_days=14))),
    variants=(Variant(name="A"), Variant(name="B", prompt="direct")),
    prompts={
        **{f"{name}.{kind}": f"{name}, {kind}" for name in ("carnegie", "direct") for kind in ("first", "last")},
        "template.first": "for all",
        "template.direct.first": "for one",
    },
)
LEAD = Lead(id="ab12", email="rosa@lumen.example", subject="Two halls", body="Hi Rosa,\n\nhow do you do it?")


def drafted(variant: str = "A", step: int = 0, *, settings: Settings = SETTINGS, is_model: bool = True) -> Drafted:
    """A draft written with the prompts of these settings."""
    on = basis.draft(LEAD, mark(variant, step, settings, is_model=is_model))
    return Drafted(variant=variant, step=step, basis=on)


def changed(**prompts: str) -> Settings:
    """The settings after prompts were changed."""
    return replace(SETTINGS, prompts={**SETTINGS.prompts, **{name.replace("_", "."): t for name, t in prompts.items()}})


@pytest.mark.parametrize(
    ("variant", "step", "is_model", "name"),
    [
        ("A", 0, True, "carnegie.first"),
        ("B", 2, True, "direct.last"),
        ("gone", 1, True, "carnegie.follow_up"),
        ("A", 0, False, "template.first"),
        ("B", 0, False, "template.direct.first"),
        ("B", 2, False, "template.last"),
    ],
)
def test_the_text_is_that_of_variant_step_and_writer(variant: str, step: int, is_model: bool, name: str) -> None:
    """The template writer takes one of its own for the prompt, else the one for all."""
    assert text_name(variant, step, SETTINGS, is_model=is_model) == name


def test_drafts_of_an_older_text_are_told_by_its_name() -> None:
    """Counted by the text, the most first; what is written with today's text is not told."""
    drafts = [drafted("B"), *[drafted("A")] * 12, drafted("A", 2)]
    assert older(drafts, SETTINGS, is_model=True) == ()
    assert older(drafts, changed(carnegie_first="new", direct_first="new"), is_model=True) == (
        "12 drafts were written with an older text of carnegie.first",
        "1 draft was written with an older text of direct.first",
    )


def test_a_text_that_is_gone_or_has_another_in_its_place_is_told_too() -> None:
    """An own file taken away, another prompt for the variant, a template for one prompt where there was one for all."""
    without = replace(SETTINGS, prompts={})
    assert older([drafted()], without, is_model=True) == ("1 draft was written with an older text of carnegie.first",)
    other = replace(SETTINGS, variants=(Variant(name="A", prompt="direct"),))
    assert older([drafted()], other, is_model=True) == (
        "1 draft was written with carnegie.first, in whose place direct.first is used now",
    )
    own = changed(template_carnegie_first="mine")
    assert older([drafted(is_model=False)], own, is_model=False) == (
        "1 draft was written with template.first, in whose place template.carnegie.first is used now",
    )


def test_words_of_the_operator_and_drafts_of_an_older_version_are_not_told() -> None:
    """An edited draft stands on a basis without a mark, as do those from before there were marks."""
    unmarked = [Drafted(variant="A", step=0, basis=on) for on in (basis.draft(LEAD), basis.identity(LEAD), "")]
    assert older(unmarked, changed(carnegie_first="new"), is_model=True) == ()


def test_the_mark_is_no_edit() -> None:
    """Text and person are compared as before, whatever prompt the draft was written with."""
    on = basis.draft(LEAD, "carnegie.first@ab")
    assert not basis.text_edited(LEAD, on)
    assert not basis.identity_edited(LEAD, on)
    assert basis.text_edited(replace(LEAD, body="Mine."), on)
    assert basis.identity_edited(replace(LEAD, company="Other"), on)
    waiver = Waiver(objection=Objection.LINT, basis=on)
    assert basis.text_waived(LEAD, {waiver})
    assert not basis.text_waived(replace(LEAD, body="Mine."), {waiver})
    assert not basis.text_waived(LEAD, {replace(waiver, objection=Objection.CONSENT)})
    assert (basis.mark_of(on), basis.mark_of(basis.draft(LEAD))) == ("carnegie.first@ab", "")

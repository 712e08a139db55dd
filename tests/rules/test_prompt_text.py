"""Is a text that a writer is given named, whole and without gaps that nobody fills?"""

import pytest

from outboundd.model.lead import Lead
from outboundd.model.settings import Campaign, Sender, Settings
from outboundd.rules import drafting
from outboundd.rules.prompt_text import GAPS, fault

TEMPLATE = "Subject: A question about {company}\n~\nSubject: One question\n\n{greeting}\n\nIs it so?"


@pytest.mark.parametrize("name", ["plain.first", "A-1_b.follow_up", "x.last", "template.first", "template.plain.last"])
def test_a_whole_text_under_its_name_may_be_used(name: str) -> None:
    """For a model, for the template writer, and for it with one prompt."""
    assert (
        fault(name, TEMPLATE if name.startswith("template") else 'Answer {"subject": "…", "body": "…"}.\n\t- Well.')
        == ""
    )


@pytest.mark.parametrize(
    "name",
    [
        "",
        "first",
        "plain",
        "plain.frist",
        "plain.first.last",
        ".first",
        "pl ain.first",
        "template",
        "template.a.b.last",
    ],
)
def test_a_file_that_would_never_be_looked_for_is_refused(name: str) -> None:
    """A mistyped name would leave the shipped text in use, unnoticed."""
    assert fault(name, "Write.").startswith("is no name of a prompt; call it")


@pytest.mark.parametrize("text", ["a\x00b", "a\x1b[2Jb", "a\u202eb", "a\u2028b", "\ud800"])
def test_what_cannot_be_seen_is_refused(text: str) -> None:
    """An operator must be able to read what the writer is told."""
    assert fault("plain.first", text).startswith("holds a control character")


@pytest.mark.parametrize("gap", ["{first_name}", "{{company}}", "${name}", "{ First name }", "%FNAME%", "*|NAME|*"])
def test_a_placeholder_in_a_prompt_for_a_model_is_refused(gap: str) -> None:
    """Nobody fills it; the model would be told the braces."""
    assert fault("plain.first", f"Write to {gap} at once.").startswith(
        f"holds the placeholder {gap}, which nobody fills"
    )


@pytest.mark.parametrize("gap", ["{surname}", "{Company}", "{ company }", "{first name}", "{", "}", "{company"])
def test_a_template_with_an_unknown_gap_is_refused_and_told_which_there_are(gap: str) -> None:
    """Left in, it would stand in every draft, and every draft would wait in review."""
    says = fault("template.first", f"Subject: Hi\n\n{{greeting}}\n\nAbout {gap}")
    assert says.startswith(f"holds the unknown placeholder {gap}; use {{first_name}}, {{greeting}}, ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{greeting}\n\nSubject: late", "does not begin with a line"),
        ("Subject: alone", "has a subject and no text"),
        ("Subject: alone\n\n \n", "has a subject and no text"),
    ],
)
def test_a_template_has_a_subject_and_a_text(text: str, says: str) -> None:
    """In this order, an empty line between them."""
    assert fault("template.first", text).startswith(says)


def test_the_gaps_are_those_that_a_brief_fills() -> None:
    """None is promised that stays open, none is kept back."""
    settings = Settings(
        campaign=Campaign(sender=Sender(name="Ada Park", email="ada@mail.acme.example")),
        prompts={"carnegie.first": "Write."},
    )
    fields = drafting.brief(Lead(id="ab12"), 0, "", settings).fields
    assert {*GAPS, "prompt", "kind"} == set(fields)


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_an_empty_text_is_refused(text: str) -> None:
    """A writer that is told nothing writes anything."""
    assert fault("plain.first", text) == "is empty; write it, or take the file away"

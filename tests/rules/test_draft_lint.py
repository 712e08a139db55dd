"""Is every mail that would embarrass, deceive or break held back, and no decent one?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.model.lead import Lead
from outboundd.model.mail import Draft
from outboundd.model.settings import Campaign, Sender, Settings
from outboundd.rules.draft_lint import Fault, faults, letter_faults

SETTINGS = Settings(
    campaign=Campaign(
        sender=Sender(name="Ada Park", email="ada@mail.acme.example"),
        signature="Ada Park\nACME\nwww.acme.example",
        opt_out_line="Reply stop, or https://acme.example/stop.html, and I will not write again.",
        offer="Fjord Works is our reference customer.",
    )
)
LEAD = Lead(
    id="ab12",
    email="rosa@lumenworks.example",
    website="https://www.lumenworks.example/en/@about",
    contact="Dr. Rosa Nuñez-Kowalski",
    title="COO",
    company="Lumen Works [UK]",
    research="Lumen Works supplies Harbor Studio.",
)
BODY = "Hi Rosa,\n\nyour second hall in Gdynia caught my eye. How do you keep two sites in step?"


def _found(body: str = BODY, subject: str = "Two halls", step: int = 0, *others: str, lead: Lead = LEAD) -> list[str]:
    found = faults(Draft(subject=subject, body=body), lead, step, SETTINGS, others)
    return [("hard " if fault.hard else "soft ") + fault.code for fault in found]


def _in_body(words: str, step: int = 0, *others: str) -> list[str]:
    return _found(f"{BODY}\n{words}", "Two halls", step, *others)


def test_a_decent_mail_has_no_fault() -> None:
    """The sender's own links, the lead's own domain as text, and its company's odd brackets are fine."""
    assert _found() == []
    assert _found(step=1) == []
    assert _in_body("I read lumenworks.example and thought of Lumen Works [UK]; see mailto:ada@acme.example") == []


@pytest.mark.parametrize(
    "words",
    [
        "{{first_name}}", "{company}", "${name}", "[Name]", "[1]", "<company>", "<b>bold</b>", "%FNAME%", "*|FNAME|*",
        "____", "XXX", "TODO", "TBD", "Lorem Ipsum dolor", "Dear ,", "Dear,", "Hi ,", "hello !", "Hi null, you",
        "Dear first name", "your work at .", "people at undefined", "{{", "｛name｝",
    ],
)  # fmt: skip
def test_an_unfilled_placeholder_is_never_sent(words: str) -> None:
    """Whatever the notation, a hole in the text is a hard fault."""
    assert "hard placeholder" in _in_body(words)


@pytest.mark.parametrize(
    "words", ["Todo bien.", "I wondered: 2 < 3 and 4 > 1?", "what you are interested in …", "XXXLutz", "the data: none"]
)
def test_ordinary_words_are_no_placeholders(words: str) -> None:
    """What only looks like a hole is not held back."""
    assert _in_body(words) == []


@pytest.mark.parametrize(
    "words",
    [
        "https://evil.example", "http://acme.example@evil.example/", "https://acme.example.evil.test", "www.evil.com",
        "evil.com", "EVIL.COM/path", "evil．com", "evil。com", "bücher.de", "evil.xn--p1ai", "mailto:bob@evil.com",
        "bob@evil.com", "javascript:alert(1)", "data:text/html,x", "hxxp evil", "evil[.]com", "evil (dot) com",
        "ftp://acme-example.test", "https://lumenworks.example/login", "https://", "notacme.example",
    ],
)  # fmt: skip
def test_only_the_senders_own_domain_may_be_linked(words: str) -> None:
    """Any other link or bare domain, however disguised, is a hard fault."""
    assert "hard link" in _in_body(words)


@pytest.mark.parametrize(
    "words", ["e.g. this", "i.e. that", "at 9.30 a.m. today", "St.Gallen", "node.jsx", "acme.example"]
)
def test_a_dot_alone_makes_no_link(words: str) -> None:
    """Abbreviations, times and file names are not domains."""
    assert _in_body(words) == []


def test_a_company_named_like_a_domain_may_be_named() -> None:
    """A company called Booking.example may be called so, but not linked to."""
    lead = replace(LEAD, company="Booking.example", website="", email="")
    assert _found(f"{BODY} I admire Booking.example.", lead=lead) == []
    assert _found(f"{BODY} https://booking.example", lead=lead) == ["hard link"]


@pytest.mark.parametrize(
    "greeting",
    ["Hi Bob,", "hi bob,", "Dear Dr. Bob Smith,", "Hello Rosa and Omar,", "Hey Bob - how are you",
     "Hi Bob how are you all", "Good morning Bob!", "Dear Rosa Kowalski and Omar Vale,"],
)  # fmt: skip
def test_greeting_somebody_else_is_a_hard_fault(greeting: str) -> None:
    """The first line may name the lead and nobody else."""
    assert _found(BODY.replace("Hi Rosa,", greeting)) == ["hard wrong person"]


@pytest.mark.parametrize(
    "greeting",
    ["Hi Rosa,", "Dear Dr. Nunez-Kowalski,", "Hello,", "Hi there,", "Hello Lumen Works team,", "Hi rosa - I saw",
     "Good day.", "Dear Prof.Kowalski", "Hi Rosa hope all is well with you"],
)  # fmt: skip
def test_greeting_the_lead_in_any_decent_way_is_fine(greeting: str) -> None:
    """First name, surname, title, company or nobody; accents do not matter."""
    assert _found(BODY.replace("Hi Rosa,", greeting)) == []


def test_a_name_invented_for_a_lead_without_one_is_a_hard_fault() -> None:
    """Where the row has no contact, no name may be made up."""
    assert _found(lead=replace(LEAD, contact="")) == ["hard wrong person"]


@pytest.mark.parametrize(
    ("words", "other"),
    [
        ("I met OMAR  VAN-DIJK there", "Omar van Dijk"),
        ("We know Quarry Clinic", "Quarry Clinic"),
        ("We know Tundra", "Tundra"),
        ("We know Łukasz O'Neil", "Lukasz ONeil"),
    ],
)
def test_naming_another_lead_is_a_hard_fault(words: str, other: str) -> None:
    """A name or company of another lead in this mail means that two leads were mixed up."""
    assert _in_body(words, 0, "", other) == ["hard wrong person"]


@pytest.mark.parametrize(
    ("words", "other"),
    [
        ("the frozen tundra", "Tundra"),
        ("Harbor Studio is your customer", "Harbor Studio"),
        ("Fjord Works trusts us", "Fjord Works"),
        ("Lumen Works", "Lumen"),
        ("We go on", "Go"),
        ("Quarry Clinics", "Quarry Clinic"),
    ],
)
def test_what_belongs_to_this_mail_is_no_mix_up(words: str, other: str) -> None:
    """Common words, the lead's own name, its research and our own offer may be named."""
    assert _in_body(words, 0, other) == []


def test_lengths_are_judged_softly_and_then_hard() -> None:
    """A scanty or long mail is for a human to judge; one that nobody would read is not sent."""
    assert _found("Hi Rosa, hello?") == ["soft short"]
    assert _found(BODY + " word" * 320) == ["soft long"]
    assert _found(BODY + " word" * 900) == ["hard too long", "soft long"]
    assert _found(subject="two halls " * 9 + "x") == ["soft subject"]
    assert _found(subject="two halls " * 21) == ["hard subject"]
    assert _found("") == ["hard empty body"]
    assert _found("\u200b \n") == ["hard characters", "hard empty body"]
    assert _found(subject=" ") == ["hard empty subject"]


@pytest.mark.parametrize(
    "subject", ["Re: Two halls", "FWD: halls", "re : halls", "AW: halls", "Re[2]: halls", "Re：halls"]
)
def test_a_first_mail_that_pretends_to_be_a_reply_is_deceptive(subject: str) -> None:
    """'Re:' and 'Fwd:' are for real threads only."""
    assert "hard false reply" in _found(subject=subject)
    assert "hard false reply" not in _found(subject=subject, step=1)


@pytest.mark.parametrize(
    "bad", ["\u202e", "\u200b", "\u2066", "\ufeff", "\u00ad", "\x00", "\x1b", "\ue000", "\u2028", "\ud800"]
)
def test_characters_that_hide_or_turn_text_are_never_sent(bad: str) -> None:
    """Direction overrides, zero-width and control characters are hard faults, in subject and text."""
    assert "hard characters" in _found(f"{BODY} a{bad}b")
    assert "hard characters" in _found(subject=f"a{bad}b halls")


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x85"])
def test_a_subject_cannot_smuggle_a_header(end: str) -> None:
    """A line end in a subject is a hard fault."""
    assert "hard header" in _found(subject=f"Two halls{end}Bcc: all@evil.example")


def test_a_mail_knows_its_place_in_the_sequence() -> None:
    """A first mail that follows up, or a follow-up that introduces itself, is for a human to judge."""
    assert _in_body("Just following up on my last email.") == ["soft wrong step"]
    assert _in_body("Did you see my note?") == ["soft wrong step"]
    assert _in_body("Just following up on my last email.", 1) == []
    assert _in_body("My name is Ada, let me introduce us.", 1) == ["soft wrong step"]
    assert _in_body("My name is Ada.") == []


def test_shouting_is_for_a_human_to_judge() -> None:
    """Capitals and rows of exclamation marks are soft faults; a name written in capitals is none."""
    assert _found(subject="BUY THIS SHIP TODAY") == ["soft shouting"]
    assert _in_body("Great!!!") == ["soft shouting"]
    assert _in_body("THIS IS YOUR LAST CHANCE FOR MORE SALES EVERY YEAR") == ["soft shouting"]
    assert _found(subject="LUMEN WORKS", lead=replace(LEAD, company="LUMEN WORKS")) == []


def test_a_letter_without_the_configured_way_out_is_never_sent() -> None:
    """The opt-out line must stand in the first mail as it leaves."""
    found = letter_faults("Two halls", BODY, LEAD, 0, SETTINGS)
    assert found == (Fault(code="opt-out", hard=True, why="the opt-out line is missing"),)
    assert letter_faults("Two halls", BODY, LEAD, 1, SETTINGS) == ()


@given(st.text(), st.text(), st.lists(st.text(max_size=20), max_size=3))
def test_no_draft_breaks_the_lint_and_no_reason_quotes_it(subject: str, body: str, others: list[str]) -> None:
    """Any text is judged; every code occurs once, hard ones first, in words that name nobody."""
    found = faults(Draft(subject=subject, body=body), LEAD, 0, SETTINGS, others)
    assert len({fault.code for fault in found}) == len(found)
    assert [fault.hard for fault in found] == sorted((fault.hard for fault in found), reverse=True)
    assert all("Rosa" not in fault.why and "Lumen" not in fault.why for fault in found)


@pytest.mark.parametrize("evil", ["a.", "\n", "a-", "hi ", "{", "[", "<a", "at ", "Re[", "é"])
def test_a_monstrous_text_is_judged_in_moments(evil: str) -> None:
    """No pattern takes longer than the length of a text allows: the run is not held up by one lead."""
    assert faults(Draft(subject=evil * 5_000, body=evil * 20_000), LEAD, 0, SETTINGS, [evil * 9])

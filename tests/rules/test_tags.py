"""Does a tag name one attempt, and does only a tag of ours read as ours?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.rules import tags
from outboundd.rules.tags import Tag


def test_a_tag_tells_campaign_lead_step_and_try():
    """Everything about an attempt, so that the mailer's events alone give a lost ledger back."""
    assert tags.of_step("spring", "recA1", 2, 3) == "spring.recA1.2.3"
    assert tags.parse("spring.recA1.2.3", "spring") == Tag(lead="recA1", step=2, n=3)


@pytest.mark.parametrize(
    ("n", "tag"),
    [(1, "spring.-digest.2026-11-24"), (2, "spring.-digest.2026-11-24.2"), (5, "spring.-digest.2026-11-24.5")],
)
def test_a_mail_to_the_operator_has_a_tag_of_its_own(n: int, tag: str):
    """The first try bears no number, so that a digest is named by its day."""
    assert tags.of_own("spring", "digest", "2026-11-24", n) == tag
    assert tags.parse(tag, "spring") == Tag(lead="-digest", step=0, n=n)


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "spring",
        "spring.",
        "autumn.recA1.0.1",
        "spring.recA1",
        "spring.recA1.0",
        "spring.recA1.x.1",
        "spring.recA1.0.x",
        "spring.recA1.0.0",
        "spring.recA1.-1.1",
        "spring.recA1.00.1",
        "spring.recA1.\u0663.1",
        "spring..0.1",
        "spring.-digest",
        "spring.recA1.0." + "9" * 5000,
        "newsletter-2026",
    ],
)
def test_what_we_would_not_have_written_is_not_ours(tag: str):
    """Another campaign's mail, somebody else's, or a number too long to be one: None, never an exception."""
    assert tags.parse(tag, "spring") is None


@given(
    lead=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,30}", fullmatch=True),
    step=st.integers(0, 9999),
    n=st.integers(1, 99999),
)
def test_every_tag_reads_back_as_what_it_names(lead: str, step: int, n: int):
    """Also for a store whose ids hold dots."""
    assert tags.parse(tags.of_step("spring", lead, step, n), "spring") == Tag(lead=lead, step=step, n=n)


@given(tag=st.text(max_size=60))
def test_no_tag_of_the_world_breaks_anything(tag: str):
    """A tag comes back from outside; whatever reads as ours is spelt exactly as we spell it."""
    told = tags.parse(f"spring.{tag}", "spring")
    if told is not None and not told.lead.startswith("-"):
        assert tags.of_step("spring", told.lead, told.step, told.n) == f"spring.{tag}"

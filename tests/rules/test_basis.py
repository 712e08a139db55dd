"""A stage is reached on a basis; whatever changes the basis is noticed, and nothing else is."""

from dataclasses import replace

import pytest

from outboundd.model.decision import Objection, Waiver
from outboundd.model.lead import Lead
from outboundd.rules import basis

LEAD = Lead(
    id="1",
    email="mei@firm.example",
    contact="Mei Müller",
    company="Firm",
    website="firm.example",
    subject="Hello",
    body="One\nTwo",
)


@pytest.mark.parametrize(
    "changed",
    [
        replace(LEAD, email=" MEI@Firm.example "),
        replace(LEAD, contact="Mei Mu\u0308ller"),
        replace(LEAD, company="Firm  "),
        replace(LEAD, title="COO", city="Lyon", trail="x"),
    ],
)
def test_a_spelling_is_no_change_of_identity(changed: Lead) -> None:
    """Case of the address, Unicode form and blanks at the end, and other columns, leave the attribution standing."""
    assert basis.identity(changed) == basis.identity(LEAD)


@pytest.mark.parametrize(
    "changed",
    [
        replace(LEAD, email="mei@other.example"),
        replace(LEAD, email="two@@signs"),
        replace(LEAD, contact="Mei"),
        replace(LEAD, company="Firm Two"),
        replace(LEAD, website="other.example"),
        replace(LEAD, contact="", company="Mei MüllerFirm"),
    ],
)
def test_an_edit_of_who_or_where_is_a_new_identity(changed: Lead) -> None:
    """Address, name, company and website each count, also a word moved from one cell to the next."""
    assert basis.identity(changed) != basis.identity(LEAD)
    assert basis.draft(changed) != basis.draft(LEAD)


def test_the_basis_of_a_draft_holds_its_text() -> None:
    """An edited subject or text is another draft of the same identity; blanks at line ends are no edit."""
    assert basis.draft(replace(LEAD, subject="Hello!")) != basis.draft(LEAD)
    assert basis.draft(replace(LEAD, body="One\nThree")) != basis.draft(LEAD)
    assert basis.draft(replace(LEAD, body="One  \r\nTwo\n\n")) == basis.draft(LEAD)
    assert basis.identity(replace(LEAD, body="Three")) == basis.identity(LEAD)


def test_a_broken_address_has_an_identity_too() -> None:
    """A row that cannot be mailed is still told apart from itself after an edit."""
    assert basis.identity(replace(LEAD, email="Two@@Signs ")) == basis.identity(replace(LEAD, email="two@@signs"))


def test_the_basis_of_a_draft_begins_with_the_identity() -> None:
    """An edited text and an edited identity can be told apart from the basis alone."""
    assert basis.draft(LEAD).partition(":")[0] == basis.identity(LEAD)
    assert basis.draft(replace(LEAD, company="")).partition(":")[2] == basis.draft(LEAD).partition(":")[2]


class TestSince:
    """What was edited since a stage was reached?"""

    def test_nothing_recorded_is_nothing_edited(self):
        """A lead that never moved has no basis to differ from."""
        assert not basis.identity_edited(LEAD, "")
        assert not basis.text_edited(LEAD, "")

    def test_identity_and_text_are_told_apart(self):
        """An edited text is linted again, an edited person verified again."""
        on = basis.draft(LEAD)
        assert not basis.identity_edited(LEAD, on)
        assert not basis.text_edited(LEAD, on)
        other_text, other_person = replace(LEAD, body="Else"), replace(LEAD, email="li@firm.example")
        assert (basis.identity_edited(other_text, on), basis.text_edited(other_text, on)) == (False, True)
        assert (basis.identity_edited(other_person, on), basis.text_edited(other_person, on)) == (True, False)

    def test_a_stage_without_a_draft_has_no_text_to_edit(self):
        """A verified lead's empty text is nobody's edit."""
        assert not basis.text_edited(LEAD, basis.identity(LEAD))

    def test_an_approve_is_for_a_person_at_a_company_whatever_the_text(self):
        """And for the objection that was shown."""
        waivers = {Waiver(objection=Objection.CONSENT, basis=basis.draft(replace(LEAD, body="Else")))}
        assert basis.waived(Objection.CONSENT, basis.identity(LEAD), waivers)
        assert not basis.waived(Objection.SAME_COMPANY, basis.identity(LEAD), waivers)
        assert not basis.waived(Objection.CONSENT, basis.identity(replace(LEAD, company="Else")), waivers)

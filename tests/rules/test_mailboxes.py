"""Is a mailbox that is nobody's own told from a person's?"""

import pytest

from outboundd.model.decision import Objection, Waiver
from outboundd.model.lead import Lead, Stage
from outboundd.rules import basis, mailboxes

NOBODY: frozenset[Waiver] = frozenset()


@pytest.mark.parametrize(
    "local",
    [
        "info",
        "INFO",
        "sales",
        "sales-uk",
        "info_berlin",
        "info+list",
        "info2",
        "no-reply",
        "help.desk",
        "Buero",
        "büro",
    ],
)
def test_a_roles_address_is_known_however_it_is_written(local: str) -> None:
    """In the languages of Europe, with a place, a number or a tag behind it."""
    assert mailboxes.fault(f"{local}@harbour.example").startswith("a role's address")


@pytest.mark.parametrize(
    "local", ["rosa", "rosa.diaz", "r.diaz", "malone.post", "ola", "infantino", "hr.smith", "b.office"]
)
def test_a_persons_address_is_none(local: str) -> None:
    """A name that begins like a role, or ends like one, is a name."""
    assert not mailboxes.fault(f"{local}@harbour.example")


@pytest.mark.parametrize("domain", ["mailinator.com", "yopmail.com", "box.mailinator.com"])
def test_a_throwaway_mailbox_is_known_by_its_domain(domain: str) -> None:
    """At the provider's domain or below it."""
    assert mailboxes.fault(f"rosa@{domain}").endswith("throwaway mailboxes")


@pytest.mark.parametrize("domain", ["gmail.com", "gmx.de", "proton.me", "harbourmailinator.com"])
def test_a_free_mailbox_is_somebodys_own(domain: str) -> None:
    """Free is not throwaway."""
    assert not mailboxes.fault(f"rosa@{domain}")


def test_a_broken_address_is_another_rules_matter() -> None:
    """It is attribution that says so."""
    assert not mailboxes.fault("info at harbour")


def test_such_a_lead_goes_to_review_until_the_operator_approves() -> None:
    """The approve holds for this person, and not for whoever is written over them."""
    lead = Lead(id="lead1", email="info@harbour.example", company="Harbour")
    stop = mailboxes.objection(lead, NOBODY)
    assert stop is not None
    assert (stop.stage, stop.objection) == (Stage.REVIEW, Objection.MAILBOX)
    approved = frozenset({Waiver(objection=Objection.MAILBOX, basis=basis.identity(lead))})
    assert mailboxes.objection(lead, approved) is None
    assert mailboxes.objection(lead.with_fields({"email": "sales@harbour.example"}), approved) is not None

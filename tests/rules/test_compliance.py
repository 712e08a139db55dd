"""Does a human look before somebody is written to whose country asks for consent?"""

from dataclasses import replace

import pytest

from outboundd.model.decision import Objection, Waiver
from outboundd.model.lead import Lead, Stage
from outboundd.model.settings import Campaign, Sender, Settings
from outboundd.rules import compliance

CAMPAIGN = Campaign(
    sender=Sender(name="Ada Park", email="ada@acme.example"),
    postal_address="Acme, 1 Main Street, Springfield",
    opt_out_line="Not for you? One word is enough and I will not write again.",
)
SETTINGS = Settings(campaign=CAMPAIGN)
LEAD = Lead(id="lead1")


@pytest.mark.parametrize("country", ["DE", "de", "AT", "CH", "IT", "ES", "PL", "DK", "NL", "CA", "AU", "KR"])
def test_a_lead_in_a_country_of_prior_consent_goes_to_review(country):
    """With the law's name, and with the three things that settle it."""
    stop = compliance.objection(LEAD, SETTINGS, country, frozenset(), "b1")
    assert stop is not None
    assert (stop.stage, stop.objection) == (Stage.REVIEW, Objection.CONSENT)
    assert compliance.PRIOR_CONSENT[country.upper()] in stop.why
    assert all(remedy in stop.why for remedy in ("Consent note", "approve", "consent_settled"))


@pytest.mark.parametrize("country", ["US", "GB", "FR", "SG", ""])
def test_other_countries_go_on(country):
    """Where business mail may be unasked, or the country is not known (the zone's matter), this rule is silent."""
    assert compliance.objection(LEAD, SETTINGS, country, frozenset(), "b1") is None


@pytest.mark.parametrize(("note", "goes_on"), [("spoke at the fair, 2026-02-01", True), ("  ", False)])
def test_a_consent_note_settles_it(note, goes_on):
    """The operator wrote down what the mail rests on; blanks are no note."""
    lead = replace(LEAD, consent_note=note)
    assert (compliance.objection(lead, SETTINGS, "DE", frozenset(), "b1") is None) is goes_on


@pytest.mark.parametrize(("settled", "goes_on"), [({"DE"}, True), ({"*"}, True), ({"AT"}, False)])
def test_a_country_the_operator_has_settled_goes_on(settled, goes_on):
    """By its code, or all at once."""
    settings = replace(SETTINGS, consent_settled=frozenset(settled))
    assert (compliance.objection(LEAD, settings, "DE", frozenset(), "b1") is None) is goes_on


@pytest.mark.parametrize(
    ("objection", "basis", "goes_on"),
    [(Objection.CONSENT, "b1", True), (Objection.CONSENT, "b2", False), (Objection.LINT, "b1", False)],
)
def test_an_approve_waives_it_on_its_basis(objection, basis, goes_on):
    """One objection, one basis: an approve of something else or of another address does not count."""
    waivers = frozenset({Waiver(objection=objection, basis="b1")})
    assert (compliance.objection(LEAD, SETTINGS, "DE", waivers, basis) is None) is goes_on


def test_a_complete_campaign_may_use_a_real_mailer():
    """Nothing is missing, nothing is said."""
    assert compliance.faults_of_campaign(CAMPAIGN, "brevo") == []


def test_a_maildir_asks_for_nothing():
    """The first tries need no postal address."""
    assert compliance.faults_of_campaign(replace(CAMPAIGN, postal_address="", opt_out_line=""), "maildir") == []


@pytest.mark.parametrize("blank", ["", "  ", "..."])
@pytest.mark.parametrize("key", ["postal_address", "opt_out_line"])
def test_a_missing_line_is_named_with_its_remedy(key, blank):
    """An untouched placeholder counts as missing."""
    (fault,) = compliance.faults_of_campaign(replace(CAMPAIGN, **{key: blank}), "brevo")
    assert fault.startswith(f"[campaign] {key} is missing: mailer brevo needs")


def test_a_sender_without_a_name_or_address_is_named():
    """The recipient must be able to tell who writes."""
    faults = compliance.faults_of_campaign(replace(CAMPAIGN, sender=Sender(name="", email="")), "brevo")
    assert ["sender.name" in faults[0], "sender.email" in faults[1], len(faults)] == [True, True, 2]

"""Are the reasons of many leads told in few lines, and none left out?"""

from outboundd.model.lead import Lead, Stage
from outboundd.model.settings import Campaign, Sender, Settings
from outboundd.rules import compliance, reasons

SETTINGS = Settings(campaign=Campaign(sender=Sender(name="Ada Park", email="ada@acme.example")))


def asks(country: str) -> str:
    """What the rule says of a lead there."""
    stop = compliance.objection(Lead(id="ld1", stage=Stage.VERIFIED), SETTINGS, country, frozenset(), "")
    assert stop is not None
    return stop.why


def test_the_countries_that_ask_for_consent_share_one_line():
    """Three German leads and one Austrian are four leads with one thing to do."""
    remedy = asks("DE").partition("): ")[2]
    told = reasons.grouped({asks("DE"): 3, asks("AT"): 1, "unclear attribution": 2})
    assert told == [
        (f"prior consent asked for (DE 3, AT 1): {remedy}", 4),
        ("unclear attribution", 2),
    ]


def test_one_country_alone_keeps_its_law():
    """Where nothing is to be shared, the whole reason stays."""
    assert reasons.grouped({asks("DE"): 3}) == [(asks("DE"), 3)]


def test_the_country_is_read_from_what_the_rule_says_and_from_nothing_else():
    """Every country of the table; no other sentence passes for one."""
    assert all(compliance.country_asking(asks(country)) == country for country in compliance.PRIOR_CONSENT)
    assert compliance.country_asking("approval asked for") == ""
    assert compliance.country_asking("XX asks for prior consent (none): nothing") == ""

"""Does every reason for review say what the human may do?"""

import pytest

from outboundd.model.decision import WAIVABLE, Objection
from outboundd.model.lead import Lead
from outboundd.rules import human_acts, zones
from outboundd.rules.overrides import TRIED_AGAIN


@pytest.mark.parametrize("objection", sorted(set(Objection) - {Objection.ZONE}))
def test_every_objection_has_an_act_that_the_machine_obeys(objection: Objection) -> None:
    """Approve is named where it waives, and only there; recheck where a thing is tried again."""
    said = human_acts.asking("why", objection)
    assert said.startswith("why: ")
    assert ("approve" in said) == (objection in WAIVABLE)
    assert ("recheck" in said) == (objection in TRIED_AGAIN)


@pytest.mark.parametrize(
    "fields",
    [{}, {"country": "Atlantis"}, {"country": "", "timezone": "Europe/Berlin"}, {"country": "DE", "timezone": "CETI"}],
)
def test_an_unknown_zone_names_the_column_itself(fields: dict[str, str]) -> None:
    """It knows which of the two is wrong."""
    said = zones.whereabouts(Lead(id="lead1", **fields))
    assert isinstance(said, str)
    assert {"fill", "correct"} & set(said.split())

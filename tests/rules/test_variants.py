"""Is a lead's A/B arm the same everywhere, and do the arms get their shares?"""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.model.settings import Variant
from outboundd.rules import variants

A, B, OFF = Variant(name="A", weight=3), Variant(name="B", weight=1), Variant(name="old", weight=0)


def test_the_same_lead_gets_the_same_arm_on_every_machine():
    """Known answers: neither the process nor its hash seed has a say."""
    chosen = [variants.choose(f"person{n}@birch.example", (A, B)) for n in range(8)]
    assert chosen == ["B", "A", "A", "B", "B", "A", "B", "A"]


def test_arms_get_their_weights_share():
    """3 to 1 over 4,000 leads, and an arm of weight 0 gets no new lead."""
    shares = Counter(variants.choose(f"p{n}@birch.example", (OFF, A, B)) for n in range(4000))
    assert set(shares) == {"A", "B"}
    assert 2900 < shares["A"] < 3100


@given(st.text(), st.lists(st.integers(0, 5), min_size=1, max_size=6))
def test_every_lead_gets_an_arm_that_takes_new_leads(key, weights):
    """Whatever the key and the weights, the arm chosen has a weight; without any, it is said."""
    arms = tuple(Variant(name=str(n), weight=weight) for n, weight in enumerate(weights))
    if not any(weights):
        with pytest.raises(ValueError, match="weight above 0"):
            variants.choose(key, arms)
        return
    arm = variants.find(variants.choose(key, arms), arms)
    assert arm is not None
    assert arm.weight > 0


def test_a_variant_is_found_by_its_name():
    """Threads of an arm that takes no new leads go on; one that is gone is told by None."""
    assert variants.find("old", (A, OFF)) == OFF
    assert variants.find("C", (A, OFF)) is None

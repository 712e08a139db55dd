"""Is the operator warned weeks before a model is gone, and again when it comes close?"""

from datetime import date, timedelta

import pytest

from outboundd.rules.model_age import threshold

GONE = date(2027, 1, 14)


@pytest.mark.parametrize(
    ("days", "told"),
    [(61, None), (60, 60), (31, 60), (30, 30), (14, 14), (8, 14), (7, 7), (2, 7), (1, 1), (0, 0), (-9, 0)],
)
def test_it_is_time_at_each_of_the_days_of_warning(days: int, told: int | None):
    """Two months, one, two weeks, one, a day ahead, and when it is gone."""
    assert threshold(GONE, GONE - timedelta(days=days)) == told


def test_where_nothing_is_said_nothing_is_warned_of():
    """No model, or a vendor that does not say."""
    assert threshold(None, GONE) is None

"""A lead table that is suddenly empty or flooded is looked at before anybody is mailed."""

from outboundd.rules import pool


def test_a_store_that_shows_none_of_many_leads_is_looked_at() -> None:
    """A view filtered by mistake must not empty the queue."""
    assert pool.emptied(20, 0) == "the store shows none of 20 leads"
    assert pool.emptied(500, 1) == ""


def test_a_few_rows_may_go_at_once() -> None:
    """An operator who deletes a handful of rows is not asked."""
    assert pool.emptied(19, 0) == ""


def test_more_new_rows_than_ten_days_volume_are_looked_at() -> None:
    """A list pasted twice, or the wrong one, is no mail yet."""
    assert pool.flooded(5001, 500) == "5001 new rows at once, more than 5000"
    assert pool.flooded(5000, 500) == ""

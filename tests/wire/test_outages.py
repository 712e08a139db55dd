"""A vendor is away for an hour, each in turn, from the middle of each job on: is anything lost, repeated, or left?

Away in four ways: connections are dropped, a gateway answers 502 with a page of HTML, or 200 with one, or the vendor
takes everything and answers nothing.
"""

from collections.abc import Mapping

import pytest

from wire.wired import OVER, Wired, play, undisturbed

VENDORS_OF: Mapping[str, tuple[str, ...]] = {
    "draft": ("airtable", "openai", "perplexity"),
    "send": ("airtable", "brevo"),
    "follow_up": ("airtable", "openai"),
    "reconcile": ("airtable", "brevo"),
    "digest": ("airtable", "brevo", "openai"),
}
WAYS: Mapping[str, Mapping[str, object]] = {
    "down": {},
    "status": {"value": 502},
    "html": {},
    "hang": {"value": 3600},
}
# pyairtable's timeouts are those of a real socket, on which no virtual time passes: there an answer that never comes
# is one that is lost after the effect.
INSTEAD: Mapping[tuple[str, str], str] = {("airtable", "hang"): "lost_reply"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("job", "vendor"), [(job, vendor) for job, many in VENDORS_OF.items() for vendor in many])
def test_an_hour_without_a_vendor_costs_nothing_but_time(job: str, vendor: str, way: str) -> None:
    """Every lead is where it would be, each mail left once and has its line in the trail; told once, over by itself."""
    good, requests = undisturbed()
    fault, after = INSTEAD.get((vendor, way), way), requests[job, vendor] // 2

    async def story(wired: Wired) -> None:
        wired.when_at_work(job, lambda: wired.strike(vendor, fault, skip=after, **WAYS[way]))
        await wired.schedule(OVER)
        assert wired.came() == good
        assert len(wired.alerts) == _told(wired, vendor, way)
        await wired.all_is_well()

    play(story)


def _told(wired: Wired, vendor: str, way: str) -> int:
    """One outage is told once, whichever jobs it strikes; one that ended no run, because it held a lead or two, is not.

    A 200 of Airtable's that makes no sense may be our own misreading: each job tells of it.
    """
    struck = {fields["job"] for fields in wired.events("job.failed")}
    return len(struck) if (vendor, way) == ("airtable", "html") else min(1, len(struck))

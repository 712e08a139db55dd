"""A vendor says "too many requests": does everybody wait as long as it means, and is nothing lost by it?"""

from typing import Any

import pytest

from wire.wired import OVER, Wired, now, play, undisturbed

REFUSED = 5


@pytest.mark.parametrize(
    ("job", "vendor", "how", "wait_s"),
    [
        ("draft", "airtable", {}, 30),
        ("send", "airtable", {}, 30),
        ("follow_up", "airtable", {"value": "list"}, 30),
        ("reconcile", "airtable", {"value": "word"}, 30),
        ("draft", "openai", {"value": {"retry_after": 20}}, 20),
        ("follow_up", "openai", {"value": {"words": "20s"}}, 20),
        ("draft", "perplexity", {"value": 20}, 20),
        ("send", "brevo", {"value": 20, "path": "/smtp/email", "method": "POST"}, 20),
        ("reconcile", "brevo", {"value": 20, "path": "/statistics/events"}, 20),
        ("digest", "brevo", {"value": 20, "path": "/smtp/email", "method": "POST"}, 20),
    ],
)
def test_no_request_leaves_while_the_gate_is_closed_and_all_goes_on_after(
    job: str, vendor: str, how: dict[str, Any], wait_s: float
) -> None:
    """Five refusals in the middle of a run: each is waited out by all callers, or ends the run; nothing is lost."""
    good, requests = undisturbed()
    path, method = how.get("path", ""), how.get("method", "")
    after = 0 if path else requests[job, vendor] // 2

    async def story(wired: Wired) -> None:
        began = []

        def storm() -> None:
            began.append(now())
            wired.faults.switch_on(vendor, "rate", times=REFUSED, skip=after, **how)

        wired.when_at_work(job, storm)
        await wired.schedule(OVER)
        asked = [
            one.at
            for one in wired.faults.arrivals
            if one.vendor == vendor and one.at >= began[0] and path in one.path and method in ("", one.method)
        ]
        refused = asked[after : after + REFUSED]
        assert wired.faults.listed() == []
        for at in refused:
            assert not [other for other in asked if 0 < (other - at).total_seconds() < wait_s]
        assert wired.came() == good
        await wired.all_is_well()

    play(story)

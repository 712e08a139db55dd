"""Does the sandbox's Perplexity behave as the real Agent API is known to?"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from outboundd.sandbox.perplexity import Perplexity
from outboundd.sandbox.server import Sandbox, serving
from sandbox.playing import START, HandClock, world

QUESTION = 'What is publicly known about "Lumen Works"?'
ASKED = {
    "model": "perplexity/sonar",
    "input": QUESTION,
    "tools": [{"type": "web_search", "search_type": "fast"}],
    "tool_choice": "required",
    "store": False,
}


class Desk:
    """A client, and the vendor it talks to."""

    def __init__(self, vendor: Perplexity, client: httpx.AsyncClient, clock: HandClock) -> None:
        self.vendor, self.client, self.clock = vendor, client, clock

    def fault(self, name: str, **how: object) -> None:
        """Switch it on."""
        self.vendor.world.faults.switch_on("perplexity", name, **how)

    async def ask(self, path: str = "v1/agent", **how: object) -> httpx.Response:
        """One question; what is given as None is left out."""
        body = {name: value for name, value in {**ASKED, **how}.items() if value is not None}
        return await self.client.post(path, json=body)


@asynccontextmanager
async def desk(key: str = "pplx-sandbox", **how: Any) -> AsyncIterator[Desk]:
    """The sandbox with one vendor, and a client with this key."""
    clock = HandClock()
    vendor = Perplexity(world(clock), **how)
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        serving(Sandbox(vendor.world, [vendor])) as url,
        httpx.AsyncClient(base_url=f"{url}/perplexity", headers=headers, trust_env=False) as client,
    ):
        yield Desk(vendor, client, clock)


def items(answer: httpx.Response, kind: str) -> list[dict[str, Any]]:
    """The output items of this type."""
    return [item for item in answer.json()["output"] if item["type"] == kind]


def text(answer: httpx.Response) -> str:
    """What the model wrote."""
    [message] = items(answer, "message")
    return str(message["content"][0]["text"])


@pytest.mark.parametrize("path", ["v1/agent", "v1/responses"])
async def test_a_forced_search_is_answered_with_its_sources_and_its_price(path: str):
    """Every number in the text is a source's id, the price is the vendor's, and an unknown item is there."""
    async with desk() as at:
        answer = await at.ask(path)
        told, [found] = answer.json(), items(answer, "search_results")
        assert (answer.status_code, told["status"], told["error"]) == (200, "completed", None)
        assert text(answer).startswith("Lumen Works ")
        ids = {str(one["id"]) for one in found["results"]}
        assert {part.split("]")[0] for part in text(answer).split("[")[1:]} <= ids
        assert all(one["url"].startswith("https://") and one["title"] for one in found["results"])
        cost = told["usage"]["cost"]
        assert cost["total_cost"] == pytest.approx(cost["input_cost"] + cost["output_cost"] + 0.001)
        assert {item["type"] for item in told["output"]} - {"search_results", "message"}
        assert [(call.status, call.cost_usd) for call in at.vendor.calls] == [("completed", cost["total_cost"])]


async def test_the_same_company_is_the_same_each_time_and_another_is_another():
    """What is found depends on the name alone, quoted or in a data block."""
    async with desk() as at:
        first = text(await at.ask())
        assert text(await at.ask(instructions="Be brief.")) == first
        assert text(await at.ask(input='<data>\n{"company": "Lumen Works"}\n</data>')) == first
        assert text(await at.ask(input=[{"role": "user", "content": QUESTION}])) == first
        assert text(await at.ask(input='And "Harbor Studio"?')).startswith("Harbor Studio ")


@pytest.mark.parametrize("how", [{"tool_choice": "auto"}, {"tool_choice": None}, {"tools": None}])
async def test_a_search_that_is_only_offered_does_not_take_place(how: dict[str, Any]):
    """An answer without any source, and without the price of a search."""
    async with desk() as at:
        answer = await at.ask(**how)
        assert items(answer, "search_results") == []
        assert "[" not in text(answer)
        assert answer.json()["usage"]["cost"]["tool_calls_cost"] == 0


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"model": "sonar"}, 400),
        ({"model": "sonar-pro"}, 400),
        ({"model": None}, 400),
        ({"model": "anthropic/claude-haiku-4-5"}, 400),
        ({"input": None}, 422),
    ],
)
async def test_a_request_at_fault_is_refused_and_costs_nothing(how: dict[str, Any], status: int):
    """A bare model name, none, one without its output limit; no input."""
    async with desk() as at:
        assert (await at.ask(**how)).status_code == status
        assert at.vendor.calls == []
        assert (await at.ask(model=None, effort="fast")).status_code == 200


async def test_the_old_path_sends_everybody_to_the_new_one():
    """403 with a type of its own, for a good key."""
    async with desk() as at:
        answer = await at.ask("chat/completions")
        assert (answer.status_code, answer.json()["error"]["type"]) == (403, "chat_completions_not_available")


async def test_a_key_can_be_tried_for_nothing():
    """The list of models needs it."""
    async with desk() as at:
        assert "perplexity/sonar" in {one["id"] for one in (await at.client.get("v1/models")).json()["data"]}
    async with desk(key="other") as at:
        answers = [await at.client.get("v1/models"), await at.ask(), await at.ask("chat/completions")]
        assert {one.status_code for one in answers} == {401}
        assert {one.json()["error"]["type"] for one in answers} == {"authentication_error"}


@pytest.mark.parametrize(
    ("fault", "kind"), [("empty_credit", "insufficient_quota"), ("bad_key", "authentication_error")]
)
async def test_empty_credit_and_a_bad_key_are_both_401_and_differ_in_the_body(fault: str, kind: str):
    """The code is the number 401."""
    async with desk() as at:
        at.fault(fault)
        answer = await at.ask()
        assert (answer.status_code, answer.json()["error"]["type"], answer.json()["error"]["code"]) == (401, kind, 401)
        assert (await at.ask()).status_code == 200


async def test_a_401_may_be_a_page_that_says_nothing():
    """HTML from the proxy in front."""
    async with desk() as at:
        at.fault("html401")
        answer = await at.ask()
        assert (answer.status_code, answer.headers["content-type"][:9]) == (401, "text/html")


@pytest.mark.parametrize("status", [400, 422])
async def test_an_error_may_come_in_the_shape_of_a_validation(status: int):
    """A list under detail, and no error at all."""
    async with desk() as at:
        at.fault("detail", value=status)
        answer = await at.ask()
        assert (answer.status_code, set(answer.json())) == (status, {"detail"})
        assert answer.json()["detail"][0]["msg"]


@pytest.mark.parametrize("status", ["failed", "incomplete"])
async def test_200_is_no_promise(status: str):
    """The status in the body tells: nothing was written, and the input is paid for."""
    async with desk() as at:
        at.fault(status)
        told = (await at.ask()).json()
        assert (told["status"], told["output"]) == (status, [])
        assert bool(told["error"]) == (status == "failed")
        assert told["usage"]["cost"]["total_cost"] == at.vendor.calls[0].cost_usd > 0


async def test_a_429_says_when_it_ends_in_epoch_seconds_and_nowhere_else():
    """No retry-after."""
    async with desk() as at:
        at.fault("rate", value=7)
        answer = await at.ask()
        assert (answer.status_code, answer.json()["error"]["type"]) == (429, "rate_limit_error")
        assert int(answer.headers["x-ratelimit-reset"]) == int(START.timestamp()) + 7
        assert "retry-after" not in answer.headers


async def test_a_tier_allows_so_many_a_second_and_so_many_a_minute():
    """The third of a second is refused until the next, the fourth of a minute until the first is a minute old."""
    async with desk(per_s=2, per_min=3) as at:
        assert [(await at.ask()).status_code for _ in range(3)] == [200, 200, 429]
        await at.clock.sleep(1)
        assert (await at.ask()).headers["x-ratelimit-remaining"] == "0"
        refused = await at.ask()
        assert int(refused.headers["x-ratelimit-reset"]) == int(START.timestamp()) + 60
        await at.clock.sleep(59)
        assert (await at.ask()).status_code == 200


async def test_a_page_may_have_hidden_an_instruction_in_the_research():
    """The facts come first, the order after them."""
    async with desk() as at:
        plain = text(await at.ask())
        at.fault("injection")
        hidden = text(await at.ask())
        assert hidden.startswith(plain)
        assert "ignore all earlier instructions" in hidden


async def test_an_answer_takes_its_time():
    """As long as it is told to."""
    async with desk(latency_s=8.0) as at:
        await at.ask()
        assert (at.clock.at - START).total_seconds() == 8


async def test_its_state_survives_as_json():
    """A copy that is loaded from the dump knows the same calls."""
    async with desk() as at:
        await at.ask()
        copy = Perplexity(at.vendor.world)
        copy.load(json.loads(json.dumps(at.vendor.dump())))
        assert copy.calls == at.vendor.calls

"""Does the sandbox's OpenAI behave towards the official client as the real one is known to?"""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from outboundd import prompts
from outboundd.model.facts import PairCounts
from outboundd.model.lead import Lead
from outboundd.model.mail import Brief
from outboundd.model.settings import Campaign, FollowUp, Sender, Sequence, Settings, Variant
from outboundd.rules import attribution, draft_lint, drafting
from outboundd.sandbox.openai import OpenAi
from outboundd.sandbox.server import Sandbox, serving
from sandbox.playing import HandClock, world

SETTINGS = Settings(
    campaign=Campaign(
        sender=Sender(name="Ada Park", email="ada@mail.acme.example"),
        signature="Ada Park\nAcme",
        opt_out_line="Say stop and I will not write again.",
        offer="We make invoices readable.",
    ),
    sequence=Sequence(follow_ups=(FollowUp(name="bump", after_days=6), FollowUp(name="breakup", after_days=14))),
    variants=(Variant(name="A"), Variant(name="B", prompt="direct")),
    prompts=prompts.load(),
)
LEAD = Lead(
    id="ab12",
    email="rosa@lumenworks.example",
    website="lumenworks.example",
    contact="Dr. Rosa Kowalski",
    title="COO",
    company="Lumen Works [UK]",
    research="Lumen Works opened a second hall in Gdynia in 2024 [1]. Its founders are proud of it [2].",
    variant="A",
)


def asked(brief: Brief) -> str:
    """Instructions and data in one message."""
    return f"{brief.prompt}\n{brief.data}"


def schema(*names: str) -> dict[str, Any]:
    """A strict schema of texts."""
    return {
        "type": "json_schema",
        "json_schema": {
            "name": "Answer",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in names},
                "required": list(names),
                "additionalProperties": False,
            },
        },
    }


MAIL = schema("subject", "body")


class Desk:
    """The official client, and the vendor it talks to."""

    def __init__(self, vendor: OpenAi, client: AsyncOpenAI, clock: HandClock) -> None:
        self.vendor, self.client, self.clock = vendor, client, clock

    def fault(self, name: str, **how: object) -> None:
        """Switch it on."""
        self.vendor.world.faults.switch_on("openai", name, **how)

    async def ask(self, prompt: str = "Say it.", **how: Any) -> Any:
        """One completion without reasoning, where `how` does not say otherwise."""
        told = {"model": "gpt-6-luna", "response_format": MAIL, "reasoning_effort": "none", **how}
        chosen = {name: value for name, value in told.items() if value is not None}
        return await self.client.chat.completions.create(messages=[{"role": "user", "content": prompt}], **chosen)

    async def refused(self, **how: Any) -> openai.APIStatusError:
        """The error that the client raises."""
        with pytest.raises(openai.APIStatusError) as caught:
            await self.ask(**how)
        return caught.value


@asynccontextmanager
async def desk(key: str = "sk-sandbox", **how: Any) -> AsyncIterator[Desk]:
    """The sandbox with one vendor, and a client with this key."""
    clock = HandClock()
    vendor = OpenAi(world(clock), **how)
    async with (
        serving(Sandbox(vendor.world, [vendor])) as url,
        AsyncOpenAI(api_key=key, base_url=f"{url}/openai/v1", max_retries=0, timeout=10) as client,
    ):
        yield Desk(vendor, client, clock)


def content(answer: Any) -> Any:
    """What the model wrote, read as JSON."""
    return json.loads(answer.choices[0].message.content)


async def test_its_mails_pass_the_lint_at_every_step_of_both_prompts():
    """No fault, hard or soft; each shorter than the one before, and the last without a question."""
    async with desk() as at:
        for variant in ("A", "B"):
            lengths = []
            lead = replace(LEAD, variant=variant)
            for step in range(3):
                brief = drafting.brief(lead, step, lead.research, SETTINGS)
                draft = drafting.parse((await at.ask(asked(brief))).choices[0].message.content)
                assert draft_lint.faults(draft, lead, step, SETTINGS) == ()
                assert draft.body.startswith("Hi Rosa,\n\n")
                assert ("?" in draft.body) == (step < 2)
                lengths.append(len(draft.body.split()))
                lead = replace(lead, subject=draft.subject, body=draft.body)
            assert 60 <= lengths[0] <= 100
            assert lengths == sorted(lengths, reverse=True)


async def test_a_first_mail_speaks_of_the_first_finding():
    """One observation, word for word, without its citation; without one, and without a name, a mail all the same."""
    async with desk() as at:
        told = content(await at.ask(asked(drafting.brief(LEAD, 0, LEAD.research, SETTINGS))))
        assert "\n\nLumen Works opened a second hall in Gdynia in 2024. " in told["body"]
        bare = replace(LEAD, contact="", research="")
        told = content(await at.ask(asked(drafting.brief(bare, 0, "", SETTINGS))))
        assert told["body"].startswith("Hello,\n\nFrom outside, what")


@pytest.mark.parametrize(
    ("website", "email", "verdict"),
    [
        ("lumen-works.com", "lumenworks.de", "same"),
        ("lumen.co.uk", "lumenworks.com", "same"),
        ("lumen.com", "lumbago.com", "unclear"),
        ("lumen.com", "studio-mueller.de", "other"),
        ("", "studio-mueller.de", "unclear"),
    ],
)
async def test_a_question_of_attribution_gets_a_verdict(website: str, email: str, verdict: str):
    """The two names are compared, and the answer is one that the program can read."""
    lead = replace(LEAD, company="Lumen", website=website, email=f"rosa@{email}")
    counts = PairCounts(people=1, company_people=1, domain_people=1, domain_companies=1, own_people=0, own_companies=0)
    async with desk() as at:
        answer = await at.ask(attribution.question(lead, counts), response_format=schema("verdict", "evidence"))
    assert attribution.parse(answer.choices[0].message.content).answer == verdict


async def test_every_answer_is_billed_and_recorded():
    """Usage adds up, the snapshot is named, headers tell request and limits, and a cached beginning costs less."""
    async with desk() as at:
        raw = await at.client.chat.completions.with_raw_response.create(
            model="gpt-4o", messages=[{"role": "user", "content": "word " * 2_000}], temperature=0.7, max_tokens=50
        )
        told = raw.parse()
        assert told.model == "gpt-4o-2024-08-06"
        assert told.usage is not None
        assert told.usage.total_tokens == told.usage.prompt_tokens + told.usage.completion_tokens
        assert raw.headers["x-request-id"].startswith("req_")
        assert int(raw.headers["x-ratelimit-remaining-requests"]) > 0
        again = await at.ask("word " * 2_000)
        assert again.usage.prompt_tokens_details.cached_tokens == 1024
        assert [call.model for call in at.vendor.calls] == ["gpt-4o", "gpt-6-luna"]
        assert at.vendor.calls[1].usage == again.usage.model_dump(exclude_unset=True)


async def test_reasoning_eats_the_output_limit():
    """Unless it is told not to reason, a small limit leaves an answer that is cut off, empty, and paid for."""
    async with desk() as at:
        eaten = await at.ask(reasoning_effort=None, max_completion_tokens=16)
        assert (eaten.choices[0].finish_reason, eaten.choices[0].message.content) == ("length", "")
        assert eaten.usage.completion_tokens_details.reasoning_tokens == 16
        whole = await at.ask(max_completion_tokens=400)
        assert whole.choices[0].finish_reason == "stop"
        assert whole.usage.completion_tokens_details.reasoning_tokens == 0


@pytest.mark.parametrize(
    ("how", "error", "code"),
    [
        ({"max_tokens": 400}, openai.BadRequestError, "unsupported_parameter"),
        ({"temperature": 0.7, "reasoning_effort": None}, openai.BadRequestError, "unsupported_value"),
        ({"temperature": 0.7, "reasoning_effort": "low"}, openai.BadRequestError, "unsupported_value"),
        ({"prompt": "word " * 120_000}, openai.BadRequestError, "context_length_exceeded"),
        ({"model": "gpt-2"}, openai.NotFoundError, "model_not_found"),
    ],
)
async def test_a_request_at_fault_is_refused(how: dict[str, Any], error: type, code: str):
    """With the code that the vendor has for it, and nothing is billed."""
    async with desk() as at:
        refused = await at.refused(**how)
        assert (type(refused), refused.code) == (error, code)
        assert at.vendor.calls == []
        assert (await at.ask(temperature=0.7)).choices


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told["schema"].pop("additionalProperties"),
        lambda told: told["schema"]["required"].pop(),
        lambda told: told["schema"]["properties"]["body"].update(default=""),
        lambda told: told["schema"].update(type="array"),
        lambda told: told.update(name="not a name"),
    ],
)
async def test_a_schema_outside_the_strict_subset_is_refused(spoil: Callable[[dict[str, Any]], None]):
    """At 400, and before a model is asked."""
    asked = schema("subject", "body")
    spoil(asked["json_schema"])
    async with desk() as at:
        assert (await at.refused(response_format=asked)).status_code == 400


async def test_a_wrong_key_is_refused_on_every_path():
    """401 invalid_api_key."""
    async with desk(key="sk-other") as at:
        assert (await at.refused()).code == "invalid_api_key"
        with pytest.raises(openai.AuthenticationError):
            await at.client.models.list()
        with pytest.raises(openai.AuthenticationError):
            await at.client.models.retrieve("gpt-4o")


async def test_a_model_is_gone_from_the_day_of_its_shutdown():
    """Its date is announced before; after it the model is no longer listed, found or asked."""
    async with desk() as at:
        assert (await at.client.models.retrieve("gpt-4o")).shutdown_date == "2027-01-14"
        assert (await at.client.models.retrieve("gpt-6-luna")).shutdown_date is None
        await at.clock.sleep(51 * 86_400)
        assert {one.id async for one in at.client.models.list()} == {"gpt-6-luna", "gpt-6-sol"}
        with pytest.raises(openai.NotFoundError):
            await at.client.models.retrieve("gpt-4o")
        assert (await at.refused(model="gpt-4o", reasoning_effort=None)).code == "model_not_found"


@pytest.mark.parametrize(
    ("fault", "value", "status", "code"),
    [
        ("quota", None, 429, "insufficient_quota"),
        ("quota", {"code": "credit_balance_exhausted"}, 429, "credit_balance_exhausted"),
        ("quota", {"code": "billing_hard_limit_reached"}, 400, "billing_hard_limit_reached"),
        ("quota", {"code": "project_spend_limit_exceeded", "status": 400}, 400, "project_spend_limit_exceeded"),
        ("rate", None, 429, "rate_limit_exceeded"),
        ("too_large", None, 429, "rate_limit_exceeded"),
        ("slow_down", None, 429, "slow_down"),
        ("overloaded", None, 503, "server_is_overloaded"),
    ],
)
async def test_a_refusal_can_be_switched_on(fault: str, value: object, status: int, code: str):
    """Once: the next call is answered."""
    async with desk() as at:
        at.fault(fault, value=value)
        refused = await at.refused()
        assert (refused.status_code, refused.code) == (status, code)
        assert (await at.ask()).choices


async def test_how_long_to_wait_is_told_in_headers_or_only_in_words():
    """Each of the three hints by itself."""
    async with desk() as at:
        for hint, header in (({"retry_after": 20}, "retry-after"), ({"retry_after_ms": 644}, "retry-after-ms")):
            at.fault("rate", value=hint)
            assert (await at.refused()).response.headers[header] == str(*hint.values())
        at.fault("rate", value={"words": "644ms"})
        refused = await at.refused()
        assert "Please try again in 644ms" in refused.message
        assert "retry-after" not in refused.response.headers


async def test_credit_that_is_gone_stays_gone():
    """From the third answer on, until somebody pays."""
    async with desk() as at:
        at.fault("quota_after", value=3)
        for _ in range(2):
            assert (await at.ask()).choices
        for _ in range(3):
            assert (await at.refused()).code == "insufficient_quota"
        at.vendor.world.faults.switch_off("openai", "quota_after")
        assert (await at.ask()).choices


async def test_an_account_has_its_limits_a_minute():
    """The third request of a minute waits for the first to be a minute old; one above the tokens never passes."""
    async with desk(rpm=2, tpm=1_000) as at:
        for _ in range(2):
            await at.ask()
            await at.clock.sleep(10)
        refused = await at.refused()
        assert (refused.code, refused.type, refused.response.headers["retry-after"]) == (
            "rate_limit_exceeded",
            "requests",
            "40",
        )
        await at.clock.sleep(40)
        assert (await at.ask()).choices
        assert "Request too large" in (await at.refused(prompt="word " * 1_000)).message


@pytest.mark.parametrize(
    ("fault", "finish", "text"),
    [
        ("refusal", "stop", None),
        ("length", "length", '{"subject'),
        ("content_filter", "content_filter", ""),
        ("truncated_json", "stop", '{"subject'),
        ("empty", "stop", ""),
        ("invalid_fields", "stop", '{"subject": 7'),
    ],
)
async def test_a_bad_answer_comes_with_200_and_is_billed(fault: str, finish: str, text: str | None):
    """Usage is there, whatever the model said."""
    async with desk() as at:
        at.fault(fault)
        answer = await at.ask()
        told = answer.choices[0].message
        assert answer.choices[0].finish_reason == finish
        assert told.content == text or (text and told.content.startswith(text))
        assert bool(told.refusal) == (fault == "refusal")
        if fault in ("length", "truncated_json"):
            with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
                json.loads(told.content)
        assert answer.usage.prompt_tokens > 0
        assert len(at.vendor.calls) == 1


async def test_an_answer_may_hold_no_choice():
    """An empty list, billed."""
    async with desk() as at:
        at.fault("no_choices")
        answer = await at.ask()
        assert (answer.choices, len(at.vendor.calls)) == ([], 1)


async def test_a_model_that_was_led_astray_is_caught_by_the_lint():
    """It greets somebody else and links to a stranger: both hard faults."""
    async with desk() as at:
        at.fault("injected")
        answer = await at.ask(asked(drafting.brief(LEAD, 0, LEAD.research, SETTINGS)))
        draft = drafting.parse(answer.choices[0].message.content)
        assert {fault.code for fault in draft_lint.faults(draft, LEAD, 0, SETTINGS)} == {"link", "wrong person"}


async def test_somebody_else_may_write_the_answers():
    """A test's own words instead of the model's, after as long as the model takes."""
    async with desk(answer=lambda body: json.dumps({"model": body["model"]}), latency_s=lambda: 3.0) as at:
        assert content(await at.ask()) == {"model": "gpt-6-luna"}
        assert (at.clock.at - at.vendor.calls[0].at).total_seconds() == 0
        assert at.vendor.calls[0].at.second == 3


async def test_its_state_survives_as_json():
    """A copy that is loaded from the dump knows the same calls, and counts on from there."""
    async with desk() as at:
        await at.ask()
        copy = OpenAi(at.vendor.world)
        copy.load(json.loads(json.dumps(at.vendor.dump())))
        assert copy.calls == at.vendor.calls
        assert copy.dump() == at.vendor.dump()

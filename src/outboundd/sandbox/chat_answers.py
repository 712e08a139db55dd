"""What does a chat completion of OpenAI look like, and what can be wrong with one that comes with 200?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from outboundd.sandbox.chat_requests import tokens_of
from outboundd.sandbox.letters import led_astray

# What a model thinks about a short mail where nobody forbids it.
REASONING_TOKENS = 320
_SNAPSHOTS = {"gpt-4o": "gpt-4o-2024-08-06", "gpt-4o-mini": "gpt-4o-mini-2024-07-18"}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the model said, or why it said nothing."""

    content: str | None
    finish: str = "stop"
    refusal: str | None = None


# By the name of the fault; "no_choices" is none of these, for there the choice itself is missing.
SPOILT: Mapping[str, Callable[[str], Choice]] = {
    "refusal": lambda text: Choice(content=None, refusal="I'm sorry, I can't help with that."),
    "length": lambda text: Choice(content=text[: len(text) // 2], finish="length"),
    "content_filter": lambda text: Choice(content="", finish="content_filter"),
    "truncated_json": lambda text: Choice(content=text[: len(text) // 2]),
    "empty": lambda text: Choice(content=""),
    "invalid_fields": lambda text: Choice(content='{"subject": 7, "text": "Hello,"}'),
    "injected": lambda text: Choice(content=led_astray(text)),
}


def cut_off(text: str, *, limit: int | None, reasoning: int) -> tuple[Choice, int]:
    """What is left of the answer under an output limit in tokens, and the tokens thought before: these come first."""
    if limit is None or reasoning + tokens_of(text) <= limit:
        return Choice(content=text), reasoning
    left = max(0, limit - reasoning)
    return Choice(content=text[: left * 4], finish="length"), min(reasoning, limit)


def usage(prompt: str, content: str, *, cached: int, reasoning: int) -> dict[str, Any]:
    """Tokens, as they are billed: those thought count as written."""
    asked, written = tokens_of(prompt), tokens_of(content) + reasoning
    return {
        "prompt_tokens": asked,
        "completion_tokens": written,
        "total_tokens": asked + written,
        "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def completion(number: int, created: int, model: str, choice: Choice, used: Mapping[str, Any]) -> dict[str, Any]:
    """The whole answer; `created` in epoch seconds."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": choice.content,
        "refusal": choice.refusal,
        "annotations": [],
    }
    return {
        "id": f"chatcmpl-{number:08d}",
        "object": "chat.completion",
        "created": created,
        "model": snapshot(model),
        "choices": [{"index": 0, "finish_reason": choice.finish, "logprobs": None, "message": message}],
        "usage": used,
        "service_tier": "default",
        "system_fingerprint": None,
    }


def snapshot(model: str) -> str:
    """The dated model that an alias stands for."""
    return _SNAPSHOTS.get(model, f"{model}-2026-09-01")

"""Which chat completions does OpenAI refuse before a model is asked?

Parameters of reasoning models and the subset of JSON schema that `strict` allows, as reported in 2026.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from outboundd.sandbox.openai_refusals import invalid, too_long

CONTEXT_TOKENS = 128_000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_REFUSED_KEYWORDS = frozenset({"allOf", "not", "if", "then", "else", "dependentRequired", "default"})
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


def prompt_of(body: Mapping[str, Any]) -> str:
    """All messages as one text."""
    return "\n".join(str(message.get("content", "")) for message in body["messages"])


def tokens_of(text: str) -> int:
    """About as many as a tokenizer counts: one for four characters."""
    return math.ceil(len(text) / 4)


def reasons(model: str) -> bool:
    """Does the model think before it answers? All since gpt-5 do."""
    return not model.startswith("gpt-4")


def thinks(body: Mapping[str, Any]) -> bool:
    """Does it think about this one? By default it does: effort must be "none" to prevent it."""
    return reasons(body["model"]) and body.get("reasoning_effort") != "none"


def fault_in(body: Mapping[str, Any]) -> web.Response | None:
    """The refusal of a request that is itself at fault; its model and messages are known to be there."""
    tokens = tokens_of(prompt_of(body))
    if tokens > CONTEXT_TOKENS:
        return too_long(tokens, CONTEXT_TOKENS)
    return _parameters(body) or _format(body.get("response_format") or {"type": "text"})


def _parameters(body: Mapping[str, Any]) -> web.Response | None:
    if body.get("reasoning_effort") not in (None, *_EFFORTS):
        return invalid("Invalid value for reasoning_effort.", code="invalid_value", param="reasoning_effort")
    if reasons(body["model"]) and "max_tokens" in body:
        message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'."
        return invalid(message, code="unsupported_parameter", param="max_tokens")
    for name in ("temperature", "top_p"):
        if name in body and thinks(body):
            message = f"Unsupported value: '{name}' is not supported with this model while it reasons."
            return invalid(message, code="unsupported_value", param=name)
    return None


def _format(asked: Mapping[str, Any]) -> web.Response | None:
    if asked.get("type") != "json_schema":
        return None
    described = asked.get("json_schema") or {}
    if not _NAME.fullmatch(described.get("name", "")):
        return invalid("Invalid 'response_format.json_schema.name'.", param="response_format.json_schema.name")
    if not described.get("strict"):
        return None
    schema = described.get("schema") or {}
    fault = "schema must be of type object" if schema.get("type") != "object" else next(_not_strict(schema), "")
    if not fault:
        return None
    message = f"Invalid schema for response_format '{described['name']}': {fault}."
    return invalid(message, param="response_format")


def _not_strict(schema: object) -> Iterator[str]:
    """What the strict subset does not allow, anywhere in the schema."""
    if isinstance(schema, list):
        for part in schema:
            yield from _not_strict(part)
    if not isinstance(schema, dict):
        return
    for keyword in _REFUSED_KEYWORDS & set(schema):
        yield f"'{keyword}' is not permitted"
    if "properties" in schema:
        if schema.get("additionalProperties") is not False:
            yield "'additionalProperties' is required to be supplied and to be false"
        if set(schema.get("required", ())) != set(schema["properties"]):
            yield "'required' is required to be supplied and to be an array including every key in properties"
    for keyword, part in schema.items():
        # A property may be called "default" or "not": its name is no keyword.
        yield from _not_strict(list(part.values()) if keyword in ("properties", "$defs") else part)

"""What does an answer of Perplexity's Agent API look like, whole, failed or cut short?

The shape is that of an answer captured on 2026-09-25, with an item of an unknown type mixed in.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from outboundd.sandbox.chat_requests import tokens_of
from outboundd.sandbox.findings import INJECTION, company_in, results_about, text_about

INPUT_USD_PER_MTOK = 0.25
OUTPUT_USD_PER_MTOK = 2.5
SEARCH_USD: Mapping[str, float] = {"web": 0.0025, "fast": 0.001}


def question_in(body: Mapping[str, Any]) -> str:
    """All that is asked, instructions first; `input` is a text or items with a text or parts."""
    asked = body["input"]
    texts = [asked] if isinstance(asked, str) else [_text(item) for item in asked]
    return "\n".join([str(body.get("instructions", "")), *texts])


def search_of(body: Mapping[str, Any]) -> str:
    """The kind of search that takes place: "web" or "fast", empty for none, since a tool only offered is not used."""
    if body.get("tool_choice") != "required":
        return ""
    return next((tool.get("search_type", "web") for tool in body.get("tools", ()) if tool["type"] == "web_search"), "")


def completed(number: int, created: int, body: Mapping[str, Any], *, injected: bool) -> dict[str, Any]:
    """An answer with status completed. `created` in epoch seconds; `injected` hides an instruction in the text."""
    question, search = question_in(body), search_of(body)
    company, website = company_in(question)
    text = text_about(company) if search else f"{company} is a company about which I know nothing certain."
    text = f"{text}\n\n{INJECTION}" if injected else text
    message = {
        "type": "message",
        "id": f"msg_{number:08d}",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": text, "annotations": []}],
    }
    found = {"type": "search_results", "queries": [company], "results": results_about(company, website)}
    output: list[Mapping[str, Any]] = [{"type": "thinking_trace", "steps": 1}, message]
    output = [found, *output] if search else output
    return _response(number, created, body, "completed", output, _usage(question, text, search))


def unfinished(number: int, created: int, body: Mapping[str, Any], status: str) -> dict[str, Any]:
    """HTTP 200 all the same: `failed` with an error, or `incomplete` with an empty output. The input is billed."""
    told = _response(number, created, body, status, [], _usage(question_in(body), "", ""))
    if status == "failed":
        told["error"] = {"message": "The model could not answer.", "code": "server_error", "type": "server_error"}
    else:
        told["incomplete_details"] = {"reason": "max_output_tokens"}
    return told


def _response(
    number: int,
    created: int,
    body: Mapping[str, Any],
    status: str,
    output: Sequence[Mapping[str, Any]],
    used: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "id": f"resp_{number:08d}",
        "object": "response",
        "created_at": created,
        "status": status,
        "model": body.get("model", "openai/gpt-6-luna"),
        "error": None,
        "incomplete_details": None,
        "output": list(output),
        "usage": used,
    }


def _usage(question: str, text: str, search: str) -> dict[str, Any]:
    """Tokens and the vendor's own price; what was read on the web counts as input."""
    asked, written = tokens_of(question) + (2_000 if search else 0), tokens_of(text)
    searched = SEARCH_USD.get(search, 0.0)
    input_cost = round(asked * INPUT_USD_PER_MTOK / 1e6, 6)
    output_cost = round(written * OUTPUT_USD_PER_MTOK / 1e6, 6)
    return {
        "input_tokens": asked,
        "output_tokens": written,
        "total_tokens": asked + written,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
        "tool_calls_details": {"search_web": {"invocation": 1, "cost_usd": searched}} if search else {},
        "cost": {
            "currency": "USD",
            "input_cost": input_cost,
            "output_cost": output_cost,
            "tool_calls_cost": searched,
            "tool_calls_cost_details": {"search_web": searched} if search else {},
            "total_cost": round(input_cost + output_cost + searched, 6),
        },
    }


def _text(item: Mapping[str, Any]) -> str:
    content = item.get("content", "")
    return content if isinstance(content, str) else "\n".join(str(part.get("text", "")) for part in content)

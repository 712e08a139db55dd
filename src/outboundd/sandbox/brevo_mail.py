"""Would Brevo take this mail? The body of a send, read and refused as the vendor does."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from outboundd.sandbox.brevo_refusal import Refusal, absent, invalid, missing

ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s.<>,;]+(\.[^@\s.<>,;]+)+")
IDEMPOTENCY = "idempotencyKey"  # measured 2026-08 (getbrevo/brevo-node#94): no other spelling counts
LONGEST_NAME = 70
MOST_RECIPIENTS = 2000
MOST_IN_A_VERSION = 99
LARGEST_PARAMS_KB = 100
LARGEST_PARAMS_IN_ALL_KB = 1000


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail to one recipient. `key` is the idempotency key, `tag` the first tag; each "" when there was none."""

    at: datetime
    key: str
    tag: str
    recipient: str
    sender: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]
    message_id: str
    uuid: str


@dataclass(frozen=True, kw_only=True)
class Version:
    """What goes to some recipients under one message id."""

    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Order:
    """A send that Brevo finds nothing wrong with. `batch`: it is answered with a list of ids."""

    sender: str
    versions: tuple[Version, ...]
    tags: tuple[str, ...]
    attachments: int
    batch: bool
    dropped: bool


def idempotency_key(body: Mapping[str, Any]) -> str:
    """The key that this body carries; "" when it carries none that counts."""
    headers = body.get("headers")
    key = headers.get(IDEMPOTENCY) if isinstance(headers, dict) else None
    return key if isinstance(key, str) else ""


def read(body: Mapping[str, Any]) -> Order:
    """What is to be sent. Refusal with the vendor's sentence when it would not send it."""
    _check_unknown_to_sandbox(body)
    batch = body.get("messageVersions") is not None
    headers = _headers(body.get("headers"))
    return Order(
        sender=_sender(body.get("sender")),
        versions=_versions(body) if batch else (_version(body, {}),),
        tags=_tags(body.get("tags")),
        attachments=_attachments(body.get("attachment")),
        batch=batch,
        dropped=headers.get("X-Sib-Sandbox") == "drop",
    )


def _check_unknown_to_sandbox(body: Mapping[str, Any]) -> None:
    if body.get("templateId") is not None:
        raise absent("Template ID does not exist")
    if body.get("scheduledAt") is not None:
        raise invalid("the sandbox schedules no mails")


def _sender(value: object) -> str:
    if not isinstance(value, dict) or not value:
        raise missing("sender is missing")
    if "id" in value and "email" in value:
        raise missing("sender must have either id or email, not both")
    if "id" in value:
        raise invalid("sender id is not known")
    return _address(value, "sender")


def _address(value: object, where: str) -> str:
    if not isinstance(value, dict) or not isinstance(value.get("email"), str):
        raise missing(f"email is missing in {where}")
    if not ADDRESS.fullmatch(value["email"]):
        raise invalid(f"email is not valid in {where}")
    name = value.get("name", "")
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        raise invalid(f"name is not valid in {where}")
    return str(value["email"])


def _addresses(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise invalid(f"{where} is not valid")
    return tuple(_address(one, where) for one in value)


def _versions(body: Mapping[str, Any]) -> tuple[Version, ...]:
    listed = body["messageVersions"]
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise invalid("messageVersions is not valid")
    versions = tuple(_version(one, body) for one in listed)
    if any(len(one.recipients) > MOST_IN_A_VERSION for one in versions):
        raise invalid(f"more than {MOST_IN_A_VERSION} recipients in one of messageVersions")
    if sum(len(one.recipients) for one in versions) > MOST_RECIPIENTS:
        raise invalid(f"more than {MOST_RECIPIENTS} recipients in messageVersions")
    _check_params([one.get("params") for one in listed])
    return versions


def _check_params(params: list[Any]) -> None:
    sizes = [len(json.dumps(one).encode()) for one in params if one is not None]
    if any(size > LARGEST_PARAMS_KB * 1000 for size in sizes) or sum(sizes) > LARGEST_PARAMS_IN_ALL_KB * 1000:
        raise Refusal(400, "out_of_range", "params are too large in messageVersions")


def _version(one: Mapping[str, Any], common: Mapping[str, Any]) -> Version:
    """One version, or the whole body when nothing is common. Its own content needs a common one."""
    if not one.get("to"):
        raise missing("to is missing")
    if one.get("replyTo") is not None:
        _address(one["replyTo"], "replyTo")
    whole = common or one
    if not (whole.get("htmlContent") or whole.get("textContent")):
        raise missing("Either of htmlContent or textContent is required")  # getbrevo/brevo-ruby#8
    if not whole.get("subject") and not one.get("subject"):
        raise missing("subject is missing")
    text, markup = _content(one if one.get("htmlContent") or one.get("textContent") else whole)
    return Version(
        recipients=tuple(at for where in ("to", "cc", "bcc") for at in _addresses(one.get(where) or [], where)),
        subject=str(one.get("subject") or whole["subject"]),
        text=text,
        html=markup,
        headers={**_headers(common.get("headers")), **_headers(one.get("headers"))},
    )


def _content(source: Mapping[str, Any]) -> tuple[str, str]:
    """Text and HTML as they leave: a text alone becomes an HTML mail alone (anymail/django-anymail#483)."""
    text, markup = str(source.get("textContent") or ""), str(source.get("htmlContent") or "")
    if markup:
        return text, markup
    return "", f"<html><body><p>{html.escape(text).replace(chr(10), '<br>')}</p><img width=1 height=1></body></html>"


def _headers(value: object) -> dict[str, str]:
    """What leaves as headers, in Title-Case; the idempotency key stays at Brevo."""
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise invalid("headers must be an object of strings")
    return {name.title(): text for name, text in value.items() if name != IDEMPOTENCY}


def _tags(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise invalid("tags must be an array of strings")
    return tuple(value)


def _attachments(value: object) -> int:
    if value is None:
        return 0
    if not isinstance(value, list) or not all(isinstance(one, dict) and _attached(one) for one in value):
        raise invalid("attachment must have a url, or a name and content")
    return len(value)


def _attached(one: Mapping[str, Any]) -> bool:
    return bool(one.get("url") or (one.get("name") and one.get("content")))

"""What does a letter look like as the body of Brevo's POST smtp/email?"""

import html
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from outboundd.adapters.rfc5322 import header_line, unsubscribe_mailto
from outboundd.model.mail import Letter

_LONGEST_NAME = 70  # Brevo docs, SDK types
_SPECIALS = frozenset('()<>[]:;@\\,."')  # RFC 5322


def body(letter: Letter, unsubscribe: str) -> Mapping[str, Any]:
    """One recipient, one tag. `unsubscribe`: see BrevoMailer. Raises ValueError for what no header can hold.

    Brevo makes an HTML-only mail of one that has a text only (django-anymail #483), so both parts are always given.
    Exactly one tag, for how several come back is not documented.
    """
    return {
        "sender": _party(letter.from_name, letter.from_email),
        "to": [_party(letter.to_name, letter.to_email)],
        "replyTo": _party("", letter.reply_to),  # a name would leave as raw 8-bit text (django-anymail 15.2)
        "subject": header_line(letter.subject),
        "textContent": letter.text,
        "htmlContent": letter.html or _as_html(letter.text),
        "tags": [letter.tag],
        "headers": _headers(letter, unsubscribe),
    }


def _headers(letter: Letter, unsubscribe: str) -> Mapping[str, str]:
    """ASCII strings only: anything else leaves as raw 8-bit text (django-anymail 15.2).

    Whether In-Reply-To, References and List-Unsubscribe survive is not documented; they do no harm where they do not.
    """
    # Measured 2026-08-27 (getbrevo/brevo-node#94): only this spelling, and only here, keeps a repeat from leaving.
    headers = {"idempotencyKey": header_line(letter.idempotency_key)}
    references = [one for one in map(header_line, letter.references) if one.isascii()]
    if references:
        headers["In-Reply-To"] = references[-1]
        headers["References"] = " ".join(references)
    if not letter.to_lead:
        return headers | {"Auto-Submitted": "auto-generated"}  # RFC 3834
    if not unsubscribe:
        return headers | {"List-Unsubscribe": f"<{unsubscribe_mailto(letter)}>"}
    return headers | {
        "List-Unsubscribe": f"<{unsubscribe}{quote(letter.tag, safe='')}>, <{unsubscribe_mailto(letter)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058, which asks for an https link
    }


def _party(name: str, email: str) -> Mapping[str, str]:
    shown = _display_name(header_line(name))
    return {"email": header_line(email)} | ({"name": shown} if shown else {})


def _display_name(name: str) -> str:
    """The name as Brevo keeps it: one with non-ASCII and a special in it is dropped (django-anymail 15.2)."""
    name = unicodedata.normalize("NFC", name)
    if not name.isascii():
        name = "".join(" " if char in _SPECIALS else char for char in name)
    return " ".join(name.split())[:_LONGEST_NAME].strip()


def _as_html(text: str) -> str:
    return "<p>" + html.escape(text.strip()).replace("\n", "<br>\n") + "</p>"

"""What does a letter look like as an RFC 5322 message?"""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import quote

from outboundd.model.mail import Letter

_TOKENS = {"message-id", "in-reply-to", "references", "list-unsubscribe", "x-outboundd-tag", "idempotency-key"}


class _Policy(EmailPolicy):
    """SMTP's line ends and lengths; ids and links are broken between tokens only.

    2026-11: the standard library (Python 3.11.7) folds a token longer than a line into encoded words, which makes an id
    in References or a link in List-Unsubscribe unreadable for every mail client.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _TOKENS:
            return (f"{name}: " + f"{self.linesep} ".join(value.split()) + self.linesep).encode("ascii")
        return super().fold_binary(name, value)


def to_rfc5322(letter: Letter, at: datetime) -> tuple[str, bytes]:
    """The letter's Message-ID and the whole message. Raises ValueError for what no header can hold (line ends, ...)."""
    name = quote(letter.tag, safe="")
    message_id = f"<{name}@{_ascii_domain(letter.from_email)}>"
    addresses = (letter.from_email, letter.to_email, letter.reply_to)
    policy = _Policy(linesep="\r\n", max_line_length=76, utf8=not all(address.isascii() for address in addresses))
    message = EmailMessage(policy=policy)
    for header, value in _headers(letter, message_id, at).items():
        message[header] = value
    message.set_content(letter.text, cte="quoted-printable")
    if letter.html:
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
        # The library's boundary is a random number, and the same letter must be the same bytes. "=_" cannot occur in
        # a quoted-printable part.
        message.set_boundary("=_" + sha256(letter.tag.encode()).hexdigest()[:32])
    return message_id, message.as_bytes()


def _headers(letter: Letter, message_id: str, at: datetime) -> dict[str, str | Address]:
    headers: dict[str, str | Address] = {
        "From": _address(letter.from_name, letter.from_email),
        "To": _address(letter.to_name, letter.to_email),
        "Reply-To": _address("", letter.reply_to),
        "Subject": header_line(letter.subject),
        "Date": format_datetime(at),
        "Message-ID": message_id,
    }
    if letter.references:
        headers["In-Reply-To"] = header_line(letter.references[-1])
        headers["References"] = header_line(" ".join(letter.references))
    if letter.to_lead:
        # RFC 2369. List-Unsubscribe-Post (RFC 8058) would promise an https link, which a maildir has not.
        headers["List-Unsubscribe"] = f"<{unsubscribe_mailto(letter)}>"
    else:
        headers["Auto-Submitted"] = "auto-generated"  # RFC 3834: an absence note need not answer the digest
    headers["X-Outboundd-Tag"] = quote(letter.tag, safe="")
    headers["Idempotency-Key"] = header_line(letter.idempotency_key)
    return headers


def _address(name: str, email: str) -> Address:
    local, at, domain = header_line(email).rpartition("@")
    if not local or not at or not domain:
        raise ValueError("no address")
    return Address(display_name=header_line(name), username=local, domain=domain)


def _ascii_domain(email: str) -> str:
    return email.rpartition("@")[2].encode("idna").decode("ascii")


def unsubscribe_mailto(letter: Letter) -> str:
    """The link that opens a mail which asks for no more of them."""
    return f"mailto:{quote(letter.reply_to, safe='@')}?subject={quote(f'unsubscribe {letter.tag}')}"


def header_line(text: str) -> str:
    """The text, when a header can hold it: one line without controls, and nothing that reads as an encoded word.

    Raises ValueError when it cannot.

    The library refuses line ends by itself, no other control, and takes "=?utf-8?q?...?=" for what it encodes: the
    recipient would read another subject than the one that was linted.
    """
    if "=?" in text or any(char < " " or char == "\x7f" for char in text):
        raise ValueError("a header holds one line of plain text")
    return text

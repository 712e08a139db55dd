"""Does the adapter say of a domain's mail what a name server says, and nothing where none answers?

The name server is a real one for the adapter: it listens on loopback and answers from a table.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from outboundd.adapters import name_service
from outboundd.adapters.name_service import DnsNames
from outboundd.ports import MailRecords, Transient

Answers = Mapping[tuple[str, str], tuple[str, ...]]
TABLE: Answers = {
    ("com.", "NS"): ("a.gtld-servers.net.",),
    ("two.com.", "MX"): ("20 b.mail.com.", "10 A.mail.com."),
    ("none.com.", "MX"): ("0 .",),
    ("old.com.", "A"): ("192.0.2.1",),
    ("new.com.", "AAAA"): ("2001:db8::1",),
    ("web.com.", "TXT"): ('"nothing of mail"',),
}
BROKEN = "broken.com."
MUTE = "mute.com."


class Server(asyncio.DatagramProtocol):
    """Answers from a table; a name that no entry has does not exist."""

    def __init__(self, table: Answers) -> None:
        self.table = table
        self.asked: list[tuple[str, str]] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asked = dns.message.from_wire(data)
        name, kind = str(asked.question[0].name), dns.rdatatype.to_text(asked.question[0].rdtype)
        self.asked.append((name, kind))
        if name == MUTE:
            return
        answer = dns.message.make_response(asked, recursion_available=True)
        values = self.table.get((name, kind))
        if name == BROKEN:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif values:
            answer.answer.append(dns.rrset.from_text(name, 300, "IN", kind, *values))
        elif all(known != name for known, _ in self.table):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(answer.to_wire(), addr)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A name server on loopback."""
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Server(TABLE), local_addr=("127.0.0.1", 0)
    )
    yield protocol
    transport.close()


def asking(server: Server) -> DnsNames:
    """The adapter, told to ask this server."""
    return DnsNames(server.transport.get_extra_info("sockname"))


@pytest.mark.parametrize(
    ("domain", "says"),
    [
        ("two.com", MailRecords(exchanges=("a.mail.com", "b.mail.com"))),
        ("none.com", MailRecords(exchanges=("",))),
        ("old.com", MailRecords(has_address=True)),
        ("new.com", MailRecords(has_address=True)),
        ("web.com", MailRecords()),
        ("gone.com", MailRecords()),
    ],
)
async def test_what_the_server_says_is_told(server: Server, domain: str, says: MailRecords) -> None:
    """MX, null MX, an address of either kind, a domain without any of them, and one that does not exist."""
    told = await asking(server).mail_records(domain)
    assert (sorted(told.exchanges), told.has_address) == (sorted(says.exchanges), says.has_address)


async def test_an_address_is_looked_for_only_without_mx(server: Server) -> None:
    """One question a domain is enough for nearly all."""
    await asking(server).mail_records("two.com")
    assert server.asked == [("two.com.", "MX")]


async def test_a_name_is_asked_as_it_is(server: Server) -> None:
    """No search list of this machine is tried after it: that would find a stranger's domain."""
    await asking(server).mail_records("gone.com")
    assert {name for name, _ in server.asked} == {"gone.com.", "com."}


@pytest.mark.parametrize("domain", [BROKEN, MUTE])
async def test_a_server_that_fails_or_is_silent_says_nothing(
    server: Server, domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is no finding about the domain, and the failure does not name it."""
    monkeypatch.setattr(name_service, "ANSWER_S", 0.05)
    with pytest.raises(Transient) as failure:
        await asking(server).mail_records(domain.rstrip("."))
    assert "no answer" in str(failure.value)
    assert "com" not in str(failure.value)


async def test_a_server_that_denies_every_name_says_nothing(server: Server) -> None:
    """In a network without internet every domain would look dead, and a whole list would be rejected."""
    server.table = {}
    with pytest.raises(Transient, match="denies every name"):
        await asking(server).mail_records("two.com")


async def test_a_machine_that_is_set_up_with_no_server_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback of a library."""

    def none(*_: object, **__: object) -> None:
        raise name_service.DNSException

    monkeypatch.setattr(name_service, "Resolver", none)
    with pytest.raises(Transient, match="no name server"):
        DnsNames()

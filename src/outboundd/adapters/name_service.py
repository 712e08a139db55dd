"""Who takes the mail of a domain? Asked of the name servers of this machine, with dnspython (2.9)."""

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.rdtypes.ANY.MX import MX
from dns.resolver import NXDOMAIN, LRUCache

from outboundd.motion import MOTION
from outboundd.ports import MailRecords, Transient

ANSWER_S = 5.0  # for one question, all servers and repetitions together
SURELY_THERE = "com."


class DnsNames:
    """The name service. `server` (address, port) is asked instead of those that this machine is set up with.

    Raises Transient where the machine is set up with none.
    """

    name = "dns"

    def __init__(self, server: tuple[str, int] | None = None) -> None:
        try:
            self._resolver = Resolver(configure=server is None)
        except DNSException:
            raise Transient(self.name, "no name server", "this machine is set up with none") from None
        if server is not None:
            address, self._resolver.port = server
            self._resolver.nameservers = [address]
        self._resolver.lifetime = ANSWER_S
        self._resolver.cache = LRUCache()  # for as long as the answers themselves allow

    async def mail_records(self, domain: str) -> MailRecords:
        """The MX records of a domain; where there is none (RFC 5321 section 5.1), whether it has an address."""
        with MOTION.moving():
            try:
                return await self._records(domain)
            except NXDOMAIN:
                await self._doubt()
                return MailRecords()
            except (DNSException, OSError) as error:
                raise Transient(self.name, "no answer", type(error).__name__) from None

    async def _records(self, name: str) -> MailRecords:
        answer = await self._resolver.resolve(name, "MX", raise_on_no_answer=False)
        # a null MX names the root, which is "." as a text
        exchanges = [record.exchange.to_text(omit_final_dot=True) for record in answer if isinstance(record, MX)]
        if exchanges:
            return MailRecords(exchanges=tuple("" if host == "." else host.lower() for host in exchanges))
        for kind in ("A", "AAAA"):
            if (await self._resolver.resolve(name, kind, raise_on_no_answer=False)).rrset:
                return MailRecords(has_address=True)
        return MailRecords()

    async def _doubt(self) -> None:
        """A machine without internet may be told of every name that it does not exist; then nothing was said of this.

        Raises Transient then (seen 2026-11 in a closed network).
        """
        try:
            await self._resolver.resolve(SURELY_THERE, "NS")
        except (DNSException, OSError):
            raise Transient(self.name, "denies every name") from None

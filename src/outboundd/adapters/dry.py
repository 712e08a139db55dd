"""What does a dry run see? The real world, with every write swallowed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from outboundd.model.facts import Suppressed
from outboundd.model.lead import Lead, Value
from outboundd.model.mail import EventPage, Letter, LoggedMail
from outboundd.ports import LeadStore, Mailer, SetUp, SuppressionList, Upserted


class DryStore:
    """Reads the store; what is written goes nowhere (the copied ledger keeps what was concluded)."""

    def __init__(self, store: LeadStore) -> None:
        self._store = store
        self.name = store.name

    async def new_rows(self) -> Sequence[Lead]:
        return await self._store.new_rows()

    async def with_override(self) -> Sequence[Lead]:
        return await self._store.with_override()

    async def news(self, since: datetime) -> Sequence[Lead]:
        return await self._store.news(since)

    async def read(self, ids: Sequence[str], *, in_view: bool = True) -> Mapping[str, Lead]:
        return await self._store.read(ids, in_view=in_view)

    def pages(self) -> AsyncIterator[Sequence[Lead]]:
        return self._store.pages()

    async def apply(self, patches: Mapping[str, Mapping[str, Value]]) -> None:
        """Swallowed."""

    async def upsert(self, rows: Sequence[Mapping[str, Value]]) -> Upserted:
        """Swallowed: says which keys are there already."""
        found = [str(row["key"]) for row in rows if await self._store.find(str(row["key"]))]
        new = [str(row["key"]) for row in rows if str(row["key"]) not in found]
        return Upserted(created=tuple(new), updated=tuple(found))

    async def find(self, key: str) -> Sequence[Lead]:
        return await self._store.find(key)

    async def erase(self, ids: Sequence[str]) -> None:
        """Swallowed."""

    async def set_up(self) -> SetUp:
        """Swallowed."""
        return SetUp()

    async def probe(self) -> str:
        return await self._store.probe()

    def close(self) -> None:
        self._store.close()


class DryMailer:
    """Reads what the mailer reports; a mail that it is given goes nowhere and counts as accepted."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self.name = mailer.name
        self.settle_s = mailer.settle_s

    async def send(self, letter: Letter) -> str:
        """Swallowed."""
        return f"<{letter.tag}@dry-run.invalid>"

    def events(self, since: datetime, until: datetime) -> AsyncIterator[EventPage]:
        return self._mailer.events(since, until)

    async def log(self, email: str) -> Sequence[LoggedMail]:
        return await self._mailer.log(email)

    async def erase(self, emails: Sequence[str]) -> int:
        """Swallowed."""
        return 0

    async def credits(self) -> int | None:
        return await self._mailer.credits()

    async def probe(self) -> str:
        return await self._mailer.probe()

    async def aclose(self) -> None:
        await self._mailer.aclose()


class DrySuppression:
    """Knows who is on the list; adds nobody."""

    def __init__(self, real: SuppressionList) -> None:
        self._real = real
        self.fingerprint = real.fingerprint
        self.fresh = real.fresh

    def person(self, address: str) -> str:
        return self._real.person(address)

    async def suppress(self, person: str, why: str, at: datetime, *, instead: bool = False) -> bool:
        return await self._real.match(person, ()) is None

    async def suppress_domain(self, domain: str, why: str, at: datetime, *, instead: bool = False) -> bool:
        return await self._real.match("", (domain,)) is None

    async def match(self, person: str, domains: Sequence[str]) -> Suppressed | None:
        return await self._real.match(person, domains)

    async def persons(self, why: str) -> Sequence[str]:
        return await self._real.persons(why)

    async def size(self) -> tuple[int, int]:
        return await self._real.size()

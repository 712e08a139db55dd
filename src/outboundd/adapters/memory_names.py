"""A name service in memory: for tests of whoever asks it."""

from collections import Counter

import anyio.lowlevel

from outboundd.ports import MailRecords, Transient


class MemoryNames:
    """Every domain takes mail, save those of which `records` says otherwise and those that do not answer."""

    name = "memory"

    def __init__(self) -> None:
        self.records: dict[str, MailRecords] = {}
        self.silent: set[str] = set()
        self.asked: Counter[str] = Counter()
        self.at_once = 0
        self.most_at_once = 0

    async def mail_records(self, domain: str) -> MailRecords:
        """What it was told to say."""
        self.asked[domain] += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await anyio.lowlevel.checkpoint()
        self.at_once -= 1
        if domain in self.silent:
            raise Transient(self.name, "no answer")
        return self.records.get(domain, MailRecords(exchanges=(f"mx.{domain}",)))

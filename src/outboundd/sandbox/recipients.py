"""What do people do with a mail that Brevo took: bounce, open, click, answer, complain, ask to be left alone?"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

REPLY = "reply"  # no event of Brevo's: it never sees an answer to a normal mailbox
LINK = "https://studio.example/"
PROXY_IP, READER_IP = "203.0.113.80", "203.0.113.90"
DAY_S = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """What happens `after_s` seconds after the send. `event` is Brevo's name of it, or REPLY."""

    after_s: float
    event: str
    ip: str = ""
    link: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Shares of all mails (B2B, small lists); what follows an opening is a share of all too."""

    hard_bounce: float = 0.007
    late_bounce: float = 0.001
    soft_then_delivered: float = 0.01
    deferred: float = 0.015
    soft_only: float = 0.008
    machine_open: float = 0.20
    human_open: float = 0.35
    scanner_click: float = 0.02
    click: float = 0.015
    reply: float = 0.04
    unsubscribe: float = 0.004
    spam: float = 0.0005


class Recipients:
    """Everybody a sandbox writes to: what somebody does follows from the seed, the address and the tag alone."""

    def __init__(self, seed: int, rates: Rates | Mapping[str, float] | None = None) -> None:
        """`rates`: those of the defaults that differ, by name."""
        given = rates if isinstance(rates, Mapping) else {}
        unknown = set(given) - {one.name for one in fields(Rates)}
        if unknown:
            raise ValueError(f"rates: no such share: {', '.join(sorted(unknown))}")
        self._seed = seed
        self._rates = rates if isinstance(rates, Rates) else Rates(**given)

    def react(self, recipient: str, tag: str) -> Sequence[Reaction]:
        """All that happens to one mail after `requests`, in its order."""
        chance = random.Random(f"{self._seed} {recipient.lower()} {tag}")  # noqa: S311 (a play needs no secrets)
        arrival = self._arrival(chance)
        if arrival[-1].event != "delivered":
            return arrival
        lived = [*arrival, *self._machines(chance, arrival[-1].after_s), *self._human(chance, arrival[-1].after_s)]
        if chance.random() < self._rates.late_bounce:
            lived.append(bounce(arrival[-1].after_s + chance.uniform(0.1, 2) * DAY_S))
        return sorted(lived, key=lambda one: one.after_s)

    def _arrival(self, chance: random.Random) -> list[Reaction]:
        """Up to the receiving server's last word."""
        rates, drawn = self._rates, chance.random()
        soon_s = chance.uniform(1, 2)
        later_s = soon_s + chance.uniform(300, 7200)
        ways = (
            (rates.hard_bounce, [bounce(soon_s)]),
            (rates.soft_only, [full(soon_s)]),
            (rates.soft_then_delivered, [full(soon_s), Reaction(after_s=later_s, event="delivered")]),
            (rates.deferred, [greylisted(soon_s), Reaction(after_s=later_s, event="delivered")]),
        )
        for share, way in ways:
            if drawn < share:
                return way
            drawn -= share
        return [Reaction(after_s=soon_s, event="delivered")]

    def _machines(self, chance: random.Random, delivered_s: float) -> list[Reaction]:
        """Proxies and scanners, within seconds of the delivery."""
        seen = []
        if chance.random() < self._rates.machine_open:
            name = chance.choice(("opened", "loadedByProxy"))
            seen.append(Reaction(after_s=delivered_s + chance.uniform(1, 8), event=name, ip=PROXY_IP))
        if chance.random() < self._rates.scanner_click:
            seen.append(Reaction(after_s=delivered_s + chance.uniform(2, 9), event="clicks", ip=PROXY_IP, link=LINK))
        return seen

    def _human(self, chance: random.Random, delivered_s: float) -> list[Reaction]:
        """A reader: opens, perhaps again, and then may have a last word."""
        if chance.random() >= self._rates.human_open:
            return []
        opened_s = delivered_s + 60 + chance.expovariate(1 / 10_800)
        times = [opened_s, opened_s + chance.expovariate(1 / 3600)][: chance.choice((1, 1, 2))]
        seen = [Reaction(after_s=at, event="opened", ip=READER_IP) for at in times]
        if chance.random() < self._rates.click / self._rates.human_open:
            seen.append(Reaction(after_s=opened_s + chance.uniform(5, 60), event="clicks", ip=READER_IP, link=LINK))
        last = self._last_word(chance)
        if last:
            seen.append(Reaction(after_s=times[-1] + 60 + chance.expovariate(1 / 7200), event=last))
        return seen

    def _last_word(self, chance: random.Random) -> str:
        rates, drawn = self._rates, chance.random() * self._rates.human_open
        for share, event in ((rates.reply, REPLY), (rates.unsubscribe, "unsubscribed"), (rates.spam, "spam")):
            if drawn < share:
                return event
            drawn -= share
        return ""


def bounce(after_s: float) -> Reaction:
    """The address does not exist."""
    return Reaction(after_s=after_s, event="hardBounces", reason="550 5.1.1 user unknown")


def full(after_s: float) -> Reaction:
    """The mailbox has no room for now."""
    return Reaction(after_s=after_s, event="softBounces", reason="452 4.2.2 mailbox full")


def greylisted(after_s: float) -> Reaction:
    """Not now; the reason can hold a 550 all the same (django-anymail's capture)."""
    return Reaction(after_s=after_s, event="deferred", reason="550 5.7.1 try again later")

"""What has come of it? A funnel, who was left out and why, the digest, one lead's story."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rich.console import Console
from rich.text import Text

from outboundd.commands import COMMANDS
from outboundd.commands.desk import Desk
from outboundd.demo.people import People
from outboundd.demo.scene import Letter
from outboundd.model.decision import Objection
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import AttemptState

BAR = 44
WAITING = frozenset({Stage.NEW, Stage.VERIFIED, Stage.DRAFTED})
OBJECTIONS = {
    Objection.CONSENT: "their country asks for prior consent",
    Objection.ATTRIBUTION: "unclear whether they work there",
    Objection.SAME_COMPANY: "a colleague has answered",
    Objection.MAILBOX: "not one person's own mailbox",
    Objection.ZONE: "unknown country",
}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures of the whole show: (label, number) from the lists to the answers, and so on."""

    funnel: Sequence[tuple[str, int]]
    left_out: Sequence[tuple[str, int]]
    mails: Sequence[tuple[str, int]]


async def figures(desk: Desk, imported: Counter[str]) -> Figures:
    """Count what the store and the ledger say by now."""
    leads = [lead async for page in desk.parts.world.store.pages() for lead in page]
    stages = Counter(lead.stands for lead in leads)
    sent = await desk.parts.world.ledger.attempts(states=[AttemptState.SENT], limit=100_000)
    steps = Counter(attempt.step for attempt in sent if attempt.to_lead)
    sequence = desk.parts.settings.sequence
    halted = {halt.what for halt in await desk.parts.world.ledger.halts(desk.parts.world.clock.now())}
    waiting = [lead for lead in leads if lead.first_sent_at is None and lead.stands in WAITING]
    source_off = sum(f"source:{lead.source}" in halted for lead in waiting)
    return Figures(
        funnel=(
            ("rows in the lists", imported["rows"]),
            ("imported", imported["created"]),
            ("work where the list says", sum(lead.attribution.startswith("same") for lead in leads)),
            ("written to", sum(lead.first_sent_at is not None for lead in leads)),
            ("delivered", sum(lead.delivered_at is not None and lead.stands is not Stage.BOUNCED for lead in leads)),
            ("opened", sum(lead.opens > 0 for lead in leads)),
            ("answered", stages[Stage.REPLIED]),
        ),
        left_out=(
            ("rejected by the import, with the reason", imported["rejected"]),
            ("duplicates in the file, merged", imported["duplicates"]),
            ("mismatched: not at this company", stages[Stage.MISMATCHED]),
            *await _review(desk, leads),
            ("held: their source is paused", source_off),
            ("not written to yet", len(waiting) - source_off),
            ("bounced", stages[Stage.BOUNCED]),
            ("unsubscribed", stages[Stage.UNSUBSCRIBED]),
            ("complained", stages[Stage.COMPLAINED]),
        ),
        mails=[(sequence.name_of(step), steps[step]) for step in sorted(steps)],
    )


async def _review(desk: Desk, leads: Sequence[Lead]) -> list[tuple[str, int]]:
    reasons: Counter[str] = Counter()
    for lead in leads:
        if lead.stands is Stage.REVIEW:
            facts = await desk.parts.fact_book.about(lead, desk.parts.world.clock.now())
            objection = facts.history.objection
            reasons[OBJECTIONS.get(objection, str(objection)) if objection else "a human must look"] += 1
    return [(f"in review: {reason}", count) for reason, count in reasons.most_common()]


def show_funnel(console: Console, told: Figures) -> None:
    """The funnel as bars, and beside it who was left out."""
    heading(console, "From the lists to the answers")
    most = max(count for _, count in told.funnel) or 1
    full = "█" if (console.encoding or "").lower().startswith("utf") else "#"
    for label, count in told.funnel:
        bar = full * max(round(BAR * count / most), 1 if count else 0)
        console.print(Text(f"  {label:<26}{count:>4}  ") + Text(bar, style="green"))
    total = sum(count for _, count in told.mails)
    console.print(f"  {'mails':<26}{total:>4}  ({', '.join(f'{count} {name}' for name, count in told.mails)})")
    heading(console, "Left out, and why")
    for label, count in told.left_out:
        if count:
            console.print(f"  {count:>4}  {label}")


def heading(console: Console, title: str) -> None:
    """A line across, with a title."""
    console.print()
    console.rule(Text(title, style="bold"), align="left", style="dim")


def show_digest(console: Console, digests: Mapping[date, Letter], monday: date) -> None:
    """The text of the digest of that Monday; of a shorter show the last one."""
    if not digests:
        return
    mail = digests.get(monday) or digests[max(digests)]
    heading(console, mail.subject)
    for line in mail.text.splitlines():
        console.print(Text(line), no_wrap=line.startswith(" "), overflow="ellipsis")


async def show_why(console: Console, desk: Desk, who: str, command: str) -> None:
    """The story of one lead, by the command that an operator types."""
    heading(console, f"{command} why {who}")
    async for line in COMMANDS["why"].run(desk, who=who):
        for text in line.text.splitlines():
            console.print(Text(text))


def show_places(console: Console, places: Sequence[tuple[str, str]], command: str, who: str) -> None:
    """Where everything lies, and what to type to look at it."""
    heading(console, "Look for yourself")
    rows = (
        *places,
        (f"{command} why {who}", "the story of any lead, by address or id"),
        (f"{command} stats", "and every other command: config.toml is there"),
    )
    for typed, what in rows:
        console.print(Text(f"  {typed}"), soft_wrap=True)
        if what:
            console.print(Text(f"      {what}", style="dim"))


def most_telling(people: People, held: Counter[str], replied: Sequence[str], followed: Counter[str]) -> str:
    """Address of the lead with most to tell: written to again, held for a holiday or a weekend, and then answered."""
    known = sorted(set(held) | set(followed) | set(replied), key=lambda lead: people.whose(lead).key)
    most = max(known, key=lambda lead: (lead in replied, min(followed[lead], 1), held[lead]), default="")
    return people.whose(most).key if most else ""

"""Why did we write to this person, when, with what, what came back, and what happens next?"""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime

from outboundd.commands import words
from outboundd.commands.desk import Command, Desk, Line, Refusal
from outboundd.commands.letter import letter as the_letter
from outboundd.commands.story import Story, halts_at_hand, remedy, story_of
from outboundd.commands.story_data import as_data, suppressed_data
from outboundd.commands.who import address_of, rows_of
from outboundd.model.chat import Choices
from outboundd.model.decision import Decision, Do, Hold, Transition
from outboundd.model.facts import Suppressed
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import Attempt, AttemptState, Event, EventKind
from outboundd.rules import domains, lifecycle
from outboundd.rules.decide import step_at_hand

EVER_DAYS = 36_500
# Which job takes a lead of this stage when nothing holds it, and what it does.
TAKES = {
    Stage.NEW: ("draft", "whether the person works there is looked at, then the first mail is written"),
    Stage.VERIFIED: ("draft", "the first mail is written"),
    Stage.DRAFTED: ("send", "the mail leaves, if the mails before it leave it room"),
    Stage.DELIVERED: ("follow_up", "the next mail is written"),
}


async def why(desk: Desk, *, who: str, letter: bool = False) -> AsyncGenerator[Line, None]:
    """The whole story of one lead, by address or id, or the letter to that person; nothing is changed."""
    if letter:
        yield await the_letter(desk, who)
        return
    rows = await rows_of(desk, who)
    if not rows:
        yield await _no_row(desk, who)
        return
    for number, row in enumerate(rows, start=1):
        story = await story_of(desk, row)
        head = [f"Row {number} of {len(rows)} with this address", ""] if len(rows) > 1 else []
        text = "\n".join([*head, *_told(desk, story)])
        yield Line(text=text, data=as_data(desk, story), choices=_choices(story))


def _choices(story: Story) -> Choices:
    """What a thumb may say of this lead."""
    named = halts_at_hand(story)
    lifting = words.lifting([halt for halt in story.facts.traffic.halts if halt.what in named])
    lead = story.lead
    if lead.stands in lifecycle.TERMINAL:
        return lifting
    return (*lifting, ("they replied", f"replied {lead.id}"), ("never again", f"stop {lead.id}"))


async def _no_row(desk: Desk, who: str) -> Line:
    """A person without a row may still be on the suppression list, or have been erased after a mail."""
    if "@" not in who:
        raise Refusal(2, f"no lead has the id {who}; give an id of the lead store, or an address")
    address, now = address_of(who), desk.parts.world.clock.now()
    person = desk.parts.world.suppression.person(address)
    listed = await desk.parts.world.suppression.match(person, [domains.of_email(address)])
    past = await desk.parts.world.ledger.history("", person, "", now, EVER_DAYS)
    if listed is None and not past.person_posts:
        raise Refusal(2, f"nobody here has the address {who}: no row, no mail, and not on the suppression list")
    told = "no row; never written to"
    if past.person_posts:
        times = words.many(len(past.person_posts), "mail")
        told = f"no row any more; {times} sent, the last on {words.utc(past.person_posts[-1])}"
    mails = [{"posted_at": words.iso(at)} for at in past.person_posts]
    data = {"id": None, "suppressed": suppressed_data(listed), "mails": mails}
    return Line(text=told + (f"; {_listed(listed)}" if listed else ""), data=data)


def _listed(entry: Suppressed) -> str:
    return f"on the suppression list since {entry.since:%Y-%m-%d}: {entry.why}"


def _told(desk: Desk, story: Story) -> list[str]:
    lines = _who(desk, story)
    lines += ["", "Mails" if story.mails else "No mail was sent yet"]
    for attempt, events in story.mails:
        lines += _mail(desk, story.lead, attempt, events)
    if story.lead.stands is Stage.DRAFTED:
        lines += ["", f"Draft of {_step(desk, story.lead.step)}, not sent"]
        lines += _letter(story.lead.subject, story.lead.body)
    if story.life:
        lines += ["", "What happened", *(_entry(transition) for transition in story.life)]
    return [*lines, "", "Next", *_next(desk, story)]


def _who(desk: Desk, story: Story) -> list[str]:
    lead = story.lead
    person = ", ".join(filter(None, (lead.contact, lead.title))) or "(no name)"
    place = ", ".join(filter(None, (lead.city, lead.region, lead.country)))
    origin = ", ".join(filter(None, (lead.source, lead.source_date)))
    table = {
        "id": lead.id,
        "address": lead.email,
        "website": lead.website,
        "place": place + (f" (Timezone {lead.timezone})" if lead.timezone else ""),
        "source": origin,
        "consent": lead.consent_note,
        "notes": lead.owner_notes,
        "stage": f"{lead.stands}, {_step(desk, lead.step)}" + (f", variant {lead.variant}" if lead.variant else ""),
        "attribution": lead.attribution,
        "opened": f"{lead.opens} times, clicked {lead.clicks} times (scanners included)" if lead.opens else "",
        "cost": f"{lead.cost_usd:.4f} USD" if lead.cost_usd else "",
        "suppressed": _listed(story.facts.suppressed) if story.facts.suppressed else "",
        "other rows": ", ".join(sibling.id for sibling in story.facts.history.siblings),
        "override": f"{lead.override!r} is obeyed at the next look" if lead.override else "",
    }
    rows = [words.hanging(f"  {name}", value[:LONGEST_CELL], 16) for name, value in table.items() if value]
    return [f"{person} at {lead.company or '(no company)'}"[:LONGEST_CELL], *rows]


def _step(desk: Desk, step: int) -> str:
    return desk.parts.settings.sequence.name_of(step)


def _mail(desk: Desk, lead: Lead, attempt: Attempt, events: Sequence[Event]) -> list[str]:
    variant = f", variant {lead.variant}" if lead.variant else ""
    state = "" if attempt.state is AttemptState.SENT else f" [{STATES[attempt.state]}]"
    lines = [
        f"  {_step(desk, attempt.step)}, {words.there(attempt.posted_at, lead)}{variant}{state}",
        f"      tag {attempt.tag}",
    ]
    lines += [words.hanging(f"      {kind}", instants, 20) for kind, instants in _reported(events)]
    return [*lines, *_letter(attempt.subject, attempt.text)]


def _reported(events: Sequence[Event]) -> list[tuple[str, str]]:
    """What came back, each kind with its instants; of many the first and the last."""
    kinds: dict[str, list[datetime]] = {}
    for event in events:
        word = "accepted" if event.kind is EventKind.REQUEST else event.kind.replace("_", " ")
        kinds.setdefault(word, []).append(event.at)
    return [
        (kind, words.utc(at[0]) + (f", {len(at)} times, the last {words.utc(at[-1])}" if len(at) > 1 else ""))
        for kind, at in kinds.items()
    ]


def _letter(subject: str, text: str) -> list[str]:
    if not subject and not text:
        return ["      (the text was erased)"]
    return words.behind_a_bar(f"Subject: {subject}\n\n{text}", 6)


def _entry(transition: Transition) -> str:
    same = transition.was is transition.now
    move = transition.was if same else f"{transition.was} → {transition.now}"
    text = f"{move}: {transition.why}" if transition.why else str(move)
    return words.hanging(f"  {transition.at:%Y-%m-%d %H:%M}Z  #{transition.seq}", text, 27)


def _next(desk: Desk, story: Story) -> list[str]:
    lead, decision = story.lead, story.decision
    name = _step(desk, step_at_hand(lead))
    lines = [_verdict(lead, decision, name)]
    if isinstance(decision, Hold) and decision.until is not None:
        lines.append(f"That ends {words.there(decision.until, lead)}.")
    if not isinstance(decision, Do) and story.earliest not in (None, getattr(decision, "until", None)):
        lines.append(f"As things stand, the earliest is {words.there(story.earliest, lead)}.")
    if not story.in_view and isinstance(decision, (Do, Hold)):
        lines.append("The row is not in the operator's view: nothing is written or sent while that is so.")
    lines += [f"To lift it: {typed}" for typed in [remedy(story)] if typed]
    named = halts_at_hand(story)
    lines += [f"Also: {words.off(halt)}" for halt in story.facts.traffic.halts if halt.what not in named]
    return [words.indented(line, 2) for line in lines]


def _verdict(lead: Lead, decision: Decision, name: str) -> str:
    if isinstance(decision, Do):
        job, what = TAKES.get(lead.stands, ("reconcile", "it is looked at"))
        return f"{name}: nothing is in the way. At the next run of {job} {what}."
    if isinstance(decision, Hold):
        return f"{name}, not now: {decision.why}."
    if decision.stage is Stage.REVIEW:
        return f"{name}, not before a human has looked: {decision.why}."
    if decision.stage is lead.stands:
        return f"Nothing more: {decision.why}."
    return f"At the next look it goes to {decision.stage}: {decision.why}."


LONGEST_CELL = 1000  # a cell may hold a megabyte; --json tells it whole
STATES = {
    AttemptState.OPEN: "on its way: no outcome is recorded yet",
    AttemptState.UNKNOWN: "may have left: the mailer will tell",
    AttemptState.REFUSED: "refused: nothing left",
    AttemptState.ABSENT: "looked for and not found: it did not leave",
    AttemptState.EXTRA: "left although another mail of this step did: an incident",
    AttemptState.SENT: "sent",
}


WHY = Command(
    name="why",
    doc="the whole story of one lead: what was sent, what came back, what is next and why not now",
    run=why,
    reads_only=True,
)

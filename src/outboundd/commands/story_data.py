"""What does `why --json` print? Stable names."""

from collections.abc import Sequence
from typing import Any

from outboundd.commands import words
from outboundd.commands.desk import Desk
from outboundd.commands.story import Story, remedy
from outboundd.model.decision import Hold, Stop, Transition
from outboundd.model.facts import Suppressed
from outboundd.model.lead import Lead
from outboundd.model.mail import Attempt, Event
from outboundd.rules.decide import step_at_hand


def as_data(desk: Desk, story: Story) -> dict[str, Any]:
    """The story as JSON can carry it."""
    lead = story.lead
    return {
        "id": lead.id,
        "stage": lead.stands.value,
        "step": lead.step,
        "variant": lead.variant,
        "email": lead.email,
        "contact": lead.contact,
        "title": lead.title,
        "company": lead.company,
        "website": lead.website,
        "country": lead.country,
        "source": lead.source,
        "source_date": lead.source_date,
        "consent_note": lead.consent_note,
        "attribution": lead.attribution,
        "suppressed": suppressed_data(story.facts.suppressed),
        "in_view": story.in_view,
        "next": _plain_next(desk, story),
        "mails": [_plain_mail(desk, lead, attempt, events) for attempt, events in story.mails],
        "transitions": [_plain_entry(transition) for transition in story.life],
    }


def _plain_next(desk: Desk, story: Story) -> dict[str, Any]:
    decision, step = story.decision, step_at_hand(story.lead)
    plain: dict[str, Any] = {
        "decision": type(decision).__name__.lower(),
        "step": step,
        "name": desk.parts.settings.sequence.name_of(step),
        "why": "",
        "kind": None,
        "until": None,
        "stage": None,
        "objection": None,
        "earliest": words.iso(story.earliest),
        "remedy": remedy(story),
    }
    if isinstance(decision, Hold):
        plain |= {"why": decision.why, "kind": decision.kind.value, "until": words.iso(decision.until)}
    if isinstance(decision, Stop):
        plain |= {"why": decision.why, "stage": decision.stage.value, "objection": decision.objection}
    return plain


def _plain_mail(desk: Desk, lead: Lead, attempt: Attempt, events: Sequence[Event]) -> dict[str, Any]:
    zone = words.zone_of(lead)
    return {
        "tag": attempt.tag,
        "step": attempt.step,
        "name": desk.parts.settings.sequence.name_of(attempt.step),
        "state": attempt.state.value,
        "posted_at": words.iso(attempt.posted_at),
        "local": words.iso(attempt.posted_at.astimezone(zone)) if zone else None,
        "variant": lead.variant,
        "subject": attempt.subject,
        "text": attempt.text,
        "text_hash": attempt.text_hash,
        "message_id": attempt.message_id,
        "events": [{"kind": event.kind.value, "at": words.iso(event.at)} for event in events],
    }


def _plain_entry(transition: Transition) -> dict[str, Any]:
    return {
        "seq": transition.seq,
        "at": words.iso(transition.at),
        "was": transition.was.value,
        "now": transition.now.value,
        "why": transition.why,
        "tag": transition.tag,
        "id": transition.id,
    }


def suppressed_data(entry: Suppressed | None) -> dict[str, str] | None:
    """An entry of the suppression list."""
    return None if entry is None else {"since": entry.since.isoformat(), "why": entry.why}

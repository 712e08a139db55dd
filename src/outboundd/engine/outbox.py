"""How does a mail leave, at most once? The only way out: nothing else calls `Mailer.send`.

Order is everything here: one ledger transaction asks the rules anew and writes the attempt (durably), then one POST,
shielded from cancellation, then the outcome. Between any two of these the process may die; the next start finds an open
attempt, calls it unknown, and asks the mailer what became of it. No attempt is ever POSTed twice.
"""

import uuid
from dataclasses import dataclass, replace

import anyio

from outboundd.engine.fact_book import FactBook
from outboundd.engine.failures import broken
from outboundd.engine.journal import Log
from outboundd.engine.record import Recorder
from outboundd.model.decision import Decision, Do, Hold, Stop
from outboundd.model.facts import History, Traffic
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import Attempt, AttemptState, Draft, Letter
from outboundd.model.settings import Settings
from outboundd.ports import Ambiguous, Broken, Clock, Conflict, Exhausted, Failure, Ledger, Mailer, Refused, Transient
from outboundd.rules import domains, drafting, outcome, tags
from outboundd.rules.decide import decide
from outboundd.rules.texts import text_hash

POST_TIMEOUT_S = 12
OWN_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Left:
    """How one try ended: the attempt with its state, and the failure that the mailer reported, if any."""

    attempt: Attempt
    lead: Lead | None = None
    failure: Failure | None = None


class Outbox:
    """Owns every POST of a mail."""

    def __init__(
        self,
        *,
        mailer: Mailer,
        ledger: Ledger,
        fact_book: FactBook,
        recorder: Recorder,
        settings: Settings,
        clock: Clock,
        log: Log,
    ) -> None:
        self._mailer = mailer
        self._ledger = ledger
        self._fact_book = fact_book
        self._recorder = recorder
        self._settings = settings
        self._clock = clock
        self._log = log

    async def send(self, lead: Lead) -> Left | Hold | Stop:
        """Send the draft of `lead`, a fresh row, once. Hold or Stop when the gate says so at this second.

        Raises Conflict when another attempt of this step, or of this person and step, is alive.
        """
        if lead.stands is not Stage.DRAFTED or not lead.subject.strip() or not lead.body.strip():
            raise Broken("engine", "nothing to send", f"stage {lead.stands}")
        attempt = await self._attempt(lead)
        suppressed = await self._fact_book.suppressed(lead)

        def permit(traffic: Traffic, history: History) -> Decision:
            if history.seq != lead.seq:
                raise Conflict(lead.id)
            return decide(lead, self._fact_book.compose(traffic, history, suppressed), attempt.posted_at)

        decision = await self._ledger.begin(attempt, permit, self._settings.limits.per_person_days)
        if not isinstance(decision, Do):
            return decision
        return await self._post_shielded(attempt, self._letter(lead, attempt), lead)

    async def send_own(
        self, kind: str, name: str, to: str, subject: str, text: str, html: str, *, tries: int = OWN_TRIES
    ) -> Left | None:
        """A mail to the operator, once per `name`: no gate, pause, guard or cap. None when it has or may have left."""
        n = await self._next_own(kind, name, tries)
        if n is None:
            return None
        tag = tags.of_own(self._settings.campaign.name, kind, name, n)
        attempt = Attempt(
            tag=tag,
            lead=f"-{kind}",
            step=0,
            n=n,
            mailer=self._mailer.name,
            person="",
            company="",
            posted_at=self._clock.now(),
            subject=subject,
            text=text,
            text_hash=text_hash(text),
        )
        await self._ledger.begin(attempt, lambda _traffic, _history: Do(step=0), 0)
        campaign = self._settings.campaign
        letter = Letter(
            tag=tag,
            idempotency_key=_key(tag),
            to_email=to,
            to_name="",
            from_email=campaign.sender.email,
            from_name=campaign.sender.name,
            reply_to=campaign.reply_to or campaign.sender.email,
            subject=subject,
            text=text,
            html=html,
            to_lead=False,
        )
        return await self._post_shielded(attempt, letter, None)

    async def _next_own(self, kind: str, name: str, tries: int) -> int | None:
        for n in range(1, tries + 1):
            earlier = await self._ledger.attempt(tags.of_own(self._settings.campaign.name, kind, name, n))
            if earlier is None:
                return n
            if earlier.state not in (AttemptState.REFUSED, AttemptState.ABSENT):
                return None
        return None

    async def recover(self, *, all_open: bool) -> int:
        """Turn open attempts into unknown: at a process's start all of them, later those older than a minute."""
        now = self._clock.now()
        doubtful = [
            attempt
            for attempt in await self._ledger.attempts(states=[AttemptState.OPEN])
            if all_open or (now - attempt.posted_at).total_seconds() > 60
        ]
        for attempt in doubtful:
            await self._ledger.mark(attempt.tag, AttemptState.UNKNOWN)
            self._log.write("mail.unknown", lead=attempt.lead, step=attempt.step, reason="no outcome was recorded")
        return len(doubtful)

    async def _attempt(self, lead: Lead) -> Attempt:
        n = 1 + await self._ledger.count_attempts(lead.id, lead.step)
        draft = Draft(subject=lead.subject, body=lead.body)
        text = drafting.letter_text(draft, self._settings.campaign, lead.step)
        return Attempt(
            tag=tags.of_step(self._settings.campaign.name, lead.id, lead.step, n),
            lead=lead.id,
            step=lead.step,
            n=n,
            mailer=self._mailer.name,
            person=self._fact_book.person(lead),
            company=domains.company_of(lead),
            posted_at=self._clock.now(),
            subject=lead.subject,
            text=text,
            text_hash=text_hash(text),
        )

    def _letter(self, lead: Lead, attempt: Attempt) -> Letter:
        campaign = self._settings.campaign
        return Letter(
            tag=attempt.tag,
            idempotency_key=_key(attempt.tag),
            to_email=lead.email.strip(),
            to_name=lead.contact,
            from_email=campaign.sender.email,
            from_name=campaign.sender.name,
            reply_to=campaign.reply_to or campaign.sender.email,
            subject=attempt.subject,
            text=attempt.text,
            html=drafting.html_of(attempt.text),
            references=lead.message_ids,
        )

    async def _post_shielded(self, attempt: Attempt, letter: Letter, lead: Lead | None) -> Left:
        """POST and record as one piece that a stop or a deadline of the run cannot cut in two."""
        ended = [Left(attempt=attempt)]
        with anyio.CancelScope(shield=True):
            ended.append(await self._settle(await self._post(attempt, letter), lead))
        return ended[-1]

    async def _post(self, attempt: Attempt, letter: Letter) -> Left:
        try:
            with anyio.fail_after(POST_TIMEOUT_S):
                message_id = await self._mailer.send(letter)
        except (Refused, Transient, Exhausted) as failure:
            return Left(attempt=replace(attempt, state=AttemptState.REFUSED), failure=failure)
        except (Ambiguous, Broken) as failure:
            return Left(attempt=replace(attempt, state=AttemptState.UNKNOWN), failure=failure)
        except TimeoutError:
            late = Ambiguous(self._mailer.name, "no answer", f"{POST_TIMEOUT_S} s")
            return Left(attempt=replace(attempt, state=AttemptState.UNKNOWN), failure=late)
        except Exception as error:  # noqa: BLE001 (whatever is thrown while a mail is on its way: it may have left)
            return Left(attempt=replace(attempt, state=AttemptState.UNKNOWN), failure=broken(error))
        return Left(attempt=replace(attempt, state=AttemptState.SENT, message_id=message_id))

    async def _settle(self, left: Left, lead: Lead | None) -> Left:
        """The outcome into the ledger, with what follows for the lead, in one transaction."""
        attempt = left.attempt
        if lead is None or attempt.state is not AttemptState.SENT:
            await self._ledger.settle(attempt.tag, attempt.state, self._clock.now(), attempt.message_id, [])
            self._tell(left)
            return left
        lead = await self.stands_now(lead)
        numbered = await self._recorder.number(lead, [outcome.sent(lead, attempt, self._settings.sequence)])
        await self._ledger.settle(attempt.tag, attempt.state, self._clock.now(), attempt.message_id, numbered)
        return replace(left, lead=self._recorder.after(lead, numbered))

    async def stands_now(self, lead: Lead) -> Lead:
        """The lead where the ledger has it by now: something may have been recorded while its mail was in the POST."""
        head = await self._ledger.head(lead.id)
        return lead if head is None or head.seq == lead.seq else replace(lead, seq=head.seq, stage=head.now)

    def _tell(self, left: Left) -> None:
        event = {AttemptState.REFUSED: "mail.refused", AttemptState.UNKNOWN: "mail.unknown"}.get(left.attempt.state)
        if event:
            reason = left.failure.cause if left.failure else ""
            self._log.write(event, lead=left.attempt.lead, step=left.attempt.step, reason=reason)
        else:
            self._log.write("mail.own", reason=left.attempt.tag)


def _key(tag: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, tag))

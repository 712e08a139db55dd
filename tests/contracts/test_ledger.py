"""Does every ledger keep what it is told, exactly once, and give it back? Run over every implementation."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from contracts.ledger_values import (
    CAP,
    DAY,
    HOUR,
    LEAVE,
    LEFT,
    NOW,
    attempt,
    event,
    own_mail,
    permitted,
    seen,
    transition,
)
from outboundd.adapters.ledger import SqliteLedger
from outboundd.model.chat import Order
from outboundd.model.decision import Decision, Objection, Waiver
from outboundd.model.facts import CompanyStop, Drafted, EventCounts, Halt, History, PairCounts, Sibling, Traffic
from outboundd.model.incident import Incident
from outboundd.model.lead import Counters, Stage
from outboundd.model.mail import AttemptState, EventKind, Reaction
from outboundd.ports import GROUPS, PROMPT, Broken, Conflict, Ledger, RunRecord


@pytest.fixture(params=["file", "memory"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """The ledger in a file, and in memory: the shipped fake."""
    made = SqliteLedger.open(tmp_path / "ledger.db" if request.param == "file" else None, "spring", "key-1")
    yield made
    made.close()


async def knows(ledger: Ledger, lead: str = "ada", person: str = "hash-ada", company: str = "acme.example") -> History:
    """What the ledger knows about a lead now, over 90 days."""
    return await ledger.history(lead, person, company, NOW, 90)


class TestTransitions:
    async def test_a_transition_comes_back_as_it_was_written(self, ledger: Ledger) -> None:
        """Every field survives: instants to the microsecond, texts, tuples and empty cells of the patch."""
        said = transition(
            patch={"next_at": NOW, "message_ids": ("<a@x.example>", "<b>"), "opens": 2, "subject": "Grüße", "step": 1},
            basis="b1",
            tag="spring.ada.0.1",
            text="Dear Ada\n",
            text_hash="t1",
            waives=Objection.LINT,
            objection=Objection.SAME_COMPANY,
            id="e1",
        )
        await ledger.commit([said])
        assert await ledger.transitions("ada") == [said]
        assert await ledger.head("ada") == said

    async def test_an_emptied_next_at_stays_empty(self, ledger: Ledger) -> None:
        """A patch that empties a cell is not the same as one that leaves it alone."""
        await ledger.commit([transition(patch={"next_at": None})])
        assert (await ledger.transitions("ada"))[0].patch == {"next_at": None}

    async def test_the_second_writer_of_one_number_is_told_to_decide_again(self, ledger: Ledger) -> None:
        """(lead, seq) is the compare-and-set: the loser gets a Conflict and the winner's word stands."""
        await ledger.commit([transition(why="first")])
        with pytest.raises(Conflict):
            await ledger.commit([transition(why="second")])
        assert [entry.why for entry in await ledger.transitions("ada")] == ["first"]

    async def test_several_are_written_all_or_none(self, ledger: Ledger) -> None:
        """A conflict on the last one leaves nothing of the first one behind, in the queue neither."""
        await ledger.see([seen("bea", Stage.NEW)], NOW)
        await ledger.commit([transition("ada")])
        with pytest.raises(Conflict):
            await ledger.commit([transition("bea"), transition("ada")])
        assert await ledger.head("bea") is None
        assert (await ledger.seen("bea")).stage is Stage.NEW

    async def test_a_commit_brings_the_queue_up_to_date(self, ledger: Ledger) -> None:
        """Stage, step, next look, variant and reason of the queue follow the patch; what it leaves out stays."""
        await ledger.see([seen(variant="A", waiting_for="old", next_at=NOW)], NOW)
        await ledger.commit([transition(now=Stage.DRAFTED, patch={"step": 2, "waiting_for": ""})])
        row = await ledger.seen("ada")
        assert (row.stage, row.step, row.variant, row.waiting_for, row.next_at) == (Stage.DRAFTED, 2, "A", "", NOW)
        await ledger.commit([transition(seq=2, now=Stage.SENT, patch={"next_at": None, "variant": "B"})])
        row = await ledger.seen("ada")
        assert (row.stage, row.step, row.variant, row.next_at) == (Stage.SENT, 2, "B", None)

    async def test_a_draft_is_told_with_the_last_basis_that_it_stands_on(self, ledger: Ledger) -> None:
        """Of drafts alone: variant, step, and the basis of the last transition that has one."""
        await ledger.see([seen("ada", variant="A"), seen("bea", variant="B"), seen("cem")], NOW)
        await ledger.commit([transition("ada", basis="old"), transition("cem", basis="other")])
        await ledger.commit([transition("ada", 2, now=Stage.DRAFTED, basis="p:t:m", patch={"step": 1})])
        await ledger.commit([transition("ada", 3, was=Stage.DRAFTED, now=Stage.DRAFTED)])
        await ledger.commit([transition("bea", now=Stage.DRAFTED)])
        assert await ledger.drafts() == [
            Drafted(variant="A", step=1, basis="p:t:m"),
            Drafted(variant="B", step=0, basis=""),
        ]

    async def test_a_lead_outside_the_queue_gets_no_row_by_a_commit(self, ledger: Ledger) -> None:
        """A transition of a lead that the store did not show makes no queue row."""
        await ledger.commit([transition()])
        assert await ledger.queue() == []

    async def test_what_the_store_does_not_show_yet_is_listed_in_order_until_pushed(self, ledger: Ledger) -> None:
        """Unpushed transitions wait in the order they happened; pushed up to a number takes those off, no more."""
        await ledger.commit([transition("bea"), transition("ada")])
        await ledger.commit([transition("ada", 2), transition("ada", 3)])
        assert [(entry.lead, entry.seq) for entry in await ledger.unpushed()] == [
            ("bea", 1),
            ("ada", 1),
            ("ada", 2),
            ("ada", 3),
        ]
        await ledger.pushed("ada", 2, NOW)
        assert [(entry.lead, entry.seq) for entry in await ledger.unpushed()] == [("bea", 1), ("ada", 3)]
        assert [entry.seq for entry in await ledger.unpushed("ada")] == [3]
        assert len(await ledger.unpushed(limit=1)) == 1

    async def test_what_rows_that_are_gone_do_not_show_can_be_left_out(self, ledger: Ledger) -> None:
        """A row outside the queue cannot be shown anything; it takes no place of one that can."""
        await ledger.see([seen("bea")], NOW)
        await ledger.commit([transition("ada"), transition("bea")])
        assert [entry.lead for entry in await ledger.unpushed(limit=1, in_queue=True)] == ["bea"]
        await ledger.see([seen("ada")], NOW)
        assert [entry.lead for entry in await ledger.unpushed(in_queue=True)] == ["ada", "bea"]

    async def test_a_trail_is_taken_in_as_pushed_and_never_overwrites(self, ledger: Ledger) -> None:
        """A lost ledger learns from the trail; what it knows already stays as it is."""
        await ledger.commit([transition(why="ours")])
        await ledger.take_in([transition(why="theirs"), transition(seq=2, why="lost")], NOW)
        assert [entry.why for entry in await ledger.transitions("ada")] == ["ours", "lost"]
        assert [entry.seq for entry in await ledger.unpushed()] == [1]

    async def test_a_lead_without_transitions_has_no_head(self, ledger: Ledger) -> None:
        """Nothing known is said as None and as an empty list."""
        assert await ledger.head("ada") is None
        assert await ledger.transitions("ada") == []


class TestQueue:
    async def test_what_the_store_showed_last_wins(self, ledger: Ledger) -> None:
        """Seen twice, a row stands in the queue once, as it was seen the second time."""
        later = seen(stage=Stage.SENT, step=1, next_at=NOW, source="fair", country="FI", variant="B", waiting_for="x")
        await ledger.see([seen(), seen("bea")], NOW)
        await ledger.see([later], NOW + HOUR)
        assert await ledger.seen("ada") == later
        assert await ledger.queue() == [later, seen("bea")]

    async def test_a_reading_from_before_the_last_transition_leaves_the_stage_alone(self, ledger: Ledger) -> None:
        """Read, then moved on by another job, then seen: a slow store must not put the lead back in the queue."""
        await ledger.see([seen(stage=Stage.DRAFTED, variant="A")], NOW)
        moved = {"step": 1, "next_at": NOW + DAY, "waiting_for": "a holiday", "variant": "B"}
        await ledger.commit([transition(was=Stage.DRAFTED, now=Stage.UNSUBSCRIBED, patch=moved)])
        await ledger.see([seen(stage=Stage.DRAFTED, person="hash-new", country="FI")], NOW + HOUR)
        row = await ledger.seen("ada")
        assert (row.stage, row.step, row.next_at) == (Stage.UNSUBSCRIBED, 1, NOW + DAY)
        assert (row.waiting_for, row.variant, row.seq) == ("a holiday", "B", 1)
        assert (row.person, row.country) == ("hash-new", "FI")
        await ledger.see([seen(stage=Stage.SENT, seq=1)], NOW + HOUR)
        assert await ledger.seen("ada") == seen(stage=Stage.SENT, seq=1)

    async def test_a_row_that_was_gone_is_seen_again_as_it_is_read(self, ledger: Ledger) -> None:
        """What it stood at before it left the queue does not count."""
        await ledger.see([seen(seq=7)], NOW)
        await ledger.unsee(["ada"])
        await ledger.see([seen(stage=Stage.NEW)], NOW)
        assert await ledger.seen("ada") == seen(stage=Stage.NEW)

    async def test_rows_that_are_gone_leave_the_queue(self, ledger: Ledger) -> None:
        """Unsee takes out the ids it is given and no other."""
        await ledger.see([seen(), seen("bea")], NOW)
        await ledger.unsee(["ada", "nobody"])
        assert await ledger.seen("ada") is None
        assert [row.id for row in await ledger.queue()] == ["bea"]

    async def test_due_puts_later_steps_first_then_the_longest_waiting(self, ledger: Ledger) -> None:
        """Follow-ups before openers; within a step never looked at, then the earliest look, then the oldest row."""
        await ledger.see(
            [
                seen("young", created_at=NOW),
                seen("old", created_at=NOW - DAY),
                seen("looked", next_at=NOW),
                seen("looked-before", next_at=NOW - HOUR),
                seen("bump", Stage.DELIVERED, step=1, next_at=NOW),
                seen("not yet", next_at=NOW + timedelta(microseconds=1)),
                seen("elsewhere", Stage.FINISHED),
            ],
            NOW,
        )
        found = await ledger.due([Stage.VERIFIED, Stage.DELIVERED], NOW, 10)
        assert found == ["bump", "old", "young", "looked-before", "looked"]
        assert await ledger.due([Stage.VERIFIED, Stage.DELIVERED], NOW, 2) == ["bump", "old"]

    async def test_rows_of_one_person_are_found(self, ledger: Ledger) -> None:
        """Two rows with one person hash are known as one person's."""
        await ledger.see([seen(), seen("ada-2", person="hash-ada"), seen("bea")], NOW)
        assert await ledger.leads_of("hash-ada") == ["ada", "ada-2"]

    async def test_pair_counts_tell_how_company_and_domain_occur_together(self, ledger: Ledger) -> None:
        """Attribution's corpus: people of the pair, the company, the domain; other companies at home in the domain."""
        await ledger.see(
            [
                seen("a", company="acme.example", domain="host.example"),
                seen("b", company="acme.example", domain="acme.example"),
                seen("b2", company="acme.example", domain="mail.acme.example"),
                seen("c", company="shop.host.example", domain="host.example"),
                seen("d", company="ghost.example", domain="host.example"),
                seen("e", company="host.example", domain="other.example"),
            ],
            NOW,
        )
        assert await ledger.pair_counts("acme.example", "host.example") == PairCounts(
            people=1, company_people=3, domain_companies=3, domain_people=3, own_companies=2, own_people=2
        )
        assert (await ledger.pair_counts("host.example", "host.example")).own_companies == 1
        assert await ledger.pair_counts("none.example", "none.example") == PairCounts()

    async def test_pair_counts_count_people_and_not_rows(self, ledger: Ledger) -> None:
        """Somebody who was imported three times is one person, and no evidence for their own address."""
        await ledger.see([seen(row, person="hash-ada") for row in ("a1", "a2", "a3")], NOW)
        counts = await ledger.pair_counts("acme.example", "acme.example")
        assert (counts.people, counts.company_people, counts.domain_people, counts.own_people) == (1, 1, 1, 1)


class TestBegin:
    async def test_a_permitted_attempt_is_written_as_it_is(self, ledger: Ledger) -> None:
        """The attempt comes back whole, and is open."""
        assert await ledger.begin(attempt(), permitted, 90) == LEAVE
        assert await ledger.attempt("spring.ada.0.1") == attempt()
        assert await ledger.attempt("spring.ada.0.2") is None

    async def test_a_hold_of_the_last_moment_leaves_no_attempt(self, ledger: Ledger) -> None:
        """What the permit refuses is given back and nothing is written."""
        assert await ledger.begin(attempt(), lambda _traffic, _history: CAP, 90) == CAP
        assert await ledger.attempts() == []

    async def test_the_permit_sees_the_facts_of_this_very_moment(self, ledger: Ledger) -> None:
        """A mail begun a second ago and a pause just made are in the facts that the permit is given."""
        pause = Halt(what="mail", since=NOW, until=None, why="Paused by the operator.")
        await ledger.begin(attempt("bea", posted_at=NOW - timedelta(seconds=1)), permitted, 90)
        await ledger.halt(pause)
        asked: list[tuple[Traffic, History]] = []

        def permit(traffic: Traffic, history: History) -> Decision:
            asked.append((traffic, history))
            return CAP

        await ledger.begin(attempt(), permit, 90)
        [(traffic, history)] = asked
        assert traffic.posts == (NOW - timedelta(seconds=1),)
        assert traffic.halts == (pause,)
        assert history.company_posts == traffic.posts

    @pytest.mark.parametrize("state", [AttemptState.OPEN, AttemptState.UNKNOWN, AttemptState.SENT])
    async def test_a_step_that_left_or_may_have_left_cannot_begin_again(
        self, ledger: Ledger, state: AttemptState
    ) -> None:
        """At most once, by index: of the row, whoever stands in it now, and of the person, whatever the row."""
        await ledger.begin(attempt(), permitted, 90)
        await ledger.settle("spring.ada.0.1", state, NOW, "", [])
        with pytest.raises(Conflict):
            await ledger.begin(attempt(n=2, person="hash-of-a-successor"), permitted, 90)
        with pytest.raises(Conflict):
            await ledger.begin(attempt("ada-again", person="hash-ada"), permitted, 90)
        assert len(await ledger.attempts()) == 1

    @pytest.mark.parametrize("state", [AttemptState.REFUSED, AttemptState.ABSENT, AttemptState.EXTRA])
    async def test_a_step_that_did_not_leave_may_begin_again(self, ledger: Ledger, state: AttemptState) -> None:
        """Refused, absent and extra stand outside the index."""
        await ledger.begin(attempt(), permitted, 90)
        await ledger.settle("spring.ada.0.1", state, NOW, "", [])
        assert await ledger.begin(attempt(n=2), permitted, 90) == LEAVE

    async def test_the_next_step_may_begin(self, ledger: Ledger) -> None:
        """The index is per step: a bump follows a sent first mail."""
        await ledger.begin(attempt(), permitted, 90)
        assert await ledger.begin(attempt(step=1), permitted, 90) == LEAVE

    async def test_mails_to_the_operator_are_not_bound_by_the_index_but_never_named_twice(self, ledger: Ledger) -> None:
        """Two digests of two days stand beside each other; one day's digest is begun once."""
        await ledger.begin(own_mail(), permitted, 90)
        assert await ledger.begin(own_mail("-digest.2027-03-11"), permitted, 90) == LEAVE
        with pytest.raises(Conflict):
            await ledger.begin(own_mail(), permitted, 90)

    async def test_a_permit_that_breaks_leaves_nothing_behind(self, ledger: Ledger) -> None:
        """Our own bug inside the permit undoes the transaction, and the ledger goes on."""
        with pytest.raises(ZeroDivisionError):
            await ledger.begin(attempt(), lambda _traffic, _history: 1 // 0, 90)  # type: ignore[arg-type,return-value]
        assert await ledger.begin(attempt(), permitted, 90) == LEAVE


class TestSettle:
    async def test_the_outcome_and_what_follows_are_written_together(self, ledger: Ledger) -> None:
        """A sent mail gets state, message id and instant, and its transition in the same breath."""
        await ledger.begin(attempt(), permitted, 90)
        sent = transition(was=Stage.DRAFTED, now=Stage.SENT)
        await ledger.settle("spring.ada.0.1", AttemptState.SENT, NOW + HOUR, "<m1>", [sent])
        assert await ledger.attempt("spring.ada.0.1") == attempt(
            state=AttemptState.SENT, message_id="<m1>", settled_at=NOW + HOUR
        )
        assert await ledger.head("ada") == sent

    async def test_a_conflict_of_its_transition_leaves_the_attempt_unsettled(self, ledger: Ledger) -> None:
        """Both or neither: the caller reads again and settles anew."""
        await ledger.begin(attempt(), permitted, 90)
        await ledger.commit([transition()])
        with pytest.raises(Conflict):
            await ledger.settle("spring.ada.0.1", AttemptState.SENT, NOW, "<m1>", [transition()])
        assert (await ledger.attempt("spring.ada.0.1")).state is AttemptState.OPEN

    async def test_settling_twice_changes_nothing(self, ledger: Ledger) -> None:
        """The same outcome said again keeps the first instant and the message id."""
        await ledger.begin(attempt(), permitted, 90)
        await ledger.settle("spring.ada.0.1", AttemptState.SENT, NOW, "<m1>", [])
        await ledger.settle("spring.ada.0.1", AttemptState.SENT, NOW + HOUR, "", [])
        assert await ledger.attempt("spring.ada.0.1") == attempt(
            state=AttemptState.SENT, message_id="<m1>", settled_at=NOW
        )

    async def test_unknown_is_no_outcome(self, ledger: Ledger) -> None:
        """An unknown attempt is not settled: it has no instant of settling yet."""
        await ledger.begin(attempt(), permitted, 90)
        await ledger.settle("spring.ada.0.1", AttemptState.UNKNOWN, NOW, "", [])
        assert (await ledger.attempt("spring.ada.0.1")).settled_at is None

    async def test_the_mailers_word_against_another_live_attempt_is_a_conflict(self, ledger: Ledger) -> None:
        """An absent attempt that turns out sent beside a second one cannot be live: the caller makes it extra."""
        await ledger.begin(attempt(), permitted, 90)
        await ledger.settle("spring.ada.0.1", AttemptState.ABSENT, NOW, "", [])
        await ledger.begin(attempt(n=2), permitted, 90)
        with pytest.raises(Conflict):
            await ledger.settle("spring.ada.0.1", AttemptState.SENT, NOW, "<m1>", [])
        await ledger.settle("spring.ada.0.1", AttemptState.EXTRA, NOW, "<m1>", [])
        assert (await ledger.attempt("spring.ada.0.1")).state is AttemptState.EXTRA

    async def test_an_attempt_that_was_never_begun_cannot_be_settled(self, ledger: Ledger) -> None:
        """Settling what is not there is our own bug and says so."""
        with pytest.raises(Broken, match="no such attempt"):
            await ledger.settle("spring.ada.0.1", AttemptState.SENT, NOW, "", [])


class TestAttempts:
    async def test_a_mark_changes_the_state_alone(self, ledger: Ledger) -> None:
        """Found open at a start, an attempt becomes unknown; it has no outcome, id or instant by that."""
        await ledger.begin(attempt(), permitted, 90)
        await ledger.mark("spring.ada.0.1", AttemptState.UNKNOWN)
        assert await ledger.attempt("spring.ada.0.1") == attempt(state=AttemptState.UNKNOWN)

    async def test_a_mark_cannot_make_a_second_live_attempt_of_a_step_nor_one_out_of_nothing(
        self, ledger: Ledger
    ) -> None:
        """The index holds here too, and a tag that is not there is our own bug."""
        await ledger.begin(attempt(), permitted, 90)
        await ledger.adopt_attempt(attempt(n=2, state=AttemptState.EXTRA))
        with pytest.raises(Conflict):
            await ledger.mark("spring.ada.0.2", AttemptState.UNKNOWN)
        with pytest.raises(Broken, match="no such attempt"):
            await ledger.mark("spring.ada.0.3", AttemptState.UNKNOWN)

    async def test_an_attempt_known_to_the_mailer_alone_is_taken_in_once(self, ledger: Ledger) -> None:
        """A lost ledger learns of a sent mail; a tag that is known is left alone."""
        lost = attempt(n=2, state=AttemptState.SENT, message_id="<m1>", settled_at=NOW)
        assert await ledger.adopt_attempt(lost)
        assert not await ledger.adopt_attempt(attempt(n=2, state=AttemptState.REFUSED))
        assert await ledger.attempt("spring.ada.0.2") == lost

    async def test_taking_in_beside_a_live_attempt_is_a_conflict(self, ledger: Ledger) -> None:
        """Two live attempts of one step never stand side by side, whoever tells of the second."""
        await ledger.begin(attempt(), permitted, 90)
        with pytest.raises(Conflict):
            await ledger.adopt_attempt(attempt(n=2, state=AttemptState.SENT))
        assert await ledger.adopt_attempt(attempt(n=2, state=AttemptState.EXTRA))

    async def test_attempts_are_listed_newest_first_by_state_and_lead(self, ledger: Ledger) -> None:
        """All, those of a state, those of a lead, and no more than asked for."""
        await ledger.begin(attempt(posted_at=NOW - HOUR), permitted, 90)
        await ledger.begin(attempt("bea"), permitted, 90)
        await ledger.settle("spring.ada.0.1", AttemptState.SENT, NOW, "", [])

        async def tags(**asked: object) -> list[str]:
            return [found.tag for found in await ledger.attempts(**asked)]  # type: ignore[arg-type]

        assert await tags() == ["spring.bea.0.1", "spring.ada.0.1"]
        assert await tags(limit=1) == ["spring.bea.0.1"]
        assert await tags(states=[AttemptState.SENT]) == ["spring.ada.0.1"]
        assert await tags(states=[AttemptState.SENT, AttemptState.OPEN], lead="bea") == ["spring.bea.0.1"]
        assert await tags(states=[AttemptState.SENT], lead="bea") == []

    async def test_the_next_attempt_never_takes_a_number_that_was_used(self, ledger: Ledger) -> None:
        """Counted per step whatever came of them; a ledger that knows the second one alone counts two."""
        assert await ledger.count_attempts("ada", 0) == 0
        await ledger.adopt_attempt(attempt(n=2, state=AttemptState.REFUSED))
        await ledger.begin(attempt(step=1), permitted, 90)
        assert await ledger.count_attempts("ada", 0) == 2
        assert await ledger.count_attempts("ada", 1) == 1


class TestTraffic:
    async def test_an_empty_ledger_has_no_traffic(self, ledger: Ledger) -> None:
        """Nothing done is said plainly."""
        assert await ledger.traffic(NOW) == Traffic()

    async def test_every_begun_post_to_a_lead_counts_whatever_came_of_it(self, ledger: Ledger) -> None:
        """Refused, absent and extra ones have used the cap; a mail to the operator has not."""
        for number, state in enumerate(AttemptState):
            made = attempt(f"lead-{number}", posted_at=NOW - number * HOUR, state=state)
            await ledger.adopt_attempt(made)
        await ledger.adopt_attempt(own_mail())
        assert (await ledger.traffic(NOW)).posts == tuple(NOW - number * HOUR for number in (5, 4, 3, 2, 1, 0))

    async def test_posts_are_those_of_the_last_day_and_of_a_future_left_by_a_clock_that_stepped_back(
        self, ledger: Ledger
    ) -> None:
        """The window slides by the microsecond, and a clock step frees no cap."""
        ages = [DAY + timedelta(microseconds=1), DAY, -HOUR]
        for number, age in enumerate(ages):
            await ledger.adopt_attempt(attempt(f"lead-{number}", posted_at=NOW - age))
        assert (await ledger.traffic(NOW)).posts == (NOW - DAY, NOW + HOUR)

    async def test_sending_days_are_utc_dates_on_which_mail_to_leads_left(self, ledger: Ledger) -> None:
        """One per date over the whole history; a day of refusals or of digests alone is none."""
        midnight = datetime(2027, 3, 2, tzinfo=UTC)
        posts = [midnight - timedelta(microseconds=1), midnight, midnight + HOUR, midnight + 5 * DAY]
        for number, at in enumerate(posts):
            await ledger.adopt_attempt(attempt(f"lead-{number}", posted_at=at, state=AttemptState.SENT))
        await ledger.adopt_attempt(attempt("x", posted_at=midnight + 2 * DAY, state=AttemptState.REFUSED))
        await ledger.adopt_attempt(own_mail(posted_at=midnight + 3 * DAY))
        days = [(date(2027, 3, 1), 1), (date(2027, 3, 2), 2), (date(2027, 3, 7), 1)]
        assert await ledger.sending_days() == days
        assert (await ledger.traffic(NOW)).sending_days == tuple(day for day, _ in days)

    async def test_notes_of_the_ledger_are_part_of_the_traffic(self, ledger: Ledger) -> None:
        """The waits of a lost ledger, the clock and the guard stand where the gate looks."""
        await ledger.put("quiet_until", NOW.isoformat())
        await ledger.put("quiet_open", "1")
        await ledger.put("clock_off", "The clock is three minutes off.")
        await ledger.put("reconciled_at", (NOW - HOUR).isoformat())
        await ledger.put("halved_until", (NOW + DAY).isoformat())
        assert await ledger.traffic(NOW) == Traffic(
            quiet_until=NOW,
            quiet_open=True,
            clock_off="The clock is three minutes off.",
            reconciled_at=NOW - HOUR,
            halved_until=NOW + DAY,
        )

    async def test_a_note_that_was_emptied_says_nothing(self, ledger: Ledger) -> None:
        """An empty value lifts what it held."""
        for key in ("quiet_until", "quiet_open", "clock_off", "reconciled_at", "halved_until"):
            await ledger.put(key, "")
        assert await ledger.traffic(NOW) == Traffic()

    async def test_a_halt_past_its_end_is_not_in_force(self, ledger: Ledger) -> None:
        """The gate sees halts without an end and those whose end is still to come."""
        await ledger.halt(Halt(what="openai", since=NOW - DAY, until=NOW, why="The day's credit is used."))
        await ledger.halt(Halt(what="guard", since=NOW - HOUR, until=None, why="Bounces."))
        assert [halt.what for halt in (await ledger.traffic(NOW)).halts] == ["guard"]


class TestHistory:
    async def test_an_unknown_lead_has_no_history(self, ledger: Ledger) -> None:
        """Nothing known is said plainly."""
        assert await knows(ledger) == History()

    async def test_a_lead_stands_where_its_last_transition_left_it(self, ledger: Ledger) -> None:
        """The stage's basis is the last one given, and its instant that of the last change, not of a mere line."""
        await ledger.commit(
            [
                transition(seq=1, basis="b1", at=NOW - 3 * HOUR),
                transition(seq=2, was=Stage.VERIFIED, now=Stage.DRAFTED, basis="b2", at=NOW - 2 * HOUR),
                transition(seq=3, was=Stage.DRAFTED, now=Stage.DRAFTED, at=NOW - HOUR),
            ]
        )
        history = await knows(ledger)
        assert (history.seq, history.stage, history.basis) == (3, Stage.DRAFTED, "b2")
        assert history.reached_at == NOW - 2 * HOUR
        assert (history.came_from, history.objection) == (None, None)

    async def test_a_lead_in_review_knows_where_it_came_from_and_why(self, ledger: Ledger) -> None:
        """Through lines written in review the way back is remembered, with the latest objection of this stay."""
        await ledger.commit(
            [
                transition(seq=1, was=Stage.NEW, now=Stage.REVIEW, objection=Objection.CONSENT),
                transition(seq=2, was=Stage.REVIEW, now=Stage.VERIFIED),
                transition(seq=3, was=Stage.DRAFTED, now=Stage.REVIEW, objection=Objection.LINT),
                transition(seq=4, was=Stage.REVIEW, now=Stage.REVIEW),
            ]
        )
        history = await knows(ledger)
        assert (history.came_from, history.objection) == (Stage.DRAFTED, Objection.LINT)
        await ledger.commit([transition(seq=5, was=Stage.REVIEW, now=Stage.REVIEW, objection=Objection.ZONE)])
        history = await knows(ledger)
        assert (history.came_from, history.objection) == (Stage.DRAFTED, Objection.ZONE)

    async def test_every_approve_is_remembered_with_its_basis(self, ledger: Ledger) -> None:
        """A waiver is one objection on one basis; two approves are two."""
        await ledger.commit(
            [
                transition(seq=1, waives=Objection.CONSENT, basis="b1"),
                transition(seq=2, waives=Objection.LINT, basis="b2"),
            ]
        )
        assert (await knows(ledger)).waivers == {
            Waiver(objection=Objection.CONSENT, basis="b1"),
            Waiver(objection=Objection.LINT, basis="b2"),
        }

    async def test_the_leads_own_attempts_are_all_there_oldest_first(self, ledger: Ledger) -> None:
        """Whatever their state, and no other lead's."""
        first = attempt(posted_at=NOW - HOUR, state=AttemptState.ABSENT)
        await ledger.adopt_attempt(attempt(n=2))
        await ledger.adopt_attempt(first)
        await ledger.adopt_attempt(attempt("bea"))
        assert (await knows(ledger)).attempts == (first, attempt(n=2))

    async def test_person_and_company_counts_are_mails_that_left_or_may_have(self, ledger: Ledger) -> None:
        """A refused or absent mail has bothered nobody; the person's other rows and colleagues count."""
        for number, state in enumerate(AttemptState):
            same = {"person": "hash-ada", "step": number, "posted_at": NOW - number * HOUR, "state": state}
            await ledger.adopt_attempt(attempt(f"row-{number}", tag=f"t{number}", **same))
        left = tuple(NOW - number * HOUR for number, state in reversed(list(enumerate(AttemptState))) if state in LEFT)
        history = await knows(ledger)
        assert history.person_posts == left
        assert history.company_posts == left

    async def test_the_person_counts_over_the_days_asked_and_the_company_over_three(self, ledger: Ledger) -> None:
        """Each window has its own length, by the microsecond."""
        instants = [NOW - 90 * DAY - timedelta(microseconds=1), NOW - 90 * DAY, NOW - 4 * DAY, NOW - 3 * DAY]
        for step, at in enumerate(instants):
            await ledger.adopt_attempt(attempt(step=step, posted_at=at, state=AttemptState.SENT))
        history = await knows(ledger)
        assert history.person_posts == tuple(instants[1:])
        assert history.company_posts == (NOW - 3 * DAY,)

    async def test_a_reply_of_a_colleague_is_known_with_its_instant(self, ledger: Ledger) -> None:
        """The latest reply in the company, from another row; the lead's own reply is its own stage."""
        await ledger.see(
            [seen(), seen("bea"), seen("cy", Stage.REPLIED), seen("far", company="far.example")], NOW - DAY
        )
        assert (await knows(ledger)).company_reply == CompanyStop(lead="cy", at=NOW - DAY)
        await ledger.commit([transition("bea", was=Stage.SENT, now=Stage.REPLIED, at=NOW - HOUR)])
        await ledger.commit([transition("bea", 2, was=Stage.REPLIED, now=Stage.REPLIED, at=NOW)])
        await ledger.commit([transition("far", was=Stage.SENT, now=Stage.REPLIED)])
        assert (await knows(ledger)).company_reply == CompanyStop(lead="bea", at=NOW - HOUR)
        await ledger.unsee(["cy"])
        assert (await knows(ledger, "bea", "hash-bea")).company_reply is None

    async def test_other_rows_of_the_person_are_siblings_with_their_first_mail(self, ledger: Ledger) -> None:
        """Which row was mailed first decides which one is the lead; a refused mail is none."""
        await ledger.see([seen(), seen("ada-2", person="hash-ada"), seen("ada-3", person="hash-ada")], NOW)
        refused = attempt("ada-2", person="hash-ada", posted_at=NOW - 2 * HOUR, state=AttemptState.REFUSED)
        await ledger.adopt_attempt(refused)
        await ledger.adopt_attempt(attempt("ada-2", n=2, person="hash-ada", posted_at=NOW - HOUR))
        await ledger.adopt_attempt(attempt("ada-2", step=1, person="hash-ada", posted_at=NOW))
        assert (await knows(ledger)).siblings == (
            Sibling(id="ada-2", first_posted_at=NOW - HOUR, created_at=NOW - 30 * DAY),
            Sibling(id="ada-3", first_posted_at=None, created_at=NOW - 30 * DAY),
        )

    async def test_an_unknown_company_or_person_has_no_fellows(self, ledger: Ledger) -> None:
        """Rows without an address or a company are not all one person at one company."""
        await ledger.see([seen("x", Stage.REPLIED, person="", company="")], NOW)
        await ledger.adopt_attempt(attempt("x", person="", company=""))
        assert await ledger.history("ada", "", "", NOW, 90) == History()


class TestEvents:
    async def test_an_event_is_kept_once_and_without_its_address(self, ledger: Ledger) -> None:
        """Pages overlap: a known key is left alone. The person's hash stands for the address."""
        told = event("k1", email="ada@acme.example", subject="A question", message_id="<m1>")
        assert await ledger.add_events([(told, "hash-ada"), (event("k2"), "hash-ada")], NOW) == 2
        assert await ledger.add_events([(told, "hash-ada"), (event("k3"), "hash-ada")], NOW) == 1
        assert await ledger.events_of("spring.ada.0.1") == [
            event("k1", subject="A question", message_id="<m1>"),
            event("k2"),
            event("k3"),
        ]

    async def test_a_lead_whose_events_were_folded_is_to_be_counted_until_it_was(self, ledger: Ledger) -> None:
        """Remembered with the fold itself, for each lead once, as long as its row is there; own mails count nowhere."""
        await ledger.see([seen("ada"), seen("bea")], NOW)
        for one in (attempt("ada"), attempt("bea"), attempt("gone"), own_mail()):
            await ledger.begin(one, permitted, 90)
            for n in (1, 2):
                await ledger.add_events([(event(f"{one.tag}{n}", EventKind.OPENED, tag=one.tag), "")], NOW)
                await ledger.folded(one.tag, [f"{one.tag}{n}"])
        assert await ledger.uncounted() == ["ada", "bea"]
        shown = Counters(opens=2, clicks=1, last_event_at=NOW)
        await ledger.counted("ada", shown)
        assert await ledger.uncounted() == ["bea"]
        assert (await ledger.seen("ada")).shown == shown

    async def test_tags_with_events_not_folded_are_listed_oldest_first(self, ledger: Ledger) -> None:
        """Folding takes off the keys it names; a later event brings the tag back. Without a tag there is no lead."""
        await ledger.add_events(
            [
                (event("k1", tag="t1"), "p"),
                (event("k2", tag="t2", at=NOW - HOUR), "p"),
                (event("k3", tag="t1", at=NOW + HOUR), "p"),
                (event("k4", tag=""), "p"),
            ],
            NOW,
        )
        assert await ledger.unfolded(10) == ["t2", "t1"]
        assert await ledger.unfolded(1) == ["t2"]
        await ledger.folded("t2", ["k2"])
        await ledger.folded("t1", ["k1", "k2"])
        assert await ledger.unfolded(10) == ["t1"]
        await ledger.folded("t1", ["k3"])
        assert await ledger.unfolded(10) == []

    async def test_an_event_whose_tag_was_dropped_is_found_by_person_and_subject(self, ledger: Ledger) -> None:
        """The earliest since the attempt; one with a tag is another attempt's and never counts."""
        await ledger.add_events(
            [
                (event("early", tag="", subject="S", at=NOW - HOUR), "p"),
                (event("a tagged one", tag="t1", subject="S"), "p"),
                (event("other", tag="", subject="S"), "q"),
                (event("late", tag="", subject="S", at=NOW + HOUR), "p"),
                (event("first", tag="", subject="S"), "p"),
            ],
            NOW,
        )
        assert await ledger.find_event("p", "S", NOW) == event("first", tag="", subject="S")
        assert await ledger.find_event("p", "T", NOW) is None
        assert await ledger.find_event("p", "S", NOW + DAY) is None

    async def test_counts_are_by_distinct_mail_posted_in_the_period(self, ledger: Ledger) -> None:
        """Five opens of one mail are one opened mail; blocked and invalid are bounces; soft ones are nothing."""
        kinds = [
            (EventKind.DELIVERED, EventKind.OPENED, EventKind.OPENED, EventKind.CLICKED),
            (EventKind.DELIVERED, EventKind.COMPLAINT, EventKind.UNSUBSCRIBED),
            (EventKind.HARD_BOUNCE, EventKind.BLOCKED),
            (EventKind.BLOCKED,),
            (EventKind.INVALID,),
            (EventKind.SOFT_BOUNCE, EventKind.DEFERRED, EventKind.REQUEST),
            (),
        ]
        for number, told in enumerate(kinds):
            made = attempt(f"lead-{number}", state=AttemptState.SENT)
            await ledger.adopt_attempt(made)
            await ledger.add_events([(event(f"{number}.{n}", kind, made.tag), "p") for n, kind in enumerate(told)], NOW)
        assert await ledger.counts(NOW, NOW + DAY) == EventCounts(
            sent=7, delivered=2, opened=1, clicked=1, hard_bounced=3, unsubscribed=1, complained=1
        )

    async def test_counts_leave_out_other_days_other_mails_and_what_did_not_leave(self, ledger: Ledger) -> None:
        """From the first instant of the period to before its last; refused, absent and own mails are none."""
        for number, state in enumerate(AttemptState):
            await ledger.adopt_attempt(attempt(f"lead-{number}", state=state))
        await ledger.adopt_attempt(own_mail(state=AttemptState.SENT))
        await ledger.adopt_attempt(attempt("before", posted_at=NOW - timedelta(microseconds=1)))
        await ledger.adopt_attempt(attempt("after", posted_at=NOW + DAY))
        assert await ledger.counts(NOW, NOW + DAY) == EventCounts(sent=len(LEFT))
        assert await ledger.counts(NOW + 2 * DAY, NOW + 3 * DAY) == EventCounts()

    async def test_the_days_of_sending_tell_what_counts_tells_of_each(self, ledger: Ledger) -> None:
        """UTC days on which mail to leads left, oldest first, each with what became of its mails."""
        midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
        instants = {"late": DAY - timedelta(microseconds=1), "next": DAY, "much later": 40 * DAY}
        for name, later in instants.items():
            made = attempt(name, state=AttemptState.SENT, posted_at=midnight + later)
            await ledger.adopt_attempt(made)
            await ledger.add_events([(event(name, EventKind.HARD_BOUNCE, made.tag), "p")], NOW)
        await ledger.adopt_attempt(own_mail(state=AttemptState.SENT, posted_at=midnight + 2 * DAY))
        days = [midnight.date() + timedelta(days=n) for n in (0, 1, 40)]
        assert await ledger.counts_by_day() == [(day, EventCounts(sent=1, hard_bounced=1)) for day in days]

    @pytest.mark.parametrize("what", GROUPS)
    async def test_counts_by_variant_source_and_country_are_those_of_the_leads(self, ledger: Ledger, what: str) -> None:
        """Each mail in the group of its lead's row; a row that is gone, or says nothing, is in the nameless one."""
        await ledger.see([seen("a", **{what: "X"}), seen("b", **{what: "X"}), seen("c", **{what: "Y"}), seen("d")], NOW)
        for lead in ("a", "b", "c", "d", "gone"):
            made = attempt(lead, state=AttemptState.SENT)
            await ledger.adopt_attempt(made)
            await ledger.add_events([(event(f"{lead} {n}", EventKind.OPENED, made.tag), "p") for n in range(2)], NOW)
        await ledger.adopt_attempt(attempt("a", step=1, state=AttemptState.SENT, posted_at=NOW + DAY))
        assert await ledger.counts_by(what, NOW, NOW + DAY) == {
            "": EventCounts(sent=2, opened=2),
            "X": EventCounts(sent=2, opened=2),
            "Y": EventCounts(sent=1, opened=1),
        }

    async def test_mails_are_told_by_the_prompt_of_the_last_draft_before_them(self, ledger: Ledger) -> None:
        """Each mail by its own, whatever was written for the lead since; an edit in between changes nothing."""
        on = f"{'a' * 16}:{'b' * 16}"
        await ledger.see([seen("ada", variant="A"), seen("bo", variant="B")], NOW)
        for seq, (at, basis) in enumerate(
            [
                (NOW - HOUR, f"{on}:plain.first@{'1' * 8}{'f' * 8}"),
                (NOW - HOUR / 2, on),
                (NOW + HOUR, f"{on}:plain.last@{'2' * 16}"),
            ],
            start=1,
        ):
            await ledger.commit([replace(transition("ada", seq, basis=basis), at=at)])
        later = NOW + 2 * HOUR
        for made in (attempt("ada"), attempt("ada", 1, posted_at=later), attempt("bo"), own_mail()):
            await ledger.adopt_attempt(replace(made, state=AttemptState.SENT))
        await ledger.adopt_attempt(attempt("bo", 1, posted_at=later, state=AttemptState.REFUSED))
        first, last = f"A plain.first@{'1' * 8}", f"A plain.last@{'2' * 8}"
        assert await ledger.mails_by_prompt(NOW, NOW + DAY) == {
            attempt("ada").tag: ("ada", first),
            attempt("bo").tag: ("bo", ""),
            attempt("ada", 1).tag: ("ada", last),
        }
        assert await ledger.mails_by_prompt(NOW + HOUR, NOW + DAY) == {attempt("ada", 1).tag: ("ada", last)}
        assert await ledger.counts_by(PROMPT, NOW, NOW + DAY) == {
            "": EventCounts(sent=1),
            first: EventCounts(sent=1),
            last: EventCounts(sent=1),
        }

    async def test_reactions_are_those_to_mails_of_the_period(self, ledger: Ledger) -> None:
        """With the delivery, oldest first, and the mailer's word on machines; a mail that met with none is left out."""
        for lead, posted in (("ada", NOW), ("bo", NOW), ("before", NOW - HOUR), ("after", NOW + DAY)):
            await ledger.adopt_attempt(attempt(lead, state=AttemptState.SENT, posted_at=posted))
            tag = attempt(lead).tag
            told = [
                event(f"{lead} 2", EventKind.OPENED, tag, at=NOW + HOUR, by_machine=True),
                event(f"{lead} 1", tag=tag),
            ]
            await ledger.add_events([(one, "p") for one in (told if lead != "bo" else told[1:])], NOW)
        await ledger.add_events([(event("req", EventKind.REQUEST), "p"), (event("late", EventKind.CLICKED), "p")], NOW)
        assert await ledger.reactions(NOW, NOW + DAY) == [
            Reaction(
                lead="ada",
                posted_at=NOW,
                events=(
                    event("ada 1"),
                    event("late", EventKind.CLICKED),
                    event("ada 2", EventKind.OPENED, at=NOW + HOUR, by_machine=True),
                ),
            )
        ]

    async def test_requests_are_counted_by_vendor_and_day(self, ledger: Ledger) -> None:
        """From a day on; days without any are left out."""
        today = NOW.date()
        for day in (today, today, today - DAY, today - 3 * DAY):
            await ledger.called("airtable", day)
        await ledger.called("grid", today)
        assert await ledger.calls("airtable", today - DAY) == {today - DAY: 1, today: 2}
        assert await ledger.calls("airtable", today + DAY) == {}

    async def test_the_last_cap_noted_of_a_day_stays(self, ledger: Ledger) -> None:
        """The guard may halve it in the midst of a day."""
        today = NOW.date()
        await ledger.note_cap(today - DAY, 20, "warm-up")
        await ledger.note_cap(today, 30, "warm-up")
        await ledger.note_cap(today, 15, "halved")
        assert await ledger.caps(today) == {today: (15, "halved")}
        assert list(await ledger.caps(today - DAY)) == [today - DAY, today]

    async def test_a_reply_is_known_from_when_its_lead_became_replied(self, ledger: Ledger) -> None:
        """Once a lead, whatever is said in that stage later."""
        replied = transition(was=Stage.SENT, now=Stage.REPLIED)
        await ledger.commit([replied, replace(replied, seq=2, was=Stage.REPLIED, at=NOW + HOUR), transition("bo")])
        await ledger.commit([transition("cy", was=Stage.DELIVERED, now=Stage.REPLIED, at=NOW + HOUR)])
        assert await ledger.replies(NOW, NOW + DAY) == [("ada", NOW), ("cy", NOW + HOUR)]
        assert await ledger.replies(NOW, NOW + HOUR) == [("ada", NOW)]

    async def test_a_note_stays_with_its_incident(self, ledger: Ledger) -> None:
        """Also when it is over; there is none of an incident that is not there."""
        one = await ledger.open_incident("clock", "t", "", NOW)
        assert await ledger.note_incident(one.number, "ntp is watched")
        assert not await ledger.note_incident(one.number + 1, "ntp is watched")
        await ledger.close_incident("clock", NOW)
        assert [one.note for one in await ledger.incidents(open_only=False)] == ["ntp is watched"]

    async def test_a_series_says_of_each_period_what_counts_says_of_it(self, ledger: Ledger) -> None:
        """Of unequal length, one of them empty; what lies before and after is in none; a mail's event may come late."""
        edges = [NOW, NOW + HOUR, NOW + DAY, NOW + 2 * DAY]
        instants = {"before": -HOUR, "edge": 0 * HOUR, "first": HOUR / 2, "third": 30 * HOUR, "after": 2 * DAY}
        for name, later in instants.items():
            made = attempt(name, state=AttemptState.SENT, posted_at=NOW + later)
            await ledger.adopt_attempt(made)
            told = [
                event(f"{name} {kind}", kind, made.tag, at=NOW + 9 * DAY)
                for kind in (EventKind.DELIVERED, EventKind.OPENED)
            ]
            await ledger.add_events([(one, "p") for one in told], NOW)
        await ledger.adopt_attempt(own_mail(state=AttemptState.SENT))
        series = await ledger.count_series(edges)
        assert series == [await ledger.counts(since, until) for since, until in pairwise(edges)]
        assert [(one.sent, one.opened) for one in series] == [(2, 2), (0, 0), (1, 1)]


class TestHalts:
    async def test_a_halt_stands_until_it_is_lifted(self, ledger: Ledger) -> None:
        """Switching off twice is once; resume says whether there was anything to lift."""
        off = Halt(what="brevo", since=NOW, until=None, why="No credit left.")
        assert await ledger.halt(off)
        assert not await ledger.halt(Halt(what="brevo", since=NOW + HOUR, until=None, why="again"))
        assert await ledger.halts(NOW + 400 * DAY) == [off]
        assert await ledger.resume("brevo")
        assert not await ledger.resume("brevo")
        assert await ledger.halts(NOW) == []

    async def test_a_halt_with_an_end_lifts_itself(self, ledger: Ledger) -> None:
        """Past its end it is gone, and the next one of its name is new."""
        await ledger.halt(Halt(what="openai", since=NOW, until=NOW + HOUR, why="The day's credit is used."))
        assert len(await ledger.halts(NOW + HOUR - timedelta(microseconds=1))) == 1
        assert await ledger.halts(NOW + HOUR) == []
        assert not await ledger.resume("openai")

    async def test_a_halt_past_its_end_that_nobody_looked_at_gives_way(self, ledger: Ledger) -> None:
        """A new halt is new although the row of the old one is still there."""
        await ledger.halt(Halt(what="openai", since=NOW, until=NOW + HOUR, why="old"))
        new = Halt(what="openai", since=NOW + DAY, until=NOW + 2 * DAY, why="new")
        assert await ledger.halt(new)
        assert await ledger.halts(NOW + DAY) == [new]

    async def test_the_longer_of_two_halts_stands(self, ledger: Ledger) -> None:
        """An operator's pause does not end with the shorter halt that stood before it, and is not shortened by one."""
        await ledger.halt(Halt(what="mail", since=NOW, until=NOW + HOUR, why="short"))
        assert not await ledger.halt(Halt(what="mail", since=NOW + timedelta(minutes=1), until=None, why="pause"))
        assert not await ledger.halt(Halt(what="mail", since=NOW, until=NOW + HOUR, why="short again"))
        assert await ledger.halts(NOW + DAY) == [Halt(what="mail", since=NOW, until=None, why="pause")]


class TestRunsAndSmallThings:
    async def test_a_slot_of_a_job_is_started_once(self, ledger: Ledger) -> None:
        """Neither a restart nor daylight saving runs a slot twice; another job's slot of that instant is its own."""
        run = RunRecord(job="send", slot="2027-03-10T12:00Z", began=NOW)
        assert await ledger.start_run(run)
        assert not await ledger.start_run(run)
        assert await ledger.start_run(RunRecord(job="draft", slot=run.slot, began=NOW))
        assert await ledger.runs("send", 10) == [run]

    async def test_runs_are_told_newest_first_with_their_counts(self, ledger: Ledger) -> None:
        """What a run did is read back as it was told; one that never ended has no end."""
        await ledger.start_run(RunRecord(job="send", slot="1", began=NOW))
        await ledger.end_run("send", "1", NOW + HOUR, "done", {"sent": 3})
        await ledger.start_run(RunRecord(job="send", slot="2", began=NOW + DAY))
        assert await ledger.runs("send", 10) == [
            RunRecord(job="send", slot="2", began=NOW + DAY),
            RunRecord(job="send", slot="1", began=NOW, ended=NOW + HOUR, outcome="done", told={"sent": 3}),
        ]
        assert len(await ledger.runs("send", 1)) == 1

    async def test_small_facts_are_kept_by_key(self, ledger: Ledger) -> None:
        """The last word stands; a key never written is empty."""
        assert await ledger.get("watermark") == ""
        await ledger.put("watermark", "a")
        await ledger.put("watermark", "b")
        assert await ledger.get("watermark") == "b"

    async def test_a_cached_answer_is_good_while_it_is_young_enough(self, ledger: Ledger) -> None:
        """Older than asked for is as good as none; a new answer takes its place; kinds do not mix."""
        await ledger.cache("research", "acme.example", "they make anvils", NOW)
        assert await ledger.cached("research", "acme.example", NOW) == "they make anvils"
        assert await ledger.cached("research", "acme.example", NOW + timedelta(microseconds=1)) is None
        assert await ledger.cached("judgement", "acme.example", NOW) is None
        await ledger.cache("research", "acme.example", "", NOW + HOUR)
        assert await ledger.cached("research", "acme.example", NOW + HOUR) == ""

    async def test_money_spent_is_summed_over_a_period(self, ledger: Ledger) -> None:
        """From the first instant of the period to before its last."""
        assert await ledger.spent(NOW, NOW + DAY) == 0.0
        for usd, at in [(0.25, NOW), (0.5, NOW + HOUR), (1.0, NOW + DAY), (2.0, NOW - HOUR)]:
            await ledger.spend("openai", "ada", usd, at)
        assert await ledger.spent(NOW, NOW + DAY) == 0.75

    async def test_money_spent_on_a_lead_is_summed_over_all_time(self, ledger: Ledger) -> None:
        """Whatever it went to; nothing of another lead."""
        assert await ledger.spent_on("ada") == 0.0
        for vendor, lead, usd in [("openai", "ada", 0.25), ("perplexity", "ada", 0.5), ("openai", "bo", 1.0)]:
            await ledger.spend(vendor, lead, usd, NOW)
        assert await ledger.spent_on("ada") == 0.75

    async def test_a_cause_is_told_once_while_its_incident_is_open(self, ledger: Ledger) -> None:
        """A repeat is only counted; after it was closed the same cause is news again."""
        first = Incident(number=1, what="vendor.brevo", title="halted", text="401", opened=NOW, last_at=NOW)
        assert await ledger.open_incident("vendor.brevo", "halted", "401", NOW) == first
        first = replace(first, times=2, last_at=NOW + HOUR)
        assert await ledger.open_incident("vendor.brevo", "halted again", "403", NOW + HOUR) == first
        first = replace(first, closed=NOW + 2 * HOUR)
        assert await ledger.close_incident("vendor.brevo", NOW + 2 * HOUR) == first
        assert await ledger.close_incident("vendor.brevo", NOW + 3 * HOUR) is None
        second = await ledger.open_incident("vendor.brevo", "halted", "401", NOW + DAY)
        assert (second.number, second.times) == (2, 1)
        assert await ledger.incidents(open_only=True) == [second]
        assert await ledger.incidents(open_only=False) == [second, first]

    async def test_what_returns_before_its_end_was_told_is_the_same_incident(self, ledger: Ledger) -> None:
        """Counted on, its end to be told anew; not when it ended before, nor when its end was told."""
        first = await ledger.open_incident("away.brevo", "away", "", NOW, returns_since=NOW - HOUR)
        await ledger.incident_told(first.number, NOW)
        await ledger.close_incident("away.brevo", NOW + HOUR)
        again = await ledger.open_incident("away.brevo", "away", "", NOW + 2 * HOUR, returns_since=NOW + HOUR)
        assert (again.number, again.times, again.closed, again.last_at) == (1, 2, None, NOW + 2 * HOUR)
        await ledger.incident_end_told(again.number, NOW + 2 * HOUR)
        await ledger.close_incident("away.brevo", NOW + 3 * HOUR)
        assert [one.number for one in await ledger.untold_incidents()] == [1]
        late = await ledger.open_incident("away.brevo", "away", "", NOW + 9 * HOUR, returns_since=NOW + 8 * HOUR)
        assert (late.number, late.times) == (2, 1)
        await ledger.close_incident("away.brevo", NOW + 9 * HOUR)
        await ledger.incident_end_told(late.number, NOW + 9 * HOUR)
        other = await ledger.open_incident("away.brevo", "away", "", NOW + 9 * HOUR, returns_since=NOW + 8 * HOUR)
        assert other.number == 3

    async def test_what_the_operator_has_not_heard_of_is_known(self, ledger: Ledger) -> None:
        """Until it was told; and again when it is over, until that was told, too. Oldest first."""
        one = await ledger.open_incident("away.brevo", "away", "", NOW)
        two = await ledger.open_incident("clock", "off", "", NOW + HOUR)
        assert await ledger.untold_incidents() == [one, two]
        await ledger.incident_told(one.number, NOW + 2 * HOUR)
        assert await ledger.untold_incidents() == [two]
        await ledger.close_incident("away.brevo", NOW + 3 * HOUR)
        assert [found.number for found in await ledger.untold_incidents()] == [one.number, two.number]
        await ledger.incident_end_told(one.number, NOW + 4 * HOUR)
        assert await ledger.untold_incidents() == [two]
        kept = (await ledger.incidents(open_only=False))[-1]
        assert (kept.told_at, kept.end_told_at) == (NOW + 2 * HOUR, NOW + 4 * HOUR)


class TestOrders:
    async def test_what_was_said_is_heard_once(self, ledger: Ledger) -> None:
        """Delivered again it is known, also when it is done, and its text is erased by then."""
        said = Order(id="42:1", who=7, text="/stop rosa@harbour.example", at=NOW)
        assert await ledger.hear(said, NOW)
        assert not await ledger.hear(said, NOW)
        assert await ledger.orders() == [said]
        await ledger.end_order("42:1")
        assert await ledger.orders() == []
        assert not await ledger.hear(said, NOW + DAY)
        assert await ledger.orders() == []

    async def test_what_is_begun_and_not_done_is_known_as_such(self, ledger: Ledger) -> None:
        """In the order in which it was said; by number within a second."""
        said = [Order(id=f"42:{number}", who=7, text="/jobs", at=NOW) for number in (9, 10)]
        for order in (Order(id="42:11", who=7, text="/stats", at=NOW - HOUR), *reversed(said)):
            await ledger.hear(order, NOW)
        assert await ledger.begin_order("42:9")
        assert not await ledger.begin_order("42:9")
        assert [(order.id, order.begun) for order in await ledger.orders()] == [
            ("42:11", False),
            ("42:9", True),
            ("42:10", False),
        ]

    async def test_another_bots_numbers_are_others(self, ledger: Ledger) -> None:
        """A new token counts from one as well."""
        for bot in ("42", "43"):
            assert await ledger.hear(Order(id=f"{bot}:1", who=7, text="/jobs", at=NOW), NOW)

    async def test_what_was_done_days_ago_is_forgotten_and_what_is_open_is_not(self, ledger: Ledger) -> None:
        """Telegram delivers for a day, and may use a number anew after a quiet week."""
        for number in (1, 2):
            await ledger.hear(Order(id=f"42:{number}", who=7, text="/jobs", at=NOW), NOW)
        await ledger.end_order("42:1")
        later = NOW + 7 * DAY
        assert await ledger.hear(Order(id="42:3", who=7, text="/jobs", at=later), later)
        assert await ledger.hear(Order(id="42:1", who=7, text="/jobs", at=later), later)
        assert [order.id for order in await ledger.orders()] == ["42:2", "42:1", "42:3"]


class TestForget:
    async def test_what_is_personal_goes_and_what_prevents_a_second_mail_stays(self, ledger: Ledger) -> None:
        """Texts, subjects, patches, queue row and cached answers are erased; hashes, instants and stages stay."""
        await ledger.see([seen(), seen("bea")], NOW)
        await ledger.begin(attempt(), permitted, 90)
        await ledger.begin(attempt("bea"), permitted, 90)
        await ledger.commit([transition(patch={"subject": "A question"}, text="Dear Ada", text_hash="t1", id="e1")])
        await ledger.add_events([(event("k1", subject="A question"), "hash-ada")], NOW)
        await ledger.cache("judgement", "ada", "Ada works there", NOW)
        assert await ledger.forget("ada", "hash-ada") == 5
        assert await ledger.attempt("spring.ada.0.1") == attempt(subject="", text="")
        assert await ledger.transitions("ada") == [transition(text_hash="t1", id="e1")]
        assert await ledger.events_of("spring.ada.0.1") == [event("k1")]
        assert await ledger.cached("judgement", "ada", NOW) is None
        assert await ledger.queue() == [seen("bea")]
        assert await ledger.attempt("spring.bea.0.1") == attempt("bea")
        with pytest.raises(Conflict):
            await ledger.begin(attempt("ada-again", person="hash-ada"), permitted, 90)

    async def test_the_persons_other_rows_are_forgotten_with_it(self, ledger: Ledger) -> None:
        """A duplicate row, in the queue or only in the attempts, is the same person's."""
        await ledger.see([seen("ada-2", person="hash-ada")], NOW)
        await ledger.adopt_attempt(attempt("ada-3", person="hash-ada"))
        await ledger.commit([transition("ada-2", text="Dear Ada"), transition("ada-3", text="Dear Ada")])
        await ledger.forget("ada", "hash-ada")
        assert await ledger.queue() == []
        assert (await ledger.attempt("spring.ada-3.0.1")).text == ""
        assert [(await ledger.head(lead)).text for lead in ("ada-2", "ada-3")] == ["", ""]

    async def test_a_forgotten_lead_is_not_pushed_any_more_and_forgetting_twice_finds_nothing(
        self, ledger: Ledger
    ) -> None:
        """Its row is gone from the store, so there is nothing to show it in."""
        await ledger.commit([transition()])
        assert await ledger.forget("ada", "hash-ada") == 1
        assert await ledger.unpushed() == []
        assert await ledger.forget("ada", "hash-ada") == 0

    async def test_a_row_without_an_address_takes_no_other_with_it(self, ledger: Ledger) -> None:
        """An empty person hash is nobody in particular."""
        await ledger.see([seen("x", person=""), seen("y", person="")], NOW)
        await ledger.adopt_attempt(own_mail())
        await ledger.forget("x", "")
        assert [row.id for row in await ledger.queue()] == ["y"]
        assert await ledger.attempt("-digest.2027-03-10") == own_mail()


class TestWhatIsKeptForItsTime:
    OVER = (Stage.FINISHED, Stage.REPLIED)

    async def told(self, ledger: Ledger, lead: str = "ada", *, days: int = 100, now: Stage = Stage.REPLIED) -> None:
        """A lead that was mailed and came to this stage, days ago."""
        at = NOW - days * DAY
        await ledger.begin(replace(attempt(lead), posted_at=at, state=AttemptState.SENT), permitted, 90)
        await ledger.commit([transition(lead, at=at, now=now, text="Dear Ada", patch={"body": "Dear Ada", "step": 1})])

    async def wordy(self, ledger: Ledger, *, after: str = "", limit: int = 10) -> list[str]:
        """Those who are over for ninety days."""
        return list(await ledger.wordy(self.OVER, NOW - 90 * DAY, after, limit))

    async def test_who_is_over_for_long_is_listed_by_id_a_bounded_number_at_a_time(self, ledger: Ledger) -> None:
        """The list goes on behind the last id."""
        for lead in ("cleo", "ada", "bea"):
            await self.told(ledger, lead)
        assert await self.wordy(ledger, limit=2) == ["ada", "bea"]
        assert await self.wordy(ledger, after="bea") == ["cleo"]

    async def test_whose_thread_goes_on_or_ended_lately_is_not_listed(self, ledger: Ledger) -> None:
        """The last move and the last mail count, a mere line in the trail does not."""
        await self.told(ledger, "ada", days=80)
        await self.told(ledger, "bea", now=Stage.DELIVERED)
        await self.told(ledger, "cleo")
        await ledger.commit([transition("cleo", 2, at=NOW, was=Stage.REPLIED, now=Stage.REPLIED, why="a note")])
        await self.told(ledger, "dan")
        later = replace(attempt("dan", 1, state=AttemptState.SENT), posted_at=NOW - 80 * DAY)
        await ledger.begin(later, permitted, 90)
        assert await self.wordy(ledger) == ["cleo"]

    async def test_a_mail_in_doubt_keeps_its_words(self, ledger: Ledger) -> None:
        """By its words it is found at the mailer."""
        await self.told(ledger)
        await ledger.mark("spring.ada.0.1", AttemptState.UNKNOWN)
        assert await self.wordy(ledger) == []

    async def test_the_words_go_with_the_line_that_tells_of_it_and_the_rest_stays(self, ledger: Ledger) -> None:
        """All or none; the lead is not listed again, until it has moved once more."""
        await self.told(ledger)
        await ledger.add_events([(event("k1", subject="A question"), "hash-ada")], NOW)
        line = transition("ada", 2, at=NOW, was=Stage.REPLIED, now=Stage.REPLIED, why="erased", patch={"body": ""})
        await ledger.erase_words("ada", [line], NOW)
        first, second = await ledger.transitions("ada")
        assert (first.text, first.patch) == ("", {"step": 1})
        assert second == line
        (mail,) = await ledger.attempts(lead="ada")
        assert (mail.subject, mail.text, mail.text_hash) == ("", "", attempt().text_hash)
        assert [one.subject for one in await ledger.events_of("spring.ada.0.1")] == [""]
        assert await self.wordy(ledger) == []
        moved = transition("ada", 3, at=NOW + DAY, was=Stage.REPLIED, now=Stage.FINISHED)
        await ledger.commit([moved])
        assert list(await ledger.wordy(self.OVER, NOW + 90 * DAY, "", 10)) == ["ada"]

    async def test_who_was_first_keeps_the_words(self, ledger: Ledger) -> None:
        """A conflict undoes the erasure too: decide again."""
        await self.told(ledger)
        with pytest.raises(Conflict):
            await ledger.erase_words("ada", [transition()], NOW)
        assert (await ledger.transitions("ada"))[0].text == "Dear Ada"
        assert await self.wordy(ledger) == ["ada"]

    async def test_old_research_and_mails_of_nobody_known_go_by_their_age(self, ledger: Ledger) -> None:
        """What is younger, and a mail whose lead is known, stays."""
        for days, key in ((100, "old.example"), (80, "young.example")):
            await ledger.cache("research", key, "Ada leads it", NOW - days * DAY)
            await ledger.adopt_attempt(replace(attempt(key), posted_at=NOW - days * DAY))
        await self.told(ledger)
        assert await ledger.erase_old(NOW - 90 * DAY) == 2
        long_ago = NOW - 1000 * DAY
        assert await ledger.cached("research", "old.example", long_ago) is None
        assert await ledger.cached("research", "young.example", long_ago)
        texts = {mail.lead: bool(mail.text) for mail in await ledger.attempts()}
        assert texts == {"old.example": False, "young.example": True, "ada": True}

    async def test_all_mails_to_a_person_are_found_under_whatever_row(self, ledger: Ledger) -> None:
        """Oldest first; a mail to the operator is nobody's."""
        await ledger.adopt_attempt(replace(attempt("ada-2", 1, person="hash-ada"), posted_at=NOW + DAY))
        await ledger.adopt_attempt(attempt())
        await ledger.adopt_attempt(attempt("bea"))
        await ledger.adopt_attempt(own_mail())
        assert [mail.lead for mail in await ledger.mails_to("hash-ada")] == ["ada", "ada-2"]
        assert await ledger.mails_to("") == []

    async def test_research_on_the_company_of_who_is_forgotten_goes_once(self, ledger: Ledger) -> None:
        """What a colleague's mail needed since then is not theirs, and is not paid for again."""
        await ledger.begin(attempt(), permitted, 90)
        await ledger.cache("research", "acme.example", "Ada leads it", NOW)
        await ledger.forget("ada", "hash-ada")
        assert await ledger.cached("research", "acme.example", NOW) is None
        await ledger.cache("research", "acme.example", "Bea leads it", NOW)
        await ledger.forget("ada", "hash-ada")
        assert await ledger.cached("research", "acme.example", NOW) == "Bea leads it"

"""Is a Stage or Trail edited by hand honoured where it stops, and put back where it does not?"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from outboundd.model.decision import Change, Transition
from outboundd.model.lead import Lead, Stage
from outboundd.rules import by_hand, lifecycle
from outboundd.rules.trail import Mended, chain, render

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
ROW = Lead(id="lead1")


def story(*stages: Stage) -> list[Transition]:
    """A lead's transitions through these stages."""
    told, was, prev = [], Stage.NEW, ""
    for seq, now in enumerate(stages, start=1):
        patch = {"stage": now.value, "step": seq}
        told.append(chain(prev, Transition(lead="lead1", seq=seq, at=NOW, was=was, now=now, why="", patch=patch)))
        was, prev = now, told[-1].id
    return told


TOLD = story(Stage.VERIFIED, Stage.DRAFTED, Stage.SENT)
DRAFTED = TOLD[1]


class TestWhatTheRowShows:
    """The row may be behind the ledger, or have been put back."""

    def test_a_row_shows_the_last_entry_its_trail_names(self):
        """Whatever was marked as pushed: we may have been killed between patch and mark."""
        assert by_hand.shown(replace(ROW, trail=render(TOLD[:2])), TOLD, TOLD[:1]) == DRAFTED

    def test_a_row_without_a_trail_shows_the_last_pushed(self):
        """Somebody emptied the cell."""
        assert by_hand.shown(ROW, TOLD, TOLD[:2]) == DRAFTED

    def test_a_row_that_was_given_nothing_shows_nothing(self):
        """A lead whose first transitions still wait in the ledger was not edited by anybody."""
        assert by_hand.shown(ROW, TOLD, []) is None
        assert by_hand.stage_edited(replace(ROW, stage=Stage.NEW), None, Stage.VERIFIED) is None

    def test_a_row_put_back_to_an_earlier_version_gets_back_what_it_lost(self):
        """All fields of the transitions that it no longer shows."""
        assert by_hand.lost(TOLD[0], TOLD) == {"stage": "sent", "step": 3}
        assert by_hand.lost(TOLD[2], TOLD) == {}
        assert by_hand.lost(None, TOLD) == {}


class TestAStageEditedByHand:
    """The machine alone writes Stage."""

    @pytest.mark.parametrize("stage", [None, Stage.NEW])
    def test_a_new_row_is_nobodys_edit(self, stage):
        """Empty or new, nothing is recorded."""
        assert by_hand.stage_edited(replace(ROW, stage=stage), None, Stage.NEW) is None

    def test_our_own_stage_is_no_edit(self):
        """Neither the one the row reflects nor the one the ledger has by now."""
        assert by_hand.stage_edited(replace(ROW, stage=Stage.DRAFTED), DRAFTED, Stage.SENT) is None
        assert by_hand.stage_edited(replace(ROW, stage=Stage.SENT), DRAFTED, Stage.SENT) is None

    @pytest.mark.parametrize("stage", sorted(lifecycle.TERMINAL | {Stage.FINISHED}))
    def test_a_stop_is_honoured(self, stage):
        """The operator wants it to end, by whatever way."""
        change = by_hand.stage_edited(replace(ROW, stage=stage), DRAFTED, Stage.DRAFTED)
        assert change == Change(now=stage, why=f"Stage was set to {stage} by hand: honoured")

    def test_a_stop_without_a_legal_way_ends_the_lead_all_the_same(self):
        """'Mismatched' on a drafted lead: nobody goes on writing to somebody whom the operator took out."""
        change = by_hand.stage_edited(replace(ROW, stage=Stage.MISMATCHED), DRAFTED, Stage.DRAFTED)
        assert change == Change(
            now=Stage.FINISHED, why="Stage was set to mismatched by hand: honoured, nothing more is sent"
        )

    @pytest.mark.parametrize("stage", [Stage.SENT, Stage.DELIVERED, Stage.VERIFIED, Stage.REVIEW, Stage.NEW])
    def test_any_other_stage_is_put_back_with_a_hint(self, stage):
        """To where the ledger has the lead, which may be further than the row shows."""
        change = by_hand.stage_edited(replace(ROW, stage=stage), DRAFTED, Stage.DRAFTED)
        why = f"Stage was set to {stage} by hand: put back; to speak to the machine, use Override"
        assert change == Change(now=Stage.DRAFTED, why=why)

    def test_nobody_is_brought_back_by_hand(self):
        """A person who replied stays replied."""
        change = by_hand.stage_edited(replace(ROW, stage=Stage.FINISHED), TOLD[2], Stage.REPLIED)
        assert change is not None
        assert change.now is Stage.REPLIED

    @pytest.mark.parametrize(
        "sent", [{"first_sent_at": NOW}, {"last_sent_at": NOW}, {"message_ids": ("<1@old.example>",)}]
    )
    def test_the_stage_of_an_older_system_is_left_for_adopt(self, sent):
        """A row with send dates that we never touched is not overwritten."""
        assert by_hand.stage_edited(replace(ROW, stage=Stage.SENT, **sent), None, Stage.NEW) is None

    def test_whatever_follows_is_a_legal_move(self):
        """From every stage, for every stage that a hand may write."""
        for stands in Stage:
            reflects = replace(DRAFTED, now=stands)
            for written in Stage:
                change = by_hand.stage_edited(replace(ROW, stage=written), reflects, stands)
                assert change is None or lifecycle.legal(stands, change.now)


class TestATrailEditedByHand:
    """A line once written never vanishes for good."""

    def test_a_trail_left_alone_needs_no_line(self):
        """Nothing altered, nothing removed, nobody's notes."""
        assert by_hand.trail_mended(Mended(unknown=(TOLD[0],))) == ""

    def test_the_line_names_what_was_restored_and_keeps_foreign_words(self):
        """So the operator's own words are not lost with it."""
        line = by_hand.trail_mended(Mended(altered=(2,), removed=(3, 4), foreign=("call her", "on Monday")))
        assert line == (
            "Trail was edited by hand and restored "
            '(altered #2; removed #3, #4; words written into it: "call her / on Monday")'
        )

    def test_a_novel_in_the_trail_is_cut(self):
        """A text has a bound."""
        line = by_hand.trail_mended(Mended(foreign=("x" * 5000,)))
        assert len(line) < 2100


class TestTheVariant:
    """An A/B arm is fixed for life, or the figures of the arms mean nothing."""

    def test_an_edited_or_emptied_cell_does_not_change_the_arm(self):
        """What the lead was given with its first draft stays."""
        given = [replace(TOLD[0], patch={"variant": "A"}), replace(TOLD[1], patch={"variant": ""}), TOLD[2]]
        assert by_hand.variant_for_life(replace(ROW, variant="B"), given) == "A"
        assert by_hand.variant_for_life(ROW, given) == "A"

    def test_the_cell_is_believed_where_no_transition_tells(self):
        """A trail that was read back after a lost ledger does not name the arm."""
        assert by_hand.variant_for_life(replace(ROW, variant="B"), TOLD) == "B"

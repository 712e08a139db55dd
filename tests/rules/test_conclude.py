"""Is what decide says recorded as it was meant?"""

from dataclasses import replace

import pytest

from outboundd.model.decision import Change, Objection, Stop
from outboundd.model.lead import Lead, Stage
from outboundd.rules import basis
from outboundd.rules.conclude import conclude

LEAD = Lead(id="lead1", email="rosa@firm.example", stage=Stage.DRAFTED, step=1, subject="Re: Tools", body="Hello again")
OLD_TEXT = "Subject: Re: Tools\n\nHello again"


def test_a_stop_where_the_lead_already_stands_records_nothing():
    """Nothing to do, and the reason is told, not written again every day."""
    assert conclude(LEAD, Stop(stage=Stage.DRAFTED, why="?")) is None


@pytest.mark.parametrize("objection", [Objection.CONSENT, Objection.ZONE, None])
def test_review_says_what_it_waits_for_and_keeps_the_basis(objection):
    """The basis the stage was reached on stays, so that an edit in review is noticed."""
    change = conclude(LEAD, Stop(stage=Stage.REVIEW, why="look", objection=objection))
    assert change == Change(now=Stage.REVIEW, why="look", patch={"waiting_for": "look"}, objection=objection)


@pytest.mark.parametrize("objection", [Objection.LINT, Objection.LINT_HARD])
def test_review_of_a_text_is_on_that_text(objection):
    """An approve then waives this text, and an edit of it is noticed."""
    change = conclude(LEAD, Stop(stage=Stage.REVIEW, why="short", objection=objection))
    assert change is not None
    assert (change.basis, change.objection) == (basis.draft(LEAD), objection)


@pytest.mark.parametrize(
    ("step", "stage", "back_to"), [(0, Stage.VERIFIED, 0), (1, Stage.DELIVERED, 0), (2, Stage.DELIVERED, 1)]
)
def test_a_stale_draft_goes_back_a_step_and_its_text_into_the_trail(step, stage, back_to):
    """It will be written anew; the old words stay to be read."""
    change = conclude(replace(LEAD, step=step), Stop(stage=stage, why="old"))
    assert change == Change(now=stage, why="old", patch={"subject": "", "body": "", "step": back_to}, text=OLD_TEXT)


def test_a_new_person_starts_again_on_who_they_are_now():
    """Attribution, draft and step are gone, and the edit is not noticed a second time."""
    change = conclude(LEAD, Stop(stage=Stage.NEW, why="edited"))
    assert change == Change(
        now=Stage.NEW,
        why="edited",
        patch={"attribution": "", "subject": "", "body": "", "step": 0},
        basis=basis.identity(LEAD),
        text=OLD_TEXT,
    )


def test_a_text_mended_in_review_is_the_operators_own():
    """It is approved with that, so that it is never written anew behind their back."""
    lead = replace(LEAD, stage=Stage.REVIEW)
    change = conclude(lead, Stop(stage=Stage.DRAFTED, why="mended", objection=Objection.LINT))
    assert change == Change(now=Stage.DRAFTED, why="mended", basis=basis.draft(lead), waives=Objection.LINT)


@pytest.mark.parametrize("stage", [Stage.DRAFTED, Stage.VERIFIED, Stage.FINISHED, Stage.DO_NOT_CONTACT])
def test_any_other_stop_is_a_plain_move(stage):
    """An objection that is gone brings the lead back as it was: an edit made meanwhile is still noticed."""
    assert conclude(replace(LEAD, stage=Stage.REVIEW), Stop(stage=stage, why="w")) == Change(now=stage, why="w")

"""Is the trail a faithful and tamper-evident account of a lead's life?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from outboundd.model.decision import Objection, Transition
from outboundd.model.lead import Stage
from outboundd.rules.texts import normalise, one_line, text_hash
from outboundd.rules.trail import Mended, chain, mail_text, parse, render, verify

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MAIL = mail_text("Hello", "Hi Rosa,\n\none  question.\n    | not a quote")


def _life(*transitions: Transition) -> list[Transition]:
    chained: list[Transition] = []
    for number, transition in enumerate(transitions, 1):
        previous = chained[-1].id if chained else ""
        chained.append(chain(previous, replace(transition, seq=number)))
    return chained


def _step(was: Stage, now: Stage, why: str = "", **more: object) -> Transition:
    return replace(Transition(lead="ab12", seq=1, at=NOON, was=was, now=now, why=why), **more)  # type: ignore[arg-type]


LIFE = _life(
    _step(Stage.NEW, Stage.VERIFIED, "mail domain is the company's own", basis="0a0b0c0d"),
    _step(Stage.VERIFIED, Stage.DRAFTED, "written by the template", basis="1f2e3d4c"),
    _step(Stage.DRAFTED, Stage.SENT, "first mail sent", tag="default.ab12.0.1", text=MAIL),
    _step(Stage.SENT, Stage.SENT, "a note", waives=Objection.SAME_COMPANY, objection=Objection.BUG),
)

_words = st.text(max_size=60)
_marks = st.from_regex(r"[a-z0-9.\-]{0,20}", fullmatch=True)
_transitions = st.builds(
    Transition,
    lead=st.just("ab12"),
    seq=st.just(1),
    at=st.datetimes(timezones=st.just(UTC)),
    was=st.sampled_from(Stage),
    now=st.sampled_from(Stage),
    why=_words,
    basis=_marks,
    tag=_marks,
    text=st.text(max_size=200),
    waives=st.none() | st.sampled_from(Objection),
    objection=st.none() | st.sampled_from(Objection),
)
_lives = st.lists(_transitions, max_size=5).map(lambda transitions: _life(*transitions))


def test_an_entry_reads_like_a_sentence_with_its_proof_below() -> None:
    """The operator sees when, what and why first, then the marks, then the mail itself."""
    assert render(LIFE[2:]) == "\n".join(
        [
            "2026-11-24 12:00:00Z  #3  drafted → sent: first mail sent",
            f"    tag default.ab12.0.1 · text {text_hash(MAIL)} · id {LIFE[2].id}",
            "    | Subject: Hello",
            "    |",
            "    | Hi Rosa,",
            "    |",
            "    | one  question.",
            "    |     | not a quote",
            "2026-11-24 12:00:00Z  #4  sent: a note",
            f"    waives same company · objection our own bug · id {LIFE[3].id}",
        ]
    )


@given(_lives)
def test_whatever_was_recorded_is_read_back_from_the_trail(life: list[Transition]) -> None:
    """A trail gives back number, time, stages, words, marks and text of every entry."""
    assert parse(render(life), "ab12") == (life, [])
    assert verify(render(life), life) == Mended()


@given(_lives)
def test_a_store_that_trims_and_changes_line_ends_does_no_harm(life: list[Transition]) -> None:
    """CRLF, trailing blanks and empty lines between entries are not alterations."""
    assert parse(render(life).replace("\n", "  \r\n") + "\r\n\r\n", "ab12") == (life, [])


@given(_lives, st.data())
def test_an_entry_removed_by_hand_is_named(life: list[Transition], data: st.DataObject) -> None:
    """Deleting entries is noticed, with their numbers, wherever they stood."""
    gone = data.draw(st.sets(st.sampled_from([one.seq for one in life]))) if life else set()
    found = verify(render([one for one in life if one.seq not in gone]), life)
    assert found == Mended(removed=tuple(sorted(gone)), equal=not gone)


def test_an_entry_altered_by_hand_is_named() -> None:
    """Another reason, another text, a text taken away, another mark: each is noticed."""
    trail = render(LIFE)
    for old, new, number in (
        ("first mail sent", "first mail never sent", 3),
        ("one  question.", "two questions.", 3),
        ("2026-11-24 12:00:00Z  #2", "2026-11-23 12:00:00Z  #2", 2),
        ("basis 0a0b0c0d", "basis ffffffff", 1),
        (LIFE[3].id, "0" * 12, 4),
        ("\n" + "\n".join(f"    | {line}".rstrip() for line in MAIL.split("\n")), "", 3),
    ):
        assert old in trail
        found = verify(trail.replace(old, new), LIFE)
        assert (found.altered, found.removed, found.unknown, found.equal) == ((number,), (), (), False)


def test_what_a_human_typed_into_the_trail_is_found_and_costs_no_entry() -> None:
    """Notes before, inside and after entries are handed back word for word; nothing counts as altered."""
    lines = render(LIFE).split("\n")
    lines = [
        "    | a quote of nothing",
        *lines[:1],
        *lines[1:8],
        "call her",
        *lines[8:],
        "2026-99-99 12:00:00Z  #9  new",
        "",
    ]
    lines += [f"    id {'0' * 12}", "2026-11-24 12:00:00Z  #9  sent: without marks"]
    found = verify("\n".join(lines), LIFE)
    assert (found.altered, found.removed, found.unknown) == ((), (), ())
    assert found.foreign == (
        "    | a quote of nothing",
        "call her",
        "2026-99-99 12:00:00Z  #9  new",
        f"    id {'0' * 12}",
        "2026-11-24 12:00:00Z  #9  sent: without marks",
    )


def test_a_date_that_does_not_exist_is_no_entry() -> None:
    """A line that only looks like an entry is handed back as somebody's words."""
    trail = f"2026-02-30 12:00:00Z  #1  new\n    id {'0' * 12}"
    assert parse(trail) == ([], trail.split("\n"))


def test_a_trail_that_goes_on_where_the_ledger_ends_shows_a_ledger_that_is_behind() -> None:
    """Intact entries that follow ours are given back, each once, so that they can be taken in."""
    found = verify(render([*LIFE, LIFE[3]]), LIFE[:2])
    assert found == Mended(unknown=tuple(LIFE[2:]), equal=False)


def test_a_second_writer_of_the_same_number_is_told_apart_from_an_alteration() -> None:
    """An intact entry with a number of ours but another content is unknown, and ours is missing."""
    other = chain(LIFE[2].id, replace(LIFE[3], why="written by a clone"))
    found = verify(render([*LIFE[:3], other]), LIFE)
    assert found == Mended(unknown=(other,), removed=(4,), equal=False)


def test_an_entry_pasted_from_another_lead_is_not_taken_in() -> None:
    """Entries that do not follow from ours are foreign lines."""
    pasted = chain("feedfeedfeed", replace(LIFE[3], seq=5))
    found = verify(render([*LIFE, pasted]), LIFE)
    assert found == Mended(foreign=tuple(render([pasted]).split("\n")), equal=False)


def test_an_entry_shown_twice_is_no_alteration() -> None:
    """A copy of an intact entry, even a damaged one beside it, does not put the entry in doubt."""
    damaged = render(LIFE[:1]).replace("own", "other")
    found = verify(render(LIFE) + "\n" + damaged, LIFE)
    assert found == Mended(equal=False)


def test_a_lost_ledger_takes_its_memory_back_from_the_trail() -> None:
    """With nothing known, all entries that follow one another are given back; a damaged one is named."""
    assert verify(render(LIFE), ()).unknown == tuple(replace(one, lead="") for one in LIFE)
    found = verify(render(LIFE).replace("company's own", "company's"), ())
    assert (found.altered, [one.seq for one in found.unknown]) == ((1,), [2, 3, 4])


def test_a_text_can_be_erased_and_the_chain_still_holds() -> None:
    """After erasing for privacy ids and hashes stay; a row that still shows the text is behind, not altered."""
    erased = [replace(one, text="") for one in LIFE]
    assert [one.id for one in erased] == [one.id for one in LIFE]
    assert "Rosa" not in render(erased)
    assert verify(render(erased), erased) == Mended()
    assert verify(render(LIFE), erased) == Mended(equal=False)
    assert chain(LIFE[1].id, erased[2]) == erased[2]


def test_an_id_depends_on_everything_before_it() -> None:
    """Changing an early entry changes the ids of all later ones."""
    other = _life(replace(LIFE[0], why="another reason"), *LIFE[1:])
    assert {one.id for one in other}.isdisjoint({one.id for one in LIFE})


def test_times_are_kept_in_whole_utc_seconds() -> None:
    """A fraction of a second or another zone does not survive, so that nothing differs after reading back."""
    kept = chain("", replace(LIFE[0], at=NOON + timedelta(microseconds=7)))
    assert kept.at == NOON


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    """A text that was read back has the hash it was written with."""
    assert normalise(normalise(text)) == normalise(text)
    assert one_line(one_line(text)) == one_line(text)


def test_no_text_has_no_hash() -> None:
    """An entry without a text does not claim one."""
    assert text_hash("") == ""
    assert normalise("a \r\nb\r\ud800") == "a\nb"

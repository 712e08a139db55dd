"""Do the fakes do what a test asks of them beyond their ports?"""

from datetime import UTC, datetime, timedelta

import pytest

from outboundd.adapters.manual_clock import ManualClock
from outboundd.adapters.memory_mailer import MemoryMailer
from outboundd.adapters.memory_operator import MemoryOperator
from outboundd.adapters.memory_store import MemoryStore
from outboundd.adapters.scripted import ScriptedResearcher, ScriptedWriter
from outboundd.adapters.system_clock import SystemClock
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import Answer, Brief, EventKind, Letter, Research
from outboundd.ports import Alert, Ambiguous, Broken, Exhausted, Transient

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BRIEF = Brief(step=0, steps=3, prompt="Write to Ada.")
GONE = Transient("test", "gone for now")
LETTER = Letter(
    tag="default.lead1.0.1",
    idempotency_key="k",
    to_email="ada@north.example",
    to_name="Ada Park",
    from_email="bo@south.example",
    from_name="Bo Lind",
    reply_to="bo@south.example",
    subject="Cold stores",
    text="Hello",
)


def store_with(*leads: Lead) -> MemoryStore:
    """A store in memory with these rows."""
    return MemoryStore(lambda address: f"id-{address}", leads)


async def test_a_whole_lead_put_into_the_memory_store_reads_back_equal() -> None:
    """A test may start in the middle of a life."""
    lead = Lead(id="r1", email="ada@north.example", stage=Stage.SENT, step=1, last_sent_at=NOON, created_at=NOON)

    assert await store_with(lead).read(["r1"]) == {"r1": lead}


async def test_a_row_outside_the_view_is_read_only_without_it() -> None:
    """What the operator filters out is not new and not fresh, but it is there, and its Override is heard."""
    store = store_with(Lead(id="r1", email="ada@north.example", override="stop"))
    store.hidden.add("r1")

    assert list(await store.new_rows()) == []
    assert await store.read(["r1"]) == {}
    assert (await store.read(["r1"], in_view=False)).keys() == {"r1"}
    assert [lead.id for lead in await store.with_override()] == ["r1"]


async def test_a_cell_edited_in_the_memory_store_is_read_as_in_a_real_one() -> None:
    """A test edits cells as an operator does, nonsense included."""
    store = store_with(Lead(id="r1", stage=Stage.SENT))
    store.rows["r1"] |= {"Stage": "sennt", "Next at": "soon"}

    lead = (await store.read(["r1"]))["r1"]
    assert (lead.stage, lead.next_at) == (Stage.REVIEW, None)


async def test_a_failing_memory_store_fails_once_and_changes_nothing() -> None:
    """An injected failure is used up by one call."""
    store = store_with(Lead(id="r1"))
    store.fail_next.append(GONE)

    with pytest.raises(Transient):
        await store.apply({"r1": {"step": 1}})

    assert (await store.read(["r1"]))["r1"].step == 0


async def test_the_memory_mailer_tells_its_events_oldest_first() -> None:
    """In whatever order a test has let them happen."""
    mailer = MemoryMailer(ManualClock(NOON))
    for hours in (0, 1):
        mailer.report(LETTER.tag, EventKind.OPENED, NOON - timedelta(hours=hours))

    (page,) = [page async for page in mailer.events(NOON - timedelta(days=1), NOON)]

    assert [event.at for event in page.events] == [NOON - timedelta(hours=1), NOON]


async def test_the_memory_mailer_can_lose_a_mail_or_only_its_answer() -> None:
    """The two halves of every failure: nothing left, or it left and nobody said so."""
    mailer = MemoryMailer(ManualClock(NOON))
    mailer.fail_next.append(GONE)
    mailer.lose_reply_next.append(Ambiguous("memory", "no answer"))

    with pytest.raises(Transient):
        await mailer.send(LETTER)
    assert mailer.letters == []
    with pytest.raises(Ambiguous):
        await mailer.send(LETTER)
    assert mailer.letters == [(NOON, LETTER)]
    assert mailer.posts == [LETTER, LETTER]


async def test_a_test_says_what_becomes_of_a_mail() -> None:
    """Events come from the test, also of tags that nobody sent, and a read may fail."""
    clock = ManualClock(NOON)
    mailer = MemoryMailer(clock, settle_s=3600)
    await mailer.send(LETTER)
    bounce = mailer.report(LETTER.tag, EventKind.HARD_BOUNCE, NOON + timedelta(minutes=5))
    mailer.report("elsewhere.x.0.1", EventKind.OPENED)
    clock.advance(timedelta(hours=1))

    (page,) = [page async for page in mailer.events(NOON, clock.now())]

    assert [event.kind for event in page.events] == [EventKind.REQUEST, EventKind.OPENED, EventKind.HARD_BOUNCE]
    assert bounce.email == LETTER.to_email
    mailer.fail_read_next.append(GONE)
    with pytest.raises(Transient):
        await mailer.log(LETTER.to_email)


async def test_a_scripted_writer_says_its_lines_in_order() -> None:
    """Texts, priced answers and failures; at the end of the script it is the test that is wrong."""
    writer = ScriptedWriter(["one", Answer(text="two", usd=0.01), Exhausted("test", "no credit")], ["{}"])

    assert await writer.write(BRIEF) == Answer(text="one")
    assert await writer.write(BRIEF) == Answer(text="two", usd=0.01)
    with pytest.raises(Exhausted):
        await writer.write(BRIEF)
    with pytest.raises(Broken, match="script has ended"):
        await writer.write(BRIEF)
    assert (await writer.judge("Same?")).text == "{}"
    assert (writer.briefs, writer.questions) == ([BRIEF] * 4, ["Same?"])


async def test_a_scripted_researcher_finds_what_it_is_told() -> None:
    """By list or by function, and it remembers what it was asked."""
    researcher = ScriptedResearcher(["cold", Research(text="warm", usd=0.005), GONE])

    assert await researcher.research("North", "") == Research(text="cold")
    assert (await researcher.research("South", "")).usd == 0.005
    with pytest.raises(Transient):
        await researcher.research("West", "https://west.example")
    assert researcher.asked[-1] == ("West", "https://west.example")


async def test_the_memory_operator_keeps_what_it_was_told() -> None:
    """An alert that could not be told is not kept."""
    operator = MemoryOperator()
    operator.fail_next.append(GONE)
    alert = Alert(id="1", title="Mailer halted", text="Credit is gone.")

    with pytest.raises(Transient):
        await operator.alert(alert)
    await operator.alert(alert)

    assert operator.alerts == [alert]


def test_a_manual_clock_goes_where_it_is_put_and_nowhere_else() -> None:
    """Forwards, backwards, never by itself, never naive."""
    clock = ManualClock(NOON)
    clock.advance(timedelta(hours=1))
    assert clock.now() == clock.now() == NOON + timedelta(hours=1)
    clock.set(NOON)
    assert clock.now() == NOON
    with pytest.raises(ValueError, match="aware instant"):
        clock.set(NOON.replace(tzinfo=None))


def test_the_system_clock_is_aware_and_utc() -> None:
    """Every instant in the program is."""
    assert SystemClock().now().utcoffset() == timedelta(0)

"""Do leads come in from an export: all that are good, none that must not, and the rest told by reason?"""

from typing import Any

import pytest

from commands.saying import content, file_of, refused
from office import TUESDAY, an_office, lead
from outboundd.commands import look_up
from outboundd.model.lead import Stage
from outboundd.ports import MailRecords, Transient

HEADER = "First Name,Last Name,Work Email,Company,Website,Country\n"
TWO = (
    HEADER
    + "Rosa,Diaz,Rosa.Diaz@harbour.example,Harbour,harbour.example,GB\n"
    + "Omar,Haddad,omar@quay.example,Quay,quay.example,DE\n"
)


def a_file(text: str, **more: Any) -> dict[str, Any]:
    """The arguments of an import."""
    return {"name": "leads.csv", "content": content(text), "mapping": [], "source": "", **more}


async def test_an_export_comes_in_and_says_how_it_was_read() -> None:
    """Encoding, delimiter and which header became which column are shown, so that a wrong guess is seen."""
    office = an_office()
    told = await office.read("import", **a_file(TWO))
    assert "leads.csv: 2 rows, utf-8, separated by comma" in told
    assert "Contact         from First Name + Last Name" in told
    assert "imported: 2 new, 0 there already and completed, 0 rejected" in told
    (rosa,) = await office.store.find("rosa.diaz@harbour.example")
    assert (rosa.contact, rosa.company, rosa.country) == ("Rosa Diaz", "Harbour", "GB")


async def test_the_same_file_again_changes_nothing() -> None:
    """Import is written by Key: run twice, there is still one row a person."""
    office = an_office()
    await office.say("import", **a_file(TWO))
    rows = dict(office.store.rows)
    data = await office.data("import", **a_file(TWO))
    assert (data["created"], data["updated"], office.store.rows) == (0, 2, rows)


async def test_two_spellings_of_one_address_are_one_lead() -> None:
    """Case and blanks do not make a second person, who would be written to twice."""
    office = an_office()
    file = HEADER + "R,Diaz,ROSA@harbour.example ,H,,GB\nRosa,Diaz,rosa@Harbour.example,Harbour,,GB\n"
    data = await office.data("import", **a_file(file))
    assert (data["created"], data["duplicates"], len(office.store.rows)) == (1, 1, 1)


async def test_a_header_that_is_not_guessed_is_named_by_map() -> None:
    """--map "THEIR HEADER=Our column" overrides every guess."""
    office = an_office()
    file = "Erreichbar unter,Firma\nrosa@harbour.example,Harbour\n"
    data = await office.data("import", **a_file(file, mapping=["Erreichbar unter=Email"]))
    assert data["columns"]["Email"] == ["Erreichbar unter"]
    assert data["created"] == 1


async def test_a_wrong_map_is_refused_with_its_remedy() -> None:
    """A mapping that means nothing stops the import before anything is written."""
    office = an_office()
    for wrong in (["Email"], ["Work Email=Emial"], ["No Such=Email"], ["Company=Email", "Company=Company"]):
        code, sentence = await refused(office, "import", **a_file(TWO, mapping=wrong))
        assert (code, sentence.startswith("leads.csv: --map")) == (2, True), sentence
    assert not office.store.rows


async def test_whom_we_must_never_write_to_is_not_let_in() -> None:
    """A person or company on the suppression list is rejected with the reason, and no row of theirs is written."""
    office = an_office()
    await office.say("stop", who="rosa.diaz@harbour.example")
    await office.say("stop", who="@quay.example")
    lines = await office.say("import", **a_file(TWO))
    assert not office.store.rows
    assert file_of(lines).count("on the suppression list: the operator said stop") == 2


async def test_a_company_on_the_list_is_known_by_its_website_too() -> None:
    """An address at a mail provider does not get somebody of a suppressed company in."""
    office = an_office()
    await office.say("stop", who="@harbour.example")
    data = await office.data("import", **a_file(HEADER + "R,Diaz,rosa@gmail.com,Harbour,www.harbour.example,GB\n"))
    assert (data["created"], data["rejected"]) == (0, 1)


async def test_a_row_whose_address_was_changed_is_rejected_and_the_others_go_on() -> None:
    """An import never makes one person of two: the row of somebody whose address was edited is left alone."""
    office = an_office()
    await office.say("import", **a_file(TWO))
    (rosa,) = await office.store.find("rosa.diaz@harbour.example")
    office.store.rows[rosa.id] |= {"Email": "r.diaz@elsewhere.example", "Key": "r.diaz@elsewhere.example"}
    file = TWO + "Ines,Sol,ines@pier.example,Pier,pier.example,ES\n"
    lines = await office.say("import", **a_file(file))
    data = next(line.data for line in lines if line.data)
    assert (data["created"], data["updated"], data["rejected"]) == (1, 1, 1)
    assert "belongs to another address by now" in file_of(lines)
    assert "Rosa.Diaz@harbour.example" in file_of(lines)


async def test_the_source_of_the_command_fills_rows_that_name_none() -> None:
    """--source is kept on each lead; a source in the file itself wins."""
    office = an_office()
    file = "Email,Source\nrosa@harbour.example,\nomar@quay.example,fair\n"
    await office.say("import", **a_file(file, source="webinar"))
    sources = [(await office.store.find(key))[0].source for key in ("rosa@harbour.example", "omar@quay.example")]
    assert sources == ["webinar", "fair"]


async def test_a_source_that_a_spreadsheet_would_run_is_refused() -> None:
    """A formula is no name of a list."""
    code, sentence = await refused(an_office(), "import", **a_file(TWO, source="=1+1"))
    assert (code, "--source" in sentence, "formula" in sentence) == (2, True, True)


async def test_a_large_import_is_not_taken_for_a_pool_that_changed_suddenly() -> None:
    """Our own imports do not count: mail goes on after ten times a day's volume came in."""
    office = an_office(lead(1))
    await office.run("draft")
    rows = "".join(f"p{number}@firm{number}.example,Firm {number}\n" for number in range(5_001))
    data = await office.data("import", **a_file("Email,Company\n" + rows))
    office.advance(hours=2)
    await office.run("reconcile")
    assert data["created"] == 5_001
    assert not await office.ledger.halts(office.clock.now())


async def test_what_broke_off_is_completed_by_the_same_import() -> None:
    """A store that fails half-way: the sentence says how many are in, and a second run brings the rest."""
    office = an_office()
    rows = "".join(f"p{number}@firm{number}.example\n" for number in range(250))
    upsert, calls = office.store.upsert, []

    async def fails_at_the_second(batch: Any) -> Any:
        calls.append(len(batch))
        if len(calls) == 2:
            raise Transient("memory", "cannot be written", "disk full")
        return await upsert(batch)

    office.store.upsert = fails_at_the_second  # type: ignore[method-assign]
    code, sentence = await refused(office, "import", **a_file("Email\n" + rows))
    assert code == 1
    assert sentence.startswith("100 of 250 rows are in, then: memory: cannot be written (disk full)")
    data = await office.data("import", **a_file("Email\n" + rows))
    assert (data["created"], data["updated"], len(office.store.rows)) == (150, 100, 250)


async def test_an_import_into_a_lead_under_way_keeps_its_stage() -> None:
    """Completing a row touches the operator's columns only, in the store and in the queue."""
    office = an_office(lead(1))
    await office.run("draft")
    await office.say("import", **a_file("Email,City\nrosa.diaz@harbourworks1.example,Leith\n"))
    row = await office.row("ld0001")
    seen = await office.ledger.seen("ld0001")
    assert (row.stage, row.city, row.company) == (Stage.DRAFTED, "Leith", "Harbour Works 1")
    assert seen is not None
    assert seen.stage is Stage.DRAFTED


async def test_a_tick_in_do_not_contact_comes_along() -> None:
    """A list that says no about somebody is believed: the row comes in and ends at once."""
    office = an_office()
    await office.say("import", **a_file("Email,Do not contact\nrosa@harbour.example,yes\n"))
    await office.run("draft")
    (rosa,) = await office.store.find("rosa@harbour.example")
    assert (rosa.do_not_contact, rosa.stage) == (True, Stage.DO_NOT_CONTACT)


async def test_progress_is_told_batch_by_batch() -> None:
    """A long import shows how far it has come."""
    rows = "".join(f"p{number}@firm{number}.example\n" for number in range(150))
    lines = await an_office(at=TUESDAY).say("import", **a_file("Email\n" + rows))
    assert [line.progress for line in lines if line.progress] == [(100, 150), (150, 150)]


REAL = "Email\nrosa@harbour.com\nomar@harbour.com\nines@closed.com\nli@gone.com\nbo@mute.com\nann@pier.example\n"


async def test_where_no_mail_can_arrive_nobody_is_let_in() -> None:
    """A null MX, or neither MX nor address: rejected with the reason, and the others come in."""
    office = an_office()
    office.names.records |= {"closed.com": MailRecords(exchanges=("",)), "gone.com": MailRecords()}
    lines = await office.say("import", **a_file(REAL))
    rejects = file_of(lines)
    assert "null MX" in rejects
    assert "neither MX nor A" in rejects
    assert {"ines@closed.com" in rejects, "li@gone.com" in rejects, "rosa@harbour.com" in rejects} == {True, False}
    assert sorted(row["Key"] for row in office.store.rows.values()) == [
        "ann@pier.example",
        "bo@mute.com",
        "omar@harbour.com",
        "rosa@harbour.com",
    ]


async def test_each_domain_is_asked_about_once_and_a_reserved_one_never() -> None:
    """A thousand colleagues are one question; .example is nobody's domain."""
    office = an_office()
    await office.say("import", **a_file(REAL))
    assert office.names.asked == {"harbour.com": 1, "closed.com": 1, "gone.com": 1, "mute.com": 1}


async def test_a_domain_that_does_not_answer_is_taken_and_said() -> None:
    """A failing name service is no fault of the people on the list."""
    office = an_office()
    office.names.silent.add("mute.com")
    lines = await office.say("import", **a_file(REAL))
    told = "\n".join(line.text for line in lines)
    assert "taken all the same: 1 row at 1 domain of which DNS said nothing" in " ".join(told.split())
    (data,) = [line.data for line in lines if line.data]
    assert (data["created"], data["rejected"], data["unanswered"]) == (6, 0, 1)


async def test_a_machine_without_a_name_server_takes_all_and_says_so() -> None:
    """Offline, an import still works."""
    office = an_office()

    def none() -> Any:
        raise Transient("dns", "no name server")

    office.parts.world.names = none
    data = await office.data("import", **a_file(REAL))
    assert (data["created"], data["unanswered"]) == (6, 4)


async def test_many_are_asked_at_once_but_not_all() -> None:
    """A name server is asked so fast that an import does not crawl, and not so fast that it refuses us."""
    office = an_office()
    await office.say("import", **a_file("Email\n" + "".join(f"rosa@firm{n}.com\n" for n in range(100))))
    assert office.names.most_at_once == look_up.AT_ONCE
    assert len(office.names.asked) == 100


async def test_a_silent_name_service_is_not_asked_a_thousand_times() -> None:
    """Each question would take its five seconds; what was not asked counts as unanswered."""
    office = an_office()
    office.names.silent |= {f"firm{n}.com" for n in range(1000)}
    text = "Email\n" + "".join(f"rosa@firm{n}.com\n" for n in range(1000))
    data = await office.data("import", **a_file(text))
    assert len(office.names.asked) < look_up.SILENT_IN_A_ROW + look_up.AT_ONCE
    assert (data["created"], data["unanswered"]) == (1000, 1000)


async def test_domains_whose_own_servers_are_dead_do_not_end_the_look_up() -> None:
    """On an old list they are many, one here, one there; the others still answer."""
    office = an_office()
    office.names.silent |= {f"firm{n}.com" for n in range(0, 400, 2)}
    data = await office.data("import", **a_file("Email\n" + "".join(f"rosa@firm{n}.com\n" for n in range(400))))
    assert (len(office.names.asked), data["unanswered"]) == (400, 200)


async def test_the_whole_look_up_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has not answered by then is taken."""
    monkeypatch.setattr(look_up, "TOGETHER_S", 0.0)
    data = await an_office().data("import", **a_file(REAL))
    assert (data["created"], data["unanswered"]) == (6, 4)


async def test_a_dry_run_looks_up_too() -> None:
    """So that it shows what the import will reject; nothing is written."""
    office = an_office()
    office.names.records["gone.com"] = MailRecords()
    office.desk.dry = True
    lines = await office.say("import", **a_file(REAL))
    assert "neither MX nor A" in "\n".join(line.text for line in lines)


async def test_a_mailbox_that_is_nobodys_own_comes_in_and_waits_in_review() -> None:
    """It is said at once, with how many; the draft job asks the operator before any money is spent."""
    office = an_office()
    file = "Email,Company,Country\ninfo@harbour.example,H,GB\nsales@quay.example,Q,GB\nrosa@yopmail.com,R,GB\n"
    lines = await office.say("import", **a_file(file))
    told = " ".join(" ".join(line.text for line in lines).split())
    assert "for you to look at in review: 2 rows: a role's address" in told
    assert "for you to look at in review: 1 row: an address at a provider of throwaway mailboxes" in told
    await office.run("draft")
    rows = [(await office.store.find(key))[0] for key in ("info@harbour.example", "rosa@yopmail.com")]
    assert [row.stage for row in rows] == [Stage.REVIEW, Stage.REVIEW]
    assert all(row.waiting_for.endswith("approve, or correct Email") for row in rows)


async def test_a_list_without_such_mailboxes_says_nothing_of_them() -> None:
    """No line that has nothing to say."""
    assert "review" not in await an_office().read("import", **a_file(TWO))

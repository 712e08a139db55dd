"""A list of leads is read whatever tool wrote it; what cannot be a lead is told, line by line."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.rules import addresses, import_file
from outboundd.rules.import_file import Imported, Table

DATA = Path(__file__).parent.parent / "data"


def imported(data: bytes, source: str = "") -> Imported:
    """All three steps, with the columns guessed."""
    table = import_file.read_table(data)
    columns = import_file.guess_columns(table.headers, {})
    return import_file.to_leads(table, columns, source, addresses.normalise)


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter", "leads", "rejects", "duplicates"),
    [
        ("leads_prospecting_tool.csv", "utf-8", ",", 2, 3, 1),
        ("leads_spreadsheet_bom.csv", "utf-8-sig", ",", 3, 2, 1),
        ("leads_german_excel.csv", "cp1252", ";", 2, 1, 1),
        ("leads_unicode_text.txt", "utf-16", "\t", 2, 1, 1),
    ],
)
def test_the_exports_of_four_tools_are_read_alike(
    name: str, encoding: str, delimiter: str, leads: int, rejects: int, duplicates: int
) -> None:
    """UTF-8 with and without BOM, UTF-16, Latin-1; comma, semicolon, tab; each with its duplicates and broken rows."""
    data = (DATA / name).read_bytes()
    table = import_file.read_table(data)
    told = imported(data, "a list")
    assert (table.encoding, table.delimiter) == (encoding, delimiter)
    assert (len(told.rows), len(told.rejects), told.duplicates) == (leads, rejects, duplicates)
    for row in told.rows:
        assert row["key"] == row["email"] == addresses.normalise(str(row["email"]))
        assert {"contact", "company", "website", "country"} <= set(row)
        assert row["source"] == "a list"
        assert "\ufffd" not in str(row)


def test_a_prospecting_tools_row_becomes_a_whole_lead() -> None:
    """First and last name are joined, State is the region, the tool's own columns are left alone."""
    assert imported((DATA / "leads_prospecting_tool.csv").read_bytes()).rows[1] == {
        "email": "lukasz.zak167@quarryclinic.example",
        "key": "lukasz.zak167@quarryclinic.example",
        "contact": "Łukasz Żak",
        "title": "Marketing Director",
        "company": "Quarry Clinic",
        "website": "http://quarryclinic.example/",
        "linkedin": "https://www.linkedin.example/in/lukaszzak167",
        "country": "Canada",
        "region": "BC",
        "city": "Vancouver",
    }


def test_rejects_name_the_line_of_the_file_and_the_reason() -> None:
    """Lines are counted as an editor does, quoted line breaks included, and the reason repeats no address."""
    told = imported((DATA / "leads_spreadsheet_bom.csv").read_bytes())
    assert [(line, reason) for line, reason, _ in told.rejects] == [
        (6, "the cell for Contact is a formula: put its value there"),
        (8, "the address is missing: correct the Email cell"),
    ]


def test_notes_keep_their_lines_and_a_formula_in_them_stays_text() -> None:
    """A lead is not lost for a formula in a note, and no spreadsheet will run it."""
    rows = imported((DATA / "leads_spreadsheet_bom.csv").read_bytes()).rows
    assert rows[1]["owner_notes"] == 'met at fair, "very" keen\nsecond line'
    assert rows[2]["owner_notes"] == '\'=HYPERLINK("http://x.example","note")'


def test_two_rows_of_one_address_become_one_lead_and_the_first_value_wins() -> None:
    """What the first row leaves empty the second fills; a Do not contact in either holds."""
    told = imported(b"Email,Name,City,Do not contact\nMEI@firm.example,Mei A,,no\nmei@firm.example ,Mei B,Lyon,x\n")
    assert told.duplicates == 1
    assert told.rows == (
        {
            "email": "mei@firm.example",
            "key": "mei@firm.example",
            "contact": "Mei A",
            "city": "Lyon",
            "do_not_contact": True,
        },
    )


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("  Acme \t  GmbH ", "Acme GmbH"),
        ("A\u0308cme", "Äcme"),
        ("Ac\x07me\u200b", "Acme"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("@acme", "acme"),
        ("'+Acme", "Acme"),
        ("-", None),
        ("N/A", None),
        ("'t Zilte", "'t Zilte"),
        ("'", "'"),
    ],
)
def test_names_are_cleaned(cell: str, kept: str | None) -> None:
    """One blank between words, no invisible characters, no sign that a spreadsheet takes for a formula."""
    row = imported(f"Email,Company\nmei@firm.example,{cell}\n".encode()).rows[0]
    assert row.get("company") == kept


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"mei@firm.example,=1+1,x", "the cell for Company is a formula"),
        (b"mei@firm.example,'=1+1,x", "the cell for Company is a formula"),
        (b"mei@firm.example,Ac\x00me,x", "NUL bytes"),
        (b"mei@firm.example," + b"x" * 20_001 + b",x", "longer than 20,000"),
        (b"mei@firm.example," + b"x" * 10_000_000 + b",x", "longer than 20,000"),
        (b"mei@firm.example,Acme,x,y", "more cells than the header"),
        (b",Acme,x", "address is missing"),
        (b"two@@signs,Acme,x", "more than one @"),
    ],
    ids=["formula", "hidden formula", "NUL", "long", "ten megabytes", "wide", "no address", "broken address"],
)
def test_a_row_that_cannot_be_a_lead_is_rejected_and_the_others_go_on(row: bytes, reason: str) -> None:
    """One bad row, be it of ten megabytes, costs itself and nothing else."""
    told = imported(b"Email,Company,City\n" + row + b"\nmei@good.example,Good,Lyon,\n")
    assert len(told.rows) == 1
    assert [line for line, _, _ in told.rejects] == [2]
    assert reason in told.rejects[0][1]


def test_rows_swallowed_by_an_open_quotation_mark_are_told() -> None:
    """A quotation mark that is closed only many rows later hides leads: the row is rejected with that reason."""
    told = imported(
        b'Email,A,B,Notes\nm1@firm.example,a,b,"open\nm2@firm.example,a,b,\nm3@firm.example,a,b,"closed"\n'
        b'm4@firm.example,a,b,"one\ntwo, three, four, five"\n'
    )
    assert [(line, "holds the rows after it" in reason) for line, reason, _ in told.rejects] == [(2, True)]
    assert [row["key"] for row in told.rows] == ["m4@firm.example"]


def test_a_cell_of_two_lines_in_a_narrow_file_is_no_swallowed_row() -> None:
    """Where a row is two cells, a note with a comma and an address is a note."""
    assert imported(b'Email,Notes\nmei@firm.example,"first\nask ann@firm.example, too"\n').rejects == ()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf \r\n", "the file is empty"),
        (b",,,\n\n,,,\n", "the file is empty"),
        (b"sep=;\n", "the file is empty"),
        (b"Email,Company\n\n,\n", "a header line and no rows"),
        (b"Email,Company,e-mail\nmei@firm.example,a,b\n", 'the column "Email" is there twice'),
        (b"PK\x03\x04rest", "spreadsheet workbook"),
        ("Email,Company\nmei@firm.example,a\n".encode("utf-16-le"), "NUL bytes"),
        (b"\xff\xfeE\x00m", "damaged"),
        (b'Email,Company\nmei@firm.example,"a\nb@firm.example,b\n', "line 2: a quotation mark is opened"),
        (b'Email,"Company\nmei@firm.example,a\n', "line 1: a quotation mark is opened"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(data: bytes, sentence: str) -> None:
    """The sentence names the fault and the remedy, and nothing of the file is half taken in."""
    with pytest.raises(ValueError, match=sentence) as caught:
        import_file.read_table(data)
    assert ": " in str(caught.value)


@pytest.mark.parametrize(
    ("data", "encoding", "name"),
    [
        ("Email;Firma\nm@firm.example;Žabka\n".encode("cp1252"), "cp1252", "Žabka"),
        (b"Email;Firma\nm@firm.example;\x81\xc4\n", "latin-1", "Ä"),
        ("\ufeffEmail;Firma\nm@firm.example;Łódź\n".encode("utf-16-be"), "utf-16", "Łódź"),
    ],
)
def test_the_encoding_is_found(data: bytes, encoding: str, name: str) -> None:
    """What is neither UTF-8 nor UTF-16 is read as Windows does, and as Latin-1 where Windows has no such letter."""
    assert import_file.read_table(data).encoding == encoding
    assert imported(data).rows[0]["company"] == name


def test_the_delimiter_is_sought_in_the_header_outside_quotes_or_taken_from_its_declaration() -> None:
    """A header with commas in quotes stays one column, and a spreadsheet's first line sep=; is obeyed."""
    table = import_file.read_table(b'\n"Email, work";"Firma, Ort"\nm@firm.example;x\n')
    assert (table.delimiter, table.headers) == (";", ("Email, work", "Firma, Ort"))
    table = import_file.read_table(b"sep=;\r\nEmail;A,B,C\r\nm@firm.example;x\r\n")
    assert (table.delimiter, table.rows) == (";", ((3, ("m@firm.example", "x")),))


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        (
            ("Work Email", "First Name", "Last Name", "Account name", "Company domain", "Country/Region", "Time zone"),
            {
                "email": ("Work Email",),
                "contact": ("First Name", "Last Name"),
                "company": ("Account name",),
                "website": ("Company domain",),
                "country": ("Country/Region",),
                "timezone": ("Time zone",),
            },
        ),
        (
            ("Vorname", "Nachname", "Firma", "Webseite", "E-Mail-Adresse", "Land", "Bundesland", "Ort", "Notizen"),
            {
                "email": ("E-Mail-Adresse",),
                "contact": ("Vorname", "Nachname"),
                "company": ("Firma",),
                "website": ("Webseite",),
                "country": ("Land",),
                "region": ("Bundesland",),
                "city": ("Ort",),
                "owner_notes": ("Notizen",),
            },
        ),
        (
            ("Nombre", "Apellidos", "Correo electrónico", "Empresa", "País"),
            {
                "email": ("Correo electrónico",),
                "contact": ("Nombre", "Apellidos"),
                "company": ("Empresa",),
                "country": ("País",),
            },
        ),
        (
            ("Prénom", "Nom", "Adresse e-mail", "Société", "Site web", "Pays", "Ville"),
            {
                "email": ("Adresse e-mail",),
                "contact": ("Prénom", "Nom"),
                "company": ("Société",),
                "website": ("Site web",),
                "country": ("Pays",),
                "city": ("Ville",),
            },
        ),
        (
            ("Email", "Work Email", "Name", "Surname", "Override", "Stage", ""),
            {"email": ("Email",), "contact": ("Name",)},
        ),
        (("Email", "Full name", "First name", "Surname"), {"email": ("Email",), "contact": ("Full name",)}),
        (("Email", "First name"), {"email": ("Email",), "contact": ("First name",)}),
        (("Email",), {"email": ("Email",)}),
    ],
)
def test_headers_of_many_tools_and_languages_are_guessed(
    headers: tuple[str, ...], columns: dict[str, tuple[str, ...]]
) -> None:
    """English, German, Spanish, French; the machine's own columns and Override are never taken from a file."""
    assert dict(import_file.guess_columns(headers, {})) == columns


def test_the_operators_word_on_a_column_beats_the_guess() -> None:
    """`--map` names their header and our column; two headers said for Contact are joined in that order."""
    headers = ("Email", "Private", "Given", "Family", "Company", "Notes")
    said = {"private": "Email", "Given": "Contact", "Family": "contact", "Notes": "Consent note"}
    assert dict(import_file.guess_columns(headers, said)) == {
        "email": ("Private",),
        "contact": ("Given", "Family"),
        "company": ("Company",),
        "consent_note": ("Notes",),
    }


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"Work Mail": "Email"}, 'there is no header "Work Mail": the nearest is "Work Email"'),
        ({"Work Email": "E-Mails"}, 'there is no column "E-Mails": the nearest is "Email"'),
        ({"Work Email": "Override"}, 'there is no column "Override"'),
        ({"Work Email": "Company"}, "no column looks like an email address among"),
    ],
)
def test_a_wrong_map_names_the_nearest_right_one(said: dict[str, str], sentence: str) -> None:
    """A slip of the keyboard is put right at a glance."""
    with pytest.raises(ValueError, match=sentence):
        import_file.guess_columns(("Work Email", "Firma"), said)


def test_a_file_without_addresses_says_which_columns_it_has() -> None:
    """The remedy is named with the headers that were found; a wide file is not listed whole."""
    with pytest.raises(ValueError, match=r'"A", "C".*--map "THEIR HEADER=Email"'):
        import_file.guess_columns(("A", "", "C"), {})
    with pytest.raises(ValueError, match=r"\.\.\."):
        import_file.guess_columns(tuple(f"column {number}" for number in range(40)), {})


def test_a_source_in_the_row_beats_the_source_of_the_file() -> None:
    """Where a person's data came from is told as exactly as the list tells it."""
    told = imported(b"Email,Source\na@firm.example,fair\nb@firm.example,\n", "spring list")
    assert [row["source"] for row in told.rows] == ["fair", "spring list"]
    assert "source" not in imported(b"Email\na@firm.example\n").rows[0]


def test_short_rows_are_whole_leads() -> None:
    """Spreadsheets leave out empty cells at the end of a row."""
    told = imported(b"Email,Company,City\na@firm.example\n")
    assert told.rows == ({"email": "a@firm.example", "key": "a@firm.example"},)


def test_nothing_in_a_rejects_file_runs_in_a_spreadsheet() -> None:
    """Reason and line first; formulas get an apostrophe, and a repaired file can be imported again as it is."""
    cells = ("=1+1", "", "@x", "\tx", "a\x00" + "b" * 30_000)
    rejects = ((7, "the address is missing: correct the Email cell", cells),)
    text = import_file.rejects_csv(("Email", "Company", "City", "Land", "+Notes"), rejects)
    header, row = csv.reader(io.StringIO(text))
    assert header == ["Reason", "Line", "Email", "Company", "City", "Land", "'+Notes"]
    assert row[:6] == ["the address is missing: correct the Email cell", "7", "'=1+1", "", "'@x", "'\tx"]
    assert "\x00" not in row[6]
    assert len(row[6]) < 20_001
    again = imported(text.replace("'=1+1", "'+mei@firm.example").encode())
    assert again.rows[0]["key"] == "+mei@firm.example"


def test_the_csv_limit_of_the_process_is_put_back() -> None:
    """Reading a huge cell changes nothing for anybody else."""
    before = csv.field_size_limit()
    import_file.read_table(b"Email\n" + b"x" * 300_000 + b"\n")
    with pytest.raises(ValueError, match="never closed"):
        import_file.read_table(b'Email\n"x\n')
    assert csv.field_size_limit() == before


@given(st.one_of(st.binary(max_size=300), st.text(alphabet='Email,;\t"\r\n=+-@\x00aé', max_size=200).map(str.encode)))
def test_no_file_crashes_an_import(rest: bytes) -> None:
    """Whatever bytes a file holds: every row is a lead, a reject or a duplicate, or the file is refused."""
    for data in (rest, b"Email,Company\n" + rest):
        try:
            table = import_file.read_table(data)
            told = imported(data)
        except ValueError:
            continue
        assert len(table.rows) == len(told.rows) + len(told.rejects) + told.duplicates
        assert import_file.rejects_csv(table.headers, told.rejects).startswith("Reason,Line,")


def test_a_table_is_a_value() -> None:
    """Two readings of one file are equal."""
    assert import_file.read_table(b"Email\na@firm.example\n") == Table(
        headers=("Email",), rows=((2, ("a@firm.example",)),), encoding="utf-8", delimiter=","
    )

"""Is nobody written to who must not be, and is every line of a suppression list taken in or told?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outboundd.model.decision import Objection, Stop, Waiver
from outboundd.model.facts import CompanyStop, Facts, History, Sibling, Suppressed
from outboundd.model.lead import Lead, Stage
from outboundd.model.mail import Attempt, AttemptState
from outboundd.model.settings import Campaign, Sender, Settings
from outboundd.rules import basis, suppression

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
FACTS = Facts(settings=Settings(campaign=Campaign(sender=Sender(name="Ada Park", email="ada@acme.example"))))
LEAD = Lead(id="lead5", created_at=NOW)


def knowing(history: History) -> Facts:
    """The facts with this history of the lead."""
    return replace(FACTS, history=history)


def tried(at: datetime, state: AttemptState) -> Attempt:
    """An attempt of the lead's first mail."""
    return Attempt(
        tag="c.lead5.0.1",
        lead="lead5",
        step=0,
        n=1,
        mailer="maildir",
        person="p",
        company="c",
        posted_at=at,
        subject="",
        text="",
        text_hash="",
        state=state,
    )


class TestTheWordOfAPerson:
    """Who said no is not written to."""

    def test_a_lead_nobody_objects_to_goes_on(self):
        """No objection, no stop."""
        assert suppression.verdict(LEAD, FACTS) is None

    def test_the_checkbox_stops_for_good(self):
        """Do not contact is the operator's lasting word and comes before all else."""
        stop = suppression.verdict(replace(LEAD, do_not_contact=True), FACTS)
        assert stop == Stop(stage=Stage.DO_NOT_CONTACT, why="Do not contact is ticked")

    @pytest.mark.parametrize("why", ["unsubscribed", "hard bounce", "imported list"])
    def test_the_suppression_list_stops_for_good_and_says_why(self, why):
        """Whatever put the person on the list, this row becomes do_not_contact, with the reason and its date."""
        stop = suppression.verdict(LEAD, replace(FACTS, suppressed=Suppressed(why=why, since=NOW)))
        assert stop == Stop(stage=Stage.DO_NOT_CONTACT, why=f"on the suppression list since 2026-03-04: {why}")

    @pytest.mark.parametrize(
        ("stage", "words"),
        [
            (Stage.REPLIED, "replied"),
            (Stage.BOUNCED, "hard bounce"),
            (Stage.UNSUBSCRIBED, "unsubscribed"),
            (Stage.COMPLAINED, "complaint"),
            (Stage.DO_NOT_CONTACT, "do not contact"),
            (Stage.FINISHED, ""),
            (Stage.MISMATCHED, ""),
        ],
    )
    def test_terminal_stages_put_the_person_on_the_list(self, stage, words):
        """Each with the words the operator will read; finished and mismatched put nobody there."""
        assert suppression.why_for(stage) == words


class TestOnePersonOneThread:
    """Of two rows of one person exactly one is the lead."""

    def test_the_row_mailed_first_is_the_lead(self):
        """An older row that was never mailed does not take the thread away."""
        older = Sibling(id="lead1", first_posted_at=None, created_at=NOW - timedelta(days=9))
        history = History(siblings=(older,), attempts=(tried(NOW, AttemptState.SENT),))
        assert suppression.verdict(LEAD, knowing(history)) is None

    def test_the_other_row_is_finished_and_names_the_lead(self):
        """The operator is led to the row that goes on."""
        mailed = Sibling(id="lead9", first_posted_at=NOW, created_at=NOW)
        stop = suppression.verdict(LEAD, knowing(History(siblings=(mailed,))))
        assert stop == Stop(stage=Stage.FINISHED, why="same person as row lead9")

    @pytest.mark.parametrize(("age_days", "goes_on"), [(1, False), (-1, True)])
    def test_before_any_mail_the_older_row_is_the_lead(self, age_days, goes_on):
        """Unmailed rows are told apart by when they were created."""
        other = Sibling(id="lead9", first_posted_at=None, created_at=NOW - timedelta(days=age_days))
        assert (suppression.verdict(LEAD, knowing(History(siblings=(other,)))) is None) is goes_on

    def test_a_mail_that_did_not_leave_makes_no_row_the_lead(self):
        """A refused first try is not having been mailed."""
        older = Sibling(id="lead1", first_posted_at=None, created_at=NOW - timedelta(days=9))
        history = History(siblings=(older,), attempts=(tried(NOW, AttemptState.REFUSED),))
        assert suppression.verdict(LEAD, knowing(history)) is not None

    def test_a_row_mailed_by_an_older_system_is_known_by_its_date(self):
        """First sent at stands in for the attempt the ledger does not have."""
        older = Sibling(id="lead1", first_posted_at=None, created_at=NOW - timedelta(days=9))
        mailed = replace(LEAD, first_sent_at=NOW)
        assert suppression.verdict(mailed, knowing(History(siblings=(older,)))) is None

    @given(
        st.lists(
            st.tuples(
                st.sampled_from("abcdef"),
                st.none() | st.integers(0, 3),
                st.none() | st.integers(0, 3),
            ),
            min_size=1,
            max_size=5,
            unique_by=lambda row: row[0],
        )
    )
    def test_exactly_one_row_of_a_person_goes_on(self, rows):
        """Each row judges for itself, and together they leave exactly one: never none, never two."""

        def day(number: int | None) -> datetime | None:
            return None if number is None else NOW + timedelta(days=number)

        going_on = 0
        for own, posted, created in rows:
            siblings = tuple(
                Sibling(id=row, first_posted_at=day(at), created_at=day(made)) for row, at, made in rows if row != own
            )
            attempts = () if posted is None else (tried(NOW + timedelta(days=posted), AttemptState.SENT),)
            lead = Lead(id=own, created_at=day(created))
            going_on += suppression.verdict(lead, knowing(History(siblings=siblings, attempts=attempts))) is None
        assert going_on == 1


class TestAReplyFromTheCompany:
    """When a colleague has answered, a human decides whether to go on."""

    REPLY = CompanyStop(lead="lead2", at=NOW)

    def test_the_colleagues_of_who_replied_go_to_review(self):
        """With the day of the reply and the row it came from."""
        stop = suppression.verdict(LEAD, knowing(History(company_reply=self.REPLY)))
        why = "someone at this company replied on 2026-03-04 (lead lead2): approve to write all the same, or stop"
        assert stop == Stop(stage=Stage.REVIEW, objection=Objection.SAME_COMPANY, why=why)

    def test_ones_own_reply_is_not_a_colleagues(self):
        """The lead that replied is stopped by its own stage, not by this rule."""
        own = CompanyStop(lead=LEAD.id, at=NOW)
        assert suppression.verdict(LEAD, knowing(History(company_reply=own))) is None

    @pytest.mark.parametrize(("company", "goes_on"), [("", True), ("Harbour Works", False)])
    def test_an_approve_holds_for_the_person_and_company_it_was_given_on(self, company, goes_on):
        """Whatever the text says by now; what changed of person and company is a new objection."""
        waiver = Waiver(objection=Objection.SAME_COMPANY, basis=f"{basis.identity(LEAD)}:any text")
        history = History(company_reply=self.REPLY, waivers=frozenset({waiver}))
        lead = replace(LEAD, company=company)
        assert (suppression.verdict(lead, knowing(history)) is None) is goes_on


class TestASuppressionList:
    """`import --suppress` takes lists as people have them, and tells every line it could not read."""

    def test_addresses_and_domains_one_a_line(self):
        """In any case, with blanks, quotes, comments and a header, each entry once."""
        text = (
            "Email\n# old customers\nAda@Birch.example\n\n@elm.example  # the whole company\n"
            ' oak.example \n"bo.o\'neil@birch.example"\nada@birch.example\n'
        )
        addresses, domains, rejects = suppression.parse(text)
        assert addresses == ["ada@birch.example", "bo.o'neil@birch.example"]
        assert domains == ["elm.example", "oak.example"]
        assert rejects == []

    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    def test_the_first_column_of_a_csv(self, separator):
        """The other columns and the header are passed over."""
        text = f"address{separator}why\r\nada@birch.example{separator}left\r\nelm.example{separator}rival\r\n"
        assert suppression.parse(text) == (["ada@birch.example"], ["elm.example"], [])

    def test_a_byte_order_mark_hides_no_address(self):
        """A list saved by a spreadsheet keeps its first line."""
        assert suppression.parse("\ufeffada@birch.example") == (["ada@birch.example"], [], [])

    def test_other_scripts_are_kept_in_their_one_spelling(self):
        """Domains in IDNA ASCII, so that both spellings of a domain meet."""
        addresses, domains, _ = suppression.parse("eva@bücher.example\n@BÜCHER.example\nxn--bcher-kva.example")
        assert addresses == ["eva@xn--bcher-kva.example"]
        assert domains == ["xn--bcher-kva.example"]

    @pytest.mark.parametrize("line", ["ada@", "@", "ada@localhost", "not an address", "a@b@c.example", ",x@y.example"])
    def test_a_line_that_is_neither_is_told_with_its_number(self, line):
        """Nothing is passed over in silence: number, what stood there, and why."""
        addresses, domains, rejects = suppression.parse(f"ada@birch.example\n{line}\nelm.example")
        assert (addresses, domains) == (["ada@birch.example"], ["elm.example"])
        assert [(number, what) for number, what, _ in rejects] == [(2, line.split(",")[0])]
        assert rejects[0][2].startswith("neither an address nor a domain")

    def test_an_empty_first_column_is_no_header(self):
        """A list whose addresses stand in the second column is refused from its first line on."""
        assert [number for number, _, _ in suppression.parse(",ada@birch.example\n,bo@birch.example")[2]] == [1, 2]

    @given(st.text(max_size=200))
    def test_no_text_breaks_it(self, text):
        """Whatever the file holds, every entry ends up in exactly one place or in none as a comment or header."""
        addresses, domains, _ = suppression.parse(text)
        assert all("@" in address for address in addresses)
        assert all("@" not in domain for domain in domains)

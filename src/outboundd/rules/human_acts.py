"""What is asked of the human who must look? Every reason for review names the act that ends it.

Where a rule can say it more exactly (the column to fill in), it says so itself: an unknown zone always does.
"""

from collections.abc import Mapping

from outboundd.model.decision import Objection

ACTS: Mapping[Objection, str] = {
    Objection.CONSENT: "fill in Consent note, approve, or list the country in [compliance] consent_settled",
    Objection.ATTRIBUTION: "approve when they do work there, else correct Email, Company or Website",
    Objection.SAME_COMPANY: "approve to write all the same, or stop",
    Objection.MAILBOX: "approve, or correct Email",
    Objection.LINT: "approve it, edit Subject and Body, or redraft",
    Objection.LINT_HARD: "edit Subject and Body, or redraft",
    Objection.IDENTITY: "put it back; a new person needs a new row",
    Objection.REFUSED: "mend what it names, then recheck",
    Objection.BUG: "recheck tries it again",
}


def asking(why: str, objection: Objection) -> str:
    """The reason with what the human may do; words like approve are Overrides."""
    return f"{why}: {ACTS[objection]}"

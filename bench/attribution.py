"""How much of a labelled pool is settled without a model, and is a *same* ever wrong?

Usage: python bench/attribution.py [PAIRS.csv CORPUS.csv]. Both hold company, website, email_domain and label; a column
`people` says how many leads a line stands for (one where there is none). Ends with 1 when a pair labelled *other* or
*unclear* was judged *same*.
"""

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from outboundd.model.facts import PairCounts
from outboundd.model.lead import Lead
from outboundd.rules import attribution, domains

DATA = Path(__file__).parent.parent / "tests" / "data"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One labelled line that stands for `people` leads."""

    lead: Lead
    label: str
    people: int


def read(path: Path) -> list[Row]:
    """The labelled lines of a file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Row(
                lead=Lead(
                    id=str(number),
                    email=f"somebody@{line['email_domain']}",
                    company=line["company"],
                    website=line["website"],
                ),
                label=line["label"],
                people=int(line.get("people") or 1),
            )
            for number, line in enumerate(csv.DictReader(file))
        ]


class Pool:
    """The pair counts over all leads, as a ledger would count them."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.company_people: Counter[str] = Counter()
        self.domain_people: Counter[str] = Counter()
        self.companies_with: defaultdict[str, set[str]] = defaultdict(set)
        self.websites: set[str] = set()
        for row in rows:
            company, domain = domains.company_of(row.lead), domains.mail_domain(row.lead)
            self.pairs[company, domain] += row.people
            self.company_people[company] += row.people
            self.domain_people[domain] += row.people
            self.companies_with[domain].add(company)
            self.websites.add(domains.own_website(row.lead))

    def counts(self, lead: Lead) -> PairCounts:
        """What tier 2 is given about one lead."""
        company, domain = domains.company_of(lead), domains.mail_domain(lead)
        return PairCounts(
            people=self.pairs[company, domain],
            company_people=self.company_people[company],
            domain_companies=len(self.companies_with[domain]),
            domain_people=self.domain_people[domain],
            own_companies=int(domain in self.websites and domain != company),
            own_people=self.pairs[company, company],
        )


def measure(rows: Iterable[Row], pool: Pool) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Leads by (label, answer), and the lines whose *same* or *other* is not what the label says."""
    told: Counter[tuple[str, str]] = Counter()
    wrong = []
    for row in rows:
        verdict = attribution.judge(row.lead, pool.counts(row.lead), ())
        told[row.label, verdict.answer] += row.people
        if verdict.answer in ("same", "other") and verdict.answer != row.label:
            pair = f"{row.lead.company} ({row.lead.website}) with {domains.of_email(row.lead.email)}"
            wrong.append(f"labelled {row.label}, judged {verdict.answer}: {pair}: {verdict.why}")
    return told, wrong


def report(name: str, told: Counter[tuple[str, str]]) -> list[str]:
    """One line per label: how many leads, what was answered, and the share that needs no model."""
    lines = []
    for label in sorted({label for label, _ in told}):
        answers = {answer: told[label, answer] for answer in ("same", "other", "unclear", "ask")}
        total = sum(answers.values())
        settled = 1 - answers["ask"] / total
        lines.append(f"{name}: {label} {total}: {answers}, settled without a model {settled:.1%}")
    total = sum(told.values())
    asked = sum(number for (_, answer), number in told.items() if answer == "ask")
    lines.append(f"{name}: all {total}: settled without a model {1 - asked / total:.1%}")
    return lines


def main(arguments: list[str]) -> int:
    """Measure the two files and print the figures."""
    pairs_path, corpus_path = arguments or [DATA / "attribution_pairs.csv", DATA / "attribution_corpus.csv"]
    pairs, corpus = read(Path(pairs_path)), read(Path(corpus_path))
    pool = Pool([*pairs, *corpus])
    failed = False
    for name, rows in (("pairs", pairs), ("corpus", corpus)):
        told, wrong = measure(rows, pool)
        print(*report(name, told), *wrong, sep="\n")
        failed = failed or bool(told["other", "same"] or told["unclear", "same"])
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

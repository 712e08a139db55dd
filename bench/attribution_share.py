"""How many of the labelled leads need no model to be attributed, and is one of them wrongly called the same?"""

from collections import Counter

from attribution import DATA, Pool, read
from attribution import measure as judged
from figure import Figure, tell


def measure() -> list[Figure]:
    """Both files, against the pool that they are together."""
    files = {name: read(DATA / f"attribution_{name}.csv") for name in ("pairs", "corpus")}
    pool = Pool([row for rows in files.values() for row in rows])
    return [_figure(name, judged(rows, pool)[0]) for name, rows in files.items()]


def _figure(name: str, told: Counter[tuple[str, str]]) -> Figure:
    total, wrong = sum(told.values()), told["other", "same"] + told["unclear", "same"]
    asked = sum(number for (_, answer), number in told.items() if answer == "ask")
    return Figure(
        what="attribution settled without a model",
        at=f"the labelled {name}, {total:,} leads",
        measured=f"{1 - asked / total:.1%}, {wrong} wrongly called the same",
        target="none wrongly called the same",
        holds=not wrong,
    )


if __name__ == "__main__":
    tell(measure)

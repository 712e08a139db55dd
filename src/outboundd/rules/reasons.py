"""Why do many leads wait, told in few lines?"""

from collections import Counter
from collections.abc import Mapping

from outboundd.rules import compliance


def told_as(counts: Mapping[str, int]) -> dict[str, str]:
    """Each reason and the words it is told in: those that differ in the country alone share one line."""
    asking = {why: country for why in counts if (country := compliance.country_asking(why))}
    if len(asking) < 2:
        return {why: why for why in counts}
    several = compliance.consent_of_several({country: counts[why] for why, country in asking.items()})
    return {why: several if why in asking else why for why in counts}


def grouped(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Reasons and how many leads each keeps, the most frequent first."""
    heading = told_as(counts)
    told: Counter[str] = Counter()
    for why, count in counts.items():
        told[heading[why]] += count
    return sorted(((why, count) for why, count in told.items() if count), key=lambda item: (-item[1], item[0]))

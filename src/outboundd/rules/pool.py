"""Did the lead table change so suddenly that a human must look before anything is mailed?

A filter set by mistake, another base, a list pasted twice: the queue would be emptied or flooded within an hour.
"""

NONE_OF = 20
TIMES_A_DAY = 10


def emptied(known: int, shown: int) -> str:
    """The reason to halt when the store shows none of many leads; '' when there is none."""
    return f"the store shows none of {known} leads" if known >= NONE_OF and not shown else ""


def flooded(new: int, per_day: int) -> str:
    """The reason to halt when more new rows are there at once than many days could mail; '' when there is none."""
    most = TIMES_A_DAY * per_day
    return f"{new} new rows at once, more than {most}" if new > most else ""

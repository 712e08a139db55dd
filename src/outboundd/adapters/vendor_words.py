"""How do a vendor's own words stand in a failure? In quotation marks: rows show them, logs leave them out."""

_LONGEST = 200


def quoted(words: str) -> str:
    """The words on one line, between the only quotation marks of the detail they go into; empty for none."""
    printable = "".join(char if char.isprintable() else " " for char in words)
    line = " ".join(printable.split()).replace('"', "'")
    return f'"{line[:_LONGEST]}"' if line else ""

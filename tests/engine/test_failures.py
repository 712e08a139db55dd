"""How is an unexpected exception told?"""

import pytest

from outboundd.engine.failures import broken
from outboundd.engine.journal import Log
from outboundd.ports import Transient


def test_an_error_of_ours_is_told_by_class_and_line() -> None:
    """That is enough to find it, and none of its values are told."""
    with pytest.raises(ValueError, match="no event") as raised:
        Log(quiet=True).write("rosa@harbour.example")
    assert str(broken(raised.value)).startswith("outboundd: ValueError at journal.py:")
    assert "rosa" not in str(broken(raised.value))


def test_an_error_in_a_library_is_told_with_the_line_of_ours_that_called_it() -> None:
    """The library's line alone would not say which of our calls it was."""

    def inside_a_library(*_: object) -> None:
        raise KeyError("rosa@harbour.example")

    log = Log(quiet=True)
    log.listeners.append(inside_a_library)
    with pytest.raises(KeyError) as raised:
        log.write("mail.sent")
    told = str(broken(raised.value))
    assert "KeyError at test_failures.py:" in told
    assert ", called at journal.py:" in told


def test_of_several_at_once_the_first_is_told() -> None:
    """A task group wraps even a single one."""
    group = ExceptionGroup("g", [ExceptionGroup("g", [KeyError("rosa")]), ValueError("rosa")])
    assert str(broken(group)) == "outboundd: KeyError at an unknown place"


def test_a_failure_is_told_as_it_stands() -> None:
    """It has been put into words already."""
    failure = Transient("brevo", "away")
    assert broken(failure) is failure

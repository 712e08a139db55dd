"""Does an alert reach the terminal, and only as text?"""

import io
from dataclasses import replace

import pytest

from outboundd.adapters.console import ConsoleOperator
from outboundd.ports import Alert, Transient

ALERT = Alert(id="7", title="Mailer halted", text="Credit is gone.\nBuy more.", tail=("mail.refused lead=r1",))


async def test_an_alert_is_printed_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Title, text and the last log lines; standard output stays free for results."""
    await ConsoleOperator().alert(ALERT)

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "ALERT: Mailer halted\nCredit is gone.\nBuy more.\n  | mail.refused lead=r1\n"


async def test_good_news_looks_like_good_news() -> None:
    """What is over does not read like another alarm."""
    stream = io.StringIO()
    await ConsoleOperator(stream).alert(replace(ALERT, title="brevo answers again", is_over=True, tail=()))
    assert stream.getvalue().startswith("OVER: brevo answers again\n")


async def test_a_text_from_outside_does_not_steer_the_terminal() -> None:
    """Escape sequences are shown, not obeyed; letters and emoji stay."""
    stream = io.StringIO()
    await ConsoleOperator(stream).alert(Alert(id="1", title="Zoë 🧊 \x1b[2J\r", text="\x07"))

    assert "Zoë 🧊" in stream.getvalue()
    assert not {"\x1b", "\r", "\x07"} & set(stream.getvalue())


async def test_a_terminal_that_is_gone_is_a_matter_of_time() -> None:
    """A closed stream is a failure of the port, not a crash."""
    stream = io.StringIO()
    stream.close()

    with pytest.raises(Transient):
        await ConsoleOperator(stream).alert(ALERT)

"""Does every way to the operator keep what the port Operator promises?"""

from outboundd.ports import Alert, Operator


async def test_an_alert_is_told_and_may_be_told_again(operator: Operator) -> None:
    """Any text, with and without a tail."""
    await operator.alert(
        Alert(id="7", title="Mailer halted", text="Credit is gone.\nBuy more.", tail=("mail.refused",))
    )
    await operator.alert(Alert(id="8", title="Zoë 🧊", text=""))


async def test_an_operator_has_a_name(operator: Operator) -> None:
    """It stands in the log."""
    assert operator.name


async def test_it_says_in_a_line_where_alerts_go(operator: Operator) -> None:
    """For `check`."""
    told = await operator.probe()
    assert told
    assert "\n" not in told


async def test_it_may_be_closed_unused_and_twice(operator: Operator) -> None:
    """A daemon that never had anything to tell."""
    await operator.aclose()

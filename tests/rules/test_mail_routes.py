"""Is a domain at which no mail can arrive told from one at which it can?"""

import pytest

from outboundd.rules import mail_routes


@pytest.mark.parametrize(
    "name",
    [
        "example",
        "acme.example",
        "mail.acme.EXAMPLE.",
        "x.test",
        "x.invalid",
        "localhost",
        "a.localhost",
        "example.com",
        "mail.example.net",
        "example.org",
        "printer.local",
        "build.internal",
    ],
)
def test_a_reserved_name_is_not_looked_up(name: str) -> None:
    """The name service knows nothing of them, and a demo needs no network."""
    assert mail_routes.is_reserved(name)


@pytest.mark.parametrize("name", ["acme.com", "example.de", "myexample.com", "test.com", "example.co.uk"])
def test_a_name_that_anybody_can_register_is_looked_up(name: str) -> None:
    """One that only looks like it is no reserved name."""
    assert not mail_routes.is_reserved(name)


@pytest.mark.parametrize(
    ("exchanges", "has_address"), [(("mx.acme.com",), False), (("", "mx.acme.com"), False), ((), True)]
)
def test_mail_may_arrive_at_an_exchange_or_at_the_domain_itself(exchanges: tuple[str, ...], has_address: bool) -> None:
    """Without MX records mail goes to the domain's own address; a null MX counts only where it is alone."""
    assert not mail_routes.objection(exchanges, has_address=has_address)


def test_a_domain_that_takes_no_mail_is_told_by_its_reason() -> None:
    """A null MX says so itself, whatever else the domain serves; the other domain has nothing that could take it."""
    assert "null MX" in mail_routes.objection(("",), has_address=True)
    assert "neither MX nor A" in mail_routes.objection((), has_address=False)
